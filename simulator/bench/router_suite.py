"""The router suite: what a decision costs, and how that grows with the size of the pool.

All times are processor time of the one thread, with the collector on as an engine has it
(``ivr.calm_collector``); each figure is the median of its rounds, and what is compared is measured
in turn, so that a machine that slows down slows both.
"""

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from ivr.calm_collector import CalmCollector
from router.model import Agent
from simulator.bench.report import BenchProblem, SuiteResult
from simulator.bench.router_load import Load, Shape, Spent, agents_of, queues_of
from simulator.bench.router_peer import Peers, peers

SEED = 5
ROUNDS = 5
BATCHES_BEFORE = 8
"""Enough for the first fresh contacts to have left: from then on every batch is alike."""

LARGE = Shape(agents=8_000, skills=50, waiting=10_000)
SMALL = Shape(agents=300, skills=10, waiting=0, batch=100)
BATCHES_LARGE, BATCHES_SMALL = 6, 40

WAITING = (100, 1_000, 10_000, 100_000, 1_000_000)
AGENTS = (100, 1_000, 10_000, 100_000)
PROFILES = (100, 1_000, 10_000)
SKILLS_OF_AN_AGENT = (1, 2, 5, 10, 20, 40)
BATCHES_CURVE = 3
TAIL = Shape(agents=8_000, skills=50, waiting=100_000, announces=False)
BATCHES_TAIL = 100
CONTACTS_WEIGHED, AGENTS_WEIGHED = 10_000, 4_000
SKILLS_WEIGHED = 10

DECISIONS_PER_S_MIN = 100_000
LIVES_PER_S_MIN = 50_000
GROWTH_WAITING_MAX = 2.0
"""From the least to the most waiting; a scan would be 10,000."""
GROWTH_AGENTS_MAX = 3.0
"""From the fewest to the most agents."""
P999_US_MAX = 100.0
"""Of single decisions: what a caller may ever notice is a thousand times as much."""
WORST_US_MAX = 10_000.0
"""The collector's longest pause is in it."""
BYTES_PER_WAITING_MAX = 2_000
"""Of one more contact."""
BYTES_PER_AGENT_MAX = 8_000
"""Of one more agent of ten skills."""


@dataclass(frozen=True, slots=True)
class Point:
    """One size on a curve, and what a decision costs there."""

    size: int
    us: float


@dataclass(frozen=True, slots=True)
class Tail:
    """The slow end of many single decisions."""

    decisions: int
    median_us: float
    p999_us: float
    worst_us: float


@dataclass(frozen=True, slots=True)
class RouterRun:
    """All that one run of the suite found out."""

    decisions_per_s: Sequence[float]
    "Of each round."
    lives_per_s: Sequence[float]
    tail: Tail
    bytes_per_waiting: float
    bytes_per_agent: float
    curve_waiting: Sequence[Point]
    curve_agents: Sequence[Point]
    curve_requirements: Sequence[Point]
    curve_profiles: Sequence[Point]
    peers: Peers

    def row(self) -> dict[str, object]:
        """The public row: just the keys that the issue names."""
        return {
            "decisions_per_s": round(median(self.decisions_per_s)),
            "lives_per_s": round(median(self.lives_per_s)),
            "growth_waiting": round(growth(self.curve_waiting), 2),
            "growth_agents": round(growth(self.curve_agents), 2),
            "p999_us": round(self.tail.p999_us, 1),
            "worst_us": round(self.tail.worst_us, 1),
            "bytes_per_waiting": round(self.bytes_per_waiting),
            "bytes_per_agent": round(self.bytes_per_agent),
            "curve_waiting": _curve("waiting", self.curve_waiting),
            "curve_agents": _curve("agents", self.curve_agents),
            "curve_requirements": _curve("requirements", self.curve_requirements),
        }

    def shown(self) -> dict[str, object]:
        """The row as a person reads it."""
        curves = {
            "curve_waiting": self.curve_waiting,
            "curve_agents": self.curve_agents,
            "curve_requirements": self.curve_requirements,
        }
        words = {
            key: ", ".join(f"{point.size:,}: {point.us:.2f} us" for point in points)
            for key, points in curves.items()
        }
        return {**self.row(), **words}

    def details(self) -> dict[str, object]:
        """How the row came about, and the peers of the same run."""
        decisions = median(self.decisions_per_s)
        return {
            "decisions_per_s_rounds": [round(each) for each in self.decisions_per_s],
            "lives_per_s_rounds": [round(each) for each in self.lives_per_s],
            "curve_profiles": _curve("profiles", self.curve_profiles),
            "median_us": round(self.tail.median_us, 1),
            "tail_decisions": self.tail.decisions,
            "scan_per_s": round(self.peers.scan_per_s),
            "sql_per_s": round(self.peers.sql_per_s),
            "times_a_scan": round(decisions / self.peers.scan_per_s, 1),
            "times_sql": round(decisions / self.peers.sql_per_s, 1),
        }

    def faults(self) -> tuple[str, ...]:
        """What must not be: a figure beyond its floor."""
        row = self.row()
        least = {"decisions_per_s": DECISIONS_PER_S_MIN, "lives_per_s": LIVES_PER_S_MIN}
        most = {
            "growth_waiting": GROWTH_WAITING_MAX,
            "growth_agents": GROWTH_AGENTS_MAX,
            "p999_us": P999_US_MAX,
            "worst_us": WORST_US_MAX,
            "bytes_per_waiting": BYTES_PER_WAITING_MAX,
            "bytes_per_agent": BYTES_PER_AGENT_MAX,
        }
        figures = {key: value for key, value in row.items() if isinstance(value, int | float)}
        return (
            *(
                f"{key}: {figures[key]:,}, below {at:,}"
                for key, at in least.items()
                if figures[key] < at
            ),
            *(
                f"{key}: {figures[key]:,}, above {at:,}"
                for key, at in most.items()
                if figures[key] > at
            ),
        )


def growth(curve: Sequence[Point]) -> float:
    """How much more a decision costs at the end of a curve than at its beginning."""
    return curve[-1].us / curve[0].us


def run_router(build: Path, say: Callable[[str], None]) -> SuiteResult:
    """Measure the router through its public ``handle``; needs no Asterisk."""
    del build
    CalmCollector().begin(0)
    say("router: decisions and lives a second")
    decisions, lives = throughput()
    say("router: peers")
    compared = peers(LARGE)
    say("router: memory")
    waiting, agent = bytes_per_waiting(), bytes_per_agent()
    say(f"router: single decisions at {TAIL.waiting:,} waiting")
    slow = tail()
    say("router: curves")
    run = RouterRun(
        decisions,
        lives,
        slow,
        waiting,
        agent,
        curve_waiting=curve(
            [busy(Shape(1_000, 20, each, announces=False)) for each in WAITING], WAITING
        ),
        curve_agents=curve([idle(Shape(each, 20, 0, batch=50)) for each in AGENTS], AGENTS),
        curve_requirements=curve_of_requirements(),
        curve_profiles=curve(
            [idle(Shape(each, 20, 0, batch=50, each_her_own=True)) for each in PROFILES], PROFILES
        ),
        peers=compared,
    )
    return SuiteResult(
        {"router": run.row(), "router_details": run.details()}, run.shown(), run.faults()
    )


# Pools


def busy(shape: Shape) -> Load:
    """A pool in which every agent is engaged, and so many wait."""
    load = Load(shape, seed=SEED)
    load.staff()
    load.occupy_all()
    load.gather(shape.waiting)
    load.run(BATCHES_BEFORE)
    return load


def idle(shape: Shape) -> Load:
    """A pool in which nobody waits, as somebody is idle for everything."""
    load = Load(shape, seed=SEED)
    load.staff()
    load.run(BATCHES_BEFORE)
    return load


# What is measured


def throughput() -> tuple[list[float], list[float]]:
    """Decisions a second of a large busy pool, lives a second of a small one, by round."""
    large, small = busy(LARGE), idle(SMALL)
    decisions: list[float] = []
    lives: list[float] = []
    for _ in range(ROUNDS):
        decided = large.run(BATCHES_LARGE)
        decisions.append(decided.decisions * 1e9 / decided.decision_ns)
        lived = small.run(BATCHES_SMALL)
        lives.append(lived.lives * 1e9 / lived.life_ns)
    return decisions, lives


def waiting_shape(waiting: int) -> Shape:
    """A busy pool of one size, with so many waiting."""
    return Shape(1_000, 20, waiting, announces=False)


def curve(loads: Sequence[Load], sizes: Sequence[int]) -> list[Point]:
    """What a decision costs in each of these pools, measured in turn."""
    rounds = [[_us(load.run(BATCHES_CURVE)) for load in loads] for _ in range(ROUNDS)]
    return [
        Point(size, median(each[number] for each in rounds)) for number, size in enumerate(sizes)
    ]


def curve_of_requirements() -> list[Point]:
    """What a decision costs by how many requirements an agent's profile meets; 200 skills."""
    shapes = [
        Shape(1_000, 200, 10_000, skills_per_agent=skills, announces=False)
        for skills in SKILLS_OF_AN_AGENT
    ]
    return curve([busy(shape) for shape in shapes], [requirements_met(each) for each in shapes])


def requirements_met(shape: Shape) -> int:
    """How many steps of queues an agent of this pool serves; the median of its agents."""
    steps = [step.requirement for queue in queues_of(shape) for step in queue.steps]
    some: list[Agent] = list(agents_of(shape))[: shape.skills]
    return round(median(sum(each.met_by(agent.skills) for each in steps) for agent in some))


def tail() -> Tail:
    """Every single decision by itself, at 100,000 waiting."""
    load = Load(TAIL, seed=SEED, one_by_one=True)
    load.staff()
    load.occupy_all()
    load.gather(TAIL.waiting)
    load.run(BATCHES_BEFORE)
    took = sorted(load.run(BATCHES_TAIL).each_ns)
    if len(took) < 10_000:
        raise BenchProblem(f"only {len(took)} decisions were timed: too few for a p99.9")
    # Nearest rank: a value that occurred.
    ninety_nine_nine = took[-(-len(took) * 999 // 1000) - 1]
    return Tail(len(took), took[len(took) // 2] / 1e3, ninety_nine_nine / 1e3, took[-1] / 1e3)


def bytes_per_waiting() -> float:
    """Memory of one waiting contact, its ids included."""
    load = busy(Shape(100, 50, 0))
    return _weighed(lambda: load.gather(CONTACTS_WEIGHED), CONTACTS_WEIGHED)


def bytes_per_agent() -> float:
    """Memory of one agent of ten skills, signed in, with her ids and skills."""
    shape = Shape(AGENTS_WEIGHED, 50, 0, skills_per_agent=SKILLS_WEIGHED)
    load = Load(Shape(0, 50, 0), seed=SEED)
    load.staff()

    def grow() -> None:
        for agent in agents_of(shape):
            load.add_agent(agent)

    return _weighed(grow, AGENTS_WEIGHED)


def _weighed(grow: Callable[[], None], number: int) -> float:
    gc.collect()
    tracemalloc.start()
    try:
        grow()
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return held / number


def _us(spent: Spent) -> float:
    return spent.decision_ns / spent.decisions / 1e3


def _curve(what: str, points: Sequence[Point]) -> list[dict[str, float]]:
    return [{what: point.size, "us": round(point.us, 2)} for point in points]
