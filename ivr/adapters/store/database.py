"""Opens the one SQLite file: its lock, its settings, its migrations, and its refusals.

One process writes the journal: it holds a lock on ``<file>.lock`` for as long as it lives, so a
second engine is refused at once, and a killed one leaves nothing to clear away. Readers, and the
short transactions by which the command line changes a work order, need no lock (WAL).
"""

import contextlib
import fcntl
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from ivr.adapters.store.problem import READING, StoreProblem, problem_of
from ivr.adapters.store.schema import APPLICATION_ID, REVISION, meta

STORE_FILE = "expertline.db"

FILE_BYTES_MAX = 8 * 1024**3
"""The store grows to this and no further; then it is full, like a disk."""

PAGE_BYTES = 4096

WAL_BYTES_MAX = 64 * 1024**2
"""What is left of the write-ahead log once it has been carried over into the file."""

BUSY_MS_MAX = 2_000
"""How long one transaction waits for another process's before it is a problem."""

CHECK_BYTES_MAX = 256 * 1024**2
"""A file up to this size is read through at opening; a larger one would delay the start."""

MIGRATIONS = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class WriterFile:
    """The file, open for its one writer."""

    path: Path
    engine: Engine
    epoch: int
    """Counts the openings by a writer, from 1."""
    lock: int

    def close(self) -> None:
        """Let the next writer in."""
        self.engine.dispose()
        os.close(self.lock)


def open_writer(folder: Path, *, file_bytes_max: int = FILE_BYTES_MAX) -> WriterFile:
    """The store in this folder, made when it is not there. Raises ``StoreProblem``."""
    path = folder / STORE_FILE
    _make(path)
    lock = _lock(path)
    try:
        engine = _engine(path, begin="BEGIN IMMEDIATE")
        try:
            with engine.connect() as connection:
                _settle(connection, path, file_bytes_max)
            with engine.begin() as connection:
                _migrate(connection, path)
                epoch = _next_epoch(connection)
        except BaseException:
            engine.dispose()
            raise
        return WriterFile(path, engine, epoch, lock)
    except DBAPIError as error:
        os.close(lock)
        raise problem_of(error, path, operation="opening") from error
    except BaseException:
        os.close(lock)
        raise


def open_beside(folder: Path, *, writing: bool = False) -> tuple[Path, Engine]:
    """The store beside its writer: to read, or for short transactions. Raises ``StoreProblem``.

    Who only reads needs no right to write: see ``_reading_mode``.
    """
    path = folder / STORE_FILE
    if not _is_there(path):
        raise StoreProblem(
            f"there is no store at {path}: start the engine once with this data folder, or name "
            "the right one with --data-dir",
            code="missing",
            operation="opening",
        )
    if writing:
        engine = _engine(path, begin="BEGIN IMMEDIATE")
    else:
        engine = _engine(path, begin="BEGIN", mode=_reading_mode(path))
    try:
        with engine.connect() as connection:
            if not writing:
                _pragma(connection, "query_only", 1)
            _refuse_other_schema(_revision(connection, path), path)
    except DBAPIError as error:
        engine.dispose()
        raise problem_of(error, path, operation="opening" if writing else READING) from error
    except StoreProblem:
        engine.dispose()
        raise
    return path, engine


def _is_there(path: Path) -> bool:
    """Whether there is a store, readable by us. Raises ``StoreProblem``.

    It is not opened to see that: closing it would drop the locks that SQLite has on it for the
    writer in this process.
    """
    with contextlib.suppress(PermissionError):
        there = path.is_file()
        if not there or os.access(path, os.R_OK, effective_ids=True):
            return there
    raise StoreProblem(
        f"{path} cannot be read (no permission): give its folder and files to the user that runs "
        "this, or run this as the user they belong to",
        code="read_only",
        operation=READING,
    )


def _reading_mode(path: Path) -> str:
    """How to open it for looking only.

    A reader of a write-ahead log writes too: it makes the -shm file, and the last one clears both
    away. Where that is not allowed, a file that was closed in order has no log and can be read as
    one that does not change (an engine that runs always has a log). With a log SQLite reads by way
    of the -shm file that is there, or refuses; to leave the log out would show an older state.
    """
    if all(os.access(each, os.W_OK, effective_ids=True) for each in (path, path.parent)):
        return "rw"
    log, shared = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    try:
        closed = log.stat().st_size == 0 and not shared.exists()
    except FileNotFoundError:
        closed = True
    return "ro&immutable=1" if closed else "ro"


def _make(path: Path) -> None:
    """Private from its first byte; SQLite gives its side files the same rights."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise _unwritable(path, error) from error


def _lock(path: Path) -> int:
    beside = path.with_name(f"{path.name}.lock")
    try:
        lock = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(beside, error) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise StoreProblem(
            f"another engine writes to {path}: stop that one (`fuser {beside}` names it), or "
            "give this one a data folder of its own",
            code="in_use",
            operation="opening",
        ) from error
    return lock


def _unwritable(path: Path, error: OSError) -> StoreProblem:
    return StoreProblem(
        f"{path} cannot be opened for writing ({error.strerror}): give its folder and files to "
        "the user that runs this, with the right to write",
        code="read_only",
        operation="opening",
    )


def _engine(path: Path, *, begin: str, mode: str = "rw") -> Engine:
    """One connection, used by one thread after another; transactions begin when we say so.

    A statement that finds the file busy waits inside SQLite without holding Python's lock.
    """

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=BUSY_MS_MAX / 1000,
            isolation_level=None,
            check_same_thread=False,
        )

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool)

    def begin_now(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", begin_now)
    return engine


def _pragma(connection: Connection, name: str, value: int | str | None = None) -> object:
    """Read or set one setting, outside any transaction: SQLite ignores some of them within."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - for the type; we made it
    statement = f"PRAGMA {name}" if value is None else f"PRAGMA {name}={value}"
    try:
        row = driver.execute(statement).fetchone()
    except sqlite3.Error as error:
        raise DBAPIError(statement, None, error) from error
    return row[0] if row else None


def _settle(connection: Connection, path: Path, file_bytes_max: int) -> None:
    """FULL: a commit is on the disk when it is told, so a power cut costs the open group only."""
    _refuse_foreign(connection, path)
    _pragma(connection, "journal_mode", "wal")
    _pragma(connection, "synchronous", "full")
    _pragma(connection, "journal_size_limit", WAL_BYTES_MAX)
    # A number that is erased leaves no trace in a free page.
    _pragma(connection, "secure_delete", "on")
    _pragma(connection, "max_page_count", max(1, file_bytes_max // PAGE_BYTES))
    if path.stat().st_size <= CHECK_BYTES_MAX:
        found = _pragma(connection, "quick_check(1)")
        if found != "ok":
            damage = sqlite3.DatabaseError(str(found))
            damage.sqlite_errorname = "SQLITE_CORRUPT"
            raise DBAPIError("PRAGMA quick_check", None, damage)


def _refuse_foreign(connection: Connection, path: Path) -> None:
    application = _pragma(connection, "application_id")
    tables = _pragma(connection, "schema_version")
    if application == APPLICATION_ID:
        return
    if application == 0 and tables == 0:
        _pragma(connection, "application_id", APPLICATION_ID)
        return
    raise StoreProblem(
        f"{path} is a database of something else: give the engine a data folder of its own",
        code="not_ours",
        operation="opening",
    )


def _revision(connection: Connection, path: Path) -> str | None:
    """Which migration the file has seen; None for a file without tables."""
    if _pragma(connection, "application_id") not in (0, APPLICATION_ID):
        _refuse_foreign(connection, path)
    known = connection.execute(
        text("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'")
    ).scalar_one()
    if not known:
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _refuse_other_schema(revision: str | None, path: Path) -> None:
    if revision is None or revision < REVISION:
        raise StoreProblem(
            f"{path} has tables older than this program's (revision {revision or 'none'}, wanted "
            f"{REVISION}): start the engine of this version once, it brings them up to date",
            code="older",
            operation="opening",
        )
    _refuse_newer(revision, path)


def _refuse_newer(revision: str | None, path: Path) -> None:
    """Revisions are numbers of four digits, so text compares as they do."""
    if revision is not None and revision > REVISION:
        raise StoreProblem(
            f"{path} was written by a newer program (tables of revision {revision}, this one "
            f"knows {REVISION}): install that version again, or use another data folder",
            code="newer",
            operation="opening",
        )


def _migrate(connection: Connection, path: Path) -> None:
    """alembic is only loaded when there is something to do: it costs a start some 0.2 s."""
    revision = _revision(connection, path)
    _refuse_newer(revision, path)
    if revision == REVISION:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _next_epoch(connection: Connection) -> int:
    raised = insert(meta).values(key="epoch", value=1)
    connection.execute(
        raised.on_conflict_do_update(index_elements=["key"], set_={"value": meta.c.value + 1})
    )
    return connection.execute(select(meta.c.value).where(meta.c.key == "epoch")).scalar_one()
