"""The commands for which Asterisk waits for the channel's own thread: answer, and bridge.

They travel over HTTP, one at a time per leg, so that a leg whose prompt still plays delays nobody
else.
"""

from contextlib import AsyncExitStack

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.bridge_exit import BridgeExits
from ivr.adapters.ari.connection import AriConnection
from ivr.adapters.ari.legs import HeldLeg, LegBook
from ivr.adapters.ari.replies import Fail, channels_in, state_in
from ivr.adapters.ari.tasks import Tasks
from ivr.adapters.ari.translation import UP, Translation
from ivr.call.effects import AnswerLeg, BridgeLegs
from ivr.call.model import BridgeId

JOINS_WAITING_MAX = 1_000
"""Joining commands accepted but not answered; one more is refused."""


class Joining:
    """Carries joining commands out, each in a task of its own."""

    def __init__(
        self,
        connection: AriConnection,
        legs: LegBook,
        exits: BridgeExits,
        tasks: Tasks,
        *,
        fail: Fail,
        translation: Translation,
    ) -> None:
        self._connection = connection
        self._legs = legs
        self._exits = exits
        self._tasks = tasks
        self._fail = fail
        self._translation = translation

    def begin(self, effect: AnswerLeg | BridgeLegs) -> None:
        """Have this done; a failure is told to the first leg."""
        wanted = (effect.leg,) if isinstance(effect, AnswerLeg) else effect.legs
        found = [held for leg in wanted if (held := self._legs.by_leg(leg)) is not None]
        if len(found) < len(wanted):
            self._fail(wanted[0], effect, op.Reply(404))
        elif len(self._tasks) >= JOINS_WAITING_MAX:
            self._fail(wanted[0], effect, op.Reply(-1))
        elif isinstance(effect, BridgeLegs) and self._legs.knows_bridge(effect.bridge):
            self._fail(wanted[0], effect, op.Reply(400))
        elif isinstance(effect, AnswerLeg) and found[0].arrived_up:
            # Measured: Asterisk would answer only after all that an earlier engine plays.
            self._translation.state_is(found[0], UP)
        elif isinstance(effect, AnswerLeg):
            self._tasks.spawn(self._answer(found[0], effect), name="ari answer")
        else:
            self._legs.expect_bridge(effect.bridge, wanted[0], [held.channel for held in found])
            self._tasks.spawn(self._bridge(found, effect), name="ari bridge")

    async def _answer(self, held: HeldLeg, effect: AnswerLeg) -> None:
        async with AsyncExitStack() as turn:
            await self._take_turn([held], turn)
            reply = await self._connection.join(op.answer(held.channel))
        if reply.ok or await self._is_up_after_all(held, reply):
            # Its state change may have been lost with the line.
            if self._legs.by_leg(held.leg) is held:
                self._translation.state_is(held, UP)
        else:
            self._fail(held.leg, effect, reply)

    async def _is_up_after_all(self, held: HeldLeg, reply: op.Reply) -> bool:
        """A late or lost answer makes the channel suspect, not failed: ask what is true."""
        if held.up:
            return True
        if reply.status > 0:
            return False
        found = await self._connection.over_http(op.get_channel(held.channel))
        return state_in(found) == UP

    async def _bridge(self, legs: list[HeldLeg], effect: BridgeLegs) -> None:
        bridge = effect.bridge
        channels = tuple(held.channel for held in legs)
        async with AsyncExitStack() as turn:
            await self._take_turn(legs, turn)
            if not self._legs.knows_bridge(bridge):
                return  # destroyed before it was made
            reply = await self._connection.ask(op.create_bridge(bridge))
            await self._end_music(legs)
            if reply.ok and self._legs.knows_bridge(bridge):
                reply = await self._connection.join(op.add_to_bridge(bridge, channels))
        if not reply.ok and await self._are_together(effect, reply, channels):
            return
        if not self._legs.knows_bridge(bridge):
            self._destroy(bridge)  # the wish to destroy it may have come before it was there
        elif not reply.ok:
            self._legs.forget_bridge(bridge)
            self._destroy(bridge)
            self._fail(effect.legs[0], effect, reply)
        for held in legs:
            if not reply.ok:
                self._exits.left(held, bridge)

    async def _end_music(self, legs: list[HeldLeg]) -> None:
        """Measured: in a bridge with ``dtmf_events`` hold music would go on."""
        for held in legs:
            if held.has_music:
                held.has_music = False
                await self._connection.ask(op.stop_music(held.channel))

    async def _are_together(
        self, effect: BridgeLegs, reply: op.Reply, channels: tuple[str, ...]
    ) -> bool:
        """Whether they hear each other though the answer was lost: they must not be parted."""
        bridge = effect.bridge
        if reply.status == 0 and not self._legs.is_complete(bridge):
            found = await self._connection.over_http(op.get_bridge(bridge))
            for channel in channels_in(found):
                if channel in channels:
                    self._translation.entered(bridge, channel)
        return self._legs.is_complete(bridge)

    def _destroy(self, bridge: BridgeId) -> None:
        self._connection.send(op.destroy_bridge(bridge), lambda _: None)

    @staticmethod
    async def _take_turn(legs: list[HeldLeg], turn: AsyncExitStack) -> None:
        # Always in the same order, or two commands on the same two legs could wait for ever.
        for held in sorted(legs, key=lambda held: held.leg):
            await turn.enter_async_context(held.one_join)
            await held.settled.wait()
