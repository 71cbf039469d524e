"""The ``Records`` port as a table: exactly one row for each contact.

The whole record is kept as JSON, so it may grow without a change here. A second record of a
contact is refused by the table's key, and counted: the first one stands.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, RowMapping, func, select
from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.journal import mark_intent
from ivr.adapters.store.reading import columns_of, document_in, plain, reading
from ivr.adapters.store.schema import contacts, meta, parties
from ivr.adapters.store.writer import Group, Work, Writer
from ivr.call.record import ContactRecord

CONTACTS_LISTED_MAX = 10_000
"""Contacts given at once, whatever is asked for."""

WRITTEN = "written"
"""The result with which a record's intent is marked."""

_DOUBLE = "contacts_double"


class SqlRecords:
    """Keeps contact records. For one thread, the loop's."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def write(self, record: ContactRecord, *, wall: int, intent: str | None = None) -> None:
        """Keep this record; ``wall`` is the UTC time of its end, in milliseconds.

        With ``intent`` the intent of that key is marked in the same transaction; when it is
        marked already, nothing happens.
        """
        run = partial(_write, record, wall, intent)
        self._writer.push(Work(run, guarded=True))


def _write(record: ContactRecord, wall: int, intent: str | None, group: Group) -> None:
    connection = group.connection
    if intent is not None and not mark_intent(connection, intent, WRITTEN):
        return
    values = {
        "arrived_wall": wall - (record.ended_at - record.arrived_at),
        "ended_wall": wall,
        **columns_of(contacts, plain(record)),
    }
    kept = connection.execute(insert(contacts).values(values).on_conflict_do_nothing())
    if kept.rowcount == 0:
        counted = insert(meta).values(key=_DOUBLE, value=1)
        connection.execute(
            counted.on_conflict_do_update(index_elements=["key"], set_={"value": meta.c.value + 1})
        )


@dataclass(frozen=True, slots=True)
class ContactFilter:
    """Which contacts are wanted; None for any. Names are as they stand in the records."""

    since: int | None = None
    """UTC milliseconds of the arrival, at the earliest."""
    queue: str | None = None
    outcome: str | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact's record as it was kept, with its wall times and the caller's number."""

    record: dict[str, object]
    site: str
    arrived_wall: int
    ended_wall: int
    number: str | None
    """None when the number was never known or has been erased."""


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """How many records there are, and how many second ones were refused."""

    records: int
    double: int


class ContactReader:
    """Looks up contact records, also beside a running engine."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    def newest(self, wanted: ContactFilter, *, limit: int) -> list[StoredContact]:
        """The latest arrivals that fit, latest first."""
        table = contacts.c
        query = select(contacts, parties.c.number).outerjoin(parties, parties.c.ref == table.caller)
        if wanted.since is not None:
            query = query.where(table.arrived_wall >= wanted.since)
        for column, value in (
            (table.queue, wanted.queue),
            (table.outcome, wanted.outcome),
            (table.agent, wanted.agent),
        ):
            if value is not None:
                query = query.where(column == value)
        newest = query.order_by(table.arrived_wall.desc(), table.contact)
        with reading(self._engine, self._path) as connection:
            found = connection.execute(newest.limit(min(limit, CONTACTS_LISTED_MAX)))
            return [_stored(row) for row in found.mappings()]

    def one(self, contact: str) -> StoredContact | None:
        """This contact's record."""
        query = (
            select(contacts, parties.c.number)
            .outerjoin(parties, parties.c.ref == contacts.c.caller)
            .where(contacts.c.contact == contact)
        )
        with reading(self._engine, self._path) as connection:
            row = connection.execute(query).mappings().one_or_none()
            return None if row is None else _stored(row)

    def counts(self) -> RecordCounts:
        """How many there are, for an audit against what was placed."""
        with reading(self._engine, self._path) as connection:
            records = connection.execute(select(func.count()).select_from(contacts)).scalar_one()
            return RecordCounts(records, _double(connection))


def _double(connection: Connection) -> int:
    counted = select(meta.c.value).where(meta.c.key == _DOUBLE)
    return connection.execute(counted).scalar_one_or_none() or 0


def _stored(row: RowMapping) -> StoredContact:
    return StoredContact(
        record=document_in(row["document"]),
        site=row["site"],
        arrived_wall=row["arrived_wall"],
        ended_wall=row["ended_wall"],
        number=row["number"],
    )
