"""What the router asks for. Imperative; carried to the call core as messages, never called."""

from dataclasses import dataclass

from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    OverflowCause,
    Presence,
    PresenceAnswer,
    PresenceRecord,
    QueueId,
    RequestId,
    RescindReason,
)


# An offer and a position are made in most decisions, and freezing doubles what that costs; nobody
# changes them all the same.
@dataclass(slots=True)
class OfferContact:
    """Ring this agent's device for this contact; the agent is reserved until the offer ends."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    device: DeviceId
    ring_ms_max: Millis


@dataclass(frozen=True, slots=True)
class RescindOffer:
    """Take the offer back: stop ringing. The contact keeps its place unless it left."""

    offer: OfferId
    contact: ContactId
    reason: RescindReason


@dataclass(frozen=True, slots=True)
class OverflowContact:
    """The queue gives the contact up; what happens instead is the flow's decision."""

    contact: ContactId
    queue: QueueId
    cause: OverflowCause


@dataclass(slots=True)
class AnnouncePosition:
    """Tell a waiting contact its place in the queue; 1 is next.

    ``expected_ms`` is how long it may yet take; None where the queue does not say.
    """

    contact: ContactId
    queue: QueueId
    position: int
    expected_ms: Millis | None = None


@dataclass(frozen=True, slots=True)
class MoveContact:
    """A waiting contact is in another queue from now on; it was not asked whether it likes to."""

    contact: ContactId
    queue: QueueId


@dataclass(frozen=True, slots=True)
class AnswerPresence:
    """What came of a ``PresenceRequested``; exactly one for each.

    ``agent`` is whom it was about and ``presence`` what she is now, None where nobody was found.
    """

    request: RequestId
    answer: PresenceAnswer
    agent: AgentId | None
    presence: Presence | None


@dataclass(frozen=True, slots=True)
class RecordPresence:
    """Keep this change for the audit, once."""

    record: PresenceRecord


RouterEffect = (
    OfferContact
    | RescindOffer
    | OverflowContact
    | AnnouncePosition
    | MoveContact
    | AnswerPresence
    | RecordPresence
)
"""Everything the router can ask for."""
