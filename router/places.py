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

from router.alarms import NEVER
from router.contact_state import ContactPhase
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
from router.place import Place, Preference, timed_step
from router.place_snapshots import snapshot_of, snapshot_of_room
from router.policies import Policies
from router.pool import Pool
from router.ranking import WaitingKey
from router.snapshot import PlaceSnapshot, QueueSnapshot
from router.waiting_times import WaitingTimes

_WAITING = ContactPhase.WAITING
_OFFERED = ContactPhase.OFFERED


class Places:
    """All contacts of the pool by id; each knows the room that it is in."""

    def __init__(self, profiles: Profiles, policies: Policies) -> None:
        self.times = WaitingTimes()
        self.pool = Pool()
        self.arrivals = 0
        self._profiles = profiles
        self._policies = policies
        self._by_contact: dict[ContactId, Place] = {}
        # Asked for in every event: what they are is the dictionaries' own.
        self.get = self._by_contact.get
        """This contact, if it is here."""
        self.room = profiles.room
        """The queue of this id, as it is now."""
        self._retired: dict[QueueId, Room] = {}

    def __getitem__(self, contact: ContactId) -> Place:
        return self._by_contact[contact]

    def all(self) -> Iterable[Place]:
        """Every contact, whatever its phase, to be looked at now."""
        return self._by_contact.values()

    def all_in(self, room: Room) -> list[Place]:
        """Every contact of this queue, whatever its phase, first come first."""
        return [place for place in self._by_contact.values() if place.room is room]

    def all_waiting(self, room: Room) -> list[Place]:
        """Who waits in this queue without an offer, whose turn it is first."""
        waiting = (each for each in self.all_in(room) if each.phase is ContactPhase.WAITING)
        return sorted(waiting, key=_by_key)

    def at_steps(self, room: Room) -> list[Place]:
        """Those of them who wait at one of its steps."""
        return [self._by_contact[key[3]] for line in room.lines for key in line.waiting]

    def astray(self, room: Room) -> list[Place]:
        """Those of them who may stand elsewhere now that other steps are open: at a step where
        nobody is there, or at another than their time has come to. All others stay."""
        both = zip(room.lines, room.open_steps or (), strict=False)
        closed = [line for line, is_open in both if not is_open]
        found = room.displaced | {key[3]: None for line in closed for key in line.waiting}
        return [self._by_contact[contact] for contact in found]

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
            for place in self.all_waiting(room):
                self.times.limit(place, at)
        if before.contact_class != rules.contact_class:
            for place in self.all_in(room):
                self.rekey(place, (rules.contact_class, *place.key[1:]))
        if before.announce_every_ms != rules.announce_every_ms:
            for place in self.all_waiting(room):
                self.times.retell(place, at)
        return True

    def retire(self, room: Room) -> None:
        """Know this queue no longer, but for the contacts that are with an agent."""
        self._profiles.abandon(room)
        room.crisis, room.pace = None, Pace()
        if room.here:
            self._retired[room.rules.id] = room

    def change_routing(self, routing: Routing) -> None:
        """These rules hold for the whole pool from now on."""
        if routing.contacts is not self.pool.routing.contacts:
            self._policies.use(routing.contacts)
        self.pool.routing = routing

    def renew(self, room: Room) -> bool:
        """Find out which steps are open now; False if the same ones as before."""
        open_steps = tuple(
            line.staffed > 0 for line, _ in zip(room.lines, room.rules.steps, strict=False)
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
        step = room.stands_at[0] if preference is None else PREFERRED_STEP
        turn_from = at - event.waited_ms
        place = Place(event.contact, room, at, key, step, turn_from, at, preference)
        if self._policies.counting is not None:
            self._policies.entering(room)
        self._by_contact[event.contact] = place
        room.here += 1
        return place

    def wait(self, place: Place, at: Millis) -> None:
        """The contact waits (again), at its step and with its old key."""
        self._set_phase(place, ContactPhase.WAITING)
        if place.preference is None:
            place.room.pace.waiting(at)
        place.offer = None
        self._stand(place, at)
        self.times.begin(place, at)

    def offered(self, place: Place, offer: OfferId) -> None:
        """The contact rings at an agent; it keeps its key."""
        self._take_out(place)
        self._set_phase(place, ContactPhase.OFFERED)
        place.offer = offer
        if self._policies.counting is not None:
            self._policies.counting.offered(place.room)

    def give_back(self, place: Place, at: Millis) -> None:
        """The contact's offer, or what became of it, is lost; it is about to wait again."""
        place.overdue = place.entered + place.room.rules.wait_ms_max <= at
        if self._policies.counting is not None:
            self._policies.counting.returned(place.room)

    def rekey(self, place: Place, key: WaitingKey) -> None:
        """The contact's turn is another one now; it stands where it stood."""
        line = place.line
        if line is not None:
            self._leave(place, line)
            place.line = None
        place.key = key
        if line is not None:
            self._join(place)

    def connected(self, place: Place) -> None:
        """The contact met its agent."""
        self._set_phase(place, ContactPhase.CONNECTED)

    def remove(self, place: Place) -> None:
        """The contact is here no more."""
        self._take_out(place)
        self._set_phase(place, ContactPhase.ABSENT)
        del self._by_contact[place.contact]
        self._forsake(place.room)

    def begin_steps(self, place: Place, since: Millis) -> None:
        """The contact waits for its preferred agent no longer; it is to be stood anew."""
        if place.preference is not None:
            place.preference, place.steps_from = None, since
            if place.phase is _WAITING:
                place.room.pace.waiting(since)

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
        self.wait(place, at)

    def position_of_next(self, event: ContactQueued, room: Room, at: Millis) -> int:
        """Which position this contact would have if it came in now."""
        return room.before(self._next_key(event, room, at)) + 1

    def stand_in_line(self, place: Place) -> None:
        """Its line is another one than it stands in."""
        self._join(place)

    def restand(self, place: Place, at: Millis) -> bool:
        """Let a waiting contact stand where it belongs now; whether that is in another line."""
        before = place.line
        self._stand(place, at)
        self.times.renew(place)
        return place.line is not before

    def is_moved(self, place: Place, at: Millis) -> bool:
        """Move a waiting contact whose step is over; whether it stands at another one now."""
        before = place.step
        self._stand(place, at)
        return place.step != before

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

    def restore_routing(self, routing: Routing, virtual: int) -> None:
        """Know again what holds for the whole pool; no queue is known yet."""
        self._policies.use(routing.contacts, virtual=virtual)
        self.pool.routing = routing

    def restore_queues(self, snapshots: Iterable[QueueSnapshot]) -> None:
        """Know again which queues there are; no agent is known yet."""
        for each in snapshots:
            pace = Pace(each.handling_ms, each.measured_at, each.waits_since)
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
        *,
        own_line: Callable[[AgentId, Channel], Line],
    ) -> None:
        """Know again who was here; queues are known already.

        ``own_line`` is where contacts of a channel stand that wait for this agent alone.
        """
        for each in snapshots:
            room = self._profiles.room(each.queue) or self._retired.get(each.queue)
            if room is None:
                raise CoreBug(f"queue {each.queue} has contacts but no rules")
            key = (room.rules.contact_class, each.key_ms, each.arrival, each.contact)
            entered = each.entered
            turn_from = entered if each.turn_from is None else each.turn_from
            steps_from = entered if each.steps_from is None else each.steps_from
            place = Place(each.contact, room, entered, key, each.step, turn_from, steps_from)
            self._by_contact[each.contact] = place
            room.here += 1
            self._set_phase(place, each.phase)
            place.offer = each.offer
            place.missed_by = frozenset(each.missed_by)
            if each.preferred is not None:
                line = own_line(each.preferred, room.rules.channel)
                until, must_serve = each.preferred_until, each.preferred_must_serve
                place.preference = Preference(each.preferred, line, until, must_serve)
            if place.phase is ContactPhase.WAITING:
                self._join(place)
                self.times.restore(place, each.times)
                if place.step not in (PREFERRED_STEP, timed_step(place)):
                    room.displaced[place.contact] = None

    def _next_key(self, event: ContactQueued, room: Room, at: Millis) -> WaitingKey:
        turn_ms = at - event.waited_ms - event.priority_ms
        return (room.rules.contact_class, turn_ms, self.arrivals + 1, event.contact)

    def _forsake(self, room: Room) -> None:
        if room.held == len(room.aside):
            room.pace.nobody_waits()
        room.here -= 1
        if not room.here:
            self._retired.pop(room.rules.id, None)

    def _stand(self, place: Place, at: Millis) -> None:
        room, held = place.room, place.preference
        if held is not None:
            if at < held.until:
                place.step_ends_at = held.until
                place.step = PREFERRED_STEP
                room.displaced.pop(place.contact, None)
                self._join(place)
                return
            self.begin_steps(place, held.until)
        waited = at - place.steps_from
        place.step_ends_at = NEVER
        due = 0
        for ends in room.step_ends:
            if waited < ends:
                place.step_ends_at = place.steps_from + ends
                break
            due += 1
        place.step = room.stands_at[due]
        if place.step != due:
            room.displaced[place.contact] = None
        elif room.displaced:
            room.displaced.pop(place.contact, None)
        self._join(place)

    def _take_out(self, place: Place) -> None:
        """A contact that stands in no line has no timer of waiting in it either."""
        line = place.line
        if line is not None:
            place.line = None
            self._leave(place, line)
            if place.room.displaced:
                place.room.displaced.pop(place.contact, None)
            self.times.end(place)

    def _join(self, place: Place) -> None:
        held, before = place.preference, place.line
        line = place.room.lines[place.step] if held is None else held.line
        if before is not None:
            if line is before:
                return
            self._leave(place, before)
        place.line = line
        line.waiting.add(place.key)
        if held is not None:
            place.room.aside.add(place.key)

    def _leave(self, place: Place, line: Line) -> None:
        line.waiting.discard(place.key)
        if line.step == PREFERRED_STEP:
            place.room.aside.discard(place.key)

    def _set_phase(self, place: Place, phase: ContactPhase) -> None:
        room, before = place.room, place.phase
        place.phase = phase
        if phase is _WAITING:
            room.waits += 1
            room.held += 1
            self.pool.waits += 1
        elif phase is _OFFERED:
            room.held += 1
        if before is _WAITING:
            room.waits -= 1
            room.held -= 1
            self.pool.waits -= 1
        elif before is _OFFERED:
            room.held -= 1


def _by_key(place: Place) -> WaitingKey:
    return place.key
