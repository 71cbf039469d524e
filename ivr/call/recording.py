"""A message that the caller leaves: prompt, beep, voice, and what becomes of it.

The prompt is speech like any other. After it the caller is in the phase *recording* till Asterisk
tells of its end: by ``#``, silence, the longest time, or because the caller hung up. Should
Asterisk not tell in time it is told to stop, and should it not tell then either, nothing was
recorded.

Who hangs up in the midst has left a message too. Asterisk tells of the recording a moment before
the leg: such a message is kept, and the flow waits for the leg's end instead of going on, so that
nobody is put into a queue who is not there any more.
"""

from dataclasses import replace

from ivr.call.contact import Contact, Turn, enter, play
from ivr.call.effects import KeepVoiceMessage, StartRecording, StopRecording
from ivr.call.events import RecordingFinished
from ivr.call.phases import Phase
from ivr.call.voice import Recording, RecordingId, RecordingOutcome, VoiceMessageId
from ivr.flow.model import RecordExit
from ivr.flow.recording import MessageRecorded, RecordMessage
from router.model import Millis

VOICE_MESSAGES_MAX = 5
"""Messages of one contact; at the next one the flow goes on by ``failed``."""

RECORDING_GRACE_MS: Millis = 8_000
"""Beyond the longest message: the beep, the second by which Asterisk may overrun its limit, and
four more which it takes to see that a caller is gone who hung up as it began (measured)."""

STOPPING_MS_MAX: Millis = 5_000
"""How long Asterisk may take to tell of a recording that it was told to stop."""

LEG_ENDING_MS_MAX: Millis = 5_000
"""From the end of a recording by hang-up to the end of its leg."""

_EXITS = {
    RecordingOutcome.RECORDED: RecordExit.RECORDED,
    RecordingOutcome.EMPTY: RecordExit.EMPTY,
    RecordingOutcome.FAILED: RecordExit.FAILED,
}


def refused(contact: Contact) -> MessageRecorded | None:
    """What a ``record`` node comes to at once: no contact leaves messages without end."""
    too_many = contact.voice_messages >= VOICE_MESSAGES_MAX
    return MessageRecorded(RecordExit.FAILED) if too_many else None


def announce(contact: Contact, turn: Turn, wanted: RecordMessage, *, for_ms: Millis) -> None:
    """Say what is said before the beep, for at most so long."""
    contact.recordings_made += 1
    contact.recording = Recording(
        RecordingId(f"{contact.id}.r{contact.recordings_made}"),
        wanted.topic,
        wanted.language,
        wanted.max_ms,
        wanted.silence_ms,
    )
    play(contact, turn, wanted.prompts, wanted.language)
    enter(contact, Phase.SPEAKING, at=turn.at, for_ms=for_ms)


def start(contact: Contact, turn: Turn) -> None:
    """The prompt is over: the beep, and what the caller says."""
    recording = contact.recording
    if recording is None:
        return
    contact.keys.clear()
    limit_ms = recording.max_ms + RECORDING_GRACE_MS
    enter(contact, Phase.RECORDING, at=turn.at, for_ms=limit_ms)
    turn.emit(
        StartRecording(contact.caller_leg, recording.id, recording.max_ms, recording.silence_ms)
    )


def on_finished(
    contact: Contact, turn: Turn, finished: RecordingFinished
) -> MessageRecorded | None:
    """The recording is over; what the flow is told, if it goes on now."""
    recording = contact.recording
    if recording is None:
        return None
    if finished.outcome is RecordingOutcome.RECORDED:
        _keep(contact, turn, recording, finished)
    came_to = _EXITS[finished.outcome]
    if finished.leg_is_ending:
        contact.recording = replace(recording, exit=came_to)
        enter(contact, Phase.RECORDING, at=turn.at, for_ms=LEG_ENDING_MS_MAX)
        return None
    contact.recording = None
    return MessageRecorded(came_to)


def on_overdue(contact: Contact, turn: Turn) -> MessageRecorded | None:
    """It takes longer than it may, or the leg did not end after all; what the flow is told."""
    recording = contact.recording
    if recording is None or recording.exit is not None or recording.is_stopping:
        contact.recording = None
        ended = recording.exit if recording is not None else None
        return MessageRecorded(ended or RecordExit.FAILED)
    contact.recording = replace(recording, is_stopping=True)
    stop(contact, turn)
    enter(contact, Phase.RECORDING, at=turn.at, for_ms=STOPPING_MS_MAX)
    return None


def stop(contact: Contact, turn: Turn) -> None:
    """Let Asterisk record no longer, if it does."""
    recording = contact.recording
    if contact.phase is Phase.RECORDING and recording is not None and recording.exit is None:
        turn.emit(StopRecording(contact.caller_leg, recording.id))


def is_late(contact: Contact, finished: RecordingFinished) -> bool:
    """Whether this tells of another recording, or was told before."""
    recording = contact.recording
    return recording is None or recording.id != finished.recording or recording.exit is not None


def left_recording(contact: Contact) -> tuple[RecordingId, ...]:
    """What an engine that is killed now may leave being recorded; perhaps it was never begun."""
    return () if contact.recording is None else (contact.recording.id,)


def messages_of(contact: Contact) -> tuple[VoiceMessageId, ...]:
    """The messages that the contact has left so far."""
    return tuple(_message_id(contact, number + 1) for number in range(contact.voice_messages))


def _message_id(contact: Contact, number: int) -> VoiceMessageId:
    return VoiceMessageId(f"{contact.id}.v{number}")


def _keep(contact: Contact, turn: Turn, recording: Recording, finished: RecordingFinished) -> None:
    contact.voice_messages += 1
    turn.emit(
        KeepVoiceMessage(
            message=_message_id(contact, contact.voice_messages),
            contact=contact.id,
            customer=contact.caller,
            hotline=contact.hotline.name,
            topic=recording.topic,
            language=recording.language,
            recording=recording.id,
            duration_ms=finished.speech_ms,
        )
    )
