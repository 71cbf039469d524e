"""Which of several idle agents a contact gets: longest idle, or as its queue orders them.

Each serving profile gives the first of its own in the queue's order; the best of these is taken. So
a decision looks at one agent of each profile and at those who missed this contact, however many
are idle. Where many profiles serve a line, it keeps who is idle for it in order itself
(``line_order``), and no profile is looked at. Only a pool that weighs how many of each are idle
looks all the same: that changes for all with whoever comes or goes, so no order would last.
"""

from collections.abc import Callable, Collection
from typing import Generic, TypeVar

from router.chat_order import ChatKey
from router.idle_order import IdleKey
from router.matching import Line, Profile
from router.model import AgentId

Pressure = Callable[[Profile], int]
"""How much the pool wants agents of this profile to be taken rather than others."""


class LongestIdle:
    """Who is idle longest of those who serve the line, whatever else they can."""

    def best(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        """See ``AgentPolicy``."""
        if line.order is not None:
            return line.order.best(missed_by)
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


Key = TypeVar("Key", IdleKey, ChatKey)
FirstOf = Callable[[Profile, Line, Collection[AgentId]], Key | None]
"""Who of one profile comes first for a line, but those; None if there is nobody else."""


class Ranked(Generic[Key]):
    """By level, then by what the pool wants, then by the order within a profile.

    The *grade* of a profile is by how much it exceeds what the line requires: a queue that takes
    the lowest first spares its scarce experts for those who need them.
    """

    def __init__(self, first_of: FirstOf[Key], pressure: Pressure | None = None) -> None:
        self._first_of = first_of
        self._pressure = pressure

    def best(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        """See ``AgentPolicy``."""
        sign, pressure = line.sign, self._pressure
        if pressure is None and line.order is not None:
            return line.order.best(missed_by)
        best: tuple[int, int, Key] | None = None
        for profile in line.serving:
            first = self._first_of(profile, line, missed_by)
            if first is None:
                continue
            wanted = 0 if pressure is None else -pressure(profile)
            rank = (sign * line.grades[profile], wanted, first)
            if best is None or rank < best:
                best = rank
        if best is None:
            return self.best(line, ()) if missed_by else None
        return best[2][-1]


def first_idle(profile: Profile, line: Line, those: Collection[AgentId]) -> IdleKey | None:
    """For a call: the queue's order of agents among the idle ones."""
    return profile.first_idle(line.agents, those) if profile.idle else None


def first_with_room(profile: Profile, line: Line, those: Collection[AgentId]) -> ChatKey | None:
    """For a chat: who has fewest, then the same order; so all have one before anybody has two."""
    return profile.chats.first_but(line.agents, those) if profile.chats else None
