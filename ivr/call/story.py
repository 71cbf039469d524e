"""What is gathered of a contact while it lives, for its record.

Entries are kept when they are over; what is still open is part of the contact's state, because
decisions hang on it. The lists are bounded: past the limit the last entry is the latest one.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from ivr.call.record import (
    INTERVALS_MAX,
    LEGS_MAX,
    OFFERS_MAX,
    SEGMENTS_MAX,
    VISITS_MAX,
    Doing,
    Interval,
    LegRecord,
    NodeVisit,
    OfferRecord,
    OfferResult,
    QueueSegment,
)
from router.model import AgentId, Millis

Entry = TypeVar("Entry")


@dataclass(slots=True)
class Story:
    """The closed entries, and what the caller is doing since when."""

    since: Millis
    doing: Doing = Doing.ANSWERING
    visits: list[NodeVisit] = field(default_factory=lambda: list[NodeVisit]())
    segments: list[QueueSegment] = field(default_factory=lambda: list[QueueSegment]())
    offers: list[OfferRecord] = field(default_factory=lambda: list[OfferRecord]())
    legs: list[LegRecord] = field(default_factory=lambda: list[LegRecord]())
    intervals: list[Interval] = field(default_factory=lambda: list[Interval]())
    left_out: int = 0

    def visit(self, node: str, at: Millis) -> None:
        """The flow is at this node; a node that asks again was not come to again."""
        if not self.visits or self.visits[-1].node != node:
            self._keep(self.visits, NodeVisit(node, at), VISITS_MAX)

    def segment(self, segment: QueueSegment) -> None:
        """A queue was left."""
        self._keep(self.segments, segment, SEGMENTS_MAX)

    def offer(self, offer: OfferRecord) -> None:
        """An offer or its conversation is over."""
        self._keep(self.offers, offer, OFFERS_MAX)

    def talked_to_last(self) -> AgentId | None:
        """The agent of the last talk that is over."""
        talked = (
            each.agent for each in reversed(self.offers) if each.result is OfferResult.CONNECTED
        )
        return next(talked, None)

    def leg(self, leg: LegRecord) -> None:
        """A leg is gone, or was given up."""
        self._keep(self.legs, leg, LEGS_MAX)

    def turn_to(self, doing: Doing, at: Millis) -> None:
        """The caller does this from now on."""
        if doing is self.doing:
            return
        self.close_interval(at)
        self.doing = doing

    def close_interval(self, at: Millis) -> None:
        """What was done since the last change is told; what took no time is not."""
        if at <= self.since:
            return
        closed = Interval(self.doing, self.since, at)
        last = self.intervals[-1] if self.intervals else None
        if last is not None and last.what is closed.what:
            self.intervals[-1] = Interval(last.what, last.began_at, at)
        elif last is not None and len(self.intervals) >= INTERVALS_MAX:
            self.intervals[-1] = Interval(Doing.SEVERAL, last.began_at, at)
            self.left_out += 1
        else:
            self.intervals.append(closed)
        self.since = at

    def _keep(self, entries: list[Entry], entry: Entry, limit: int) -> None:
        if len(entries) < limit:
            entries.append(entry)
        else:
            entries[-1] = entry
            self.left_out += 1
