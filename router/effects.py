"""What the router asks for. Imperative; carried to the call core as messages, never called."""

from dataclasses import dataclass

from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    OverflowCause,
    QueueId,
    RescindReason,
)


@dataclass(frozen=True, slots=True)
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


RouterEffect = OfferContact | RescindOffer | OverflowContact
"""Everything the router can ask for."""
