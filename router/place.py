"""One contact in a queue, or in the hands of the agent that the queue found for it."""

from dataclasses import dataclass, field

from router.contact_state import ContactPhase
from router.matching import WaitingKey
from router.model import AgentId, ContactId, Millis, OfferId, QueueId


@dataclass(slots=True)
class Place:
    """One contact as the router knows it now."""

    contact: ContactId
    queue: QueueId
    entered: Millis
    key: WaitingKey
    step: int = 0
    phase: ContactPhase = ContactPhase.ABSENT
    offer: OfferId | None = None
    overdue: bool = False
    missed_by: set[AgentId] = field(default_factory=lambda: set[AgentId]())
