"""The ``Journal`` port on the store's file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.journal_reading import JournalReader
from ivr.adapters.store.schema import intents as intent_table
from ivr.adapters.store.schema import journal as row_table
from ivr.adapters.store.schema import snapshots as snapshot_table
from ivr.adapters.store.writer import Group, Work, Writer
from ivr.ports import Intent, JournalEntry, Snapshot

SNAPSHOTS_KEPT = 16
"""The last one, and those before it: in case it cannot be read, and so that a day's last hours can
be replayed from their beginning."""

COMPACT_ROWS_MAX = 1_000
"""Rows dropped in one transaction, so that no commit is late for it; the rest goes in the next."""

ROW_BYTES = 120
"""What a row costs beside its body, for the bound of bytes."""

_INSERT_ROW = (
    "INSERT INTO journal (stream, seq, epoch, node, at, wall, core, kind, body, effects) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_INTENT = (
    "INSERT INTO intents (key, stream, seq, kind, body, done) VALUES (?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class JournalWriting:
    """Who writes the journal, and how much of it is kept."""

    epoch: int
    node: str
    snapshots_kept: int = SNAPSHOTS_KEPT


class SqliteJournal(JournalReader):
    """What went into the cores, in one SQLite file. For one thread, the loop's."""

    def __init__(
        self, writer: Writer, reader: Engine, *, path: Path, writing: JournalWriting
    ) -> None:
        super().__init__(reader, path)
        self.epoch = writing.epoch
        self.snapshots_skipped = 0
        """Snapshots not taken because the bound was reached: the next one will do."""
        self._writer = writer
        self._node = writing.node
        self._snapshots_kept = writing.snapshots_kept

    def append(
        self,
        entries: Sequence[JournalEntry],
        intents: Sequence[Intent],
        committed: Callable[[], None],
    ) -> bool:
        """Write these down together; False, and nothing written, when the bound is reached."""
        entries, intents = tuple(entries), tuple(intents)
        size = sum(len(each.body) + ROW_BYTES for each in (*entries, *intents))
        run = partial(self._write, entries, intents)
        return self._writer.offer(
            Work(run, committed, rows=len(entries) + len(intents), bytes=size)
        )

    def mark(self, key: str, result: str) -> None:
        """The once-only effect of this key was done, with this result; the first mark stays."""

        def run(group: Group) -> None:
            mark_intent(group.connection, key, result)

        self._writer.push(Work(run, guarded=True))

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep this state, then drop the rows that the oldest snapshot kept covers."""

        def run(group: Group) -> None:
            _keep_snapshot(group.connection, snapshot, kept_max=self._snapshots_kept)

        compact = partial(self._compact, snapshot.stream)
        size = len(snapshot.body) + ROW_BYTES
        if not self._writer.offer(Work(run, compact, bytes=size, guarded=True)):
            self.snapshots_skipped += 1

    def _compact(self, stream: str) -> None:
        """Drop covered rows, a piece in each transaction, till none is left."""
        left: list[bool] = []

        def run(group: Group) -> None:
            left[:] = [_drop_covered(group.connection, stream, kept_max=self._snapshots_kept)]

        def again() -> None:
            if left == [True]:
                self._compact(stream)

        self._writer.push(Work(run, again, guarded=True))

    def flush(self) -> None:
        """Wait till all that was appended is committed and told of."""
        self._writer.flush()

    def _write(
        self, entries: Sequence[JournalEntry], intents: Sequence[Intent], group: Group
    ) -> None:
        rows: list[tuple[object, ...]] = []
        for entry in entries:
            seq = _last_seq(group, entry.stream) + 1
            group.last_seq[entry.stream] = seq
            place = (entry.stream, seq, self.epoch, self._node)
            said = (entry.at, entry.wall, entry.core, entry.kind, entry.body, entry.effects)
            rows.append((*place, *said))
        group.insert(_INSERT_ROW, rows)
        if intents:
            kept = [
                (each.key, each.stream, _last_seq(group, each.stream), each.kind, each.body)
                for each in intents
            ]
            done = [each.done for each in intents]
            group.insert(
                _INSERT_INTENT, [(*one, result) for one, result in zip(kept, done, strict=True)]
            )


def mark_intent(connection: Connection, key: str, result: str) -> bool:
    """Tell an intent's result, within a transaction; False when it had one or is not known."""
    table = intent_table.c
    marked = connection.execute(
        update(intent_table).where(table.key == key, table.done.is_(None)).values(done=result)
    )
    return marked.rowcount > 0


def _last_seq(group: Group, stream: str) -> int:
    """Where the stream stands; rows that were dropped are known from the snapshots."""
    known = group.last_seq.get(stream)
    if known is None:
        of_rows = select(func.max(row_table.c.seq)).where(row_table.c.stream == stream)
        of_snapshots = select(func.max(snapshot_table.c.seq)).where(
            snapshot_table.c.stream == stream
        )
        connection = group.connection
        known = max(
            connection.execute(of_rows).scalar() or 0,
            connection.execute(of_snapshots).scalar() or 0,
        )
        group.last_seq[stream] = known
    return known


def _keep_snapshot(connection: Connection, snapshot: Snapshot, *, kept_max: int) -> None:
    table = snapshot_table.c
    stream = snapshot.stream
    values = {
        "stream": stream,
        "seq": snapshot.seq,
        "at": snapshot.at,
        "wall": snapshot.wall,
        "core": snapshot.core,
        "body": snapshot.body,
    }
    connection.execute(
        insert(snapshot_table)
        .values(values)
        .on_conflict_do_update(index_elements=["stream", "seq"], set_=values)
    )
    newest = select(table.seq).where(table.stream == stream).order_by(table.seq.desc())
    kept = connection.execute(newest.limit(kept_max)).scalars().all()
    connection.execute(delete(snapshot_table).where(table.stream == stream, table.seq < kept[-1]))


def _drop_covered(connection: Connection, stream: str, *, kept_max: int) -> bool:
    """Drop rows that the oldest snapshot covers, oldest first; tells whether some are left.

    With them go the intents done by then. Rows later than that snapshot can be replayed from it,
    and would ask for their once-only effects again: those intents stay, so that their keys stay
    taken.
    """
    rows, intents, snapshots = row_table.c, intent_table.c, snapshot_table.c
    of_stream = select(snapshots.seq).where(snapshots.stream == stream)
    kept = connection.execute(of_stream.order_by(snapshots.seq)).scalars().all()
    if len(kept) < kept_max:
        return False
    covered = kept[0]
    oldest = connection.execute(select(func.min(rows.seq)).where(rows.stream == stream)).scalar()
    up_to = covered if oldest is None else min(covered, oldest + COMPACT_ROWS_MAX - 1)
    connection.execute(delete(row_table).where(rows.stream == stream, rows.seq <= up_to))
    connection.execute(
        delete(intent_table).where(
            intents.stream == stream, intents.seq <= up_to, intents.done.is_not(None)
        )
    )
    return up_to < covered
