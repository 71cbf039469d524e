"""What can happen to the router. Past tense; a failed effect comes back as an event too."""

from dataclasses import dataclass

from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferFailure,
    OfferId,
    Queue,
    QueueId,
)


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """A queue was added, or its numbers are new for everybody from now on."""

    queue: Queue


@dataclass(frozen=True, slots=True)
class AgentChanged:
    """An agent was added to the site, or her skills are new."""

    agent: Agent


@dataclass(frozen=True, slots=True)
class AgentSignedIn:
    """An agent took a seat at a device and is available."""

    agent: AgentId
    device: DeviceId


@dataclass(frozen=True, slots=True)
class AgentSignedOut:
    """An agent left her seat."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class DeviceReachabilityChanged:
    """A device registered, or stopped answering qualification."""

    device: DeviceId
    reachable: bool


@dataclass(frozen=True, slots=True)
class ContactQueued:
    """A contact waits in a queue from now on. ``priority_ms`` is worth that much waiting."""

    contact: ContactId
    queue: QueueId
    priority_ms: Millis


@dataclass(frozen=True, slots=True)
class ContactLeft:
    """A contact stopped waiting by itself: its caller hung up, or its flow took it away."""

    contact: ContactId


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """The agent answered; the contact is hers."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferFailed:
    """The offer ended without a conversation, and not by the router's own doing."""

    offer: OfferId
    failure: OfferFailure


@dataclass(frozen=True, slots=True)
class EngagementEnded:
    """The conversation is over; wrap-up begins."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The router's next deadline has come."""


RouterEvent = (
    QueueChanged
    | AgentChanged
    | AgentSignedIn
    | AgentSignedOut
    | DeviceReachabilityChanged
    | ContactQueued
    | ContactLeft
    | OfferAccepted
    | OfferFailed
    | EngagementEnded
    | TimerFired
)
"""Everything that can happen to the router; matched exhaustively."""
