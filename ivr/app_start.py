"""What an engine starts from: its site, its files, and what its journal remembers."""

import asyncio
import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

from ivr.adapters.clock import SystemClock
from ivr.adapters.core_version import core_version
from ivr.adapters.http.lookups import HttpLookups, LookupEdges
from ivr.adapters.store.json_lines import JsonLines, TraceFile
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.promises import PromisedOrders
from ivr.adapters.store.store import Store, StoreSettings, utc_millis
from ivr.adapters.store.voice_messages import SqlVoiceMessages
from ivr.adapters.voice_files import voice_files
from ivr.app_lookups import lookups_of
from ivr.app_site import CheckedSite as CheckedSite
from ivr.app_site import EngineProblem as EngineProblem
from ivr.app_site import checked_site as checked_site
from ivr.app_site import load_checked_site as load_checked_site
from ivr.call.model import PlaybackId
from ivr.call.vault import Vault
from ivr.call.voice import RecordingId
from ivr.engine.driver import Driver, SiteActivated
from ivr.engine.recover import Kept, Recovered, RecoveryRefused, forgotten, recover, resumed_at
from ivr.journal_feed import StreamPlace
from ivr.ports import Keeper, Surroundings, Telephony
from ivr.runtime import Runtime
from ivr.settings import EngineSettings
from ivr.site_shelf import SiteShelf

TRACE_FILE = "trace.jsonl"
NODE = "node-1"
STREAM = f"node:{NODE}"
"""Both cores take their turns in this process, so all that enters them has one order."""


@dataclass(frozen=True, slots=True)
class Started:
    """An engine that remembers, not begun yet: ``begin`` feeds it what happened at its start.

    ``activate`` gives it another site later, kept for a restart first. ``stale_playbacks`` and
    ``stale_recordings`` are what the engine before may have left playing and being recorded.
    """

    runtime: Runtime
    clock: SystemClock
    begin: Callable[[], None]
    activate: Callable[[CheckedSite], None]
    stale_playbacks: tuple[PlaybackId, ...]
    stale_recordings: tuple[RecordingId, ...]
    lookups: HttpLookups


def take_up(
    settings: EngineSettings,
    checked: CheckedSite,
    files: "EngineFiles",
    telephony: Telephony,
) -> Started:
    """The engine that goes on from its journal. Raises ``EngineProblem``, ``StoreProblem``."""
    store, trace = files.store, files.trace
    shelf = SiteShelf(store.stored_sites.one)
    core = core_version()
    recovered = _recovered(settings, store, shelf, core)
    calls = recovered.driver.calls
    stale = calls.left_playing(), calls.left_recording()
    at, disbelieved = resumed_at(recovered, utc_millis())
    clock = files.notes.clock = SystemClock(at)
    promised = PromisedOrders(store.orders)
    keeper = Keeper(
        records=store.records,
        orders=promised,
        presences=store.presences,
        outbox=store.outbox,
        voice_messages=files.voice,
    )
    vault = Vault()
    edges = LookupEdges(
        number=store.parties.number,
        reveal=lambda secret: vault.reveal(secret, clock.now()),
        answer=lambda answered: runtime.submit(answered),
        note=lambda kind, said: runtime.note(kind, said),
    )
    lookups = lookups_of(settings, checked.site, edges)
    world = Surroundings(telephony, clock, keeper, trace, store.journal, lookups, vault)
    runtime = Runtime(recovered.driver, world, StreamPlace(STREAM, core, recovered.seq))

    def keep(checked: CheckedSite) -> str:
        version = checked.site.version
        store.sites.keep(version, checked.stored, wall=clock.wall())
        shelf.put(checked.site)
        return version

    def begin() -> None:
        version = keep(checked)
        runtime.note("engine_starting", _told(recovered, core, disbelieved=disbelieved))
        runtime.begin(site=version, at_rest=recovered.at_rest, anchor=settings.forget)
        files.voice.sweep()

    def activate(changed: CheckedSite) -> None:
        lookups.activate(changed.site.services)
        runtime.submit(SiteActivated(keep(changed)))

    return Started(runtime, clock, begin, activate, *stale, lookups)


def _recovered(settings: EngineSettings, store: Store, shelf: SiteShelf, core: str) -> Recovered:
    journal = store.journal
    kept = Kept(journal.snapshots(STREAM), lambda seq: journal.rows(STREAM, after=seq))
    if settings.forget:
        return forgotten(kept, driver=Driver(shelf))
    try:
        return recover(kept, core=core, sites=shelf)
    except RecoveryRefused as refused:
        raise EngineProblem(str(refused)) from refused


def _told(recovered: Recovered, core: str, *, disbelieved: bool) -> dict[str, str]:
    told = {
        "core": core,
        "seq": str(recovered.seq),
        "replayed": str(recovered.replayed),
        "at_rest": str(recovered.at_rest).lower(),
        "contacts": str(recovered.driver.calls.live_contacts()),
    }
    if recovered.unreadable:
        told["unreadable_snapshots"] = str(recovered.unreadable)
    if disbelieved:
        told["clock"] = "the time since the last row is not believed, and was cut to 0 to 24 h"
    return told


@dataclass(slots=True)
class EngineFiles:
    """The trace and the store of one engine, open."""

    trace: TraceFile
    store: Store
    notes: "StoreNotes"
    voice: SqlVoiceMessages


@dataclass(slots=True)
class StoreNotes:
    """Puts the store's trouble into the trace.

    At engine time once ``clock`` is the engine's; what comes before counts from the opening.
    """

    trace: TraceFile
    clock: SystemClock

    def tell(self, problem: StoreProblem | None) -> None:
        """Writing does not work for this reason, or, without one, works again."""
        self.note("store", {"problem": str(problem) if problem else "writing works again"})

    def note(self, kind: str, details: Mapping[str, str]) -> None:
        """Something that happened to what is kept."""
        self.trace.note(at=self.clock.now(), wall=self.clock.wall(), kind=kind, details=details)


@contextlib.contextmanager
def open_files(settings: EngineSettings) -> Generator[EngineFiles]:
    """Trace and store, closed in order; what was promised by then is done first."""
    path = settings.data_dir / TRACE_FILE
    try:
        lines = JsonLines(path)
    except OSError as error:
        raise EngineProblem(
            f"{path} cannot be written ({error.strerror}): give its folder and files to the user "
            "that runs this, with the right to write"
        ) from error
    trace = TraceFile(lines)
    notes = StoreNotes(trace, SystemClock())
    try:
        store = Store(
            StoreSettings(settings.data_dir, NODE),
            loop=asyncio.get_running_loop(),
            trouble=notes.tell,
        )
        try:
            kept = voice_files(settings.run_dir, settings.data_dir)
            voice = SqlVoiceMessages(store.writer, kept, note=notes.note)
            yield EngineFiles(trace, store, notes, voice)
            # What the last turns promised is done once they are committed: before the end.
            store.journal.flush()
        finally:
            store.close()
    finally:
        lines.close()
