"""Who served a number last, looked up while its call comes in.

It stands between a caller and her answer, so it is a short look by indexes at the latest few calls
of the number, whatever a large exchange with one number for all its people left here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, Integer, literal_column, select

from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.reading import reading
from ivr.adapters.store.schema import contacts, parties

CALLS_LOOKED_AT_MAX = 20
"""Latest calls of one number among which somebody is looked for."""


@dataclass(frozen=True, slots=True)
class Served:
    """An agent by her qualified name, and how many milliseconds ago her contact ended."""

    agent: str
    ago_ms: int


class LastServed:
    """Looks up who served a number last."""

    def __init__(self, reader: Engine, path: Path, wall: Callable[[], int]) -> None:
        self.failed = 0
        """Looks that came to nothing, because the store could not be read."""
        self._reader = reader
        self._path = path
        self._wall = wall

    def of(self, number: str) -> Served | None:
        """Who served this number last; None when nobody did lately, or none of that is kept."""
        # Of equal numbers the index has its rows in the order of their making.
        latest = (
            select(parties.c.ref)
            .where(parties.c.number == number)
            .order_by(literal_column("parties.rowid", Integer).desc())
            .limit(CALLS_LOOKED_AT_MAX)
            .subquery()
        )
        query = (
            select(contacts.c.agent, contacts.c.ended_wall)
            .join(latest, contacts.c.caller == latest.c.ref)
            .where(contacts.c.agent.is_not(None))
            .order_by(contacts.c.ended_wall.desc())
            .limit(1)
        )
        try:
            with reading(self._reader, self._path) as connection:
                row = connection.execute(query).one_or_none()
        except StoreProblem:
            self.failed += 1
            return None
        return None if row is None else Served(row.agent, max(0, self._wall() - row.ended_wall))
