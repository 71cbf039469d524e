"""The caller and the flow: keys, silence, wrong keys, broken prompts."""

import pytest
from call_node import (
    AGAIN,
    ASK,
    BILL,
    CALLER,
    DATA,
    EN,
    FAILED,
    P1,
    P2,
    P3,
    SORRY,
    STOPPED,
    WELCOME,
    OneNode,
    hotline,
    node_in,
)

from ivr.call.contact import FAILED_PLAYBACK_GRACE_MS, KEYS_MAX, PLAYBACK_MS_MAX
from ivr.call.effects import (
    PlayPrompts,
    QueueContact,
    ReleaseLeg,
    StopPlayback,
    WithdrawContact,
)
from ivr.call.model import LegId, Outcome, PlaybackId, ReleaseReason
from ivr.call.phases import Phase
from router.model import ContactId, OverflowCause

pytestmark = pytest.mark.unit

C1 = ContactId("main:c1")


def at_menu(node: OneNode) -> OneNode:
    """Hearing the menu's prompt since 2 000."""
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    node.played(P1, 2_000)
    assert node.phase is Phase.SPEAKING
    return node


def test_welcome_then_menu_then_patience() -> None:
    node = OneNode()
    node.arrive(1_000)
    assert list(node.answered(CALLER, 1_100)) == [PlayPrompts(CALLER, P1, (WELCOME,), EN)]
    assert list(node.played(P1, 2_000)) == [PlayPrompts(CALLER, P2, (ASK,), EN)]
    assert list(node.played(P2, 3_000)) == []
    assert node.phase is Phase.LISTENING
    assert node.core.next_deadline() == 7_000


def test_key_cuts_the_menu_and_is_its_answer() -> None:
    node = at_menu(OneNode())
    effects = node.press("1", 2_400)
    assert StopPlayback(CALLER, P2) in effects
    assert QueueContact(C1, DATA, 7_000) in effects
    assert node.phase is Phase.WAITING


def test_key_into_a_menu_without_barge_in_is_nothing() -> None:
    node = at_menu(OneNode(hotline(menu_barge_in=False)))
    assert list(node.press("1", 2_400)) == []
    node.played(P2, 3_000)
    assert node.phase is Phase.LISTENING
    node.press("1", 3_500)
    assert node.of(QueueContact) == [QueueContact(C1, DATA, 7_000)]


def test_key_during_the_welcome_cuts_it_and_answers_the_menu_unheard() -> None:
    node = OneNode()
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    assert list(node.press("1", 1_200)) == [StopPlayback(CALLER, P1)]
    node.played(P1, 1_210, STOPPED)
    assert node.of(PlayPrompts) == []
    assert node.of(QueueContact) == [QueueContact(C1, DATA, 7_000)]


def test_key_typed_ahead_of_a_welcome_without_barge_in_waits_for_its_end() -> None:
    node = OneNode(hotline(welcome_barge_in=False))
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    assert list(node.press("2", 1_200)) == []
    node.played(P1, 2_000)
    assert node.of(QueueContact) == [QueueContact(C1, BILL, 0)]


def test_keys_typed_ahead_answer_one_menu_after_the_other() -> None:
    node = OneNode()
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    node.press("5", 1_200)
    node.press("1", 1_250)
    node.played(P1, 1_300, STOPPED)
    assert node.of(ReleaseLeg) == [ReleaseLeg(CALLER, ReleaseReason.NORMAL)]
    node.ended(CALLER, 1_400)
    assert node.records[0].nodes == ("welcome", "menu", "menu2", "quiet")


def test_several_keys_cut_a_prompt_once() -> None:
    node = OneNode()
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    stops = [each for key in "123" for each in node.press(key, 1_200)]
    assert stops == [StopPlayback(CALLER, P1)]


def test_keys_typed_ahead_have_a_limit() -> None:
    node = OneNode()
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    for _ in range(KEYS_MAX + 5):
        node.press("9", 1_200)
    assert len(node.contact.keys) == KEYS_MAX


def test_keys_from_before_the_queue_answer_no_menu_after_it() -> None:
    node = OneNode()
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    for key in "21":
        node.press(key, 1_200)
    node.played(P1, 1_210, STOPPED)
    assert node.of(QueueContact) == [QueueContact(C1, BILL, 0)]
    node.overflowed(OverflowCause.TIMED_OUT, BILL, at=90_000)
    assert node.of(PlayPrompts) == [PlayPrompts(CALLER, P2, (ASK,), EN)]
    assert node.phase is Phase.SPEAKING


def test_key_of_an_agent_is_not_the_callers() -> None:
    node = node_in(Phase.WAITING)
    node.offered(at=5_000)
    node.overflowed(at=5_100)  # Ignored while it rings.
    node.rescinded(at=5_200)
    node.overflowed(at=5_300)
    assert node.phase is Phase.SPEAKING
    assert list(node.press("0", 5_400, leg=LegId("main:c1.1"))) == []


def test_silence_asks_again_then_takes_the_exit() -> None:
    node = node_in(Phase.LISTENING)
    assert list(node.tick(6_999)) == []
    assert list(node.tick(7_000)) == [PlayPrompts(CALLER, P3, (ASK,), EN)]
    node.played(P3, 8_000)
    assert node.phase is Phase.LISTENING
    (spoken,) = node.tick(12_000)
    assert isinstance(spoken, PlayPrompts)
    assert spoken.prompts == (SORRY,)


def test_wrong_key_asks_again_with_its_own_words_then_takes_the_exit() -> None:
    node = node_in(Phase.LISTENING)
    assert list(node.press("9", 4_000)) == [PlayPrompts(CALLER, P3, (AGAIN, ASK), EN)]
    node.played(P3, 5_000)
    (spoken,) = node.press("6", 5_100)
    assert isinstance(spoken, PlayPrompts)
    assert spoken.prompts == (SORRY,)
    node.played(spoken.playback, 6_000)
    node.ended(CALLER, 6_100)
    assert node.records[0].outcome is Outcome.FLOW_ENDED
    assert node.records[0].reason == "sorry"


def test_key_and_deadline_of_one_moment_count_once() -> None:
    node = node_in(Phase.LISTENING)
    node.press("1", 7_000)
    assert node.phase is Phase.WAITING
    assert list(node.tick(7_000)) == []


def test_missing_prompt_goes_on_after_the_grace() -> None:
    node = at_menu(OneNode())
    assert list(node.played(P2, 2_001, FAILED)) == []
    assert node.phase is Phase.SPEAKING
    assert node.core.next_deadline() == 2_001 + FAILED_PLAYBACK_GRACE_MS
    assert list(node.tick(2_001 + FAILED_PLAYBACK_GRACE_MS)) == []
    assert node.phase is Phase.LISTENING


def test_hang_up_seen_first_as_a_failed_prompt_ends_the_contact() -> None:
    node = at_menu(OneNode())
    node.played(P2, 2_001, FAILED)
    node.ended(CALLER, 2_010)
    assert node.phase is None
    assert [record.outcome for record in node.records] == [Outcome.LEFT_IN_FLOW]


def test_key_within_the_grace_of_a_missing_prompt_counts() -> None:
    node = at_menu(OneNode())
    node.played(P2, 2_001, FAILED)
    node.press("1", 2_200)
    assert node.phase is Phase.WAITING
    assert node.of(StopPlayback) == []


def test_missing_farewell_still_ends() -> None:
    node = node_in(Phase.WAITING)
    node.overflowed(at=5_000)
    node.played(P3, 5_001, FAILED)
    node.tick(5_501)
    assert node.of(ReleaseLeg) == [ReleaseLeg(CALLER, ReleaseReason.NORMAL)]


def test_playback_that_never_ends_is_cut_at_the_limit() -> None:
    node = at_menu(OneNode())
    assert node.core.next_deadline() == 2_000 + PLAYBACK_MS_MAX
    assert list(node.tick(2_000 + PLAYBACK_MS_MAX)) == [StopPlayback(CALLER, P2)]
    assert node.phase is Phase.LISTENING
    assert list(node.played(P2, 122_100, STOPPED)) == []
    assert node.core.ignored == {"unknown/PlaybackFinished": 1}


def test_end_of_a_cut_prompt_does_not_end_the_next() -> None:
    node = at_menu(OneNode())
    node.press("9", 2_400)
    assert node.of(PlayPrompts) == [PlayPrompts(CALLER, P3, (AGAIN, ASK), EN)]
    assert list(node.played(P2, 2_410, STOPPED)) == []
    assert node.phase is Phase.SPEAKING
    node.played(P3, 4_000)
    assert node.phase is Phase.LISTENING


def test_playback_end_told_twice_moves_the_flow_once() -> None:
    node = OneNode()
    node.arrive(1_000)
    node.answered(CALLER, 1_100)
    node.played(P1, 2_000)
    assert list(node.played(P1, 2_000)) == []
    assert node.contact.playbacks == {P2}


def test_queue_given_up_without_last_words_tells_the_router_nothing() -> None:
    """The router itself gave the contact up; to withdraw it again would count as a fault."""
    node = node_in(Phase.LISTENING)
    node.press("2", 4_000)
    node.overflowed(OverflowCause.NO_AGENTS, BILL, at=4_000)
    assert node.of(WithdrawContact) == []
    assert node.of(ReleaseLeg) == [ReleaseLeg(CALLER, ReleaseReason.NORMAL)]
    node.ended(CALLER, 4_100)
    assert node.records[0].outcome is Outcome.UNSERVED
    assert node.records[0].queue == BILL


def test_second_queue_keeps_the_time_of_the_first_entry() -> None:
    node = node_in(Phase.WAITING)
    node.overflowed(OverflowCause.TIMED_OUT, at=50_000)
    assert node.of(QueueContact) == [QueueContact(C1, BILL, 0, waited_ms=46_000)]
    node.ended(CALLER, 51_000)
    assert node.records[0].queued_at == 4_000
    assert node.records[0].outcome is Outcome.ABANDONED
    assert node.records[0].queue == BILL


def test_playback_ids_are_never_used_twice() -> None:
    node = node_in(Phase.LISTENING)
    node.tick(7_000)
    assert node.contact.playbacks == {PlaybackId(f"{CALLER}.p3")}
