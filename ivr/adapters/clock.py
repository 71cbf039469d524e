"""The real clock: engine time from the monotonic clock, wall time beside it."""

import time

from router.model import Millis


class SystemClock:
    """Engine time begins at zero when this is made."""

    def __init__(self) -> None:
        self._origin_ns = time.monotonic_ns()

    def now(self) -> Millis:
        """Engine time in milliseconds."""
        return (time.monotonic_ns() - self._origin_ns) // 1_000_000

    def wall(self) -> int:
        """UTC milliseconds since 1970."""
        return time.time_ns() // 1_000_000
