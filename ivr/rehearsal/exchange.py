"""Stands where Asterisk stands: every telephony effect comes back as the event its port promises.

Perfect and without delay: a prompt lasts exactly as long as its audio, a command fails only on a
leg that is gone. What a real line may do besides is the simulator's matter, not the author's.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
    CommandFailed,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    RecordingFinished,
)
from ivr.call.model import CommandFailure, LegId, PlaybackId, PlaybackOutcome
from ivr.engine.driver import EngineEvent
from ivr.rehearsal.agenda import Agenda
from ivr.rehearsal.experts import ANSWERS_AFTER_MS, REJECTS_AFTER_MS, Habit, LineHabit
from ivr.rehearsal.recordings import Recordings
from router.model import DeviceId, Millis

HUNG_UP, BUSY, REJECTED, OUT_OF_ORDER = 16, 17, 21, 38
"""ITU-T Q.850: normal clearing, user busy, call rejected, network out of order."""

PlayingTime = Callable[[PlayPrompts], Millis]
"""How long these prompts last."""


@dataclass(slots=True)
class _Leg:
    """A leg that lives; ``coming`` is what its party will do by itself."""

    device: DeviceId | None
    coming: int | None = None
    is_up: bool = False


@dataclass(frozen=True, slots=True)
class _Playback:
    leg: LegId
    end: int


class Exchange:
    """The legs, playbacks and ringing phones of a rehearsal."""

    def __init__(
        self, agenda: Agenda, lasts: PlayingTime, habit: Callable[[DeviceId], Habit]
    ) -> None:
        self._agenda = agenda
        self._lasts = lasts
        self._habit = habit
        self.outside: Mapping[str, LineHabit] = {}
        """What becomes of calls outside, by the name of the number."""
        self._legs: dict[LegId, _Leg] = {}
        self._playbacks: dict[PlaybackId, _Playback] = {}
        self.recordings = Recordings(agenda)

    def lives(self, leg: LegId) -> bool:
        """Whether this leg is there."""
        return leg in self._legs

    def leg_at(self, device: DeviceId, *, is_up: bool) -> LegId | None:
        """The leg that talks at this device, or that rings there."""
        legs = self._legs.items()
        here = (leg for leg, held in legs if held.device == device and held.is_up is is_up)
        return next(here, None)

    def is_up(self, leg: LegId) -> bool:
        """Whether the party at this leg has picked up and is there."""
        return leg in self._legs and self._legs[leg].is_up

    def arrive(self, leg: LegId) -> None:
        """A caller's leg is there."""
        self._legs[leg] = _Leg(None)

    def note(self, event: EngineEvent) -> None:
        """This happens now: what was held for it is done with."""
        match event:
            case PlaybackFinished(playback=playback):
                self._playbacks.pop(playback, None)
            case RecordingFinished():
                self.recordings.note(event)
            case LegEnded(leg=leg):
                self._legs.pop(leg, None)
            case LegAnswered(leg=leg) if leg in self._legs:
                self._legs[leg].is_up = True
            case _:
                pass

    def perform(self, effect: TelephonyEffect, at: Millis) -> None:
        """Do this; what came of it is put on the agenda."""
        match effect:
            case AnswerLeg(leg):
                self._agenda.put(at, LegAnswered(leg))
            case PlayPrompts(leg, playback):
                if leg in self._legs:
                    finished = PlaybackFinished(leg, playback, PlaybackOutcome.PLAYED)
                    end = self._agenda.put(at + self._lasts(effect), finished)
                    self._playbacks[playback] = _Playback(leg, end)
            case StopPlayback(playback=playback):
                self._stop(playback, at, PlaybackOutcome.STOPPED)
            case StartRecording() | StopRecording():
                self._record(effect, at)
            case DialDevice() | DialOutside():
                self._dial(effect, at)
            case BridgeLegs():
                self._bridge(effect, at)
            case ReleaseLeg(leg):
                self.end(leg, at)
            case StartHoldMusic() | StopHoldMusic() | DestroyBridge():
                pass

    def answer(self, leg: LegId, at: Millis) -> None:
        """Whoever is at this leg picks up at ``at``, whatever was to come."""
        held = self._legs[leg]
        self._agenda.cancel(held.coming)
        held.coming = self._agenda.put(at, LegAnswered(leg))

    def ring_out(self, leg: LegId) -> None:
        """Nobody picks up any more."""
        self._agenda.cancel(self._legs[leg].coming)

    def end(self, leg: LegId, at: Millis, *, cause: int = HUNG_UP) -> None:
        """This leg ends at ``at``; nothing if it has ended already."""
        held = self._legs.get(leg)
        if held is None:
            return
        self._agenda.cancel(held.coming)
        self.recordings.end(leg, at, leg_is_ending=True)
        for playback in [name for name, each in self._playbacks.items() if each.leg == leg]:
            self._stop(playback, at, PlaybackOutcome.FAILED)
        held.coming = self._agenda.put(at, LegEnded(leg, cause))

    def _record(self, effect: StartRecording | StopRecording, at: Millis) -> None:
        if isinstance(effect, StopRecording):
            self.recordings.stop(effect.leg, effect.recording, at)
        elif effect.leg in self._legs:
            self.recordings.start(effect, at)

    def _dial(self, effect: DialDevice | DialOutside, at: Millis) -> None:
        if isinstance(effect, DialDevice):
            self._legs[effect.leg] = _Leg(effect.device)
            self._ring(effect.leg, effect.device, at)
        else:
            self._legs[effect.leg] = _Leg(None)
            self._ring_outside(effect.leg, self.outside.get(effect.to, LineHabit.ANSWERS), at)

    def _ring(self, leg: LegId, device: DeviceId, at: Millis) -> None:
        match self._habit(device):
            case Habit.ANSWERS:
                self.answer(leg, at + ANSWERS_AFTER_MS)
            case Habit.REJECTS:
                self.end(leg, at + REJECTS_AFTER_MS, cause=REJECTED)
            case Habit.RINGS_OUT:
                pass  # the router's own patience ends it

    def _ring_outside(self, leg: LegId, habit: LineHabit, at: Millis) -> None:
        match habit:
            case LineHabit.ANSWERS:
                self.answer(leg, at + ANSWERS_AFTER_MS)
            case LineHabit.BUSY:
                self.end(leg, at + REJECTS_AFTER_MS, cause=BUSY)
            case LineHabit.FAILED:
                self.end(leg, at, cause=OUT_OF_ORDER)
            case LineHabit.NO_ANSWER:
                pass  # the flow's own patience ends it

    def _bridge(self, effect: BridgeLegs, at: Millis) -> None:
        first = effect.legs[0]
        if all(leg in self._legs for leg in effect.legs):
            self._agenda.put(at, LegsBridged(effect.bridge, first))
        else:
            self._agenda.put(at, CommandFailed(first, "BridgeLegs", CommandFailure.GONE))

    def _stop(self, playback: PlaybackId, at: Millis, outcome: PlaybackOutcome) -> None:
        playing = self._playbacks.pop(playback, None)
        if playing is not None:
            self._agenda.cancel(playing.end)
            self._agenda.put(at, PlaybackFinished(playing.leg, playback, outcome))
