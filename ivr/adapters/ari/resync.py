"""After every (re)connection: ask Asterisk what is true, and mend what we believed.

Measured: when the WebSocket breaks, channels and bridges stay, events of the gap are lost, and
no new ``StasisStart`` comes for channels that are still there. So a leg that is gone must be
ended, a caller who came in the gap must be taken in, and an agent's leg that no contact of ours
knows must be released. Two parties who talk are never touched.
"""

from typing import Any

import msgspec

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.connection import AriConnection
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.events import Bridge, CallerId, Channel
from ivr.adapters.ari.legs import LegBook
from ivr.adapters.ari.translation import Translation


class _Dialplan(msgspec.Struct, frozen=True):
    app_name: str = ""
    app_data: str = ""


class _ListedChannel(msgspec.Struct, frozen=True):
    id: str
    name: str = ""
    state: str = ""
    caller: CallerId = CallerId()
    dialplan: _Dialplan = _Dialplan()


class Resync:
    """One comparison of our book with Asterisk's lists."""

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

    async def run(self) -> None:
        """Compare and mend; a list that does not come is noted, the next connection asks anew."""
        known_before = {held.channel for held in self._legs.all()}
        channels = await self._list(op.list_channels(), list[_ListedChannel])
        bridges = await self._list(op.list_bridges(), list[Bridge])
        if channels is None or bridges is None:
            self._edges.note("resync_failed", {})
            return
        self._mend(known_before, channels, bridges)

    def _mend(
        self, known_before: set[str], channels: list[_ListedChannel], bridges: list[Bridge]
    ) -> None:
        live = {channel.id for channel in channels}
        for held in self._legs.all():
            if held.channel in known_before and held.channel not in live:
                self._translation.end(held, None)
        talking = {channel for bridge in bridges for channel in bridge.channels}
        for channel in channels:
            if self._legs.by_channel(channel.id) is None and channel.id not in talking:
                self._take_in(channel)
        for bridge in bridges:
            if not bridge.channels:
                self._connection.send(op.destroy_bridge(bridge.id), lambda _: None)

    def _take_in(self, listed: _ListedChannel) -> None:
        app, *args = listed.dialplan.app_data.split(",")
        if listed.dialplan.app_name != "Stasis" or app != self._app:
            return
        if len(args) >= 2 and args[0] in ("inbound", "device"):
            channel = Channel(listed.id, listed.name, listed.state, listed.caller)
            self._edges.note("caller_taken_in", {"channel": listed.id})
            self._translation.arrive(channel, dialled=args[1])
        else:
            self._connection.send(op.hang_up(listed.id, reason="normal"), lambda _: None)

    async def _list(self, operation: op.Operation, kind: Any) -> Any:
        reply = await self._connection.over_http(operation)
        return msgspec.json.decode(reply.body, type=kind) if reply.ok else None
