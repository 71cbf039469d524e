"""The ``Journal`` port in memory, for worlds on virtual time; it outlives the engine it serves.

``MemoryDisk`` stands for what is on the disk, ``MemoryJournal`` for the one writer that has it
open. Killing the writer loses what was not committed, as killing a process does; a full disk
refuses commits until it has room again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ivr.ports import Intent, JournalEntry, JournalRow, PeerError, Snapshot

ROWS_PENDING_MAX: Final = 20_000
BYTES_PENDING_MAX: Final = 32 * 1024**2
COMMIT_MS: Final = 20
"""How much later a group is committed: the latest that the port allows."""
SNAPSHOTS_KEPT: Final = 16

Later = Callable[[int, Callable[[], None]], object]
"""Calls back this many milliseconds later; ``VirtualTime.after`` is one."""


@dataclass(slots=True)
class MemoryDisk:
    """What is committed, and who writes to it."""

    rows: dict[str, list[JournalRow]] = field(default_factory=dict[str, list[JournalRow]])
    intents: dict[str, tuple[Intent, int]] = field(default_factory=dict[str, tuple[Intent, int]])
    """By key, each with the sequence number of its stream at that time."""
    snapshots: dict[str, list[Snapshot]] = field(default_factory=dict[str, list[Snapshot]])
    last_seq: dict[str, int] = field(default_factory=dict[str, int])
    epoch: int = 0
    writer: "MemoryJournal | None" = None
    full: bool = False
    snapshots_kept: int = SNAPSHOTS_KEPT

    def add(self, entry: JournalEntry, *, node: str) -> None:
        """One more row at the end of its stream."""
        seq = self.last_seq.get(entry.stream, 0) + 1
        self.last_seq[entry.stream] = seq
        row = JournalRow(seq, self.epoch, node, entry)
        self.rows.setdefault(entry.stream, []).append(row)

    def commit_to(self, intent: Intent) -> None:
        """Take the intent's key, unless it is taken."""
        seq = self.last_seq.get(intent.stream, 0)
        self.intents.setdefault(intent.key, (intent, seq))

    def mark(self, key: str, result: str) -> bool:
        """The first mark of a known intent stays; False when it had one or is not known."""
        intent, seq = self.intents.get(key, (None, 0))
        if intent is None or intent.done is not None:
            return False
        self.intents[key] = (replace(intent, done=result), seq)
        return True

    def keep(self, snapshot: Snapshot) -> None:
        """Keep it; drop what the oldest one kept covers."""
        stream = snapshot.stream
        others = [each for each in self.snapshots.get(stream, []) if each.seq != snapshot.seq]
        kept = sorted([*others, snapshot], key=lambda each: each.seq)[-self.snapshots_kept :]
        self.snapshots[stream] = kept
        self.last_seq[stream] = max(self.last_seq.get(stream, 0), kept[-1].seq)
        if len(kept) < self.snapshots_kept:
            return
        covered = kept[0].seq
        self.rows[stream] = [row for row in self.rows.get(stream, []) if row.seq > covered]
        for key, (intent, seq) in list(self.intents.items()):
            if intent.stream == stream and seq <= covered and intent.done is not None:
                del self.intents[key]


@dataclass(frozen=True, slots=True)
class _Change:
    make: Callable[[], None]
    committed: Callable[[], None]
    rows: int
    bytes: int


def _nobody() -> None:
    """Nobody waits for this."""


class MemoryJournal:
    """What went into the cores, as long as the simulation runs."""

    def __init__(
        self,
        disk: MemoryDisk,
        *,
        node: str = "main",
        later: Later | None = None,
        rows_pending_max: int = ROWS_PENDING_MAX,
        bytes_pending_max: int = BYTES_PENDING_MAX,
    ) -> None:
        """Without ``later`` nothing is committed till ``flush``."""
        if disk.writer is not None:
            raise PeerError(
                "another engine writes to this journal: stop that one, or give this one its own",
                peer="store",
                operation="opening",
                retry_safe=True,
            )
        disk.writer = self
        disk.epoch += 1
        self.epoch = disk.epoch
        self._disk = disk
        self._node = node
        self._later = later
        self._rows_pending_max = rows_pending_max
        self._bytes_pending_max = bytes_pending_max
        self._pending: list[_Change] = []
        self._rows_pending = 0
        self._bytes_pending = 0
        self._awaited = False

    def append(
        self,
        entries: Sequence[JournalEntry],
        intents: Sequence[Intent],
        committed: Callable[[], None],
    ) -> bool:
        """Write these down together; False, and nothing written, when the bound is reached."""
        entries, intents = tuple(entries), tuple(intents)

        def make() -> None:
            for entry in entries:
                self._disk.add(entry, node=self._node)
            for intent in intents:
                self._disk.commit_to(intent)

        size = sum(len(each.body) for each in (*entries, *intents))
        change = _Change(make, committed, len(entries) + len(intents), size)
        if self._disk.writer is not self:
            return False
        if (
            self._rows_pending + change.rows > self._rows_pending_max
            or self._bytes_pending + change.bytes > self._bytes_pending_max
        ):
            return False
        self._take(change)
        return True

    def mark(self, key: str, result: str) -> None:
        """The once-only effect of this key was done, with this result; the first mark stays."""
        self.once(key, result, _nobody)

    def once(self, key: str, result: str, make: Callable[[], None]) -> None:
        """Mark the intent of this key and make what it was for, in one commit; never twice."""

        def mark_and_make() -> None:
            if self._disk.mark(key, result):
                make()

        self._take(_Change(mark_and_make, _nobody, 1, 0))

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep this state, then drop the rows that the oldest snapshot kept covers."""
        self._take(_Change(lambda: self._disk.keep(snapshot), _nobody, 1, 0))

    def rows(self, stream: str, *, after: int) -> Iterator[JournalRow]:
        """The committed rows of a stream behind ``after``, in order."""
        return iter([row for row in self._disk.rows.get(stream, []) if row.seq > after])

    def open_intents(self) -> list[Intent]:
        """Intents that were committed and not marked, oldest first."""
        return [intent for intent, _ in self._disk.intents.values() if intent.done is None]

    def latest_snapshot(self, stream: str) -> Snapshot | None:
        """The newest snapshot of a stream."""
        kept = self._disk.snapshots.get(stream)
        return kept[-1] if kept else None

    def snapshots(self, stream: str) -> list[Snapshot]:
        """The snapshots of a stream that are kept, oldest first."""
        return list(self._disk.snapshots.get(stream, []))

    def flush(self) -> None:
        """Commit all that was appended, and tell of it, in order."""
        if self._disk.full or self._disk.writer is not self:
            self._ask()
            return
        while self._pending:
            changes, self._pending = self._pending, []
            self._rows_pending = self._bytes_pending = 0
            for change in changes:
                change.make()
            for change in changes:
                change.committed()

    def commit_untold(self) -> None:
        """Commit all that was appended and die before anybody is told of it."""
        for change in self._pending:
            change.make()
        self.kill()

    def close(self) -> None:
        """Commit what was appended and let the next one open it."""
        self.flush()
        self.kill()

    def kill(self) -> None:
        """Die as a killed process does: what was not committed is lost."""
        self._pending.clear()
        if self._disk.writer is self:
            self._disk.writer = None

    def _take(self, change: _Change) -> None:
        if self._disk.writer is self:
            self._pending.append(change)
            self._rows_pending += change.rows
            self._bytes_pending += change.bytes
            self._ask()

    def _ask(self) -> None:
        if self._later is not None and self._pending and not self._awaited:
            self._awaited = True
            self._later(COMMIT_MS, self._due)

    def _due(self) -> None:
        self._awaited = False
        self.flush()
