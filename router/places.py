"""Contacts in queues: where each stands, at which step, and who could serve it there.

A contact's step is a function of three things only: how long ago it entered, the queue's steps,
and which of these somebody is there to serve (the queue's *open* steps). It stands at the step
its time has come to; if nobody is there for that one, at the next that is open; and if there is
none, at the last open one before. So a step that nobody can serve is passed over at once, no
contact waits for nobody, and neither an offer nor a restart moves it.

Which steps are open is renewed between events only: till then all contacts are judged alike.
"""

from collections.abc import Iterable

from router.announcing import Announcer
from router.contact_state import ContactPhase
from router.deadlines import Deadlines
from router.errors import CoreBug
from router.matching import Profiles, Room
from router.model import ContactId, Millis, OfferId, Queue, QueueId
from router.place import Place
from router.snapshot import PlaceSnapshot, QueueSnapshot, StepTimerSnapshot
from router.turn import Timers

_IN_QUEUE = (ContactPhase.WAITING, ContactPhase.OFFERED)


class Places:
    """All contacts of the pool by id; each knows the room that it is in."""

    def __init__(self, profiles: Profiles, timers: Timers) -> None:
        self.announcer = Announcer(timers)
        self.arrivals = 0
        self._profiles = profiles
        self._timers = timers
        self._step_timers: Deadlines[ContactId] = Deadlines()
        self._by_contact: dict[ContactId, Place] = {}
        self._retired: dict[QueueId, Room] = {}

    def __getitem__(self, contact: ContactId) -> Place:
        return self._by_contact[contact]

    def get(self, contact: ContactId) -> Place | None:
        """This contact, if it is here."""
        return self._by_contact.get(contact)

    def all_in(self, room: Room) -> list[Place]:
        """Every contact of this queue, whatever its phase, first come first."""
        return [place for place in self._by_contact.values() if place.room is room]

    def all_waiting(self, room: Room) -> list[Place]:
        """Who waits in this queue without an offer, first come first."""
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
        room = self._profiles.room(rules.id)
        if room is not None and room.rules == rules:
            return False
        room = room or self._retired.pop(rules.id, None) or Room(rules)
        before = room.rules
        self._profiles.serve(room, rules)
        if before.wait_ms_max != rules.wait_ms_max:
            for place in self.all_in(room):
                self._time_wait(place, at)
        if before.announce_every_ms != rules.announce_every_ms:
            self.announcer.retime(room, self.all_waiting(room), at)
        return True

    def retire(self, room: Room) -> None:
        """Know this queue no longer, but for the contacts that are with an agent."""
        self._profiles.abandon(room)
        room.ranking = None
        if room.here:
            self._retired[room.rules.id] = room

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

    def enter(self, contact: ContactId, room: Room, *, priority: Millis, at: Millis) -> Place:
        """A new contact, which waits nowhere yet."""
        self.arrivals += 1
        key = (at - priority, self.arrivals, contact)
        place = Place(contact, room, at, key, room.stands_at[0])
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

    def connected(self, place: Place) -> None:
        """The contact met its agent."""
        self._set_phase(place, ContactPhase.CONNECTED)

    def remove(self, place: Place) -> None:
        """The contact is here no more."""
        self._take_out(place)
        self._timers.clear(("wait", place.contact))
        self._set_phase(place, ContactPhase.ABSENT)
        del self._by_contact[place.contact]
        room = place.room
        room.here -= 1
        if not room.here:
            self._retired.pop(room.rules.id, None)

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
                QueueSnapshot(room.rules, room.open_steps or (), retired=False)
                for room in self._profiles.rooms()
            ),
            *(QueueSnapshot(room.rules, (), retired=True) for room in self._retired.values()),
        )

    def taken(self) -> tuple[PlaceSnapshot, ...]:
        """Every contact, for a snapshot."""
        return tuple(_snapshot_of(place) for place in self._by_contact.values())

    def taken_step_timers(self) -> tuple[StepTimerSnapshot, ...]:
        """When whose step is over, for a snapshot."""
        return tuple(StepTimerSnapshot(*each) for each in self._step_timers.in_order())

    def restore_queues(self, snapshots: Iterable[QueueSnapshot]) -> None:
        """Know again which queues there are; no agent is known yet."""
        for each in snapshots:
            room = Room(each.rules)
            if each.retired:
                room.set_rules(each.rules)
                self._retired[each.rules.id] = room
            else:
                self._profiles.serve(room, each.rules)
                room.set_open(each.open_steps)

    def restore(
        self, snapshots: Iterable[PlaceSnapshot], step_timers: Iterable[StepTimerSnapshot]
    ) -> None:
        """Know again who was here; queues are known already, the other timers are set after it."""
        for each in snapshots:
            key = (each.key_ms, each.arrival, each.contact)
            room = self._profiles.room(each.queue) or self._retired.get(each.queue)
            if room is None:
                raise CoreBug(f"queue {each.queue} has contacts but no rules")
            place = Place(each.contact, room, each.entered, key, each.step)
            self._put(place)
            self._set_phase(place, each.phase)
            place.offer, place.overdue = each.offer, each.overdue
            place.missed_by = frozenset(each.missed_by)
            if place.phase is ContactPhase.WAITING:
                self._join(place)
                if room.rules.announce_every_ms is not None:
                    self.announcer.rank(place)
        for timer in step_timers:
            self._step_timers.set(timer.contact, timer.due)

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
        room, waited = place.room, at - place.entered
        due = 0
        for ends in room.step_ends:
            if waited < ends:
                self._step_timers.set(place.contact, place.entered + ends)
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
        line, before = place.room.lines[place.step], place.line
        if line is before:
            return
        if before is not None:
            before.discard(place.contact)
        place.line = line
        line.add(place.key)

    def _set_phase(self, place: Place, phase: ContactPhase) -> None:
        place.room.held += (phase in _IN_QUEUE) - (place.phase in _IN_QUEUE)
        place.phase = phase


def _snapshot_of(place: Place) -> PlaceSnapshot:
    key_ms, arrival, _ = place.key
    return PlaceSnapshot(
        contact=place.contact,
        queue=place.queue,
        entered=place.entered,
        key_ms=key_ms,
        arrival=arrival,
        step=place.step,
        phase=place.phase,
        offer=place.offer,
        overdue=place.overdue,
        missed_by=tuple(sorted(place.missed_by)),
    )
