"""What is still to come, as a heap on virtual time: nothing here knows a clock."""

import heapq

from ivr.engine.driver import EngineEvent
from router.model import Millis

PENDING_MAX = 100_000
"""A rehearsal of one caller holds some dozens; more means that something asks for ever more."""


class AgendaFullError(Exception):
    """More was to come than any call can need."""


class Agenda:
    """Events with their times; those of one time come in the order they were asked for."""

    def __init__(self) -> None:
        self._asked = 0
        self._heap: list[tuple[Millis, int]] = []
        self._events: dict[int, EngineEvent] = {}

    def put(self, due: Millis, event: EngineEvent) -> int:
        """Let this happen then; the number cancels it."""
        if len(self._heap) >= PENDING_MAX:
            raise AgendaFullError(f"more than {PENDING_MAX} events are to come in one rehearsal")
        self._asked += 1
        heapq.heappush(self._heap, (due, self._asked))
        self._events[self._asked] = event
        return self._asked

    def cancel(self, number: int | None) -> None:
        """Let this not happen; nothing if it has, or was cancelled before."""
        if number is not None:
            self._events.pop(number, None)

    def next_due(self) -> Millis | None:
        """When the next event comes."""
        while self._heap and self._heap[0][1] not in self._events:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def pop(self) -> EngineEvent | None:
        """The next event, whose time has come."""
        if self.next_due() is None:
            return None
        return self._events.pop(heapq.heappop(self._heap)[1])
