"""Append-only files of one JSON document a line, bounded in size.

The trace tells what went into the engine and what came out, turn by turn. It carries references
instead of numbers. Lines are flushed as they are written, so that a killed engine leaves all but
the line it was writing. A trace is for readers: a disk that refuses it must not cost a call, so
lines that cannot be written are counted, and their number is told once writing works again. Half a
line that a full disk or a kill left is closed before the next one, so that it damages no other.
"""

import contextlib
from collections.abc import Mapping
from io import SEEK_END, FileIO
from pathlib import Path

import msgspec

from router.model import Millis

BYTES_MAX = 256 * 1024 * 1024
"""A file that would grow beyond this is set aside as ``<name>.1`` and begun anew."""


class JsonLines:
    """One file of JSON lines, private to its owner."""

    def __init__(self, path: Path, *, bytes_max: int = BYTES_MAX) -> None:
        self._path = path
        self._bytes_max = bytes_max
        self._written = 0
        self._whole = False
        """Whether the file is known to end with a whole line."""
        self.lost = 0
        self._file = self._open()

    def append(self, document: Mapping[str, object]) -> None:
        """Write one document as one line; ``lost`` counts what the disk refused. Never raises."""
        try:
            if self.lost:
                self._write({"lost_lines": self.lost})
                self.lost = 0
            self._write(document)
        except OSError:
            self.lost += 1

    def close(self) -> None:
        """Write no more."""
        with contextlib.suppress(OSError):  # what is not written by now is lost, as counted
            self._file.close()

    def _write(self, document: Mapping[str, object]) -> None:
        line = msgspec.json.encode(document) + b"\n"
        if self._file.closed:
            self._file = self._open()
        if self._written + len(line) > self._bytes_max:
            self._file.close()
            self._path.replace(self._path.with_name(self._path.name + ".1"))
            self._file = self._open()
        if not self._whole and not _ends_whole(self._path):
            line = b"\n" + line
        self._whole = False
        # Unbuffered: a line that failed must not be tried again with the next one.
        written = self._file.write(line)
        self._written += written
        if written < len(line):
            raise OSError("the disk took a part of a line")
        self._whole = True

    def _open(self) -> FileIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        self._written = self._path.stat().st_size
        self._whole = self._written == 0
        return self._path.open("ab", buffering=0)


def _ends_whole(path: Path) -> bool:
    """Whether what comes next begins a line. Raises ``OSError``."""
    with path.open("rb") as file:
        size = file.seek(0, SEEK_END)
        if size == 0:
            return True
        file.seek(size - 1)
        return file.read(1) == b"\n"


class TraceFile:
    """The ``Trace`` port as a file."""

    def __init__(self, lines: JsonLines) -> None:
        self._lines = lines

    def turn(self, *, at: Millis, wall: int, event: object, effects: tuple[object, ...]) -> None:
        """One event went in and these effects came out."""
        self._lines.append(
            {
                "at": at,
                "wall": wall,
                "event": tagged(event),
                "effects": [tagged(effect) for effect in effects],
            }
        )

    def note(self, *, at: Millis, wall: int, kind: str, details: Mapping[str, str]) -> None:
        """Something worth a line that is no turn."""
        self._lines.append({"at": at, "wall": wall, "note": kind, "details": details})


def tagged(message: object) -> dict[str, object]:
    """A message as plain data that names its own type."""
    plain = msgspec.to_builtins(message)
    return {"type": type(message).__name__, **plain}
