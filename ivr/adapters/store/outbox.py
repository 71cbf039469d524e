"""The ``Outbox`` port as a table: texts that wait to be sent to callers, each once.

A row names the template, the language and the values for its gaps; the text itself is made only
when somebody reads it, out of the site that the contact was served by, and the number is looked
up then too.
"""

from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine, RowMapping, Select, select
from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.journal import mark_intent
from ivr.adapters.store.reading import plain, reading
from ivr.adapters.store.schema import parties, text_messages
from ivr.adapters.store.writer import Group, Work, Writer
from ivr.call.effects import PushMessage
from ivr.flow.sending import Filling

MESSAGES_LISTED_MAX = 10_000
"""Messages given at once, whatever is asked for."""

PUT = "put"
"""The result with which a message's intent is marked."""


class OutboxState(Enum):
    """How far a text has come. What sends it adds the states of its way."""

    WAITING = "waiting"


class SqlOutbox:
    """Keeps texts that are to be sent. For one thread, the loop's."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def put(self, message: PushMessage, *, wall: int, intent: str | None = None) -> None:
        """Keep this text for sending; ``wall`` is the UTC time of its making, in milliseconds.

        With ``intent`` the intent of that key is marked in the same transaction; when it is
        marked already, nothing happens.
        """
        self._writer.push(Work(partial(_put, message, wall, intent), guarded=True))


def _put(message: PushMessage, wall: int, intent: str | None, group: Group) -> None:
    connection = group.connection
    if intent is not None and not mark_intent(connection, intent, PUT):
        return
    kept = plain(message)
    values = {
        **{name: kept[name] for name in kept if name != "values"},
        "values": msgspec.json.encode(kept["values"]).decode(),
        "made_wall": wall,
        "state": OutboxState.WAITING.value,
    }
    connection.execute(insert(text_messages).values(values).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A text as it is kept, with its customer's number; None when that was erased or withheld."""

    message: str
    contact: str
    hotline: str
    site: str
    template: str
    language: str
    values: Filling
    made_wall: int
    state: str
    number: str | None


class OutboxReader:
    """Looks up texts, also beside a running engine."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    def newest(self, *, limit: int) -> list[StoredMessage]:
        """All of them, newest first."""
        table = text_messages.c
        return self._found(_with_number().order_by(table.made_wall.desc(), table.message), limit)

    def one(self, message: str) -> StoredMessage | None:
        """This one."""
        found = self._found(_with_number().where(text_messages.c.message == message), 1)
        return found[0] if found else None

    def _found(self, query: Select[Any], limit: int) -> list[StoredMessage]:
        with reading(self._engine, self._path) as connection:
            rows = connection.execute(query.limit(min(limit, MESSAGES_LISTED_MAX))).mappings()
            return [_stored(row) for row in rows]


def _with_number() -> Select[Any]:
    return select(text_messages, parties.c.number).outerjoin(
        parties, parties.c.ref == text_messages.c.customer
    )


def _stored(row: RowMapping) -> StoredMessage:
    return StoredMessage(
        message=row["message"],
        contact=row["contact"],
        hotline=row["hotline"],
        site=row["site"],
        template=row["template"],
        language=row["language"],
        values=msgspec.json.decode(row["values"], type=Filling),
        made_wall=row["made_wall"],
        state=row["state"],
        number=row["number"],
    )
