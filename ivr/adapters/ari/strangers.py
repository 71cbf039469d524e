"""Conversations of an earlier engine, found at the start: left alone, but not for ever.

Two parties who talk are never touched, though no contact of ours knows them. When one of them
goes, the other would hear silence without end: then all who are left are hung up. While one of our
devices is in such a conversation the engine is told so, that nobody rings it.

It also remembers which channels came or went while a list of all channels was on its way, for
such a list is old when it arrives.
"""

from collections.abc import Callable, Iterable, Mapping

from router.events import DeviceOccupied, DeviceVacated
from router.model import DeviceId, OwnCallId

STRANGERS_MAX = 6_000
"""Channels of earlier conversations remembered; further ones are hung up."""

SEEN_MAX = 50_000
"""Channels that may come or go during one comparison; more means that it must be done again."""

OccupancySink = Callable[[DeviceOccupied | DeviceVacated], None]
"""Takes the news that a device is in a call which no contact knows, or is out of it."""


class Strangers:
    """Who talks without being known to us, and who came or went lately."""

    def __init__(
        self,
        *,
        hang_up: Callable[[str], None],
        destroy_bridge: Callable[[str], None],
        occupancy: OccupancySink,
    ) -> None:
        self._hang_up = hang_up
        self._destroy_bridge = destroy_bridge
        self._occupancy = occupancy
        self._bridge_of: dict[str, str] = {}
        self._parties: dict[str, tuple[str, ...]] = {}
        self._device_of: dict[str, DeviceId] = {}
        """Of the channels that the engine was told of, and that have not ended since."""
        self._seen: set[str] | None = None

    def __len__(self) -> int:
        return len(self._bridge_of)

    def begin_watch(self) -> None:
        """A list is about to be asked for; who was remembered from before is in it."""
        self._seen = set()
        self._bridge_of.clear()
        self._parties.clear()

    def end_watch(self) -> frozenset[str] | None:
        """Who came or went meanwhile; None when there were too many to remember."""
        seen, self._seen = self._seen, None
        return None if seen is None or len(seen) >= SEEN_MAX else frozenset(seen)

    def saw(self, channel: str) -> None:
        """This channel came or went just now."""
        if self._seen is not None and len(self._seen) < SEEN_MAX:
            self._seen.add(channel)

    def adopt(
        self, bridge: str, channels: Iterable[str], devices: Mapping[str, DeviceId] | None = None
    ) -> None:
        """Leave these in peace until one of them goes; ``devices`` names those that are ours."""
        parties = tuple(channels)
        if len(parties) < 2 or len(self._bridge_of) + len(parties) > STRANGERS_MAX:
            self._dissolve(bridge, parties)
            return
        self._parties[bridge] = parties
        for channel in parties:
            self._bridge_of[channel] = bridge
        for channel, device in (devices or {}).items():
            if channel not in self._device_of:
                self._device_of[channel] = device
                self._occupancy(DeviceOccupied(device, OwnCallId(channel)))

    def compare(self, living: frozenset[str]) -> None:
        """These channels exist, and no older ones: what ended unheard vacates its device."""
        for channel in [each for each in self._device_of if each not in living]:
            self._vacate(channel)

    def left(self, channel: str) -> None:
        """This channel left its bridge: nobody is left in silence for it."""
        bridge = self._bridge_of.get(channel)
        if bridge is None:
            return
        parties = self._parties.pop(bridge, ())
        for party in parties:
            self._bridge_of.pop(party, None)
        self._dissolve(bridge, [party for party in parties if party != channel])

    def gone(self, channel: str) -> None:
        """This channel ended."""
        self.left(channel)
        self._vacate(channel)

    def _vacate(self, channel: str) -> None:
        device = self._device_of.pop(channel, None)
        if device is not None:
            self._occupancy(DeviceVacated(device, OwnCallId(channel)))

    def _dissolve(self, bridge: str, channels: Iterable[str]) -> None:
        for channel in channels:
            self._hang_up(channel)
        self._destroy_bridge(bridge)
