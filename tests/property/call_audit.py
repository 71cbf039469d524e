"""A call core with a twin, which is now and then written down and read back.

Whatever the core is told its twin is told too, and must ask for the same. Records are checked
against the design's invariant 5, the calls of our own devices against a plain set.
"""

from collections.abc import Sequence

import msgspec

from ivr.call.core import CallCore
from ivr.call.effects import CallEffect, OccupyDevice, VacateDevice, WriteRecord
from ivr.call.events import CallEvent
from ivr.call.model import LegRole, Outcome
from ivr.call.record import ContactRecord, Doing, SegmentExit
from ivr.call.snapshot import CallSnapshot
from ivr.flow.site import Site
from router.model import DeviceId, Millis, OwnCallId


class AuditedCalls(CallCore):
    """The core under test; every ``restart_every`` events its twin is made anew."""

    def __init__(self, sites: dict[str, Site], *, restart_every: int) -> None:
        super().__init__()
        self._sites = sites
        self._twin = CallCore()
        self._count = 0
        self._every = restart_every
        self.occupied: set[tuple[DeviceId, OwnCallId]] = set()

    def activate(self, site: Site) -> None:
        super().activate(site)
        self._twin.activate(site)

    def handle(self, event: CallEvent, at: Millis, *, wall: int) -> Sequence[CallEffect]:
        self._count += 1
        if self._count % self._every == 0:
            self._restart_twin()
        effects = super().handle(event, at, wall=wall)
        again = self._twin.handle(event, at, wall=wall)
        assert list(again) == list(effects), f"the twin differs on {event}"
        assert self._twin.next_deadline() == self.next_deadline()
        for effect in effects:
            self._note(effect)
        return effects

    def _restart_twin(self) -> None:
        before = self._twin.snapshot()
        read = msgspec.json.decode(msgspec.json.encode(before), type=CallSnapshot)
        assert read == before
        self._twin = CallCore.restored(read, self._sites)
        assert self._twin.snapshot() == before == self.snapshot()

    def _note(self, effect: CallEffect) -> None:
        match effect:
            case OccupyDevice(device, call):
                assert (device, call) not in self.occupied
                self.occupied.add((device, call))
            case VacateDevice(device, call):
                self.occupied.remove((device, call))
            case WriteRecord(record):
                check_record(record)
            case _:
                pass


def check_record(record: ContactRecord) -> None:
    """Its intervals follow each other from arrival to end, and its story agrees with itself."""
    written = msgspec.json.encode(record)
    assert msgspec.json.decode(written, type=ContactRecord) == record
    told = record.arrived_at
    for interval in record.intervals:
        assert interval.began_at == told < interval.ended_at
        told = interval.ended_at
    assert told == record.ended_at
    assert record.nodes == tuple(visit.node for visit in record.visits)
    _check_waiting(record)
    _check_asking(record)


def _check_waiting(record: ContactRecord) -> None:
    exits = [segment.exit for segment in record.segments]
    answered = exits[-1:] == [SegmentExit.ANSWERED]
    assert all(each is not SegmentExit.ANSWERED for each in exits[:-1])
    assert answered == (record.agent is not None) == (record.connected_at is not None)
    assert (record.wait_ms is None) == (record.queued_at is None) == (not record.segments)
    for segment in record.segments:
        assert segment.wait_ms == segment.left_at - segment.entered_at >= 0
    if record.wait_ms is not None and record.queued_at is not None:
        assert record.queued_at == record.segments[0].entered_at
        assert record.wait_ms == record.segments[-1].left_at - record.queued_at


def _check_asking(record: ContactRecord) -> None:
    assert record.offers_made == len(record.offers)
    ends = 0
    for offer in record.offers:
        assert ends <= offer.made_at <= offer.ended_at
        ends = offer.ended_at
    assert sum(leg.role is LegRole.AGENT for leg in record.legs) == record.offers_made
    assert (record.outcome is Outcome.TRANSFERRED) == (record.transferred_to is not None)
    talked = {each.what for each in record.intervals} >= {Doing.TALKING}
    assert talked or record.agent is None or record.ended_at == record.connected_at
    assert record.left_out == 0
