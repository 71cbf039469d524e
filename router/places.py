"""Contacts in queues: where each stands, at which step, and who could serve it there.

A contact's step is a function of three things only: how long ago its steps began, the queue's
steps, and which of these somebody is there to serve (the queue's *open* steps). They begin as it
enters, or when it waits no longer for one agent alone. It stands at the step its time has come to;
if nobody is there for that one, at the next that is open; and if there is none, at the last open
one before. So a step that nobody can serve is passed over at once, no contact waits for nobody, and
neither an offer at a step nor a restart moves it.

Which steps are open is renewed between events only: till then all contacts are judged alike.
"""

from collections.abc import Callable, Iterable

from router.announcing import Announcer, is_ranked
from router.contact_state import ContactPhase
from router.deadlines import Deadlines
from router.errors import CoreBug
from router.events import ContactQueued
from router.expecting import Pace
from router.matching import Line, Profiles, Room
from router.model import (
    PREFERRED_STEP,
    AgentId,
    Channel,
    ContactId,
    Millis,
    OfferId,
    Queue,
    QueueId,
    Routing,
)
from router.place import Place, Preference
from router.place_snapshots import snapshot_of, snapshot_of_room
from router.policies import Policies
from router.pool import Pool
from router.ranking import WaitingKey
from router.snapshot import PlaceSnapshot, QueueSnapshot, StepTimerSnapshot
from router.turn import Timers

_WAITING = ContactPhase.WAITING
_IN_QUEUE = (ContactPhase.WAITING, ContactPhase.OFFERED)


class Places:
    """All contacts of the pool by id; each knows the room that it is in."""

    def __init__(self, profiles: Profiles, timers: Timers, policies: Policies) -> None:
        self.announcer = Announcer(timers)
        self.pool = Pool()
        self.arrivals = 0
        self._profiles = profiles
        self._policies = policies
        self._timers = timers
        self._step_timers: Deadlines[ContactId] = Deadlines()
        self._by_contact: dict[ContactId, Place] = {}
        self._retired: dict[QueueId, Room] = {}

    def __getitem__(self, contact: ContactId) -> Place:
        return self._by_contact[contact]

    def get(self, contact: ContactId) -> Place | None:
        """This contact, if it is here."""
        return self._by_contact.get(contact)

    def room(self, queue: QueueId) -> Room | None:
        """The queue of this id, as it is now."""
        return self._profiles.room(queue)

    def all_in(self, room: Room) -> list[Place]:
        """Every contact of this queue, whatever its phase, first come first."""
        return [place for place in self._by_contact.values() if place.room is room]

    def all_waiting(self, room: Room) -> list[Place]:
        """Who waits in this queue without an offer, whose turn it is first."""
        waiting = (each for each in self.all_in(room) if each.phase is ContactPhase.WAITING)
        return sorted(waiting, key=_by_key)

    def at_steps(self, room: Room) -> list[Place]:
        """Those of them who wait at one of its steps."""
        return [self._by_contact[contact] for contact in room.waiting()]

    def next_step_due(self) -> Millis | None:
        """When the next contact's step is over."""
        return self._step_timers.next_due()

    # Queues

    def change(self, rules: Queue, at: Millis) -> bool:
        """Know this queue, or what is new of it; False when nothing is.

        Its numbers are everybody's from now on: running waits end at their new time, which may be
        this moment, and announcements go over to the new rhythm.
        """
        known = self._profiles.room(rules.id)
        if known is not None and known.rules == rules:
            return False
        room = known or self._retired.pop(rules.id, None) or Room(rules)
        before = room.rules
        self._profiles.serve(room, rules)
        if known is None and self._policies.counting is not None:
            self._policies.counting.added(room)
        if before.wait_ms_max != rules.wait_ms_max:
            for place in self.all_in(room):
                self._time_wait(place, at)
        if before.contact_class != rules.contact_class:
            for place in self.all_in(room):
                self.rekey(place, (rules.contact_class, *place.key[1:]))
        if is_ranked(before) is not is_ranked(rules):
            self.announcer.rerank(room, self.all_waiting(room))
        if before.announce_every_ms != rules.announce_every_ms:
            self.announcer.retime(self.all_waiting(room), at)
        return True

    def retire(self, room: Room) -> None:
        """Know this queue no longer, but for the contacts that are with an agent."""
        self._profiles.abandon(room)
        room.ranking, room.crisis, room.pace = None, None, Pace()
        if room.here:
            self._retired[room.rules.id] = room

    def change_routing(self, routing: Routing) -> None:
        """These rules hold for the whole pool from now on."""
        if routing.contacts is not self.pool.routing.contacts:
            self._policies.use(routing.contacts)
        self.pool.routing = routing

    def is_full(self, room: Room) -> bool:
        """Whether one contact more, waiting or offered, would be one too many."""
        limit = room.rules.waiting
        return limit is not None and not limit.allows(room.held, staff=room.staff)

    def renew(self, room: Room) -> bool:
        """Find out which steps are open now; False if the same ones as before."""
        open_steps = tuple(
            any(profile.staffed for profile in line.serving)
            for line, _ in zip(room.lines, room.rules.steps, strict=False)
        )
        if room.open_steps == open_steps:
            return False
        room.set_open(open_steps)
        return True

    # Contacts

    def enter(
        self, event: ContactQueued, room: Room, preference: Preference | None, at: Millis
    ) -> Place:
        """A new contact, which waits nowhere yet."""
        key = self._next_key(event, room, at)
        self.arrivals += 1
        place = Place(event.contact, room, at, key, room.stands_at[0])
        place.turn_from, place.steps_from = at - event.waited_ms, at
        if preference is not None:
            place.step, place.preference = PREFERRED_STEP, preference
        if self._policies.counting is not None:
            self._policies.entering(room)
        self._put(place)
        self._time_wait(place, at)
        return place

    def wait(self, place: Place, at: Millis) -> None:
        """The contact waits (again), at its step and with its old key."""
        self._set_phase(place, ContactPhase.WAITING)
        place.offer = None
        self._stand(place, at)
        self.announcer.joined(place, at)

    def offered(self, place: Place, offer: OfferId) -> None:
        """The contact rings at an agent; it keeps its key."""
        self._take_out(place)
        self._set_phase(place, ContactPhase.OFFERED)
        place.offer = offer
        if self._policies.counting is not None:
            self._policies.counting.offered(place.room)

    def give_back(self, place: Place) -> None:
        """The contact's offer, or what became of it, is lost; it is about to wait again."""
        if self._policies.counting is not None:
            self._policies.counting.returned(place.room)

    def rekey(self, place: Place, key: WaitingKey) -> None:
        """The contact's turn is another one now; it stands where it stood."""
        line, ranking = place.line, place.room.ranking
        if line is not None:
            line.discard(place.contact)
            if ranking is not None:
                ranking.discard(place.key)
                ranking.add(key)
            line.add(key)
        place.key = key

    def connected(self, place: Place) -> None:
        """The contact met its agent."""
        self._set_phase(place, ContactPhase.CONNECTED)

    def remove(self, place: Place) -> None:
        """The contact is here no more."""
        self._take_out(place)
        self._timers.clear(("wait", place.contact))
        self._set_phase(place, ContactPhase.ABSENT)
        del self._by_contact[place.contact]
        self._forsake(place.room)

    def begin_steps(self, place: Place, since: Millis) -> None:
        """The contact waits for its preferred agent no longer; it is to be stood anew."""
        if place.preference is not None:
            place.preference, place.steps_from = None, since

    def move(self, place: Place, room: Room, at: Millis) -> None:
        """A waiting contact waits in this queue from now on."""
        self._take_out(place)
        self._set_phase(place, ContactPhase.ABSENT)
        self._forsake(place.room)
        self._policies.entering(room)
        place.room, place.preference = room, None
        room.here += 1
        place.key = (room.rules.contact_class, *place.key[1:])
        place.entered = place.steps_from = at
        place.overdue = False
        self._time_wait(place, at)
        self.wait(place, at)

    def position_of_next(self, event: ContactQueued, room: Room, at: Millis) -> int:
        """Which position this contact would have if it came in now."""
        if room.ranking is None:
            return 1
        return room.ranking.before(self._next_key(event, room, at)) + 1

    def stand_in_line(self, place: Place) -> None:
        """Its line is another one than it stands in."""
        self._join(place)

    def restand(self, place: Place, at: Millis) -> None:
        """Let a waiting contact stand where it belongs now."""
        self._step_timers.clear(place.contact)
        self._stand(place, at)

    def move_due(self, at: Millis) -> list[Place]:
        """Move every contact whose step is over; who went to another one."""
        moved: list[Place] = []
        # Asked for each timer, and mostly no step's.
        first = self._step_timers.next_due()
        if first is None or first > at:
            return moved
        # All at first: a step set anew to this very moment is the next timer's, never a loop here.
        for contact in list(self._step_timers.pop_due(at)):
            place = self._by_contact[contact]
            before = place.step
            self.restand(place, at)
            if place.step != before:
                moved.append(place)
        return moved

    # Snapshots

    def taken_queues(self) -> tuple[QueueSnapshot, ...]:
        """Every queue, for a snapshot; the retired ones last."""
        return (
            *(
                snapshot_of_room(room, room.open_steps or (), retired=False)
                for room in self._profiles.rooms()
            ),
            *(snapshot_of_room(room, (), retired=True) for room in self._retired.values()),
        )

    def taken(self) -> tuple[PlaceSnapshot, ...]:
        """Every contact, for a snapshot."""
        return tuple(snapshot_of(place) for place in self._by_contact.values())

    def taken_step_timers(self) -> tuple[StepTimerSnapshot, ...]:
        """When whose step is over, for a snapshot."""
        return tuple(StepTimerSnapshot(*each) for each in self._step_timers.in_order())

    def restore_routing(self, routing: Routing, virtual: int) -> None:
        """Know again what holds for the whole pool; no queue is known yet."""
        self._policies.use(routing.contacts, virtual=virtual)
        self.pool.routing = routing

    def restore_queues(self, snapshots: Iterable[QueueSnapshot]) -> None:
        """Know again which queues there are; no agent is known yet."""
        for each in snapshots:
            pace = Pace(each.gap, each.last_accept, each.was_busy)
            room = Room(each.rules, pace=pace, crisis=each.crisis, tag=each.tag)
            if each.retired:
                room.set_rules(each.rules)
                self._retired[each.rules.id] = room
            else:
                self._profiles.serve(room, each.rules)
                room.set_open(each.open_steps)

    def restore(
        self,
        snapshots: Iterable[PlaceSnapshot],
        step_timers: Iterable[StepTimerSnapshot],
        *,
        own_line: Callable[[AgentId, Channel], Line],
    ) -> None:
        """Know again who was here; queues are known already, the other timers are set after it.

        ``own_line`` is where contacts of a channel stand that wait for this agent alone.
        """
        for each in snapshots:
            room = self._profiles.room(each.queue) or self._retired.get(each.queue)
            if room is None:
                raise CoreBug(f"queue {each.queue} has contacts but no rules")
            key = (room.rules.contact_class, each.key_ms, each.arrival, each.contact)
            place = Place(each.contact, room, each.entered, key, each.step)
            self._put(place)
            self._set_phase(place, each.phase)
            place.offer, place.overdue = each.offer, each.overdue
            place.missed_by = frozenset(each.missed_by)
            place.turn_from = each.entered if each.turn_from is None else each.turn_from
            place.steps_from = each.entered if each.steps_from is None else each.steps_from
            if each.preferred is not None:
                line = own_line(each.preferred, room.rules.channel)
                place.preference = Preference(each.preferred, line, each.preferred_until)
            if place.phase is ContactPhase.WAITING:
                self._join(place)
                if is_ranked(room.rules):
                    self.announcer.rank(place)
        for timer in step_timers:
            self._step_timers.set(timer.contact, timer.due)

    def _next_key(self, event: ContactQueued, room: Room, at: Millis) -> WaitingKey:
        turn_ms = at - event.waited_ms - event.priority_ms
        return (room.rules.contact_class, turn_ms, self.arrivals + 1, event.contact)

    def _forsake(self, room: Room) -> None:
        room.here -= 1
        if not room.here:
            self._retired.pop(room.rules.id, None)

    def _put(self, place: Place) -> None:
        self._by_contact[place.contact] = place
        place.room.here += 1

    def _time_wait(self, place: Place, at: Millis) -> None:
        """Let its wait end when its queue says; a moment that has passed is now."""
        due = place.entered + place.room.rules.wait_ms_max
        if place.overdue and due <= at:
            return
        place.overdue = False
        self._timers.set(("wait", place.contact), max(due, at))

    def _stand(self, place: Place, at: Millis) -> None:
        room, waited, held = place.room, at - place.steps_from, place.preference
        if held is not None:
            if at < held.until:
                self._step_timers.set(place.contact, held.until)
                place.step = PREFERRED_STEP
                self._join(place)
                return
            self.begin_steps(place, held.until)
            waited = at - held.until
        due = 0
        for ends in room.step_ends:
            if waited < ends:
                self._step_timers.set(place.contact, place.steps_from + ends)
                break
            due += 1
        place.step = room.stands_at[due]
        self._join(place)

    def _take_out(self, place: Place) -> None:
        """A contact that stands in no line has no timer of waiting in it either."""
        if place.line is not None:
            place.line.discard(place.contact)
            place.line = None
            self._step_timers.clear(place.contact)
            self.announcer.left(place)

    def _join(self, place: Place) -> None:
        held, before = place.preference, place.line
        line = place.room.lines[place.step] if held is None else held.line
        if line is before:
            return
        if before is not None:
            before.discard(place.contact)
        place.line = line
        line.add(place.key)

    def _set_phase(self, place: Place, phase: ContactPhase) -> None:
        room, before = place.room, place.phase
        room.waits += (phase is _WAITING) - (before is _WAITING)
        more = (phase in _IN_QUEUE) - (before in _IN_QUEUE)
        if more:
            room.held += more
            self.pool.held += more
        place.phase = phase


def _by_key(place: Place) -> WaitingKey:
    return place.key
