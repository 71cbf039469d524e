"""How others choose, on the same machine and in the same minute, so that ratios can be quoted.

A *scan* looks at each waiting contact when an agent frees, and keeps the best: the least that a
queue without indexes does. An *SQL attempt* asks a database in memory, with the indexes that help
it, for the idle agents of one queue by level and then by idleness, and reserves the first: what a
call centre does that keeps its agents in tables. Both do a part of a decision only, and no timer.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import thread_time_ns

from router.model import Agent, Requirement, Skill
from simulator.bench.router_load import Shape, agents_of, queues_of

ROUNDS = 5
ATTEMPTS = 20
HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Peers:
    """Decisions a second of each way."""

    scan_per_s: float
    sql_per_s: float


def peers(shape: Shape) -> Peers:
    """Both ways at this size."""
    return Peers(scan_per_s=_per_s(_scan(shape)), sql_per_s=_per_s(_sql(shape)))


def _per_s(attempt: Callable[[int], object]) -> float:
    rounds: list[float] = []
    for number in range(ROUNDS):
        begun = thread_time_ns()
        for each in range(ATTEMPTS):
            attempt(number * ATTEMPTS + each)
        rounds.append(ATTEMPTS * 1e9 / (thread_time_ns() - begun))
    return median(rounds)


@dataclass(slots=True)
class _Waiting:
    entered: int
    requirement: Requirement


def _scan(shape: Shape) -> Callable[[int], object]:
    """Whose turn is it, over all who wait and whom this agent may serve?"""
    wanted = [queue.steps[0].requirement for queue in queues_of(shape)]
    waiting = [_Waiting(number, wanted[number % len(wanted)]) for number in range(shape.waiting)]
    skilled: Sequence[Mapping[Skill, int]] = [agent.skills for agent in agents_of(shape)]

    def attempt(number: int) -> _Waiting | None:
        skills = skilled[number * 7 % len(skilled)]
        best: _Waiting | None = None
        for each in waiting:
            if (best is None or each.entered < best.entered) and each.requirement.met_by(skills):
                best = each
        return best

    return attempt


_TABLES = """
create table agents (name text primary key, state text, since integer);
create table tiers (queue text, agent text, level integer, primary key (queue, agent));
create index agents_by_state on agents (state, since);
"""
_CHOICE = """
select agents.name from tiers join agents on agents.name = tiers.agent
where tiers.queue = ? and tiers.level >= ? and agents.state = 'idle'
order by tiers.level, agents.since limit 1
"""


def _sql(shape: Shape) -> Callable[[int], object]:
    """Who is best for this queue? Reserve her; then free her for the next attempt."""
    tables = sqlite3.connect(":memory:")
    tables.executescript(_TABLES)
    everybody: list[Agent] = list(agents_of(shape))
    tables.executemany(
        "insert into agents values (?, 'idle', ?)",
        ((agent.id, number) for number, agent in enumerate(everybody)),
    )
    tables.executemany(
        "insert into tiers values (?, ?, ?)",
        ((skill, agent.id, level) for agent in everybody for skill, level in agent.skills.items()),
    )

    def attempt(number: int) -> str | None:
        row = tables.execute(_CHOICE, (f"skill-{number % shape.skills}", 2)).fetchone()
        if row is None:
            return None
        changes = "update agents set state = ?, since = ? where name = ?"
        tables.execute(changes, ("reserved", 0, row[0]))
        tables.execute(changes, ("idle", HOUR_S + number, row[0]))
        return str(row[0])

    return attempt
