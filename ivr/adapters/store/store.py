"""Everything of the store, opened and closed together."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from ivr.adapters.store.database import FILE_BYTES_MAX, WriterFile, open_beside, open_writer
from ivr.adapters.store.journal import SNAPSHOTS_KEPT, JournalWriting, SqliteJournal
from ivr.adapters.store.journal_reading import JournalReader
from ivr.adapters.store.last_served import LastServed
from ivr.adapters.store.orders import OrderDesk, SqlOrders
from ivr.adapters.store.outbox import OutboxReader, SqlOutbox
from ivr.adapters.store.parties import TableParties
from ivr.adapters.store.presences import SqlPresences
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.records import ContactReader, SqlRecords
from ivr.adapters.store.sites import SiteReader, SqlSites
from ivr.adapters.store.voice_messages import MessageDesk
from ivr.adapters.store.writer import TroubleSink, Writer, WriterLimits


def utc_millis() -> int:
    """UTC milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _ignore(_problem: StoreProblem | None) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """One store of one node."""

    folder: Path
    node: str
    file_bytes_max: int = FILE_BYTES_MAX
    limits: WriterLimits = WriterLimits()  # noqa: RUF009 - frozen
    snapshots_kept: int = SNAPSHOTS_KEPT


class Store:
    """The journal, records, numbers and work orders of one engine, in one SQLite file.

    ``loop`` is where commits are told; without one they are told within ``journal.flush``.
    ``trouble`` hears, there too, when writing stops working and when it works again.
    """

    def __init__(
        self,
        settings: StoreSettings,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
        trouble: TroubleSink = _ignore,
        wall: Callable[[], int] = utc_millis,
    ) -> None:
        file = open_writer(settings.folder, file_bytes_max=settings.file_bytes_max)
        try:
            path, reader = open_beside(settings.folder)
        except StoreProblem:
            file.close()
            raise
        self.writer = Writer(file, loop=loop, trouble=trouble, limits=settings.limits)
        writing = JournalWriting(file.epoch, settings.node, settings.snapshots_kept)
        self.journal = SqliteJournal(self.writer, reader, path=path, writing=writing)
        self.records = SqlRecords(self.writer)
        self.contacts = ContactReader(reader, path)
        self.parties = TableParties(self.writer, reader, path=path, wall=wall)
        self.last_served = LastServed(reader, path, wall)
        self.orders = SqlOrders(self.writer, reader, path=path)
        self.presences = SqlPresences(self.writer)
        self.outbox = SqlOutbox(self.writer)
        self.sites = SqlSites(self.writer)
        self.stored_sites = SiteReader(reader, path)
        self._file: WriterFile = file
        self._reader: Engine = reader

    def close(self) -> None:
        """Commit what was taken and let the next one open it. Raises ``StoreProblem``."""
        try:
            self.writer.close()
        finally:
            self._reader.dispose()
            self._file.close()


class StoreBeside:
    """The store beside a running engine, or without one: to look, and to change work orders."""

    def __init__(self, folder: Path, *, writing: bool = False) -> None:
        path, self._engine = open_beside(folder, writing=writing)
        self.contacts = ContactReader(self._engine, path)
        self.orders = OrderDesk(self._engine, path)
        self.voice_messages = MessageDesk(self._engine, path)
        self.outbox = OutboxReader(self._engine, path)
        self.journal = JournalReader(self._engine, path)
        self.stored_sites = SiteReader(self._engine, path)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
