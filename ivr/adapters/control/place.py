"""Where the control socket lies, and how both ends get there safely.

An address of a Unix socket holds 107 bytes, and data folders can have longer paths. So both ends
open the folder and go by way of its descriptor under ``/proc/self/fd``: short whatever the path,
and proof against the folder being moved or swapped meanwhile.
"""

import contextlib
import fcntl
import os
import socket
import stat
import struct
from collections.abc import Generator
from pathlib import Path

from ivr.adapters.control.problem import ControlCode, ControlProblem

SOCKET_NAME = "control.sock"
SOCKET_MODE = 0o600

PROBE_S_MAX = 2.0
"""How long an engine may take to take a connection, before it counts as there but not answering."""

ROOT_UID = 0

_PEER = struct.Struct("3i")
_TIMEVAL = struct.Struct("ll")


@contextlib.contextmanager
def opened_folder(folder: Path) -> Generator[int]:
    """A descriptor of the data folder. Raises ``OSError``."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def connected(folder: int, *, timeout_s: float) -> socket.socket:
    """A connection to whoever listens in this folder. Raises ``OSError``.

    A listener whose backlog is full is waited for by the kernel (``BlockingIOError`` in the end);
    with Python's own time limit it would be given up at once.
    """
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        whole_s, rest_s = divmod(timeout_s, 1)
        wait = _TIMEVAL.pack(int(whole_s), int(rest_s * 1_000_000))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
        line.connect(_address(folder))
        line.settimeout(timeout_s)
    except OSError:
        line.close()
        raise
    return line


def peer_uid(line: socket.socket) -> int:
    """The user at the other end, as the kernel noted it when the connection was made."""
    raw = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    return int(_PEER.unpack(raw)[1])


def listening(folder: int, path: Path, *, backlog: int) -> socket.socket:
    """The socket of this folder, listening, private from its first moment.

    A dead engine's socket is removed. The lock is held over looking and taking, so that two engines
    that start at once cannot both find the place free. Raises ``ControlProblem`` or ``OSError``.
    """
    _make_safe(folder, path)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise _in_use(path) from error
    try:
        _clear_place(folder, path)
        return _bound(folder, backlog)
    finally:
        fcntl.flock(folder, fcntl.LOCK_UN)


def inode_of(folder: int) -> int | None:
    """Which file is the socket now, if there is one."""
    try:
        return os.stat(SOCKET_NAME, dir_fd=folder, follow_symlinks=False).st_ino
    except FileNotFoundError:
        return None


def remove(folder: int) -> None:
    """Take the socket's name away."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(SOCKET_NAME, dir_fd=folder)


def _address(folder: int) -> str:
    return f"/proc/self/fd/{folder}/{SOCKET_NAME}"


def _make_safe(folder: int, path: Path) -> None:
    """Who may write into the folder could put a socket of his own there, and play the engine."""
    found, us = os.fstat(folder), os.geteuid()
    open_to_others = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if us in (found.st_uid, ROOT_UID):
        if open_to_others:
            os.fchmod(folder, stat.S_IMODE(found.st_mode) & ~open_to_others)
        return
    if open_to_others or found.st_uid != ROOT_UID:
        raise ControlProblem(
            f"the data folder {path} is open to other users (it is uid {found.st_uid}'s, mode "
            f"{stat.S_IMODE(found.st_mode):o}), who could answer in the engine's place: give the "
            "engine a data folder of its own user",
            code=ControlCode.UNSAFE,
            operation="listen",
        )


def _clear_place(folder: int, path: Path) -> None:
    try:
        found = os.stat(SOCKET_NAME, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ControlProblem(
            f"{path / SOCKET_NAME} is no socket, and not the engine's to remove: move it away and "
            "start again",
            code=ControlCode.UNSAFE,
            operation="listen",
        )
    try:
        connected(folder, timeout_s=PROBE_S_MAX).close()
    except ConnectionRefusedError:
        remove(folder)
    except FileNotFoundError:
        return
    except BlockingIOError as error:
        raise _in_use(path) from error
    else:
        raise _in_use(path)


def _in_use(path: Path) -> ControlProblem:
    return ControlProblem(
        f"another engine runs on the data folder {path}: stop that one, or give this one a data "
        "folder of its own with --data-dir",
        code=ControlCode.IN_USE,
        operation="listen",
    )


def _bound(folder: int, backlog: int) -> socket.socket:
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Linux gives the name the socket's own mode: at no moment may others connect.
        os.fchmod(line.fileno(), SOCKET_MODE)
        line.bind(_address(folder))
        line.listen(backlog)
        line.setblocking(False)
    except OSError:
        line.close()
        raise
    return line
