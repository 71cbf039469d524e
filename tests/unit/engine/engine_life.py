"""Lives of one engine, one after another, on one disk: begun, fed, stopped or killed."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from leaping_loop import LeapingLoop
from small_site import site

from ivr.call.effects import TelephonyEffect
from ivr.engine.codec import encode_state
from ivr.engine.driver import Answer, Driver, EngineEvent, TurnResult
from ivr.engine.recover import Kept, Recovered, recover, resumed_at
from ivr.flow.site import Site
from ivr.journal_feed import StreamPlace
from ivr.ports import Journal, Keeper, Surroundings
from ivr.runtime import Runtime
from router.errors import CoreBug
from router.model import Millis
from simulator.memory_journal import MemoryDisk, MemoryJournal
from simulator.memory_keeper import KeptOnce, memory_keeper

STREAM, CORE = "node:n1", "core-1"
WALL_MS = 1_700_000_000_000


class WatchedDriver(Driver):
    """Notices when it is entered while it works; breaks where told."""

    depth = 0
    breaks_on: type[object] | None = None

    def handle(self, event: EngineEvent, at: Millis, *, wall: int) -> TurnResult:
        assert self.depth == 0, "a turn within a turn"
        self.depth += 1
        try:
            if self.breaks_on is not None and isinstance(event, self.breaks_on):
                raise CoreBug("two agents in one chair")
            return super().handle(event, at, wall=wall)
        finally:
            self.depth -= 1


@dataclass
class World:
    """All ports but the journal in one, with what they were told; the disk outlives the lives."""

    loop: LeapingLoop
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    kept: KeptOnce = field(default_factory=KeptOnce)
    sites: dict[str, Site] = field(default_factory=lambda: {site().version: site()})
    react: Callable[[TelephonyEffect], None] | None = None
    lag_ms: int = 0
    began_at: Millis = 0
    began_s: float = 0.0
    performed: list[tuple[Millis, TelephonyEffect]] = field(
        default_factory=list[tuple[Millis, TelephonyEffect]]
    )
    answers: list[Answer] = field(default_factory=list[Answer])
    turns: list[tuple[Millis, object]] = field(default_factory=list[tuple[Millis, object]])
    notes: list[tuple[str, Mapping[str, str]]] = field(
        default_factory=list[tuple[str, Mapping[str, str]]]
    )

    def now(self) -> Millis:
        passed_ms = round((self.loop.time() - self.began_s) * 1000)
        return self.began_at + passed_ms - self.lag_ms

    def wall(self) -> int:
        return WALL_MS + round(self.loop.time() * 1000)

    def perform(self, effect: TelephonyEffect) -> None:
        self.performed.append((self.now(), effect))
        if self.react is not None:
            self.react(effect)

    def turn(self, *, at: Millis, wall: int, event: object, effects: tuple[object, ...]) -> None:
        del wall, effects
        self.turns.append((at, event))

    def note(self, *, at: Millis, wall: int, kind: str, details: Mapping[str, str]) -> None:
        del at, wall
        self.notes.append((kind, details))

    def noted(self, kind: str) -> list[Mapping[str, str]]:
        return [details for each, details in self.notes if each == kind]


@dataclass
class Life:
    """One engine from its start to its end."""

    world: World
    journal: MemoryJournal
    driver: Driver
    runtime: Runtime
    recovered: Recovered

    def state(self) -> bytes:
        """All that the cores hold."""
        return encode_state(self.driver.snapshot(), at_rest=False)

    def kill(self) -> None:
        """Die as a killed process does."""
        self.runtime.stop()
        self.journal.kill()

    def end(self) -> None:
        """End in order."""
        self.runtime.finish()
        self.journal.flush()
        self.journal.close()


def kept_of(journal: MemoryJournal) -> Kept:
    return Kept(journal.snapshots(STREAM), lambda seq: journal.rows(STREAM, after=seq))


def runtime_on(
    world: World, driver: Driver, journal: Journal, keeper: Keeper, *, seq: int = 0
) -> Runtime:
    surroundings = Surroundings(world, world, keeper, world, journal)
    runtime = Runtime(driver, surroundings, StreamPlace(STREAM, CORE, seq))
    runtime.answers = world.answers.append
    return runtime


def recovered_on(world: World, journal: MemoryJournal, *, core: str = CORE) -> Recovered:
    return recover(kept_of(journal), core=core, sites=world.sites)


def begun(
    world: World,
    *,
    commits: bool = True,
    rows_pending_max: int = 10_000,
    version: str | None = None,
) -> Life:
    """An engine that goes on from the disk; with ``commits`` each group is written after 20 ms."""
    journal = MemoryJournal(
        world.disk,
        later=world.loop.after_ms if commits else None,
        rows_pending_max=rows_pending_max,
    )
    recovered = recovered_on(world, journal)
    world.began_at, _ = resumed_at(recovered, world.wall())
    world.began_s = world.loop.time()
    keeper = memory_keeper(journal, world.kept)
    runtime = runtime_on(world, recovered.driver, journal, keeper, seq=recovered.seq)
    runtime.begin(site=version or site().version, at_rest=recovered.at_rest)
    return Life(world, journal, recovered.driver, runtime, recovered)


def lived(world: World, story: Callable[[], None]) -> None:
    """Run this on the loop; nothing that waits is waited for."""

    async def live() -> None:
        story()

    world.loop.run_until_complete(live())


def waited(world: World, seconds: float) -> None:
    """Let so much time pass on the loop."""
    world.loop.run_until_complete(asyncio.sleep(seconds))


def kinds(world: World) -> list[str]:
    """What kinds of rows are on the disk."""
    return [row.entry.kind for row in world.disk.rows.get(STREAM, [])]
