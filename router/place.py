"""One contact in a queue, or in the hands of the agent that the queue found for it."""

from dataclasses import dataclass

from router.contact_state import ContactPhase
from router.matching import Line, Room
from router.model import AgentId, ContactId, Millis, OfferId, QueueId
from router.ranking import WaitingKey


@dataclass(slots=True, eq=False)
class Place:
    """One contact as the router knows it now.

    ``line`` is where it stands; where a contact has no agent to wait for, that may be none.
    """

    contact: ContactId
    room: Room
    entered: Millis
    key: WaitingKey
    step: int = 0
    phase: ContactPhase = ContactPhase.ABSENT
    offer: OfferId | None = None
    overdue: bool = False
    missed_by: frozenset[AgentId] = frozenset()
    line: Line | None = None

    @property
    def queue(self) -> QueueId:
        """The queue it is in."""
        return self.room.rules.id
