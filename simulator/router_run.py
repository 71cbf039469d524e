"""The router beside its oracle, over many small seeded pools: ``python -m simulator.router_run``.

Each pool draws its own queues, agents and habits, and lives through some thousand events; after
every one of them both must have asked for the same, and be due at the same time. The first
difference ends the run, with the seed and the step that show it again.
"""

import argparse
import hashlib
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from router.core import Router
from router.effects import OfferContact, OverflowContact, RouterEffect
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
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferFailure,
    OfferId,
    Origin,
    OwnCallId,
    PresenceChange,
    Queue,
    QueueId,
    RequestId,
    Requirement,
    Skill,
    Step,
    WaitingLimit,
)
from simulator.oracle import NaiveRouter

EVENTS, EVENTS_OF_A_POOL = 1_000_000, 2_000
LINES_MAX = 40
"""What is shown of the way to a difference."""
TIMERS_MAX = 100_000
"""Deadlines in one stretch of time; more is a loop, and a difference."""
CALLERS_MAX = 20
"""At once: the oracle looks at each of them again and again."""
LATEST_MAX = 4
"""Offers and contacts that are over and still spoken of, as late and doubled messages do."""
SKILLS = tuple(Skill(name) for name in ("data", "bill", "vip"))
DAY_MS = 86_400_000


class Difference(Exception):
    """Router and oracle disagree; the text says where, and what each said."""


@dataclass(slots=True)
class Habits:
    """How often what happens in this pool: some pools know no breaks, others no own calls."""

    weights: dict[str, float] = field(default_factory=dict[str, float])

    @staticmethod
    def drawn(chance: random.Random) -> "Habits":
        """Habits of one pool; whatever may be absent is so in every third."""
        always: dict[str, float] = {
            "arrive": 26,
            "accept": 26,
            "end": 26,
            "sign_in": 16,
            "pass": 30,
        }
        seldom = {
            "leave": 4, "fail": 4, "presence": 5, "occupy": 1, "vacate": 4, "reach": 4,
            "agent": 2, "retire_agent": 0.3, "queue": 2, "retire_queue": 0.2, "restore": 3,
        }  # fmt: skip
        kept = {key: weight for key, weight in seldom.items() if chance.random() < 0.67}
        return Habits(always | kept)


class Pool:
    """Both routers, the time, and the memory from which events are drawn."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a world that comes again with its seed
        self.seed = seed
        self.events = 0
        self.trace = hashlib.sha256()
        self.seen: Counter[str] = Counter()
        self.lines: list[str] = []
        self._at: Millis = 0
        self.router = Router()
        self._oracle = NaiveRouter()
        self._contacts: list[ContactId] = []
        self._offers: list[OfferId] = []
        self._arrived = self._requests = 0
        draw = self._chance.randrange
        self._agents = [AgentId(f"main:a{number}") for number in range(2 + draw(10))]
        self._devices = [DeviceId(f"main:d{number}") for number in range(len(self._agents))]
        self._queues = [QueueId(f"main:q{number}") for number in range(1 + draw(4))]
        self._habits = Habits.drawn(self._chance)
        self._step_ms = self._chance.choice((300, 2_000, 8_000))

    def run(self, events: int) -> None:
        """So many events, and then time enough that everything is over."""
        for queue in self._queues:
            self._give(QueueChanged(self._rules(queue)))
        for agent in self._agents:
            self._give(AgentChanged(Agent(agent, self._agent_skills())))
        for device in self._devices:
            self._give(DeviceReachabilityChanged(device, True))
        for agent, device in zip(self._agents, self._devices, strict=True):
            self._ask(PresenceChange.SIGN_IN, agent, device)
        deeds: dict[str, Callable[[], None]] = {
            "arrive": self._arrive, "leave": self._leave, "accept": self._accept,
            "fail": self._fail, "end": self._end, "sign_in": self._sign_in,
            "presence": self._presence, "occupy": self._occupy, "vacate": self._vacate,
            "reach": self._reach, "agent": self._agent, "retire_agent": self._retire_agent,
            "queue": self._queue, "retire_queue": self._retire_queue, "pass": self._pass,
            "restore": self._restore,
        }  # fmt: skip
        names, weights = list(self._habits.weights), list(self._habits.weights.values())
        while self.events < events:
            deeds[self._chance.choices(names, weights)[0]]()
        self._pass_ms(DAY_MS)

    def _give(self, event: RouterEvent) -> None:
        at = self._at
        self.events += 1
        done = self.router.handle(event, at)
        wanted = self._oracle.handle(event, at)
        self._note(event, done)
        if not same(done, wanted):
            raise self._difference("the router asks for", done, wanted)
        due, naive_due = self.router.next_deadline(), self._oracle.next_deadline()
        if due != naive_due:
            raise self._difference("the router is due at", due, naive_due)

    def _note(self, event: RouterEvent, effects: Sequence[RouterEffect]) -> None:
        self.seen.update(map(_kind, (event, *effects)))
        line = f"{self._at} {event} -> {list(effects)}"
        self.trace.update(line.encode())
        self.lines = [*self.lines[-LINES_MAX:], line]
        made = [each.offer for each in effects if isinstance(each, OfferContact)]
        self._offers += made

    def _difference(self, what: str, done: object, wanted: object) -> Difference:
        way = "\n".join(self.lines)
        return Difference(
            f"{way}\nseed {self.seed}, event {self.events}: {what}\n  {done}\nand ought to\n"
            f"  {wanted}\nAgain: python -m simulator.router_run --seed {self.seed} --pools 1"
        )

    # What is drawn

    def _agent_skills(self) -> dict[Skill, int]:
        some = self._chance.sample(SKILLS, 1 + self._chance.randrange(len(SKILLS)))
        return {skill: self._chance.choice((1, 2, 3, 3)) for skill in some}

    def _skills(self) -> dict[Skill, int]:
        some = self._chance.sample(SKILLS, 1 + self._chance.randrange(2))
        return {skill: self._chance.choice((1, 1, 2, 2, 3)) for skill in some}

    def _requirement(self) -> Requirement:
        return Requirement(tuple(self._skills() for _ in range(1 + self._chance.randrange(2))))

    def _rules(self, queue: QueueId) -> Queue:
        chance = self._chance
        steps = [
            Step(self._requirement(), chance.choice((1_000, 3_000, 5_000)))
            for _ in range(chance.randrange(3))
        ]
        limits = (None, None, WaitingLimit(absolute=4), WaitingLimit(per_agent=1))
        return Queue(
            queue,
            (*steps, Step(self._requirement())),
            ring_ms_max=chance.choice((3_000, 8_000)),
            wait_ms_max=chance.choice((12_000, 40_000, 300_000)),
            wrap_up_ms=chance.choice((0, 1_000, 3_000)),
            misses_max=1 + chance.randrange(3),
            waiting=chance.choice(limits),
            announce_every_ms=chance.choice((None, None, 5_000, 8_000)),
        )

    def _some_offer(self) -> OfferId:
        live = [ring.offer for ring in self._oracle.rings]
        if live and self._chance.random() < 0.9:
            return self._chance.choice(live)
        return self._chance.choice([*self._offers[-LATEST_MAX:], OfferId("c0.o0")])

    def _some_contact(self) -> ContactId:
        here = [caller.contact for caller in self._oracle.callers]
        return self._chance.choice([*here, *self._contacts[-LATEST_MAX:], ContactId("c0")])

    def _device(self) -> DeviceId:
        return self._chance.choice(self._devices)

    # Deeds

    def _arrive(self) -> None:
        if len(self._oracle.callers) >= CALLERS_MAX:
            self._leave()
            return
        self._arrived += 1
        self._contacts.append(ContactId(f"c{self._arrived}"))
        priority = self._chance.choice((0, 0, 0, 5_000))
        self._give(ContactQueued(self._contacts[-1], self._chance.choice(self._queues), priority))
        if self._chance.random() < 0.02:
            again = self._some_contact()
            self._give(ContactQueued(again, self._chance.choice(self._queues), 0))

    def _leave(self) -> None:
        self._give(ContactLeft(self._some_contact()))

    def _accept(self) -> None:
        self._give(OfferAccepted(self._some_offer()))

    def _fail(self) -> None:
        self._give(OfferFailed(self._some_offer(), self._chance.choice(list(OfferFailure))))

    def _end(self) -> None:
        self._give(EngagementEnded(self._some_offer()))

    def _sign_in(self) -> None:
        number = self._chance.randrange(len(self._agents))
        device = self._devices[number] if self._chance.random() < 0.8 else self._device()
        self._ask(PresenceChange.SIGN_IN, self._agents[number], device)

    def _presence(self) -> None:
        change = self._chance.choice(list(PresenceChange))
        agent = self._chance.choice((None, self._chance.choice(self._agents)))
        device = self._chance.choice((None, self._device()))
        self._ask(change, agent, device)

    def _ask(self, change: PresenceChange, agent: AgentId | None, device: DeviceId | None) -> None:
        self._requests += 1
        reason = self._chance.choice(("lunch", "meeting"))
        request = RequestId(f"r{self._requests}")
        origin = self._chance.choice((Origin.PHONE, Origin.COMMAND))
        self._give(PresenceRequested(request, change, agent, device, reason, origin))

    def _occupy(self) -> None:
        self._give(DeviceOccupied(self._device(), OwnCallId(f"k{self._chance.randrange(2)}")))

    def _vacate(self) -> None:
        self._give(DeviceVacated(self._device(), OwnCallId(f"k{self._chance.randrange(2)}")))

    def _reach(self) -> None:
        self._give(DeviceReachabilityChanged(self._device(), self._chance.random() < 0.75))

    def _agent(self) -> None:
        agent = self._chance.choice(self._agents)
        seat = self._chance.choice((None, None, None, self._device()))
        person = self._oracle.people.named(agent)
        skills = self._agent_skills()
        if person is not None and self._chance.random() < 0.5:
            skills = dict(person.agent.skills)
        self._give(AgentChanged(Agent(agent, skills, seat)))

    def _retire_agent(self) -> None:
        self._give(AgentRetired(self._chance.choice(self._agents)))

    def _queue(self) -> None:
        self._give(QueueChanged(self._rules(self._chance.choice(self._queues))))

    def _retire_queue(self) -> None:
        self._give(QueueRetired(self._chance.choice(self._queues)))

    def _restore(self) -> None:
        """Write the router down, and let one that is made from it go on."""
        self.seen["restored"] += 1
        self.router = Router.restored(self.router.snapshot())

    def _pass(self) -> None:
        self._pass_ms(self._chance.randrange(self._step_ms))

    def _pass_ms(self, ms: Millis) -> None:
        until = self._at + ms
        for _ in range(TIMERS_MAX):
            due = self.router.next_deadline()
            if due is None or due > until:
                self._at = until
                return
            self._at = max(due, self._at)
            self._give(TimerFired())
        raise Difference(f"seed {self.seed}: the router's timers never end")


def _kind(each: RouterEvent | RouterEffect) -> str:
    """What is counted in the summary."""
    cause = f" {each.cause.value}" if isinstance(each, OverflowContact) else ""
    return type(each).__name__ + cause


def same(done: Sequence[RouterEffect], wanted: Sequence[RouterEffect]) -> bool:
    """Whether both ask for the same, offers in the same order; that of other effects is free."""
    if done == wanted:
        return True
    both = [
        [each for each in effects if isinstance(each, OfferContact)] for effects in (done, wanted)
    ]
    return both[0] == both[1] and sorted(map(repr, done)) == sorted(map(repr, wanted))


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run went through."""

    pools: int
    events: int
    seen: Counter[str]
    trace: str


def run_pools(seeds: Sequence[int], *, events: int) -> Summary:
    """One pool for each seed; a :class:`Difference` at the first one."""
    seen: Counter[str] = Counter()
    trace = hashlib.sha256()
    total = 0
    for seed in seeds:
        pool = Pool(seed)
        pool.run(events)
        seen += pool.seen
        total += pool.events
        trace.update(pool.trace.digest())
    return Summary(len(seeds), total, seen, trace.hexdigest())


def main(argv: Sequence[str]) -> int:
    """Run; the exit status: 0 no difference, 1 one that is shown."""
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first pool")
    parser.add_argument("--pools", type=int, default=EVENTS // EVENTS_OF_A_POOL)
    parser.add_argument("--events", type=int, default=EVENTS_OF_A_POOL, help="in each pool")
    given = parser.parse_args(argv)
    try:
        summary = run_pools(range(given.seed, given.seed + given.pools), events=given.events)
    except Difference as difference:
        sys.stdout.write(f"{difference}\n")
        return 1
    for what, number in sorted(summary.seen.items()):
        sys.stdout.write(f"  {what:<28} {number:>9,}\n")
    sys.stdout.write(
        f"{summary.events:,} events in {summary.pools:,} pools, no difference; "
        f"trace {summary.trace[:16]}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
