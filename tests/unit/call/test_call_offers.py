"""The caller and the agent: rings that cross, lines that die, joins that fail."""

import pytest
from call_node import (
    AGENT_LEG,
    ANN,
    B1,
    B2,
    CALLER,
    DESK,
    NEXT_AGENT_LEG,
    O1,
    O2,
    P2,
    P3,
    PARTY,
    RING_MS,
    STOPPED,
    OneNode,
    node_in,
)

from ivr.call.contact import ALERTING_GRACE_MS, JOINING_MS_MAX, WAITING_MS_MAX
from ivr.call.effects import (
    JOINS_CHANNEL,
    AcceptOffer,
    BridgeLegs,
    DestroyBridge,
    DialDevice,
    EndEngagement,
    FailOffer,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    WithdrawContact,
)
from ivr.call.model import Outcome, ReleaseReason
from ivr.call.offers import EARLY_DROP_MS
from ivr.call.phases import Phase
from router.model import ContactId, OfferFailure, RescindReason

pytestmark = pytest.mark.unit

C1 = ContactId("main:c1")


def test_offer_rings_the_agents_device() -> None:
    node = node_in(Phase.WAITING)
    assert list(node.offered(at=5_000)) == [DialDevice(AGENT_LEG, DESK, C1, PARTY, RING_MS)]
    assert node.core.next_deadline() == 5_000 + RING_MS + ALERTING_GRACE_MS


def test_offer_told_twice_rings_once() -> None:
    node = node_in(Phase.ALERTING)
    assert list(node.offered(at=5_000)) == []


def test_offer_crossing_the_callers_leaving_is_failed_back() -> None:
    node = node_in(Phase.CONNECTED)
    node.ended(CALLER, 7_000)  # Leaving: the agent's leg is still there.
    back = [FailOffer(O2, OfferFailure.FAILED), WithdrawContact(C1)]
    assert list(node.offered(O2, at=7_001)) == back


def test_offer_crossing_the_end_of_the_contact_is_failed_back() -> None:
    node = node_in(Phase.WAITING)
    assert WithdrawContact(C1) in node.ended(CALLER, 5_000)
    assert node.phase is None
    back = [FailOffer(O1, OfferFailure.FAILED), WithdrawContact(C1)]
    assert list(node.offered(at=5_001)) == back


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (RescindReason.TIMED_OUT, ReleaseReason.NO_ANSWER),
        (RescindReason.AGENT_GONE, ReleaseReason.NORMAL),
    ],
)
def test_rescinded_while_it_rings_goes_on_waiting(
    reason: RescindReason, told: ReleaseReason
) -> None:
    node = node_in(Phase.ALERTING)
    assert list(node.rescinded(O1, reason, at=20_000)) == [ReleaseLeg(AGENT_LEG, told)]
    assert node.phase is Phase.WAITING  # With the music that never stopped.
    assert list(node.ended(AGENT_LEG, 20_050)) == []
    assert node.phase is Phase.WAITING
    node.offered(O2, at=21_000)
    assert [dial.leg for dial in node.of(DialDevice)] == [NEXT_AGENT_LEG]


def test_agent_answering_a_moment_too_late_is_released_once() -> None:
    node = node_in(Phase.ALERTING)
    node.rescinded(at=20_000)
    late = ReleaseLeg(AGENT_LEG, ReleaseReason.ANSWERED_ELSEWHERE)
    assert list(node.answered(AGENT_LEG, 20_010)) == [late]
    assert list(node.answered(AGENT_LEG, 20_020)) == []
    assert node.phase is Phase.WAITING


@pytest.mark.parametrize("phase", [Phase.ALERTING, Phase.JOINING, Phase.CONNECTED])
def test_late_answer_is_released_whatever_the_contact_does_by_now(phase: Phase) -> None:
    node = node_in(Phase.ALERTING)
    node.rescinded(at=6_000)
    node.offered(O2, at=6_100)
    if phase is not Phase.ALERTING:
        node.answered(NEXT_AGENT_LEG, 7_000)
    if phase is Phase.CONNECTED:
        node.bridged(B1, 7_100)
    assert node.phase is phase
    late = ReleaseLeg(AGENT_LEG, ReleaseReason.ANSWERED_ELSEWHERE)
    assert list(node.answered(AGENT_LEG, 8_000)) == [late]
    assert node.phase is phase


def test_late_answer_is_released_while_the_caller_hears_a_prompt() -> None:
    node = node_in(Phase.ALERTING)
    node.rescinded(at=6_000)
    node.overflowed(at=6_001)
    assert node.phase is Phase.SPEAKING
    late = ReleaseLeg(AGENT_LEG, ReleaseReason.ANSWERED_ELSEWHERE)
    assert list(node.answered(AGENT_LEG, 6_002)) == [late]


def test_answer_accepts_stops_the_music_and_joins() -> None:
    node = node_in(Phase.ALERTING)
    assert list(node.answered(AGENT_LEG, 6_000)) == [
        AcceptOffer(O1),
        StopHoldMusic(CALLER),
        BridgeLegs(B1, (CALLER, AGENT_LEG)),
    ]


def test_answer_told_twice_leaves_the_agent_on_the_line() -> None:
    node = node_in(Phase.JOINING)
    assert list(node.answered(AGENT_LEG, 6_001)) == []
    assert node.phase is Phase.JOINING
    node.bridged(B1, 6_100)
    assert node.phase is Phase.CONNECTED


def quick_queue() -> OneNode:
    """In the queue since 2 400 with the menu's prompt still sounding: it was cut just now."""
    node = OneNode()
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    node.played(node.contact.playbacks.copy().pop(), 2_000)
    node.press("1", 2_400)
    assert node.contact.playbacks == {P2}
    return node


def test_join_waits_for_the_playback_to_end() -> None:
    node = quick_queue()
    node.offered(at=2_401)
    node.answered(AGENT_LEG, 2_402)
    assert node.phase is Phase.JOINING
    assert [each for each in node.last if isinstance(each, JOINS_CHANNEL)] == []
    assert list(node.played(P2, 2_410, STOPPED)) == [BridgeLegs(B1, (CALLER, AGENT_LEG))]


def test_join_is_asked_for_once() -> None:
    node = quick_queue()
    node.offered(at=2_401)
    node.answered(AGENT_LEG, 2_402)
    node.played(P2, 2_410, STOPPED)
    assert list(node.played(P2, 2_411, STOPPED)) == []
    assert list(node.played(P3, 2_412)) == []


def test_playback_that_outlasts_the_joining_time_gives_the_offer_back() -> None:
    node = quick_queue()
    node.offered(at=2_401)
    node.answered(AGENT_LEG, 2_402)
    node.tick(2_402 + JOINING_MS_MAX)
    assert node.of(FailOffer) == [FailOffer(O1, OfferFailure.FAILED)]
    assert node.of(DestroyBridge) == []
    assert node.phase is Phase.WAITING
    node.played(P2, 8_000, STOPPED)
    assert list(node.last) == []


def test_join_that_fails_goes_back_to_waiting_with_music() -> None:
    node = node_in(Phase.JOINING)
    assert list(node.command_failed("BridgeLegs", at=6_050)) == [
        FailOffer(O1, OfferFailure.FAILED),
        DestroyBridge(B1, CALLER),
        ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL),
        StartHoldMusic(CALLER),
    ]
    assert node.phase is Phase.WAITING
    assert list(node.bridged(B1, 6_060)) == []
    assert node.phase is Phase.WAITING
    node.offered(O2, at=7_000)
    node.answered(NEXT_AGENT_LEG, 8_000)
    assert node.of(BridgeLegs) == [BridgeLegs(B2, (CALLER, NEXT_AGENT_LEG))]
    before = node.snapshot()
    assert list(node.bridged(B1, 8_010)) == []  # The first bridge, late.
    assert node.snapshot() == before


def test_dial_that_fails_goes_back_to_waiting() -> None:
    node = node_in(Phase.ALERTING)
    assert list(node.command_failed("DialDevice", AGENT_LEG, at=5_010)) == [
        FailOffer(O1, OfferFailure.FAILED),
        ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL),
    ]
    assert node.phase is Phase.WAITING


@pytest.mark.parametrize(
    ("cause", "failure"),
    [
        (17, OfferFailure.DECLINED),
        (21, OfferFailure.DECLINED),
        (20, OfferFailure.UNREACHABLE),
        (3, OfferFailure.UNREACHABLE),
        (16, OfferFailure.FAILED),
        (None, OfferFailure.FAILED),
    ],
)
def test_cause_of_a_leg_that_was_never_answered_names_the_failure(
    cause: int | None, failure: OfferFailure
) -> None:
    node = node_in(Phase.ALERTING)
    assert list(node.ended(AGENT_LEG, 5_500, cause)) == [FailOffer(O1, failure)]
    assert node.phase is Phase.WAITING


def test_agent_lost_before_the_join_gives_the_caller_back_her_place() -> None:
    """Peer fault: Asterisk issue 1557, the caller of an agent whose line died was hung up on."""
    node = node_in(Phase.JOINING)
    assert list(node.ended(AGENT_LEG, 6_050, 17)) == [
        FailOffer(O1, OfferFailure.DROPPED),
        DestroyBridge(B1, CALLER),
        StartHoldMusic(CALLER),
    ]
    assert node.phase is Phase.WAITING


def test_agent_lost_within_the_first_second_was_no_conversation() -> None:
    node = node_in(Phase.CONNECTED)
    node.ended(AGENT_LEG, 6_100 + EARLY_DROP_MS - 1)
    assert node.of(FailOffer) == [FailOffer(O1, OfferFailure.DROPPED)]
    assert node.phase is Phase.WAITING
    node.ended(CALLER, 9_000)
    (record,) = node.records
    assert (record.outcome, record.agent, record.connected_at) == (Outcome.ABANDONED, None, None)
    assert record.offers_made == 1


def test_agent_hanging_up_after_a_second_ends_a_served_contact() -> None:
    node = node_in(Phase.CONNECTED)
    assert list(node.ended(AGENT_LEG, 6_100 + EARLY_DROP_MS)) == [
        EndEngagement(O1),
        DestroyBridge(B1, CALLER),
        ReleaseLeg(CALLER, ReleaseReason.NORMAL),
    ]
    node.ended(CALLER, 7_200)
    (record,) = node.records
    assert (record.outcome, record.reason) == (Outcome.SERVED, "agent_hung_up")
    assert (record.agent, record.connected_at, record.ended_at) == (ANN, 6_100, 7_200)


def test_earlier_agents_leg_ending_disturbs_nobody() -> None:
    node = node_in(Phase.ALERTING)
    node.rescinded(at=6_000)
    node.offered(O2, at=6_100)
    assert list(node.ended(AGENT_LEG, 6_200, 19)) == []
    assert node.phase is Phase.ALERTING


def test_ring_that_the_router_forgot_ends_by_itself() -> None:
    node = node_in(Phase.ALERTING)
    assert list(node.tick(5_000 + RING_MS + ALERTING_GRACE_MS)) == [
        FailOffer(O1, OfferFailure.FAILED),
        ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL),
    ]
    assert node.core.next_deadline() == 25_000 + WAITING_MS_MAX
