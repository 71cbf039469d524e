"""How long to wait before trying again: doubling, capped, with full jitter.

Without jitter all engines of a site would come back to a restarted Asterisk at the same instant.
A connection that is closed as soon as it is made is no success: only one that has held for
``HELD_S`` starts the delays anew, so that a server that accepts and closes is not hammered.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

FIRST_S = 0.2
LONGEST_S = 5.0

HELD_S = 10.0
"""A connection that lasted this long was a good one."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time and chance for the attempts to connect; ``chance`` gives a number in [0, 1)."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random


class Backoff:
    """Delays between attempts."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._ceiling_s = FIRST_S

    def next_delay_s(self, *, held_s: float = 0.0) -> float:
        """How long to wait now, after a connection that held so long; never near nothing."""
        if held_s >= HELD_S:
            self._ceiling_s = FIRST_S
        delay_s = FIRST_S / 2 + self._chance() * (self._ceiling_s - FIRST_S / 2)
        self._ceiling_s = min(LONGEST_S, self._ceiling_s * 2)
        return delay_s
