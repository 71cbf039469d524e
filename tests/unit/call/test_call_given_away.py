"""Blind transfers: a caller who is given away waits, comes back or is called back."""

import pytest
from call_node import (
    AGENT_LEG,
    ANN,
    B1,
    BOB,
    CALLER,
    DATA,
    DESK,
    EXPERTS,
    O1,
    O2,
    PARTY,
    RING_MS,
    TO_ANN,
)
from transfer_node import B2, BLIND, BOB_LEG, CANCEL, COMPLETE, DESK2, TalkNode, given_away, talking

from ivr.call.contact import WAITING_MS_MAX
from ivr.call.effects import (
    AnswerTransfer,
    BridgeLegs,
    DestroyBridge,
    DialDevice,
    EndEngagement,
    FailOffer,
    PlayPrompts,
    PromiseCallback,
    QueueContact,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    TransferAnswer,
    WithdrawContact,
)
from ivr.call.events import OfferMade, TransferOrder
from ivr.call.handing_over import CALLBACK_MS_MAX, CALLED_BACK, NOT_CALLED_BACK, TOPIC
from ivr.call.model import Outcome, PlaybackId, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import OfferResult, SegmentExit, TransferKind, TransferResult
from router.model import (
    AgentId,
    ContactId,
    OfferFailure,
    OfferId,
    OverflowCause,
    QueueId,
    RequestId,
)

pytestmark = pytest.mark.unit

C1, O3 = ContactId("main:c1"), OfferId("o3")
TIMED_OUT, NO_AGENTS = OverflowCause.TIMED_OUT, OverflowCause.NO_AGENTS


def answer(node: TalkNode) -> TransferAnswer:
    (told,) = node.of(AnswerTransfer)
    return told.answer


def offered_bob(node: TalkNode, at: int) -> None:
    node.give(OfferMade(O2, C1, BOB, DESK2, RING_MS), at)


def test_given_away_caller_waits_with_music_and_what_she_waited_before() -> None:
    node = talking()
    assert list(node.ordered(BLIND, EXPERTS, 8_000)) == [
        DestroyBridge(B1, CALLER),
        EndEngagement(O1),
        ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL),
        StartHoldMusic(CALLER),
        QueueContact(C1, EXPERTS, 0, waited_ms=2_000),
        AnswerTransfer(RequestId("r1"), TransferAnswer.DONE),
    ]
    assert node.phase is Phase.WAITING
    assert node.core.next_deadline() == 8_000 + WAITING_MS_MAX
    node.ended(AGENT_LEG, 8_050)
    assert node.phase is Phase.WAITING


def test_next_agent_is_rung_with_the_same_context_and_is_responsible_then() -> None:
    node = given_away()
    offered_bob(node, 9_000)
    assert node.of(DialDevice) == [DialDevice(BOB_LEG, DESK2, C1, PARTY, RING_MS)]
    node.answered(BOB_LEG, 10_000)
    assert node.of(BridgeLegs) == [BridgeLegs(B2, (CALLER, BOB_LEG))]
    node.joined(B2, at=10_100)
    assert node.phase is Phase.CONNECTED
    node.ended(AGENT_LEG, 10_200)
    node.ended(BOB_LEG, 30_000)
    node.ended(CALLER, 30_010)
    (record,) = node.records
    assert (record.outcome, record.agent, record.reason) == (Outcome.SERVED, BOB, "agent_hung_up")
    told = [(each.queue, each.wait_ms, each.exit) for each in record.segments]
    assert told == [
        (DATA, 2_000, SegmentExit.ANSWERED),
        (EXPERTS, 2_000, SegmentExit.ANSWERED),
    ]
    assert [each.result for each in record.offers] == [OfferResult.CONNECTED] * 2
    assert record.queue == EXPERTS
    (transfer,) = record.transfers
    assert (transfer.kind, transfer.result) == (TransferKind.BLIND, TransferResult.COMPLETED)
    assert (transfer.by, transfer.asked_at, transfer.over_at) == (ANN, 8_000, 10_100)


@pytest.mark.parametrize("cause", OverflowCause)
def test_caller_for_whom_nobody_is_there_goes_back_to_who_gave_her_away(
    cause: OverflowCause,
) -> None:
    node = given_away()
    node.gave_up(cause, name=C1, at=20_000)
    # 2 s for Ann, 12 s in vain.
    assert list(node.last) == [QueueContact(C1, TO_ANN, 0, waited_ms=14_000)]
    assert node.phase is Phase.WAITING
    assert node.contact.holding
    node.give(OfferMade(O2, C1, ANN, DESK, RING_MS), 21_000)
    node.answered(BOB_LEG, 22_000)
    node.joined(B2, at=22_100)
    assert (node.phase, node.contact.agent) == (Phase.CONNECTED, ANN)
    (told,) = node.contact.transfers
    assert told.result is TransferResult.FAILED


def test_caller_whom_nobody_takes_is_promised_a_call_and_told_goodbye() -> None:
    node = given_away()
    node.gave_up(NO_AGENTS, name=C1, at=8_000)
    node.gave_up(TIMED_OUT, name=C1, queue=TO_ANN, at=38_000)
    (promised,) = node.of(PromiseCallback)
    assert (promised.order, promised.topic, promised.reason) == ("main:c1.w1", TOPIC, "no_agents")
    assert (promised.customer, promised.within_ms) == (PARTY, CALLBACK_MS_MAX)
    assert node.of(StopHoldMusic) == [StopHoldMusic(CALLER)]
    (said,) = node.of(PlayPrompts)
    assert said.prompts == CALLED_BACK
    assert node.phase is Phase.SPEAKING
    node.press("1", 39_000)
    assert list(node.last) == []
    node.played(said.playback, 40_000)
    assert ReleaseLeg(CALLER, ReleaseReason.NORMAL) in node.last
    node.ended(AGENT_LEG, 40_010)
    node.ended(CALLER, 40_020)
    (record,) = node.records
    assert (record.outcome, record.agent) == (Outcome.WORK_ORDER, ANN)
    assert record.reason == "transfer_failed"
    exits = [each.exit for each in record.segments]
    assert exits == [SegmentExit.ANSWERED, SegmentExit.NO_AGENTS, SegmentExit.TIMED_OUT]


def test_caller_given_to_her_own_agent_waits_for_her_once_and_not_again() -> None:
    node = given_away(TO_ANN)
    node.gave_up(NO_AGENTS, name=C1, queue=TO_ANN, at=8_000)
    assert node.of(QueueContact) == []
    assert node.phase is Phase.SPEAKING


def test_caller_whose_number_nobody_knows_is_promised_nothing() -> None:
    node = given_away()
    node.contact.caller_known = False
    node.gave_up(NO_AGENTS, name=C1, at=8_000)
    node.gave_up(NO_AGENTS, name=C1, queue=TO_ANN, at=8_000)
    assert node.of(PromiseCallback) == []
    (said,) = node.of(PlayPrompts)
    assert said.prompts == NOT_CALLED_BACK


def test_place_that_the_router_forgot_is_given_up_like_any_other() -> None:
    node = given_away()
    node.tick(8_000 + WAITING_MS_MAX)
    assert node.of(WithdrawContact) == [WithdrawContact(C1)]
    (queued,) = node.of(QueueContact)
    assert queued.queue == TO_ANN


@pytest.mark.parametrize("phase", [Phase.WAITING, Phase.ALERTING, Phase.JOINING])
def test_caller_who_hangs_up_before_the_next_agent_abandoned(phase: Phase) -> None:
    node = given_away()
    if phase is not Phase.WAITING:
        offered_bob(node, 9_000)
    if phase is Phase.JOINING:
        node.answered(BOB_LEG, 10_000)
    assert node.phase is phase
    node.ended(CALLER, 11_000)
    given_back = EndEngagement(O2) if phase is Phase.JOINING else WithdrawContact(C1)
    assert given_back in node.last
    node.ended(AGENT_LEG)
    node.ended(BOB_LEG)
    (record,) = node.records
    assert (record.outcome, record.agent, record.wait_ms) == (Outcome.ABANDONED, ANN, 2_000)
    assert [each.exit for each in record.segments] == [
        SegmentExit.ANSWERED,
        SegmentExit.ABANDONED,
    ]
    (told,) = record.transfers
    assert told.result is TransferResult.ENDED


def test_keys_of_the_flows_queue_mean_nothing_once_she_was_given_away() -> None:
    node = given_away()
    before = node.snapshot()
    assert list(node.press("6", 9_000)) == []
    assert node.snapshot() == before


def test_next_agent_whose_line_dies_at_once_leaves_her_waiting_there() -> None:
    node = given_away()
    offered_bob(node, 9_000)
    node.answered(BOB_LEG, 10_000)
    node.joined(B2, at=10_100)
    node.ended(BOB_LEG, 10_200)
    assert node.of(FailOffer) == [FailOffer(O2, OfferFailure.DROPPED)]
    assert (node.phase, node.contact.agent) == (Phase.WAITING, ANN)


def test_caller_given_away_twice_goes_back_to_who_had_her_last() -> None:
    node = given_away()
    offered_bob(node, 9_000)
    node.answered(BOB_LEG, 10_000)
    node.joined(B2, at=10_100)
    node.ordered(BLIND, DATA, 20_000, BOB)
    node.gave_up(NO_AGENTS, name=C1, queue=DATA, at=20_000)
    (queued,) = node.of(QueueContact)
    assert queued.queue == "main:transfer/desk/agents/bob"


def test_second_order_at_once_finds_her_not_talking() -> None:
    node = given_away()
    node.ordered(BLIND, DATA, 8_000)
    assert answer(node) is TransferAnswer.NOT_TALKING
    assert len(list(node.last)) == 1


@pytest.mark.parametrize(
    ("order", "queue", "agent", "told"),
    [
        (BLIND, None, ANN, TransferAnswer.NO_SUCH_TARGET),
        (BLIND, QueueId("main:nowhere"), ANN, TransferAnswer.NO_SUCH_TARGET),
        (BLIND, EXPERTS, BOB, TransferAnswer.NOT_TALKING),
        (BLIND, EXPERTS, AgentId("main:nobody"), TransferAnswer.UNKNOWN_AGENT),
        (COMPLETE, None, ANN, TransferAnswer.NOT_CONSULTING),
        (CANCEL, None, ANN, TransferAnswer.NOT_CONSULTING),
    ],
)
def test_order_that_can_not_be_done_is_answered_and_changes_nothing(
    order: TransferOrder, queue: QueueId | None, agent: AgentId, told: TransferAnswer
) -> None:
    node = talking()
    before = node.snapshot()
    node.ordered(order, queue, 8_000, agent)
    assert list(node.last) == [AnswerTransfer(RequestId("r1"), told)]
    assert node.snapshot() == before


def test_playback_of_a_late_announcement_does_not_end_the_goodbye() -> None:
    node = given_away()
    node.gave_up(NO_AGENTS, name=C1, at=8_000)
    node.gave_up(NO_AGENTS, name=C1, queue=TO_ANN, at=8_000)
    node.played(PlaybackId(f"{CALLER}.p9"), 8_100)
    assert node.phase is Phase.SPEAKING
