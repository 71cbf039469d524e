"""Contacts in queues: where each stands, at which step, and who could serve it there.

A contact's step is a function of three things only: how long ago it entered, the queue's steps,
and which of these somebody is there to serve (the queue's *open* steps). It stands at the step
its time has come to; if nobody is there for that one, at the next that is open; and if there is
none, at the last open one before. So a step that nobody can serve is passed over at once, no
contact waits for nobody, and neither an offer nor a restart moves it.

Which steps are open is renewed between events only: till then all contacts are judged alike.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from router.contact_state import ContactPhase
from router.deadlines import Deadlines
from router.errors import CoreBug
from router.matching import ProfileId, Profiles, StepKey, WaitingContacts, WaitingKey
from router.model import AgentId, ContactId, Millis, OfferId, OverflowCause, Queue, QueueId

_IN_QUEUE = (ContactPhase.WAITING, ContactPhase.OFFERED)


@dataclass(slots=True)
class Place:
    """One contact as the router knows it now."""

    contact: ContactId
    queue: QueueId
    entered: Millis
    key: WaitingKey
    step: int = 0
    phase: ContactPhase = ContactPhase.ABSENT
    offer: OfferId | None = None
    overdue: bool = False
    missed_by: set[AgentId] = field(default_factory=lambda: set[AgentId]())


class Places:
    """All contacts of the pool by id, and those who wait by queue and step."""

    def __init__(self, profiles: Profiles) -> None:
        self._profiles = profiles
        self._waiting = WaitingContacts()
        self._step_timers: Deadlines[ContactId] = Deadlines()
        self._by_contact: dict[ContactId, Place] = {}
        self._open: dict[QueueId, tuple[bool, ...]] = {}
        self._held: Counter[QueueId] = Counter()
        self._arrivals = 0

    def __getitem__(self, contact: ContactId) -> Place:
        return self._by_contact[contact]

    def get(self, contact: ContactId) -> Place | None:
        """This contact, if it is here."""
        return self._by_contact.get(contact)

    def rules(self, queue: QueueId) -> Queue:
        """The queue of a contact that is here."""
        rules = self._profiles.queue(queue)
        if rules is None:
            raise CoreBug(f"queue {queue} has contacts but no rules")
        return rules

    def all_waiting(self, queue: QueueId) -> list[Place]:
        """Who waits in this queue without an offer, first come first."""
        return [self._by_contact[contact] for contact in self._waiting.all_in(queue)]

    def first(self, at: StepKey) -> tuple[WaitingKey, ContactId] | None:
        """Whose turn it is at this step."""
        return self._waiting.first(at)

    def next_step_due(self) -> Millis | None:
        """When the next contact's step is over."""
        return self._step_timers.next_due()

    # Queues

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

    def forget_open(self, queue: QueueId) -> None:
        """The queue's steps are others now: whatever was open is no longer known."""
        self._open.pop(queue, None)

    # Contacts

    def enter(self, contact: ContactId, queue: QueueId, *, priority: Millis, at: Millis) -> Place:
        """A new contact, which waits nowhere yet."""
        self._arrivals += 1
        place = Place(contact, queue, at, (at - priority, self._arrivals))
        self._by_contact[contact] = place
        return place

    def wait(self, place: Place, at: Millis) -> None:
        """The contact waits (again), at its step and with its old key."""
        self._set_phase(place, ContactPhase.WAITING)
        place.offer = None
        self._stand(place, at)

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
        self._set_phase(place, ContactPhase.ABSENT)
        del self._by_contact[place.contact]

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

    def _is_full(self, queue: QueueId, staffed: Mapping[ProfileId, int]) -> bool:
        """Whether one contact more, waiting or offered, would be one too many."""
        rules = self.rules(queue)
        if rules.waiting is None:
            return False
        # An agent of several steps counts once; as steps relax, that is who serves the last one.
        steps = range(len(rules.steps))
        profiles = {each for step in steps for each in self._profiles.serving(queue, step)}
        staff = sum(staffed.get(profile, 0) for profile in profiles)
        return not rules.waiting.allows(self._held[queue], staff=staff)

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
    earlier = (step for step in reversed(range(due)) if is_open[step])
    return next(later, next(earlier, due))
