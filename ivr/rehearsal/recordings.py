"""Recordings in a rehearsal: what is said into them, when they end, and how that is told.

They begin with the beep's end and end as Asterisk ends them: by ``#``, so much silence, the longest
time, or because the caller hangs up.
"""

from dataclasses import dataclass, field

from ivr.call.effects import KeepVoiceMessage, StartRecording
from ivr.call.events import RecordingFinished
from ivr.call.model import LegId
from ivr.call.voice import RecordingId, RecordingOutcome, outcome_of
from ivr.rehearsal.agenda import Agenda
from ivr.rehearsal.experts import RecordingHabit
from ivr.rehearsal.transcript import MessageLeft, Transcript
from router.model import Millis

END_KEY = "#"
RECORDED = "recorded"
NONE = "none"


@dataclass(slots=True)
class _UnderWay:
    asked: StartRecording
    began_at: Millis
    spoken: list[tuple[Millis, Millis]] = field(default_factory=list[tuple[Millis, Millis]])
    end: int | None = None


class Recordings:
    """What is recorded of the parties of a rehearsal."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self.habit = RecordingHabit.KEPT
        self._under_way: dict[LegId, _UnderWay] = {}

    def start(self, asked: StartRecording, at: Millis) -> None:
        """From now on it is recorded what this party says."""
        if self.habit is RecordingHabit.FAILED:
            failed = RecordingFinished(asked.leg, asked.recording, RecordingOutcome.FAILED)
            self._agenda.put(at, failed)
            return
        under_way = self._under_way[asked.leg] = _UnderWay(asked, at)
        self._expect_end(under_way)

    def speak(self, leg: LegId, at: Millis, for_ms: Millis) -> None:
        """The party speaks from now on, for so long."""
        under_way = self._under_way.get(leg)
        if under_way is not None:
            under_way.spoken.append((at, at + for_ms))
            self._expect_end(under_way)

    def press(self, leg: LegId, key: str, at: Millis) -> None:
        """The party presses a key."""
        if key == END_KEY:
            self.end(leg, at)

    def stop(self, leg: LegId, recording: RecordingId, at: Millis) -> None:
        """It is told to end."""
        under_way = self._under_way.get(leg)
        if under_way is not None and under_way.asked.recording == recording:
            self.end(leg, at)

    def end(self, leg: LegId, at: Millis, *, leg_is_ending: bool = False) -> None:
        """It ends now, if there is one."""
        under_way = self._under_way.pop(leg, None)
        if under_way is not None:
            self._agenda.cancel(under_way.end)
            self._agenda.put(at, _over(under_way, at, leg_is_ending=leg_is_ending))

    def note(self, finished: RecordingFinished) -> None:
        """It has ended by itself."""
        under_way = self._under_way.get(finished.leg)
        if under_way is not None and under_way.asked.recording == finished.recording:
            del self._under_way[finished.leg]

    def _expect_end(self, under_way: _UnderWay) -> None:
        self._agenda.cancel(under_way.end)
        asked, began_at = under_way.asked, under_way.began_at
        quiet_at = max([began_at, *(end for _, end in under_way.spoken)])
        due = min(began_at + asked.max_ms, quiet_at + asked.silence_ms)
        under_way.end = self._agenda.put(due, _over(under_way, due, leg_is_ending=False))


def _over(under_way: _UnderWay, at: Millis, *, leg_is_ending: bool) -> RecordingFinished:
    asked = under_way.asked
    spans = (min(end, at) - max(begin, under_way.began_at) for begin, end in under_way.spoken)
    speech_ms = sum(span for span in spans if span > 0)
    outcome = outcome_of(speech_ms)
    return RecordingFinished(asked.leg, asked.recording, outcome, speech_ms, leg_is_ending)


def message_left(kept: KeepVoiceMessage, at: Millis) -> MessageLeft:
    """The line of a transcript that tells of this message."""
    return MessageLeft(at, kept.topic, kept.duration_ms or 0)


def recorded_in(transcript: Transcript) -> str:
    """The topics of the messages that were left, as an author would write them."""
    left = [line.topic for line in transcript.lines if isinstance(line, MessageLeft)]
    return ", ".join(left) or NONE
