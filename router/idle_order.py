"""Idle agents of one profile in another order than that of becoming idle.

What an agent is measured by is taken as she becomes idle and does not change while she is, so that
she stands where she stands till she leaves. Who leaves is taken out at once: nothing is stale.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from router.model import AgentId, AgentOrder
from router.ranking import Ranking

IdleKey = tuple[int, int, AgentId]
"""``(measure, number given when she became idle, who)``: total, and constant while she is idle."""


class Measured(Protocol):
    """An agent's day, running or as it was taken when she came to stand somewhere."""

    @property
    def accepted(self) -> int:
        """Offers that she accepted."""
        ...

    @property
    def permille(self) -> int:
        """How much of her time she was busy."""
        ...


def _accepted(day: Measured) -> int:
    return day.accepted


def _permille(day: Measured) -> int:
    return day.permille


MEASURES: Mapping[AgentOrder, Callable[[Measured], int]] = {
    AgentOrder.FEWEST_TODAY: _accepted,
    AgentOrder.LEAST_OCCUPIED: _permille,
}
"""By what the orders rank that need a measure; longest idle needs none."""


class IdleOrder:
    """Agents by a measure of their day, the smallest first, and of equal ones the longest idle."""

    def __init__(self, measure: Callable[[Measured], int]) -> None:
        self._measure = measure
        self._keys: dict[AgentId, IdleKey] = {}
        self._ranking: Ranking[IdleKey] = Ranking()

    def add(self, agent: AgentId, since: int, day: Measured) -> None:
        """She became idle, as the ``since``-th of all."""
        key = self._keys[agent] = (self._measure(day), since, agent)
        self._ranking.add(key)

    def discard(self, agent: AgentId) -> None:
        """She is idle no longer."""
        key = self._keys.pop(agent, None)
        if key is not None:
            self._ranking.discard(key)

    def key_of(self, agent: AgentId) -> IdleKey:
        """Where she stands, who is idle."""
        return self._keys[agent]

    def first_but(self, those: Collection[AgentId]) -> IdleKey | None:
        """Who comes first of all but those."""
        if not those:
            return next(iter(self._ranking), None)
        return next((key for key in self._ranking if key[2] not in those), None)
