"""Deadlines: what falls due next, without ever looking at what does not.

Keys wait in *spans* of a quarter of a second each; a span is put in order only when its turn has
come, and nothing else is ever sorted or tidied. So setting and clearing a key cost the same however
many there are, and no decision has to pay for a hundred thousand others.
"""

import heapq
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from router.model import Millis

Key = TypeVar("Key", bound=Hashable)
Entry = tuple[Millis, int, Key]
"""When due, the how manieth setting, and what; compared in this order."""

SPAN_BITS = 8
"""A span is 2^8 ms: of 100,000 keys over ten minutes it holds some forty."""

COMPACT_AT = 64
"""Stale entries tolerated in the span whose turn it is, whatever the number of live ones."""


@dataclass(slots=True, eq=False)
class _Span(Generic[Key]):
    """The keys that fall due in one span; in order, too, since its turn came first."""

    entries: dict[Key, Entry[Key]] = field(default_factory=dict[Key, Entry[Key]])
    heap: list[Entry[Key]] | None = None
    """Some of it stale: what ``entries`` does not hold."""

    def first(self) -> Entry[Key] | None:
        """What is due first here."""
        heap, entries = self.heap, self.entries
        if heap is None or len(heap) > COMPACT_AT + 2 * len(entries):
            heap = self.heap = list(entries.values())
            heapq.heapify(heap)
        while heap:
            entry = heap[0]
            if entries.get(entry[2]) is entry:
                return entry
            heapq.heappop(heap)
        return None


class Deadlines(Generic[Key]):
    """Keys with a due time each. Equal times come in the order in which they were set."""

    def __init__(self) -> None:
        self._live: dict[Key, Entry[Key]] = {}
        self._spans: dict[int, _Span[Key]] = {}
        self._span_order: list[int] = []
        """A heap of the spans there are; one that was emptied goes when its turn comes."""
        self._count = 0

    def __len__(self) -> int:
        return len(self._live)

    def set(self, key: Key, due: Millis) -> None:
        """Let this key fall due at ``due``, instead of any earlier setting."""
        live = self._live
        before = live.get(key)
        if before is not None:
            del self._spans[before[0] >> SPAN_BITS].entries[key]
        self._count += 1
        entry = live[key] = (due, self._count, key)
        number = due >> SPAN_BITS
        span = self._spans.get(number)
        if span is None:
            span = self._spans[number] = _Span()
            heapq.heappush(self._span_order, number)
        span.entries[key] = entry
        if span.heap is not None:
            heapq.heappush(span.heap, entry)

    def clear(self, key: Key) -> None:
        """Forget this key; a key without a deadline is no error."""
        entry = self._live.pop(key, None)
        if entry is not None:
            del self._spans[entry[0] >> SPAN_BITS].entries[key]

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
        order, spans = self._span_order, self._spans
        while order:
            first = spans[order[0]].first()
            if first is not None:
                return first[0]
            del spans[heapq.heappop(order)]
        return None

    def pop_due(self, at: Millis) -> Iterator[Key]:
        """Each key due at or before ``at``, earliest first, forgotten as it is given."""
        order, spans = self._span_order, self._spans
        while order:
            span = spans[order[0]]
            entry = span.first()
            if entry is None:
                del spans[heapq.heappop(order)]
                continue
            if entry[0] > at:
                return
            key = entry[2]
            del span.entries[key], self._live[key]
            yield key
