"""One contact in a queue, or in the hands of the agent that the queue found for it."""

from dataclasses import dataclass

from router.contact_state import ContactPhase
from router.matching import Line, Room
from router.model import AgentId, ContactId, Millis, OfferId, QueueId
from router.ranking import WaitingKey


@dataclass(slots=True, eq=False)
class Preference:
    """Before the first step: which agent alone a contact waits for, in her line, and how long."""

    agent: AgentId
    line: Line
    until: Millis


@dataclass(slots=True, eq=False)
class Place:
    """One contact as the router knows it now.

    ``line`` is where it stands; where a contact has no agent to wait for, that may be none.
    From ``turn_from`` on its waiting counts in the order, whatever its priority; its steps are
    timed from ``steps_from`` on.
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
    turn_from: Millis = 0
    steps_from: Millis = 0
    preference: Preference | None = None
    """As long as its steps have not begun."""

    @property
    def queue(self) -> QueueId:
        """The queue it is in."""
        return self.room.rules.id
