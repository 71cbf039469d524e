"""The files of voice messages: where Asterisk writes them, and where the engine keeps them.

Asterisk writes into the spool of its own private folder. A message that is kept is moved from
there into the engine's folder, in one step; whatever else lies in the spool (a recording that an
engine did not live to hear the end of) is removed once it is ``ORPHAN_KEPT_S`` old.
"""

import errno
import os
import shutil
import tempfile
import time
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ivr.call.voice import RecordingId, VoiceMessageId
from ivr.prompts import g711

FOLDER: Final = "messages"
"""Of the engine's data folder, the part that holds kept messages."""

SPOOL: Final = "spool/recording"
"""Of the private folder of an Asterisk, where it writes recordings."""

ENDING: Final = ".wav"

ORPHAN_KEPT_S: Final = 24 * 3600
"""How long a recording lies in the spool that nobody asks for: time to look at it by hand."""

SWEPT_MAX: Final = 10_000
"""Files looked at in one sweep."""

SPEECH_LEVEL: Final = 256
"""The mean amplitude, of 32 767, below which 20 ms count as silence: Asterisk's own threshold."""

RATE_HZ: Final = 8_000
_FRAME: Final = RATE_HZ * 20 // 1_000
_PIECE: Final = 5 * _FRAME
PIECES_MAX: Final = 300
"""Tenths of a second of a recording that are looked at: all of half a minute, and of a longer
recording so many, evenly spread. Other calls wait meanwhile, so its length must not matter."""

BEEP_HZ, BEEP_MS = 1_000, 250
_BEEP_PEAK: Final = 6_000
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class Swept:
    """What lay in the spool that nobody asked for."""

    removed: int
    younger: int


class VoiceFiles:
    """The recordings of one Asterisk and the messages of one engine."""

    def __init__(self, spool: Path, folder: Path) -> None:
        self._spool = spool
        self._folder = folder

    def speech_ms(self, recording: RecordingId) -> int | None:
        """How long there is speech in a recording that is over; None if no such file can be read.

        Of more than half a minute it is an estimate, out of ``PIECES_MAX`` evenly spread pieces.
        """
        try:
            with wave.open(str(self._spool / f"{recording}{ENDING}"), "rb") as source:
                return _speech_ms(source)
        except (OSError, EOFError, RuntimeError, ValueError, wave.Error):
            return None

    def discard(self, recording: RecordingId) -> None:
        """Remove a recording that is not kept; one that cannot be removed is left to the sweep."""
        try:
            (self._spool / f"{recording}{ENDING}").unlink(missing_ok=True)
        except OSError:
            return

    def take_over(self, recording: RecordingId, message: VoiceMessageId) -> None:
        """Move a recording to where messages are kept; done before, it is done. Raises OSError."""
        kept = self.path(message)
        self._folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        source = self._spool / f"{recording}{ENDING}"
        if not source.is_file() and kept.is_file():
            return  # an earlier try got as far as this
        source.chmod(_FILE_MODE)
        with source.open("rb") as written:
            os.fsync(written.fileno())
        try:
            source.replace(kept)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            copy_whole(source, kept)
            source.unlink(missing_ok=True)

    def path(self, message: VoiceMessageId) -> Path:
        """Where a kept message lies."""
        return self._folder / f"{message}{ENDING}"

    def remove(self, message: VoiceMessageId) -> bool:
        """Remove a kept message; whether there was one. Raises OSError."""
        try:
            self.path(message).unlink()
        except FileNotFoundError:
            return False
        return True

    def sweep(self) -> Swept:
        """Remove what has lain in the spool for longer than ``ORPHAN_KEPT_S``."""
        removed = younger = 0
        before = time.time() - ORPHAN_KEPT_S
        try:
            found = [path for path, _ in zip(self._spool.iterdir(), range(SWEPT_MAX), strict=False)]
        except OSError:
            return Swept(0, 0)
        for path in found:
            try:
                is_old = path.stat().st_mtime < before
                if is_old:
                    path.unlink()
            except OSError:
                continue
            removed, younger = removed + is_old, younger + (not is_old)
        return Swept(removed, younger)


def voice_files(run_dir: Path, data_dir: Path) -> VoiceFiles:
    """The files of the Asterisk that runs there and of the engine that keeps its data there."""
    return VoiceFiles(run_dir / SPOOL, data_dir / FOLDER)


def write_beep(folder: Path) -> str:
    """Write the beep into this folder; its ``sound:`` URI. Raises OSError.

    Ours and not Asterisk's own: that one is a file of a package which may be missing, and then a
    recording is over as it begins (measured).
    """
    times = np.arange(RATE_HZ * BEEP_MS // 1_000) / RATE_HZ
    fade = np.minimum(1.0, np.minimum(times, times[::-1]) / 0.01)
    tone = (_BEEP_PEAK * fade * np.sin(2 * np.pi * BEEP_HZ * times)).astype(np.int16)
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    path = folder.resolve() / "beep"
    for codec in ("alaw", "ulaw"):
        _write(path.with_suffix(f".{codec}"), g711.encode(tone, codec))
    return f"sound:{path}"


def _speech_ms(source: wave.Wave_read) -> int | None:
    """What lies behind the last whole frame is no speech: a full disk tears samples apart, too."""
    if (source.getnchannels(), source.getsampwidth(), source.getframerate()) != (1, 2, RATE_HZ):
        return None
    samples = source.getnframes()
    step = max(1, -(-samples // (PIECES_MAX * _PIECE))) * _PIECE
    pieces: list[bytes] = []
    for at in range(0, samples, step):
        source.setpos(at)
        piece = source.readframes(_PIECE)
        pieces.append(piece[: len(piece) // (2 * _FRAME) * 2 * _FRAME])
    frames = np.frombuffer(b"".join(pieces), dtype="<i2").reshape(-1, _FRAME)
    loudness = np.abs(frames.astype(np.int32)).sum(axis=1)
    return int(np.count_nonzero(loudness > SPEECH_LEVEL * _FRAME)) * 20 * (step // _PIECE)


def copy_whole(source: Path, to: Path) -> None:
    """Copy across file systems, for the owner alone: whole beside its place first. Raises OSError.

    ``mkstemp`` makes the file with mode 0600.
    """
    handle, name = tempfile.mkstemp(dir=to.parent, prefix=".expertline-")
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as written:
            shutil.copyfileobj(written, out)
            out.flush()
            os.fsync(out.fileno())
        Path(name).replace(to)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    Path(name).replace(path)
