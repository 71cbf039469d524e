"""Promises about recordings."""

from telephony_harness import SeenEvent, TelephonyHarness
from telephony_steps import (
    QUIET_MS,
    SOON_MS,
    Caller,
    answered,
    ended,
    events_of,
    finished,
    outcome,
    release_all,
)

from ivr.call.effects import StartRecording, StopRecording
from ivr.call.events import CommandFailed, DigitReceived, LegEnded, RecordingFinished
from ivr.call.model import CommandFailure, PlaybackOutcome
from ivr.call.voice import RecordingId, RecordingOutcome
from router.model import Millis

LONG_MS: Millis = 20_000
BEEP_OVER_MS: Millis = 700
"""By then the beep is over and the recording has begun."""

SPEECH_OFF_MS: Millis = 400
"""How far what counts as speech may be from how long the phone spoke."""


def record(
    caller: Caller, *, max_ms: Millis = LONG_MS, silence_ms: Millis = LONG_MS
) -> RecordingId:
    """Begin to record this caller, under a new id."""
    caller.others += 1
    recording = RecordingId(f"{caller.arrived.contact}.r{caller.others}")
    caller.world.perform(StartRecording(caller.leg, recording, max_ms, silence_ms))
    return recording


async def over(
    world: TelephonyHarness, recording: RecordingId, *, within_ms: Millis = SOON_MS
) -> SeenEvent:
    """The recording's end, whatever its outcome."""
    return await world.wait_for(
        lambda event: isinstance(event, RecordingFinished) and event.recording == recording,
        what=f"RecordingFinished({recording})",
        within_ms=within_ms,
    )


def holds(item: SeenEvent, speech_ms: Millis) -> RecordingFinished:
    """The event of a recording that holds about so much speech."""
    event = item.event
    assert isinstance(event, RecordingFinished)
    assert event.outcome is RecordingOutcome.RECORDED
    assert event.speech_ms is not None
    assert abs(event.speech_ms - speech_ms) <= SPEECH_OFF_MS, event
    return event


async def recorded_till_the_key(world: TelephonyHarness) -> None:
    """``#`` ends a recording, and is told before its end; what was said is in it."""
    caller = await answered(world)
    recording = record(caller)
    await world.pass_time(BEEP_OVER_MS)
    await world.speak(caller.leg, 2_000)
    await world.press(caller.leg, "5")
    await world.press(caller.leg, "#")
    event = holds(await over(world, recording), 2_000)
    assert not event.leg_is_ending
    await world.pass_time(QUIET_MS)
    keys = [DigitReceived(caller.leg, "5"), DigitReceived(caller.leg, "#")]
    assert events_of(world, caller.leg)[2:] == [*keys, event]
    await release_all(world, [caller.leg])


async def recorded_till_silence(world: TelephonyHarness) -> None:
    """So much silence after speech ends a recording."""
    caller = await answered(world)
    recording = record(caller, silence_ms=2_000)
    await world.pass_time(BEEP_OVER_MS)
    await world.speak(caller.leg, 1_500)
    fell_silent = world.now()
    item = await over(world, recording, within_ms=2_000 + SOON_MS)
    holds(item, 1_500)
    assert 1_000 <= item.at - fell_silent <= 3_500
    await release_all(world, [caller.leg])


async def silent_recording_is_empty(world: TelephonyHarness) -> None:
    """Who says nothing has left nothing, though it was recorded."""
    caller = await answered(world)
    recording = record(caller, silence_ms=1_000)
    event = (await over(world, recording, within_ms=1_000 + SOON_MS)).event
    assert isinstance(event, RecordingFinished)
    assert event.outcome is RecordingOutcome.EMPTY
    await release_all(world, [caller.leg])


async def recorded_till_the_longest_time(world: TelephonyHarness) -> None:
    """Who goes on speaking is cut off, at most a second or so late."""
    caller = await answered(world)
    recording = record(caller, max_ms=2_000)
    began = world.now()
    await world.speak(caller.leg, 5_000)
    item = await over(world, recording, within_ms=SOON_MS)
    assert isinstance(item.event, RecordingFinished)
    assert item.event.outcome is RecordingOutcome.RECORDED
    assert 2_000 <= item.at - began <= 4_000
    await release_all(world, [caller.leg])


async def hang_up_leaves_what_was_said(world: TelephonyHarness) -> None:
    """Who hangs up has left a message; it is told before the leg's end, and that the leg ends."""
    caller = await answered(world)
    recording = record(caller)
    await world.pass_time(BEEP_OVER_MS)
    await world.speak(caller.leg, 1_500)
    await world.hang_up_caller(caller.leg)
    event = holds(await over(world, recording), 1_500)
    assert event.leg_is_ending
    end = await ended(world, caller.leg)
    await world.pass_time(QUIET_MS)
    assert events_of(world, caller.leg)[2:] == [event, end]


async def hang_up_in_the_beep_records_nothing(world: TelephonyHarness) -> None:
    """Who hangs up before there was anything to say ends recording and leg, in this order."""
    caller = await answered(world)
    recording = record(caller)
    await world.pass_time(100)
    await world.hang_up_caller(caller.leg)
    event = (await over(world, recording)).event
    assert isinstance(event, RecordingFinished)
    assert event.outcome is not RecordingOutcome.RECORDED
    assert event.leg_is_ending
    end = await ended(world, caller.leg)
    assert events_of(world, caller.leg)[2:] == [event, end]


async def release_ends_a_recording_first(world: TelephonyHarness) -> None:
    """Releasing a leg that is recorded ends the recording before the leg, both once."""
    caller = await answered(world)
    recording = record(caller)
    await world.pass_time(BEEP_OVER_MS)
    await world.speak(caller.leg, 1_500)
    caller.release()
    holds(await over(world, recording), 1_500)
    await ended(world, caller.leg)
    await world.pass_time(QUIET_MS)
    told = [type(event) for event in events_of(world, caller.leg)[2:]]
    assert told == [RecordingFinished, LegEnded]


async def stopped_recording_is_told_once(world: TelephonyHarness) -> None:
    """A recording that is stopped ends as any other; stopping it again does nothing."""
    caller = await answered(world)
    recording = record(caller)
    await world.pass_time(BEEP_OVER_MS)
    await world.speak(caller.leg, 1_500)
    world.perform(StopRecording(caller.leg, recording))
    event = holds(await over(world, recording), 1_500)
    world.perform(StopRecording(caller.leg, recording))
    await world.pass_time(QUIET_MS)
    assert events_of(world, caller.leg)[2:] == [event]
    await release_all(world, [caller.leg])


async def recording_with_a_used_id_is_refused(world: TelephonyHarness) -> None:
    """A second recording of a living one's id is refused, and the first goes on."""
    caller = await answered(world)
    recording = record(caller)
    await world.pass_time(BEEP_OVER_MS)
    world.perform(StartRecording(caller.leg, recording, LONG_MS, LONG_MS))
    refused = CommandFailed(caller.leg, "StartRecording", CommandFailure.REFUSED)
    await world.wait_for(lambda event: event == refused, what="the refusal", within_ms=SOON_MS)
    await world.speak(caller.leg, 1_500)
    world.perform(StopRecording(caller.leg, recording))
    holds(await over(world, recording), 1_500)
    await release_all(world, [caller.leg])


async def prompt_after_a_recording_is_heard(world: TelephonyHarness) -> None:
    """The leg is as it was: what is played next is heard, and can be recorded over again."""
    caller = await answered(world)
    await over(world, record(caller, silence_ms=1_000), within_ms=1_000 + SOON_MS)
    playback = caller.play(world.prompts.short)
    item = await finished(world, playback, within_ms=world.prompts.short_ms + SOON_MS)
    assert outcome(item) is PlaybackOutcome.PLAYED
    await over(world, record(caller, silence_ms=1_000), within_ms=1_000 + SOON_MS)
    await release_all(world, [caller.leg])
