"""Deadlines: what falls due next, without ever looking at what does not.

Keys wait in *spans* of a quarter of a second each; a span is put in order only when its turn has
come, and nothing else is ever sorted or tidied. So setting and clearing a key cost the same however
many there are, and no decision has to pay for a hundred thousand others.
"""

import heapq
from bisect import insort
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from router.model import Millis

Key = TypeVar("Key", bound=Hashable)
Entry = tuple[Millis, int, Key]
"""When due, the how manieth setting, and what; compared in this order."""

SPAN_BITS = 8
"""A span is 2^8 ms: of 100,000 keys over ten minutes it holds some forty."""

STALE_MIN = 16
"""So many stale entries are tolerated beside a live one, and as many as there are live ones."""


@dataclass(slots=True, eq=False)
class _Span(Generic[Key]):
    """The entries that fall due in one span, as they were set; sorted since its turn came."""

    entries: list[Entry[Key]] = field(default_factory=list[Entry[Key]])
    """Some of it stale: set anew since, or cleared."""
    stale: int = 0
    is_sorted: bool = False
    over: int = 0
    """So many of the sorted ones were due and are gone."""


class Deadlines(Generic[Key]):
    """Keys with a due time each. Equal times come in the order in which they were set."""

    def __init__(self) -> None:
        self._live: dict[Key, Entry[Key]] = {}
        self._spans: dict[int, _Span[Key]] = {}
        self._span_order: list[int] = []
        """A heap of the spans there are; one that was emptied goes when its turn comes."""
        self._count = 0
        self._next: Entry[Key] | None = None
        """What is due first, as it is asked for far more often than it changes."""
        self._is_known = True
        """Whether that is so; not, since it was taken out."""

    def __len__(self) -> int:
        return len(self._live)

    def set(self, key: Key, due: Millis) -> None:
        """Let this key fall due at ``due``, instead of any earlier setting."""
        live = self._live
        if key in live:
            self._take_out(live.pop(key))
        self._count += 1
        entry = live[key] = (due, self._count, key)
        number = due >> SPAN_BITS
        span = self._spans.get(number)
        if span is None:
            span = self._spans[number] = _Span()
            heapq.heappush(self._span_order, number)
        if span.is_sorted:
            insort(span.entries, entry, span.over)
        else:
            span.entries.append(entry)
        if self._is_known and (self._next is None or due < self._next[0]):
            self._next = entry

    def clear(self, key: Key) -> None:
        """Forget this key; a key without a deadline is no error."""
        entry = self._live.pop(key, None)
        if entry is not None:
            self._take_out(entry)

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
        first = self._next if self._is_known else self._find_next()
        return None if first is None else first[0]

    def pop_due(self, at: Millis) -> Iterator[Key]:
        """Each key due at or before ``at``, earliest first, forgotten as it is given."""
        while True:
            first = self._next if self._is_known else self._find_next()
            if first is None or first[0] > at:
                return
            key = first[2]
            del self._live[key]
            self._take_out(first)
            yield key

    def _take_out(self, entry: Entry[Key]) -> None:
        """This entry is live no longer; its span is told."""
        span = self._spans[entry[0] >> SPAN_BITS]
        if entry is self._next:
            self._is_known = False
            if span.is_sorted:
                span.over += 1
                return
        stale, held = span.stale + 1, len(span.entries) - span.over
        span.stale = stale
        if stale == held or (stale > STALE_MIN and stale * 2 > held):
            self._tidy(span)

    def _tidy(self, span: _Span[Key]) -> None:
        live = self._live
        span.entries = [each for each in span.entries[span.over :] if live.get(each[2]) is each]
        span.stale = span.over = 0

    def _find_next(self) -> Entry[Key] | None:
        order, spans, live = self._span_order, self._spans, self._live
        first = None
        while order and first is None:
            span = spans[order[0]]
            entries = span.entries
            if not span.is_sorted:
                span.is_sorted = True
                entries.sort()
            over = span.over
            while over < len(entries) and live.get(entries[over][2]) is not entries[over]:
                over += 1
            if over < len(entries):
                first = entries[over]
                span.stale -= over - span.over
                span.over = over
            else:
                del spans[heapq.heappop(order)]
        self._next, self._is_known = first, True
        return first
