"""Puts one engine together and keeps it running: site, cores, Asterisk, files, signals."""

import asyncio
import secrets
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from ivr.adapters.ari.connection import AriSettings
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.telephony import AriTelephony
from ivr.adapters.conf.secret_file import FILE_NAME as SECRETS_FILE
from ivr.adapters.conf.secret_file import load_secrets
from ivr.adapters.control.engine_desk import EngineDesk
from ivr.adapters.control.server import ControlServer
from ivr.adapters.device_accounts import DeviceAccounts
from ivr.adapters.media import BuiltPrompts
from ivr.adapters.store.store import Store, utc_millis
from ivr.adapters.voice_files import voice_files, write_beep
from ivr.app_last_served import LastServedOfSite
from ivr.app_site import EngineProblem as EngineProblem
from ivr.app_site import Servable, servable_site
from ivr.app_site import load_checked_site as load_checked_site
from ivr.app_start import TRACE_FILE as TRACE_FILE
from ivr.app_start import Started, open_files, take_up
from ivr.call.effects import TelephonyEffect
from ivr.calm_collector import CalmCollector
from ivr.flow.model import Hotline
from ivr.flow.site import Site
from ivr.live_site import LiveSite, SiteEdges
from ivr.ports import PeerError
from ivr.provision.asterisk import VERSION_MIN_TEXT, new_enough
from ivr.runtime import Runtime
from ivr.settings import EngineSettings
from router.model import ContactId

OVERDUE_LOOKED_FOR_S = 10.0
"""How late a work order can be shown as overdue."""

COLLECTOR_TENDED_S = 60.0
"""How often it is asked whether the time is quiet enough to look for cycles everywhere."""


async def serve(settings: EngineSettings, *, ready: Callable[[str], None]) -> None:
    """Run one engine until SIGTERM or SIGINT. Raises ``EngineProblem`` or ``PeerError``.

    ``ready`` is told a sentence once calls are being taken.
    """
    servable = servable_site(settings)
    checked = servable.checked
    media = BuiltPrompts(servable.catalogue, settings.audio)
    with open_files(settings) as files:
        line = _Line()
        started = take_up(settings, checked, files, line)
        runtime = started.runtime
        outside = _AllowList(checked.site)
        served = LastServedOfSite(checked.site, files.store.last_served)
        edges = _edges(settings, media, files.store, runtime.note, outside.number)
        edges = replace(edges, last_served=served.of)
        telephony = AriTelephony(
            _ari_settings(settings),
            edges,
            sink=runtime.submit,
            reachability=runtime.device_reachability,
            occupancy=runtime.submit,
            stale_playbacks=started.stale_playbacks,
        )
        telephony.end_stale_recordings(started.stale_recordings)
        line.telephony = telephony
        started.begin()
        overdue = asyncio.create_task(_show_overdue(files.store), name="overdue work orders")
        tended = asyncio.create_task(_tend_collector(started), name="collector of cycles")
        live = _live_site(settings, started, servable, media, telephony)
        outside.site = served.site = live.site
        control = _control(settings, started, live)
        try:
            await control.start()
            await _run(telephony, runtime, ready, live)
        finally:
            overdue.cancel()
            tended.cancel()
            runtime.stop()
            await live.stop()
            await control.stop()
            await started.lookups.stop()
            await telephony.stop()


def _edges(
    settings: EngineSettings,
    media: BuiltPrompts,
    store: Store,
    note: Callable[[str, Mapping[str, str]], None],
    outside: Callable[[str], str | None],
) -> Edges:
    """What the line to Asterisk needs of this engine."""
    recordings = voice_files(settings.run_dir, settings.data_dir)
    try:
        beep = write_beep(settings.data_dir / "sounds")
    except OSError as error:
        raise EngineProblem(f"the beep cannot be written: {error}") from error
    return Edges(media, store.parties, _new_contact_id, note, recordings, beep, outside)


def _live_site(
    settings: EngineSettings,
    started: Started,
    servable: Servable,
    media: BuiltPrompts,
    telephony: AriTelephony,
) -> LiveSite:
    """The site, and what a change of it reaches."""
    edges = SiteEdges(
        read=partial(servable_site, settings),
        activate=started.activate,
        play=media.renew,
        match_devices=DeviceAccounts(settings.run_dir, telephony).match,
    )
    catalogue, site = servable.catalogue, servable.checked.site
    return LiveSite(site, started.runtime, edges, catalogue=catalogue)


def _control(settings: EngineSettings, started: Started, live: LiveSite) -> ControlServer:
    """The socket by which people on this machine steer the engine."""
    runtime = started.runtime
    desk = EngineDesk(
        site=live.site,
        agents=runtime.agents,
        queues=runtime.queues,
        submit=runtime.submit,
        reload=live.reload,
        clock=started.clock,
    )
    desk.closed = runtime.closed_by_hand
    desk.switched_off = runtime.crises
    desk.waits = runtime.waiting
    runtime.answers = desk.take_answer
    return ControlServer(settings.data_dir, desk)


class _AllowList:
    """The outside numbers of the site that holds: what a change takes away is dialled no more."""

    def __init__(self, first: Site) -> None:
        self.site: Callable[[], Site] = lambda: first

    def number(self, name: str) -> str | None:
        """The number of this name."""
        entry = self.site().outside_numbers.get(name)
        return None if entry is None else entry.number


class _Line:
    """Stands for the telephony while runtime and adapter are being tied to each other."""

    telephony: AriTelephony | None = None

    def perform(self, effect: TelephonyEffect) -> None:
        """Pass it on."""
        if self.telephony is not None:
            self.telephony.perform(effect)


async def _show_overdue(store: Store) -> None:
    """Work orders outlive engines, and other processes change them: their deadlines are looked up,
    not held."""
    while True:
        store.orders.work_due(utc_millis())
        await asyncio.sleep(OVERDUE_LOOKED_FOR_S)


async def _tend_collector(started: Started) -> None:
    """Keep Python's collector from stopping the engine in a rush."""
    collector, clock = CalmCollector(), started.clock
    collector.begin(clock.now())
    while True:
        await asyncio.sleep(COLLECTOR_TENDED_S)
        collector.tend(clock.now(), live_contacts=started.runtime.live_contacts())


async def _run(
    telephony: AriTelephony, runtime: Runtime, ready: Callable[[str], None], live: LiveSite
) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, live.begin_reload)
    version = await telephony.start()
    if not new_enough(version):
        raise PeerError(
            f"Asterisk {version} is too old: {VERSION_MIN_TEXT} or newer is needed (REST over "
            "WebSocket, and two ARI authorisation holes mended); run `make setup`.",
            peer="asterisk",
            operation="asterisk/info",
            retry_safe=False,
        )
    runner = telephony.runner
    if runner is None:
        raise EngineProblem("the line to Asterisk was not started")
    numbers = ", ".join(sorted(numbers_of(live.site())))
    ready(f"Engine on Asterisk {version} takes calls for {numbers}")
    waits = [
        asyncio.create_task(stopping.wait()),
        asyncio.create_task(telephony.replaced.wait()),
        runner,
    ]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits[:2]:
            wait.cancel()
    if telephony.replaced.is_set():
        raise EngineProblem(
            "another engine took the application over; this one stopped acting at once"
        )
    if runner.done() and not stopping.is_set():
        runner.result()
    runtime.note("engine_stopping", {"live_contacts": str(runtime.live_contacts())})
    runtime.finish()


def numbers_of(site: Site) -> Mapping[str, Hotline]:
    """Every dialled number with its hotline."""
    return {number: hotline for hotline in site.hotlines.values() for number in hotline.numbers}


def _ari_settings(settings: EngineSettings) -> AriSettings:
    if not (settings.run_dir / SECRETS_FILE).is_file():
        raise EngineProblem(
            f"there is no {SECRETS_FILE} in {settings.run_dir}: --run-dir must be the private "
            "folder from which this Asterisk was started"
        )
    return AriSettings(
        host=settings.ari_host,
        port=settings.ari_port,
        app=settings.ari_app,
        user=settings.ari_user,
        password=load_secrets(settings.run_dir).ari_password,
    )


def _new_contact_id() -> ContactId:
    """Unguessable and never used twice; safe as part of a channel's id and a file's name."""
    return ContactId(f"c{secrets.token_hex(8)}")
