"""Messages between call core and router that cross each other, or come twice, as on a slow wire.

In one process they never do. Found by worlds with such a wire (``simulator.world``).
"""

import pytest
from call_node import AGENT_LEG, B1, C1, CALLER, O1, O2, node_in
from transfer_node import BOB_LEG, O3, consulting

from ivr.call.effects import (
    DestroyBridge,
    DialDevice,
    FailOffer,
    ReleaseLeg,
    StartHoldMusic,
    WithdrawContact,
)
from ivr.call.model import ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import OfferResult, SegmentExit
from ivr.call.transfer_state import Stage
from router.model import OfferFailure, RescindReason

pytestmark = pytest.mark.unit

GONE = RescindReason.AGENT_GONE


def test_offer_taken_back_as_the_two_are_joined_brings_her_back_to_her_place() -> None:
    node = node_in(Phase.CONNECTED)
    effects = node.rescinded(O1, GONE, node.at + 400)
    assert list(effects) == [
        DestroyBridge(B1, CALLER),
        ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL),
        StartHoldMusic(CALLER),
    ]
    assert node.phase is Phase.WAITING
    node.ended(CALLER, node.at + 1_000)
    node.ended(AGENT_LEG)
    (record,) = node.records
    assert [each.result for each in record.offers] == [OfferResult.WITHDRAWN]
    assert record.agent is None


def test_offer_taken_back_in_a_talk_leaves_the_talk_in_the_record() -> None:
    node = node_in(Phase.CONNECTED)
    node.rescinded(O1, GONE, node.at + 9_000)
    assert node.phase is Phase.WAITING
    node.ended(AGENT_LEG)
    node.ended(CALLER, node.at + 1_000)
    (record,) = node.records
    assert [each.result for each in record.offers] == [OfferResult.CONNECTED]
    assert [each.exit for each in record.segments] == [
        SegmentExit.ANSWERED,
        SegmentExit.ABANDONED,
    ]


def test_expert_whose_offer_is_taken_back_in_the_talk_is_let_go() -> None:
    node = consulting(Stage.TALKING)
    node.taken_back(GONE)
    assert node.stage is Stage.SEEKING
    assert node.of(ReleaseLeg) == [ReleaseLeg(BOB_LEG, ReleaseReason.NORMAL)]
    assert node.of(StartHoldMusic) == [StartHoldMusic(AGENT_LEG)]


def test_offer_heard_again_when_it_is_over_rings_for_nobody() -> None:
    node = node_in(Phase.ALERTING)
    node.rescinded(O1, GONE)
    assert list(node.offered(O1, node.at + 500)) == []
    assert node.phase is Phase.WAITING
    assert [type(each) for each in node.offered(O2)] == [DialDevice]


def test_experts_offer_heard_twice_is_not_failed_back() -> None:
    node = consulting(Stage.ALERTING)
    node.expert_offered()
    assert list(node.last) == []
    assert node.stage is Stage.ALERTING


@pytest.mark.parametrize("closed", [False, True])
def test_offer_taken_back_when_the_talk_is_over_takes_her_out_of_the_queue(closed: bool) -> None:
    node = node_in(Phase.CONNECTED)
    node.ended(CALLER, node.at + 400)
    if closed:
        node.ended(AGENT_LEG)
    assert list(node.rescinded(O1, GONE)) == [WithdrawContact(C1)]


def test_offer_taken_back_since_the_caller_left_needs_no_answer() -> None:
    node = node_in(Phase.ALERTING)
    node.ended(CALLER)
    assert list(node.rescinded(O1, RescindReason.CONTACT_LEFT)) == []


def test_second_expert_offered_while_one_rings_is_failed_back_and_no_more() -> None:
    node = consulting(Stage.ALERTING)
    node.expert_offered(O3)
    assert list(node.last) == [FailOffer(O3, OfferFailure.FAILED)]
    assert node.stage is Stage.ALERTING
