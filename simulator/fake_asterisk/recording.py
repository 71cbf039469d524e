"""What Asterisk records of the parties: beep, voice, and the end by key, silence, time or hang-up.

Voices are spans of time. As measured on the real one, silence counts from the end of the beep on,
and a key ends a recording right after it was told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ivr.call.effects import StartRecording
from ivr.call.events import RecordingFinished
from ivr.call.model import LegId
from ivr.call.voice import RecordingId, RecordingOutcome, outcome_of
from router.model import Millis
from simulator.virtual_time import Appointment, VirtualTime

SPANS_MAX: Final = 1_000
"""Times that one party speaks."""

END_KEY: Final = "#"


@dataclass(slots=True)
class _Recorder:
    """A recording under way; ``began_at`` is None during its beep."""

    asked: StartRecording
    began_at: Millis | None = None
    ends: list[Appointment] = field(default_factory=list[Appointment])


class Recorders:
    """The voices of one node's parties, and what is recorded of them."""

    def __init__(
        self, time: VirtualTime, *, beep_ms: Millis, emit: Callable[[RecordingFinished], None]
    ) -> None:
        self._time = time
        self._beep_ms = beep_ms
        self._emit = emit
        self._voices: dict[LegId, list[tuple[Millis, Millis]]] = {}
        self._under_way: dict[LegId, _Recorder] = {}

    def under_way(self) -> tuple[RecordingId, ...]:
        """All recordings that are not over."""
        return tuple(each.asked.recording for each in self._under_way.values())

    def speak(self, leg: LegId, for_ms: Millis) -> None:
        """The party of this leg speaks from now on, for so long."""
        now = self._time.now()
        spans = self._voices.setdefault(leg, [])
        if len(spans) < SPANS_MAX:
            spans.append((now, now + for_ms))
        recorder = self._under_way.get(leg)
        if recorder is not None and recorder.began_at is not None:
            self._expect_end(leg, recorder)

    def start(self, asked: StartRecording) -> None:
        """Sound the beep, then record."""
        recorder = _Recorder(asked)
        self._under_way[asked.leg] = recorder
        begin = self._time.after(self._beep_ms, lambda: self._begin(asked.leg, recorder))
        recorder.ends.append(begin)

    def stop(self, leg: LegId, recording: RecordingId) -> None:
        """Record no longer; in its beep nothing was recorded."""
        recorder = self._under_way.get(leg)
        if recorder is not None and recorder.asked.recording == recording:
            self._end(leg, leg_is_ending=False)

    def press(self, leg: LegId, key: str) -> None:
        """The party pressed a key."""
        recorder = self._under_way.get(leg)
        if key == END_KEY and recorder is not None and recorder.began_at is not None:
            self._end(leg, leg_is_ending=False)

    def hang_up(self, leg: LegId) -> None:
        """The leg ends; its voice is heard no more."""
        self._end(leg, leg_is_ending=True)
        self._voices.pop(leg, None)

    def _begin(self, leg: LegId, recorder: _Recorder) -> None:
        recorder.began_at = self._time.now()
        self._expect_end(leg, recorder)

    def _expect_end(self, leg: LegId, recorder: _Recorder) -> None:
        for end in recorder.ends:
            end.cancel()
        began_at = recorder.began_at or 0
        quiet_at = max([began_at, *(end for _, end in self._voices.get(leg, ()))])
        due = min(began_at + recorder.asked.max_ms, quiet_at + recorder.asked.silence_ms)
        recorder.ends = [self._time.at(due, lambda: self._end(leg, leg_is_ending=False))]

    def _end(self, leg: LegId, *, leg_is_ending: bool) -> None:
        recorder = self._under_way.pop(leg, None)
        if recorder is None:
            return
        for end in recorder.ends:
            end.cancel()
        speech_ms: Millis | None = None
        if recorder.began_at is not None:
            speech_ms = self._speech_ms(leg, recorder.began_at)
        outcome = RecordingOutcome.FAILED if speech_ms is None else outcome_of(speech_ms)
        recording = recorder.asked.recording
        self._emit(RecordingFinished(leg, recording, outcome, speech_ms, leg_is_ending))

    def _speech_ms(self, leg: LegId, began_at: Millis) -> Millis:
        now = self._time.now()
        spans = self._voices.get(leg, ())
        heard = (min(end, now) - max(begin, began_at) for begin, end in spans)
        return sum(span for span in heard if span > 0)
