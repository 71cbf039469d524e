"""Who is idle for a line, in the order in which its contacts find them: where many profiles serve.

A contact finds its agent by a look at the first of each profile that serves its line. Where each
agent has skills and levels of her own, they are as many as the agents; so a line that more serve
than are looked at in turn keeps all who are idle for it in order. Whoever becomes idle or is taken
is told to each such line that she serves, which costs by what she can do, however many agents there
are. A line that few serve keeps nothing: a look at few is cheaper than that.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from router.chat_order import ChatKey
from router.idle_order import IdleKey
from router.model import AgentId, AgentOrder, Channel, LevelOrder
from router.ranking import Ranking

if TYPE_CHECKING:
    from router.matching import Line, Profile

PROFILES_SCANNED_MAX = 64
"""A line that more profiles serve keeps an order. To look at so many takes some nine microseconds,
as long as to tell twenty lines that an agent is taken and idle again."""

SIGNS = {LevelOrder.ANY: 0, LevelOrder.LOWEST: 1, LevelOrder.HIGHEST: -1}
"""Which way each order of levels counts the grade."""

AgentKey = IdleKey | ChatKey
"""Where an agent stands in her profile, in the order of agents that a line asks for."""


class ByTurn:
    """Longest idle first, whatever they can: as they come, for nobody becomes idle but last."""

    __slots__ = ("_agents",)

    def __init__(self) -> None:
        # Not a plain dict: where many were taken from its front, that is slow to find its first.
        self._agents: OrderedDict[AgentId, None] = OrderedDict()

    def add(self, grade: int, key: AgentKey) -> None:
        """She is idle from now on."""
        del grade
        self._agents[key[-1]] = None

    def discard(self, agent: AgentId) -> None:
        """She is idle no longer."""
        del self._agents[agent]

    def best(self, those: Collection[AgentId]) -> AgentId | None:
        """Who comes first but those; one of these only if there is nobody else."""
        first = next(iter(self._agents), None)
        if not those or first not in those:
            return first
        return next((agent for agent in self._agents if agent not in those), first)


class ByRank:
    """By grade as the line counts it, then as each stands in her profile."""

    __slots__ = ("_ranking", "_ranks")

    def __init__(self) -> None:
        self._ranks: dict[AgentId, tuple[int, AgentKey]] = {}
        self._ranking: Ranking[tuple[int, AgentKey]] = Ranking()

    def add(self, grade: int, key: AgentKey) -> None:
        """She is idle from now on; neither changes while she is."""
        rank = self._ranks[key[-1]] = (grade, key)
        self._ranking.add(rank)

    def discard(self, agent: AgentId) -> None:
        """She is idle no longer."""
        self._ranking.discard(self._ranks.pop(agent))

    def best(self, those: Collection[AgentId]) -> AgentId | None:
        """See ``ByTurn``."""
        first = self._ranking.first
        if first is None:
            return None
        others = (key[-1] for _, key in self._ranking if key[-1] not in those)
        return next(others, first[1][-1]) if those else first[1][-1]


LineOrder = ByTurn | ByRank


def stand(profile: "Profile", agent: AgentId, lines: Iterable["Line"]) -> None:
    """She can take contacts of these lines, all of one channel, from now on."""
    asked: AgentOrder | None = None
    key: AgentKey = (0, 0, agent)
    for line in lines:
        if line.order is None:
            continue
        if line.agents is not asked:
            asked, key = line.agents, _key_of(profile, agent, line)
        line.order.add(line.sign and line.sign * line.grades[profile], key)


def leave(agent: AgentId, lines: Iterable["Line"]) -> None:
    """She can take contacts of these lines no longer."""
    for line in lines:
        if line.order is not None:
            line.order.discard(agent)


def keep_order(line: "Line", scanned_max: int) -> None:
    """Let a line keep an order if more profiles serve it than that, till half as many do: else a
    reload that takes agents from one profile to another would build and drop it for each."""
    most = scanned_max if line.order is None else scanned_max // 2
    is_wide = len(line.serving) > most
    if is_wide is (line.order is not None):
        return
    for profile in line.serving:
        wide = profile.wide_lines(line.channel)
        if is_wide:
            wide.append(line)
        else:
            wide.remove(line)
    line.order = None
    if is_wide:
        order_anew(line)


def order_anew(line: "Line") -> None:
    """Work out its order from who is idle in each profile that serves it."""
    line.order = ByTurn() if line.is_plain else ByRank()
    idle = [(*each, profile) for profile in line.serving for each in _idle_for(line, profile)]
    for _, agent, profile in sorted(idle):
        stand(profile, agent, (line,))


def _idle_for(line: "Line", profile: "Profile") -> Iterable[tuple[int, AgentId]]:
    """Who of them stands there, with the number that is given to one alone."""
    if line.channel is Channel.CHAT:
        return ((free.since, free.agent) for free in profile.chats)
    return ((since, agent) for agent, since in profile.idle.items())


def _key_of(profile: "Profile", agent: AgentId, line: "Line") -> AgentKey:
    if line.channel is Channel.CHAT:
        return profile.chats.key_of(agent, line.agents)
    ranked = profile.orders.get(line.agents)
    return (0, profile.idle[agent], agent) if ranked is None else ranked.key_of(agent)
