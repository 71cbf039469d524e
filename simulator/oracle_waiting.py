"""The half of the oracle that knows who waits where, and for whom: lists, nothing kept twice."""

from dataclasses import dataclass, field

from router.effects import RouterEffect
from router.model import AgentId, ContactId, DeviceId, Millis, OfferId, Queue, QueueId
from simulator.oracle_people import People, Person


@dataclass(slots=True, eq=False)
class Caller:
    """One contact in a queue, ringing at an agent, or talking to her."""

    contact: ContactId
    queue: QueueId
    entered: Millis
    turn: tuple[Millis, int]
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


@dataclass(slots=True, eq=False)
class Timer:
    """What is to happen when; of two that are due together, the one that was set first."""

    due: Millis
    what: str
    about: object


class Waiting:
    """Contacts, queues, offers, timers and the agents who are idle."""

    def __init__(self) -> None:
        self.people = People()
        self.callers: list[Caller] = []
        self.rings: list[Ring] = []
        self.queues: list[Queue] = []
        self.closed_queues: list[Queue] = []
        self.timers: list[Timer] = []
        self.idle: list[Person] = []
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
                dues += ends[:1]
        return min(dues, default=None)

    # The rules of waiting

    def waiting(self, queue: QueueId | None = None) -> list[Caller]:
        """Who waits, here or anywhere, whose turn it is first."""
        those = [each for each in self.callers if each.waits and queue in (None, each.queue)]
        return sorted(those, key=lambda each: each.turn)

    def rules(self, queue: QueueId) -> Queue:
        """Of this queue, or as they were when it was closed."""
        return next(each for each in [*self.queues, *self.closed_queues] if each.id == queue)

    def open_steps(self, queue: QueueId) -> list[int]:
        """The steps for which somebody is there; none where the queue is closed."""
        rules = next((each for each in self.queues if each.id == queue), None)
        steps = () if rules is None else rules.steps
        return [
            number for number, step in enumerate(steps) if self.people.who_serves(step.requirement)
        ]

    def step_of(self, caller: Caller) -> int:
        """The step its time has come to; if nobody is there for it the next, else the last."""
        due = sum(end <= self.at for end in self._step_ends(caller))
        somebody = self.open_steps(caller.queue)
        later = [step for step in somebody if step >= due]
        return later[0] if later else somebody[-1]

    def _step_ends(self, caller: Caller) -> list[Millis]:
        ends: list[Millis] = []
        end = caller.entered
        for step in self.rules(caller.queue).steps[:-1]:
            if step.for_ms is None:
                break
            end += step.for_ms
            ends.append(end)
        return ends

    def _who_may_take(self, caller: Caller) -> list[Person]:
        rules = self.rules(caller.queue)
        return self.people.who_serves(rules.steps[self.step_of(caller)].requirement)

    def _gone(self, caller: Caller) -> None:
        self.callers.remove(caller)
        self._forget("wait", caller)
        self._forget("announce", caller)

    def _not_idle(self, person: Person) -> None:
        self.idle = [each for each in self.idle if each is not person]

    def _in(self, ms: Millis, what: str, about: object) -> None:
        self._forget(what, about)
        self.timers.append(Timer(self.at + ms, what, about))

    def _forget(self, what: str, about: object) -> None:
        self.timers = [each for each in self.timers if (each.what, each.about) != (what, about)]

    def _rhythm(self, caller: Caller) -> None:
        """At each multiple of the interval since it entered."""
        every = self.rules(caller.queue).announce_every_ms
        self._forget("announce", caller)
        if every is not None:
            self._in(every - (self.at - caller.entered) % every, "announce", caller)


def due_of(timer: Timer) -> Millis:
    """When it is due."""
    return timer.due
