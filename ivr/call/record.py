"""The contact record: our CDR, exactly one per contact."""

from dataclasses import dataclass

from ivr.call.model import Outcome, PartyRef
from router.model import AgentId, ContactId, Millis, QueueId


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """One contact from arrival to end; times are engine time, ``None`` where it never happened."""

    contact: ContactId
    hotline: str
    dialled: str
    caller: PartyRef
    language: str | None
    outcome: Outcome
    reason: str
    queue: QueueId | None
    agent: AgentId | None
    nodes: tuple[str, ...]
    offers: int
    arrived_at: Millis
    answered_at: Millis | None
    queued_at: Millis | None
    connected_at: Millis | None
    ended_at: Millis
