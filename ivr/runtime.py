"""The asyncio shell round the engine: events in, effects out, one timer for everything.

Everything that decides runs synchronously in ``submit``; nothing here waits. A bug in a core is
caught in the turn it happens in: the trace keeps it, and the engine goes on with the next event.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

from ivr.call.effects import EdgeEffect, LiftShield, ReleaseLeg, RequestLookup, ShieldKeys
from ivr.call.events import (
    CallArrived,
    EngineStarted,
    EngineStopping,
    HotlineClosed,
    HotlineOpened,
    LegEnded,
    LegEvent,
    LookupAnswered,
    TransferRequested,
)
from ivr.call.model import LegId, ReleaseReason
from ivr.engine.by_command import ContactMoveAsked, CrisisEndAsked, CrisisStartAsked
from ivr.engine.codec import as_written
from ivr.engine.crises_declared import CrisisStarted
from ivr.engine.driver import (
    Answer,
    DeadlineReached,
    Driver,
    EngineEvent,
    SiteActivated,
    TurnResult,
)
from ivr.engine.once_only import plan
from ivr.engine.turn import all_effects, take
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.services import LookupOutcome
from ivr.journal_feed import FeedHooks, JournalFeed, StreamPlace, TurnRow
from ivr.ports import JournalEntry, Surroundings
from router.events import (
    DeviceReachabilityChanged,
    DeviceVacated,
    PresenceRequested,
    WrapUpRequested,
)
from router.model import DeviceId, Millis, QueueId
from router.views import AgentView, QueueView, WaitingList

REFUSED_LEGS_MAX = 10_000
"""Refused calls whose end is still awaited; of more, the oldest is forgotten, and its late end is
an event for nobody."""

_NOTHING = TurnResult((), (), ())


class Runtime:
    """Feeds one driver, performs what it asks for, and wakes it when a deadline comes.

    ``answers`` hears what became of a request that was submitted here, once the turn is committed.
    """

    def __init__(self, driver: Driver, world: Surroundings, place: StreamPlace) -> None:
        self._driver = driver
        self._world = world
        self._place = place
        hooks = FeedHooks(driver.snapshot, self._answer, self.note, _call_later)
        self.feed = JournalFeed(world.journal, world.keeper, place, world.clock, hooks)
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due: Millis | None = None
        self._stopped = False
        self._busy = False
        self._inbox: deque[EngineEvent] = deque()
        self._refused: dict[LegId, None] = {}
        self.answers: Callable[[Answer], None] | None = None
        self.core_bugs = 0
        self.calls_refused = 0
        """Calls that were turned away because the journal did not keep up."""

    def begin(self, *, site: str, at_rest: bool = True, anchor: bool = False) -> None:
        """Take up what the journal remembers, under this version of the site.

        ``at_rest`` and ``anchor`` tell of the state that the driver was given: whether an engine
        ended in order with it, and whether it follows from no row.
        """
        self.feed.begin(at_rest=at_rest, anchor=anchor)
        self.submit(EngineStarted())
        # Conversations of engines before: the line to Asterisk tells of those that go on.
        for each in self._driver.router.snapshot().devices:
            for call, _ in each.own_calls:
                self.submit(DeviceVacated(each.device, call))
        if self._driver.site != site:
            self.submit(SiteActivated(site))

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

    def device_reachability(self, device: DeviceId, reachable: bool) -> None:
        """Take the news that a device can, or can no longer, be reached."""
        self.submit(DeviceReachabilityChanged(device, reachable))

    def note(self, kind: str, details: Mapping[str, str]) -> None:
        """Put a line that is no turn into the trace."""
        at, wall = self._world.clock.now(), self._world.clock.wall()
        self._world.trace.note(at=at, wall=wall, kind=kind, details=details)

    @property
    def site(self) -> str | None:
        """The version of the site that new contacts get."""
        return self._driver.site

    def live_contacts(self) -> int:
        """How many contacts have not ended."""
        return self._driver.calls.live_contacts()

    def closed_by_hand(self) -> Sequence[ClosedByHand]:
        """Each hotline that somebody closed while engines ran."""
        return self._driver.calls.closed_by_hand()

    def agents(self) -> list[AgentView]:
        """Each agent as she is now."""
        return self._driver.router.agents()

    def queues(self) -> list[QueueView]:
        """Each queue as it is now."""
        return self._driver.router.queues()

    def crises(self) -> Sequence[CrisisStarted]:
        """Each queue that somebody switched off."""
        return self._driver.crises.all()

    def waiting(self, queue: QueueId | None) -> WaitingList:
        """Who has met no agent yet, in this queue or any."""
        return self._driver.router.waiting(queue)

    def finish(self) -> None:
        """End in order: every contact is closed, the state is kept, and nothing follows it."""
        self.submit(EngineStopping())
        if not self._stopped:
            self.stop()
            self.feed.finish()

    def stop(self) -> None:
        """Take no further event and let no timer fire."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _turn(self, event: EngineEvent) -> None:
        if self._turned_away(event):
            return
        at, wall = self._world.clock.now(), self._world.clock.wall()
        event, kind, body = as_written(self._world.vault.taken(event, at))
        taken = take(self._driver, event, at, wall=wall)
        result = taken.result or _NOTHING
        place = self._place
        entry = JournalEntry(place.stream, at, wall, place.core, kind, body, taken.digest)
        planned = tuple(plan(effect, wall=wall) for effect in result.once_only)
        self.feed.take(TurnRow(entry, planned, result.answers))
        if taken.bug is not None:
            self.core_bugs += 1
            self.note("core_bug", {"event": repr(event), "bug": repr(taken.bug)})
            return
        self._world.vault.heed((*result.edge, *result.once_only), at)
        for effect in result.telephony:
            self._world.telephony.perform(effect)
        for effect in result.edge:
            self._perform(effect)
        self._world.trace.turn(at=at, wall=wall, event=event, effects=all_effects(result))

    def _perform(self, effect: EdgeEffect) -> None:
        match effect:
            case RequestLookup(contact, lookup):
                if self._world.lookups is not None:
                    self._world.lookups.request(effect)
                else:
                    self.submit(LookupAnswered(contact, lookup, LookupOutcome.FAILED))
            case ShieldKeys() | LiftShield():
                pass  # the vault has heeded them
            case _:
                assert_never(effect)

    def _turned_away(self, event: EngineEvent) -> bool:
        """Whether this never reaches the cores, because it could not be written down.

        A new contact is released at once; what is asked for by hand is left unanswered, for an
        answer is a promise that it will still be so after a restart.
        """
        match event:
            case CallArrived(leg=leg) if not self.feed.takes_calls:
                self.calls_refused += 1
                self._refused[leg] = None
                if len(self._refused) > REFUSED_LEGS_MAX:
                    del self._refused[next(iter(self._refused))]
                self._world.telephony.perform(ReleaseLeg(leg, ReleaseReason.CONGESTION))
                self.note("call_refused", {"leg": leg, "reason": "the journal does not keep up"})
                return True
            case PresenceRequested(request) | WrapUpRequested(request) if self.feed.adrift:
                self.note("presence_refused", {"request": request})
                return True
            case HotlineClosed(request) | HotlineOpened(request) if self.feed.adrift:
                self.note("closing_refused", {"request": request})
                return True
            case (
                CrisisStartAsked(request) | CrisisEndAsked(request) | ContactMoveAsked(request)
            ) if self.feed.adrift:
                self.note("command_refused", {"request": request})
                return True
            case TransferRequested(request) if self.feed.adrift:
                self.note("transfer_refused", {"request": request})
                return True
            case LegEnded(leg) if leg in self._refused:
                del self._refused[leg]
                return True
            case _:
                return isinstance(event, LegEvent) and event.leg in self._refused

    def _answer(self, answer: Answer) -> None:
        if self.answers is not None:
            self.answers(answer)

    def _arm(self) -> None:
        due = self._driver.next_deadline()
        if self._stopped or (due == self._timer_due and self._timer is not None):
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_due = due
        if due is not None:
            delay_s = max(0, due - self._world.clock.now()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._timer_due = None
        self.submit(DeadlineReached())


def _call_later(delay_ms: int, callback: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(delay_ms / 1000, callback)
