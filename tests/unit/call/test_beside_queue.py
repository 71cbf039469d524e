"""A caller whom a key led away from the music: her place is kept, and the queue's word wins."""

import pytest
from call_node import (
    AGENT_LEG,
    B1,
    C1,
    CALLER,
    DATA,
    L1,
    O1,
    P3,
    STOPPED,
    TIMED_OUT,
    WELCOME,
    OneNode,
    node_in,
)

from ivr.call.effects import (
    DialDevice,
    FailOffer,
    PlayPrompts,
    QueueContact,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
    WithdrawContact,
)
from ivr.call.model import Outcome, PlaybackId
from ivr.call.phases import Phase
from ivr.call.record import Doing, SegmentExit
from ivr.flow.model import NodeName

pytestmark = pytest.mark.unit

P4, P5 = PlaybackId(f"{CALLER}.p4"), PlaybackId(f"{CALLER}.p5")


def hearing_tips() -> OneNode:
    """Queued at 4 000, a key at 5 000 that leads to a prompt and back."""
    node = node_in(Phase.WAITING)
    node.press("4", 5_000)
    assert node.of(StopHoldMusic)
    assert [each.prompts for each in node.of(PlayPrompts)] == [(WELCOME,)]
    assert node.phase is Phase.SPEAKING
    return node


def test_key_leads_on_and_the_router_is_told_nothing() -> None:
    node = hearing_tips()
    assert node.of(WithdrawContact) == []
    assert node.contact.stay is not None
    assert node.contact.beside == NodeName("data")


def test_way_back_to_the_queue_waits_on_in_the_old_place() -> None:
    node = hearing_tips()
    node.played(P3, 6_000)
    assert node.phase is Phase.WAITING
    assert node.of(StartHoldMusic)
    assert node.of(QueueContact) == []
    assert node.contact.stay is not None
    assert node.contact.stay.entered_at == 4_000
    node.restart()
    assert node.phase is Phase.WAITING


def test_offer_cuts_what_plays_and_rings() -> None:
    node = hearing_tips()
    node.restart()
    node.offered(at=5_500)
    assert node.phase is Phase.ALERTING
    assert node.of(StopPlayback) == [StopPlayback(CALLER, P3)]
    assert node.of(StartHoldMusic)
    assert node.of(DialDevice)
    assert node.contact.flow is not None
    assert node.contact.flow.node == NodeName("data")
    assert list(node.played(P3, 5_510, STOPPED)) == []
    node.answered(AGENT_LEG, 7_000)
    node.bridged(B1, 7_100)
    node.ended(AGENT_LEG, 20_000)
    node.ended(CALLER, 20_100)
    (record,) = node.records
    assert record.outcome is Outcome.SERVED
    assert [segment.exit for segment in record.segments] == [SegmentExit.ANSWERED]
    assert record.wait_ms == 3_000
    assert record.nodes == ("welcome", "menu", "data", "tips", "data")
    spent = {each.what: each.ended_at - each.began_at for each in record.intervals[2:5]}
    assert spent == {Doing.WAITING: 1_000, Doing.IN_FLOW: 500, Doing.ALERTING: 1_500}


def test_agent_who_answers_at_once_is_joined_only_when_nothing_plays() -> None:
    node = hearing_tips()
    node.offered(at=5_500)
    assert [type(each).__name__ for each in node.answered(AGENT_LEG, 5_501)] == [
        "AcceptOffer",
        "StopHoldMusic",
    ]
    assert [type(each).__name__ for each in node.played(P3, 5_510, STOPPED)] == ["BridgeLegs"]


def test_failed_offer_waits_on_with_music() -> None:
    node = hearing_tips()
    node.offered(at=5_500)
    node.rescinded(at=9_000)
    assert node.phase is Phase.WAITING
    assert node.contact.stay is not None
    node.press("4", 9_500)
    assert node.phase is Phase.SPEAKING


def test_end_of_the_wait_takes_the_exit_of_the_queue() -> None:
    node = node_in(Phase.WAITING)
    node.press("5", 5_000)
    node.played(P3, 6_000)
    assert node.phase is Phase.LISTENING
    node.overflowed(TIMED_OUT, at=7_000)
    assert node.phase is Phase.WAITING
    assert [each.queue for each in node.of(QueueContact)] == ["main:bill"]
    assert node.contact.beside is None


@pytest.mark.parametrize(
    ("key", "phase"), [("6", Phase.WAITING), ("8", Phase.CALLING_OUTSIDE), ("9", Phase.LEAVING)]
)
def test_what_is_no_waiting_gives_the_place_up_first(key: str, phase: Phase) -> None:
    node = node_in(Phase.WAITING)
    effects = [type(each) for each in node.press(key, 5_000)]
    assert effects.count(WithdrawContact) == 1
    assert node.phase is phase
    (segment,) = node.contact.story.segments
    assert (segment.queue, segment.exit, segment.wait_ms) == (DATA, SegmentExit.LEFT_BY_KEY, 1_000)
    if QueueContact in effects:
        assert effects.index(WithdrawContact) < effects.index(QueueContact)


def test_offer_that_crossed_the_withdrawal_is_failed_back() -> None:
    node = node_in(Phase.WAITING)
    node.press("8", 5_000)
    node.ended(CALLER, 5_100)
    node = hearing_tips()
    node.played(P3, 6_000)
    node.overflowed(at=6_500)
    assert node.phase is Phase.SPEAKING
    assert list(node.offered(at=6_600)) == [
        FailOffer(O1, node.of(FailOffer)[0].failure),
        WithdrawContact(C1),
    ]
    assert node.phase is Phase.SPEAKING


def test_caller_who_hangs_up_beside_the_music_abandons_the_queue() -> None:
    node = hearing_tips()
    node.ended(CALLER, 5_500)
    assert node.of(WithdrawContact) == [WithdrawContact(C1)]
    (record,) = node.records
    assert record.outcome is Outcome.ABANDONED
    assert [each.exit for each in record.segments] == [SegmentExit.ABANDONED]


def test_position_is_not_said_into_what_she_hears() -> None:
    node = hearing_tips()
    before = node.snapshot()
    assert list(node.announced(at=5_100)) == []
    assert node.snapshot() == before


def test_key_cuts_the_announcement_of_her_place() -> None:
    node = node_in(Phase.WAITING)
    node.announced(at=5_000)
    (said,) = node.of(PlayPrompts)
    node.press("4", 5_200)
    assert node.of(StopPlayback) == [StopPlayback(CALLER, said.playback)]
    assert len(node.of(PlayPrompts)) == 1
    node.played(said.playback, 5_210, STOPPED)
    assert node.phase is Phase.SPEAKING


def test_answer_of_a_lookup_that_an_offer_cut_off_is_late() -> None:
    node = node_in(Phase.WAITING)
    node.press("7", 5_000)
    assert node.phase is Phase.LOOKING_UP
    node.offered(at=5_500)
    assert node.phase is Phase.ALERTING
    before = node.snapshot()
    assert list(node.looked_up(L1, at=5_600)) == []
    assert node.snapshot() == before
