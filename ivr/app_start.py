"""What an engine starts from: its site, its files, and what its journal remembers."""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass

from ivr.adapters.clock import SystemClock
from ivr.adapters.core_version import core_version
from ivr.adapters.site_files import NoSiteError, find_site, known_timezones, read_site_files
from ivr.adapters.store.json_lines import JsonLines, TraceFile
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.promises import PromisedOrders
from ivr.adapters.store.sites import StoredSite
from ivr.adapters.store.store import Store, StoreSettings, utc_millis
from ivr.engine.driver import Driver
from ivr.engine.recover import Kept, Recovered, RecoveryRefused, forgotten, recover, resumed_at
from ivr.flow.load import load_site
from ivr.flow.site import Site
from ivr.journal_feed import StreamPlace
from ivr.ports import Keeper, Surroundings, Telephony
from ivr.prompts.model import Catalogue
from ivr.runtime import Runtime
from ivr.settings import EngineSettings
from ivr.site_shelf import SiteShelf

TRACE_FILE = "trace.jsonl"
NODE = "node-1"
STREAM = f"node:{NODE}"
"""Both cores take their turns in this process, so all that enters them has one order."""


class EngineProblem(Exception):
    """The engine cannot start; the text is one sentence for whoever started it."""


@dataclass(frozen=True, slots=True)
class CheckedSite:
    """A site without a mistake, with what it takes to load it again."""

    site: Site
    stored: StoredSite


def checked_site(settings: EngineSettings, catalogue: Catalogue) -> CheckedSite:
    """The site of these settings, or ``EngineProblem`` with every mistake in it."""
    try:
        files = read_site_files(find_site(settings.site))
    except NoSiteError as error:
        raise EngineProblem(str(error)) from error
    prompts = catalogue.playable()
    loaded = load_site(files.texts, prompts=prompts, timezones=known_timezones())
    if loaded.site is None:
        told = "\n".join(f"  {problem}" for problem in loaded.problems)
        raise EngineProblem(f"the site {settings.site} has mistakes:\n{told}")
    keys = {language: tuple(sorted(each)) for language, each in prompts.items()}
    return CheckedSite(loaded.site, StoredSite(files.texts, keys))


def load_checked_site(settings: EngineSettings, catalogue: Catalogue) -> Site:
    """The site of these settings, or ``EngineProblem`` with every mistake in it."""
    return checked_site(settings, catalogue).site


@dataclass(frozen=True, slots=True)
class Started:
    """An engine that remembers, not begun yet: ``begin`` feeds it what happened at its start."""

    runtime: Runtime
    clock: SystemClock
    begin: Callable[[], None]


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
    at, disbelieved = resumed_at(recovered, utc_millis())
    clock = SystemClock(at)
    keeper = Keeper(store.records, PromisedOrders(store.orders), store.presences)
    world = Surroundings(telephony, clock, keeper, trace, store.journal)
    runtime = Runtime(recovered.driver, world, StreamPlace(STREAM, core, recovered.seq))
    site = checked.site

    def begin() -> None:
        store.sites.keep(site.version, checked.stored, wall=clock.wall())
        shelf.put(site)
        runtime.note("engine_starting", _told(recovered, core, disbelieved=disbelieved))
        runtime.begin(site=site.version, at_rest=recovered.at_rest, anchor=settings.forget)

    return Started(runtime, clock, begin)


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
    clock = SystemClock()

    def tell(problem: StoreProblem | None) -> None:
        said = {"problem": str(problem) if problem else "writing works again"}
        trace.note(at=clock.now(), wall=clock.wall(), kind="store", details=said)

    try:
        store = Store(
            StoreSettings(settings.data_dir, NODE), loop=asyncio.get_running_loop(), trouble=tell
        )
        try:
            yield EngineFiles(trace, store)
            # What the last turns promised is done once they are committed: before the end.
            store.journal.flush()
        finally:
            store.close()
    finally:
        lines.close()
