"""SIPp as a child process: where it is, how it is started, and how it is ended for certain."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ivr.provision.load_tool import PROGRAM, SYSTEM_PATH
from simulator.live import launch
from simulator.live.hotline import HotlineProblem

STOP_S_MAX = 2.0
LAST_WORDS_MAX = 1_500
"""Characters of SIPp's own words that go into our sentence."""

TIMER_MS = 1
"""SIPp's pauses are as exact as this; its own 10 ms would be measured as ours."""

SIPP_OK = 0
SIPP_CALLS_FAILED = 1
"""SIPp's exit status when it ran to its end and at least one call failed."""


@dataclass(frozen=True, slots=True)
class SippSeat:
    """Where a SIPp sits: its private folder, and ports of ours."""

    folder: Path
    remote: str
    port: int
    control_port: int
    media_port: int


def find_sipp() -> str:
    """SIPp's full path; refuses in one sentence when set-up was not done."""
    found = shutil.which(PROGRAM, path=os.pathsep.join([os.environ.get("PATH", ""), SYSTEM_PATH]))
    if found is None:
        raise HotlineProblem("SIPp is missing: run python3 -m ivr.provision --for bench")
    return found


class Sipp:
    """One SIPp with one scenario; it dies with us, and writes into its folder alone."""

    def __init__(self, name: str, seat: SippSeat) -> None:
        self._name = name
        self._seat = seat
        self._child: asyncio.subprocess.Process | None = None

    @property
    def log(self) -> Path:
        """What the scenario logged."""
        return self._seat.folder / f"{self._name}.log"

    @property
    def errors(self) -> Path:
        """What SIPp found unexpected."""
        return self._seat.folder / f"{self._name}.errors"

    async def start(
        self, scenario: str, *, injection: str | None = None, options: Sequence[str] = ()
    ) -> None:
        """Write what it reads, then start it."""
        seat = self._seat
        seat.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = seat.folder / f"{self._name}.xml"
        path.write_text(scenario, encoding="utf-8")
        injected: list[str] = []
        if injection is not None:
            injected = ["-inf", str(_write_private(seat.folder / f"{self._name}.csv", injection))]
        argv = [
            *(sys.executable, "-I", "-S", launch.__file__, str(os.getpid()), find_sipp()),
            *(seat.remote, "-sf", str(path), *injected),
            *("-i", "127.0.0.1", "-p", str(seat.port)),
            *("-ci", "127.0.0.1", "-cp", str(seat.control_port)),
            *("-mi", "127.0.0.1", "-mp", str(seat.media_port)),
            *("-timer_resol", str(TIMER_MS), "-nostdin", "-trace_logs", "-log_file", str(self.log)),
            *("-trace_err", "-error_file", str(self.errors), *options),
        ]
        with (seat.folder / f"{self._name}.screen").open("wb") as screen:
            self._child = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=screen,
                stderr=asyncio.subprocess.STDOUT,
                cwd=seat.folder,
                env={"PATH": os.environ.get("PATH", os.defpath), "TERM": "linux", "LANG": "C"},
                process_group=0,
            )

    async def ended(self, seconds_max: float) -> int:
        """Wait for its end, which is its exit status; ``HotlineProblem`` if it could not work.

        ``TimeoutError`` if it does not end in time.
        """
        child = self._child
        if child is None:
            raise HotlineProblem(f"SIPp ({self._name}) was not started")
        status = await asyncio.wait_for(child.wait(), seconds_max)
        if status not in (SIPP_OK, SIPP_CALLS_FAILED):
            text = f"SIPp ({self._name}) ended with status {status}: {self.last_words()}"
            raise HotlineProblem(text)
        return status

    async def ended_or_stopped(self, seconds_max: float) -> None:
        """Wait for its end, and end it when that takes too long: its log tells what succeeded."""
        with suppress(TimeoutError):
            await self.ended(seconds_max)
        await self.stop()

    def must_run(self) -> None:
        """Raise when it ended though it should not have."""
        if self._child is None or self._child.returncode is not None:
            raise HotlineProblem(f"SIPp ({self._name}) does not run: {self.last_words()}")

    def unexpected(self) -> str:
        """The end of what it found unexpected; empty when it found nothing."""
        return _end_of(self.errors)

    def last_words(self) -> str:
        """The end of what it found unexpected, or else of its screen."""
        screen = self._seat.folder / f"{self._name}.screen"
        return self.unexpected() or _end_of(screen) or "it left no word"

    async def stop(self) -> None:
        """End it: told, then killed."""
        child = self._child
        if child is None:
            return
        for end in (child.terminate, child.kill):
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    end()
                with suppress(TimeoutError):
                    await asyncio.wait_for(child.wait(), STOP_S_MAX)


def _end_of(path: Path) -> str:
    with suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace").strip()[-LAST_WORDS_MAX:]
    return ""


def _write_private(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return path
