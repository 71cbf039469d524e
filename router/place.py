"""One contact in a queue, or in the hands of the agent that the queue found for it."""

from dataclasses import dataclass

from router.alarms import NEVER, Alarm
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
    must_serve: bool = False
    """Only as long as she meets what any step of the queue requires."""


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
    step: int
    turn_from: Millis
    steps_from: Millis
    preference: Preference | None = None
    """As long as its steps have not begun."""
    phase: ContactPhase = ContactPhase.ABSENT
    offer: OfferId | None = None
    overdue: bool = False
    """It came back from an agent when its wait was over already."""
    missed_by: frozenset[AgentId] = frozenset()
    line: Line | None = None
    wait_ends_at: Millis = NEVER
    """What is due for it, as long as it waits; else these three say nothing."""
    step_ends_at: Millis = NEVER
    tells_at: Millis = NEVER
    alarm: Alarm["Place"] | None = None
    """For the first of the three; a contact that does not wait has none."""

    @property
    def queue(self) -> QueueId:
        """The queue it is in."""
        return self.room.rules.id


def timed_step(place: Place) -> int:
    """The step that the time of a waiting contact has come to, whether anybody is there or not."""
    return sum(place.steps_from + ends < place.step_ends_at for ends in place.room.step_ends)
