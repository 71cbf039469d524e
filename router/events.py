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
    Origin,
    OwnCallId,
    PresenceChange,
    Queue,
    QueueId,
    RequestId,
    Routing,
    WrapUpChange,
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
class AgentRetired:
    """An agent is no longer in the site. A conversation of hers goes on; no offer follows it."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class QueueRetired:
    """A queue is no longer in the site: who waits there is given back to the flow."""

    queue: QueueId


@dataclass(frozen=True, slots=True)
class PresenceRequested:
    """An agent says something of herself, or somebody for her; ``AnswerPresence`` is the answer.

    ``agent`` None means whoever sits at ``device``, and for a sign-in whoever has her fixed seat
    there. ``device`` None means where she sits, and for a sign-in her fixed seat. ``reason`` is
    read by a pause only.
    """

    request: RequestId
    change: PresenceChange
    agent: AgentId | None
    device: DeviceId | None
    reason: str | None
    origin: Origin
    after_contact: bool = False
    """A pause that begins when what she has in her hands, and its wrap-up, is over."""


@dataclass(frozen=True, slots=True)
class DeviceOccupied:
    """A device is in a call of its own: no offer till all such calls of it are over."""

    device: DeviceId
    call: OwnCallId


@dataclass(frozen=True, slots=True)
class DeviceVacated:
    """A call of the device's own is over."""

    device: DeviceId
    call: OwnCallId


@dataclass(frozen=True, slots=True)
class DeviceReachabilityChanged:
    """A device registered, or stopped answering qualification."""

    device: DeviceId
    reachable: bool


@dataclass(frozen=True, slots=True)
class ContactQueued:
    """A contact waits in a queue from now on. ``priority_ms`` is worth that much waiting.

    ``waited_ms`` is how long it waited elsewhere before: it counts in the order, and in nothing
    else. For ``preferred_ms`` the contact waits for the ``preferred`` agent alone, if she is there;
    with ``preferred_must_serve`` only as long as she meets what any step of the queue requires: who
    served a customer last may speak another language than this time is asked for.
    """

    contact: ContactId
    queue: QueueId
    priority_ms: Millis
    waited_ms: Millis = 0
    preferred: AgentId | None = None
    preferred_ms: Millis = 0
    preferred_must_serve: bool = False


@dataclass(frozen=True, slots=True)
class ContactChanged:
    """A waiting contact is worth another priority, or shall wait in another queue; None is as is.

    Who must be able to serve it is the queue's to say, so another requirement is another queue.
    """

    contact: ContactId
    queue: QueueId | None
    priority_ms: Millis | None


@dataclass(frozen=True, slots=True)
class CrisisDeclared:
    """Till further notice nobody waits in this queue: all go ``to`` another, or are given back."""

    queue: QueueId
    to: QueueId | None


@dataclass(frozen=True, slots=True)
class CrisisEnded:
    """The queue is as it was before."""

    queue: QueueId


@dataclass(frozen=True, slots=True)
class RoutingChanged:
    """What holds for the whole pool is new."""

    routing: Routing


@dataclass(frozen=True, slots=True)
class DayStarted:
    """A new day in the site's own time: what is counted by day begins anew."""


@dataclass(frozen=True, slots=True)
class WrapUpRequested:
    """An agent has done her after-contact work, or needs longer; ``AnswerPresence`` answers."""

    request: RequestId
    change: WrapUpChange
    agent: AgentId | None
    device: DeviceId | None
    origin: Origin


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
    | AgentRetired
    | QueueRetired
    | PresenceRequested
    | DeviceOccupied
    | DeviceVacated
    | DeviceReachabilityChanged
    | ContactQueued
    | ContactLeft
    | ContactChanged
    | CrisisDeclared
    | CrisisEnded
    | OfferAccepted
    | OfferFailed
    | EngagementEnded
    | TimerFired
    | WrapUpRequested
    | RoutingChanged
    | DayStarted
)
"""Everything that can happen to the router; matched exhaustively."""
