"""What is asked of a leg right behind ``DestroyBridge`` waits until its channel is out.

Measured on 22.10.1: a play that Asterisk accepts (201) while the channel is still leaving the
bridge is lost about one time in twelve, without any event; after ``ChannelLeftBridge`` never.
All that is held back keeps its order.
"""

import asyncio
from collections.abc import Callable

from ivr.adapters.ari.legs import HeldBack, HeldLeg, LegBook
from ivr.adapters.ari.tasks import Note
from ivr.call.model import BridgeId, PlaybackId

LEAVE_S_MAX = 2.0
"""How long a leg may take to leave; measured are milliseconds, 200 ms at worst."""

HELD_BACK_MAX = 32
"""Commands held back for one leg; one more lets all of them go at once."""

_TIMER = "leaving"


class BridgeExits:
    """The legs that are leaving a destroyed bridge, and what waits for that."""

    def __init__(self, legs: LegBook, note: Note) -> None:
        self._legs = legs
        self._note = note

    def begin(self, bridge: BridgeId) -> list[HeldLeg]:
        """The bridge is being destroyed: these legs of it are on the way out."""
        loop = asyncio.get_running_loop()
        legs = self._legs.forget_bridge(bridge)
        for held in legs:
            held.stop_timer(_TIMER)
            held.leaving = bridge
            held.settled.clear()
            held.timers[_TIMER] = loop.call_later(LEAVE_S_MAX, self._overdue, held)
        return legs

    def after(
        self, held: HeldLeg, send: Callable[[], None], *, playback: PlaybackId | None = None
    ) -> None:
        """Send now, or as soon as the leg is out."""
        if held.leaving is None:
            send()
            return
        held.held_back.append(HeldBack(send, playback))
        if len(held.held_back) > HELD_BACK_MAX:
            self._note("held_back_full", {"leg": held.leg})
            self._settle(held)

    def take_back(self, held: HeldLeg, playback: PlaybackId) -> bool:
        """Whether this playback was still held back, and is dropped now."""
        for waiting in held.held_back:
            if waiting.playback == playback:
                held.held_back.remove(waiting)
                return True
        return False

    def left(self, held: HeldLeg, bridge: str) -> None:
        """The channel is out of this bridge, or was never in."""
        if held.leaving == bridge:
            self._settle(held)

    def _overdue(self, held: HeldLeg) -> None:
        if held.leaving is not None:
            self._note("bridge_not_left", {"leg": held.leg, "bridge": held.leaving})
            self._settle(held)

    def _settle(self, held: HeldLeg) -> None:
        held.stop_timer(_TIMER)
        held.leaving = None
        held.settled.set()
        waiting, held.held_back = held.held_back, []
        for command in waiting:
            command.send()
