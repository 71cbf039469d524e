"""How long a contact may yet have to wait, by what one contact takes of its agents' time of late.

While somebody waits, all of a queue's agents are at work; so the time from one answer to the next,
times the agents who are there, is what the queue needs of an agent's time for each contact it
answers. A mean of that is kept, in which each new time is worth an eighth, and the expected wait is
the position times it over the agents who are there *now* (Whitt, "Predicting Queueing Delays",
Management Science 45, 1999). So a shift that comes or goes counts at once, and agents who serve
other queues besides seem slower here, as for this queue they are. Who will give up before her turn
is not foreseen: the wait is expected rather too long than too short. The gaps between answers alone
would follow a change of staff only after many answers, and no answer comes where nobody is let in.

A time in which nobody waited tells nothing and is left out. A mean that has grown old is begun anew
at what is guessed of any queue: the next measure must not stand for hours of which it knows
nothing.
"""

from dataclasses import dataclass

from router.model import Millis

NEWEST_PART = 8
"""The newest time counts for one part of so many."""

HANDLING_MS = 180_000
"""What one contact is taken to keep an agent for, as long as nothing was measured."""

MEASURE_FRESH_MS = 600_000
"""A measure is believed for so long. An older one is still the best guess for telling, but nobody
is refused by it alone: whoever would wait where nobody does is let in, to measure."""


@dataclass(slots=True, eq=False)
class Pace:
    """How fast a queue is served: how much of an agent's time an answered contact takes."""

    handling_ms: Millis | None = None
    """None is not known."""
    measured_at: Millis | None = None
    waits_since: Millis | None = None
    """Since when somebody waits and nobody was answered; None while nobody waits or rings."""

    def waiting(self, at: Millis) -> None:
        """Somebody waits in the queue, and not for one agent alone: that tells of her, and not of
        the queue's agents."""
        if self.waits_since is None:
            self.waits_since = at

    def answered(self, at: Millis, *, staff: int, others_wait: bool) -> None:
        """One of so many agents answered a contact of the queue."""
        if self.waits_since is not None:
            took = (at - self.waits_since) * max(1, staff)
            if self.handling_ms is None or not self.is_fresh(at):
                self.handling_ms = (HANDLING_MS + took) // 2
            else:
                self.handling_ms += (took - self.handling_ms) // NEWEST_PART
            self.measured_at = at
        self.waits_since = at if others_wait else None

    def nobody_waits(self) -> None:
        """Nobody waits or rings in the queue any more, though nobody answered."""
        self.waits_since = None

    def is_fresh(self, at: Millis) -> bool:
        """Whether the queue was measured of late."""
        return self.measured_at is not None and at - self.measured_at < MEASURE_FRESH_MS

    def expected_ms(self, position: int, *, staff: int) -> Millis:
        """How long it takes till whoever stands at this position is answered; 1 is next."""
        handling_ms = HANDLING_MS if self.handling_ms is None else self.handling_ms
        return position * handling_ms // max(1, staff)
