"""What holds for all queues of the pool together: its rules, and how many wait in it.

The number is kept as contacts come and go, so that whoever asks for it sums nothing.
"""

from dataclasses import dataclass, field

from router.model import Routing

ADMITTED_PERCENT = 100
"""The share of the pool's bound that a contact class may fill for which none is named."""


@dataclass(slots=True, eq=False)
class Pool:
    """The routing of the whole pool as it is now."""

    routing: Routing = field(default_factory=Routing)
    waits: int = 0
    """Contacts in all queues, those of retired queues with them, for whom no phone rings."""

    def lets_in(self, contact_class: int) -> bool:
        """Whether one more contact of this class may wait."""
        waiting_max = self.routing.waiting_max
        if waiting_max is None:
            return True
        admitted = self.routing.admitted.get(contact_class, ADMITTED_PERCENT)
        return self.waits < part_of(waiting_max, admitted)


def part_of(whole: int, percent: int) -> int:
    """So many of a hundred; at least one, unless it is nothing: else all were refused for ever."""
    return max(1, whole * percent // 100) if whole and percent else 0
