"""What people may see of a pool: each agent and each queue as it is now, as plain values."""

from dataclasses import dataclass

from router.agent_state import EngagementPhase
from router.model import AgentId, ContactId, Crisis, DeviceId, Millis, Presence, QueueId


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent as the router knows her.

    ``since`` is when her presence, its reason or her device last changed; for one who never signed
    in, when she became known. ``reason`` is that of a pause. ``reachable`` is her device's.
    ``phone_in_use`` tells of another agent's conversation that still goes on there: she took the
    device over, and cannot be rung before it ends.
    """

    agent: AgentId
    presence: Presence
    reason: str | None
    since: Millis
    device: DeviceId | None
    reachable: bool
    engagement: EngagementPhase
    contact: ContactId | None
    own_calls: int
    taken_for_absent: bool
    phone_in_use: bool = False
    chats: int = 0
    """In her hands; where there are any, ``engagement`` and ``contact`` are one of them."""
    pausing_for: str | None = None
    """The reason of the pause that begins when her hands are empty."""
    accepted_today: int = 0
    busy_ms_today: Millis = 0
    """From an answer to the end of the wrap-up, of what is over; what is not is ``busy_since``."""
    idle_ms_today: Millis = 0
    busy_since: Millis | None = None
    idle_since: Millis | None = None


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue: who waits, whom an agent's phone rings for, and how many agents are there for it.

    ``staffed`` counts each agent once who is available at a device that can be reached and meets
    any step of the queue, whether she is idle or not.
    """

    queue: QueueId
    waiting: int
    offered: int
    staffed: int
    crisis: Crisis | None = None
    """Where its contacts go in its crisis; None while there is none."""


@dataclass(frozen=True, slots=True)
class WaitingView:
    """One contact that has met no agent yet. ``since`` is from when its waiting counts.

    ``step`` is 0-based, or ``PREFERRED_STEP`` while it waits for one agent alone. ``position``
    counts from 1 who waits in its queue, at whatever step; None while a phone rings for it, which
    is that of the agent ``offered_to``.
    """

    contact: ContactId
    queue: QueueId
    step: int
    since: Millis
    position: int | None
    offered_to: AgentId | None


@dataclass(frozen=True, slots=True)
class WaitingList:
    """Who waits, whoever waits longest first, and how many more there are than are told."""

    contacts: tuple[WaitingView, ...] = ()
    left_out: int = 0
