"""The adapter's half of the fake: the bookkeeping that turns what Asterisk says into promises.

Asterisk alone keeps few of the port's promises: it says nothing of a playback that it never got
to begin, and an answer can come after the channel's end. Whoever stands behind the port has to
know which legs live and which playbacks are open on them; so does this.
"""

from collections.abc import Callable, Iterable
from typing import assert_never

from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
    DestroyBridge,
    DialDevice,
    DialOutside,
    PlayPrompts,
    ReleaseLeg,
    StartHoldMusic,
    StartRecording,
    StopHoldMusic,
    StopPlayback,
    StopRecording,
    TelephonyEffect,
)
from ivr.call.events import (
    CallArrived,
    CommandFailed,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    RecordingFinished,
    TelephonyEvent,
)
from ivr.call.model import CommandFailure, LegId, PlaybackId, PlaybackOutcome
from ivr.call.voice import RecordingId, RecordingOutcome
from ivr.ports import EventSink


def leg_of(effect: TelephonyEffect) -> LegId:
    """The leg this command is about; of several the first, as its answer is."""
    return effect.legs[0] if isinstance(effect, BridgeLegs) else effect.leg


def failed(effect: TelephonyEffect, failure: CommandFailure) -> CommandFailed:
    """The answer that this command was not carried out."""
    return CommandFailed(leg_of(effect), type(effect).__name__, failure)


class ClientSide:
    """Legs that live, as far as we were told, and their open playbacks in order."""

    def __init__(self, sink: EventSink, *, copies: Callable[[TelephonyEvent], int]) -> None:
        self._sink = sink
        self._copies = copies
        self._open: dict[LegId, dict[PlaybackId, None]] = {}
        self._recordings: dict[RecordingId, LegId] = {}
        self._used: set[str] = set()
        self.reused_ids: list[str] = []
        """Ids somebody wanted to use a second time; a world asserts that there are none."""

    def admit(self, effect: TelephonyEffect) -> CommandFailure | None:
        """Register this command's ids before it is sent; tells why it need not be sent."""
        if isinstance(effect, DialDevice | DialOutside):
            if self._is_reused(effect.leg):
                return CommandFailure.REFUSED
            self._open[effect.leg] = {}
        if leg_of(effect) not in self._open and not isinstance(effect, DestroyBridge):
            return CommandFailure.GONE  # A bridge outlives its legs; it must still be taken down.
        return self._admit_new_id(effect)

    def _admit_new_id(self, effect: TelephonyEffect) -> CommandFailure | None:
        match effect:
            case PlayPrompts(leg=leg, playback=playback):
                if self._is_reused(playback):
                    return CommandFailure.REFUSED
                self._open[leg][playback] = None
            case StartRecording(leg=leg, recording=recording):
                if self._is_reused(recording):
                    return CommandFailure.REFUSED
                self._recordings[recording] = leg
            case BridgeLegs(bridge=bridge):
                if self._is_reused(bridge):
                    return CommandFailure.REFUSED
            case (
                AnswerLeg()
                | StopPlayback()
                | StopRecording()
                | StartHoldMusic()
                | StopHoldMusic()
                | DialDevice()
                | DialOutside()
                | DestroyBridge()
                | ReleaseLeg()
            ):
                pass
            case _:
                assert_never(effect)
        return None

    def tell(self, event: TelephonyEvent) -> None:
        """Pass on what Asterisk said, as far as the promises allow."""
        match event:
            case CallArrived(leg=leg):
                self._used.add(leg)
                self._open[leg] = {}
                self._emit(event)
            case PlaybackFinished(leg=leg, playback=playback):
                if playback in self._open.get(leg, {}):
                    del self._open[leg][playback]
                    self._emit(event)
            case RecordingFinished(recording=recording):
                if self._recordings.pop(recording, None) is not None:
                    self._emit(event)
            case LegEnded(leg=leg):
                if leg in self._open:
                    self._close(leg)
                    self._emit(event)
            case LegAnswered() | DigitReceived() | LegsBridged() | CommandFailed():
                if event.leg in self._open:
                    self._emit(event)
            case _:
                assert_never(event)

    def answer(self, failure: CommandFailed) -> None:
        """Answer a command that was not sent, or not answered; its leg may be gone already."""
        self._emit(failure)

    def living_legs(self) -> tuple[LegId, ...]:
        """Legs whose end was not told yet, oldest first."""
        return tuple(self._open)

    def open_playbacks(self, leg: LegId) -> tuple[PlaybackId, ...]:
        """Playbacks asked for on this leg and not finished yet, oldest first."""
        return tuple(self._open.get(leg, {}))

    def give_up(self, leg: LegId, playbacks: Iterable[PlaybackId]) -> None:
        """Nobody knows what became of these playbacks: they failed."""
        for playback in playbacks:
            self.tell(PlaybackFinished(leg, playback, PlaybackOutcome.FAILED))

    def open_recordings(self, leg: LegId) -> tuple[RecordingId, ...]:
        """Recordings asked for on this leg and not finished yet, oldest first."""
        return tuple(name for name, held in self._recordings.items() if held == leg)

    def give_up_recordings(
        self, leg: LegId, recordings: Iterable[RecordingId], *, leg_is_ending: bool
    ) -> None:
        """Nobody knows what became of these: they failed."""
        failed = RecordingOutcome.FAILED
        for recording in recordings:
            self.tell(RecordingFinished(leg, recording, failed, leg_is_ending=leg_is_ending))

    def _close(self, leg: LegId) -> None:
        self.give_up_recordings(leg, self.open_recordings(leg), leg_is_ending=True)
        self.give_up(leg, self.open_playbacks(leg))
        del self._open[leg]

    def _is_reused(self, name: str) -> bool:
        if name in self._used:
            self.reused_ids.append(name)
            return True
        self._used.add(name)
        return False

    def _emit(self, event: TelephonyEvent) -> None:
        for _ in range(self._copies(event)):
            self._sink(event)
