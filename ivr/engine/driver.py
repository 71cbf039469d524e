"""One input in; the cores run until nothing is left to say; effects out, by class.

The driver carries messages between the call core and the router, in order, within one turn. It
decides nothing. A turn that does not come to rest is a bug of the cores and is cut at a limit.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ivr.call.core import CONTACTS_MAX, CallCore
from ivr.call.effects import (
    AcceptOffer,
    AnswerClosing,
    AnswerTransfer,
    CallEffect,
    EdgeEffect,
    EndEngagement,
    FailOffer,
    KeepVoiceMessage,
    LiftShield,
    MessageToRouter,
    OccupyDevice,
    OnceOnlyEffect,
    PromiseCallback,
    PushMessage,
    QueueContact,
    RequestLookup,
    RequestPresence,
    RequestWrapUp,
    ShieldKeys,
    TelephonyEffect,
    VacateDevice,
    WithdrawContact,
    WriteRecord,
)
from ivr.call.events import (
    CallEvent,
    CallTimerFired,
    ContactMoved,
    ContactOverflowed,
    EngineStarted,
    EngineStopping,
    HiddenKey,
    HotlineEvent,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PositionAnnounced,
    PresenceAnswered,
    RouterMessage,
    TelephonyEvent,
    TransferRequested,
)
from ivr.call.queueing import HOPS_MAX
from ivr.call.snapshot import CallSnapshot
from ivr.engine.activation import SiteActivated as SiteActivated
from ivr.engine.by_command import (
    AnswerCommand,
    CommandAnswer,
    ContactMoveAsked,
    CrisisEndAsked,
    CrisisStartAsked,
    QueueCommand,
    event_of,
    judged,
)
from ivr.engine.crises_declared import CrisesDeclared, CrisisStarted
from ivr.engine.messages import as_call_event, as_router_event
from ivr.engine.site_events import site_events
from ivr.flow.site import Site
from ivr.flow.zone import local_time
from router.core import Router
from router.effects import (
    AnswerPresence,
    RecordPresence,
    RouterEffect,
)
from router.errors import CoreBug
from router.events import (
    DayStarted,
    DeviceOccupied,
    DeviceReachabilityChanged,
    DeviceVacated,
    PresenceRequested,
    RouterEvent,
    TimerFired,
    WrapUpRequested,
)
from router.model import Millis, RequestId
from router.snapshot import RouterSnapshot

MESSAGES_PER_HOP = 5
"""Queued, moved, offered, failed, given back: the messages between the cores on a contact's way
through one queue."""

MESSAGES_PER_TURN_MAX = CONTACTS_MAX * (HOPS_MAX + 1) * MESSAGES_PER_HOP
"""Messages between the cores in one turn before the turn counts as never ending.

The last agent who goes sends everybody who waits through all queues of their flows in one turn.
"""


@dataclass(frozen=True, slots=True)
class DeadlineReached:
    """The driver's next deadline has come."""


PoolEvent = (
    PresenceRequested | WrapUpRequested | DeviceReachabilityChanged | DeviceOccupied | DeviceVacated
)
"""What the edges tell the router directly: who sits where, and what the devices do."""

EngineEvent = (
    TelephonyEvent
    | HiddenKey
    | PoolEvent
    | HotlineEvent
    | TransferRequested
    | QueueCommand
    | LookupAnswered
    | SiteActivated
    | DeadlineReached
    | EngineStarted
    | EngineStopping
)
"""Everything that enters the engine from outside."""

OnceOnly = OnceOnlyEffect | RecordPresence
"""Done only after its intent is committed, and then once."""

Answer = AnswerPresence | AnswerClosing | AnswerTransfer | AnswerCommand
"""What became of something that was asked from outside."""

Message = MessageToRouter | RouterMessage
"""What one core says to the other."""


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What one input led to, by class of effect; ``messages`` are for the trace only.

    ``answers`` are for those who asked from outside: the desk.
    """

    telephony: tuple[TelephonyEffect, ...]
    once_only: tuple[OnceOnly, ...]
    messages: tuple[Message, ...]
    answers: tuple[Answer, ...] = ()
    edge: tuple[EdgeEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class DriverSnapshot:
    """Both cores at rest between two inputs, and the version of the site that holds."""

    site: str | None
    calls: CallSnapshot
    router: RouterSnapshot
    day: int | None = None
    crises: tuple[CrisisStarted, ...] = ()


class Driver:
    """The call core of one node and the router of its pool, in one process.

    ``sites`` are the versions that ``SiteActivated`` may name.
    """

    def __init__(self, sites: Mapping[str, Site]) -> None:
        self.calls = CallCore()
        self.router = Router()
        self.site: str | None = None
        """The version of the site that holds."""
        self.crises = CrisesDeclared()
        self._sites = sites
        self._day: int | None = None

    @classmethod
    def restored(cls, snapshot: DriverSnapshot, sites: Mapping[str, Site]) -> "Driver":
        """A driver that behaves as the one the snapshot was taken of, for ever after."""
        driver = cls(sites)
        driver.calls = CallCore.restored(snapshot.calls, sites)
        driver.router = Router.restored(snapshot.router)
        driver.site = snapshot.site
        driver._day = snapshot.day
        driver.crises = CrisesDeclared(snapshot.crises)
        return driver

    def snapshot(self) -> DriverSnapshot:
        """All that this driver holds, as plain values."""
        calls, router = self.calls.snapshot(), self.router.snapshot()
        return DriverSnapshot(self.site, calls, router, self._day, self.crises.all())

    def handle(self, event: EngineEvent, at: Millis, *, wall: int) -> TurnResult:
        """Run one input to completion at engine time ``at``, UTC ``wall``."""
        turn = _Turn(self.calls, self.router, at, wall=wall)
        self._begin_day(turn, wall)
        match event:
            case DeadlineReached():
                turn.to_router(TimerFired())
                turn.to_calls(CallTimerFired())
            case SiteActivated(version):
                self._activate(version, turn)
            case (
                PresenceRequested()
                | WrapUpRequested()
                | DeviceReachabilityChanged()
                | DeviceOccupied()
                | DeviceVacated()
            ):
                turn.to_router(event)
            case CrisisStartAsked() | CrisisEndAsked() | ContactMoveAsked():
                self.crises.take(event, turn.command(event), wall=wall)
            case _:
                turn.to_calls(event)
        turn.run()
        return turn.result()

    def next_deadline(self) -> Millis | None:
        """When ``DeadlineReached`` is due, at the latest."""
        dues = (self.calls.next_deadline(), self.router.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    def _begin_day(self, turn: "_Turn", wall: int) -> None:
        """The first event of a day, by the site's clock on the wall, begins it."""
        site = None if self.site is None else self._sites.get(self.site)
        if site is None or site.zone is None:
            return
        day, before = local_time(site.zone, wall).day, self._day
        self._day = day
        if before not in (None, day):
            turn.to_router(DayStarted())

    def _activate(self, version: str, turn: "_Turn") -> None:
        new = self._sites.get(version)
        if new is None:
            raise CoreBug(f"the site {version} was activated but never given to the driver")
        old = None if self.site is None else self._sites.get(self.site)
        self.site = version
        self.calls.activate(new)
        for event in site_events(old, new):
            turn.to_router(event)
        self.crises.forget_ended(self.router.queues())


class _Turn:
    """The messages of one turn, first said first heard."""

    def __init__(self, calls: CallCore, router: Router, at: Millis, *, wall: int) -> None:
        self._telephony: list[TelephonyEffect] = []
        self._once_only: list[OnceOnly] = []
        self._messages: list[Message] = []
        self._answers: list[Answer] = []
        self._edge: list[EdgeEffect] = []
        self._calls = calls
        self._router = router
        self._at = at
        self._wall = wall
        self._pending: deque[Message] = deque()
        self._asked_by_calls: set[RequestId] = set()

    def run(self) -> None:
        while self._pending:
            message = self._pending.popleft()
            self._messages.append(message)
            if len(self._messages) > MESSAGES_PER_TURN_MAX:
                raise CoreBug(f"the cores talk for ever; last message {message}")
            match message:
                case (
                    OfferMade()
                    | OfferRescinded()
                    | ContactOverflowed()
                    | PositionAnnounced()
                    | ContactMoved()
                    | PresenceAnswered()
                ):
                    self.to_calls(message)
                case _:
                    self.to_router(as_router_event(message))

    def result(self) -> TurnResult:
        return TurnResult(
            tuple(self._telephony),
            tuple(self._once_only),
            tuple(self._messages),
            tuple(self._answers),
            tuple(self._edge),
        )

    def to_calls(self, event: CallEvent) -> None:
        self._sort(self._calls.handle(event, self._at, wall=self._wall))

    def to_router(self, event: RouterEvent) -> None:
        for effect in self._router.handle(event, self._at):
            self._sort_of_router(effect)

    def command(self, asked: QueueCommand) -> CommandAnswer:
        if isinstance(asked, ContactMoveAsked):
            asked = replace(asked, contact=self._calls.place_of(asked.contact))
        answer = judged(asked, self._router)
        if answer is CommandAnswer.DONE:
            self.to_router(event_of(asked))
        self._answers.append(AnswerCommand(asked.request, answer))
        return answer

    def _sort_of_router(self, effect: RouterEffect) -> None:
        match effect:
            case RecordPresence():
                self._once_only.append(effect)
            case AnswerPresence(request) if request not in self._asked_by_calls:
                self._answers.append(effect)
            case AnswerPresence(request, answer, agent, presence):
                self._pending.append(PresenceAnswered(request, answer, agent, presence))
            case _:
                self._pending.append(as_call_event(effect))

    def _sort(self, effects: Sequence[CallEffect]) -> None:
        for effect in effects:
            match effect:
                case WriteRecord() | PromiseCallback() | KeepVoiceMessage() | PushMessage():
                    self._once_only.append(effect)
                case RequestLookup() | ShieldKeys() | LiftShield():
                    self._edge.append(effect)
                case AnswerClosing() | AnswerTransfer():
                    self._answers.append(effect)
                case RequestPresence(request) | RequestWrapUp(request):
                    # The router answers in this turn: the answer finds who asked.
                    self._asked_by_calls.add(request)
                    self._pending.append(effect)
                case (
                    QueueContact()
                    | WithdrawContact()
                    | AcceptOffer()
                    | FailOffer()
                    | EndEngagement()
                    | OccupyDevice()
                    | VacateDevice()
                ):
                    self._pending.append(effect)
                case _:
                    self._telephony.append(effect)
