"""How long to wait before trying again: doubling, capped, with full jitter.

Without jitter all engines of a site would come back to a restarted Asterisk at the same instant.
"""

from collections.abc import Callable

FIRST_S = 0.2
LONGEST_S = 5.0


class Backoff:
    """Delays between attempts; ``chance`` gives a number in [0, 1)."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._ceiling_s = FIRST_S

    def next_delay_s(self) -> float:
        """How long to wait now; at least half the first delay, so that it never spins."""
        delay_s = FIRST_S / 2 + self._chance() * (self._ceiling_s - FIRST_S / 2)
        self._ceiling_s = min(LONGEST_S, self._ceiling_s * 2)
        return delay_s

    def reset(self) -> None:
        """A connection has held: begin again with short delays."""
        self._ceiling_s = FIRST_S
