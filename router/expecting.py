"""How long a contact may yet have to wait, from the pace at which its queue was served of late.

The pace is a mean of the times between two answers, each new one worth an eighth; a time in which
nobody waited tells nothing of the pace and is left out. Estimators from measured delays and
departures keep up with a staff that changes, where those from the number of agents do not
(Ibrahim, Whitt: "Real-time delay estimation in overloaded multiserver queues with abandonments",
2009). Only before the first measure is the staff asked.
"""

from dataclasses import dataclass

from router.model import Millis

NEWEST_PART = 8
"""The newest time counts for one part of so many."""

HANDLING_MS = 180_000
"""What one contact is taken to keep an agent for, as long as nothing was measured."""


@dataclass(slots=True, eq=False)
class Pace:
    """How fast a queue is served: ``gap`` is from one answer to the next, None is not known."""

    gap: Millis | None = None
    last_accept: Millis | None = None
    was_busy: bool = False
    """Whether somebody waited as the last one was answered."""

    def answered(self, at: Millis, *, is_busy: bool) -> None:
        """An agent answered a contact of the queue; ``is_busy`` tells that others wait on."""
        if self.was_busy and self.last_accept is not None:
            took = at - self.last_accept
            self.gap = took if self.gap is None else self.gap + (took - self.gap) // NEWEST_PART
        self.last_accept, self.was_busy = at, is_busy

    def expected_ms(self, position: int, *, staff: int) -> Millis:
        """How long it takes till whoever stands at this position is answered; 1 is next."""
        if self.gap is not None:
            return position * self.gap
        return position * HANDLING_MS // max(1, staff)
