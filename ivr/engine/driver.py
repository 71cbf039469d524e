"""One input in; the cores run until nothing is left to say; effects out, by class.

The driver carries messages between the call core and the router, in order, within one turn. It
decides nothing. A turn that does not come to rest is a bug of the cores and is cut at a limit.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from ivr.call.core import CallCore
from ivr.call.effects import (
    AcceptOffer,
    CallEffect,
    EndEngagement,
    FailOffer,
    MessageToRouter,
    OnceOnlyEffect,
    PromiseCallback,
    QueueContact,
    TelephonyEffect,
    WithdrawContact,
    WriteRecord,
)
from ivr.call.events import (
    CallEvent,
    CallTimerFired,
    ContactOverflowed,
    EngineStopping,
    OfferMade,
    OfferRescinded,
    RouterMessage,
    TelephonyEvent,
)
from ivr.flow.model import Hotline
from router.core import Router
from router.effects import OfferContact, OverflowContact, RescindOffer, RouterEffect
from router.errors import CoreBug
from router.events import (
    AgentChanged,
    AgentSignedIn,
    AgentSignedOut,
    ContactLeft,
    ContactQueued,
    DeviceReachabilityChanged,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
    QueueChanged,
    RouterEvent,
    TimerFired,
)
from router.model import Millis

MESSAGES_PER_TURN_MAX = 10_000
"""Messages between the cores in one turn before the turn counts as never ending."""


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The driver's next deadline has come."""


PoolEvent = QueueChanged | AgentChanged | AgentSignedIn | AgentSignedOut | DeviceReachabilityChanged
"""What the edges tell the router directly: the site, and who sits where."""

EngineEvent = TelephonyEvent | PoolEvent | DeadlineReached | EngineStopping
"""Everything that enters the engine from outside."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What one input led to, by class of effect; ``messages`` are for the trace only."""

    telephony: tuple[TelephonyEffect, ...]
    once_only: tuple[OnceOnlyEffect, ...]
    messages: tuple[MessageToRouter | RouterMessage, ...]


class Driver:
    """The call core of one node and the router of its pool, in one process."""

    def __init__(self, numbers: Mapping[str, Hotline]) -> None:
        self.calls = CallCore(numbers)
        self.router = Router()

    def handle(self, event: EngineEvent, at: Millis) -> TurnResult:
        """Run one input to completion at engine time ``at``."""
        turn = _Turn(self.calls, self.router, at)
        match event:
            case DeadlineReached():
                turn.to_router(TimerFired())
                turn.to_calls(CallTimerFired())
            case (
                QueueChanged()
                | AgentChanged()
                | AgentSignedIn()
                | AgentSignedOut()
                | DeviceReachabilityChanged()
            ):
                turn.to_router(event)
            case _:
                turn.to_calls(event)
        turn.run()
        return TurnResult(tuple(turn.telephony), tuple(turn.once_only), tuple(turn.messages))

    def next_deadline(self) -> Millis | None:
        """When ``DeadlineReached`` is due, at the latest."""
        dues = (self.calls.next_deadline(), self.router.next_deadline())
        return min((due for due in dues if due is not None), default=None)


class _Turn:
    """The messages of one turn, first said first heard."""

    def __init__(self, calls: CallCore, router: Router, at: Millis) -> None:
        self.telephony: list[TelephonyEffect] = []
        self.once_only: list[OnceOnlyEffect] = []
        self.messages: list[MessageToRouter | RouterMessage] = []
        self._calls = calls
        self._router = router
        self._at = at
        self._pending: deque[MessageToRouter | RouterMessage] = deque()

    def run(self) -> None:
        while self._pending:
            message = self._pending.popleft()
            self.messages.append(message)
            if len(self.messages) > MESSAGES_PER_TURN_MAX:
                raise CoreBug(f"the cores talk for ever; last message {message}")
            match message:
                case OfferMade() | OfferRescinded() | ContactOverflowed():
                    self.to_calls(message)
                case _:
                    self.to_router(_as_router_event(message))

    def to_calls(self, event: CallEvent) -> None:
        self._sort(self._calls.handle(event, self._at))

    def to_router(self, event: RouterEvent) -> None:
        for effect in self._router.handle(event, self._at):
            self._pending.append(_as_call_event(effect))

    def _sort(self, effects: Sequence[CallEffect]) -> None:
        for effect in effects:
            match effect:
                case WriteRecord() | PromiseCallback():
                    self.once_only.append(effect)
                case (
                    QueueContact()
                    | WithdrawContact()
                    | AcceptOffer()
                    | FailOffer()
                    | EndEngagement()
                ):
                    self._pending.append(effect)
                case _:
                    self.telephony.append(effect)


def _as_router_event(message: MessageToRouter) -> RouterEvent:
    match message:
        case QueueContact(contact, queue, priority_ms):
            return ContactQueued(contact, queue, priority_ms)
        case WithdrawContact(contact):
            return ContactLeft(contact)
        case AcceptOffer(offer):
            return OfferAccepted(offer)
        case FailOffer(offer, failure):
            return OfferFailed(offer, failure)
        case EndEngagement(offer):
            return EngagementEnded(offer)
        case _:
            assert_never(message)


def _as_call_event(effect: RouterEffect) -> RouterMessage:
    match effect:
        case OfferContact(offer, contact, agent, device, ring_ms_max):
            return OfferMade(offer, contact, agent, device, ring_ms_max)
        case RescindOffer(offer, contact, reason):
            return OfferRescinded(offer, contact, reason)
        case OverflowContact(contact, queue, cause):
            return ContactOverflowed(contact, queue, cause)
        case _:
            assert_never(effect)
