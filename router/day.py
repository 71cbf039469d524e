"""What an agent did today, for the orders of agents that weigh it, and for whoever looks on.

She is *busy* from her answer to the end of her wrap-up, and *idle* while contacts may find her. All
else (on break, ringing, in a call of her own, signed out) is neither. A new day counts from zero,
also what is under way.
"""

from dataclasses import dataclass

from router.model import Millis


@dataclass(slots=True, eq=False)
class Day:
    """One agent's day so far. Times hold what is over; what is under way is from its ``since``."""

    accepted: int = 0
    busy_ms: Millis = 0
    idle_ms: Millis = 0
    busy_since: Millis | None = None
    idle_since: Millis | None = None

    @property
    def permille(self) -> int:
        """How much of her time she was busy, of what is over; nobody is, before she did anything.

        It does not change while she is idle.
        """
        both = self.busy_ms + self.idle_ms
        return 1000 * self.busy_ms // both if both else 0

    def answered(self, at: Millis) -> None:
        """She accepted an offer."""
        self.accepted += 1
        if self.busy_since is None:
            self.busy_since = at

    def emptied(self, at: Millis) -> None:
        """Her hands are empty, whatever was in them."""
        if self.busy_since is not None:
            self.busy_ms += at - self.busy_since
            self.busy_since = None

    def found(self, at: Millis) -> None:
        """She is idle no longer."""
        if self.idle_since is not None:
            self.idle_ms += at - self.idle_since
            self.idle_since = None

    def restart(self, at: Millis) -> None:
        """It is a new day."""
        self.accepted = self.busy_ms = self.idle_ms = 0
        self.busy_since = None if self.busy_since is None else at
        self.idle_since = None if self.idle_since is None else at
