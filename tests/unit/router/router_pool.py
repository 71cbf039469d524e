"""A router with a clerk's shorthand, and a deep look at its state, for tests with literal times."""

from typing import Any, cast

from router.core import Router
from router.effects import (
    AnnouncePosition,
    AnswerPresence,
    MoveContact,
    OfferContact,
    OverflowContact,
    RecordPresence,
    RescindOffer,
    RouterEffect,
)
from router.events import (
    AgentChanged,
    AgentRetired,
    ContactChanged,
    ContactLeft,
    ContactQueued,
    CrisisDeclared,
    CrisisEnded,
    DeviceOccupied,
    DeviceReachabilityChanged,
    DeviceVacated,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
    PresenceRequested,
    QueueChanged,
    QueueRetired,
    RouterEvent,
    TimerFired,
)
from router.line_order import PROFILES_SCANNED_MAX
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    OfferFailure,
    OfferId,
    Origin,
    OverflowCause,
    OwnCallId,
    Presence,
    PresenceAnswer,
    PresenceChange,
    PresenceRecord,
    Queue,
    QueueId,
    RequestId,
    Requirement,
    RescindReason,
    Skill,
    Step,
    WaitingLimit,
)

IMMATERIAL = (
    *("ignored", "_turn", "now", "_count", "_keeping"),
    *("_span_order", "_spans", "_emptied", "_front"),
)
"""Counters, who only writes all down, and alarms that are held by whom they are for as well."""

RING_MS, WAIT_MS, WRAP_MS = 15_000, 60_000, 10_000
MISSES = 2
DATA, BILL = QueueId("main:data"), QueueId("main:bill")


def needs(*alternatives: dict[str, int]) -> Requirement:
    return Requirement(
        tuple({Skill(name): level for name, level in each.items()} for each in alternatives)
    )


def queue(
    identifier: QueueId,
    *steps: Requirement | Step,
    wait_ms_max: int = WAIT_MS,
    misses_max: int = MISSES,
    waiting: WaitingLimit | None = None,
    announce_every_ms: int | None = None,
) -> Queue:
    staged = tuple(each if isinstance(each, Step) else Step(each) for each in steps)
    return Queue(
        identifier,
        staged,
        RING_MS,
        wait_ms_max,
        WRAP_MS,
        misses_max,
        waiting,
        announce_every_ms,
    )


class Pool:
    """One router, agents such as ``ann`` at ``ann-desk``, and the effects of the last event.

    ``last`` has what the event asks for in calls; answers and records are in ``answers`` and
    ``records``.
    """

    scanned_max = PROFILES_SCANNED_MAX

    def __init__(self, *agents: str, **skilled: dict[str, int]) -> None:
        self.router = Router(scanned_max=self.scanned_max)
        self.at = 0
        self.last: list[RouterEffect] = []
        self.answers: list[AnswerPresence] = []
        self.records: list[PresenceRecord] = []
        self.requests = 0
        self.give(QueueChanged(queue(DATA, needs({"data": 1}))))
        self.give(QueueChanged(queue(BILL, needs({"bill": 1}))))
        for name, skills in ({name: {"data": 1} for name in agents} | skilled).items():
            self.skill(name, seat=None, **skills)
            self.reach(f"{name}-desk")
            self.sign_in(name)

    def give(self, event: RouterEvent, *, at: int | None = None) -> list[RouterEffect]:
        self.at = self.at if at is None else at
        effects = self.router.handle(event, self.at)
        self.answers = [each for each in effects if isinstance(each, AnswerPresence)]
        self.records = [each.record for each in effects if isinstance(each, RecordPresence)]
        told = AnswerPresence | RecordPresence
        self.last = [each for each in effects if not isinstance(each, told)]
        return self.last

    def skill(self, name: str, *, seat: str | None = None, **skills: int) -> list[RouterEffect]:
        named = {Skill(skill): level for skill, level in skills.items()}
        fixed = None if seat is None else DeviceId(seat)
        return self.give(AgentChanged(Agent(AgentId(name), named, fixed)))

    def ask(
        self,
        change: PresenceChange,
        name: str | None,
        device: str | None = None,
        *,
        reason: str | None = None,
        at: int | None = None,
    ) -> PresenceAnswer:
        """Ask for a change of presence at the phone; the one answer."""
        self.requests += 1
        request = RequestId(f"r{self.requests}")
        agent = None if name is None else AgentId(name)
        where = None if device is None else DeviceId(device)
        self.give(PresenceRequested(request, change, agent, where, reason, Origin.PHONE), at=at)
        (answered,) = self.answers
        assert answered.request == request
        return answered.answer

    def sign_in(
        self, name: str, device: str | None = None, at: int | None = None
    ) -> list[RouterEffect]:
        self.ask(PresenceChange.SIGN_IN, name, device or f"{name}-desk", at=at)
        return self.last

    def sign_out(self, name: str, at: int | None = None) -> list[RouterEffect]:
        self.ask(PresenceChange.SIGN_OUT, name, at=at)
        return self.last

    def pause(self, name: str, reason: str = "lunch", at: int | None = None) -> PresenceAnswer:
        return self.ask(PresenceChange.PAUSE, name, reason=reason, at=at)

    def resume(self, name: str, at: int | None = None) -> PresenceAnswer:
        return self.ask(PresenceChange.RESUME, name, at=at)

    def retire(self, name: str, at: int | None = None) -> list[RouterEffect]:
        return self.give(AgentRetired(AgentId(name)), at=at)

    def close(self, queue: QueueId, at: int | None = None) -> list[RouterEffect]:
        return self.give(QueueRetired(queue), at=at)

    def occupy(self, device: str, call: str = "k1", at: int | None = None) -> list[RouterEffect]:
        return self.give(DeviceOccupied(DeviceId(device), OwnCallId(call)), at=at)

    def vacate(self, device: str, call: str = "k1", at: int | None = None) -> list[RouterEffect]:
        return self.give(DeviceVacated(DeviceId(device), OwnCallId(call)), at=at)

    def reach(self, device: str, up: bool = True, at: int | None = None) -> list[RouterEffect]:
        return self.give(DeviceReachabilityChanged(DeviceId(device), up), at=at)

    def enter(
        self,
        name: str,
        to: QueueId = DATA,
        *,
        priority_ms: int = 0,
        waited_ms: int = 0,
        prefer: tuple[str, int] | None = None,
        must_serve: bool = False,
        at: int | None = None,
    ) -> list[RouterEffect]:
        """``prefer`` is an agent, and for how long this contact waits for her alone."""
        agent, for_ms = (None, 0) if prefer is None else (AgentId(prefer[0]), prefer[1])
        contact = ContactId(name)
        queued = ContactQueued(contact, to, priority_ms, waited_ms, agent, for_ms, must_serve)
        return self.give(queued, at=at)

    def change(
        self,
        name: str,
        to: QueueId | None = None,
        *,
        priority_ms: int | None = None,
        at: int | None = None,
    ) -> list[RouterEffect]:
        return self.give(ContactChanged(ContactId(name), to, priority_ms), at=at)

    def declare(
        self, queue: QueueId, to: QueueId | None = None, at: int | None = None
    ) -> list[RouterEffect]:
        return self.give(CrisisDeclared(queue, to), at=at)

    def calm(self, queue: QueueId, at: int | None = None) -> list[RouterEffect]:
        return self.give(CrisisEnded(queue), at=at)

    def leave(self, name: str, at: int | None = None) -> list[RouterEffect]:
        return self.give(ContactLeft(ContactId(name)), at=at)

    def accept(self, offer: OfferId, at: int | None = None) -> list[RouterEffect]:
        return self.give(OfferAccepted(offer), at=at)

    def fail(
        self,
        offer: OfferId,
        how: OfferFailure = OfferFailure.DECLINED,
        at: int | None = None,
    ) -> list[RouterEffect]:
        return self.give(OfferFailed(offer, how), at=at)

    def end(self, offer: OfferId, at: int | None = None) -> list[RouterEffect]:
        return self.give(EngagementEnded(offer), at=at)

    def tick(self, at: int) -> list[RouterEffect]:
        return self.give(TimerFired(), at=at)

    def offers(self) -> list[tuple[str, str]]:
        """Who was offered to whom by the last event."""
        made = [each for each in self.last if isinstance(each, OfferContact)]
        return [(each.contact, each.agent) for each in made]

    def offer(self) -> OfferId:
        """The one offer the last event made."""
        (made,) = [each for each in self.last if isinstance(each, OfferContact)]
        return made.offer

    def rescinded(self) -> list[tuple[OfferId, RescindReason]]:
        taken = [each for each in self.last if isinstance(each, RescindOffer)]
        return [(each.offer, each.reason) for each in taken]

    def overflowed(self) -> list[tuple[str, OverflowCause]]:
        gone = [each for each in self.last if isinstance(each, OverflowContact)]
        return [(each.contact, each.cause) for each in gone]

    def moved(self) -> list[tuple[str, QueueId]]:
        gone = [each for each in self.last if isinstance(each, MoveContact)]
        return [(each.contact, each.queue) for each in gone]

    def positions(self) -> list[tuple[str, int]]:
        told = [each for each in self.last if isinstance(each, AnnouncePosition)]
        return [(each.contact, each.position) for each in told]

    def recorded(self) -> list[tuple[str, Presence, str | None, Origin]]:
        """Whose presence became what by the last event."""
        return [(each.agent, each.presence, each.reason, each.origin) for each in self.records]

    def seat(self, name: str) -> Any:
        """What the router holds of this agent."""
        return vars(self.router)["_seats"][AgentId(name)]

    def place(self, name: str) -> Any:
        """What the router holds of this contact, if anything."""
        return vars(self.router)["_places"].get(ContactId(name))

    def presence(self, name: str) -> Presence:
        return self.seat(name).presence

    def snapshot(self) -> str:
        """Everything the router holds but its counters of the ignored."""
        return repr(_plain(self.router))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        items = cast("dict[Any, Any]", value)
        return [(repr(key), _plain(held)) for key, held in items.items()]
    if isinstance(value, set):
        return sorted(map(repr, value))  # pyright: ignore[reportUnknownArgumentType]
    if hasattr(value, "__dict__") and type(value).__module__.startswith("router."):
        own = cast("dict[str, Any]", vars(value)).items()
        return [(name, _plain(held)) for name, held in own if name not in IMMATERIAL]
    return repr(value)
