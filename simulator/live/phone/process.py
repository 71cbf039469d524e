"""The parent's end of one rack process: start it, ask it, hear it, bury it.

A process that dies tells everybody who waits, once, in one sentence with its last words.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final, Generic, Protocol, TypeVar

import simulator
from simulator.live.phone import limits, wire

T = TypeVar("T")
_SOURCE_ROOT: Final = Path(simulator.__file__).resolve().parent.parent


class PhoneRackError(Exception):
    """A phone could not do what the proof asked; the message is one sentence with a remedy."""


class Milestone(Generic[T]):
    """Something that happens once, or becomes impossible; awaited by any number of waiters."""

    def __init__(self) -> None:
        self._decided = asyncio.Event()
        self._value: T | None = None
        self._error: PhoneRackError | None = None

    @property
    def decided(self) -> bool:
        """It has happened, or never will."""
        return self._decided.is_set()

    @property
    def value(self) -> T | None:
        """What was reached, or None as yet."""
        return self._value

    def reach(self, value: T) -> None:
        """It happened; only the first word counts."""
        if not self.decided:
            self._value = value
            self._decided.set()

    def fail(self, error: PhoneRackError) -> None:
        """It can no longer happen."""
        if not self.decided:
            self._error = error
            self._decided.set()

    async def wait(self, timeout_s: float, *, otherwise: str) -> T:
        """The value; PhoneRackError if it failed, or did not come in time (`otherwise`)."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._decided.wait()
        except TimeoutError:
            raise PhoneRackError(f"{otherwise} within {timeout_s:g} s") from None
        if self._error is not None:
            raise PhoneRackError(str(self._error)) from self._error
        assert self._value is not None  # noqa: S101 (decided without an error: a value is there)
        return self._value


class Owner(Protocol):
    """Who hears a rack process's events."""

    def phone_event(self, event: wire.Event) -> None:
        """A call event; never `Ready`, `Done` or `Refused`."""
        ...

    def process_lost(self, process: "RackProcess", error: PhoneRackError) -> None:
        """The process is gone without having been asked to go."""
        ...


class RackProcess:
    """One running rack process; `start` is the way to get one."""

    def __init__(self, process: asyncio.subprocess.Process, owner: Owner) -> None:
        self._process = process
        self._owner = owner
        self._answers: dict[int, Milestone[int]] = {}
        self._ready: Milestone[wire.Ready] = Milestone()
        self._last_words = ""
        self._count = 0
        self._closing = False
        self._lost: PhoneRackError | None = None
        self._tasks = [
            asyncio.create_task(self._read_last_words()),
            asyncio.create_task(self._read_events()),
        ]
        self.pid: int = process.pid
        self.used = 0
        self.sip_port = 0

    @classmethod
    async def start(cls, folder: Path, owner: Owner) -> "RackProcess":
        """Start a process and wait until its SIP port is open."""
        environment = dict(os.environ)
        path = [str(_SOURCE_ROOT), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(part for part in path if part)
        environment["OPENBLAS_NUM_THREADS"] = "1"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulator.live.phone.rack", str(folder)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=limits.EVENT_BYTES_MAX,
            env=environment,
        )
        rack = cls(process, owner)
        try:
            ready = await rack._ready.wait(
                limits.START_S_MAX, otherwise="the phone rack process did not get ready"
            )
        except BaseException:
            await rack.close()
            raise
        rack.sip_port = ready.sip_port
        return rack

    async def ask(self, make: wire.MakeCommand, *, timeout_s: float) -> int:
        """Send a command and wait until it took effect; when that was (monotonic ns)."""
        if self._lost is not None:
            raise PhoneRackError(str(self._lost)) from self._lost
        self._count += 1
        number = self._count
        answer: Milestone[int] = Milestone()
        self._answers[number] = answer
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 (started with a pipe)
        try:
            stdin.write(wire.encode(make(number)) + b"\n")
            return await answer.wait(timeout_s, otherwise="no answer to a command of the phones")
        finally:
            del self._answers[number]

    @property
    def is_lost(self) -> bool:
        """The process ended unasked."""
        return self._lost is not None

    async def close(self) -> None:
        """Let the process say goodbye and end; kill it if it does not."""
        self._closing = True
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 (started with a pipe)
        stdin.close()
        try:
            async with asyncio.timeout(limits.CLOSE_S_MAX):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await asyncio.gather(*self._tasks)

    async def _read_last_words(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None  # noqa: S101 (started with a pipe)
        while chunk := await stderr.read(limits.EVENT_BYTES_MAX):
            words = self._last_words + chunk.decode(errors="replace")
            self._last_words = words[-limits.LAST_WORDS_CHARACTERS_MAX :]

    async def _read_events(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 (started with a pipe)
        why = "it closed its output"
        try:
            while line := await stdout.readline():
                self._hear(wire.decode_event(line))
        except (wire.DecodeError, ValueError, PhoneRackError) as error:
            why = f"it was ended because of what it sent ({error})"
            self._process.kill()
        status = await self._process.wait()
        if not self._closing or not self._ready.decided:
            await self._mourn(why, status)

    def _hear(self, event: wire.Event) -> None:
        match event:
            case wire.Ready():
                self._ready.reach(event)
            case wire.Done(n=number, at_ns=at_ns):
                if number in self._answers:
                    self._answers[number].reach(at_ns)
            case wire.Refused(n=number, why=why):
                if number in self._answers:
                    self._answers[number].fail(PhoneRackError(why))
            case _:
                self._owner.phone_event(event)

    async def _mourn(self, why: str, status: int) -> None:
        await asyncio.wait([self._tasks[0]], timeout=1)
        words = " | ".join(self._last_words.split("\n")).strip(" |") or "none"
        self._lost = PhoneRackError(
            f"the phone rack process {self.pid} ended unasked with exit status {status}: {why}; "
            f"start a new rack; its last words: {words}"
        )
        self._ready.fail(self._lost)
        for answer in list(self._answers.values()):
            answer.fail(self._lost)
        self._owner.process_lost(self, self._lost)
