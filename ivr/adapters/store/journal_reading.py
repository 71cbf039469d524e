"""Looks at the journal: rows, intents, snapshots; also beside a running engine."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, RowMapping, select

from ivr.adapters.store.reading import reading
from ivr.adapters.store.schema import intents as intent_table
from ivr.adapters.store.schema import journal as row_table
from ivr.adapters.store.schema import snapshots as snapshot_table
from ivr.ports import Intent, JournalEntry, JournalRow, Snapshot

PAGE_ROWS_MAX = 1_000
"""Rows read at once: a reader must not hold the write-ahead log for long."""


class JournalReader:
    """What is committed of the journal."""

    def __init__(self, reader: Engine, path: Path) -> None:
        self._reader = reader
        self._path = path

    def rows(self, stream: str, *, after: int) -> Iterator[JournalRow]:
        """The committed rows of a stream behind ``after``, in order.

        Rows that a snapshot covers may be gone: then the first row is later than ``after + 1``.
        """
        while True:
            page = self._page(stream, after)
            yield from page
            if len(page) < PAGE_ROWS_MAX:
                return
            after = page[-1].seq

    def open_intents(self) -> list[Intent]:
        """Intents that were committed and not marked, oldest first."""
        table = intent_table.c
        query = (
            select(table.key, table.stream, table.kind, table.body, table.done)
            .where(table.done.is_(None))
            .order_by(table.number)
        )
        with reading(self._reader, self._path) as connection:
            return [Intent(*row) for row in connection.execute(query)]

    def latest_snapshot(self, stream: str) -> Snapshot | None:
        """The newest snapshot of a stream."""
        table = snapshot_table.c
        query = (
            select(table.stream, table.seq, table.at, table.wall, table.core, table.body)
            .where(table.stream == stream)
            .order_by(table.seq.desc())
            .limit(1)
        )
        with reading(self._reader, self._path) as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Snapshot(*row)

    def snapshots(self, stream: str) -> list[Snapshot]:
        """The snapshots of a stream that are kept, oldest first."""
        table = snapshot_table.c
        query = (
            select(table.stream, table.seq, table.at, table.wall, table.core, table.body)
            .where(table.stream == stream)
            .order_by(table.seq)
        )
        with reading(self._reader, self._path) as connection:
            return [Snapshot(*row) for row in connection.execute(query)]

    def streams(self) -> list[str]:
        """The streams of which something is kept."""
        query = select(row_table.c.stream).union(select(snapshot_table.c.stream))
        with reading(self._reader, self._path) as connection:
            return sorted(connection.execute(query).scalars())

    def _page(self, stream: str, after: int) -> list[JournalRow]:
        table = row_table.c
        query = (
            select(row_table)
            .where(table.stream == stream, table.seq > after)
            .order_by(table.seq)
            .limit(PAGE_ROWS_MAX)
        )
        with reading(self._reader, self._path) as connection:
            return [_as_row(row) for row in connection.execute(query).mappings()]


def _as_row(row: RowMapping) -> JournalRow:
    entry = JournalEntry(
        row["stream"],
        row["at"],
        row["wall"],
        row["core"],
        row["kind"],
        row["body"],
        row["effects"],
    )
    return JournalRow(row["seq"], row["epoch"], row["node"], entry)
