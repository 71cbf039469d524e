"""The phones and calls of one rack process: commands in, SIP and sound out, events back.

Knows no pipe and no loop: `rack.py` calls it with commands, turns and ticks.
"""

import heapq
import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, assert_never

from simulator.live.phone import limits, wire
from simulator.live.phone.agent import MediaTarget, SipAgent
from simulator.live.phone.media import MediaPort, PhoneFault

_MS: Final = 1_000_000
_OK_FIRST, _OK_LAST = 200, 299
Say = Callable[[wire.Event], None]


@dataclass(slots=True)
class _Phone:
    """A registered or listening phone; `waiting` is the command its registrar's answer ends."""

    name: str
    behaviour: wire.Behaviour
    registered: bool = False
    waiting: int | None = None
    leaving: bool = False


@dataclass(slots=True)
class _Line:
    """One call as this side sees it."""

    name: str
    account: str
    media: MediaPort
    phone: _Phone | None = None
    """Which phone was called."""
    placed_by: _Phone | None = None
    """Which phone called; None for a caller who has none of ours."""
    tone_hz: int | None = None
    tone_from: wire.ToneFrom = "answer"
    hang_up_after_ms: int | None = None
    rang: bool = False
    answered: bool = False
    by_us: bool = False
    presses: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])


class Switchboard:
    """Carries out commands and listens to the SIP agent."""

    def __init__(self, say: Say, folder: Path) -> None:
        self._say = say
        self._folder = folder
        self._phones: dict[str, _Phone] = {}
        self._lines: dict[str, _Line] = {}
        self._timers: list[tuple[int, int, Callable[[], None]]] = []
        self._count = itertools.count(1)
        self._agent = SipAgent(self)
        self.sip_sockets = self._agent.sockets
        self.sip_port = self._agent.sip_port
        self.library = self._agent.library
        self.sip_seen_ns = time.monotonic_ns()

    @property
    def quiet(self) -> bool:
        """Nothing is open with anybody: no call, no registration."""
        return not self._lines and not any(p.registered for p in self._phones.values())

    @property
    def next_timer_ns(self) -> int | None:
        """When `turn` next has something of its own to do."""
        return self._timers[0][0] if self._timers else None

    def media_sockets(self) -> set[int]:
        """The RTP sockets to watch."""
        return {line.media.fileno() for line in self._lines.values()}

    def command(self, command: wire.Command) -> None:
        """Carry out one command; it is answered now, or when it has taken effect."""
        try:
            finished = self._carry_out(command)
        except PhoneFault as fault:
            self._say(wire.Refused(n=command.n, why=str(fault)))
            return
        if finished:
            self._done(command.n)

    def turn(self) -> None:
        """Hear what has arrived, let SIP work, do what is due."""
        for line in self._lines.values():
            for digit, at_ns in line.media.receive():
                self._say(wire.Digit(call=line.name, digit=digit, at_ns=at_ns))
        self._agent.pump()
        now_ns = time.monotonic_ns()
        while self._timers and self._timers[0][0] <= now_ns:
            heapq.heappop(self._timers)[2]()

    def tick(self, due: int) -> None:
        """Send the RTP packets of the 20 ms steps that are due, a few late ones in a burst.

        What is later than that is skipped: a far end would throw it away.
        """
        burst = min(due, limits.BURST_PACKETS_MAX)
        for line in self._lines.values():
            line.media.mouth.skip(due - burst)
            for _ in range(burst):
                line.media.send_tick()
            while line.presses and line.presses[0][0] <= line.media.mouth.digits_sent:
                self._done(line.presses.pop(0)[1])

    def say_goodbye(self) -> None:
        """Hang up everything and un-register every phone; `quiet` tells when it is done."""
        for line in list(self._lines.values()):
            self._hang_up(line)
        for phone in self._phones.values():
            phone.leaving = True
            if phone.registered:
                self._try_unregister(phone)

    def close(self) -> None:
        """End the library and give all ports back."""
        for line in self._lines.values():
            line.media.close()
        self._agent.close()

    # What the SIP agent tells.

    def sip_registered(self, account: str, status: int, reason: str) -> None:
        """The registrar answered: the command that waits for it is over."""
        phone = self._phones.get(account)
        if phone is None:
            return
        fine = _OK_FIRST <= status <= _OK_LAST
        number, phone.waiting = phone.waiting, None
        if phone.leaving:
            phone.registered = False
        else:
            phone.registered = fine
        if number is None:
            return
        if fine or phone.leaving:
            self._done(number)
        else:
            self._say(wire.Refused(n=number, why=f"the registrar answered {status} {reason}"))
        if not phone.registered:
            self._after(0, lambda: self._forget(phone))

    def sip_offered(self, account: str, from_uri: str) -> str | None:
        """A call for a phone; a phone that has one already is busy."""
        phone = self._phones.get(account)
        if phone is None or phone.leaving or self._line_of(phone) is not None:
            return None
        name = f"{account}.{next(self._count)}"
        line = _Line(name=name, account=account, media=self._new_media(), phone=phone)
        self._lines[name] = line
        self._say(wire.Offered(call=name, phone=account, from_uri=from_uri, at_ns=self.sip_seen_ns))
        self._after(0, lambda: self._behave(line, phone.behaviour))
        return name

    def sip_media_port(self, call: str) -> int:
        """The RTP port the call's SDP names."""
        return self._lines[call].media.port

    def sip_ringing(self, call: str, status: int) -> None:
        """Tell of the first provisional answer only."""
        line = self._lines[call]
        if not line.rang:
            line.rang = True
            self._say(wire.Ringing(call=call, status=status, at_ns=self.sip_seen_ns))

    def sip_media(self, call: str, target: MediaTarget) -> None:
        """Speak to where the far end's SDP says."""
        media = self._lines[call].media
        media.connect(target.remote)
        media.ear.expect(event_type=target.receive_event_type)
        media.mouth.speak(payload_type=target.payload_type, event_type=target.send_event_type)

    def sip_answered(self, call: str) -> None:
        """The 200 OK: the tone may begin, and the time of hanging up is counted from here."""
        line = self._lines[call]
        line.answered = True
        at_ns = self.sip_seen_ns if line.phone is None else time.monotonic_ns()
        if line.tone_from == "answer":
            line.media.mouth.tone(line.tone_hz)
        if line.hang_up_after_ms is not None:
            self._after(line.hang_up_after_ms, lambda: self._hang_up(line))
        self._say(wire.Answered(call=call, at_ns=at_ns))

    def sip_ended(self, call: str, status: int, reason: str) -> None:
        """The call is over: write what was heard and tell."""
        line = self._lines.pop(call)
        for digit, at_ns in line.media.receive():
            self._say(wire.Digit(call=line.name, digit=digit, at_ns=at_ns))
        line.media.close()
        for _, number in line.presses:
            self._say(wire.Refused(n=number, why=f"call {call} ended before the digit was out"))
        recording = self._folder / f"{call}.wav"
        timeline = self._folder / f"{call}.timeline"
        ear = line.media.ear
        ear.write(recording, timeline)
        ended = wire.Ended(
            call=call,
            status=status,
            reason=reason,
            by_us=line.by_us,
            at_ns=self.sip_seen_ns,
            recording=str(recording),
            timeline=str(timeline),
            packets=ear.packets,
            packets_not_kept=ear.packets_not_kept,
        )
        self._after(0, lambda: self._bury(line, ended))

    # What the commands do.

    def _carry_out(self, command: wire.Command) -> bool:
        """Whether the command is finished already."""
        match command:
            case wire.Listen() | wire.Register():
                return self._add_phone(command)
            case wire.Behave():
                self._phone(command.phone).behaviour = command.behaviour
                return True
            case wire.Unregister():
                return self._remove_phone(command)
            case wire.Place():
                self._place(command)
                return True
            case wire.Press():
                return self._press(command)
            case wire.Tone():
                self._line(command.call).media.mouth.tone(command.hz)
                return True
            case wire.HangUp():
                self._hang_up(self._line(command.call))
                return True
            case _:
                assert_never(command)

    def _add_phone(self, command: wire.Listen | wire.Register) -> bool:
        phone = _Phone(name=command.phone, behaviour=command.behaviour)
        if isinstance(command, wire.Listen):
            self._agent.listen(command.phone, command.user)
            self._phones[command.phone] = phone
            return True
        phone.waiting = command.n
        self._phones[command.phone] = phone
        try:
            self._agent.register(
                command.phone,
                command.user,
                password=command.password,
                registrar=command.registrar,
            )
        except PhoneFault:
            del self._phones[command.phone]
            raise
        return False

    def _remove_phone(self, command: wire.Unregister) -> bool:
        phone = self._phone(command.phone)
        phone.leaving = True
        line = self._line_of(phone)
        if line is not None:
            self._hang_up(line)
        if not phone.registered:
            self._after(0, lambda: self._forget(phone))
            return True
        phone.waiting = command.n
        self._agent.unregister(phone.name)
        return False

    def _try_unregister(self, phone: _Phone) -> None:
        try:
            self._agent.unregister(phone.name)
        except PhoneFault:
            phone.registered = False

    def _forget(self, phone: _Phone) -> None:
        """Once its last call is over: a call's account must live as long as the call."""
        if self._line_of(phone) is not None:
            self._after(50, lambda: self._forget(phone))
            return
        self._phones.pop(phone.name, None)
        self._agent.remove(phone.name)

    def _place(self, command: wire.Place) -> None:
        phone = None if command.phone is None else self._phone(command.phone)
        line = _Line(
            name=command.call,
            account=command.call if phone is None else phone.name,
            media=self._new_media(),
            tone_hz=command.tone_hz,
            tone_from=command.tone_from,
            placed_by=phone,
        )
        self._lines[command.call] = line
        try:
            if phone is None:
                self._agent.listen(line.account, command.from_number)
            self._agent.place(line.name, account=line.account, to_uri=command.to_uri)
        except PhoneFault:
            if self._lines.pop(command.call, None) is not None:
                line.media.close()
                self._drop_account(line)
            raise

    def _drop_account(self, line: _Line) -> None:
        """A caller without a phone has an account for this one call only."""
        if line.phone is None and line.placed_by is None:
            self._agent.remove(line.account)

    def _press(self, command: wire.Press) -> bool:
        line = self._line(command.call)
        if not line.answered:
            raise PhoneFault(f"call {line.name} is not answered yet; await answered() first")
        try:
            sent = line.media.mouth.press(command.digits)
        except ValueError as error:
            raise PhoneFault(str(error)) from error
        line.presses.append((sent, command.n))
        return False

    def _behave(self, line: _Line, behaviour: wire.Behaviour) -> None:
        if line.name not in self._lines:
            return
        match behaviour:
            case wire.Reject(status=status):
                line.by_us = True
                self._agent.reject(line.name, status)
            case wire.RingOut():
                self._agent.ring(line.name)
            case wire.Answer():
                line.tone_hz = behaviour.tone_hz
                line.hang_up_after_ms = behaviour.hang_up_after_ms
                if behaviour.after_ms > 0:
                    self._agent.ring(line.name)
                self._after(behaviour.after_ms, lambda: self._answer(line))
            case _:
                assert_never(behaviour)

    def _answer(self, line: _Line) -> None:
        if line.name in self._lines and not line.by_us:
            self._agent.answer(line.name)

    def _hang_up(self, line: _Line) -> None:
        if line.name in self._lines and not line.by_us:
            line.by_us = True
            self._agent.hang_up(line.name)

    def _bury(self, line: _Line, ended: wire.Ended) -> None:
        """Outside the library's callback: drop the call, its caller account, and tell."""
        self._agent.buried(line.name)
        self._agent.pump()
        self._drop_account(line)
        self._say(ended)

    def _line_of(self, phone: _Phone) -> _Line | None:
        lines = self._lines.values()
        return next((line for line in lines if phone in (line.phone, line.placed_by)), None)

    def _line(self, name: str) -> _Line:
        if name not in self._lines:
            raise PhoneFault(f"call {name} is over; ask only while it lives")
        return self._lines[name]

    def _phone(self, name: str) -> _Phone:
        if name not in self._phones:
            raise PhoneFault(f"phone {name} is gone; register it first")
        return self._phones[name]

    def _new_media(self) -> MediaPort:
        # Differs between the calls of a process and, by its number, between processes.
        return MediaPort(ssrc=(os.getpid() & 0xFFFF) << 16 | next(self._count) & 0xFFFF)

    def _after(self, delay_ms: int, act: Callable[[], None]) -> None:
        due_ns = time.monotonic_ns() + delay_ms * _MS
        heapq.heappush(self._timers, (due_ns, next(self._count), act))

    def _done(self, number: int) -> None:
        self._say(wire.Done(n=number, at_ns=time.monotonic_ns()))
