"""``Router.handle``: the only place where routing state changes.

One event in, effects out, run to completion. Two things only ask for a decision: a contact begins
to wait at a step (is somebody idle for it?), and an agent becomes idle (whose turn is it, over all
steps she can serve?). It is made when the event is over and all that it changed is known. Choosing
and reserving are one act, so that fifty contacts of one tick never ring the same phone.

Here each event finds its room: contacts come in by ``admission``, wait in ``places`` and are
matched in ``settling``; what becomes of an offer is in ``offers``, who is there in ``presence``.
All of them work on one ``Turn``.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Self, assert_never

from router.admission import Admission
from router.agent_state import EngagementPhase
from router.alarms import NEVER
from router.announcing import telling_after
from router.contact_state import CONTACT, ContactPhase, ContactStep
from router.crisis import Crises
from router.deadlines import Deadlines
from router.effects import RouterEffect
from router.events import (
    AgentChanged,
    AgentRetired,
    ContactChanged,
    ContactLeft,
    ContactQueued,
    CrisisDeclared,
    CrisisEnded,
    DayStarted,
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
    RoutingChanged,
    TimerFired,
    WrapUpRequested,
)
from router.explaining import Explainer
from router.keeping import Keeping
from router.line_order import PROFILES_SCANNED_MAX
from router.matching import Profiles, Room
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
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
from router.policies import Policies
from router.policy import AgentPolicy, ContactPolicy
from router.preferring import Preferring
from router.presence import Attendance
from router.seats import Seats
from router.settling import Settling
from router.showing import agent_view, engagement_of, queue_view, waiting_list
from router.sight import Sight
from router.snapshot import (
    RouterSnapshot,
    TimerKind,
)
from router.turn import Timers, Turn
from router.views import AgentView, QueueView, WaitingList

SiteChange = QueueChanged | QueueRetired | AgentChanged | AgentRetired | RoutingChanged | DayStarted
"""What there is or holds is another than before. These alone may look at all agents, as many as the
site has; at all contacts, of which the call cores take ``CONTACTS_MAX`` at most, only these and a
crisis that is declared. Whatever else happens looks at those whom it is about; where the first one
for a step of a queue comes, or the last one goes, that is who has to stand elsewhere in it."""


class Router:
    """Routes the contacts of one pool of agents.

    ``ignored`` counts messages that came late or twice, by state and happening: they change
    nothing, but a rising number tells of trouble elsewhere.

    ``contacts`` and ``agents`` take the place of all orders that come with it: what queues and
    routing say of orders is then theirs to heed or not. What they count they keep for themselves;
    it is in no snapshot, but for the tags of the queues.
    """

    def __init__(
        self,
        *,
        contacts: ContactPolicy | None = None,
        agents: AgentPolicy | None = None,
        scanned_max: int = PROFILES_SCANNED_MAX,
    ) -> None:
        self.ignored: Counter[str] = Counter()
        self._turn = Turn()
        self._timers: Timers = Deadlines()
        self._profiles = Profiles(scanned_max)
        self._policies = Policies(
            self._profiles, self._room_of, given_contacts=contacts, given_agents=agents
        )
        self._seats = Seats(self.ignored, self._profiles, self._policies)
        self._places = Places(self._profiles, self._policies)
        self._times = self._places.times
        self._offers = Offers(
            self._turn, seats=self._seats, places=self._places, timers=self._timers
        )
        self._attendance = Attendance(
            self._turn, seats=self._seats, offers=self._offers, timers=self._timers
        )
        self._preferring = Preferring(self._turn, seats=self._seats, places=self._places)
        self._crises = Crises(self._turn, places=self._places, ignored=self.ignored)
        self._settling = Settling(
            self._turn,
            profiles=self._profiles,
            policies=self._policies,
            seats=self._seats,
            places=self._places,
            offers=self._offers,
            preferring=self._preferring,
            crises=self._crises,
        )
        self._admission = Admission(
            self._turn,
            seats=self._seats,
            places=self._places,
            offers=self._offers,
            preferring=self._preferring,
            crises=self._crises,
        )

        self._keeping = Keeping(
            self.ignored,
            profiles=self._profiles,
            policies=self._policies,
            seats=self._seats,
            places=self._places,
            offers=self._offers,
            timers=self._timers,
        )

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        """Take one event at engine time ``at``; what must be done because of it."""
        turn = self._turn
        turn.effects = []
        watcher = turn.watcher
        if watcher is not None:
            watcher.begin(event, at)
        self._seats.now = at
        try:
            self._dispatch(event, at)
            if turn.freed or turn.seeking or turn.unsettled or turn.diverted or turn.doubted:
                self._settling.settle(at)
                turn.settled()
            if turn.told:
                self._settling.tell_positions()
        except BaseException:
            # What an event that met a bug left to be judged is not judged with the next one: it
            # would meet the bug again.
            turn.settled()
            turn.told.clear()
            raise
        if watcher is not None:
            watcher.end(at)
        return turn.effects

    def next_deadline(self) -> Millis | None:
        """When ``TimerFired`` is due, at the latest."""
        timer, waiting = self._timers.due, self._times.due
        if waiting < timer:
            return waiting
        return None if timer == NEVER else timer

    # What is to be seen

    def watched_by(self, explainer: Explainer) -> None:
        """Let it hear of each decision from now on; it changes none."""
        self._turn.watcher = explainer.seeing(
            Sight(
                self._turn,
                seats=self._seats,
                profiles=self._profiles,
                places=self._places,
                offers=self._offers,
                timers=self._timers,
            )
        )

    def waiting_in(self, queue: QueueId) -> list[ContactId]:
        """Who waits in this queue without an offer, first come first."""
        room = self._profiles.room(queue)
        if room is None:
            return []
        return [place.contact for place in self._places.all_waiting(room)]

    def waits_in(self, contact: ContactId) -> QueueId | None:
        """The queue in which this contact waits without an offer; None if in none."""
        place = self._places.get(contact)
        if place is None or place.phase is not ContactPhase.WAITING:
            return None
        return place.queue

    def step_of(self, contact: ContactId) -> int | None:
        """At which step of its queue this contact stands, the first being 0; None if nowhere.

        It is ``PREFERRED_STEP`` while it waits for one agent alone.
        """
        place = self._places.get(contact)
        return None if place is None else place.step

    def engagement_of(self, agent: AgentId) -> EngagementPhase:
        """What this agent's hands hold."""
        return engagement_of(self._seats[agent])[0]

    def agents(self) -> list[AgentView]:
        """Every agent as she is now, and who has left the site but not yet her last contact."""
        seats, offers = self._seats, self._offers
        return [agent_view(each, devices=seats.devices, offers=offers) for each in seats.all()]

    def queues(self) -> list[QueueView]:
        """Every queue of the site as it is now."""
        return [queue_view(room) for room in self._profiles.rooms()]

    def waiting(self, queue: QueueId | None = None) -> WaitingList:
        """Who has met no agent yet, in this queue or any, and where each stands.

        Looks at every contact: for people who ask, not for what is asked all the time.
        """
        places = self._places.all()
        if queue is not None:
            places = [each for each in places if each.queue == queue]
        return waiting_list(places, offers=self._offers)

    def _room_of(self, contact: ContactId) -> Room:
        return self._places[contact].room

    # Snapshots

    def snapshot(self) -> RouterSnapshot:
        """All that is held now, for ``restored``. Taken between two events."""
        return self._keeping.taken()

    @classmethod
    def restored(
        cls,
        snapshot: RouterSnapshot,
        *,
        contacts: ContactPolicy | None = None,
        agents: AgentPolicy | None = None,
        scanned_max: int = PROFILES_SCANNED_MAX,
    ) -> Self:
        """A router that goes on as the one the snapshot was taken from, if given its policies."""
        router = cls(contacts=contacts, agents=agents, scanned_max=scanned_max)
        router._keeping.restore(snapshot)
        return router

    # Events

    def _dispatch(self, event: RouterEvent, at: Millis) -> None:
        """The most frequent first: they are tried in this order."""
        match event:
            case ContactQueued():
                self._admission.admit(event, at)
            case TimerFired():
                self._on_timer(at)
            case ContactLeft():
                self._leave(event.contact, at)
            case OfferAccepted() | EngagementEnded() | OfferFailed():
                self._offers.answer(event, at)
            case DeviceReachabilityChanged() | DeviceOccupied() | DeviceVacated():
                self._on_device(event, at)
            case PresenceRequested() | WrapUpRequested():
                self._attendance.request(event, at)
            case (
                QueueChanged()
                | QueueRetired()
                | AgentChanged()
                | AgentRetired()
                | RoutingChanged()
                | DayStarted()
            ):
                self._on_site(event, at)
            case ContactChanged() | CrisisDeclared() | CrisisEnded():
                self._crises.take(event, at)
            case _:
                assert_never(event)

    def _on_device(
        self, event: DeviceReachabilityChanged | DeviceOccupied | DeviceVacated, at: Millis
    ) -> None:
        match event:
            case DeviceReachabilityChanged(device, reachable):
                self._attendance.reach(device, reachable=reachable, at=at)
            case DeviceOccupied(device, call):
                self._attendance.occupy(device, call, at)
            case DeviceVacated(device, call):
                self._attendance.vacate(device, call)

    def _on_site(self, event: SiteChange, at: Millis) -> None:
        match event:
            case QueueChanged(queue):
                self._change_queue(queue, at)
            case QueueRetired(queue):
                self._retire_queue(queue, at)
            case AgentChanged(agent):
                self._attendance.change_agent(agent, at)
            case AgentRetired(agent):
                self._attendance.retire_agent(agent, at)
            case RoutingChanged(routing):
                self._places.change_routing(routing)
            case DayStarted():
                self._seats.start_day()

    # Queues

    def _change_queue(self, queue: Queue, at: Millis) -> None:
        """Who waits there is judged anew: her agent may be idle, or nobody serves her now."""
        before = self._places.room(queue.id)
        channel = queue.channel if before is None else before.rules.channel
        if self._places.change(queue, at):
            self._turn.unsettled[queue.id] = None
        if before is not None:
            is_rechannelled = channel is not queue.channel
            self._preferring.change_queue(before, is_rechannelled=is_rechannelled)

    def _retire_queue(self, queue: QueueId, at: Millis) -> None:
        """Give back who has met no agent yet; conversations go on to their end."""
        room = self._profiles.room(queue)
        if room is None:
            self.ignored["unknown queue/QueueRetired"] += 1
            return
        for place in self._places.all_in(room):
            if place.offer is not None and place.phase is ContactPhase.OFFERED:
                self._offers.rescind(place.offer, RescindReason.QUEUE_RETIRED, at)
        for place in self._places.all_waiting(room):
            self._settling.give_up(place, OverflowCause.NO_AGENTS)
        self._places.retire(room)

    # Contacts

    def _leave(self, contact: ContactId, at: Millis) -> None:
        place = self._places.get(contact)
        if place is None or CONTACT[place.phase, ContactStep.LEAVE] is None:
            self.ignored["contact/leave"] += 1
            return
        self._places.remove(place)
        if place.offer is not None:
            self._offers.rescind(place.offer, RescindReason.CONTACT_LEFT, at)

    # Timers

    def _on_timer(self, at: Millis) -> None:
        if self._times.due <= at:
            for place in self._times.pop_due(at):
                self._on_wait_due(place, at)
        if self._timers.due <= at:
            timers = self._timers
            while timers.due <= at:
                kind, name = timers.pop_key()
                self._on_timer_of(kind, name, at)

    def _on_timer_of(self, kind: TimerKind, name: str, at: Millis) -> None:
        match kind:
            case "wrap":
                self._offers.after.end_wrap_up(self._seats[AgentId(name)], at)
            case "offer":
                self._offers.overdue(OfferId(name), at)
            case "chat_wrap":
                self._offers.after.end_chat_wrap_up(OfferId(name), at)
            case "rest":
                seat = self._seats[AgentId(name)]
                seat.resting = False
                self._turn.freed.append(seat)
            case "absent":
                self._attendance.believe_back(self._seats[AgentId(name)], at)
            case "own_calls":
                self._attendance.forget_own_calls(DeviceId(name), at)

    def _on_wait_due(self, place: Place, at: Millis) -> None:
        """Its wait is over, its step is, or it is to be told its position."""
        if place.wait_ends_at <= at:
            self._settling.give_up(place, OverflowCause.TIMED_OUT)
            return
        if place.step_ends_at <= at and self._places.is_moved(place, at):
            self._turn.seeking.append(place)
        if place.tells_at <= at:
            place.tells_at = telling_after(place, at)
            self._turn.told.append(place)
        self._times.begin_anew(place)
