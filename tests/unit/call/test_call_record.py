"""The record tells the contact's story, within its limits; the core outlives being written down."""

import msgspec
import pytest
from call_node import (
    AGENT_LEG,
    ANN,
    B2,
    BILL,
    CALLER,
    DATA,
    DESK,
    NEXT_AGENT_LEG,
    O1,
    O2,
    OneNode,
    hotline,
    node_in,
    site,
)

from ivr.call import story
from ivr.call.effects import CallEffect
from ivr.call.events import EngineStopping
from ivr.call.model import LegRole
from ivr.call.phases import Phase
from ivr.call.record import (
    ContactRecord,
    Doing,
    Interval,
    LegRecord,
    NodeVisit,
    OfferRecord,
    OfferResult,
    QueueSegment,
    SegmentExit,
)
from router.model import OverflowCause

pytestmark = pytest.mark.unit


def second_agent_answers() -> ContactRecord:
    """Queued 4 000, rung in vain 5 000 to 20 000, rung 21 000, answered 23 000, over 60 000."""
    node = node_in(Phase.ALERTING)
    node.rescinded(at=20_000)
    node.ended(AGENT_LEG, 20_050, 19)
    node.offered(O2, at=21_000)
    node.answered(NEXT_AGENT_LEG, 23_000)
    node.bridged(at=23_100, bridge=node.contact.bridge or B2)
    node.ended(NEXT_AGENT_LEG, 60_000)
    node.ended(CALLER, 60_200)
    (record,) = node.records
    return record


def test_story_of_a_caller_whom_the_second_agent_answers() -> None:
    record = second_agent_answers()
    assert record.visits == (
        NodeVisit("welcome", 1_100),
        NodeVisit("menu", 2_000),
        NodeVisit("data", 4_000),
    )
    assert record.segments == (
        QueueSegment(DATA, 4_000, 23_000, SegmentExit.ANSWERED, wait_ms=19_000),
    )
    assert record.offers == (
        OfferRecord(O1, ANN, DESK, 5_000, None, 20_000, OfferResult.NO_ANSWER),
        OfferRecord(O2, ANN, DESK, 21_000, 23_000, 60_000, OfferResult.CONNECTED),
    )
    assert record.legs == (
        LegRecord(CALLER, LegRole.CALLER, None, 1_000, 1_100, 60_200, 16),
        LegRecord(AGENT_LEG, LegRole.AGENT, DESK, 5_000, None, 20_050, 19),
        LegRecord(NEXT_AGENT_LEG, LegRole.AGENT, DESK, 21_000, 23_000, 60_000, 16),
    )
    assert (record.wait_ms, record.offers_made, record.left_out) == (19_000, 2, 0)
    assert (record.flow, len(record.site)) == ("main", 64)


def test_intervals_tell_the_whole_time_without_a_gap() -> None:
    record = second_agent_answers()
    assert [(each.what, each.began_at) for each in record.intervals] == [
        (Doing.ANSWERING, 1_000),
        (Doing.IN_FLOW, 1_100),
        (Doing.WAITING, 4_000),
        (Doing.ALERTING, 5_000),
        (Doing.WAITING, 20_000),
        (Doing.ALERTING, 21_000),
        (Doing.JOINING, 23_000),
        (Doing.TALKING, 23_100),
        (Doing.LEAVING, 60_000),
    ]
    spent = sum(each.ended_at - each.began_at for each in record.intervals)
    assert spent == record.ended_at - record.arrived_at


def test_record_is_read_back_as_it_was_written() -> None:
    record = second_agent_answers()
    assert msgspec.json.decode(msgspec.json.encode(record), type=ContactRecord) == record


def test_two_queues_are_two_segments_and_one_wait() -> None:
    node = node_in(Phase.WAITING)
    node.overflowed(OverflowCause.TIMED_OUT, at=50_000)
    node.ended(CALLER, 57_000)
    (record,) = node.records
    assert record.segments == (
        QueueSegment(DATA, 4_000, 50_000, SegmentExit.TIMED_OUT, 46_000),
        QueueSegment(BILL, 50_000, 57_000, SegmentExit.ABANDONED, 7_000),
    )
    assert record.wait_ms == 53_000


def test_caller_who_never_queued_has_no_wait() -> None:
    node = node_in(Phase.LISTENING)
    node.ended(CALLER, 3_500)
    (record,) = node.records
    assert (record.wait_ms, record.segments, record.offers) == (None, (), ())


def test_caller_who_leaves_while_it_rings_abandons_and_the_offer_is_withdrawn() -> None:
    node = node_in(Phase.ALERTING)
    node.ended(CALLER, 9_000)
    node.ended(AGENT_LEG, 9_100)
    (record,) = node.records
    assert [each.exit for each in record.segments] == [SegmentExit.ABANDONED]
    assert [each.result for each in record.offers] == [OfferResult.WITHDRAWN]
    assert record.wait_ms == 5_000


def test_leg_that_was_never_seen_to_go_has_no_end() -> None:
    node = node_in(Phase.CONNECTED)
    node.give(EngineStopping(), 9_000)
    (record,) = node.records
    assert [leg.ended_at for leg in record.legs] == [None, None]


@pytest.mark.parametrize("kind", ["OFFERS_MAX", "LEGS_MAX"])
def test_list_beyond_its_limit_keeps_the_latest_and_counts_the_rest(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(story, kind, 1)
    record = second_agent_answers()
    if kind == "OFFERS_MAX":
        assert [each.offer for each in record.offers] == [O2]
        assert (record.offers_made, record.left_out) == (2, 1)
    else:
        assert [each.leg for each in record.legs] == [CALLER]
        assert record.left_out == 2


def test_intervals_beyond_their_limit_still_tell_the_whole_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(story, "INTERVALS_MAX", 3)
    record = second_agent_answers()
    assert record.intervals[-1] == Interval(Doing.SEVERAL, 4_000, 60_200)
    assert record.left_out > 0
    spent = sum(each.ended_at - each.began_at for each in record.intervals)
    assert spent == record.ended_at - record.arrived_at


def test_live_contact_keeps_the_site_it_began_with() -> None:
    node = node_in(Phase.LISTENING)
    began_with, other = node.site.version, site(hotline(menu_barge_in=False))
    assert other.version != began_with
    node.core.activate(other)
    node.press("1", 4_000)
    assert node.phase is Phase.WAITING
    node.ended(CALLER, 5_000)
    assert node.records[0].site == began_with


@pytest.mark.parametrize("phase", Phase)
def test_contact_in_any_phase_survives_being_written_down(phase: Phase) -> None:
    node, twin = node_in(phase), node_in(phase)
    twin.restart()
    assert twin.core.next_deadline() == node.core.next_deadline()
    assert rest_of(twin) == rest_of(node)
    assert twin.records == node.records


def rest_of(node: OneNode) -> list[CallEffect]:
    """All that is asked for when everything happens that can."""
    steps = (
        lambda: node.press("1", 30_000),
        lambda: node.announced(at=30_001),
        lambda: node.rescinded(at=30_002),
        lambda: node.offered(O2, at=30_003),
        lambda: node.tick(60_000),
        lambda: node.answered(AGENT_LEG, 60_001),
        lambda: node.ended(CALLER, 60_002),
        lambda: node.tick(90_000),
    )
    return [effect for step in steps for effect in step()]
