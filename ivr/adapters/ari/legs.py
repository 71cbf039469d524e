"""Which Asterisk channel is which leg of ours, and what still plays on it.

The book keeps the port's promises that Asterisk does not make: a leg ends exactly once, each
playback of a living leg ends exactly once and before its leg, and nothing of an ended leg is
heard again.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ivr.call.model import BridgeId, LegId, PlaybackId

LEGS_MAX = 6_000
"""Legs of one node at once; beyond it new calls are left to the dialplan's fallback."""


@dataclass(slots=True)
class HeldBack:
    """A command that waits until its leg has left a bridge; a playback can be taken back."""

    send: Callable[[], None]
    playback: PlaybackId | None = None


def _open_gate() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass(slots=True)
class HeldLeg:
    """One leg and its channel."""

    leg: LegId
    channel: str
    number: str = field(default="", repr=False)
    """A caller's number, which is told to the devices that ring for it and to nobody else."""
    up: bool = False
    """Whether its answer has been told."""
    arrived_up: bool = False
    """A caller whom an earlier engine had answered: nothing is left to ask of Asterisk."""
    playbacks: dict[PlaybackId, bool] = field(default_factory=lambda: dict[PlaybackId, bool]())
    """What plays or waits to play, in order; true once we asked for its end."""
    one_join: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One joining command at a time: they would only queue behind each other in Asterisk."""
    cause: int | None = None
    """Q.850, as its hang-up request named it."""
    hung_up: bool = False
    """Whether its end was asked for, by a party or by us, and is on its way."""
    releasing: str | None = None
    """The reason with which we asked for its end; asked again when the line had been down."""
    has_music: bool = False
    """Whether hold music was asked for last; it may have ended since, by a prompt."""
    on_app: Callable[[], None] | None = None
    """What to do once a channel that we made is in the application."""
    bridge: BridgeId | None = None
    """The bridge it was last asked into."""
    leaving: BridgeId | None = None
    """The destroyed bridge that it has not been seen to leave."""
    settled: asyncio.Event = field(default_factory=_open_gate)
    """Set unless it is leaving a bridge."""
    held_back: list[HeldBack] = field(default_factory=lambda: list[HeldBack]())
    timers: dict[str, asyncio.TimerHandle] = field(
        default_factory=lambda: dict[str, asyncio.TimerHandle]()
    )
    """Deadlines of its own, by what they wait for."""

    def stop_timer(self, what: str) -> None:
        """It came, or does not matter any more."""
        timer = self.timers.pop(what, None)
        if timer is not None:
            timer.cancel()


@dataclass(slots=True)
class HeldBridge:
    """A bridge of ours: who is in it or on the way, and who is still missing."""

    bridge: BridgeId
    leg: LegId
    inside: set[str]
    missing: set[str]


class LegBook:
    """All legs that live on this node, and the bridges we made for them."""

    def __init__(self) -> None:
        self._by_leg: dict[LegId, HeldLeg] = {}
        self._by_channel: dict[str, HeldLeg] = {}
        self._by_playback: dict[PlaybackId, HeldLeg] = {}
        self._bridges: dict[BridgeId, HeldBridge] = {}

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

    def lives(self, held: HeldLeg) -> bool:
        """Whether this leg has not ended."""
        return self._by_leg.get(held.leg) is held

    def by_leg(self, leg: LegId) -> HeldLeg | None:
        """The leg of our id, if it lives."""
        return self._by_leg.get(leg)

    def by_channel(self, channel: str) -> HeldLeg | None:
        """The leg of Asterisk's channel, if it is one of ours and lives."""
        return self._by_channel.get(channel)

    def by_playback(self, playback: PlaybackId) -> HeldLeg | None:
        """The leg on which this playback plays or waits to play."""
        return self._by_playback.get(playback)

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

    def mark_stopping(self, playback: PlaybackId) -> HeldLeg | None:
        """Note that we ask for its end; its leg, if there is anything to ask for."""
        held = self._by_playback.get(playback)
        if held is not None:
            held.playbacks[playback] = True
        return held

    def expect_bridge(self, bridge: BridgeId, leg: LegId, channels: Iterable[str]) -> None:
        """Expect these channels to enter this bridge."""
        wanted = set(channels)
        self._bridges[bridge] = HeldBridge(bridge, leg, wanted, set(wanted))
        for channel in wanted:
            self._by_channel[channel].bridge = bridge

    def knows_bridge(self, bridge: str) -> bool:
        """Whether this bridge was asked for and not destroyed since."""
        return bridge in self._bridges

    def is_complete(self, bridge: BridgeId) -> bool:
        """Whether all that were asked into this bridge have been seen in it."""
        held = self._bridges.get(bridge)
        return held is not None and not held.missing

    def entered(self, bridge: BridgeId, channel: str) -> HeldBridge | None:
        """The bridge that has just become complete by this channel."""
        held = self._bridges.get(bridge)
        if held is None or channel not in held.missing:
            return None
        held.missing.discard(channel)
        return None if held.missing else held

    def left(self, bridge: BridgeId, channel: str) -> None:
        """This channel is out of this bridge; one that all have left is forgotten."""
        held = self._bridges.get(bridge)
        if held is not None:
            held.inside.discard(channel)
            if not held.inside:
                del self._bridges[bridge]

    def forget_bridge(self, bridge: BridgeId) -> list[HeldLeg]:
        """Expect nobody in this bridge any more; its legs, as far as we know."""
        held = self._bridges.pop(bridge, None)
        inside: set[str] = held.inside if held else set()
        legs = (self._by_channel.get(channel) for channel in sorted(inside))
        return [leg for leg in legs if leg is not None]

    def end(self, held: HeldLeg) -> list[PlaybackId]:
        """Forget a leg that ended; the playbacks that ended with it, in their order."""
        del self._by_leg[held.leg]
        self._by_channel.pop(held.channel, None)
        for what in tuple(held.timers):
            held.stop_timer(what)
        held.held_back.clear()
        held.settled.set()
        if held.bridge is not None:
            self.left(held.bridge, held.channel)
        cut = list(held.playbacks)
        for playback in cut:
            self._by_playback.pop(playback, None)
        return cut
