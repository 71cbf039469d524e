"""The ``Telephony`` port on a real Asterisk: one node."""

import asyncio
from collections.abc import Sequence

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.commands import Commands
from ivr.adapters.ari.connection import AriConnection, AriSettings
from ivr.adapters.ari.devices import DeviceWatch
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.legs import LegBook
from ivr.adapters.ari.line import LineCallbacks
from ivr.adapters.ari.resync import Resync
from ivr.adapters.ari.strangers import OccupancySink, Strangers
from ivr.adapters.ari.tasks import Tasks
from ivr.adapters.ari.translation import Translation
from ivr.adapters.conf.render import DEVICES_MODULE
from ivr.call.effects import TelephonyEffect
from ivr.call.model import PlaybackId
from ivr.call.voice import RecordingId
from ivr.ports import EventSink, ReachabilitySink
from router.events import DeviceOccupied, DeviceVacated

STALE_PLAYBACKS_MAX = 4_000
"""Playbacks of an earlier engine that are ended, all at once: fewer than may be pending. Further
ones play out."""


class AriTelephony:
    """One Asterisk node. ``start`` after construction; events arrive at ``sink``.

    ``occupancy`` is told of devices in conversations that an earlier engine left; without it they
    are only noted. ``stale_playbacks`` were begun by an engine that died: they are ended before a
    caller is taken in, so that nobody hears two prompts one behind the other.
    """

    def __init__(
        self,
        settings: AriSettings,
        edges: Edges,
        *,
        sink: EventSink,
        reachability: ReachabilitySink,
        occupancy: OccupancySink | None = None,
        stale_playbacks: Sequence[PlaybackId] = (),
    ) -> None:
        self.replaced = asyncio.Event()
        self._app = settings.app
        self._edges = edges
        self._occupancy = occupancy
        self._stale_playbacks = stale_playbacks[:STALE_PLAYBACKS_MAX]
        self._stale_recordings: Sequence[RecordingId] = ()
        self._runner: asyncio.Task[None] | None = None
        self._resyncing: asyncio.Task[None] | None = None
        self._tasks = Tasks(edges.note)
        self._legs = LegBook()
        self._strangers = Strangers(
            hang_up=self._hang_up_stranger,
            destroy_bridge=self._destroy_bridge,
            occupancy=self._on_occupancy,
        )
        self._devices = DeviceWatch(
            settings, edges, reachability=reachability, on_replaced=self._on_replaced
        )
        self._translation = Translation(
            self._legs,
            edges,
            self._strangers,
            sink=sink,
            refuse=lambda channel: self._hang_up(channel, "congestion"),
        )
        callbacks = LineCallbacks(
            on_event=self._translation.on_event,
            on_up=self._on_up,
            on_down=lambda reason: edges.note("asterisk_lost", {"reason": reason}),
            on_replaced=self._on_replaced,
            note=edges.note,
        )
        self._connection = AriConnection(settings, callbacks)
        self._commands = Commands(
            self._connection, self._translation, self._legs, edges, app=settings.app
        )

    async def start(self) -> str:
        """Check the server, connect and stay connected; Asterisk's version. Raises PeerError."""
        version = await self._connection.open()
        self._runner = self._tasks.spawn(self._connection.run(), name="ari connection")
        self._tasks.spawn(self._devices.run(), name="ari device watch")
        return version

    def end_stale_recordings(self, recordings: Sequence[RecordingId]) -> None:
        """Have these ended too: behind them a caller would hear nothing. Before ``start``."""
        self._stale_recordings = recordings[:STALE_PLAYBACKS_MAX]

    async def stop(self) -> None:
        """Let go of Asterisk; calls stay as they are."""
        await self._commands.stop()
        await self._tasks.stop()
        await self._devices.stop()
        await self._connection.close()

    def perform(self, effect: TelephonyEffect) -> None:
        """Have this done; what came of it arrives at the sink."""
        self._commands.perform(effect)

    async def ask(self, operation: op.Operation) -> op.Reply:
        """One request of a tool or a test, outside any contact."""
        return await self._connection.over_http(operation)

    async def known_devices(self) -> frozenset[str] | None:
        """The devices Asterisk has, asked anew; None where it does not tell."""
        return await self._devices.look_again()

    async def reload_devices(self) -> bool:
        """Have Asterisk read its devices anew; whether it did. Calls go on."""
        return (await self.ask(op.reload_module(DEVICES_MODULE))).ok

    @property
    def connected(self) -> bool:
        """Whether events arrive."""
        return self._connection.connected

    @property
    def runner(self) -> asyncio.Task[None] | None:
        """The task that keeps the line; its death is the engine's."""
        return self._runner

    def _hang_up(self, channel: str, reason: str) -> None:
        self._connection.send(op.hang_up(channel, reason=reason), lambda _: None)

    def _hang_up_stranger(self, channel: str) -> None:
        if self._legs.by_channel(channel) is None:
            self._hang_up(channel, "normal")

    def _destroy_bridge(self, bridge: str) -> None:
        self._connection.send(op.destroy_bridge(bridge), lambda _: None)

    def _on_occupancy(self, news: DeviceOccupied | DeviceVacated) -> None:
        kind = "device_occupied" if isinstance(news, DeviceOccupied) else "device_vacated"
        self._edges.note(kind, {"device": news.device, "channel": news.call})
        if self._occupancy is not None:
            self._occupancy(news)

    def _on_up(self) -> None:
        self._edges.note("asterisk_connected", {})
        if self._resyncing is not None:
            self._resyncing.cancel()
        self._end_stale_playbacks()
        resync = Resync(
            self._connection,
            self._translation,
            self._legs,
            self._strangers,
            self._edges,
            app=self._app,
        )
        self._resyncing = self._tasks.spawn(resync.run(), name="ari resync")

    def _end_stale_playbacks(self) -> None:
        # On the first line only: by the next they are over, or were asked to be. Many ended by
        # themselves or were never begun, and a 404 is as good as an answer.
        stale, self._stale_playbacks = self._stale_playbacks, ()
        if stale:
            self._edges.note("stale_playbacks_ended", {"playbacks": str(len(stale))})
        for playback in stale:
            self._connection.send(op.stop_playback(playback), lambda _: None)
        stopped, self._stale_recordings = self._stale_recordings, ()
        for recording in stopped:
            self._connection.send(op.stop_recording(recording), lambda _: None)

    def _on_replaced(self) -> None:
        if self.replaced.is_set():
            return  # both lines are told of it
        self._connection.cease()
        self._devices.cease()
        self._edges.note("asterisk_replaced_us", {"app": self._app})
        self.replaced.set()
