"""``Router.handle``: the only place where routing state changes.

One event in, effects out, run to completion. Two things only ask for a decision: a contact begins
to wait at a step (is somebody idle for it?), and an agent becomes idle (whose turn is it, over all
steps she can serve?). It is made when the event is over and all that it changed is known. Choosing
and reserving are one act, so that fifty contacts of one tick never ring the same phone.

Here contacts come, wait, go and are matched. What becomes of an offer is in ``offers``, who is
there in ``presence``; all of them work on one ``Turn``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self, assert_never

from router.agent_state import EngagementPhase, EngagementStep
from router.contact_state import CONTACT, ContactPhase, ContactStep
from router.deadlines import Deadlines
from router.effects import AnnouncePosition, OverflowContact, RouterEffect
from router.events import (
    AgentChanged,
    AgentRetired,
    ContactLeft,
    ContactQueued,
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
from router.matching import Profiles
from router.model import (
    AgentId,
    ContactId,
    Millis,
    OfferId,
    OverflowCause,
    Queue,
    QueueId,
    RescindReason,
)
from router.offers import Offers
from router.place import Place
from router.places import Places
from router.presence import Attendance
from router.seats import Seat, Seats
from router.snapshot import IgnoredCount, RouterSnapshot, TimerKind, TimerSnapshot
from router.turn import Timers, Turn
from router.views import AgentView, QueueView


class Router:
    """Routes the contacts of one pool of agents.

    ``ignored`` counts messages that came late or twice, by state and happening: they change
    nothing, but a rising number tells of trouble elsewhere.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self._turn = Turn()
        self._timers: Timers = Deadlines()
        self._profiles = Profiles()
        self._seats = Seats(self.ignored, self._profiles)
        self._places = Places(self._profiles, self._timers)
        self._offers = Offers(
            self._turn,
            seats=self._seats,
            places=self._places,
            profiles=self._profiles,
            timers=self._timers,
        )
        self._attendance = Attendance(
            self._turn, seats=self._seats, offers=self._offers, timers=self._timers
        )

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        """Take one event at engine time ``at``; what must be done because of it."""
        # What an event that met a bug left to be judged is not judged now: it would meet it again.
        self._turn.settled()
        self._turn.effects = []
        self._dispatch(event, at)
        self._settle(at)
        return self._turn.effects

    def next_deadline(self) -> Millis | None:
        """When ``TimerFired`` is due, at the latest."""
        dues = (self._timers.next_due(), self._places.next_step_due())
        return min((due for due in dues if due is not None), default=None)

    # What is to be seen

    def waiting_in(self, queue: QueueId) -> list[ContactId]:
        """Who waits in this queue without an offer, first come first."""
        return [place.contact for place in self._places.all_waiting(queue)]

    def step_of(self, contact: ContactId) -> int | None:
        """At which step of its queue this contact stands, the first being 0; None if nowhere."""
        place = self._places.get(contact)
        return None if place is None else place.step

    def engagement_of(self, agent: AgentId) -> EngagementPhase:
        """What this agent's hands hold."""
        return self._seats[agent].phase

    def agents(self) -> list[AgentView]:
        """Every agent as she is now, and who has left the site but not yet her last contact."""
        return [self._view_of(seat) for seat in self._seats.all()]

    def queues(self) -> list[QueueView]:
        """Every queue of the site as it is now."""
        return [
            QueueView(
                rules.id,
                waiting=self._places.count_waiting(rules.id),
                offered=self._places.count_offered(rules.id),
                staffed=self._places.count_staff(rules, self._seats.staffed),
            )
            for rules in self._profiles.queues()
        ]

    def _view_of(self, seat: Seat) -> AgentView:
        device, devices = seat.device, self._seats.devices
        engaged_by = None if device is None else devices.engaged_by(device)
        return AgentView(
            agent=seat.agent.id,
            presence=seat.presence,
            reason=seat.reason,
            since=seat.since,
            device=device,
            reachable=device is not None and devices.is_reachable(device),
            engagement=seat.phase,
            contact=None if seat.offer is None else self._offers.contact_of(seat.offer),
            own_calls=0 if device is None else devices.own_calls(device),
            taken_for_absent=seat.taken_for_absent,
            phone_in_use=engaged_by not in (None, seat.offer),
        )

    # Snapshots

    def snapshot(self) -> RouterSnapshot:
        """All that is held now, for ``restored``. Taken between two events."""
        return RouterSnapshot(
            queues=self._places.taken_queues(),
            seats=self._seats.taken(),
            idle=tuple(self._seats.idle.in_order()),
            devices=self._seats.devices.taken(),
            presence_counts=self._offers.log.taken(),
            places=self._places.taken(),
            offers=self._offers.taken(),
            timers=tuple(
                TimerSnapshot(kind, name, due) for (kind, name), due in self._timers.in_order()
            ),
            step_timers=self._places.taken_step_timers(),
            arrivals=self._places.arrivals,
            offers_made=self._offers.made,
            ignored=tuple(IgnoredCount(*each) for each in self.ignored.items()),
        )

    @classmethod
    def restored(cls, snapshot: RouterSnapshot) -> Self:
        """A router that goes on as the one the snapshot was taken from."""
        router = cls()
        router._restore(snapshot)
        return router

    def _restore(self, snapshot: RouterSnapshot) -> None:
        self._places.restore_queues(snapshot.queues)
        self._seats.devices.restore(snapshot.devices)
        self._seats.restore(snapshot.seats, snapshot.idle)
        self._places.restore(snapshot.places, snapshot.step_timers)
        self._places.arrivals = snapshot.arrivals
        self._offers.restore(snapshot.offers)
        self._offers.made = snapshot.offers_made
        self._offers.log.restore(snapshot.presence_counts)
        for timer in snapshot.timers:
            self._timers.set((timer.kind, timer.name), timer.due)
        self.ignored.update({each.what: each.count for each in snapshot.ignored})

    # Events

    def _dispatch(self, event: RouterEvent, at: Millis) -> None:
        match event:
            case ContactQueued() | ContactLeft():
                self._on_contact(event, at)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._offers.answer(event, at)
            case TimerFired():
                self._on_timer(at)
            case DeviceReachabilityChanged() | DeviceOccupied() | DeviceVacated():
                self._on_device(event, at)
            case PresenceRequested():
                self._attendance.request(event, at)
            case QueueChanged() | QueueRetired() | AgentChanged() | AgentRetired():
                self._on_site(event, at)
            case _:
                assert_never(event)

    def _on_contact(self, event: ContactQueued | ContactLeft, at: Millis) -> None:
        match event:
            case ContactQueued(contact, queue, priority_ms):
                self._enqueue(contact, queue, priority_ms, at)
            case ContactLeft(contact):
                self._leave(contact, at)

    def _on_device(
        self, event: DeviceReachabilityChanged | DeviceOccupied | DeviceVacated, at: Millis
    ) -> None:
        match event:
            case DeviceReachabilityChanged(device, reachable):
                self._attendance.reach(device, reachable=reachable, at=at)
            case DeviceOccupied(device, call):
                self._attendance.occupy(device, call)
            case DeviceVacated(device, call):
                self._attendance.vacate(device, call)

    def _on_site(
        self, event: QueueChanged | QueueRetired | AgentChanged | AgentRetired, at: Millis
    ) -> None:
        match event:
            case QueueChanged(queue):
                self._change_queue(queue, at)
            case QueueRetired(queue):
                self._retire_queue(queue, at)
            case AgentChanged(agent):
                self._attendance.change_agent(agent, at)
            case AgentRetired(agent):
                self._attendance.retire_agent(agent, at)

    # Queues

    def _change_queue(self, queue: Queue, at: Millis) -> None:
        """Who waits there is judged anew: her agent may be idle, or nobody serves her now."""
        if self._places.change(queue, at):
            self._turn.unsettled[queue.id] = None

    def _retire_queue(self, queue: QueueId, at: Millis) -> None:
        """Give back who has met no agent yet; conversations go on to their end."""
        if self._profiles.queue(queue) is None:
            self.ignored["unknown queue/QueueRetired"] += 1
            return
        for place in self._places.all_in(queue):
            if place.offer is not None and place.phase is ContactPhase.OFFERED:
                self._offers.rescind(place.offer, RescindReason.QUEUE_RETIRED, at)
        for place in self._places.all_waiting(queue):
            self._overflow(place, OverflowCause.NO_AGENTS)
        self._places.retire(queue)

    # Contacts

    def _enqueue(self, contact: ContactId, queue: QueueId, priority: Millis, at: Millis) -> None:
        here = self._places.get(contact)
        if here is not None:
            self.ignored[f"{here.phase.value}/{ContactStep.ENQUEUE.value}"] += 1
            return
        refusal = self._places.refusal(queue, self._seats.staffed)
        if refusal is not None:
            self._turn.effects.append(OverflowContact(contact, queue, refusal))
            return
        place = self._places.enter(contact, queue, priority=priority, at=at)
        self._places.wait(place, at)
        self._turn.seeking.append(place)

    def _leave(self, contact: ContactId, at: Millis) -> None:
        place = self._places.get(contact)
        if place is None or CONTACT[place.phase, ContactStep.LEAVE] is None:
            self.ignored["contact/leave"] += 1
            return
        self._places.remove(place)
        if place.offer is not None:
            self._offers.rescind(place.offer, RescindReason.CONTACT_LEFT, at)

    def _overflow(self, place: Place, cause: OverflowCause) -> None:
        if CONTACT[place.phase, ContactStep.OVERFLOW] is None:
            place.overdue = True
            return
        self._places.remove(place)
        self._turn.effects.append(OverflowContact(place.contact, place.queue, cause))

    # Settling

    def _settle(self, at: Millis) -> None:
        """When all of an event is known, let contacts and agents find each other.

        Not before: an agent who changes her seat or skills is not gone, and who stands at which
        step must be right for everybody ahead of the first choice. Contacts choose first, among
        the agents idle before; then those who became idle take whose turn it is. Positions are
        told last, as they are when all that is done.
        """
        turn = self._turn
        for queue in turn.unsettled:
            known = self._profiles.queue(queue) is not None
            if known and self._places.renew(queue, self._seats.staffed):
                self._rearrange(queue, at)
        for place in sorted(turn.seeking, key=lambda place: place.key):
            if place.phase is ContactPhase.WAITING:
                self._seek_agent(place, at)
        for seat in turn.freed:
            self._seek_work(seat, at)
        self._tell_positions(turn.told)
        turn.settled()

    def _rearrange(self, queue: QueueId, at: Millis) -> None:
        """Other steps of this queue can be served than before: judge anew all who wait."""
        waiting = self._places.all_waiting(queue)
        if not self._places.is_open(queue):
            for place in waiting:
                self._overflow(place, OverflowCause.NO_AGENTS)
            return
        for place in waiting:
            self._places.restand(place, at)
        self._turn.seeking += waiting

    def _seek_agent(self, place: Place, at: Millis) -> None:
        """Offer it to an idle agent, if there is one for its step; else it waits, if it may."""
        if not self._places.is_open(place.queue):
            self._overflow(place, OverflowCause.NO_AGENTS)
            return
        if place.overdue:
            self._overflow(place, OverflowCause.TIMED_OUT)
            return
        profiles = self._profiles.serving(place.queue, place.step)
        seat = self._seats.best_idle(profiles, but=place.missed_by)
        if seat is not None:
            self._offers.offer(place, seat, at)

    def _seek_work(self, seat: Seat, at: Millis) -> None:
        """An agent may have become idle: give her the contact whose turn it is, or note her."""
        if not self._seats.is_ready(seat):
            return
        heads = (self._places.first(step) for step in self._profiles.served_by(seat.profile))
        first = min((head for head in heads if head is not None), default=None)
        if first is None:
            self._seats.idle.add(seat.agent.id, seat.profile)
            return
        self._offers.offer(self._places[first[1]], seat, at)

    def _tell_positions(self, due: Iterable[Place]) -> None:
        for place in due:
            if place.phase is ContactPhase.WAITING:
                position = self._places.announcer.position(place)
                self._turn.effects.append(AnnouncePosition(place.contact, place.queue, position))

    # Timers

    def _on_timer(self, at: Millis) -> None:
        self._turn.seeking += self._places.move_due(at)
        for kind, name in self._timers.pop_due(at):
            if kind in ("wrap", "rest", "absent"):
                self._on_agent_due(kind, self._seats[AgentId(name)], at)
            else:
                self._on_contact_due(kind, name, at)

    def _on_contact_due(self, kind: TimerKind, name: str, at: Millis) -> None:
        if kind == "offer":
            self._offers.rescind(OfferId(name), RescindReason.TIMED_OUT, at)
            return
        place = self._places[ContactId(name)]
        if kind == "wait":
            self._overflow(place, OverflowCause.TIMED_OUT)
        else:
            self._places.announcer.arm(place, self._places.rules(place.queue), at)
            self._turn.told.append(place)

    def _on_agent_due(self, kind: TimerKind, seat: Seat, at: Millis) -> None:
        if kind == "absent":
            self._attendance.believe_back(seat, at)
            return
        if kind == "rest":
            seat.resting = False
        elif not self._seats.step_engagement(seat, EngagementStep.WRAP):
            return
        self._turn.freed.append(seat)
