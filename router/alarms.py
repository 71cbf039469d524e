"""What falls due next, without ever looking at what does not.

Alarms wait in *spans* of an eighth of a second each; a span is put in order only when its turn has
come. Whoever sets an alarm holds it, and gives it back to call it off: so nothing has to be looked
for, little is kept that is stale, and setting and calling off cost the same however many there are.
"""

import heapq
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from router.model import Millis

NEVER: Final[Millis] = 1 << 62
"""Later than everything."""

What = TypeVar("What")
Alarm = tuple[Millis, int, What]
"""When due, the how manieth, and what for; compared in this order, never beyond the second."""

GONE_MAX = 64
"""Of a span in order so many are kept that are no more, and as many as there still are: an alarm
that is called off and set anew within one span, again and again, would else add up till its turn is
over."""

SPAN_BITS = 7
"""A span is 2^7 ms: of 100,000 alarms over ten minutes it holds some twenty."""


@dataclass(slots=True, eq=False)
class _Span(Generic[What]):
    """The alarms of one span: by number, and from the moment that its turn came in order."""

    unordered: dict[int, Alarm[What]] = field(default_factory=dict[int, Alarm[What]])
    ordered: list[Alarm[What]] = field(default_factory=list[Alarm[What]])
    is_ordered: bool = False
    over: int = 0
    """So many of the ordered ones are no more."""


class Alarms(Generic[What]):
    """Alarms by due time. Equal times come in the order in which they were set.

    ``due`` is when the first of them is, ``NEVER`` if there is none.
    """

    def __init__(self) -> None:
        self.due: Millis = NEVER
        self._first: Alarm[What] | None = None
        self._front: _Span[What] = _Span()
        """The span of the first alarm; always in order."""
        self._spans: dict[int, _Span[What]] = {}
        self._span_order: list[int] = []
        """A heap of the spans there are, and of those that were emptied before their turn."""
        self._emptied: set[int] = set()
        """The latter: of hours of calls each leaves one behind, and a number is all that stays."""
        self._count = 0

    def add(self, due: Millis, what: What) -> Alarm[What]:
        """Let this fall due; what is given back calls it off."""
        self._count += 1
        alarm = (due, self._count, what)
        number = due >> SPAN_BITS
        span = self._spans.get(number)
        if span is None:
            span = self._spans[number] = _Span()
            if number in self._emptied:
                self._emptied.remove(number)
            else:
                heapq.heappush(self._span_order, number)
        if due < self.due:
            # Before all others: so its span is the front, or has nothing left in it.
            self.due, self._first, self._front = due, alarm, span
            span.is_ordered = True
        if span.is_ordered:
            insort(span.ordered, alarm, span.over)
        else:
            span.unordered[alarm[1]] = alarm
        return alarm

    def call_off(self, alarm: Alarm[What]) -> None:
        """Let this not fall due, which has not fallen due nor been called off before."""
        if alarm is self._first:
            self._pass_on()
            return
        number = alarm[0] >> SPAN_BITS
        span = self._spans[number]
        if span.is_ordered:
            del span.ordered[bisect_left(span.ordered, alarm, span.over)]
            return
        del span.unordered[alarm[1]]
        if not span.unordered:
            del self._spans[number]
            self._emptied.add(number)

    def pop(self) -> What:
        """What falls due first, which is an alarm no longer. There must be one."""
        first = self._first
        if first is None:
            raise LookupError("no alarm is set")
        self._pass_on()
        return first[2]

    def _pass_on(self) -> None:
        """The first alarm is no more."""
        span = self._front
        over = span.over = span.over + 1
        if over > GONE_MAX and over * 2 > len(span.ordered):
            del span.ordered[:over]
            over = span.over = 0
        if over < len(span.ordered):
            first = self._first = span.ordered[over]
            self.due = first[0]
        else:
            self._find_first()

    def _find_first(self) -> None:
        order, spans = self._span_order, self._spans
        while order:
            span = spans.get(order[0])
            if span is None:
                self._emptied.remove(heapq.heappop(order))
                continue
            if not span.is_ordered:
                span.ordered = sorted(span.unordered.values())
                span.is_ordered = True
                span.unordered = {}
            if span.over < len(span.ordered):
                first = span.ordered[span.over]
                self.due, self._first, self._front = first[0], first, span
                return
            del spans[heapq.heappop(order)]
        self.due, self._first = NEVER, None
