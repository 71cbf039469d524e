"""What can be wrong with a store, each as one sentence with its remedy."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from ivr.peer_error import PeerError

READING = "reading"
"""The operation of who only looks."""


class StoreProblem(PeerError):
    """The store cannot be opened, read or written; the text says what to do.

    ``code`` is stable, for programs and tests: ``damaged``, ``full``, ``read_only``, ``in_use``,
    ``not_ours``, ``newer``, ``older``, ``missing``, ``too_slow`` or ``failed``.
    """

    def __init__(self, sentence: str, *, code: str, operation: str) -> None:
        retry_safe = code in ("full", "in_use", "too_slow")
        super().__init__(sentence, peer="store", operation=operation, retry_safe=retry_safe)
        self.code = code


_SENTENCES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("SQLITE_CORRUPT", "SQLITE_NOTADB"),
        "damaged",
        "{path} is damaged: set it aside together with its -wal and -shm files and restore a "
        "backup, or start without it and lose the history",
    ),
    (
        ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_SHMSIZE"),
        "full",
        "{path} cannot grow, the disk or the store's own limit is reached: free space on that "
        "disk; what waits is written as soon as there is room",
    ),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"),
        "read_only",
        "{path} cannot be opened for writing: give its folder and files to the user that runs "
        "this, with the right to write",
    ),
    (
        ("SQLITE_BUSY", "SQLITE_LOCKED"),
        "in_use",
        "{path} is held by another process for too long: find it with `fuser {path}` and let it "
        "finish or end it",
    ),
)


_UNREADABLE = (
    "{path} cannot be read where it lies: its folder cannot be written, and what its -wal file "
    "holds is read by way of a -shm file beside it: copy the folder to where you may write, and "
    "name the copy with --data-dir"
)
"""For who only looks. A store that was closed in order is read from a read-only folder as well."""


def problem_of(error: sqlite3.Error | DBAPIError, path: Path, *, operation: str) -> StoreProblem:
    """The sentence for what SQLite said; SQLAlchemy's wrapping is looked through."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = str(getattr(cause, "sqlite_errorname", ""))
    for names, code, sentence in _SENTENCES:
        if name.startswith(names):
            if code == "read_only" and operation == READING:
                sentence = _UNREADABLE
            return StoreProblem(sentence.format(path=path), code=code, operation=operation)
    return StoreProblem(
        f"{path} failed at {operation} ({name or type(cause).__name__}: {cause}): check the disk "
        "and its file system, then start again",
        code="failed",
        operation=operation,
    )
