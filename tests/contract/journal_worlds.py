"""Both journals, each with its disk, under one handle for the promises."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ivr.adapters.store.store import Store, StoreSettings
from ivr.adapters.store.writer import WriterLimits
from ivr.ports import Intent, Journal, JournalEntry, Snapshot
from simulator.memory_journal import MemoryDisk, MemoryJournal


class FlushedJournal(Journal, Protocol):
    """A journal that tests can make commit now."""

    def flush(self) -> None: ...


class JournalWorld(Protocol):
    """One place on a disk, to be opened by one journal after another."""

    def open(self, *, rows_max: int = 1_000, bytes_max: int = 1_000_000) -> FlushedJournal: ...

    def close(self) -> None:
        """Close the journal that is open, if any."""
        ...


@dataclass
class MemoryWorld:
    disk: MemoryDisk = field(default_factory=lambda: MemoryDisk(snapshots_kept=2))
    journal: MemoryJournal | None = None

    def open(self, *, rows_max: int = 1_000, bytes_max: int = 1_000_000) -> FlushedJournal:
        self.journal = MemoryJournal(
            self.disk, rows_pending_max=rows_max, bytes_pending_max=bytes_max
        )
        return self.journal

    def close(self) -> None:
        if self.journal is not None:
            self.journal.close()
            self.journal = None


@dataclass
class SqliteWorld:
    folder: Path
    store: Store | None = None

    def open(self, *, rows_max: int = 1_000, bytes_max: int = 1_000_000) -> FlushedJournal:
        # A long gathering, so that nothing is committed before the test says so.
        limits = WriterLimits(
            rows_pending_max=rows_max, bytes_pending_max=bytes_max, gather_ms=10_000
        )
        self.store = Store(StoreSettings(self.folder, "main", limits=limits, snapshots_kept=2))
        return self.store.journal

    def close(self) -> None:
        if self.store is not None:
            self.store.close()
            self.store = None


def entry(number: int, *, stream: str = "node:main", size: int = 20) -> JournalEntry:
    body = f"{number}:".encode().ljust(size, b"\x00")
    wall, effects = 1_700_000_000_000 + number, f"{number:016x}"
    return JournalEntry(stream, number * 10, wall, "core-1", "Kind", body, effects)


def intent(key: str, *, stream: str = "node:main") -> Intent:
    return Intent(key, stream, "WriteRecord", key.encode(), None)


def snapshot(seq: int, *, stream: str = "node:main") -> Snapshot:
    return Snapshot(stream, seq, seq * 10, 1_700_000_000_000, "core-1", f"state {seq}".encode())


def nobody() -> None:
    pass


def numbered(told: list[int], number: int) -> Callable[[], None]:
    return lambda: told.append(number)
