"""Contacts in queues: where each stands, at which step, and who could serve it there.

A contact's step is a function of three things only: how long ago it entered, the queue's steps,
and which of these somebody is there to serve (the queue's *open* steps). It stands at the step
its time has come to; if nobody is there for that one, at the next that is open; and if there is
none, at the last open one before. So a step that nobody can serve is passed over at once, no
contact waits for nobody, and neither an offer nor a restart moves it.

Which steps are open is renewed between events only: till then all contacts are judged alike.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from router.announcing import Announcer
from router.contact_state import ContactPhase
from router.deadlines import Deadlines
from router.errors import CoreBug
from router.matching import ProfileId, Profiles, StepKey, WaitingContacts, WaitingKey
from router.model import ContactId, Millis, OfferId, OverflowCause, Queue, QueueId
from router.place import Place
from router.snapshot import PlaceSnapshot, QueueSnapshot, StepTimerSnapshot
from router.turn import Timers

_IN_QUEUE = (ContactPhase.WAITING, ContactPhase.OFFERED)


class Places:
    """All contacts of the pool by id, and those who wait by queue and step."""

    def __init__(self, profiles: Profiles, timers: Timers) -> None:
        self.announcer = Announcer(timers)
        self.arrivals = 0
        self._profiles = profiles
        self._timers = timers
        self._waiting = WaitingContacts()
        self._step_timers: Deadlines[ContactId] = Deadlines()
        self._by_contact: dict[ContactId, Place] = {}
        self._open: dict[QueueId, tuple[bool, ...]] = {}
        self._retired: dict[QueueId, Queue] = {}
        self._held: Counter[QueueId] = Counter()
        self._here: Counter[QueueId] = Counter()

    def __getitem__(self, contact: ContactId) -> Place:
        return self._by_contact[contact]

    def get(self, contact: ContactId) -> Place | None:
        """This contact, if it is here."""
        return self._by_contact.get(contact)

    def rules(self, queue: QueueId) -> Queue:
        """The queue of a contact that is here; a retired one as it was at last."""
        rules = self._profiles.queue(queue) or self._retired.get(queue)
        if rules is None:
            raise CoreBug(f"queue {queue} has contacts but no rules")
        return rules

    def all_in(self, queue: QueueId) -> list[Place]:
        """Every contact of this queue, whatever its phase, first come first."""
        return [place for place in self._by_contact.values() if place.queue == queue]

    def all_waiting(self, queue: QueueId) -> list[Place]:
        """Who waits in this queue without an offer, first come first."""
        return [self._by_contact[contact] for contact in self._waiting.all_in(queue)]

    def first(self, at: StepKey) -> tuple[WaitingKey, ContactId] | None:
        """Whose turn it is at this step."""
        return self._waiting.first(at)

    def next_step_due(self) -> Millis | None:
        """When the next contact's step is over."""
        return self._step_timers.next_due()

    def count_waiting(self, queue: QueueId) -> int:
        """How many wait in this queue without an offer."""
        return self._waiting.count_in(queue)

    def count_offered(self, queue: QueueId) -> int:
        """How many contacts of this queue ring at an agent."""
        return self._held[queue] - self.count_waiting(queue)

    # Queues

    def change(self, rules: Queue, at: Millis) -> bool:
        """Know this queue, or what is new of it; False when nothing is.

        Its numbers are everybody's from now on: running waits end at their new time, which may be
        this moment, and announcements go over to the new rhythm.
        """
        before = self._profiles.queue(rules.id) or self._retired.get(rules.id)
        if not self._profiles.add_queue(rules):
            return False
        self._retired.pop(rules.id, None)
        self._open.pop(rules.id, None)
        if before is not None and before.wait_ms_max != rules.wait_ms_max:
            for place in self.all_in(rules.id):
                self._time_wait(place, at)
        if before is not None and before.announce_every_ms != rules.announce_every_ms:
            self.announcer.retime(rules, self.all_waiting(rules.id), at)
        return True

    def retire(self, queue: QueueId) -> None:
        """Know this queue no longer, but for the contacts that are with an agent."""
        rules = self.rules(queue)
        self._profiles.drop_queue(queue)
        self._open.pop(queue, None)
        self._waiting.drop_queue(queue)
        self.announcer.drop_queue(queue)
        if self._here[queue]:
            self._retired[queue] = rules

    def is_open(self, queue: QueueId) -> bool:
        """Whether somebody is there for any step of this queue."""
        return any(self._open.get(queue, ()))

    def refusal(self, queue: QueueId, staffed: Mapping[ProfileId, int]) -> OverflowCause | None:
        """Why this queue takes no contact more, if so. Where nobody is, no limit is reached."""
        if not self.is_open(queue):
            return OverflowCause.NO_AGENTS
        return OverflowCause.FULL if self._is_full(queue, staffed) else None

    def renew(self, queue: QueueId, staffed: Mapping[ProfileId, int]) -> bool:
        """Find out which steps are open now; False if the same ones as before."""
        is_open = tuple(
            any(staffed.get(profile, 0) for profile in self._profiles.serving(queue, step))
            for step in range(len(self.rules(queue).steps))
        )
        if self._open.get(queue) == is_open:
            return False
        self._open[queue] = is_open
        return True

    def count_staff(self, rules: Queue, staffed: Mapping[ProfileId, int]) -> int:
        """How many agents are there for any step of this queue, each counted once."""
        steps = range(len(rules.steps))
        profiles = {each for step in steps for each in self._profiles.serving(rules.id, step)}
        return sum(staffed.get(profile, 0) for profile in profiles)

    # Contacts

    def enter(self, contact: ContactId, queue: QueueId, *, priority: Millis, at: Millis) -> Place:
        """A new contact, which waits nowhere yet."""
        self.arrivals += 1
        place = Place(contact, queue, at, (at - priority, self.arrivals))
        self._put(place)
        self._time_wait(place, at)
        return place

    def wait(self, place: Place, at: Millis) -> None:
        """The contact waits (again), at its step and with its old key."""
        self._set_phase(place, ContactPhase.WAITING)
        place.offer = None
        self._stand(place, at)
        self.announcer.joined(place, self.rules(place.queue), at)

    def offered(self, place: Place, offer: OfferId) -> None:
        """The contact rings at an agent; it keeps its key."""
        self._take_out(place)
        self.announcer.left(place)
        self._set_phase(place, ContactPhase.OFFERED)
        place.offer = offer

    def connected(self, place: Place) -> None:
        """The contact met its agent."""
        self._set_phase(place, ContactPhase.CONNECTED)

    def remove(self, place: Place) -> None:
        """The contact is here no more."""
        self._take_out(place)
        self.announcer.left(place)
        self._timers.clear(("wait", place.contact))
        self._set_phase(place, ContactPhase.ABSENT)
        del self._by_contact[place.contact]
        self._here[place.queue] -= 1
        if not self._here[place.queue]:
            del self._here[place.queue], self._held[place.queue]
            if self._retired.pop(place.queue, None) is not None:
                self._waiting.drop_queue(place.queue)
                self.announcer.drop_queue(place.queue)

    def restand(self, place: Place, at: Millis) -> None:
        """Let a waiting contact stand where it belongs now."""
        self._take_out(place)
        self._stand(place, at)

    def move_due(self, at: Millis) -> list[Place]:
        """Move every contact whose step is over; who went to another one."""
        moved: list[Place] = []
        for contact in self._step_timers.pop_due(at):
            place = self._by_contact[contact]
            before = place.step
            self.restand(place, at)
            if place.step != before:
                moved.append(place)
        return moved

    # Snapshots

    def taken_queues(self) -> tuple[QueueSnapshot, ...]:
        """Every queue, for a snapshot; the retired ones last."""
        live = [
            QueueSnapshot(rules, self._open[rules.id], retired=False)
            for rules in self._profiles.queues()
        ]
        return (
            *live,
            *(QueueSnapshot(rules, (), retired=True) for rules in self._retired.values()),
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
            if each.retired:
                self._retired[each.rules.id] = each.rules
            else:
                self._profiles.add_queue(each.rules)
                self._open[each.rules.id] = each.open_steps

    def restore(
        self, snapshots: Iterable[PlaceSnapshot], step_timers: Iterable[StepTimerSnapshot]
    ) -> None:
        """Know again who was here; queues are known already, the other timers are set after it."""
        for each in snapshots:
            place = Place(
                each.contact, each.queue, each.entered, (each.key_ms, each.arrival), each.step
            )
            self._put(place)
            self._set_phase(place, each.phase)
            place.offer, place.overdue = each.offer, each.overdue
            place.missed_by.update(each.missed_by)
            if place.phase is ContactPhase.WAITING:
                self._waiting.add((place.queue, place.step), place.contact, place.key)
                if self.rules(place.queue).announce_every_ms is not None:
                    self.announcer.rank(place)
        for timer in step_timers:
            self._step_timers.set(timer.contact, timer.due)

    def _put(self, place: Place) -> None:
        self._by_contact[place.contact] = place
        self._here[place.queue] += 1

    def _time_wait(self, place: Place, at: Millis) -> None:
        """Let its wait end when its queue says; a moment that has passed is now."""
        due = place.entered + self.rules(place.queue).wait_ms_max
        if place.overdue and due <= at:
            return
        place.overdue = False
        self._timers.set(("wait", place.contact), max(due, at))

    def _is_full(self, queue: QueueId, staffed: Mapping[ProfileId, int]) -> bool:
        """Whether one contact more, waiting or offered, would be one too many."""
        rules = self.rules(queue)
        if rules.waiting is None:
            return False
        # As steps relax, whoever serves any of them serves the last one: that is the staff.
        return not rules.waiting.allows(self._held[queue], staff=self.count_staff(rules, staffed))

    def _stand(self, place: Place, at: Millis) -> None:
        rules = self.rules(place.queue)
        due, ends = _timed_step(rules, at - place.entered)
        place.step = _nearest_open(self._open.get(place.queue, ()), due)
        self._waiting.add((place.queue, place.step), place.contact, place.key)
        if ends is not None:
            self._step_timers.set(place.contact, place.entered + ends)

    def _take_out(self, place: Place) -> None:
        self._waiting.discard((place.queue, place.step), place.contact)
        self._step_timers.clear(place.contact)

    def _set_phase(self, place: Place, phase: ContactPhase) -> None:
        self._held[place.queue] += (phase in _IN_QUEUE) - (place.phase in _IN_QUEUE)
        place.phase = phase


def _timed_step(rules: Queue, waited: Millis) -> tuple[int, Millis | None]:
    """The step this much waiting has come to, and after how much waiting it is over."""
    ends = 0
    for number, step in enumerate(rules.steps[:-1]):
        if step.for_ms is None:
            return number, None
        ends += step.for_ms
        if waited < ends:
            return number, ends
    return len(rules.steps) - 1, None


def _nearest_open(is_open: tuple[bool, ...], due: int) -> int:
    later = (step for step in range(due, len(is_open)) if is_open[step])
    earlier = (step for step in reversed(range(min(due, len(is_open)))) if is_open[step])
    return next(later, next(earlier, due))


def _snapshot_of(place: Place) -> PlaceSnapshot:
    key_ms, arrival = place.key
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
