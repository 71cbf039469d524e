"""What the call core asks for, as ARI requests; what Asterisk answers to them.

No decisions here. A failure comes back as ``CommandFailed``, or as the end of the playback or leg
that never began, so that every effect has an answer.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.connection import AriConnection
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.legs import LEGS_MAX, HeldLeg, LegBook
from ivr.adapters.ari.translation import Translation
from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
    DestroyBridge,
    DialDevice,
    PlayPrompts,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
    TelephonyEffect,
)
from ivr.call.events import CommandFailed, LegEnded
from ivr.call.model import CommandFailure, LegId, ReleaseReason
from router.model import local_name

MUSIC_CLASS = "hold"

DIAL_GRACE_S = 5
"""Asterisk's own ring limit lies this much behind the router's, as a backstop."""

JOINS_WAITING_MAX = 1_000
"""Joining commands accepted but not answered; one more is refused."""

SUBSCRIBER_ABSENT = 20
"""Q.850 cause given to a leg that could not even be dialled."""

_REASONS: dict[ReleaseReason, str] = {
    ReleaseReason.NORMAL: "normal",
    ReleaseReason.NO_ANSWER: "no_answer",
    ReleaseReason.ANSWERED_ELSEWHERE: "answered_elsewhere",
    ReleaseReason.FAILURE: "failure",
    ReleaseReason.UNKNOWN_NUMBER: "unallocated",
    ReleaseReason.CONGESTION: "congestion",
}


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
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()

    def perform(self, effect: TelephonyEffect) -> None:
        """Have this done."""
        match effect:
            case PlayPrompts():
                self._play(effect)
            case DialDevice():
                self._dial(effect)
            case AnswerLeg() | BridgeLegs():
                self._join(effect)
            case _:
                self._simple(effect)

    async def stop(self) -> None:
        """Wait for nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _simple(
        self,
        effect: StopPlayback | StartHoldMusic | StopHoldMusic | ReleaseLeg | DestroyBridge,
    ) -> None:
        match effect:
            case StopPlayback(leg, playback):
                if self._legs.mark_stopping(playback):
                    self._send(leg, effect, op.stop_playback(playback))
            case StartHoldMusic(leg):
                self._on_channel(leg, effect, partial(op.start_music, music_class=MUSIC_CLASS))
            case StopHoldMusic(leg):
                self._on_channel(leg, effect, op.stop_music)
            case ReleaseLeg(leg, reason):
                held = self._legs.by_leg(leg)
                if held is not None:
                    self._send(leg, effect, op.hang_up(held.channel, reason=_REASONS[reason]))
            case DestroyBridge(bridge, leg):
                self._legs.forget_bridge(bridge)
                self._send(leg, effect, op.destroy_bridge(bridge))

    def _send(self, leg: LegId, effect: TelephonyEffect, operation: op.Operation) -> None:
        def settle(reply: op.Reply) -> None:
            if not reply.ok and not _is_gone(reply):
                self._fail(leg, effect, reply)

        self._connection.send(operation, settle)

    def _on_channel(
        self, leg: LegId, effect: TelephonyEffect, operation: Callable[[str], op.Operation]
    ) -> None:
        held = self._legs.by_leg(leg)
        if held is None:
            self._fail(leg, effect, op.Reply(404))
        else:
            self._send(leg, effect, operation(held.channel))

    def _play(self, effect: PlayPrompts) -> None:
        held = self._legs.by_leg(effect.leg)
        if held is None:
            self._fail(effect.leg, effect, op.Reply(404))
            return
        self._legs.begin_playback(held, effect.playback)
        uri = self._edges.media.media_uri
        media = tuple(uri(prompt, effect.language) for prompt in effect.prompts)

        def settle(reply: op.Reply) -> None:
            if not reply.ok:
                self._translation.finish_playback(effect.playback, failed=True)

        self._connection.send(op.play(held.channel, playback=effect.playback, media=media), settle)

    def _dial(self, effect: DialDevice) -> None:
        if len(self._legs) >= LEGS_MAX:
            self._translation.sink(LegEnded(effect.leg, SUBSCRIBER_ABSENT))
            return
        held = self._legs.add(effect.leg, effect.leg)
        caller = self._legs.by_leg(LegId(f"{effect.contact}.0"))
        timeout_s = effect.ring_ms_max // 1000 + DIAL_GRACE_S

        def dialled(reply: op.Reply) -> None:
            if not reply.ok:
                details = {"leg": held.leg, "status": str(reply.status)}
                self._edges.note("dial_failed", details)
                self._translation.end(held, SUBSCRIBER_ABSENT)

        def created(reply: op.Reply) -> None:
            if reply.ok and caller is not None:
                ring = op.dial(held.channel, caller=caller.channel, timeout_s=timeout_s)
                self._connection.send(ring, dialled)
            else:
                dialled(op.Reply(reply.status if not reply.ok else 404))

        create = op.create_channel(
            held.channel,
            endpoint=f"PJSIP/{local_name(effect.device)}",
            app=self._app,
            originator=caller.channel if caller else "",
            variables={},
        )
        self._connection.send(create, created)

    def _join(self, effect: AnswerLeg | BridgeLegs) -> None:
        leg = effect.leg if isinstance(effect, AnswerLeg) else effect.legs[0]
        held = self._legs.by_leg(leg)
        if held is None:
            self._fail(leg, effect, op.Reply(404))
        elif len(self._tasks) >= JOINS_WAITING_MAX:
            self._translation.sink(
                CommandFailed(leg, type(effect).__name__, CommandFailure.OVERLOADED)
            )
        elif isinstance(effect, AnswerLeg):
            self._spawn(self._answer(held, effect))
        else:
            self._spawn(self._bridge(held, effect))

    async def _answer(self, held: HeldLeg, effect: AnswerLeg) -> None:
        async with held.one_join:
            reply = await self._connection.join(op.answer(held.channel))
        if reply.ok or await self._is_up_after_all(held, reply):
            # A caller taken in after a restart is up already: no state change will tell of it.
            self._translation.answered(held)
        else:
            self._fail(held.leg, effect, reply)

    async def _is_up_after_all(self, held: HeldLeg, reply: op.Reply) -> bool:
        """A late answer makes the channel suspect, not failed: ask what is true."""
        if reply.status > 0:
            return False
        found = await self._connection.over_http(op.get_channel(held.channel))
        return found.ok and b'"state":"Up"' in found.body

    async def _bridge(self, held: HeldLeg, effect: BridgeLegs) -> None:
        others = [self._legs.by_leg(leg) for leg in effect.legs]
        channels = tuple(other.channel for other in others if other is not None)
        if len(channels) < len(effect.legs):
            self._fail(held.leg, effect, op.Reply(404))
            return
        self._legs.await_bridge(effect.bridge, held.leg, set(channels))
        async with held.one_join:
            reply = await self._connection.ask(op.create_bridge(effect.bridge))
            if reply.ok:
                reply = await self._connection.join(op.add_to_bridge(effect.bridge, channels))
        if not reply.ok:
            self._legs.forget_bridge(effect.bridge)
            self._fail(held.leg, effect, reply)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _fail(self, leg: LegId, effect: TelephonyEffect, reply: op.Reply) -> None:
        name, failure = type(effect).__name__, _failure(reply)
        if failure is not CommandFailure.GONE:
            details = {"leg": leg, "effect": name, "status": str(reply.status)}
            self._edges.note("command_failed", details)
        self._translation.sink(CommandFailed(leg, name, failure))


def _is_gone(reply: op.Reply) -> bool:
    """Whether the thing had ended already: normal in telephony, and never an error."""
    return reply.status in (404, 410)


def _failure(reply: op.Reply) -> CommandFailure:
    if reply.status in (404, 409, 410, 412):
        return CommandFailure.GONE
    if reply.status == -1:
        return CommandFailure.OVERLOADED
    return CommandFailure.TIMED_OUT if reply.status == 0 else CommandFailure.REFUSED
