"""Which of several agents with room for a chat gets one: as for a call, but first who has fewest.

So chats are spread over all who may have them before anybody has two.
"""

from collections.abc import Callable, Collection

from router.agent_order import SIGNS
from router.matching import Line, Profile
from router.model import AgentId


class FewestChats:
    """By level, then by what the pool wants, then by chats in hand and the queue's order."""

    def __init__(self, pressure: Callable[[Profile], int] | None = None) -> None:
        self._pressure = pressure

    def best(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        """See ``AgentPolicy``."""
        sign, pressure = SIGNS[line.levels], self._pressure
        best: tuple[int, int, int, int, int, AgentId] | None = None
        for profile in line.serving:
            if not profile.chats:
                continue
            first = profile.chats.first_but(line.agents, missed_by)
            if first is None:
                continue
            wanted = 0 if pressure is None else -pressure(profile)
            rank = (sign * line.grades[profile], wanted, *first)
            if best is None or rank < best:
                best = rank
        if best is None:
            return self.best(line, ()) if missed_by else None
        return best[-1]
