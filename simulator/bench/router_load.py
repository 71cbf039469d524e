"""A pool of agents under a steady load, told to a router in batches, with the clock beside it.

Two kinds of queues, one of each for every skill. In a *crowd* queue stand those who make up the
number of waiting contacts; they come first and relax after an hour. Through a *fresh* queue go
contacts that relax after two seconds, and again, and leave after six. So at every size the same
things happen in about the same proportion, and only the number of those who stand there differs.
Queues have all that a queue can have: steps, both limits, announcements, wrap-up.
"""

import random
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from time import thread_time_ns

from router.core import Router
from router.effects import AnnouncePosition, OfferContact, OverflowContact, RouterEffect
from router.events import (
    AgentChanged,
    ContactLeft,
    ContactQueued,
    DeviceReachabilityChanged,
    EngagementEnded,
    OfferAccepted,
    PresenceRequested,
    QueueChanged,
    RouterEvent,
    TimerFired,
)
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    Origin,
    PresenceChange,
    Queue,
    QueueId,
    RequestId,
    Requirement,
    Skill,
    Step,
    WaitingLimit,
)
from simulator.bench.report import BenchProblem

ANNOUNCE_EVERY_MS = 30_000
FRESH_STEP_MS = 2_000
FRESH_LEAVES_MS = 6_000
HOUR_MS = 3_600_000
WRAP_UP_MS = 500
BATCH_MS = 1_000
"""Engine time from one batch to the next."""
PROFILES_PER_SKILL = 4
LEVEL_MAX = 3
UNBOUNDED = 100_000_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a pool is, and how much happens in it at a time."""

    agents: int
    skills: int
    waiting: int
    skills_per_agent: int = 2
    each_her_own: bool = False
    "Whether each agent is a profile of her own, by a skill that no queue asks for."
    announces: bool = True
    "Whether who waits is told its position; that costs by how many wait, and is no decision."
    batch: int = 200
    "Contacts that go through the fresh queues in each batch, and agents who end a conversation."


@dataclass(slots=True)
class Spent:
    """What was asked of the router, and the processor time that it took."""

    decisions: int = 0
    lives: int = 0
    decision_ns: int = 0
    "Arrivals, departures and timers."
    life_ns: int = 0
    "These, and answers and ends of conversations."
    each_ns: list[int] = field(default_factory=list[int])
    "Of every single decision, where each was timed by itself."


def queue_id(kind: str, skill: int) -> QueueId:
    """The crowd or fresh queue of this skill."""
    return QueueId(f"main:{kind}/{skill}")


def queues_of(shape: Shape) -> Iterable[Queue]:
    """The two queues of each skill."""
    for number in range(shape.skills):
        needs = {
            level: Requirement(({Skill(f"skill-{number}"): level},))
            for level in range(1, LEVEL_MAX + 1)
        }
        crowd = (Step(needs[2], HOUR_MS), Step(needs[1]))
        fresh = (Step(needs[3], FRESH_STEP_MS), Step(needs[2], FRESH_STEP_MS), Step(needs[1]))
        for kind, steps in (("crowd", crowd), ("fresh", fresh)):
            yield Queue(
                queue_id(kind, number),
                steps,
                ring_ms_max=15_000,
                wait_ms_max=2 * HOUR_MS,
                wrap_up_ms=WRAP_UP_MS,
                misses_max=2,
                waiting=WaitingLimit(absolute=UNBOUNDED, per_agent=UNBOUNDED),
                announce_every_ms=ANNOUNCE_EVERY_MS if shape.announces else None,
            )


def agents_of(shape: Shape) -> Iterable[Agent]:
    """Agents of so many skills each, in a few profiles for each skill; each knows one well."""
    profiles = PROFILES_PER_SKILL * shape.skills
    for number in range(shape.agents):
        profile = number % profiles
        first, stride = profile % shape.skills, 1 + profile // shape.skills
        # A stride that has no divisor in common with the number of skills meets each only once.
        known = [(first + each * stride) % shape.skills for each in range(shape.skills)]
        own = list(dict.fromkeys(known))[: shape.skills_per_agent]
        levels = {
            Skill(f"skill-{skill}"): LEVEL_MAX if place == 0 else 1 + (profile + place) % LEVEL_MAX
            for place, skill in enumerate(own)
        }
        if shape.each_her_own:
            levels[Skill(f"own-{number}")] = 1
        yield Agent(AgentId(f"main:agent-{number}"), levels, DeviceId(f"main:desk-{number}"))


class Load:
    """One router, and everybody who has to do with it."""

    def __init__(self, shape: Shape, *, seed: int, one_by_one: bool = False) -> None:
        self.shape = shape
        self.router = Router()
        self.at: Millis = 0
        self.spent = Spent()
        self._one_by_one = one_by_one
        self._chance = random.Random(seed)  # noqa: S311 - which caller wants what, no secret
        self._arrived = 0
        self._fresh: dict[ContactId, Millis] = {}
        self._crowd: set[ContactId] = set()
        self._ringing: list[OfferId] = []
        self._talking: deque[OfferId] = deque()
        self._seen: Counter[str] = Counter()

    # Set up, not timed

    def staff(self) -> None:
        """Let every agent be there, idle."""
        for queue in queues_of(self.shape):
            self.router.handle(QueueChanged(queue), self.at)
        for agent in agents_of(self.shape):
            self.add_agent(agent)

    def add_agent(self, agent: Agent) -> None:
        """Let one more agent be there, idle."""
        device = agent.seat
        if device is None:
            raise BenchProblem(f"agent {agent.id} of the bench has no seat")
        asked = PresenceRequested(
            RequestId("r"), PresenceChange.SIGN_IN, agent.id, device, None, Origin.COMMAND
        )
        for event in (AgentChanged(agent), DeviceReachabilityChanged(device, True), asked):
            self.router.handle(event, self.at)

    def occupy_all(self) -> None:
        """Give every agent a contact of her own, so that whoever comes now has to wait."""
        for _ in range(self.shape.agents * 2):
            if len(self._talking) == self.shape.agents:
                break
            skill = len(self._talking) % self.shape.skills
            effects = self.router.handle(self._arrival("crowd", skill), self.at)
            self._note([effects])
            self._accept(is_timed=False)
        for contact in list(self._crowd):
            self.router.handle(ContactLeft(contact), self.at)
        self._crowd.clear()

    def gather(self, contacts: int) -> None:
        """Let so many more wait; their announcements are spread as if they had come one by one."""
        begun, already = self.at, len(self._crowd)
        for number in range(contacts):
            at = begun + number * ANNOUNCE_EVERY_MS // contacts // 2
            self._note([self.router.handle(self._arrival("crowd"), at)])
        self.at = begun + ANNOUNCE_EVERY_MS // 2
        if len(self._crowd) - already < contacts * 0.9:
            raise BenchProblem("the bench's agents are not all engaged: its crowd does not wait")

    # A batch of everything, timed

    def run(self, batches: int) -> Spent:
        """So many batches of arrivals, departures, ends, timers and answers; what they took."""
        self.spent = Spent()
        if self._one_by_one:
            self._run_one_by_one(batches)
            return self.spent
        for _ in range(batches):
            until = self.at + BATCH_MS
            self._arrive()
            self._leave()
            self._end()
            self._decide([], until)
            self._accept(is_timed=True)
        return self.spent

    def _arrive(self) -> None:
        kinds = self._kinds_to_come()
        events = [
            (self._arrival(kind, after=number), self.at + number)
            for number, kind in enumerate(kinds)
        ]
        self._decide(events, self.at + len(kinds))

    def _leave(self) -> None:
        gone = self._take_impatient()
        leaving = [(event, self.at + number) for number, event in enumerate(gone)]
        self._decide(leaving, self.at + len(gone))

    def _kinds_to_come(self) -> list[str]:
        missing = self.shape.waiting - len(self._crowd)
        return ["fresh"] * self.shape.batch + ["crowd"] * missing

    def _take_impatient(self) -> list[ContactLeft]:
        patient = self.at - FRESH_LEAVES_MS
        gone = [contact for contact, entered in self._fresh.items() if entered <= patient]
        for contact in gone:
            del self._fresh[contact]
        return [ContactLeft(contact) for contact in gone]

    def _end(self) -> None:
        """End conversations, a millisecond each, so that each wrap-up is over by itself."""
        some = min(self.shape.batch, len(self._talking))
        for event in [EngagementEnded(self._talking.popleft()) for _ in range(some)]:
            self._decide([], self.at + 1)
            begun = thread_time_ns()
            self.router.handle(event, self.at)
            self.spent.life_ns += thread_time_ns() - begun
        self.spent.lives += some

    def _accept(self, *, is_timed: bool) -> None:
        events = [OfferAccepted(offer) for offer in self._ringing]
        handle, at = self.router.handle, self.at
        begun = thread_time_ns()
        for event in events:
            handle(event, at)
        if is_timed:
            self.spent.life_ns += thread_time_ns() - begun
        self._talking += self._ringing
        self._ringing.clear()

    def _decide(self, events: Sequence[tuple[RouterEvent, Millis]], until: Millis) -> None:
        """Give these events, and meet each deadline to the millisecond as the one timer does."""
        handle, next_deadline, fired = self.router.handle, self.router.next_deadline, TimerFired()
        asked: list[Sequence[RouterEffect]] = []
        timers: list[Sequence[RouterEffect]] = []
        begun = thread_time_ns()
        for event, at in events:
            while (due := next_deadline()) is not None and due <= at:
                timers.append(handle(fired, due))
            asked.append(handle(event, at))
        while (due := next_deadline()) is not None and due <= until:
            timers.append(handle(fired, due))
        self._add(thread_time_ns() - begun)
        self.at = until
        # Who is only told a position is routed nowhere: it costs time, and is no decision.
        self.spent.decisions += len(asked) + sum(not _only_tells(each) for each in timers)
        self._note(asked)
        self._note(timers)

    def _run_one_by_one(self, batches: int) -> None:
        """The same in turn, as it comes in a day: a rush of one kind is not what is looked for."""
        for _ in range(batches):
            until = self.at + BATCH_MS
            some = min(self.shape.batch, len(self._talking))
            ends = [EngagementEnded(self._talking.popleft()) for _ in range(some)]
            for kind, leaving, ending in zip_longest(
                self._kinds_to_come(), self._take_impatient(), ends
            ):
                arrival = None if kind is None else self._arrival(kind)
                for event in (arrival, leaving, ending):
                    if event is not None:
                        self._pump(self.at + 1)
                        self._time_one(event)
                self._accept(is_timed=False)
            self._pump(until)

    def _pump(self, until: Millis) -> None:
        while (due := self.router.next_deadline()) is not None and due <= until:
            self.at = due
            self._time_one(TimerFired())
        self.at = until

    def _time_one(self, event: RouterEvent) -> None:
        handle, at = self.router.handle, self.at
        begun = thread_time_ns()
        effects = handle(event, at)
        took = thread_time_ns() - begun
        self._add(took)
        if not isinstance(event, EngagementEnded) and not _only_tells(effects):
            self.spent.decisions += 1
            self.spent.each_ns.append(took)
        self._note([effects])

    def _add(self, took_ns: int) -> None:
        self.spent.decision_ns += took_ns
        self.spent.life_ns += took_ns

    # Who does what

    def _arrival(self, kind: str, skill: int | None = None, after: Millis = 0) -> ContactQueued:
        self._arrived += 1
        contact = ContactId(f"c{self._arrived}")
        wanted = self._chance.randrange(self.shape.skills) if skill is None else skill
        if kind == "crowd":
            self._crowd.add(contact)
            return ContactQueued(contact, queue_id(kind, wanted), HOUR_MS)
        self._fresh[contact] = self.at + after
        return ContactQueued(contact, queue_id(kind, wanted), 0)

    def _note(self, asked: Iterable[Sequence[RouterEffect]]) -> None:
        for effects in asked:
            for effect in effects:
                if isinstance(effect, OfferContact):
                    self._fresh.pop(effect.contact, None)
                    self._crowd.discard(effect.contact)
                    self._ringing.append(effect.offer)
                elif isinstance(effect, OverflowContact):
                    raise BenchProblem(f"the router gave up {effect.contact}: {effect.cause.value}")


def _only_tells(effects: Sequence[RouterEffect]) -> bool:
    return bool(effects) and all(isinstance(effect, AnnouncePosition) for effect in effects)
