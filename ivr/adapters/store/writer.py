"""One thread that writes: many callers' work in one commit, told back in order.

Work is handed over without waiting. The thread lets it gather for at most ``GATHER_MS``, writes it
in one transaction, and tells those who asked, on the loop they live on. When the disk is full or
another process holds the file, the group is kept and tried again: nothing that was accepted is
dropped while the process lives, and past the bound nothing more is accepted.
"""

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    ProgrammingError,
)

from ivr.adapters.store.database import WriterFile
from ivr.adapters.store.problem import StoreProblem, problem_of

GATHER_MS = 10
"""Half of the 20 ms within which a commit is promised; the other half is the commit's own."""

COMMIT_MS_MAX = 20
"""A commit later than this is counted as late: the disk is too slow for the promise."""

ROWS_PENDING_MAX = 20_000
BYTES_PENDING_MAX = 32 * 1024**2
GROUP_MAX = 2_000
"""Pieces of work in one transaction."""

RETRY_MS = 500
"""Between two attempts to write a group that the disk refused."""

FLUSH_S_MAX = 30
"""How long ``flush`` waits for the disk."""

CLOSE_S_MAX = 30
"""How long closing waits for what was taken to be written."""

TroubleSink = Callable[[StoreProblem | None], None]
"""Takes the news that writing does not work, and ``None`` once it works again."""


class Group:
    """One transaction under way. Rows of one statement that follow each other go in one call."""

    def __init__(self, connection: Connection, last_seq: dict[str, int]) -> None:
        self._connection = connection
        self._statement = ""
        self._rows: list[tuple[object, ...]] = []
        self.last_seq = last_seq
        """The last sequence number by stream, this transaction's included."""

    def insert(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Collect these rows; they are written before anything that uses ``connection``."""
        if statement != self._statement:
            self.send()
            self._statement = statement
        self._rows.extend(rows)

    def send(self) -> None:
        """Write what is collected."""
        rows, self._rows = self._rows, []
        if rows:
            self._connection.exec_driver_sql(self._statement, rows)

    @property
    def connection(self) -> Connection:
        """For any other statement, after all that came before it."""
        self.send()
        return self._connection


@dataclass(frozen=True, slots=True)
class Work:
    """One piece: what to do in a transaction (twice, if the first one fails), and whom to tell.

    ``guarded`` work that the database finds wrong in itself is left out and counted; anything
    else that is wrong would stop the journal.
    """

    run: Callable[[Group], None]
    told: Callable[[], None] | None = None
    rows: int = 1
    bytes: int = 0
    guarded: bool = False


@dataclass(slots=True)
class WriterCounters:
    """What the writer did since it was opened."""

    rows: int = 0
    commits: int = 0
    commits_late: int = 0
    commit_ms_max: float = 0.0
    failures: int = 0
    refused: int = 0
    """Pieces not accepted because the bound was reached."""
    left_out: int = 0
    """Guarded pieces that the database found wrong in themselves."""


@dataclass(slots=True)
class _Amount:
    """Counted by one thread each way, so that no lock is needed."""

    rows: int = 0
    bytes: int = 0

    def add(self, work: Work) -> None:
        self.rows += work.rows
        self.bytes += work.bytes


@dataclass(frozen=True, slots=True)
class WriterLimits:
    """The bounds of what waits to be committed."""

    rows_pending_max: int = ROWS_PENDING_MAX
    bytes_pending_max: int = BYTES_PENDING_MAX
    gather_ms: int = GATHER_MS
    retry_ms: int = RETRY_MS


def _ignore(_problem: StoreProblem | None) -> None:
    """Nobody wants to know."""


@dataclass(slots=True)
class _Shared:
    """What both threads touch; each part is safe by itself."""

    work: "queue.SimpleQueue[Work]" = field(default_factory=queue.SimpleQueue["Work"])
    told: deque[Callable[[], None]] = field(default_factory=deque[Callable[[], None]])
    hurry: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)


class Writer:
    """Takes work from one thread, the loop's, and commits it from its own."""

    def __init__(
        self,
        file: WriterFile,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
        trouble: TroubleSink = _ignore,
        limits: WriterLimits | None = None,
    ) -> None:
        self.counters = WriterCounters()
        self.problem: StoreProblem | None = None
        self._file = file
        self._loop = loop
        self._trouble = trouble
        self._limits = limits or WriterLimits()
        self._shared = _Shared()
        self._taken, self._written = _Amount(), _Amount()
        self._last_seq: dict[str, int] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)
        self._thread.start()

    def offer(self, work: Work) -> bool:
        """Take this in, unless the bound is reached or writing is over."""
        limits = self._limits
        rows = self._taken.rows - self._written.rows + work.rows
        size = self._taken.bytes - self._written.bytes + work.bytes
        if rows > limits.rows_pending_max or size > limits.bytes_pending_max:
            self.counters.refused += 1
            return False
        return self.push(work)

    def push(self, work: Work) -> bool:
        """Take this in beyond the bound: for marks, of which there are no more than intents."""
        if self._closed or not self._thread.is_alive():
            self.counters.refused += 1
            return False
        self._taken.add(work)
        self._shared.work.put(work)
        return True

    def flush(self) -> None:
        """Wait till all that was taken is committed, and tell all who are to be told.

        For the thread that offers. Raises ``StoreProblem`` when writing fails meanwhile.
        """
        failures = self.counters.failures
        until = time.monotonic() + FLUSH_S_MAX
        committed = threading.Event()
        self.push(Work(lambda _group: None, committed.set, rows=0))
        while not committed.is_set():
            self._shared.hurry.set()
            self._tell()
            if self.problem is not None and self.counters.failures > failures + 1:
                raise self.problem
            if not self._thread.is_alive() or time.monotonic() > until:
                raise self.problem or self._too_slow()
            committed.wait(0.002)
        self._tell()

    def close(self) -> None:
        """Commit what was taken, then write no more. Raises ``StoreProblem`` if that failed."""
        if self._closed:
            return
        self._closed = True
        self._shared.stopping.set()
        self._shared.work.put(Work(lambda _group: None, rows=0))
        self._shared.hurry.set()
        self._thread.join(CLOSE_S_MAX)
        self._tell()
        lost = self._taken.rows - self._written.rows
        if lost:
            problem = self.problem or self._too_slow()
            raise StoreProblem(
                f"{lost} rows were not written: {problem}", code=problem.code, operation="closing"
            )

    def _too_slow(self) -> StoreProblem:
        return StoreProblem(
            f"{self._file.path} did not take what was written within {FLUSH_S_MAX} s: look for "
            "what keeps its disk busy",
            code="too_slow",
            operation="committing",
        )

    def _serve(self) -> None:
        """The thread: until it is told to stop and there is nothing left, or it cannot go on."""
        with self._file.engine.connect() as connection:
            while True:
                group = self._gather()
                if not group or not self._commit_at_last(connection, group):
                    return

    def _gather(self) -> list[Work]:
        """The next group; empty when there is nothing more to come."""
        shared = self._shared
        try:
            group = [shared.work.get(block=not shared.stopping.is_set())]
        except queue.Empty:
            return []
        if shared.work.qsize() < GROUP_MAX and not shared.stopping.is_set():
            shared.hurry.wait(self._limits.gather_ms / 1000)
            shared.hurry.clear()
        with contextlib.suppress(queue.Empty):
            while len(group) < GROUP_MAX:
                group.append(shared.work.get_nowait())
        return group

    def _commit_at_last(self, connection: Connection, group: Sequence[Work]) -> bool:
        """Try until it is written; False when there is no hope, or no time left."""
        while True:
            stopping = self._shared.stopping.is_set()
            problem = self._commit(connection, group)
            if problem is None:
                self._report(None)
                return True
            self.counters.failures += 1
            self._report(problem)
            if stopping or not problem.retry_safe:
                return False
            self._shared.hurry.wait(self._limits.retry_ms / 1000)
            self._shared.hurry.clear()

    def _commit(self, connection: Connection, group: Sequence[Work]) -> StoreProblem | None:
        began = time.monotonic()
        transaction = Group(connection, dict(self._last_seq))
        try:
            with connection.begin():
                told = [work.told for work in group if self._run(transaction, work) and work.told]
                transaction.send()
        except DBAPIError as error:
            return problem_of(error, self._file.path, operation="committing")
        except (ValueError, OverflowError, TypeError) as error:
            return StoreProblem(
                f"{self._file.path} was given what no column takes ({error}): this is our fault, "
                "report it; the engine must be started again",
                code="failed",
                operation="committing",
            )
        self._last_seq = transaction.last_seq
        for work in group:
            self._written.add(work)
        self._count(began)
        self._shared.told.extend(told)
        if told:
            self._wake_loop()
        return None

    def _run(self, transaction: Group, work: Work) -> bool:
        """Do one piece; False when it was left out."""
        if not work.guarded:
            work.run(transaction)
            return True
        savepoint = transaction.connection.begin_nested()
        try:
            work.run(transaction)
            transaction.send()
        except _WRONG_IN_ITSELF:
            savepoint.rollback()
            self.counters.left_out += 1
            return False
        savepoint.commit()
        return True

    def _count(self, began: float) -> None:
        took_ms = (time.monotonic() - began) * 1000
        counters = self.counters
        counters.rows = self._written.rows
        counters.commits += 1
        counters.commits_late += took_ms + self._limits.gather_ms > COMMIT_MS_MAX
        counters.commit_ms_max = max(counters.commit_ms_max, took_ms)

    def _report(self, problem: StoreProblem | None) -> None:
        """Tell of trouble when it begins and when it ends, not at each attempt."""
        before, self.problem = self.problem, problem
        if (before is None) != (problem is None):
            self._shared.told.append(lambda: self._trouble(problem))
            self._wake_loop()

    def _wake_loop(self) -> None:
        if self._loop is not None:
            # A loop that is closed takes no more news; whoever closes the store gets them.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        """On the loop's thread, in the order of the commits."""
        told = self._shared.told
        while told:
            callback = told.popleft()
            try:
                callback()
            except BaseException:
                self._wake_loop()
                raise


_WRONG_IN_ITSELF = (
    IntegrityError,
    DataError,
    InterfaceError,
    ProgrammingError,
    ValueError,
    OverflowError,
    TypeError,
)
