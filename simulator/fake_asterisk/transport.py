"""How commands reach the fake and events come back.

Measured on 22.10 (docs/asterisk.md): the requests on one WebSocket are executed one after another
by that WebSocket's thread, so one that must wait holds up all behind it, while events flow on.
Requests over HTTP have a connection each and wait alone.
"""

from collections import deque
from collections.abc import Callable

from ivr.call.effects import TelephonyEffect
from ivr.call.events import TelephonyEvent
from ivr.call.model import LegId
from ivr.ports import EventSink
from router.model import Millis
from simulator.fake_asterisk.settings import COMMANDS_MAX, JOINING_MAX
from simulator.virtual_time import VirtualTime

Done = Callable[[], None]
Execute = Callable[[TelephonyEffect, Done], None]
"""Carries a command out and says when the transport may go on."""


class SerialLane:
    """Executes commands strictly one after another: the WebSocket's thread."""

    def __init__(
        self,
        time: VirtualTime,
        *,
        latency_ms: Callable[[TelephonyEffect], Millis],
        execute: Execute,
        idle: Done | None = None,
    ) -> None:
        self._time = time
        self._latency_ms = latency_ms
        self._execute = execute
        self._idle = idle
        self._waiting: deque[TelephonyEffect] = deque()
        self._busy = False

    def submit(self, effect: TelephonyEffect) -> bool:
        """Queue this command; refused when too many wait."""
        if len(self._waiting) >= COMMANDS_MAX:
            return False
        self._waiting.append(effect)
        if not self._busy:
            self._next()
        return True

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if not self._busy:
            if self._idle is not None:
                self._idle()
            return
        effect = self._waiting.popleft()
        self._time.after(
            self._latency_ms(effect), lambda: self._execute(effect, self._once(effect))
        )

    def _once(self, effect: TelephonyEffect) -> Done:
        answered = False

        def done() -> None:
            nonlocal answered
            if answered:
                raise RuntimeError(f"the fake answered {effect} twice: look in exchange.py")
            answered = True
            self._next()

        return done


class JoiningLanes:
    """One lane per leg for the commands that join its channel: the warm HTTP pool.

    Per channel one at a time, in the order asked for; no channel waits for another.
    """

    def __init__(
        self,
        time: VirtualTime,
        *,
        latency_ms: Callable[[TelephonyEffect], Millis],
        execute: Execute,
    ) -> None:
        self._time = time
        self._latency_ms = latency_ms
        self._execute = execute
        self._lanes: dict[LegId, SerialLane] = {}

    def submit(self, leg: LegId, effect: TelephonyEffect) -> bool:
        """Queue this command behind those of the same leg; refused when too many are busy."""
        lane = self._lanes.get(leg)
        if lane is None:
            if len(self._lanes) >= JOINING_MAX:
                return False
            lane = self._lanes[leg] = SerialLane(
                self._time,
                latency_ms=self._latency_ms,
                execute=self._execute,
                idle=lambda: self._forget(leg),
            )
        return lane.submit(effect)

    def _forget(self, leg: LegId) -> None:
        self._lanes.pop(leg, None)


class EventWire:
    """The stream of events: keeps their order whatever the latency; cut, it loses them."""

    def __init__(
        self, time: VirtualTime, *, latency_ms: Callable[[], Millis], deliver: EventSink
    ) -> None:
        self._time = time
        self._latency_ms = latency_ms
        self._deliver = deliver
        self._last_due: Millis = 0
        self._connection = 0
        self.connected = True

    def send(self, event: TelephonyEvent) -> None:
        """Bring this to the other end, unless the wire is cut now or before it gets there."""
        if not self.connected:
            return
        connection = self._connection
        self._last_due = max(self._last_due, self._time.now() + self._latency_ms())
        self._time.at(self._last_due, lambda: self._arrive(event, connection))

    def cut(self) -> None:
        """Lose what is under way and all that follows."""
        self.connected = False
        self._connection += 1

    def mend(self) -> None:
        """Carry events again; those of the gap stay lost."""
        self.connected = True

    def _arrive(self, event: TelephonyEvent, connection: int) -> None:
        if connection == self._connection:
            self._deliver(event)
