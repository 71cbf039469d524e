"""Asterisk's half of the fake: channels, bridges and phones, and what commands do to them."""

from collections.abc import Callable, Mapping
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
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    TelephonyEvent,
)
from ivr.call.model import (
    BridgeId,
    CommandFailure,
    LegId,
    PlaybackId,
    PlaybackOutcome,
    ReleaseReason,
)
from ivr.flow.model import Language, PromptKey
from router.model import DeviceId, Millis
from simulator.fake_asterisk.channel import Channel, ChannelThread, Playing, Step
from simulator.fake_asterisk.client import failed
from simulator.fake_asterisk.joining import JoiningRequest
from simulator.fake_asterisk.phone import (
    BUSY,
    NO_ANSWER,
    NORMAL_CLEARING,
    SUBSCRIBER_ABSENT,
    Answers,
    Phone,
    PhoneScript,
    Rejects,
    RingsOut,
)
from simulator.fake_asterisk.recording import Recorders
from simulator.fake_asterisk.transport import Done
from simulator.virtual_time import VirtualTime

DIAL_BACKSTOP_MS = 5_000
"""A dial ends by itself this long after its ring time, should nobody else end it."""

ENDING_CAUSE: Mapping[ReleaseReason, int] = {
    ReleaseReason.NORMAL: NORMAL_CLEARING,
    ReleaseReason.NO_ANSWER: NO_ANSWER,
    ReleaseReason.ANSWERED_ELSEWHERE: 26,
    ReleaseReason.FAILURE: 38,
    ReleaseReason.UNKNOWN_NUMBER: 1,
    ReleaseReason.CONGESTION: 34,
}
"""ITU-T Q.850 causes of the releases we ask for."""

PromptDurations = Mapping[tuple[PromptKey, Language], Millis]
"""How long each prompt plays; one that is not here has no file."""


class Exchange:
    """Executes commands and lets phones act; ``emit`` takes what Asterisk would say of it."""

    def __init__(
        self,
        time: VirtualTime,
        *,
        prompt_ms: PromptDurations,
        signalling_ms: Callable[[], Millis],
        joining_deadline_ms: Millis,
        beep_ms: Millis,
        emit: Callable[[TelephonyEvent], None],
    ) -> None:
        self._time = time
        self._prompt_ms = prompt_ms
        self._signalling_ms = signalling_ms
        self._joining_deadline_ms = joining_deadline_ms
        self._emit = emit
        self.recorders = Recorders(time, beep_ms=beep_ms, emit=emit)
        self.channels: dict[LegId, Channel] = {}
        """Live channels, oldest first."""
        self.bridges: dict[BridgeId, dict[LegId, None]] = {}
        """Live bridges with the legs in them."""
        self.phones: dict[DeviceId, Phone] = {}
        self.outside: dict[str, PhoneScript] = {}
        """What is done with calls to a number outside, by its name."""
        self.outside_legs: dict[str, LegId] = {}
        """The leg that was made last for each of these names."""
        self.on_call: dict[DeviceId, LegId] = {}
        """The leg of each device that rings or talks."""

    def add_channel(self, leg: LegId, device: DeviceId | None = None) -> Channel:
        """A new channel for this leg, not answered yet."""

        def finished(playback: PlaybackId, outcome: PlaybackOutcome) -> None:
            self._emit(PlaybackFinished(leg, playback, outcome))

        def begun() -> None:
            # Measured: a playback ends hold music for good, until it is asked for again.
            channel.hold_music = False

        channel = Channel(leg, ChannelThread(self._time, finished, begun=begun), device)
        self.channels[leg] = channel
        return channel

    def playbacks(self) -> tuple[PlaybackId, ...]:
        """All playbacks that sound or wait, by channel."""
        return tuple(
            playback
            for channel in self.channels.values()
            for playback in channel.thread.playbacks()
        )

    def far_end(self, leg: LegId, act: Callable[[Channel], None]) -> None:
        """Let the party at the far end of this leg do something, if the leg is still there then.

        What one party does arrives in the order in which it was done.
        """
        channel = self.channels.get(leg)
        if channel is None:
            return

        def arrive() -> None:
            if not channel.ended:
                act(channel)

        channel.heard_until = max(channel.heard_until, self._time.now() + self._signalling_ms())
        self._time.at(channel.heard_until, arrive)

    def press(self, leg: LegId, digit: str) -> None:
        """The far party presses a key."""

        def act(channel: Channel) -> None:
            self._emit(DigitReceived(channel.leg, digit))
            self.recorders.press(channel.leg, digit)

        self.far_end(leg, act)

    def hang_up(self, leg: LegId) -> None:
        """The far party hangs up."""
        self.far_end(leg, lambda channel: self.end(channel, NORMAL_CLEARING))

    def end(self, channel: Channel, cause: int) -> None:
        """The channel is gone: its playbacks fail first, the leg's end comes last (measured)."""
        if channel.ended:
            return
        channel.ended = True
        for appointment in (channel.far_phone, channel.backstop):
            if appointment is not None:
                appointment.cancel()
        self.recorders.hang_up(channel.leg)
        channel.thread.end()
        self._leave_bridge(channel)
        del self.channels[channel.leg]
        if channel.device is not None and self.on_call.get(channel.device) == channel.leg:
            del self.on_call[channel.device]
        self._emit(LegEnded(channel.leg, cause))

    def execute(self, effect: TelephonyEffect, done: Done) -> None:
        """Carry this command out; ``done`` when its transport is free again."""
        match effect:
            case AnswerLeg():
                self._answer(effect, done)
                return
            case BridgeLegs():
                self.bridges[effect.bridge] = {}
                self._join_next(effect, 0, self._request(effect, done))
                return
            case DialDevice():
                self._dial(effect)
            case DialOutside():
                self._dial_outside(effect)
            case DestroyBridge():
                self._destroy_bridge(effect.bridge)
            case StartRecording():
                self._record(effect)
            case StopRecording():
                self.recorders.stop(effect.leg, effect.recording)
            case PlayPrompts() | StopPlayback() | StartHoldMusic() | StopHoldMusic() | ReleaseLeg():
                self._order(effect)
            case _:
                assert_never(effect)
        done()

    def _order(
        self,
        effect: PlayPrompts | StopPlayback | StartHoldMusic | StopHoldMusic | ReleaseLeg,
    ) -> None:
        """A command that Asterisk queues on the channel, or does without it, and answers."""
        channel = self.channels.get(effect.leg)
        match effect:
            case ReleaseLeg(reason=reason):
                if channel is not None:
                    self.end(channel, ENDING_CAUSE[reason])
            case StopPlayback(playback=playback):
                if channel is not None:
                    channel.thread.stop(playback)
            case PlayPrompts():
                # On a channel that has just gone the playback is failed by the leg's end.
                if channel is not None and not channel.thread.put(self._playing(effect)):
                    self._emit(
                        PlaybackFinished(effect.leg, effect.playback, PlaybackOutcome.FAILED)
                    )
            case StartHoldMusic():
                self._set_hold_music(channel, effect, on=True)
            case StopHoldMusic():
                self._set_hold_music(channel, effect, on=False)
            case _:
                assert_never(effect)

    def _record(self, effect: StartRecording) -> None:
        channel = self.channels.get(effect.leg)
        if channel is not None:  # else the leg's end, which is on the way, fails it
            begin = Step(run=lambda: self.recorders.start(effect), lost=lambda: None)
            channel.thread.put(begin)

    def _playing(self, effect: PlayPrompts) -> Playing:
        """One playback of the whole list. A missing file is passed over (measured): only when
        it is the last one does the playback end as failed."""
        lengths = [self._prompt_ms.get((prompt, effect.language)) for prompt in effect.prompts]
        duration_ms = sum(length_ms or 0 for length_ms in lengths)
        return Playing(effect.playback, duration_ms, fails=not lengths or lengths[-1] is None)

    def _set_hold_music(
        self, channel: Channel | None, effect: StartHoldMusic | StopHoldMusic, *, on: bool
    ) -> None:
        if channel is None:
            return  # Its end is on the way.

        def run() -> None:
            channel.hold_music = on

        if not channel.thread.put(Step(run, lost=lambda: None)):
            self._emit(failed(effect, CommandFailure.OVERLOADED))

    def _answer(self, effect: AnswerLeg, done: Done) -> None:
        request = self._request(effect, done)

        def run(channel: Channel) -> None:
            # Also when nobody waits for it any more: Asterisk does late what it was asked for.
            if not channel.answered:
                channel.answered = True
                self._emit(LegAnswered(channel.leg))
            request.succeed()

        self._join(effect.leg, request, run=run)

    def _request(self, effect: AnswerLeg | BridgeLegs, done: Done) -> JoiningRequest:
        def answer(failure: CommandFailure | None) -> None:
            if failure is CommandFailure.TIMED_OUT and isinstance(effect, BridgeLegs):
                self._destroy_bridge(effect.bridge)
            if failure is not None:
                self._emit(failed(effect, failure))
            done()

        return JoiningRequest(self._time, self._joining_deadline_ms, answer)

    def _join(self, leg: LegId, request: JoiningRequest, *, run: Callable[[Channel], None]) -> None:
        """Wait for the channel's thread, then run."""
        channel = self.channels.get(leg)
        if channel is None:
            request.fail(CommandFailure.GONE)
        elif not channel.thread.put(
            Step(run=lambda: run(channel), lost=lambda: request.fail(CommandFailure.GONE))
        ):
            request.fail(CommandFailure.OVERLOADED)

    def _join_next(self, effect: BridgeLegs, index: int, request: JoiningRequest) -> None:
        """Add the legs one after another, as ``addChannel`` does with a list."""

        def enter(channel: Channel) -> None:
            inside = self.bridges.get(effect.bridge)
            if inside is None:
                request.fail(CommandFailure.GONE)
                return
            self._leave_bridge(channel)
            channel.bridge = effect.bridge
            channel.hold_music = False  # measured: also after the bridge it does not come back
            inside[channel.leg] = None
            self._join_next(effect, index + 1, request)

        if index < len(effect.legs):
            self._join(effect.legs[index], request, run=enter)
        elif self.bridges.get(effect.bridge, {}).keys() >= set(effect.legs):
            self._emit(LegsBridged(effect.bridge, effect.legs[0]))
            request.succeed()
        else:
            request.fail(CommandFailure.GONE)

    def _leave_bridge(self, channel: Channel) -> None:
        if channel.bridge is not None:
            self.bridges.get(channel.bridge, {}).pop(channel.leg, None)
            channel.bridge = None

    def _destroy_bridge(self, bridge: BridgeId) -> None:
        inside = self.bridges.pop(bridge, None)
        for leg in inside or ():
            self.channels[leg].bridge = None

    def _dial(self, effect: DialDevice) -> None:
        channel = self.add_channel(effect.leg, effect.device)
        phone = self.phones.get(effect.device)
        if phone is None or not phone.registered:
            self.end(channel, SUBSCRIBER_ABSENT)
        elif effect.device in self.on_call:
            channel.far_phone = self._time.after(
                self._signalling_ms(), lambda: self.end(channel, BUSY)
            )
        else:
            self.on_call[effect.device] = effect.leg
            channel.backstop = self._time.after(
                effect.ring_ms_max + DIAL_BACKSTOP_MS, lambda: self.end(channel, NO_ANSWER)
            )
            self._let_ring(channel, phone.script)

    def _dial_outside(self, effect: DialOutside) -> None:
        """Ring there: nobody is known there whom the allow-list does not name."""
        channel = self.add_channel(effect.leg)
        self.outside_legs[effect.to] = effect.leg
        script = self.outside.get(effect.to)
        if script is None:
            self.end(channel, SUBSCRIBER_ABSENT)
            return
        channel.backstop = self._time.after(
            effect.ring_ms_max + DIAL_BACKSTOP_MS, lambda: self.end(channel, NO_ANSWER)
        )
        self._let_ring(channel, script)

    def _let_ring(self, channel: Channel, script: PhoneScript) -> None:
        match script:
            case Answers(after_ms=after_ms, hang_up_after_ms=hang_up_after_ms):
                channel.far_phone = self._time.after(
                    self._signalling_ms() + after_ms,
                    lambda: self._pick_up(channel, hang_up_after_ms),
                )
            case Rejects(after_ms=after_ms, cause=cause):
                channel.far_phone = self._time.after(
                    self._signalling_ms() + after_ms, lambda: self.end(channel, cause)
                )
            case RingsOut():
                pass
            case _:
                assert_never(script)

    def _pick_up(self, channel: Channel, hang_up_after_ms: Millis | None) -> None:
        if channel.backstop is not None:
            channel.backstop.cancel()
        channel.answered = True
        self._emit(LegAnswered(channel.leg))
        if hang_up_after_ms is not None:
            channel.far_phone = self._time.after(
                hang_up_after_ms, lambda: self.end(channel, NORMAL_CLEARING)
            )
