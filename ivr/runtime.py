"""The asyncio shell round the engine: events in, effects out, one timer for everything.

Everything that decides runs synchronously in ``submit``; nothing here waits. A bug in a core is
caught here and nowhere else: the trace keeps it, and the engine goes on with the next event.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import assert_never

from ivr.call.effects import OnceOnlyEffect, PromiseCallback, WriteRecord
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, TurnResult
from ivr.ports import Clock, Keeper, Telephony, Trace
from router.events import DeviceReachabilityChanged
from router.model import DeviceId, Millis


class Runtime:
    """Feeds one driver, performs what it asks for, and wakes it when a deadline comes."""

    def __init__(
        self, driver: Driver, *, telephony: Telephony, clock: Clock, keeper: Keeper, trace: Trace
    ) -> None:
        self._driver = driver
        self._telephony = telephony
        self._clock = clock
        self._keeper = keeper
        self._trace = trace
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due: Millis | None = None
        self._stopped = False
        self._busy = False
        self._inbox: deque[EngineEvent] = deque()
        self.core_bugs = 0

    def submit(self, event: EngineEvent) -> None:
        """Take one event; never waits and never raises.

        An event that arrives while another is being worked (a port answered at once) waits its
        turn: turns never nest.
        """
        if self._stopped:
            return
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox and not self._stopped:
                self._turn(self._inbox.popleft())
        finally:
            # Even if an edge broke its promise: without a timer callers would be stranded.
            self._busy = False
            self._arm()

    def _turn(self, event: EngineEvent) -> None:
        at, wall = self._clock.now(), self._clock.wall()
        try:
            result = self._driver.handle(event, at)
        except Exception as bug:  # noqa: BLE001 - the one place: a core's bug must not end all calls
            self.core_bugs += 1
            self.note("core_bug", {"event": repr(event), "bug": repr(bug)})
            return
        self._carry_out(event, result, at=at, wall=wall)

    def device_reachability(self, device: DeviceId, reachable: bool) -> None:
        """Take the news that a device can, or can no longer, be reached."""
        self.submit(DeviceReachabilityChanged(device, reachable))

    def note(self, kind: str, details: Mapping[str, str]) -> None:
        """Put a line that is no turn into the trace."""
        self._trace.note(at=self._clock.now(), wall=self._clock.wall(), kind=kind, details=details)

    def live_contacts(self) -> int:
        """How many contacts have not ended."""
        return self._driver.calls.live_contacts()

    def stop(self) -> None:
        """Take no further event and let no timer fire."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _carry_out(self, event: EngineEvent, result: TurnResult, *, at: Millis, wall: int) -> None:
        for effect in result.telephony:
            self._telephony.perform(effect)
        for once in result.once_only:
            self._keep(once, wall=wall)
        effects = (*result.messages, *result.telephony, *result.once_only)
        self._trace.turn(at=at, wall=wall, event=event, effects=effects)

    def _keep(self, effect: OnceOnlyEffect, *, wall: int) -> None:
        match effect:
            case WriteRecord(record):
                self._keeper.records.write(record, wall=wall)
            case PromiseCallback():
                self._keeper.orders.promise(effect, wall=wall)
            case _:
                assert_never(effect)

    def _arm(self) -> None:
        due = self._driver.next_deadline()
        if self._stopped or (due == self._timer_due and self._timer is not None):
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_due = due
        if due is not None:
            delay_s = max(0, due - self._clock.now()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._timer_due = None
        self.submit(DeadlineReached())
