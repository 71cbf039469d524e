"""After every (re)connection: ask Asterisk what is true, and mend what we believed.

Measured: when the WebSocket breaks, channels and bridges stay, events of the gap are lost, and
no new ``StasisStart`` comes for channels that are still there. So a leg that is gone must be
ended, a caller who came in the gap must be taken in, and an agent's leg that no contact of ours
knows must be released. Two parties who talk are never touched.

A list is old when it arrives: who came or went meanwhile is known from events, which are right.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.connection import AriConnection
from ivr.adapters.ari.device_names import device_of
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.events import Bridge, CallerId, Channel
from ivr.adapters.ari.legs import HeldLeg, LegBook
from ivr.adapters.ari.recording import beep_of
from ivr.adapters.ari.strangers import Strangers
from ivr.adapters.ari.translation import ARRIVAL_KINDS, UP, Translation
from router.model import DeviceId

ATTEMPTS_MAX = 3
"""Comparisons tried on one connection before it is left to the next."""

MADE_BY_ARI = "Stasis"
"""The creator of a bridge that was made over ARI."""


class Dialplan(msgspec.Struct, frozen=True):
    """Where a channel is: in ``Stasis`` with its application and arguments, if it is ours."""

    app_name: str = ""
    app_data: str = ""

    @property
    def words(self) -> list[str]:
        """The application, then its arguments."""
        return self.app_data.split(",")

    @property
    def kind(self) -> str:
        """The first argument, which is set by our dialplan or by us; empty without one."""
        return self.words[1] if len(self.words) > 1 else ""


class ListedChannel(msgspec.Struct, frozen=True):
    """A channel as the list of all channels tells it."""

    id: str
    name: str = ""
    state: str = ""
    caller: CallerId = CallerId()
    dialplan: Dialplan = Dialplan()


class Resync:
    """One comparison of our book with Asterisk's lists; made as soon as the line is up."""

    def __init__(
        self,
        connection: AriConnection,
        translation: Translation,
        legs: LegBook,
        strangers: Strangers,
        edges: Edges,
        *,
        app: str,
    ) -> None:
        self._connection = connection
        self._translation = translation
        self._legs = legs
        self._strangers = strangers
        self._edges = edges
        self._app = app
        # Now, before anything is sent on this line: what is made later is in no list yet.
        self._known_before = legs.all()
        self._playing_before = [(held, name) for held in legs.all() for name in held.playbacks]
        self._recording_before = translation.recordings.open()
        strangers.begin_watch()

    async def run(self) -> None:
        """Compare and mend; without lists it is noted, and the next connection asks anew."""
        for _ in range(ATTEMPTS_MAX):
            channels = await self._list(op.list_channels(), list[ListedChannel])
            bridges = await self._list(op.list_bridges(), list[Bridge])
            seen = self._strangers.end_watch()
            if channels is not None and bridges is not None and seen is not None:
                self._mend(channels, bridges, seen)
                await self._end_lost_playbacks()
                await self._end_lost_recordings()
                self._edges.note("resync_done", {"legs": str(len(self._legs))})
                return
            self._strangers.begin_watch()
        self._strangers.end_watch()
        self._edges.note("resync_failed", {})

    def _mend(
        self, channels: list[ListedChannel], bridges: list[Bridge], seen: frozenset[str]
    ) -> None:
        listed = {channel.id: channel for channel in channels}
        for held in self._known_before:
            self._mend_leg(held, listed.get(held.channel))
        self._mend_bridges(bridges, listed, seen)
        talking = {channel for bridge in bridges for channel in bridge.channels}
        self._strangers.compare(frozenset(listed))
        for channel in channels:
            unknown = self._legs.by_channel(channel.id) is None
            if unknown and channel.id not in talking and channel.id not in seen:
                self._take_in(channel)

    def _mend_leg(self, held: HeldLeg, listed: ListedChannel | None) -> None:
        if not self._legs.lives(held):
            return
        if listed is None:
            self._translation.end(held, held.cause)
            return
        self._translation.state_is(held, listed.state)
        if held.releasing is not None:
            self._hang_up(held.channel, held.releasing)

    def _mend_bridges(
        self, bridges: list[Bridge], listed: Mapping[str, ListedChannel], seen: frozenset[str]
    ) -> None:
        for bridge in bridges:
            if bridge.creator != MADE_BY_ARI:
                continue  # somebody else's, of the dialplan: none of our business
            present = [channel for channel in bridge.channels if channel not in seen]
            ours = [channel for channel in present if self._legs.by_channel(channel) is not None]
            strange = [listed.get(channel) for channel in present if channel not in ours]
            if self._legs.knows_bridge(bridge.id):
                for channel in ours:
                    self._translation.entered(bridge.id, channel)
            elif not strange:
                # Empty, or its end was asked for while the line was down.
                self._connection.send(op.destroy_bridge(bridge.id), lambda _: None)
            elif all(channel is not None and self._is_here(channel) for channel in strange):
                devices = [self._device(channel) for channel in strange if channel is not None]
                self._strangers.adopt(bridge.id, present, dict(pair for pair in devices if pair))

    @staticmethod
    def _device(listed: ListedChannel) -> tuple[str, DeviceId] | None:
        """The channel with the device of ours at its far end, whoever dialled whom."""
        device = device_of(listed.name, kind=listed.dialplan.kind)
        return None if device is None else (listed.id, device)

    def _is_here(self, listed: ListedChannel) -> bool:
        return listed.dialplan.app_name == "Stasis" and listed.dialplan.words[0] == self._app

    def _take_in(self, listed: ListedChannel) -> None:
        if not self._is_here(listed):
            return
        kind = listed.dialplan.kind
        if len(listed.dialplan.words) >= 3 and kind in ARRIVAL_KINDS:
            channel = Channel(listed.id, listed.name, listed.state, listed.caller)
            self._edges.note("caller_taken_in", {"channel": listed.id})
            dialled, was_up = listed.dialplan.words[2], listed.state == UP
            self._translation.arrive(channel, kind=kind, dialled=dialled, taken_in=was_up)
        else:
            self._hang_up(listed.id, "normal")

    async def _end_lost_playbacks(self) -> None:
        """A playback that ended in the gap told nobody; one by one, for there is no list."""
        for held, playback in self._playing_before:
            if self._legs.by_playback(playback) is held:
                reply = await self._connection.ask(op.get_playback(playback))
                if reply.status == 404:
                    self._edges.note("playback_ended_unheard", {"leg": held.leg})
                    self._translation.finish_playback(playback, failed=False)

    async def _end_lost_recordings(self) -> None:
        """Likewise a recording, or its beep."""
        recordings = self._translation.recordings
        for recording in self._recording_before:
            beep = beep_of(recording)
            beeps = recordings.beeps(recording)
            asked = op.get_playback(beep) if beeps else op.get_recording(recording)
            if (await self._connection.ask(asked)).status != 404:
                continue
            if beeps:
                recordings.beep_over(beep)
            else:
                recordings.finish(recording)

    def _hang_up(self, channel: str, reason: str) -> None:
        self._connection.send(op.hang_up(channel, reason=reason), lambda _: None)

    async def _list(self, operation: op.Operation, kind: Any) -> Any:
        reply = await self._connection.over_http(operation)
        try:
            return msgspec.json.decode(reply.body, type=kind) if reply.ok else None
        except msgspec.DecodeError:
            return None
