"""The real clock: engine time from the monotonic clock, wall time beside it."""

import time

from router.model import Millis


class SystemClock:
    """Engine time is ``origin`` when this is made, and follows the monotonic clock from there."""

    def __init__(self, origin: Millis = 0) -> None:
        self._origin = origin
        self._began_ns = time.monotonic_ns()

    def now(self) -> Millis:
        """Engine time in milliseconds."""
        return self._origin + (time.monotonic_ns() - self._began_ns) // 1_000_000

    def wall(self) -> int:
        """UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000
