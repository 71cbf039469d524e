"""``Router.handle``: the only place where routing state changes.

One event in, effects out, run to completion. Two things only ask for a decision: a contact begins
to wait at a step (is somebody idle for it?), and an agent becomes idle (whose turn is it, over all
steps she can serve?). It is made when the event is over and all that it changed is known. Choosing
and reserving are one act, so that fifty contacts of one tick never ring the same phone.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from router.agent_state import EngagementPhase, EngagementStep, PresenceStep
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
from router.matching import Profiles, profile_of
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
from router.places import Place, Places
from router.seats import Seat, Seats

MISS_REST_MS = 2_000
"""An agent who missed an offer gets no other for this long: a phone that rejects at once would
else be rung in a tight loop."""

ABSENT_MS = 120_000
"""How long an agent is taken for absent who missed offer after offer, unless her phone registers
anew before: nobody should stay paused till somebody notices."""

_TimerKind = Literal["offer", "wait", "wrap", "rest", "absent"]
_TimerKey = tuple[_TimerKind, str]


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
        self._seats = Seats(self.ignored)
        self._places = Places(self._profiles)
        self._offers: dict[OfferId, _Offer] = {}
        self._timers: Deadlines[_TimerKey] = Deadlines()
        self._offers_made = 0
        self._unsettled: dict[QueueId, None] = {}
        self._seeking: list[Place] = []
        self._freed: list[Seat] = []
        self._effects: list[RouterEffect] = []

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        """Take one event at engine time ``at``; what must be done because of it."""
        self._effects = []
        self._dispatch(event, at)
        self._settle(at)
        return self._effects

    def next_deadline(self) -> Millis | None:
        """When ``TimerFired`` is due, at the latest."""
        dues = (self._timers.next_due(), self._places.next_step_due())
        return min((due for due in dues if due is not None), default=None)

    def waiting_in(self, queue: QueueId) -> list[ContactId]:
        """Who waits in this queue without an offer, first come first."""
        return [place.contact for place in self._places.all_waiting(queue)]

    def engagement_of(self, agent: AgentId) -> EngagementPhase:
        """What this agent's hands hold."""
        return self._seats[agent].phase

    def _dispatch(self, event: RouterEvent, at: Millis) -> None:
        match event:
            case QueueChanged(queue):
                self._on_queue_changed(queue)
            case AgentChanged(agent):
                self._on_agent_changed(agent, at)
            case AgentSignedIn() | AgentSignedOut() | DeviceReachabilityChanged():
                self._on_presence(event, at)
            case ContactQueued(contact, queue, priority_ms):
                self._enqueue(contact, queue, priority_ms, at)
            case ContactLeft(contact):
                self._leave(contact, at)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._on_offer(event, at)
            case TimerFired():
                self._on_timer(at)
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
            self._seats.add(agent)
            return
        if profile == seat.profile:
            seat.agent = agent
            return
        self._unsettle(seat)
        self._seats.set_skills(seat, agent)
        self._withdraw_or_seek(seat, at)

    def _sign_in(self, agent: AgentId, device: DeviceId, at: Millis) -> None:
        seat = self._seats.get(agent)
        if seat is None:
            self.ignored["unknown agent/AgentSignedIn"] += 1
            return
        for gone in self._seats.clear(seat, device):
            self._withdraw_or_seek(gone, at)
        seat.misses = 0
        self._seats.set_device(seat, device)
        self._change_presence(agent, PresenceStep.SIGN_IN, at)

    def _change_presence(self, agent: AgentId, step: PresenceStep, at: Millis) -> None:
        seat = self._seats.get(agent)
        if seat is None or not self._seats.step_presence(seat, step):
            self.ignored[f"presence/{step.value}"] += 1
            return
        self._withdraw_or_seek(seat, at)

    def _on_reachability(self, device: DeviceId, reachable: bool, at: Millis) -> None:
        if not self._seats.set_reachable(device, reachable=reachable):
            self.ignored["device/no change"] += 1
            return
        seat = self._seats.at(device)
        if seat is not None:
            if reachable:
                seat.misses = 0
                self._believe_back(seat)
            self._withdraw_or_seek(seat, at)

    def _believe_back(self, seat: Seat) -> None:
        """End a pause that the router itself began; one of the agent's own is hers to end."""
        if seat.taken_for_absent:
            self._seats.step_presence(seat, PresenceStep.SIGN_IN)
            self._timers.clear(("absent", seat.agent.id))

    def _withdraw_or_seek(self, seat: Seat, at: Millis) -> None:
        """Draw all that follows from an agent having come, gone, or learnt something."""
        if not self._seats.is_staffed(seat):
            self._seats.idle.discard(seat.agent.id, seat.profile)
            if seat.offer is not None and seat.phase is EngagementPhase.RESERVED:
                self._rescind(seat.offer, RescindReason.AGENT_GONE, at)
        if self._seats.recount(seat):
            self._unsettle(seat)
        self._freed.append(seat)

    def _seek_work(self, seat: Seat, at: Millis) -> None:
        """An agent may have become idle: give her the contact whose turn it is, or note her."""
        if not self._seats.is_ready(seat):
            return
        heads = (self._places.first(step) for step in self._profiles.served_by(seat.profile))
        first = min((head for head in heads if head is not None), default=None)
        if first is None:
            self._seats.idle.add(seat.agent.id, seat.profile)
            return
        self._offer(self._places[first[1]], seat, at)

    # Contacts

    def _on_queue_changed(self, queue: Queue) -> None:
        """Who waits there is judged anew: her agent may be idle, or nobody serves her now."""
        if self._profiles.add_queue(queue):
            self._places.forget_open(queue.id)
            self._unsettled[queue.id] = None

    def _enqueue(self, contact: ContactId, queue: QueueId, priority: Millis, at: Millis) -> None:
        here = self._places.get(contact)
        if here is not None:
            self.ignored[f"{here.phase.value}/{ContactStep.ENQUEUE.value}"] += 1
            return
        refusal = self._places.refusal(queue, self._seats.staffed)
        if refusal is not None:
            self._effects.append(OverflowContact(contact, queue, refusal))
            return
        place = self._places.enter(contact, queue, priority=priority, at=at)
        self._timers.set(("wait", contact), at + self._places.rules(queue).wait_ms_max)
        self._places.wait(place, at)
        self._seeking.append(place)

    def _seek_agent(self, place: Place, at: Millis) -> None:
        """Offer it to an idle agent, if there is one for its step; else it just waits."""
        profiles = self._profiles.serving(place.queue, place.step)
        seat = self._seats.best_idle(profiles, but=place.missed_by)
        if seat is not None:
            self._offer(place, seat, at)

    def _leave(self, contact: ContactId, at: Millis) -> None:
        place = self._places.get(contact)
        if place is None or CONTACT[place.phase, ContactStep.LEAVE] is None:
            self.ignored["contact/leave"] += 1
            return
        self._forget(place)
        if place.offer is not None:
            self._rescind(place.offer, RescindReason.CONTACT_LEFT, at)

    def _forget(self, place: Place) -> None:
        self._places.remove(place)
        self._timers.clear(("wait", place.contact))

    def _overflow(self, place: Place, cause: OverflowCause) -> None:
        if CONTACT[place.phase, ContactStep.OVERFLOW] is None:
            place.overdue = True
            return
        self._forget(place)
        self._effects.append(OverflowContact(place.contact, place.queue, cause))

    def _unsettle(self, seat: Seat) -> None:
        for queue, _ in self._profiles.served_by(seat.profile):
            self._unsettled[queue] = None

    def _settle(self, at: Millis) -> None:
        """When all of an event is known, let contacts and agents find each other.

        Not before: an agent who changes her seat or skills is not gone, and who stands at which
        step must be right for everybody ahead of the first choice. Contacts choose first, among
        the agents idle before; then those who became idle take whose turn it is.
        """
        for queue in self._unsettled:
            if self._places.renew(queue, self._seats.staffed):
                self._rearrange(queue, at)
        for place in sorted(self._seeking, key=lambda place: place.key):
            if place.phase is ContactPhase.WAITING:
                self._seek_agent(place, at)
        for seat in self._freed:
            self._seek_work(seat, at)
        self._unsettled.clear()
        self._seeking.clear()
        self._freed.clear()

    def _rearrange(self, queue: QueueId, at: Millis) -> None:
        """Other steps of this queue can be served than before: judge anew all who wait."""
        waiting = self._places.all_waiting(queue)
        if not self._places.is_open(queue):
            for place in waiting:
                self._overflow(place, OverflowCause.NO_AGENTS)
            return
        for place in waiting:
            self._places.restand(place, at)
        self._seeking += waiting

    # Offers

    def _offer(self, place: Place, seat: Seat, at: Millis) -> None:
        rules = self._places.rules(place.queue)
        self._seats.step_engagement(seat, EngagementStep.RESERVE)
        self._seats.idle.discard(seat.agent.id, seat.profile)
        self._offers_made += 1
        offer = OfferId(f"{place.contact}.o{self._offers_made}")
        self._places.offered(place, offer)
        seat.offer = offer
        self._offers[offer] = _Offer(place.contact, seat.agent.id)
        self._timers.set(("offer", offer), at + rules.ring_ms_max)
        if seat.device is None:
            raise CoreBug(f"agent {seat.agent.id} was idle without a device")
        self._effects.append(
            OfferContact(offer, place.contact, seat.agent.id, seat.device, rules.ring_ms_max)
        )

    def _accept(self, identifier: OfferId, offer: _Offer) -> None:
        seat, place = self._seats[offer.agent], self._places.get(offer.contact)
        if place is None or not self._seats.step_engagement(seat, EngagementStep.ACCEPT):
            return
        seat.misses = 0
        self._places.connected(place)
        self._timers.clear(("offer", identifier))

    def _fail(self, identifier: OfferId, offer: _Offer, at: Millis) -> None:
        seat = self._seats[offer.agent]
        if not self._seats.step_engagement(seat, EngagementStep.LOSE):
            return
        self._drop_offer(identifier, seat)
        self._count_miss(seat, offer, at)
        self._return(offer, at)

    def _rescind(self, identifier: OfferId, reason: RescindReason, at: Millis) -> None:
        offer = self._offers[identifier]
        seat = self._seats[offer.agent]
        if not self._seats.step_engagement(seat, EngagementStep.LOSE):
            return
        self._drop_offer(identifier, seat)
        self._effects.append(RescindOffer(identifier, offer.contact, reason))
        if reason is RescindReason.TIMED_OUT:
            self._count_miss(seat, offer, at)
        elif reason is RescindReason.CONTACT_LEFT:
            self._freed.append(seat)
        self._return(offer, at)

    def _drop_offer(self, identifier: OfferId, seat: Seat) -> None:
        del self._offers[identifier]
        seat.offer = None
        self._timers.clear(("offer", identifier))

    def _return(self, offer: _Offer, at: Millis) -> None:
        """Put the contact of a lost offer back at its old place, if it still is here."""
        place = self._places.get(offer.contact)
        if place is None or CONTACT[place.phase, ContactStep.RETURN] is None:
            return
        place.missed_by.add(offer.agent)
        self._places.wait(place, at)
        if not self._places.is_open(place.queue):
            self._overflow(place, OverflowCause.NO_AGENTS)
        elif place.overdue:
            self._overflow(place, OverflowCause.TIMED_OUT)
        else:
            self._seeking.append(place)

    def _count_miss(self, seat: Seat, offer: _Offer, at: Millis) -> None:
        seat.misses += 1
        place = self._places.get(offer.contact)
        if place is not None and seat.misses >= self._places.rules(place.queue).misses_max:
            seat.misses = 0
            if seat.presence is Presence.AVAILABLE:
                self._change_presence(seat.agent.id, PresenceStep.PAUSE, at)
                seat.taken_for_absent = True
                self._timers.set(("absent", seat.agent.id), at + ABSENT_MS)
            return
        seat.resting = True
        self._timers.set(("rest", seat.agent.id), at + MISS_REST_MS)

    def _end(self, identifier: OfferId, offer: _Offer, at: Millis) -> None:
        seat, place = self._seats[offer.agent], self._places.get(offer.contact)
        if place is None or not self._seats.step_engagement(seat, EngagementStep.END):
            return
        rules = self._places.rules(place.queue)
        self._forget(place)
        self._drop_offer(identifier, seat)
        self._timers.set(("wrap", seat.agent.id), at + rules.wrap_up_ms)

    def _on_timer(self, at: Millis) -> None:
        self._seeking += self._places.move_due(at)
        for kind, name in self._timers.pop_due(at):
            self._on_due(kind, name, at)

    def _on_due(self, kind: _TimerKind, name: str, at: Millis) -> None:
        match kind:
            case "offer":
                self._rescind(OfferId(name), RescindReason.TIMED_OUT, at)
            case "wait":
                self._overflow(self._places[ContactId(name)], OverflowCause.TIMED_OUT)
            case "wrap":
                seat = self._seats[AgentId(name)]
                if self._seats.step_engagement(seat, EngagementStep.WRAP):
                    self._freed.append(seat)
            case "absent":
                seat = self._seats[AgentId(name)]
                self._believe_back(seat)
                self._withdraw_or_seek(seat, at)
            case "rest":
                seat = self._seats[AgentId(name)]
                seat.resting = False
                self._freed.append(seat)
