"""``Router.handle``: the only place where routing state changes.

One event in, effects out, run to completion. A decision is made at two moments only: a contact
starts waiting (is somebody idle for it?), and an agent becomes idle (whose turn is it, over all
queues she can serve?). Choosing and reserving are one step, so that fifty contacts of one tick
never ring the same phone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, assert_never

from router.agent_state import (
    ENGAGEMENT,
    PRESENCE,
    EngagementPhase,
    EngagementStep,
    PresenceStep,
)
from router.contact_state import CONTACT, ContactPhase, ContactStep
from router.deadlines import Deadlines
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
from router.matching import (
    IdleAgents,
    ProfileId,
    Profiles,
    WaitingContacts,
    WaitingKey,
    profile_of,
)
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    OverflowCause,
    Presence,
    Queue,
    QueueId,
    RescindReason,
)

MISS_REST_MS = 2_000
"""An agent who missed an offer gets no other for this long: a phone that rejects at once would
else be rung in a tight loop."""

MISSES_MAX = 2
"""Offers missed one after another before the router takes the agent for absent and pauses her."""

_TimerKind = Literal["offer", "wait", "wrap", "rest"]
_TimerKey = tuple[_TimerKind, str]


@dataclass(slots=True)
class _Seat:
    """One agent as the router knows her now."""

    agent: Agent
    profile: ProfileId
    presence: Presence = Presence.SIGNED_OUT
    phase: EngagementPhase = EngagementPhase.NONE
    device: DeviceId | None = None
    offer: OfferId | None = None
    misses: int = 0
    resting: bool = False


@dataclass(slots=True)
class _Place:
    """One contact as the router knows it now."""

    contact: ContactId
    queue: QueueId
    key: WaitingKey
    phase: ContactPhase = ContactPhase.WAITING
    offers: int = 0
    offer: OfferId | None = None
    overdue: bool = False
    missed_by: set[AgentId] = field(default_factory=lambda: set[AgentId]())


@dataclass(frozen=True, slots=True)
class _Offer:
    """Which contact rings at which agent."""

    contact: ContactId
    agent: AgentId


class Router:
    """Routes the contacts of one pool of agents.

    ``ignored`` counts messages that came late or twice, by state and happening: they change
    nothing, but a rising number tells of trouble elsewhere.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self._profiles = Profiles()
        self._idle = IdleAgents()
        self._waiting = WaitingContacts()
        self._timers: Deadlines[_TimerKey] = Deadlines()
        self._seats: dict[AgentId, _Seat] = {}
        self._places: dict[ContactId, _Place] = {}
        self._offers: dict[OfferId, _Offer] = {}
        self._reachable: dict[DeviceId, bool] = {}
        self._at_device: dict[DeviceId, AgentId] = {}
        self._staffed: Counter[ProfileId] = Counter()
        self._arrivals = 0
        self._effects: list[RouterEffect] = []

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        """Take one event at engine time ``at``; what must be done because of it."""
        self._effects = []
        self._dispatch(event, at)
        return self._effects

    def next_deadline(self) -> Millis | None:
        """When ``TimerFired`` is due, at the latest."""
        return self._timers.next_due()

    def waiting_in(self, queue: QueueId) -> list[ContactId]:
        """Who waits in this queue without an offer, first come first."""
        return self._waiting.all_in(queue)

    def engagement_of(self, agent: AgentId) -> EngagementPhase:
        """What this agent's hands hold."""
        return self._seats[agent].phase

    def _dispatch(self, event: RouterEvent, at: Millis) -> None:
        match event:
            case QueueChanged(queue):
                self._profiles.add_queue(queue)
            case AgentChanged(agent):
                self._on_agent_changed(agent, at)
            case AgentSignedIn() | AgentSignedOut() | DeviceReachabilityChanged():
                self._on_presence(event, at)
            case ContactQueued() | ContactLeft():
                self._on_contact(event, at)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._on_offer(event, at)
            case TimerFired():
                for kind, name in self._timers.pop_due(at):
                    self._on_due(kind, name, at)
            case _:
                assert_never(event)

    def _on_presence(
        self, event: AgentSignedIn | AgentSignedOut | DeviceReachabilityChanged, at: Millis
    ) -> None:
        match event:
            case AgentSignedIn(agent, device):
                self._sign_in(agent, device, at)
            case AgentSignedOut(agent):
                self._change_presence(agent, PresenceStep.SIGN_OUT, at)
            case DeviceReachabilityChanged(device, reachable):
                self._on_reachability(device, reachable, at)

    def _on_contact(self, event: ContactQueued | ContactLeft, at: Millis) -> None:
        match event:
            case ContactQueued(contact, queue, priority_ms):
                self._enqueue(contact, queue, priority_ms, at)
            case ContactLeft(contact):
                self._leave(contact, at)

    def _on_offer(self, event: OfferAccepted | OfferFailed | EngagementEnded, at: Millis) -> None:
        offer = self._offers.get(event.offer)
        if offer is None:
            self.ignored[f"unknown offer/{type(event).__name__}"] += 1
            return
        match event:
            case OfferAccepted():
                self._accept(event.offer, offer)
            case OfferFailed():
                self._fail(event.offer, offer, at)
            case EngagementEnded():
                self._end(event.offer, offer, at)

    # Agents

    def _on_agent_changed(self, agent: Agent, at: Millis) -> None:
        profile = profile_of(agent.skills)
        self._profiles.add_profile(profile)
        seat = self._seats.get(agent.id)
        if seat is None:
            self._seats[agent.id] = _Seat(agent, profile)
            return
        staffed = self._is_staffed(seat)
        self._idle.discard(agent.id, seat.profile)
        self._count_staffed(seat, was=staffed, now=False)
        seat.agent, seat.profile = agent, profile
        self._count_staffed(seat, was=False, now=staffed)
        self._seek_work(seat, at)

    def _sign_in(self, agent: AgentId, device: DeviceId, at: Millis) -> None:
        seat = self._seats.get(agent)
        if seat is None:
            self.ignored["unknown agent/AgentSignedIn"] += 1
            return
        sitting = self._at_device.get(device)
        if sitting is not None and sitting != agent:
            self._change_presence(sitting, PresenceStep.SIGN_OUT, at)
        if seat.device is not None and seat.device != device:
            self._change_presence(agent, PresenceStep.SIGN_OUT, at)
        seat.misses = 0
        self._at_device[device] = agent
        seat.device = device
        self._change_presence(agent, PresenceStep.SIGN_IN, at)

    def _change_presence(self, agent: AgentId, step: PresenceStep, at: Millis) -> None:
        seat = self._seats.get(agent)
        following = PRESENCE[seat.presence, step] if seat else None
        if seat is None or following is None:
            self.ignored[f"presence/{step.value}"] += 1
            return
        was = self._is_staffed(seat)
        seat.presence = following
        if following is Presence.SIGNED_OUT and seat.device is not None:
            self._at_device.pop(seat.device, None)
            seat.device = None
        self._withdraw_or_seek(seat, was=was, at=at)

    def _on_reachability(self, device: DeviceId, reachable: bool, at: Millis) -> None:
        agent = self._at_device.get(device)
        seat = self._seats[agent] if agent is not None else None
        was = self._is_staffed(seat) if seat else False
        self._reachable[device] = reachable
        if seat is not None:
            if reachable:
                seat.misses = 0
            self._withdraw_or_seek(seat, was=was, at=at)

    def _withdraw_or_seek(self, seat: _Seat, *, was: bool, at: Millis) -> None:
        now = self._is_staffed(seat)
        if not now:
            self._idle.discard(seat.agent.id, seat.profile)
            if seat.offer is not None and seat.phase is EngagementPhase.RESERVED:
                self._rescind(seat.offer, RescindReason.AGENT_GONE, at)
        self._count_staffed(seat, was=was, now=now)
        self._seek_work(seat, at)

    def _is_staffed(self, seat: _Seat) -> bool:
        reachable = seat.device is not None and self._reachable.get(seat.device, False)
        return seat.presence is Presence.AVAILABLE and reachable

    def _count_staffed(self, seat: _Seat, *, was: bool, now: bool) -> None:
        self._staffed[seat.profile] += int(now) - int(was)
        if was and not now and self._staffed[seat.profile] == 0:
            for queue in self._profiles.served_by(seat.profile):
                self._overflow_if_deserted(queue)

    def _seek_work(self, seat: _Seat, at: Millis) -> None:
        """An agent may have become idle: give her the contact whose turn it is, or note her."""
        ready = self._is_staffed(seat) and not seat.resting
        if not ready or seat.phase is not EngagementPhase.NONE:
            return
        heads = (self._waiting.first(queue) for queue in self._profiles.served_by(seat.profile))
        first = min((head for head in heads if head is not None), default=None)
        if first is None:
            self._idle.add(seat.agent.id, seat.profile)
            return
        self._offer(self._places[first[1]], seat, at)

    def _step_engagement(self, seat: _Seat, step: EngagementStep) -> bool:
        following = ENGAGEMENT[seat.phase, step]
        if following is None:
            self.ignored[f"{seat.phase.value}/{step.value}"] += 1
            return False
        seat.phase = following
        return True

    # Contacts

    def _enqueue(self, contact: ContactId, queue: QueueId, priority: Millis, at: Millis) -> None:
        if contact in self._places:
            self.ignored[f"{self._places[contact].phase.value}/{ContactStep.ENQUEUE.value}"] += 1
            return
        rules = self._profiles.queue(queue)
        if rules is None or self._is_deserted(queue):
            self._effects.append(OverflowContact(contact, queue, OverflowCause.NO_AGENTS))
            return
        self._arrivals += 1
        place = _Place(contact, queue, (at - priority, self._arrivals))
        self._places[contact] = place
        self._timers.set(("wait", contact), at + rules.wait_ms_max)
        self._wait(place, at)

    def _wait(self, place: _Place, at: Millis) -> None:
        """Find an idle agent for a contact that (again) waits, or keep it waiting."""
        self._waiting.add(place.queue, place.contact, place.key)
        seat = self._best_idle(place)
        if seat is not None:
            self._offer(place, seat, at)

    def _best_idle(self, place: _Place) -> _Seat | None:
        last_choice: AgentId | None = None
        for agent in self._idle.longest_idle(self._profiles.serving(place.queue)):
            if agent not in place.missed_by:
                return self._seats[agent]
            last_choice = last_choice or agent
        return None if last_choice is None else self._seats[last_choice]

    def _leave(self, contact: ContactId, at: Millis) -> None:
        place = self._places.get(contact)
        if place is None or CONTACT[place.phase, ContactStep.LEAVE] is None:
            self.ignored["contact/leave"] += 1
            return
        self._forget(place)
        if place.offer is not None:
            self._rescind(place.offer, RescindReason.CONTACT_LEFT, at)

    def _forget(self, place: _Place) -> None:
        place.phase = ContactPhase.ABSENT
        self._waiting.discard(place.queue, place.contact)
        self._timers.clear(("wait", place.contact))
        del self._places[place.contact]

    def _overflow(self, place: _Place, cause: OverflowCause) -> None:
        if CONTACT[place.phase, ContactStep.OVERFLOW] is None:
            place.overdue = True
            return
        self._forget(place)
        self._effects.append(OverflowContact(place.contact, place.queue, cause))

    def _is_deserted(self, queue: QueueId) -> bool:
        return not any(self._staffed[profile] for profile in self._profiles.serving(queue))

    def _overflow_if_deserted(self, queue: QueueId) -> None:
        if self._is_deserted(queue):
            for contact in self._waiting.all_in(queue):
                self._overflow(self._places[contact], OverflowCause.NO_AGENTS)

    # Offers

    def _offer(self, place: _Place, seat: _Seat, at: Millis) -> None:
        rules = self._rules(place.queue)
        self._step_engagement(seat, EngagementStep.RESERVE)
        self._idle.discard(seat.agent.id, seat.profile)
        self._waiting.discard(place.queue, place.contact)
        place.offers += 1
        offer = OfferId(f"{place.contact}.o{place.offers}")
        place.phase, place.offer, seat.offer = ContactPhase.OFFERED, offer, offer
        self._offers[offer] = _Offer(place.contact, seat.agent.id)
        self._timers.set(("offer", offer), at + rules.ring_ms_max)
        if seat.device is None:
            raise CoreBug(f"agent {seat.agent.id} was idle without a device")
        self._effects.append(
            OfferContact(offer, place.contact, seat.agent.id, seat.device, rules.ring_ms_max)
        )

    def _accept(self, identifier: OfferId, offer: _Offer) -> None:
        seat, place = self._seats[offer.agent], self._places.get(offer.contact)
        if place is None or not self._step_engagement(seat, EngagementStep.ACCEPT):
            return
        seat.misses = 0
        place.phase = ContactPhase.CONNECTED
        self._timers.clear(("offer", identifier))

    def _fail(self, identifier: OfferId, offer: _Offer, at: Millis) -> None:
        seat = self._seats[offer.agent]
        if not self._step_engagement(seat, EngagementStep.LOSE):
            return
        self._drop_offer(identifier, seat)
        self._count_miss(seat, at)
        self._return(offer, at)

    def _rescind(self, identifier: OfferId, reason: RescindReason, at: Millis) -> None:
        offer = self._offers[identifier]
        seat = self._seats[offer.agent]
        if not self._step_engagement(seat, EngagementStep.LOSE):
            return
        self._drop_offer(identifier, seat)
        self._effects.append(RescindOffer(identifier, offer.contact, reason))
        if reason is RescindReason.TIMED_OUT:
            self._count_miss(seat, at)
        elif reason is RescindReason.CONTACT_LEFT:
            self._seek_work(seat, at)
        self._return(offer, at)

    def _drop_offer(self, identifier: OfferId, seat: _Seat) -> None:
        del self._offers[identifier]
        seat.offer = None
        self._timers.clear(("offer", identifier))

    def _return(self, offer: _Offer, at: Millis) -> None:
        """Put the contact of a lost offer back at its old place, if it still is here."""
        place = self._places.get(offer.contact)
        if place is None or CONTACT[place.phase, ContactStep.RETURN] is None:
            return
        place.phase, place.offer = ContactPhase.WAITING, None
        place.missed_by.add(offer.agent)
        if self._is_deserted(place.queue):
            self._overflow(place, OverflowCause.NO_AGENTS)
        elif place.overdue:
            self._overflow(place, OverflowCause.TIMED_OUT)
        else:
            self._wait(place, at)

    def _count_miss(self, seat: _Seat, at: Millis) -> None:
        seat.misses += 1
        if seat.misses >= MISSES_MAX:
            self._change_presence(seat.agent.id, PresenceStep.PAUSE, at)
            return
        seat.resting = True
        self._timers.set(("rest", seat.agent.id), at + MISS_REST_MS)

    def _end(self, identifier: OfferId, offer: _Offer, at: Millis) -> None:
        seat, place = self._seats[offer.agent], self._places.get(offer.contact)
        if place is None or not self._step_engagement(seat, EngagementStep.END):
            return
        rules = self._rules(place.queue)
        self._forget(place)
        self._drop_offer(identifier, seat)
        self._timers.set(("wrap", seat.agent.id), at + rules.wrap_up_ms)

    def _on_due(self, kind: _TimerKind, name: str, at: Millis) -> None:
        match kind:
            case "offer":
                self._rescind(OfferId(name), RescindReason.TIMED_OUT, at)
            case "wait":
                self._overflow(self._places[ContactId(name)], OverflowCause.TIMED_OUT)
            case "wrap":
                seat = self._seats[AgentId(name)]
                if self._step_engagement(seat, EngagementStep.WRAP):
                    self._seek_work(seat, at)
            case "rest":
                seat = self._seats[AgentId(name)]
                seat.resting = False
                self._seek_work(seat, at)

    def _rules(self, queue: QueueId) -> Queue:
        rules = self._profiles.queue(queue)
        if rules is None:
            raise CoreBug(f"queue {queue} has contacts but no rules")
        return rules
