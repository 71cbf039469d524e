"""A router at rest between two events, as plain values that can be written down and read again.

A router made from such a snapshot behaves as the one it was taken from for ever after: the same
effects, the same ids, the same order of whatever falls on one millisecond. So each counter is here
that decides an id or a tie. What follows from other facts (indexes, counts of staff, heaps) is not
written down, and so cannot disagree with them.
"""

from dataclasses import dataclass, field
from typing import Literal

from router.agent_state import EngagementPhase
from router.contact_state import ContactPhase
from router.model import (
    Agent,
    AgentId,
    ContactId,
    ContactOrder,
    Crisis,
    DeviceId,
    Millis,
    OfferId,
    OwnCallId,
    Presence,
    Queue,
    QueueId,
    Routing,
)
from router.wrap_up import PutOff, WrapUp

TimerKind = Literal["offer", "wrap", "rest", "absent", "chat_wrap", "own_calls"]
"""What the timers of offers, agents, devices are for; those of contacts are with their places."""


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """A queue with the steps that somebody is there for; a retired one still has contacts."""

    rules: Queue
    open_steps: tuple[bool, ...]
    retired: bool
    handling_ms: Millis | None = None
    measured_at: Millis | None = None
    waits_since: Millis | None = None
    """These three are its pace."""
    crisis: Crisis | None = None
    tag: int = 0
    """How far the queue was served, where queues share fairly."""


@dataclass(frozen=True, slots=True)
class DaySnapshot:
    """What an agent did today; the times hold what is over, ``since`` is what is under way."""

    accepted: int = 0
    busy_ms: Millis = 0
    idle_ms: Millis = 0
    busy_since: Millis | None = None
    idle_since: Millis | None = None


@dataclass(frozen=True, slots=True)
class ChatSnapshot:
    """One chat in an agent's hands."""

    offer: OfferId
    phase: EngagementPhase
    wrap_up: WrapUp | None


@dataclass(frozen=True, slots=True)
class FreeSnapshot:
    """An agent with room for a chat, and her day as it was when she got it."""

    agent: AgentId
    accepted: int
    permille: int


@dataclass(frozen=True, slots=True)
class SeatSnapshot:
    """One agent as the router knows her."""

    agent: Agent
    presence: Presence
    reason: str | None
    since: Millis
    device: DeviceId | None
    phase: EngagementPhase
    offer: OfferId | None
    misses: int
    resting: bool
    taken_for_absent: bool
    retired: bool
    wrap_up: WrapUp | None = None
    put_off: PutOff | None = None
    day: DaySnapshot = DaySnapshot()
    chats: tuple[ChatSnapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class DeviceSnapshot:
    """One device; ``reachable`` is None where nobody spoke of it. Its own calls are each with the
    moment that it began, the oldest first."""

    device: DeviceId
    reachable: bool | None
    own_calls: tuple[tuple[OwnCallId, Millis], ...]


@dataclass(frozen=True, slots=True)
class PresenceCount:
    """How many changes of this agent's presence were recorded, ever."""

    agent: AgentId
    recorded: int


@dataclass(frozen=True, slots=True)
class TimesSnapshot:
    """What is due for a waiting contact; None is never."""

    wait_ends_at: Millis
    step_ends_at: Millis | None
    tells_at: Millis | None


@dataclass(frozen=True, slots=True)
class PlaceSnapshot:
    """One contact as the router knows it; ``key_ms`` and ``arrival`` are its place in the order."""

    contact: ContactId
    queue: QueueId
    entered: Millis
    key_ms: Millis
    arrival: int
    step: int
    phase: ContactPhase
    offer: OfferId | None
    missed_by: tuple[AgentId, ...]
    turn_from: Millis | None = None
    """None is ``entered``, as is ``steps_from``."""
    steps_from: Millis | None = None
    preferred: AgentId | None = None
    preferred_until: Millis = 0
    preferred_must_serve: bool = False
    times: TimesSnapshot | None = None


@dataclass(frozen=True, slots=True)
class OfferSnapshot:
    """Which contact rings or talks at which agent, and at which device."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    device: DeviceId
    is_chat: bool = False


@dataclass(frozen=True, slots=True)
class TimerSnapshot:
    """A timer of an offer, an agent or a device."""

    kind: TimerKind
    name: str
    due: Millis


@dataclass(frozen=True, slots=True)
class IgnoredCount:
    """How often a happening came late or twice, or was refused."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class RoutingSnapshot:
    """What holds for the pool; JSON has no mapping of numbers, so ``admitted`` is by class."""

    contacts: ContactOrder = ContactOrder.OLDEST
    waiting_max: int | None = None
    admitted: tuple[tuple[int, int], ...] = ()


def routing_snapshot(routing: Routing) -> RoutingSnapshot:
    """What holds for the pool, as it is written down."""
    admitted = tuple(sorted(routing.admitted.items()))
    return RoutingSnapshot(routing.contacts, routing.waiting_max, admitted)


def routing_restored(held: RoutingSnapshot) -> Routing:
    """What was written down."""
    return Routing(held.contacts, held.waiting_max, dict(held.admitted))


@dataclass(frozen=True, slots=True)
class RouterSnapshot:
    """All that a router holds. Timers are in the order in which they fall due, ties included."""

    queues: tuple[QueueSnapshot, ...]
    seats: tuple[SeatSnapshot, ...]
    idle: tuple[AgentId, ...]
    """Longest idle first."""
    devices: tuple[DeviceSnapshot, ...]
    presence_counts: tuple[PresenceCount, ...]
    places: tuple[PlaceSnapshot, ...]
    offers: tuple[OfferSnapshot, ...]
    timers: tuple[TimerSnapshot, ...]
    arrivals: int
    offers_made: int
    ignored: tuple[IgnoredCount, ...]
    routing: RoutingSnapshot = field(default_factory=RoutingSnapshot)
    virtual: int = 0
    """The pool's time, where queues share fairly."""
    free: tuple[FreeSnapshot, ...] = ()
    """Who has room for a chat; who stands so longest first."""
