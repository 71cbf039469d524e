"""The two questions of a decision that have more than one good answer, each behind one Protocol.

*Which of these idle agents gets this contact?* is an ``AgentPolicy``; *which of these waiting
contacts does this freed agent get?* a ``ContactPolicy``. Either can be replaced without the other
and without a change of anything else, by giving another one to ``Router``: who may serve whom, and
who waits where, is settled before either is asked. They are asked within an event, so they hold no
clock and draw no lots.

What comes with the router: ``agent_order`` and ``contact_order``. Which of them are asked is said
by the queues and by the pool's ``Routing``, and kept in ``policies``. Explainers know these alone.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from router.matching import Line, Room
from router.model import AgentId
from router.ranking import WaitingKey


class AgentPolicy(Protocol):
    """The order of idle agents."""

    def best(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        """Who of the idle agents serving this line gets a contact of it; None if nobody is idle.

        Who let the contact's offer fail before comes after everybody who did not.
        """
        ...


class ContactPolicy(Protocol):
    """The order of waiting contacts over several queues.

    Besides being asked it is told what happens to queues, if it has ``counts``: one that is not
    told costs a contact nothing on its way.
    """

    counts: bool

    def first(self, lines: Sequence[Line]) -> WaitingKey | None:
        """Whose turn it is of the first of each of these lines; None if nobody waits there."""
        ...

    def added(self, room: Room) -> None:
        """The site has this queue from now on."""
        ...

    def entered(self, room: Room) -> None:
        """A contact came into this queue, where nobody waited."""
        ...

    def offered(self, room: Room) -> None:
        """A contact of this queue was offered to an agent."""
        ...

    def returned(self, room: Room) -> None:
        """Such an offer, or what became of it, is lost; the contact waits again."""
        ...
