"""One heap of deadlines, each held under a key; setting a key again moves it.

Stale entries stay in the heap till they surface or outnumber the live ones, when the heap is
compacted: the cost of a change is logarithmic, and memory is bounded by the live keys.
"""

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

from router.model import Millis

Key = TypeVar("Key", bound=Hashable)

COMPACT_AT = 64
"""Stale entries tolerated whatever the number of live keys."""


class Deadlines(Generic[Key]):
    """Keys with a due time each. Equal times come in the order in which they were set."""

    def __init__(self) -> None:
        self._heap: list[tuple[Millis, int, Key]] = []
        # The entries of the heap that count: the same objects, told from stale ones by identity.
        self._live: dict[Key, tuple[Millis, int, Key]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._live)

    def set(self, key: Key, due: Millis) -> None:
        """Let this key fall due at ``due``, instead of any earlier setting."""
        self._count += 1
        entry = self._live[key] = (due, self._count, key)
        heapq.heappush(self._heap, entry)
        if len(self._heap) > COMPACT_AT + 2 * len(self._live):
            self._compact()

    def clear(self, key: Key) -> None:
        """Forget this key; a key without a deadline is no error."""
        if self._live.pop(key, None) is None:
            return
        if len(self._heap) > COMPACT_AT + 2 * len(self._live):
            self._compact()

    def due_of(self, key: Key) -> Millis | None:
        """When this key falls due."""
        held = self._live.get(key)
        return None if held is None else held[0]

    def in_order(self) -> list[tuple[Key, Millis]]:
        """Each key with its due time, in the order in which they will fall due.

        Setting them anew in this order gives deadlines that fall due alike, ties included.
        """
        ordered = sorted(self._live.values(), key=lambda entry: entry[:2])
        return [(key, due) for due, _, key in ordered]

    def next_due(self) -> Millis | None:
        """The earliest due time of all keys."""
        heap, live = self._heap, self._live
        while heap:
            entry = heap[0]
            if live.get(entry[2]) is entry:
                return entry[0]
            heapq.heappop(heap)
        return None

    def pop_due(self, at: Millis) -> Iterator[Key]:
        """Each key due at or before ``at``, earliest first, forgotten as it is given."""
        while (due := self.next_due()) is not None and due <= at:
            _, _, key = heapq.heappop(self._heap)
            del self._live[key]
            yield key

    def _compact(self) -> None:
        self._heap = list(self._live.values())
        heapq.heapify(self._heap)
