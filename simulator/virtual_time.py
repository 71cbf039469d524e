"""A clock that only moves when told to: a heap of (due, sequence, callback).

Things due at the same millisecond happen in the order in which they were asked for, so a run
depends on nothing but what was put in, and a day of calls takes seconds.
"""

import heapq
from collections.abc import Callable
from typing import Final

from router.model import Millis

PENDING_MAX: Final = 1_000_000
"""Appointments kept at once; more means that something asks for ever more time."""
STEPS_MAX: Final = 50_000_000
"""Callbacks one run may make; a callback that asks for itself at the same time meets this."""
COMPACT_AT: Final = 1024
"""Cancelled appointments tolerated in the heap whatever the number of live ones."""


class RunawayError(Exception):
    """A simulation asked for more than a run may hold; says which limit."""


class Appointment:
    """One callback at one time; can be called off until it has happened."""

    __slots__ = ("_callback", "_called_off", "due")

    def __init__(
        self, due: Millis, callback: Callable[[], None], called_off: Callable[[], None]
    ) -> None:
        self.due = due
        self._callback: Callable[[], None] | None = callback
        self._called_off = called_off

    @property
    def pending(self) -> bool:
        """Whether it is still to come."""
        return self._callback is not None

    def cancel(self) -> None:
        """Let it not happen; nothing when it has happened already."""
        if self._callback is not None:
            self._callback = None
            self._called_off()

    def keep(self) -> None:
        """Let it happen, once; for the clock."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class VirtualTime:
    """Virtual milliseconds from 0, and what is due when. Fits the port ``Clock``."""

    def __init__(self, *, wall_origin_ms: int = 0) -> None:
        self._now: Millis = 0
        self._wall_origin_ms = wall_origin_ms
        self._asked = 0
        self._cancelled = 0
        self._heap: list[tuple[Millis, int, Appointment]] = []

    def now(self) -> Millis:
        """Engine time: milliseconds since this clock began."""
        return self._now

    def wall(self) -> int:
        """UTC milliseconds since 1970, as this world's wall clock shows them."""
        return self._wall_origin_ms + self._now

    def set_wall(self, wall_ms: int) -> None:
        """Let the wall clock jump; engine time and appointments stay as they are."""
        self._wall_origin_ms = wall_ms - self._now

    def at(self, due: Millis, callback: Callable[[], None]) -> Appointment:
        """Call back at ``due``; at once (but not before this returns) when that is past."""
        if len(self._heap) >= PENDING_MAX:
            raise RunawayError(
                f"virtual time holds {PENDING_MAX} appointments; "
                "look for a callback that makes several new ones each time"
            )
        self._asked += 1
        appointment = Appointment(max(due, self._now), callback, self._count_cancelled)
        heapq.heappush(self._heap, (appointment.due, self._asked, appointment))
        return appointment

    def after(self, delay_ms: Millis, callback: Callable[[], None]) -> Appointment:
        """Call back this much later."""
        return self.at(self._now + delay_ms, callback)

    def next_due(self) -> Millis | None:
        """When the next thing happens, if anything is still to come."""
        while self._heap and not self._heap[0][2].pending:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0][0] if self._heap else None

    def step(self, until: Millis | None = None) -> bool:
        """Do the next thing, if there is one due by ``until``; tells whether there was."""
        due = self.next_due()
        if due is None or (until is not None and due > until):
            return False
        appointment = heapq.heappop(self._heap)[2]
        self._now = due
        appointment.keep()
        return True

    def run_until(self, at: Millis) -> None:
        """Do everything due by ``at`` and let it be ``at``."""
        for _ in range(STEPS_MAX):
            if not self.step(at):
                self._now = max(self._now, at)
                return
        raise RunawayError(
            f"{STEPS_MAX} callbacks ran before virtual time {at} ms; "
            "look for a callback that asks for itself without delay"
        )

    def run_for(self, duration_ms: Millis) -> None:
        """Let this much time pass."""
        self.run_until(self._now + duration_ms)

    def run_until_idle(self, *, until: Millis) -> bool:
        """Do all there is to do, at most up to ``until``; tells whether all was done by then."""
        for _ in range(STEPS_MAX):
            if not self.step(until):
                return self.next_due() is None
        raise RunawayError(
            f"{STEPS_MAX} callbacks ran and virtual time is still {self._now} ms or little more; "
            "look for a callback that asks for itself without delay"
        )

    def _count_cancelled(self) -> None:
        self._cancelled += 1
        if self._cancelled > COMPACT_AT + len(self._heap) // 2:
            self._heap = [entry for entry in self._heap if entry[2].pending]
            heapq.heapify(self._heap)
            self._cancelled = 0
