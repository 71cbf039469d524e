"""The half of the oracle that knows who waits where, and for whom: lists, nothing kept twice."""

from dataclasses import dataclass, field

from router.effects import OverflowContact, RouterEffect
from router.model import (
    PREFERRED_STEP,
    AgentId,
    Channel,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    OverflowCause,
    Queue,
    QueueId,
    Routing,
)
from simulator.oracle_people import Hand, People, Person, Standing

ANNOUNCED_APART = 64
"""Among so many groups of those who came one after another the announcements are spread."""

Turn = tuple[int, Millis, int]
"""Whose is smallest is served first."""


@dataclass(slots=True, eq=False)
class Caller:
    """One contact in a queue, ringing at an agent, or talking to her."""

    contact: ContactId
    queue: QueueId
    number: int
    """Of all who were let in, counted from one."""
    since: Millis
    """When it came, had it waited here all that counts as waiting."""
    came: Millis
    waited_ms: Millis
    entered: Millis
    """When it came into this queue."""
    steps_from: Millis
    prefers: AgentId | None = None
    """Till its time is over it waits for her alone."""
    prefers_until: Millis = 0
    prefers_must_serve: bool = False
    offer: OfferId | None = None
    talks: bool = False
    is_overdue: bool = False
    let_ring_by: list[AgentId] = field(default_factory=list[AgentId])

    @property
    def waits(self) -> bool:
        """Whether nobody rings for it."""
        return self.offer is None


@dataclass(slots=True, eq=False)
class Ring:
    """An offer, from its making to the end of the conversation."""

    offer: OfferId
    caller: Caller
    person: Person
    device: DeviceId
    hand: Hand


@dataclass(slots=True, eq=False)
class Timer:
    """What is to happen when; of two that are due together, the one that was set first."""

    due: Millis
    what: str
    about: object


@dataclass(slots=True, eq=False)
class Page:
    """What is written down of one queue."""

    queue: QueueId
    had: int = 0
    """What it had of its share."""
    takes: Millis | None = None
    """Of an agent's time, each contact, as it was measured."""
    measured: list[Millis] = field(default_factory=list[Millis])
    """When; the latest last."""
    waits_since: Millis | None = None
    """Since when somebody waited whom nobody answered."""


class Waiting:
    """Contacts, queues, offers, timers and the agents who are idle."""

    def __init__(self) -> None:
        self.people = People()
        self.callers: list[Caller] = []
        self.rings: list[Ring] = []
        self.queues: list[Queue] = []
        self.closed_queues: list[Queue] = []
        self.pages: list[Page] = []
        self.crises: list[tuple[QueueId, QueueId | None]] = []
        self.routing = Routing()
        self.had_most = 0
        """The virtual time of fair shares."""
        self.timers: list[Timer] = []
        self.idle: list[Standing] = []
        self.entries = self.offers = 0
        self.records: list[AgentId] = []
        self.at: Millis = 0
        self._effects: list[RouterEffect] = []
        self._freed: list[Person] = []
        self._told: list[Caller] = []

    def next_deadline(self) -> Millis | None:
        """The earliest of all timers and ends of steps."""
        dues = [timer.due for timer in self.timers]
        for caller in self.callers:
            if caller.waits:
                ends = [end for end in self._step_ends(caller) if end > self.at]
                dues += [caller.prefers_until] if caller.prefers else ends[:1]
        return min(dues, default=None)

    # The rules of waiting

    def turn(self, caller: Caller) -> Turn:
        """Whose turn it is, the smallest first."""
        return (self.rules(caller.queue).contact_class, caller.since, caller.number)

    def waiting(self, queue: QueueId | None = None) -> list[Caller]:
        """Who waits, here or anywhere, whose turn it is first."""
        those = [each for each in self.callers if each.waits and queue in (None, each.queue)]
        return sorted(those, key=self.turn)

    def rules(self, queue: QueueId) -> Queue:
        """Of this queue, or as they were when it was closed."""
        return next(each for each in [*self.queues, *self.closed_queues] if each.id == queue)

    def is_known(self, queue: QueueId) -> bool:
        """Whether the site has it."""
        return any(each.id == queue for each in self.queues)

    def open_steps(self, queue: QueueId) -> list[int]:
        """The steps for which somebody is there; none where the queue is closed."""
        rules = next((each for each in self.queues if each.id == queue), None)
        if rules is None:
            return []
        return [
            number
            for number, step in enumerate(rules.steps)
            if self.people.who_serves(step.requirement, rules.channel)
        ]

    def staff(self, queue: QueueId) -> list[Person]:
        """Who is there for any of its steps."""
        rules = self.rules(queue)
        serving = [self.people.who_serves(step.requirement, rules.channel) for step in rules.steps]
        return [each for each in self.people.everybody if any(each in those for those in serving)]

    def who_is_there(
        self, agent: AgentId | None, queue: QueueId, *, must_serve: bool
    ) -> Person | None:
        """This agent, if she is of the site and there for contacts of this queue; where she must
        serve it, only if she meets some step of it."""
        person = None if agent is None else self.people.of_the_site(agent)
        rules = self.rules(queue)
        if person is None or not self.people.is_there_for(person, rules.channel):
            return None
        meets = any(step.requirement.met_by(person.agent.skills) for step in rules.steps)
        return person if meets or not must_serve else None

    def step_of(self, caller: Caller) -> int:
        """The step its time has come to; if nobody is there for it the next, else the last."""
        if caller.prefers is not None:
            return PREFERRED_STEP
        due = sum(end <= self.at for end in self._step_ends(caller))
        somebody = self.open_steps(caller.queue)
        later = [step for step in somebody if step >= due]
        return later[0] if later else somebody[-1]

    def position(self, caller: Caller) -> int:
        """Its place among those who wait in its queue; 1 is next."""
        before = [
            each for each in self.waiting(caller.queue) if self.turn(each) < self.turn(caller)
        ]
        return len(before) + 1

    def may_take(self, caller: Caller) -> list[Person]:
        """Everybody there who may take it where it stands now."""
        if caller.prefers is not None:
            her = self.who_is_there(
                caller.prefers, caller.queue, must_serve=caller.prefers_must_serve
            )
            return [] if her is None else [her]
        rules = self.rules(caller.queue)
        requirement = rules.steps[self.step_of(caller)].requirement
        return self.people.who_serves(requirement, rules.channel)

    def page(self, queue: QueueId) -> Page:
        """What is written down of it."""
        return next(each for each in self.pages if each.queue == queue)

    def _step_ends(self, caller: Caller) -> list[Millis]:
        ends: list[Millis] = []
        end = caller.steps_from
        for step in self.rules(caller.queue).steps[:-1]:
            if step.for_ms is None:
                break
            end += step.for_ms
            ends.append(end)
        return ends

    # Who goes

    def _gone(self, caller: Caller) -> None:
        self.callers.remove(caller)
        self._one_less(caller.queue)
        self._forget("wait", caller)
        self._forget("announce", caller)

    def waiting_at_steps(self, queue: QueueId) -> list[Caller]:
        """Who waits there, and not for one agent alone."""
        return [each for each in self.waiting(queue) if each.prefers is None]

    def _one_waits(self, queue: QueueId) -> None:
        """Since now, if nobody did before."""
        for page in [each for each in self.pages if each.queue == queue]:
            if page.waits_since is None:
                page.waits_since = self.at

    def _one_less(self, queue: QueueId) -> None:
        """Where all who waited went by themselves there was nothing to be measured."""
        here = [each for each in self.callers if each.queue == queue and not each.talks]
        if any(each.prefers is None or not each.waits for each in here):
            return
        for page in [each for each in self.pages if each.queue == queue]:
            page.waits_since = None

    def _give_up(self, caller: Caller, cause: OverflowCause) -> None:
        self._gone(caller)
        self._effects.append(OverflowContact(caller.contact, caller.queue, cause))

    # Who is idle

    def stands(self, person: Person, channel: Channel) -> bool:
        """Whether she is noted as idle."""
        return any(each.person is person and each.channel is channel for each in self.idle)

    def _stand(self, person: Person, channel: Channel) -> None:
        day = person.day
        self.idle.append(Standing(person, channel, day.accepted, day.permille))
        if not person.hands and day.idle_since is None:
            day.idle_since = self.at

    def _not_idle(self, person: Person, channel: Channel | None = None) -> None:
        """She is idle no longer, for this channel or for any."""
        self.idle = [
            each
            for each in self.idle
            if each.person is not person or channel not in (None, each.channel)
        ]
        day = person.day
        still = [each for each in self.idle if each.person is person and not person.hands]
        if day.idle_since is not None and not still:
            day.idle_ms += self.at - day.idle_since
            day.idle_since = None

    # Timers

    def _in(self, ms: Millis, what: str, about: object) -> None:
        self._forget(what, about)
        self.timers.append(Timer(self.at + ms, what, about))

    def _forget(self, what: str, about: object) -> None:
        self.timers = [each for each in self.timers if (each.what, each.about) != (what, about)]

    def _rhythm(self, caller: Caller) -> None:
        """At each multiple of the interval since it entered, but not all at once."""
        every = self.rules(caller.queue).announce_every_ms
        self._forget("announce", caller)
        if every is not None:
            later = caller.number % ANNOUNCED_APART * (every // 256)
            due = caller.entered + later + every
            while due <= self.at:
                due += every
            self._in(due - self.at, "announce", caller)


def due_of(timer: Timer) -> Millis:
    """When it is due."""
    return timer.due
