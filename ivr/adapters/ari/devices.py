"""Which devices can be reached, on a line of its own.

A subscription to endpoints delivers every event of every call of those endpoints, and to an
application that has those calls it delivers them twice (measured on 22.10.1: one key press came
as two ``ChannelDtmfReceived``). So reachability has a second application of its own, with a
filter that lets only contact changes through: no call's event is doubled, and of an agent's
private calls nothing is ever seen.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.connection import AriConnection, AriSettings
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.events import AriEvent, ContactStatusChange, Endpoint
from ivr.ports import ReachabilitySink
from router.model import DeviceId, qualified

APP_SUFFIX = "-devices"

_REACHABLE = frozenset({"Reachable", "NonQualified", "Created", "Updated"})
"""Contact states of PJSIP in which a device can be rung."""


class DeviceWatch:
    """Tells the engine which devices can be rung, from the start and at every change."""

    def __init__(
        self,
        settings: AriSettings,
        edges: Edges,
        *,
        reachability: ReachabilitySink,
        on_replaced: Callable[[], None],
    ) -> None:
        self._settings = replace(settings, app=settings.app + APP_SUFFIX)
        self._edges = edges
        self._reachability = reachability
        self._listing: asyncio.Task[None] | None = None
        self._known: dict[str, bool] = {}
        self._connection = AriConnection(
            self._settings,
            on_event=self._on_event,
            on_up=self._on_up,
            on_down=lambda _: None,
            on_replaced=on_replaced,
        )

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._connection.run()

    async def stop(self) -> None:
        """Let go of Asterisk."""
        if self._listing is not None:
            self._listing.cancel()
            await asyncio.gather(self._listing, return_exceptions=True)
        await self._connection.close()

    def _on_up(self) -> None:
        self._listing = asyncio.create_task(self._list(), name="ari devices")

    async def _list(self) -> None:
        app = self._settings.app
        filtering = op.filter_events(app, allowed=(ContactStatusChange.__name__,))
        for operation in (filtering, op.subscribe_endpoints(app)):
            reply = await self._connection.over_http(operation)
            if not reply.ok:
                self._edges.note("devices_not_watched", {"status": str(reply.status)})
                return
        reply = await self._connection.over_http(op.list_endpoints())
        kind: Any = list[Endpoint]
        endpoints: list[Endpoint] = msgspec.json.decode(reply.body, type=kind) if reply.ok else []
        for endpoint in endpoints:
            self._tell(endpoint.resource, reachable=endpoint.state == "online")

    def _on_event(self, event: AriEvent) -> None:
        if isinstance(event, ContactStatusChange):
            reachable = event.contact_info.contact_status in _REACHABLE
            self._tell(event.endpoint.resource, reachable=reachable)

    def _tell(self, device: str, *, reachable: bool) -> None:
        if self._known.get(device) is not reachable:
            self._known[device] = reachable
            self._reachability(DeviceId(qualified(device)), reachable)
