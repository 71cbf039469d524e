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
from ivr.adapters.ari.events import (
    ApplicationReplaced,
    AriEvent,
    ContactStatusChange,
    Endpoint,
)
from ivr.adapters.ari.line import LineCallbacks
from ivr.adapters.ari.tasks import Tasks
from ivr.ports import ReachabilitySink
from router.model import DeviceId, qualified

APP_SUFFIX = "-devices"

ATTEMPTS_MAX = 10
"""Tries to be told of devices on one connection, before it is left to the next."""

RETRY_S = 1.0
"""Between two of them."""

_REACHABLE = frozenset({"Reachable", "NonQualified", "Created", "Updated"})
"""Contact states of PJSIP in which a device can be rung."""

_LISTED = ""
"""Stands for the one contact of a device that was online when we asked: the list names no URI."""

_WANTED = (ContactStatusChange.__name__, ApplicationReplaced.__name__, "RESTResponse")
"""Measured on 22.10.1: answers to requests over the WebSocket pass the filter too, so one that
does not name them swallows them all, its own answer first."""


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
        self._tasks = Tasks(edges.note)
        self._listing: asyncio.Task[None] | None = None
        self._known: dict[str, bool] = {}
        self._contact_of: dict[str, str] = {}
        self._told_since_up: set[str] = set()
        callbacks = LineCallbacks(
            on_event=self._on_event,
            on_up=self._on_up,
            on_down=lambda _: None,
            on_replaced=on_replaced,
            note=edges.note,
        )
        self._connection = AriConnection(self._settings, callbacks)

    async def run(self) -> None:
        """Watch until cancelled."""
        await self._connection.run()

    async def stop(self) -> None:
        """Let go of Asterisk."""
        await self._tasks.stop()
        await self._connection.close()

    async def look_again(self) -> frozenset[str] | None:
        """The devices Asterisk has now; None where it does not tell.

        For after a change of its configuration: a device that it has no more can be rung no more.
        """
        reply = await self._connection.over_http(op.list_endpoints())
        if not reply.ok:
            return None
        try:
            listed = self._take_list(reply)
        except msgspec.DecodeError:
            return None
        for device in self._known.keys() - listed:
            self._forget(device)
            self._tell(device)
        return listed

    def cease(self) -> None:
        """Another engine acts in our place."""
        self._connection.cease()

    def _on_up(self) -> None:
        self._told_since_up.clear()
        if self._listing is not None:
            self._listing.cancel()
        self._listing = self._tasks.spawn(self._watch(), name="ari devices")

    async def _watch(self) -> None:
        app = self._settings.app
        replies: list[op.Reply] = []
        for attempt in range(ATTEMPTS_MAX):
            if attempt > 0:
                await asyncio.sleep(RETRY_S)
            asked = (
                op.filter_events(app, allowed=_WANTED),
                op.subscribe_endpoints(app),
                op.list_endpoints(),
            )
            replies = [await self._connection.over_http(operation) for operation in asked]
            if all(reply.ok for reply in replies):
                self._take_list(replies[-1])
                return
        statuses = " ".join(str(reply.status) for reply in replies)
        self._edges.note("devices_not_watched", {"statuses": statuses})

    def _take_list(self, reply: op.Reply) -> frozenset[str]:
        kind: Any = list[Endpoint]
        endpoints: list[Endpoint] = msgspec.json.decode(reply.body, type=kind)
        for endpoint in endpoints:
            # The list is old when it arrives: of whom there was news since, the news is right.
            if endpoint.resource not in self._told_since_up:
                self._forget(endpoint.resource)
                if endpoint.state == "online":
                    self._contact_of[endpoint.resource] = _LISTED
                self._tell(endpoint.resource)
        return frozenset(endpoint.resource for endpoint in endpoints)

    def _on_event(self, event: AriEvent) -> None:
        """Only the newest contact of a device counts.

        Measured: when a phone registers again from another port, its new contact is created first
        and its old one is removed after that.
        """
        if not isinstance(event, ContactStatusChange):
            return
        device, contact = event.endpoint.resource, event.contact_info
        self._told_since_up.add(device)
        if contact.contact_status in _REACHABLE:
            self._contact_of[device] = contact.uri
        elif self._contact_of.get(device) in (contact.uri, _LISTED):
            self._forget(device)
        self._tell(device)

    def _forget(self, device: str) -> None:
        self._contact_of.pop(device, None)

    def _tell(self, device: str) -> None:
        reachable = device in self._contact_of
        if self._known.get(device) is not reachable:
            self._known[device] = reachable
            self._reachability(DeviceId(qualified(device)), reachable)
