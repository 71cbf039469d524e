"""By which door a contact left its queue, and what came of each offer, as the record tells it."""

from collections.abc import Callable, Sequence

import pytest
from call_node import (
    AGENT_LEG,
    ANN,
    BILL,
    CALLER,
    DATA,
    DESK,
    NEXT_AGENT_LEG,
    O1,
    O2,
    RING_MS,
    OneNode,
    node_in,
)

from ivr.call.contact import ALERTING_GRACE_MS, JOINING_MS_MAX, LEAVING_MS_MAX, WAITING_MS_MAX
from ivr.call.effects import CallEffect, WriteRecord
from ivr.call.events import CallArrived, CallEvent, EngineStarted, EngineStopping
from ivr.call.model import LegId, Outcome, PartyRef
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord, OfferResult, QueueSegment, SegmentExit
from router.model import ContactId, OverflowCause, RescindReason

pytestmark = pytest.mark.unit

Happening = Callable[[OneNode], Sequence[CallEffect]]


def record_after(phase: Phase, *steps: Happening) -> ContactRecord:
    """The record of a contact to which this happens from that phase on; then everybody goes."""
    node = node_in(phase)
    for step in steps:
        step(node)
    node.ended(CALLER, 90_000)
    for leg in (AGENT_LEG, NEXT_AGENT_LEG):
        node.ended(leg, 90_000)
    (record,) = node.records
    return record


@pytest.mark.parametrize("cause", OverflowCause)
def test_queue_that_gives_up_names_its_cause(cause: OverflowCause) -> None:
    record = record_after(Phase.WAITING, lambda node: node.overflowed(cause, at=30_000))
    exit = SegmentExit(cause.value)
    assert record.segments[0] == QueueSegment(DATA, 4_000, 30_000, exit, 26_000)


def test_full_queue_entered_and_left_in_one_moment_is_a_segment_of_no_time() -> None:
    record = record_after(Phase.WAITING, lambda node: node.overflowed(OverflowCause.FULL, at=4_000))
    assert record.segments == (QueueSegment(DATA, 4_000, 4_000, SegmentExit.FULL, 0),)
    assert record.wait_ms == 0


def test_wait_that_the_router_forgot_is_told_as_timed_out() -> None:
    late = 4_000 + WAITING_MS_MAX
    node = node_in(Phase.WAITING)
    node.tick(late)
    node.ended(CALLER, late + 10)
    assert [(each.queue, each.exit) for each in node.records[0].segments] == [
        (DATA, SegmentExit.TIMED_OUT),
        (BILL, SegmentExit.ABANDONED),
    ]


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.ALERTING, Phase.JOINING])
def test_caller_who_leaves_before_the_talk_abandons(phase: Phase) -> None:
    record = record_after(phase)
    assert record.segments == (QueueSegment(DATA, 4_000, 90_000, SegmentExit.ABANDONED, 86_000),)
    assert record.outcome is Outcome.ABANDONED
    results = [each.result for each in record.offers]
    assert results == ([] if phase is Phase.WAITING else [OfferResult.WITHDRAWN])


def test_answer_ends_the_wait_when_the_agent_picked_up() -> None:
    record = record_after(Phase.CONNECTED)
    assert record.segments == (QueueSegment(DATA, 4_000, 6_000, SegmentExit.ANSWERED, 2_000),)
    (offer,) = record.offers
    assert (offer.offer, offer.agent, offer.device) == (O1, ANN, DESK)
    assert (offer.made_at, offer.answered_at, offer.ended_at) == (5_000, 6_000, 90_000)
    assert offer.result is OfferResult.CONNECTED


UNANSWERED: list[tuple[Happening, int, OfferResult]] = [
    (lambda node: node.rescinded(at=20_000), 20_000, OfferResult.NO_ANSWER),
    (
        lambda node: node.rescinded(reason=RescindReason.AGENT_GONE, at=7_000),
        7_000,
        OfferResult.WITHDRAWN,
    ),
    (
        lambda node: node.rescinded(reason=RescindReason.QUEUE_RETIRED, at=7_000),
        7_000,
        OfferResult.WITHDRAWN,
    ),
    (lambda node: node.ended(AGENT_LEG, 5_500, 17), 5_500, OfferResult.DECLINED),
    (lambda node: node.ended(AGENT_LEG, 5_500, 21), 5_500, OfferResult.DECLINED),
    (lambda node: node.ended(AGENT_LEG, 5_500, 20), 5_500, OfferResult.UNREACHABLE),
    (lambda node: node.ended(AGENT_LEG, 5_500, 38), 5_500, OfferResult.FAILED),
    (lambda node: node.command_failed("DialDevice", AGENT_LEG, 5_001), 5_001, OfferResult.FAILED),
    (
        lambda node: node.tick(5_000 + RING_MS + ALERTING_GRACE_MS),
        5_000 + RING_MS + ALERTING_GRACE_MS,
        OfferResult.FAILED,
    ),
]


@pytest.mark.parametrize(("happens", "at", "result"), UNANSWERED)
def test_offer_that_nobody_answers_says_why(
    happens: Happening, at: int, result: OfferResult
) -> None:
    record = record_after(Phase.ALERTING, happens)
    (offer,) = record.offers
    assert (offer.made_at, offer.answered_at, offer.ended_at) == (5_000, None, at)
    assert offer.result is result
    assert record.agent is None


NO_TALK: list[tuple[Phase, Happening]] = [
    (Phase.JOINING, lambda node: node.command_failed("BridgeLegs", at=6_050)),
    (Phase.JOINING, lambda node: node.ended(AGENT_LEG, 6_050)),
    (Phase.JOINING, lambda node: node.tick(6_000 + JOINING_MS_MAX)),
    (Phase.CONNECTED, lambda node: node.ended(AGENT_LEG, 6_200)),
]


@pytest.mark.parametrize(("phase", "happens"), NO_TALK)
def test_talk_that_did_not_come_about_leaves_the_wait_unbroken(
    phase: Phase, happens: Happening
) -> None:
    record = record_after(
        phase,
        happens,
        lambda node: node.offered(O2, at=30_000),
        lambda node: node.answered(NEXT_AGENT_LEG, 31_000),
        lambda node: node.bridged(node.contact.bridge or pytest.fail("no bridge"), 31_100),
    )
    assert [each.result for each in record.offers] == [OfferResult.FAILED, OfferResult.CONNECTED]
    assert record.offers[0].answered_at == 6_000
    assert record.segments == (QueueSegment(DATA, 4_000, 31_000, SegmentExit.ANSWERED, 27_000),)
    assert (record.wait_ms, record.connected_at) == (27_000, 31_100)


STOPS: list[tuple[CallEvent, SegmentExit]] = [
    (EngineStopping(), SegmentExit.ENGINE_STOPPED),
    (EngineStarted(), SegmentExit.ENGINE_RESTARTED),
]


@pytest.mark.parametrize(("event", "exit"), STOPS)
@pytest.mark.parametrize("phase", Phase)
def test_engine_that_stops_or_starts_leaves_a_whole_record(
    phase: Phase, event: CallEvent, exit: SegmentExit
) -> None:
    node = node_in(phase)
    node.give(event, 50_000)
    (record,) = node.records
    assert record.ended_at == 50_000
    assert sum(each.ended_at - each.began_at for each in record.intervals) == 49_000
    exits = [each.exit for each in record.segments]
    match phase:
        case Phase.ANSWERING | Phase.SPEAKING | Phase.LISTENING:
            assert exits == []
        case Phase.LOOKING_UP | Phase.RECORDING | Phase.CALLING_OUTSIDE:
            assert exits == []
        case Phase.WAITING | Phase.ALERTING | Phase.JOINING:
            assert exits == [exit]
            assert record.wait_ms == 46_000
        case Phase.CONNECTED | Phase.CONSULTING | Phase.LEAVING:
            assert exits == [SegmentExit.ANSWERED]
            assert record.wait_ms == 2_000


@pytest.mark.parametrize(("event", "exit"), STOPS)
def test_every_live_contact_gets_its_own_record(event: CallEvent, exit: SegmentExit) -> None:
    node = node_in(Phase.CONNECTED)
    others = [ContactId(f"main:c{n}") for n in (2, 3)]
    for contact in others:
        leg = LegId(f"{contact}.0")
        node.give(CallArrived(contact, leg, "10086", PartyRef("party-2")), 7_000)
    node.give(event, 8_000)
    written = [each.record.contact for each in node.of(WriteRecord)]
    assert sorted(written) == ["main:c1", *others]
    assert [each.reason for each in node.records] == [exit.value] * 3


def test_leg_that_was_given_up_has_no_end_though_the_contact_has() -> None:
    node = node_in(Phase.CONNECTED)
    node.ended(CALLER, 30_000)
    node.tick(30_000 + LEAVING_MS_MAX)
    (record,) = node.records
    assert [(leg.leg, leg.ended_at) for leg in record.legs] == [(CALLER, 30_000), (AGENT_LEG, None)]
    assert record.ended_at == 30_000 + LEAVING_MS_MAX
