"""What one event has brought up so far, shared by the rooms that work on it till it is settled."""

from dataclasses import dataclass, field

from router.deadlines import Deadlines
from router.effects import RouterEffect
from router.model import QueueId
from router.place import Place
from router.seat import Seat
from router.snapshot import TimerKind
from router.watching import Watcher

TimerKey = tuple[TimerKind, str]
"""What for, and the id of the offer, agent or device that it is about."""

Timers = Deadlines[TimerKey]


@dataclass(slots=True)
class Turn:
    """The effects of one event, and whom and what is yet to be judged anew because of it."""

    effects: list[RouterEffect] = field(default_factory=list[RouterEffect])
    unsettled: dict[QueueId, None] = field(default_factory=dict[QueueId, None])
    """Queues whose steps may be open to others than before."""
    seeking: list[Place] = field(default_factory=list[Place])
    """Contacts that may find an agent."""
    freed: list[Seat] = field(default_factory=list[Seat])
    """Agents who may have become idle."""
    diverted: list[Place] = field(default_factory=list[Place])
    """Contacts that came back to a queue in a crisis."""
    doubted: list[Seat] = field(default_factory=list[Seat])
    """Agents whom contacts wait for alone, and who may be gone."""
    told: list[Place] = field(default_factory=list[Place])
    """Contacts whose time has come to hear their position."""
    watcher: Watcher | None = None
    """Whoever looks on; in a live engine nobody."""

    def settled(self) -> None:
        """All of it is done, but for the telling."""
        self.unsettled.clear()
        self.seeking.clear()
        self.freed.clear()
        self.diverted.clear()
        self.doubted.clear()
