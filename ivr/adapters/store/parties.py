"""The one table of numbers: everything else holds a reference into it.

Erasing a person is deleting a row here. A reference is drawn at random, so that it tells nothing
of the number, and is used for one contact only.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, delete, insert, select

from ivr.adapters.store.reading import reading
from ivr.adapters.store.schema import parties
from ivr.adapters.store.writer import Group, Work, Writer
from ivr.call.model import PartyRef

PARTIES_MAX = 100_000
"""Numbers held in memory; the oldest is forgotten first."""

NUMBER_CHARS_MAX = 40
"""A caller's number is whatever the far end claims; more than this is no number."""


class MemoryParties:
    """Numbers by reference, as long as this engine runs."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[PartyRef, str] = OrderedDict()

    def refer(self, number: str) -> PartyRef:
        """A new reference that stands for this number."""
        party = PartyRef(f"party-{secrets.token_hex(8)}")
        self.hold(party, number[:NUMBER_CHARS_MAX])
        return party

    def number(self, party: PartyRef) -> str | None:
        """The number, for whoever has a right to see it; None when it is forgotten."""
        return self._numbers.get(party)

    def hold(self, party: PartyRef, number: str) -> None:
        """Keep a number that has its reference already."""
        self._numbers[party] = number
        if len(self._numbers) > PARTIES_MAX:
            self._numbers.popitem(last=False)

    def forget(self, number: str) -> None:
        """Hold this number no more, under whatever reference."""
        for party in [party for party, held in self._numbers.items() if held == number]:
            del self._numbers[party]


class TableParties:
    """Numbers by reference, kept over restarts. For one thread, the loop's.

    The table has every number; the latest are in memory too, since a call that has just come in
    asks for its number before the table has it.
    """

    def __init__(
        self, writer: Writer, reader: Engine, *, path: Path, wall: Callable[[], int]
    ) -> None:
        self.unsaved = 0
        """Numbers held in memory only, because the writer's bound was reached."""
        self._writer = writer
        self._reader = reader
        self._path = path
        self._wall = wall
        self._latest = MemoryParties()

    def refer(self, number: str) -> PartyRef:
        """A new reference that stands for this number."""
        whole = number.encode("utf-8", "replace").decode()[:NUMBER_CHARS_MAX]
        party, wall = self._latest.refer(whole), self._wall()

        def run(group: Group) -> None:
            group.connection.execute(insert(parties).values(ref=party, number=whole, wall=wall))

        if not self._writer.offer(Work(run, guarded=True)):
            self.unsaved += 1
        return party

    def number(self, party: PartyRef) -> str | None:
        """The number, for whoever has a right to see it; None when it was erased."""
        latest = self._latest.number(party)
        if latest is not None:
            return latest
        with reading(self._reader, self._path) as connection:
            kept = select(parties.c.number).where(parties.c.ref == party)
            return connection.execute(kept).scalar_one_or_none()

    def erase(self, number: str) -> None:
        """Forget this person: every reference to the number stands for nothing from now on."""
        self._latest.forget(number)

        def run(group: Group) -> None:
            group.connection.execute(delete(parties).where(parties.c.number == number))

        self._writer.push(Work(run))
