"""Consultations: an agent asks an expert while her caller is on hold, and what becomes of it."""

import pytest
from call_node import AGENT_LEG, ANN, B1, BILL, BOB, CALLER, EXPERTS, O1, O2, PARTY, RING_MS, TO_BOB
from transfer_node import (
    B2,
    B3,
    BLIND,
    BOB_LEG,
    CANCEL,
    COMPLETE,
    CONSULT,
    DESK2,
    O3,
    T1,
    T2,
    TOLD,
    TalkNode,
    consulting,
    talking,
)

from ivr.call.consulting import CONSULT_MS_MAX, NOBODY_THERE
from ivr.call.contact import ALERTING_GRACE_MS, JOINING_MS_MAX, TALK_MS_MAX, WAITING_MS_MAX
from ivr.call.effects import (
    AcceptOffer,
    AnswerTransfer,
    BridgeLegs,
    DestroyBridge,
    DialDevice,
    EndEngagement,
    FailOffer,
    PlayPrompts,
    QueueContact,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    TransferAnswer,
    WithdrawContact,
    WriteRecord,
)
from ivr.call.model import Outcome, ReleaseReason
from ivr.call.offers import TOLD_MS_MAX
from ivr.call.phases import Phase
from ivr.call.record import (
    TRANSFERS_MAX,
    Doing,
    OfferResult,
    SegmentExit,
    TransferKind,
    TransferResult,
)
from ivr.call.transfer_state import Stage
from router.model import ContactId, OfferFailure, OverflowCause, RequestId, RescindReason

pytestmark = pytest.mark.unit

C1 = ContactId("main:c1")
DONE = AnswerTransfer(RequestId("r1"), TransferAnswer.DONE)
UNBRIDGED = (Stage.SEEKING, Stage.ALERTING)
BRIDGED = (Stage.JOINING, Stage.TALKING)


def record_of(node: TalkNode, *legs: str) -> WriteRecord:
    """The contact's record, once all these legs are gone."""
    for leg in legs:
        node.ended(AGENT_LEG if leg == "ann" else BOB_LEG if leg == "bob" else CALLER)
    (written,) = node.of(WriteRecord)
    return written


def test_caller_hears_music_and_her_agent_too_while_an_expert_is_sought() -> None:
    node = talking()
    assert list(node.ordered(CONSULT, EXPERTS, 8_000)) == [
        DestroyBridge(B1, CALLER),
        StartHoldMusic(CALLER),
        StartHoldMusic(AGENT_LEG),
        QueueContact(T1, EXPERTS, 0, waited_ms=2_000),
        DONE,
    ]
    assert node.phase is Phase.CONSULTING
    assert node.core.next_deadline() == 8_000 + WAITING_MS_MAX


def test_expert_is_rung_with_what_is_shown_of_the_caller() -> None:
    node = consulting(Stage.ALERTING)
    assert node.of(DialDevice) == [DialDevice(BOB_LEG, DESK2, C1, PARTY, RING_MS)]
    assert node.core.next_deadline() == 9_000 + RING_MS + ALERTING_GRACE_MS


def test_expert_who_answers_talks_to_the_agent_and_not_to_the_caller() -> None:
    node = consulting(Stage.JOINING)
    assert list(node.last) == [
        AcceptOffer(O2),
        StopHoldMusic(AGENT_LEG),
        BridgeLegs(B2, (AGENT_LEG, BOB_LEG)),
    ]
    assert node.core.next_deadline() == 12_000 + JOINING_MS_MAX
    node.joined(B2, AGENT_LEG, 12_100)
    assert list(node.last) == []
    assert node.core.next_deadline() == 12_100 + CONSULT_MS_MAX
    assert node.contact.holding


@pytest.mark.parametrize("stage", BRIDGED)
@pytest.mark.parametrize("by_hanging_up", [True, False])
def test_completed_joins_caller_and_expert_and_lets_the_agent_go(
    stage: Stage, by_hanging_up: bool
) -> None:
    node = consulting(stage)
    if by_hanging_up:
        node.ended(AGENT_LEG, 20_000)
    else:
        node.ordered(COMPLETE, at=20_000)
    assert node.of(ReleaseLeg) == (
        [] if by_hanging_up else [ReleaseLeg(AGENT_LEG, ReleaseReason.NORMAL)]
    )
    rest = [each for each in node.last if not isinstance(each, ReleaseLeg | AnswerTransfer)]
    assert rest == [
        EndEngagement(O1),
        DestroyBridge(B2, CALLER),
        StopHoldMusic(CALLER),
        BridgeLegs(B3, (CALLER, BOB_LEG)),
    ]
    assert node.phase is Phase.JOINING
    node.joined(B3, at=20_100)
    assert node.phase is Phase.CONNECTED
    assert node.contact.agent == BOB
    assert not node.contact.holding


def test_record_of_a_completed_consultation_has_one_agent_at_a_time() -> None:
    node = consulting(Stage.TALKING)
    node.ordered(COMPLETE, at=20_000)
    node.joined(B3, at=20_000)
    node.ended(AGENT_LEG, 20_050)
    node.ended(CALLER, 30_000)
    assert EndEngagement(O2) in node.last
    record = record_of(node, "bob").record
    assert (record.outcome, record.agent, record.connected_at) == (Outcome.SERVED, BOB, 6_100)
    assert record.wait_ms == 2_000
    told = [(each.queue, each.entered_at, each.left_at, each.exit) for each in record.segments]
    assert told == [
        ("main:data", 4_000, 6_000, SegmentExit.ANSWERED),
        (EXPERTS, 8_000, 12_000, SegmentExit.ANSWERED),
    ]
    assert [(each.agent, each.result) for each in record.offers] == [
        (ANN, OfferResult.CONNECTED),
        (BOB, OfferResult.CONNECTED),
    ]
    (transfer,) = record.transfers
    assert (transfer.kind, transfer.by) == (TransferKind.CONSULTED, ANN)
    assert (transfer.asked_at, transfer.over_at) == (8_000, 20_000)
    assert transfer.result is TransferResult.COMPLETED
    spent = [(each.what, each.began_at, each.ended_at) for each in record.intervals]
    assert (Doing.ON_HOLD, 8_000, 20_000) in spent
    assert (Doing.TALKING, 20_000, 30_000) in spent


@pytest.mark.parametrize("stage", Stage)
def test_cancelled_joins_caller_and_agent_again(stage: Stage) -> None:
    node = consulting(stage)
    node.ordered(CANCEL, at=20_000)
    given_back = EndEngagement(O2) if stage in BRIDGED else WithdrawContact(T1)
    assert given_back in node.last
    is_rung = stage is not Stage.SEEKING
    assert (ReleaseLeg(BOB_LEG, ReleaseReason.NORMAL) in node.last) is is_rung
    assert (StopHoldMusic(AGENT_LEG) in node.last) is (stage in UNBRIDGED)
    assert (DestroyBridge(B2, CALLER) in node.last) is (stage in BRIDGED)
    (bridge,) = node.of(BridgeLegs)
    assert bridge.legs == (CALLER, AGENT_LEG)
    assert StopHoldMusic(CALLER) in node.last
    assert EndEngagement(O1) not in node.last
    node.joined(bridge.bridge, at=20_100)
    assert node.phase is Phase.CONNECTED
    assert node.contact.agent == ANN
    (told,) = node.contact.transfers
    assert told.result is TransferResult.CANCELLED


@pytest.mark.parametrize("stage", [Stage.ALERTING, Stage.JOINING, Stage.TALKING])
def test_late_answer_of_an_expert_after_a_cancel_is_hung_up(stage: Stage) -> None:
    node = consulting(stage)
    node.ordered(CANCEL, at=13_000)
    node.answered(BOB_LEG, 13_001)
    wanted = [ReleaseLeg(BOB_LEG, ReleaseReason.ANSWERED_ELSEWHERE)]
    assert list(node.last) == wanted
    assert node.phase is Phase.JOINING


def test_expert_who_hangs_up_leaves_caller_and_agent_together() -> None:
    node = consulting(Stage.TALKING)
    node.ended(BOB_LEG, 20_000)
    assert list(node.last) == [
        EndEngagement(O2),
        DestroyBridge(B2, CALLER),
        StopHoldMusic(CALLER),
        BridgeLegs(B3, (CALLER, AGENT_LEG)),
    ]


def test_nobody_there_is_told_to_the_agent_before_she_is_back() -> None:
    node = consulting(Stage.SEEKING)
    node.gave_up(OverflowCause.NO_AGENTS, at=8_000)
    assert node.of(StopHoldMusic) == [StopHoldMusic(AGENT_LEG)]
    (said,) = node.of(PlayPrompts)
    assert (said.leg, said.playback, said.prompts) == (AGENT_LEG, TOLD, (NOBODY_THERE,))
    assert node.of(BridgeLegs) == []
    assert node.contact.holding
    node.was_told(at=9_500)
    assert list(node.last) == [StopHoldMusic(CALLER), BridgeLegs(B2, (CALLER, AGENT_LEG))]
    node.joined(B2, at=9_600)
    assert node.phase is Phase.CONNECTED


def test_lost_end_of_what_the_agent_is_told_keeps_nobody_on_hold() -> None:
    node = consulting(Stage.SEEKING)
    node.gave_up(at=8_000)
    assert node.core.next_deadline() == 8_000 + TOLD_MS_MAX
    node.tick(8_000 + TOLD_MS_MAX)
    assert list(node.last) == [StopHoldMusic(CALLER), BridgeLegs(B2, (CALLER, AGENT_LEG))]
    assert node.core.next_deadline() == 8_000 + TOLD_MS_MAX + JOINING_MS_MAX


def test_agent_who_hangs_up_while_she_is_told_leaves_her_caller_waiting() -> None:
    node = consulting(Stage.SEEKING)
    node.gave_up(at=8_500)
    node.ended(AGENT_LEG, 9_000)
    assert node.of(FailOffer) == [FailOffer(O1, OfferFailure.DROPPED)]
    assert node.phase is Phase.WAITING
    assert node.contact.holding
    node.ended(CALLER, 20_000)
    (record,) = node.records
    assert (record.agent, record.connected_at) == (ANN, 6_100)
    assert [each.exit for each in record.segments] == [SegmentExit.ANSWERED, SegmentExit.ABANDONED]
    assert (record.outcome, record.wait_ms) == (Outcome.ABANDONED, 2_000)


def test_expert_who_declines_is_followed_by_the_next() -> None:
    node = consulting(Stage.ALERTING)
    node.ended(BOB_LEG, 10_000, cause=17)
    assert list(node.last) == [FailOffer(O2, OfferFailure.DECLINED)]
    assert node.stage is Stage.SEEKING
    node.expert_offered(O3, at=10_000)
    assert node.stage is Stage.ALERTING


def test_agent_who_was_meant_alone_and_declines_is_told_at_once() -> None:
    node = consulting(Stage.ALERTING, TO_BOB)
    node.ended(BOB_LEG, 10_000, cause=21)
    assert list(node.last)[:2] == [FailOffer(O2, OfferFailure.DECLINED), WithdrawContact(T1)]
    assert len(node.of(PlayPrompts)) == 1
    assert node.phase is Phase.JOINING


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        (RescindReason.TIMED_OUT, ReleaseReason.NO_ANSWER),
        (RescindReason.AGENT_GONE, ReleaseReason.NORMAL),
    ],
)
def test_expert_whose_ring_is_over_is_released_and_the_next_is_sought(
    reason: RescindReason, told: ReleaseReason
) -> None:
    node = consulting(Stage.ALERTING)
    node.taken_back(reason)
    assert list(node.last) == [ReleaseLeg(BOB_LEG, told)]
    assert node.stage is Stage.SEEKING


def test_offer_taken_back_while_the_agents_are_joined_gives_music_again() -> None:
    node = consulting(Stage.JOINING)
    node.taken_back(RescindReason.AGENT_GONE)
    assert list(node.last) == [
        DestroyBridge(B2, CALLER),
        StartHoldMusic(AGENT_LEG),
        ReleaseLeg(BOB_LEG, ReleaseReason.NORMAL),
    ]
    assert node.stage is Stage.SEEKING


@pytest.mark.parametrize("effect", ["DialDevice", "BridgeLegs"])
def test_what_can_not_be_dialled_or_joined_is_failed_back(effect: str) -> None:
    is_dial = effect == "DialDevice"
    node = consulting(Stage.ALERTING if is_dial else Stage.JOINING)
    node.command_failed(effect, BOB_LEG if is_dial else AGENT_LEG, 13_000)
    assert node.of(FailOffer) == [FailOffer(O2, OfferFailure.FAILED)]
    assert node.stage is Stage.SEEKING


@pytest.mark.parametrize("stage", Stage)
def test_stage_whose_time_is_over_leads_on(stage: Stage) -> None:
    node = consulting(stage)
    due = node.core.next_deadline()
    assert due is not None
    node.tick(due)
    match stage:
        case Stage.SEEKING:
            assert node.of(WithdrawContact) == [WithdrawContact(T1)]
            assert node.phase is Phase.JOINING
        case Stage.ALERTING | Stage.JOINING:
            assert node.of(FailOffer) == [FailOffer(O2, OfferFailure.FAILED)]
            assert node.stage is Stage.SEEKING
        case Stage.TALKING:
            assert node.of(EndEngagement) == [EndEngagement(O2)]
            assert node.phase is Phase.JOINING


def test_talk_that_is_as_long_as_any_may_be_ends_also_on_hold() -> None:
    node = talking()
    node.ordered(CONSULT, EXPERTS, 6_000 + TALK_MS_MAX)
    node.tick(6_000 + JOINING_MS_MAX + TALK_MS_MAX)
    assert node.phase is Phase.LEAVING
    assert node.contact.reason == "talk_time_over"


@pytest.mark.parametrize("stage", UNBRIDGED)
@pytest.mark.parametrize("by_hanging_up", [True, False])
def test_agent_who_leaves_before_the_expert_answers_gives_her_caller_away(
    stage: Stage, by_hanging_up: bool
) -> None:
    node = consulting(stage)
    if by_hanging_up:
        node.ended(AGENT_LEG, 10_000)
    else:
        node.ordered(COMPLETE, at=10_000)
    assert node.of(EndEngagement) == [EndEngagement(O1)]
    assert node.of(StopHoldMusic) == []
    assert node.phase is (Phase.WAITING if stage is Stage.SEEKING else Phase.ALERTING)
    if stage is Stage.SEEKING:
        node.expert_offered(at=10_500)
    node.answered(BOB_LEG, 12_000)
    assert AcceptOffer(O2) in node.last
    (bridge,) = node.of(BridgeLegs)
    assert bridge.legs == (CALLER, BOB_LEG)
    node.joined(bridge.bridge, at=12_100)
    assert (node.phase, node.contact.agent) == (Phase.CONNECTED, BOB)
    (told,) = node.contact.transfers
    assert (told.kind, told.result) == (TransferKind.BLIND, TransferResult.COMPLETED)


@pytest.mark.parametrize("stage", Stage)
def test_caller_who_hangs_up_was_served_and_both_agents_go(stage: Stage) -> None:
    node = consulting(stage)
    node.ended(CALLER, 20_000)
    told = {type(each): each for each in node.last}
    assert EndEngagement(O1) in node.last
    assert (WithdrawContact(T1) if stage in UNBRIDGED else EndEngagement(O2)) in node.last
    assert (DestroyBridge in told) is (stage in BRIDGED)
    released = {each.leg for each in node.of(ReleaseLeg)}
    assert released == ({AGENT_LEG} if stage is Stage.SEEKING else {AGENT_LEG, BOB_LEG})
    assert len(node.of(ReleaseLeg)) == len(released)
    legs = ("ann",) if stage is Stage.SEEKING else ("ann", "bob")
    record = record_of(node, *legs).record
    assert (record.outcome, record.agent) == (Outcome.SERVED, ANN)
    (transfer,) = record.transfers
    assert transfer.result is TransferResult.ENDED


def test_offer_made_after_the_caller_left_is_failed_back() -> None:
    node = consulting(Stage.SEEKING)
    node.ended(CALLER, 20_000)
    node.expert_offered(at=20_000)
    assert list(node.last) == [FailOffer(O2, OfferFailure.FAILED), WithdrawContact(T1)]
    node.ended(AGENT_LEG, 20_100)
    node.expert_offered(O3, at=20_200)
    assert list(node.last) == [FailOffer(O3, OfferFailure.FAILED), WithdrawContact(T1)]


def test_offer_for_a_consultation_that_is_over_is_failed_back() -> None:
    node = consulting(Stage.SEEKING)
    node.ordered(CANCEL, at=9_000)
    node.expert_offered(at=9_000)
    assert list(node.last) == [FailOffer(O2, OfferFailure.FAILED), WithdrawContact(T1)]
    assert node.core.ignored["absent/OfferMade"] == 1


def test_second_offer_for_one_consultation_is_failed_back() -> None:
    node = consulting(Stage.ALERTING)
    node.expert_offered(O3)
    assert list(node.last) == [FailOffer(O3, OfferFailure.FAILED)]
    assert node.stage is Stage.ALERTING


def test_two_orders_at_once_begin_one_consultation() -> None:
    node = consulting(Stage.SEEKING)
    node.ordered(CONSULT, BILL, 8_000)
    assert list(node.last) == [AnswerTransfer(RequestId("r1"), TransferAnswer.ALREADY_CONSULTING)]
    node.ordered(CANCEL, at=8_100)
    node.ordered(CANCEL, at=8_100)
    assert list(node.last) == [AnswerTransfer(RequestId("r1"), TransferAnswer.NOT_TALKING)]


def test_consultation_that_was_moved_is_given_up_by_its_new_queue() -> None:
    node = consulting(Stage.SEEKING)
    node.was_moved(BILL)
    node.gave_up(queue=EXPERTS)
    assert node.stage is Stage.SEEKING
    node.gave_up(queue=BILL)
    assert node.stage is None


def test_expert_who_was_put_through_and_dies_at_once_leaves_the_caller_in_that_queue() -> None:
    node = consulting(Stage.TALKING)
    node.ordered(COMPLETE, at=20_000)
    node.joined(B3, at=20_100)
    node.ended(BOB_LEG, 20_300)
    assert node.of(FailOffer) == [FailOffer(O2, OfferFailure.DROPPED)]
    assert (node.phase, node.contact.agent) == (Phase.WAITING, ANN)
    node.ended(CALLER, 21_000)
    assert WithdrawContact(T1) in node.last


def test_caller_who_hangs_up_while_she_is_put_through_was_served() -> None:
    node = consulting(Stage.TALKING)
    node.ordered(COMPLETE, at=20_000)
    node.ended(CALLER, 20_010)
    assert EndEngagement(O2) in node.last
    record = record_of(node, "ann", "bob").record
    assert (record.outcome, record.agent) == (Outcome.SERVED, ANN)


def test_transferred_contact_can_be_transferred_again() -> None:
    node = consulting(Stage.TALKING)
    node.ordered(COMPLETE, at=20_000)
    node.joined(B3, at=20_100)
    node.ended(AGENT_LEG, 20_200)
    node.ordered(CONSULT, BILL, 30_000, BOB)
    # She waited 2 s for Ann and 4 s for Bob's answer, as far as queues are concerned.
    assert node.of(QueueContact) == [QueueContact(T2, BILL, 0, waited_ms=6_000)]
    node.ordered(CANCEL, at=31_000, agent=BOB)
    assert node.contact.agent == BOB


def test_contact_is_transferred_so_often_and_no_more() -> None:
    node = talking()
    for number in range(TRANSFERS_MAX):
        at = 8_000 + 1_000 * number
        node.ordered(CONSULT, EXPERTS, at)
        node.ordered(CANCEL, at=at + 100)
        (bridge,) = node.of(BridgeLegs)
        node.joined(bridge.bridge, at=at + 200)
    node.ordered(CONSULT, EXPERTS, 30_000)
    assert list(node.last) == [AnswerTransfer(RequestId("r1"), TransferAnswer.TOO_MANY)]
    assert len(node.contact.transfers) == TRANSFERS_MAX


def test_caller_left_to_an_expert_in_vain_goes_back_under_her_own_name() -> None:
    node = consulting(Stage.SEEKING)
    node.ended(AGENT_LEG, 10_000)
    node.gave_up(at=20_000)
    (queued,) = node.of(QueueContact)
    assert (queued.contact, queued.queue) == (C1, "main:transfer/desk/agents/ann")
    node.expert_offered(O2, C1, 21_000)
    assert node.phase is Phase.ALERTING


def test_caller_put_through_and_then_given_away_waits_under_her_own_name() -> None:
    node = consulting(Stage.TALKING)
    node.ordered(COMPLETE, at=20_000)
    node.joined(B3, at=20_100)
    node.ended(AGENT_LEG, 20_200)
    node.ordered(BLIND, BILL, 30_000, BOB)
    (queued,) = node.of(QueueContact)
    assert (queued.contact, queued.queue) == (C1, BILL)
    node.expert_offered(O3, C1, 31_000)
    assert node.phase is Phase.ALERTING


def test_offer_taken_back_as_the_agents_talk_crossed_the_answer_and_holds() -> None:
    node = consulting(Stage.TALKING)
    node.taken_back(RescindReason.AGENT_GONE)
    assert node.of(ReleaseLeg) == [ReleaseLeg(BOB_LEG, ReleaseReason.NORMAL)]
    assert node.stage is Stage.SEEKING


def test_half_keyed_order_is_forgotten_when_the_desk_ends_the_consultation() -> None:
    node = consulting(Stage.SEEKING)
    node.keyed_by("*", at=9_000)
    node.ordered(CANCEL, at=9_100)
    assert node.contact.typed is None
