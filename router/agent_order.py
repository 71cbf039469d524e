"""Which of several idle agents a contact gets: longest idle, or as its queue orders them.

Each serving profile gives the first of its own in the queue's order; the best of these is taken. So
a decision looks at one agent of each profile and at those who missed this contact, however many
are idle.
"""

from collections.abc import Callable, Collection

from router.matching import Line, Profile
from router.model import AgentId, LevelOrder

Pressure = Callable[[Profile], int]
"""How much the pool wants agents of this profile to be taken rather than others."""

SIGNS = {LevelOrder.ANY: 0, LevelOrder.LOWEST: 1, LevelOrder.HIGHEST: -1}
"""Which way each order of levels counts the grade."""


class LongestIdle:
    """Who is idle longest of those who serve the line, whatever else they can."""

    def best(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        """See ``AgentPolicy``."""
        if missed_by:
            return self._best_but(line, missed_by) or self.best(line, ())
        best: AgentId | None = None
        least = 0
        for profile in line.serving:
            if profile.idle:
                agent, since = next(iter(profile.idle.items()))
                if best is None or since < least:
                    best, least = agent, since
        return best

    def _best_but(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        firsts = (profile.first_idle(line.agents, missed_by) for profile in line.serving)
        return min((first[1:] for first in firsts if first is not None), default=(0, None))[1]


class Ranked:
    """By level, then by what the pool wants, then by the queue's order of agents.

    The *grade* of a profile is by how much it exceeds what the line requires: a queue that takes
    the lowest first spares its scarce experts for those who need them.
    """

    def __init__(self, pressure: Pressure | None = None) -> None:
        self._pressure = pressure

    def best(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        """See ``AgentPolicy``."""
        sign, pressure = SIGNS[line.levels], self._pressure
        best: tuple[int, int, int, int, AgentId] | None = None
        for profile in line.serving:
            if not profile.idle:
                continue
            first = profile.first_idle(line.agents, missed_by)
            if first is None:
                continue
            wanted = 0 if pressure is None else -pressure(profile)
            rank = (sign * line.grades[profile], wanted, *first)
            if best is None or rank < best:
                best = rank
        if best is None:
            return self.best(line, ()) if missed_by else None
        return best[-1]
