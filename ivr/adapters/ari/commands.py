"""What the call core asks for, as ARI requests; what Asterisk answers to them.

No decisions here. A failure comes back as ``CommandFailed``, or as the end of the playback or leg
that never began, so that every effect has an answer.
"""

import math
from collections.abc import Callable
from functools import partial

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.connection import AriConnection
from ivr.adapters.ari.dialling import Dialling
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.joining import Joining
from ivr.adapters.ari.legs import HeldLeg, LegBook
from ivr.adapters.ari.recording import beep_of
from ivr.adapters.ari.replies import failure_of, is_gone
from ivr.adapters.ari.tasks import Tasks
from ivr.adapters.ari.translation import Translation
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
from ivr.call.events import CommandFailed
from ivr.call.model import CommandFailure, LegId, PlaybackId, ReleaseReason
from ivr.call.voice import RecordingId

MUSIC_CLASS = "hold"

REASONS: dict[ReleaseReason, str] = {
    ReleaseReason.NORMAL: "normal",
    ReleaseReason.NO_ANSWER: "no_answer",
    ReleaseReason.ANSWERED_ELSEWHERE: "answered_elsewhere",
    ReleaseReason.FAILURE: "failure",
    ReleaseReason.UNKNOWN_NUMBER: "unallocated",
    ReleaseReason.CONGESTION: "congestion",
}
"""Asterisk's word for each of ours."""


class Commands:
    """Sends effects to one Asterisk."""

    def __init__(
        self,
        connection: AriConnection,
        translation: Translation,
        legs: LegBook,
        edges: Edges,
        *,
        app: str,
    ) -> None:
        self._connection = connection
        self._translation = translation
        self._legs = legs
        self._edges = edges
        self._exits = translation.exits
        self._tasks = Tasks(edges.note)
        self._dialling = Dialling(connection, translation, legs, edges, app=app)
        self._joining = Joining(
            connection,
            legs,
            self._exits,
            self._tasks,
            fail=self._fail,
            translation=translation,
        )

    def perform(self, effect: TelephonyEffect) -> None:
        """Have this done."""
        match effect:
            case PlayPrompts():
                self._play(effect)
            case StopPlayback():
                self._stop(effect)
            case DialDevice() | DialOutside():
                self._dialling.begin(effect)
            case AnswerLeg() | BridgeLegs():
                self._joining.begin(effect)
            case StartHoldMusic() | StopHoldMusic():
                self._music(effect)
            case StartRecording() | StopRecording():
                self._record(effect)
            case ReleaseLeg():
                self._release(effect)
            case DestroyBridge():
                self._destroy(effect)

    async def stop(self) -> None:
        """Wait for nothing any more."""
        await self._tasks.stop()

    def _send(self, leg: LegId, effect: TelephonyEffect, operation: op.Operation) -> None:
        def settle(reply: op.Reply) -> None:
            if not reply.ok and not is_gone(reply):
                self._fail(leg, effect, reply)

        self._connection.send(operation, settle)

    def _on_channel(
        self, leg: LegId, effect: TelephonyEffect, operation: Callable[[str], op.Operation]
    ) -> None:
        held = self._legs.by_leg(leg)
        if held is None:
            self._fail(leg, effect, op.Reply(404))
        else:
            self._exits.after(held, partial(self._send, leg, effect, operation(held.channel)))

    def _music(self, effect: StartHoldMusic | StopHoldMusic) -> None:
        held, starts = self._legs.by_leg(effect.leg), isinstance(effect, StartHoldMusic)
        if held is not None:
            held.has_music = starts
        start = partial(op.start_music, music_class=MUSIC_CLASS)
        self._on_channel(effect.leg, effect, start if starts else op.stop_music)

    def _play(self, effect: PlayPrompts) -> None:
        held = self._legs.by_leg(effect.leg)
        if held is None:
            self._fail(effect.leg, effect, op.Reply(404))
            return
        if self._legs.by_playback(effect.playback) is not None:
            self._fail(effect.leg, effect, op.Reply(400))
            return
        self._legs.begin_playback(held, effect.playback)
        uri = self._edges.media.media_uri
        media = tuple(uri(prompt, effect.language) for prompt in effect.prompts)
        operation = op.play(held.channel, playback=effect.playback, media=media)
        send = partial(self._send_play, effect.playback, operation)
        self._exits.after(held, send, playback=effect.playback)

    def _send_play(self, playback: PlaybackId, operation: op.Operation) -> None:
        def settle(reply: op.Reply) -> None:
            if not reply.ok:
                self._translation.finish_playback(playback, failed=True)

        self._connection.send(operation, settle)

    def _stop(self, effect: StopPlayback) -> None:
        held = self._legs.mark_stopping(effect.playback)
        if held is None:
            return
        if self._exits.take_back(held, effect.playback):
            self._translation.finish_playback(effect.playback, failed=False)
        else:
            self._send(effect.leg, effect, op.stop_playback(effect.playback))

    def _record(self, effect: StartRecording | StopRecording) -> None:
        if isinstance(effect, StopRecording):
            self._stop_recording(effect)
            return
        held, recordings = self._legs.by_leg(effect.leg), self._translation.recordings
        if held is None:
            self._fail(effect.leg, effect, op.Reply(404))
            return
        if recordings.knows(effect.recording):
            self._fail(effect.leg, effect, op.Reply(400))
            return
        name, max_s = effect.recording, math.ceil(effect.max_ms / 1000)
        silence_s = math.ceil(effect.silence_ms / 1000)
        asked = op.record(held.channel, recording=name, max_s=max_s, silence_s=silence_s)
        recordings.begin(held, name, partial(self._send_record, name, asked))
        self._exits.after(held, partial(self._send_beep, held, beep_of(name)))

    def _send_beep(self, held: HeldLeg, beep: PlaybackId) -> None:
        def settle(reply: op.Reply) -> None:
            if not reply.ok:
                self._translation.recordings.beep_over(beep)

        if not self._edges.beep:
            self._translation.recordings.beep_over(beep)
            return
        media = (self._edges.beep,)
        self._connection.send(op.play(held.channel, playback=beep, media=media), settle)

    def _send_record(self, recording: RecordingId, operation: op.Operation) -> None:
        def settle(reply: op.Reply) -> None:
            if not reply.ok:
                self._edges.note("recording_refused", {"status": str(reply.status)})
                self._translation.recordings.fail(recording)

        self._connection.send(operation, settle)

    def _stop_recording(self, effect: StopRecording) -> None:
        recordings = self._translation.recordings
        if recordings.beeps(effect.recording):
            recordings.fail(effect.recording)
        elif recordings.knows(effect.recording):
            self._send(effect.leg, effect, op.stop_recording(effect.recording))

    def _release(self, effect: ReleaseLeg) -> None:
        held = self._legs.by_leg(effect.leg)
        if held is not None:
            held.releasing = REASONS[effect.reason]
            self._send(effect.leg, effect, op.hang_up(held.channel, reason=held.releasing))

    def _destroy(self, effect: DestroyBridge) -> None:
        legs = self._exits.begin(effect.bridge)

        def settle(reply: op.Reply) -> None:
            if is_gone(reply):
                self._out_of(legs, effect)
            elif not reply.ok:
                self._fail(effect.leg, effect, reply)

        self._connection.send(op.destroy_bridge(effect.bridge), settle)

    def _out_of(self, legs: list[HeldLeg], effect: DestroyBridge) -> None:
        for held in legs:
            self._exits.left(held, effect.bridge)

    def _fail(self, leg: LegId, effect: TelephonyEffect, reply: op.Reply) -> None:
        name, failure = type(effect).__name__, failure_of(reply)
        if failure is not CommandFailure.GONE:
            details = {"leg": leg, "effect": name, "status": str(reply.status)}
            self._edges.note("command_failed", details)
        self._translation.sink(CommandFailed(leg, name, failure))
