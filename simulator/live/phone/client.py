"""The rack of phones as a proof uses it: register, place, await, hear.

Behind it stand as many rack processes as the phones and calls need, started when the first
call needs them; a phone or a placed call occupies one place in one process.
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from simulator.live.phone import limits, wire
from simulator.live.phone.calls import PhoneCall, PlacedCall, ReceivedCall, checked_tone
from simulator.live.phone.process import PhoneRackError, RackProcess

_USER: Final = re.compile(r"[A-Za-z0-9+*._-]{1,64}")
_TARGET: Final = re.compile(r"sip:[A-Za-z0-9+*#._-]{1,64}@127\.0\.0\.1(:\d{1,5})?")
_ANSWER_AT_ONCE: Final = wire.Answer()
_FULL: Final = (
    f"a rack holds {limits.PROCESSES_MAX * limits.CALLS_PER_PROCESS} phones and calls at once; "
    "end some first"
)
_REGISTRAR: Final = re.compile(r"127\.0\.0\.1(:\d{1,5})?")


class Phone:
    """A phone that can be called: registered at a registrar, or merely listening."""

    def __init__(
        self,
        name: str,
        *,
        user: str,
        process: RackProcess,
        on_gone: Callable[["Phone"], None],
    ) -> None:
        self._on_gone = on_gone
        self.name = name
        self.user = user
        self.process = process
        self.calls: list[ReceivedCall] = []
        """Every call that reached the phone, oldest first."""
        self._new_calls: asyncio.Queue[ReceivedCall | None] = asyncio.Queue()
        self._lost: PhoneRackError | None = None

    @property
    def uri(self) -> str:
        """Where the phone can be reached without a registrar."""
        return f"sip:{self.user}@127.0.0.1:{self.process.sip_port}"

    async def behave(self, behaviour: wire.Behaviour) -> None:
        """Do this with calls from now on."""
        _check_behaviour(behaviour)
        await self.process.ask(
            lambda n: wire.Behave(n=n, phone=self.name, behaviour=behaviour),
            timeout_s=limits.COMMAND_S_MAX,
        )

    async def next_call(self, timeout_s: float = 10.0) -> ReceivedCall:
        """The next call not yet given out, in order of arrival."""
        call = None
        try:
            async with asyncio.timeout(timeout_s):
                call = await self._new_calls.get()
        except TimeoutError:
            pass
        if call is not None:
            return call
        if self._lost is not None:
            # The mark stays in the queue for whoever else waits.
            self._new_calls.put_nowait(None)
            raise PhoneRackError(str(self._lost)) from self._lost
        raise PhoneRackError(f"no call reached phone {self.user} within {timeout_s:g} s")

    async def unregister(self) -> None:
        """Hang up, un-register and take the phone away."""
        await self.process.ask(
            lambda n: wire.Unregister(n=n, phone=self.name), timeout_s=limits.REGISTER_S_MAX
        )
        self._on_gone(self)

    def offered(self, call: ReceivedCall) -> None:
        """A call reached the phone."""
        if self._new_calls.qsize() >= limits.CALLS_REMEMBERED_MAX:
            raise PhoneRackError(
                f"phone {self.user} got more than {limits.CALLS_REMEMBERED_MAX} calls that "
                "nobody took with next_call()"
            )
        self.calls.append(call)
        self._new_calls.put_nowait(call)

    def lost(self, error: PhoneRackError) -> None:
        """The rack process is gone."""
        self._lost = error
        self._new_calls.put_nowait(None)


class PhoneRack:
    """Scripted SIP phones; use as `async with PhoneRack() as rack`.

    Recordings go to `folder`, or to a temporary one that is removed at the end.
    """

    def __init__(self, *, folder: Path | None = None) -> None:
        self._own_folder = folder is None
        self._folder = folder or Path()
        self._processes: list[RackProcess] = []
        self._finding_room = asyncio.Lock()
        self._phones: dict[str, Phone] = {}
        self._calls: dict[str, PhoneCall] = {}
        self._count = 0

    async def __aenter__(self) -> Self:
        if self._own_folder:
            self._folder = Path(tempfile.mkdtemp(prefix="phones-"))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def pids(self) -> list[int]:
        """The rack's processes, for who counts what is left behind."""
        return [process.pid for process in self._processes]

    async def register(
        self,
        user: str,
        password: str,
        *,
        registrar: str = "127.0.0.1:5060",
        behaviour: wire.Behaviour = _ANSWER_AT_ONCE,
        timeout_s: float = limits.REGISTER_S_MAX,
    ) -> Phone:
        """A phone registered with digest authentication; PhoneRackError if it is refused."""
        if not _REGISTRAR.fullmatch(registrar):
            raise PhoneRackError(f"registrar {registrar!r} is not on loopback; use 127.0.0.1:PORT")
        phone = await self._new_phone(user, behaviour)
        command = wire.Register(
            n=0,
            phone=phone.name,
            user=user,
            password=password,
            registrar=registrar,
            behaviour=behaviour,
        )
        try:
            await phone.process.ask(lambda n: wire.numbered(command, n), timeout_s=timeout_s)
        except PhoneRackError as error:
            self._forget(phone)
            raise PhoneRackError(
                f"phone {user} could not register at {registrar}: {error}; "
                "check its password and that the registrar runs"
            ) from error
        return phone

    async def listen(self, user: str, *, behaviour: wire.Behaviour = _ANSWER_AT_ONCE) -> Phone:
        """A phone without registrar, reachable at its `uri`: for calls from phone to phone."""
        phone = await self._new_phone(user, behaviour)
        command = wire.Listen(n=0, phone=phone.name, user=user, behaviour=behaviour)
        await phone.process.ask(lambda n: wire.numbered(command, n), timeout_s=limits.COMMAND_S_MAX)
        return phone

    async def place(
        self,
        from_number: str,
        to_uri: str,
        *,
        tone_hz: int | None = None,
        tone_from: wire.ToneFrom = "answer",
    ) -> PlacedCall:
        """Call as sip:`from_number`@127.0.0.1 does over a trunk: unregistered, no password."""
        if not _USER.fullmatch(from_number):
            raise PhoneRackError(f"{from_number!r} is no caller's number; use digits")
        if not _TARGET.fullmatch(to_uri):
            raise PhoneRackError(f"cannot call {to_uri!r}; use sip:NUMBER@127.0.0.1:PORT")
        command = wire.Place(
            n=0,
            call=self._name(f"call-{from_number}"),
            from_number=from_number,
            to_uri=to_uri,
            tone_hz=checked_tone(tone_hz),
            tone_from=tone_from,
        )
        return await self._place(command, await self._room())

    async def dial(self, phone: Phone, to_uri: str) -> PlacedCall:
        """Call from a registered phone, on its account: a feature code, or a call of its own."""
        if not _TARGET.fullmatch(to_uri):
            raise PhoneRackError(f"cannot call {to_uri!r}; use sip:NUMBER@127.0.0.1:PORT")
        command = wire.Place(
            n=0,
            call=self._name(f"dial-{phone.user}"),
            from_number=phone.user,
            to_uri=to_uri,
            tone_hz=None,
            tone_from="command",
            phone=phone.name,
        )
        return await self._place(command, phone.process)

    async def _place(self, command: wire.Place, process: RackProcess) -> PlacedCall:
        about = f"the call from {command.from_number} to {command.to_uri}"
        call = PlacedCall(
            command.call, about=about, process=process, from_phone=command.phone is not None
        )
        self._calls[command.call] = call
        try:
            await process.ask(lambda n: wire.numbered(command, n), timeout_s=limits.COMMAND_S_MAX)
        except BaseException:
            # A call that has ended meanwhile has given its place back already.
            if self._calls.pop(command.call, None) is not None:
                process.used -= not call.from_phone
            raise
        return call

    async def close(self) -> None:
        """Hang up, un-register, end every process; remove the folder if it is ours."""
        async with self._finding_room:
            processes, self._processes = self._processes, []
        await asyncio.gather(*(process.close() for process in processes))
        if self._own_folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def phone_event(self, event: wire.Event) -> None:
        """Hand a call's event to the call it is about."""
        match event:
            case wire.Offered():
                phone = self._phones.get(event.phone)
                if phone is not None:
                    call = ReceivedCall(event, phone.process)
                    self._calls[call.name] = call
                    phone.offered(call)
            case wire.Ringing() | wire.Answered() | wire.Digit():
                if event.call in self._calls:
                    self._calls[event.call].event(event)
            case wire.Ended():
                call = self._calls.pop(event.call, None)
                if call is not None:
                    call.event(event)
                    call.process.used -= isinstance(call, PlacedCall) and not call.from_phone
            case _:
                pass

    def process_lost(self, process: RackProcess, error: PhoneRackError) -> None:
        """Tell all phones and calls of that process."""
        for one in (*self._phones.values(), *self._calls.values()):
            if one.process is process:
                one.lost(error)

    async def reserve(self, places: int) -> None:
        """Start the processes that so many phones and placed calls need, all at once.

        Without it each is started when it is first needed, one after the other.
        """
        async with self._finding_room:
            wanted = -(-places // limits.CALLS_PER_PROCESS) - len(self._processes)
            if len(self._processes) + wanted > limits.PROCESSES_MAX:
                raise PhoneRackError(_FULL)
            starts = [self._start_process() for _ in range(wanted)]
            for started in await asyncio.gather(*starts, return_exceptions=True):
                if isinstance(started, BaseException):
                    raise started

    async def _start_process(self) -> RackProcess:
        process = await RackProcess.start(self._folder, self)
        self._processes.append(process)
        return process

    async def _room(self) -> RackProcess:
        """A process with a free place, taken; a new one if all are full."""
        async with self._finding_room:
            for process in self._processes:
                if process.used < limits.CALLS_PER_PROCESS and not process.is_lost:
                    process.used += 1
                    return process
            if len(self._processes) >= limits.PROCESSES_MAX:
                raise PhoneRackError(_FULL)
            process = await self._start_process()
            process.used += 1
            return process

    async def _new_phone(self, user: str, behaviour: wire.Behaviour) -> Phone:
        if not _USER.fullmatch(user):
            raise PhoneRackError(f"{user!r} is no account name; use letters, digits and + * . _ -")
        _check_behaviour(behaviour)
        process = await self._room()
        phone = Phone(self._name(f"phone-{user}"), user=user, process=process, on_gone=self._forget)
        self._phones[phone.name] = phone
        return phone

    def _forget(self, phone: Phone) -> None:
        if self._phones.pop(phone.name, None) is not None:
            phone.process.used -= 1

    def _name(self, stem: str) -> str:
        self._count += 1
        return f"{stem}-{self._count}"


def _check_behaviour(behaviour: wire.Behaviour) -> None:
    """Refuse what no phone does before it reaches the process."""
    match behaviour:
        case wire.Answer():
            checked_tone(behaviour.tone_hz)
            if behaviour.after_ms < 0 or (behaviour.hang_up_after_ms or 0) < 0:
                raise PhoneRackError("a phone cannot answer or hang up in the past; use ms >= 0")
        case wire.Reject(status=status):
            if not limits.REJECT_FIRST <= status <= limits.REJECT_LAST:
                raise PhoneRackError(f"{status} refuses no call; use a SIP status of 400 to 699")
        case wire.RingOut():
            pass
