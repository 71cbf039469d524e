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
from ivr.call.record import (
    TRANSFERS_MAX,
    ContactRecord,
    Doing,
    OfferResult,
    SegmentExit,
)
from ivr.call.snapshot import CallSnapshot
from ivr.flow.site import Site
from router.model import DeviceId, Millis, OwnCallId

WHO_HAD_HER = (OfferResult.CONNECTED, OfferResult.FAILED)
"""What comes of an agent who may ask somebody: she talked, or her line died within a second."""


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
    answered = [each for each in record.segments if each.exit is SegmentExit.ANSWERED]
    talked = [each for each in record.offers if each.result is OfferResult.CONNECTED]
    assert bool(talked) == (record.agent is not None) == (record.connected_at is not None)
    assert len(answered) == len(talked)
    if not record.transfers:
        assert answered in ([], list(record.segments[-1:]))
    if talked:
        assert record.agent == talked[-1].agent
    left_at = record.arrived_at
    for segment in record.segments:
        assert left_at <= segment.entered_at, "in two queues at once"
        left_at = segment.left_at
    assert (record.wait_ms is None) == (record.queued_at is None) == (not record.segments)
    for segment in record.segments:
        assert segment.wait_ms == segment.left_at - segment.entered_at >= 0
    if record.wait_ms is not None and record.queued_at is not None:
        assert record.queued_at == record.segments[0].entered_at
        waited_till = (answered or record.segments[-1:])[0].left_at
        assert record.wait_ms == waited_till - record.queued_at


def _check_asking(record: ContactRecord) -> None:
    assert record.offers_made == len(record.offers)
    ends = 0
    for offer in record.offers:
        assert ends <= offer.ended_at
        assert offer.made_at <= offer.ended_at
        ends = offer.ended_at
        beside = [each for each in record.offers if each.made_at < offer.made_at < each.ended_at]
        assert len(beside) <= 1, "more than one agent, and one who is asked"
        assert all(each.result in WHO_HAD_HER for each in beside)
        assert record.transfers or not beside
    _check_transfers(record)
    assert sum(leg.role is LegRole.AGENT for leg in record.legs) == record.offers_made
    assert (record.outcome is Outcome.TRANSFERRED) == (record.transferred_to is not None)
    talked = {each.what for each in record.intervals} >= {Doing.TALKING}
    assert talked or record.agent is None or record.ended_at == record.connected_at
    assert record.left_out == 0


def _check_transfers(record: ContactRecord) -> None:
    assert len(record.transfers) <= TRANSFERS_MAX
    over_at = record.arrived_at
    for each in record.transfers:
        assert record.arrived_at <= each.asked_at <= each.over_at <= record.ended_at
        assert over_at <= each.over_at
        over_at = each.over_at
        answered = [offer.agent for offer in record.offers if offer.answered_at is not None]
        assert each.by in answered, "transferred by somebody who never had her"
    consulted = any(offer.result is OfferResult.CONSULTED for offer in record.offers)
    on_hold = any(each.what is Doing.ON_HOLD for each in record.intervals)
    assert record.transfers or not consulted
    # Also without a transfer: her agent keyed a target that there is not, and heard so.
    assert not on_hold or any(offer.answered_at is not None for offer in record.offers)
