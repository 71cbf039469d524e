"""Agents of one profile who can take one chat more, in the order in which chats find them.

Who has fewest chats in her hands comes first, then whom the queue's order of agents puts first. All
of it is taken when an agent's room for chats becomes another one, and stands till it does again: so
she is taken out then and put in anew, with a fresh number, behind her equals.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from router.idle_order import MEASURES
from router.model import AgentId, AgentOrder
from router.ranking import Ranking

ChatKey = tuple[int, int, int, AgentId]
"""``(chats in her hands, measure of her day, number given when she stood here, who)``: total."""


@dataclass(frozen=True, slots=True)
class Free:
    """One agent as she stands here; ``accepted`` and ``permille`` are of her day till then."""

    agent: AgentId
    chats: int
    since: int
    accepted: int
    permille: int

    def key(self, order: AgentOrder) -> ChatKey:
        """Where she stands in this order."""
        measure = MEASURES.get(order)
        measured = 0 if measure is None else measure(self)
        return (self.chats, measured, self.since, self.agent)


class ChatOrder:
    """Who has room for a chat. An order is kept from the first time that it is asked for."""

    def __init__(self) -> None:
        self._free: dict[AgentId, Free] = {}
        self._rankings: dict[AgentOrder, Ranking[ChatKey]] = {}

    def __contains__(self, agent: AgentId) -> bool:
        return agent in self._free

    def __len__(self) -> int:
        return len(self._free)

    def __iter__(self) -> Iterator[Free]:
        return iter(self._free.values())

    def add(self, free: Free) -> None:
        """She can take one more from now on; she stood here not."""
        self._free[free.agent] = free
        for order, ranking in self._rankings.items():
            ranking.add(free.key(order))

    def discard(self, agent: AgentId) -> bool:
        """She stands here no longer; whether she did."""
        free = self._free.pop(agent, None)
        if free is None:
            return False
        for order, ranking in self._rankings.items():
            ranking.discard(free.key(order))
        return True

    def key_of(self, agent: AgentId, order: AgentOrder) -> ChatKey:
        """Where she stands in this order, who has room."""
        return self._free[agent].key(order)

    def first_but(self, order: AgentOrder, those: Collection[AgentId]) -> ChatKey | None:
        """Who comes first in this order of all but those."""
        ranking = self._rankings.get(order)
        if ranking is None:
            ranking = self._rankings[order] = Ranking()
            for free in self._free.values():
                ranking.add(free.key(order))
        return next((key for key in ranking if key[3] not in those), None)

    def start_day(self) -> None:
        """Nobody has done anything today; who stands here keeps her place among equals."""
        self._rankings.clear()
        for agent, free in self._free.items():
            self._free[agent] = Free(agent, free.chats, free.since, accepted=0, permille=0)
