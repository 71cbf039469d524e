"""Recordings under way: from the beep to the one report of their end.

Measured on 22.10.1 (docs/asterisk.md): a recording of silence, one that could not be written and
one of a second of speech are all *done*, with a talking duration of 0 or 1; so what was recorded
is told by the file and not by the event. A record command that is queued behind a beep begins also
when the caller hung up meanwhile, and then keeps the channel for four seconds; so it is sent once
the beep is over.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.legs import HeldLeg
from ivr.call.events import RecordingFinished
from ivr.call.model import PlaybackId
from ivr.call.voice import RecordingId, RecordingOutcome, outcome_of
from ivr.ports import EventSink


def beep_of(recording: RecordingId) -> PlaybackId:
    """The playback of a recording's beep: no other playback has such an id."""
    return PlaybackId(f"{recording}.beep")


@dataclass(slots=True)
class _Held:
    """A recording that is not over; ``record`` is to be called once its beep is."""

    leg: HeldLeg
    record: Callable[[], None] | None


class Recordings:
    """The recordings of living legs; each is told to have ended exactly once."""

    def __init__(self, edges: Edges, sink: EventSink) -> None:
        self._edges = edges
        self._sink = sink
        self._open: dict[RecordingId, _Held] = {}

    def begin(self, held: HeldLeg, recording: RecordingId, record: Callable[[], None]) -> None:
        """Register a recording before its beep is asked for."""
        self._open[recording] = _Held(held, record)

    def knows(self, recording: RecordingId) -> bool:
        """Whether this recording is not over."""
        return recording in self._open

    def open(self) -> list[RecordingId]:
        """All that are not over."""
        return list(self._open)

    def beeps(self, recording: RecordingId) -> bool:
        """Whether nothing is recorded yet, because its beep is not over."""
        held = self._open.get(recording)
        return held is not None and held.record is not None

    def beep_over(self, playback: PlaybackId) -> None:
        """If this was a beep, the party may speak; unless there is no party any more."""
        name, _, ending = playback.rpartition(".")
        recording = RecordingId(name)
        held = self._open.get(recording) if ending == "beep" else None
        if held is None or held.record is None:
            return
        record, held.record = held.record, None
        if held.leg.hung_up:
            self.fail(recording)
        else:
            record()

    def finish(self, recording: RecordingId) -> None:
        """It is over, by whatever; its file tells what came of it."""
        if recording not in self._open:
            return
        speech_ms = self._edges.recordings.speech_ms(recording)
        if speech_ms is None:
            self._edges.note("recording_unreadable", {"recording": recording})
        self._end(recording, speech_ms=speech_ms)

    def fail(self, recording: RecordingId) -> None:
        """It was not begun, or Asterisk failed in it."""
        self._end(recording, speech_ms=None)

    def end_of(self, leg: HeldLeg) -> None:
        """The leg is gone: what was not told to be over is over."""
        leg.hung_up = True
        for recording in [name for name, held in self._open.items() if held.leg is leg]:
            self.finish(recording)

    def _end(self, recording: RecordingId, *, speech_ms: int | None) -> None:
        held = self._open.pop(recording, None)
        if held is None:
            return
        outcome = RecordingOutcome.FAILED if speech_ms is None else outcome_of(speech_ms)
        if outcome is not RecordingOutcome.RECORDED:
            self._edges.recordings.discard(recording)
        leg = held.leg
        self._sink(RecordingFinished(leg.leg, recording, outcome, speech_ms, leg.hung_up))
