"""A caller who leaves a message: what is kept of it, and how the flow goes on."""

import pytest
from call_node import (
    C1,
    CALLER,
    EN,
    MESSAGE_MS,
    P3,
    PARTY,
    R1,
    R2,
    SILENCE_MS,
    node_in,
)

from ivr.call.effects import (
    KeepVoiceMessage,
    PlayPrompts,
    StartRecording,
    StopPlayback,
    StopRecording,
)
from ivr.call.events import EngineStopping
from ivr.call.model import Outcome, PlaybackId
from ivr.call.phases import Phase
from ivr.call.recording import (
    LEG_ENDING_MS_MAX,
    RECORDING_GRACE_MS,
    STOPPING_MS_MAX,
    VOICE_MESSAGES_MAX,
)
from ivr.call.voice import RecordingId, RecordingOutcome, VoiceMessageId

pytestmark = pytest.mark.unit

EMPTY, FAILED = RecordingOutcome.EMPTY, RecordingOutcome.FAILED
MESSAGE = VoiceMessageId("main:c1.v1")
KEPT = KeepVoiceMessage(MESSAGE, C1, PARTY, "10086", "data", EN, R1, 2_500)


def test_recording_begins_after_its_prompt() -> None:
    node = node_in(Phase.LISTENING)
    node.press("4", 4_000)
    assert not node.of(StartRecording)
    node.played(P3, 4_500)
    assert node.last == [StartRecording(CALLER, R1, MESSAGE_MS, SILENCE_MS)]


def test_key_cuts_the_prompt_and_belongs_to_nothing_after_it() -> None:
    node = node_in(Phase.LISTENING)
    node.press("4", 4_000)
    node.press("1", 4_100)
    assert node.of(StopPlayback) == [StopPlayback(CALLER, P3)]
    node.played(P3, 4_110)
    assert node.phase is Phase.RECORDING
    node.recorded(at=9_000)
    assert node.phase is Phase.SPEAKING, "the menu behind took the key that cut the prompt"


def test_message_is_kept_and_the_flow_goes_on() -> None:
    node = node_in(Phase.RECORDING)
    node.recorded(at=9_000)
    assert node.of(KeepVoiceMessage) == [KEPT]
    assert node.contact.flow is not None
    assert node.contact.flow.node == "menu2"
    node.restart()
    assert list(node.recorded(at=9_001)) == []


def test_key_that_ends_a_message_does_not_answer_the_menu_behind_it() -> None:
    node = node_in(Phase.RECORDING)
    node.press("1", 8_000)
    node.press("#", 9_000)
    node.recorded(at=9_000)
    assert node.phase is Phase.SPEAKING
    assert node.core.ignored["recording/DigitReceived"] == 2


def test_silent_caller_has_left_nothing() -> None:
    node = node_in(Phase.RECORDING)
    node.recorded(EMPTY, at=8_500)
    assert not node.of(KeepVoiceMessage)
    assert len(node.of(PlayPrompts)) == 1
    assert node.contact.flow is not None
    assert node.contact.flow.node == "message"


def test_failed_recording_leads_to_its_own_node() -> None:
    node = node_in(Phase.RECORDING)
    node.recorded(FAILED, at=4_600)
    assert node.contact.reason == "quiet"
    node.ended(CALLER, 4_700)
    assert node.records[0].outcome is Outcome.FLOW_ENDED
    assert node.records[0].voice_messages == ()


def test_caller_who_hangs_up_in_the_midst_has_left_a_message() -> None:
    node = node_in(Phase.RECORDING)
    node.recorded(at=9_000, leg_is_ending=True)
    assert list(node.last) == [KEPT], "nothing is played to who is gone"
    node.restart()
    assert list(node.recorded(at=9_000, leg_is_ending=True)) == []
    node.ended(CALLER, 9_001)
    (record,) = node.records
    assert record.outcome is Outcome.VOICE_MESSAGE
    assert record.voice_messages == (MESSAGE,)


def test_caller_who_hangs_up_in_silence_has_left_nothing() -> None:
    node = node_in(Phase.RECORDING)
    node.recorded(EMPTY, at=6_000, leg_is_ending=True)
    node.ended(CALLER, 6_001)
    assert node.records[0].outcome is Outcome.LEFT_IN_FLOW


def test_leg_that_does_not_end_after_all_goes_on_in_its_flow() -> None:
    node = node_in(Phase.RECORDING)
    node.recorded(at=9_000, leg_is_ending=True)
    node.tick(9_000 + LEG_ENDING_MS_MAX)
    assert node.contact.flow is not None
    assert node.contact.flow.node == "menu2"
    assert not node.of(KeepVoiceMessage), "kept twice"


def test_recording_that_does_not_end_is_stopped_then_given_up() -> None:
    node = node_in(Phase.RECORDING)
    due = 4_500 + MESSAGE_MS + RECORDING_GRACE_MS
    assert node.core.next_deadline() == due
    node.tick(due)
    assert list(node.last) == [StopRecording(CALLER, R1)]
    node.restart()
    node.tick(due + STOPPING_MS_MAX)
    assert node.contact.reason == "quiet"


def test_stopped_recording_is_a_message_like_any_other() -> None:
    node = node_in(Phase.RECORDING)
    node.tick(4_500 + MESSAGE_MS + RECORDING_GRACE_MS)
    node.recorded(at=80_000)
    assert node.of(KeepVoiceMessage) == [KEPT]


def test_end_of_an_earlier_recording_changes_nothing() -> None:
    node = node_in(Phase.RECORDING)
    before = node.snapshot()
    assert list(node.recorded(recording=R2)) == []
    assert node.snapshot() == before
    assert node.core.ignored["recording/late RecordingFinished"] == 1


def test_stopping_engine_stops_the_recording() -> None:
    node = node_in(Phase.RECORDING)
    assert node.core.left_recording() == (R1,)
    node.give(EngineStopping(), 5_000)
    assert node.of(StopRecording) == [StopRecording(CALLER, R1)]
    assert node.records[0].reason == "engine_stopped"


def test_contact_leaves_only_so_many_messages() -> None:
    node = node_in(Phase.LISTENING)
    node.contact.voice_messages = VOICE_MESSAGES_MAX
    node.press("4", 4_000)
    assert not node.of(PlayPrompts), "asked for what can not be kept"
    assert node.contact.reason == "quiet"


def test_ids_are_used_once() -> None:
    node = node_in(Phase.RECORDING)
    node.recorded(EMPTY, at=8_500)
    node.played(PlaybackId(f"{CALLER}.p4"), 9_000)
    assert [each.recording for each in node.of(StartRecording)] == [RecordingId("main:c1.r2")]
