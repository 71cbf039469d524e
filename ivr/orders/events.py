"""What can happen to a work order, and what comes of it."""

from dataclasses import dataclass
from enum import Enum

from ivr.orders.model import CustomerRef, OrderId, UtcMillis, WorkOrder
from router.model import AgentId, ContactId, Skill


@dataclass(frozen=True, slots=True)
class CallbackPromised:
    """A contact was promised to be called back.

    Whoever loads the state looks first for a live order of the same customer and topic, then for
    the order of this id: ``decide`` joins the former and opens the latter.
    """

    order: OrderId
    contact: ContactId
    customer: CustomerRef
    topic: str
    reason: str
    skill: Skill | None
    deadline: UtcMillis
    tries_max: int


@dataclass(frozen=True, slots=True)
class OrderClaimed:
    """An agent takes the order into her hands."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """The customer was called, with this result; the order stays open."""

    result: str


@dataclass(frozen=True, slots=True)
class OrderSettled:
    """The order is to be closed with this result."""

    result: str
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The order's next deadline has come."""


OrderEvent = CallbackPromised | OrderClaimed | AttemptMade | OrderSettled | DeadlinePassed


class OrderNotice(Enum):
    """What others are told of a change: a row of the outbox, in the same transaction."""

    OPENED = "order_opened"
    JOINED = "order_joined"
    CLAIMED = "order_claimed"
    ATTEMPTED = "order_attempted"
    OVERDUE = "order_overdue"
    CLOSED = "order_closed"


class Refusal(Enum):
    """Why an order was left as it was, in words for whoever asked."""

    UNKNOWN = "there is no such work order: `expertline orders list` shows those there are"
    CLOSED = "the work order is closed: a new promise needs a new one"
    OTHER_OWNER = "another agent has claimed it and it is not overdue: ask her, or wait for that"
    NO_OWNER = "nobody has claimed it: claim it before the attempt"
    NO_TRIES_LEFT = "all its tries are used up: close it with a result"
    NO_RESULT = "a result is needed: say in words what came of it"
    OTHER_ORDER = "the work order is another customer's or about another topic"


@dataclass(frozen=True, slots=True)
class Changed:
    """The order as it is now, and whom to tell."""

    order: WorkOrder
    notices: tuple[OrderNotice, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """Late or doubled: nothing changes; count it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Not allowed: nothing changes; say why."""

    refusal: Refusal


Decision = Changed | Ignored | Refused
