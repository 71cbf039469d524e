"""A work order: the promise to call back, until a result closes it.

Times are UTC milliseconds, unlike in the cores: an order outlives engines, is changed by other
processes, and its deadline is a time of day that was told to a customer.
"""

from dataclasses import dataclass
from enum import Enum
from typing import NewType

from router.model import AgentId, ContactId, Skill

OrderId = NewType("OrderId", str)

CustomerRef = NewType("CustomerRef", str)
"""The party reference of the customer's call; the number itself stays in the store's table."""

UtcMillis = int
"""UTC milliseconds since 1970."""

CONTACTS_MAX = 50
"""Contacts an order remembers; of more only the count is kept."""

ATTEMPTS_MAX = 50
"""Attempts an order can hold, whatever its ``tries_max`` says."""

TEXT_CHARS_MAX = 500
"""A reason or result is cut to this length."""


class OrderPhase(Enum):
    """How far the promise has come."""

    ABSENT = "absent"
    """There is no such order (yet)."""
    OPEN = "open"
    """Nobody's: waits for an owner."""
    CLAIMED = "claimed"
    """In an agent's hands."""
    CLOSED = "closed"
    """Done with, by its result."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach the customer, and what came of it."""

    at: UtcMillis
    agent: AgentId
    result: str


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One promise: whom to call back about what, by when, and what was done for it."""

    order: OrderId
    customer: CustomerRef
    topic: str
    reason: str
    skill: Skill | None
    opened_at: UtcMillis
    deadline: UtcMillis
    tries_max: int
    phase: OrderPhase = OrderPhase.OPEN
    owner: AgentId | None = None
    contacts: tuple[ContactId, ...] = ()
    """Which contacts asked for it, first come first; the oldest are forgotten at the limit."""
    asked: int = 1
    """How many times the customer asked, this order's joined duplicates included."""
    attempts: tuple[Attempt, ...] = ()
    overdue_at: UtcMillis | None = None
    """When the deadline was seen to have passed."""
    closed_at: UtcMillis | None = None
    closed_by: AgentId | None = None
    result: str | None = None

    @property
    def next_deadline(self) -> UtcMillis | None:
        """When ``DeadlinePassed`` is due; None when it was, or when the order is closed."""
        waits = self.phase is not OrderPhase.CLOSED and self.overdue_at is None
        return self.deadline if waits else None

    @property
    def tries_left(self) -> int:
        """How many more attempts were allowed when the order was opened."""
        return max(0, self.tries_max - len(self.attempts))

    def is_overdue(self, at: UtcMillis) -> bool:
        """Whether the promise was not kept in time and still is not."""
        return self.phase is not OrderPhase.CLOSED and at >= self.deadline
