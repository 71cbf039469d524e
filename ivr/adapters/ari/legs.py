"""Which Asterisk channel is which leg of ours, and what still plays on it.

The book keeps the port's promises that Asterisk does not make: a leg ends exactly once, each
playback of a living leg ends exactly once and before its leg, and nothing of an ended leg is
heard again.
"""

import asyncio
from dataclasses import dataclass, field

from ivr.call.model import BridgeId, LegId, PlaybackId

LEGS_MAX = 6_000
"""Legs of one node at once; beyond it new calls are left to the dialplan's fallback."""


@dataclass(slots=True)
class HeldLeg:
    """One leg and its channel."""

    leg: LegId
    channel: str
    up: bool = False
    playbacks: dict[PlaybackId, bool] = field(default_factory=lambda: dict[PlaybackId, bool]())
    """What plays or waits to play, in order; true once we asked for its end."""
    one_join: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One joining command at a time: they would only queue behind each other in Asterisk."""
    cause: int | None = None
    """Q.850, as its hang-up request named it."""


@dataclass(slots=True)
class AwaitedBridge:
    """A bridge that is being filled: who is still missing in it."""

    bridge: BridgeId
    leg: LegId
    missing: set[str]


class LegBook:
    """All legs that live on this node."""

    def __init__(self) -> None:
        self._by_leg: dict[LegId, HeldLeg] = {}
        self._by_channel: dict[str, HeldLeg] = {}
        self._by_playback: dict[PlaybackId, HeldLeg] = {}
        self._awaited: dict[BridgeId, AwaitedBridge] = {}

    def __len__(self) -> int:
        return len(self._by_leg)

    def add(self, leg: LegId, channel: str) -> HeldLeg:
        """Register a leg before anything about it is sent."""
        held = HeldLeg(leg, channel)
        self._by_leg[leg] = held
        self._by_channel[channel] = held
        return held

    def all(self) -> list[HeldLeg]:
        """Every living leg."""
        return list(self._by_leg.values())

    def by_leg(self, leg: LegId) -> HeldLeg | None:
        """The leg of our id, if it lives."""
        return self._by_leg.get(leg)

    def by_channel(self, channel: str) -> HeldLeg | None:
        """The leg of Asterisk's channel, if it is one of ours and lives."""
        return self._by_channel.get(channel)

    def begin_playback(self, held: HeldLeg, playback: PlaybackId) -> None:
        """Register a playback before it is sent."""
        held.playbacks[playback] = False
        self._by_playback[playback] = held

    def end_playback(self, playback: PlaybackId) -> tuple[HeldLeg, bool] | None:
        """The leg whose playback ended just now, and whether we had asked for that.

        None when its end was known already, or it is not ours.
        """
        held = self._by_playback.pop(playback, None)
        return None if held is None else (held, held.playbacks.pop(playback, False))

    def mark_stopping(self, playback: PlaybackId) -> bool:
        """Note that we ask for its end; whether there is anything to ask for."""
        held = self._by_playback.get(playback)
        if held is not None:
            held.playbacks[playback] = True
        return held is not None

    def await_bridge(self, bridge: BridgeId, leg: LegId, channels: set[str]) -> None:
        """Expect these channels to enter this bridge."""
        self._awaited[bridge] = AwaitedBridge(bridge, leg, channels)

    def entered(self, bridge: BridgeId, channel: str) -> AwaitedBridge | None:
        """The bridge that is complete because of this channel."""
        awaited = self._awaited.get(bridge)
        if awaited is None:
            return None
        awaited.missing.discard(channel)
        if awaited.missing:
            return None
        return self._awaited.pop(bridge)

    def forget_bridge(self, bridge: BridgeId) -> None:
        """Expect nobody in this bridge any more."""
        self._awaited.pop(bridge, None)

    def end(self, held: HeldLeg) -> list[PlaybackId]:
        """Forget a leg that ended; the playbacks that ended with it, in their order."""
        del self._by_leg[held.leg]
        self._by_channel.pop(held.channel, None)
        cut = list(held.playbacks)
        for playback in cut:
            self._by_playback.pop(playback, None)
        return cut
