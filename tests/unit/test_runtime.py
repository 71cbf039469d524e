"""The asyncio shell: turns never nest, a bug ends no call, the one timer is always right.

The loop's clock is given: waiting for a deadline moves it instead of taking time.
"""

import asyncio
import selectors
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest

from ivr.call.effects import (
    AnswerLeg,
    PlayPrompts,
    PromiseCallback,
    ReleaseLeg,
    TelephonyEffect,
)
from ivr.call.events import CallArrived, LegAnswered, LegEnded
from ivr.call.model import LegId, Outcome, PartyRef
from ivr.call.record import ContactRecord
from ivr.engine.driver import DeadlineReached, Driver, EngineEvent, TurnResult
from ivr.flow.model import Flow, HangUp, Hotline, Language, NodeName, Play, PromptKey
from ivr.ports import Keeper
from ivr.runtime import Runtime
from router.errors import CoreBug
from router.model import ContactId, DeviceId, Millis

pytestmark = pytest.mark.unit

EN, HELLO = Language("en-US"), PromptKey("hello")
WALL_MS = 1_700_000_000_000


class LeapingSelector(selectors.DefaultSelector):
    """Instead of waiting lets the time be over."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "the loop would wait for ever"
            self.now_s += max(0.0, timeout)
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop on a clock of its own."""

    def __init__(self) -> None:
        self.leaping = LeapingSelector()
        super().__init__(self.leaping)

    def time(self) -> float:
        return self.leaping.now_s


@pytest.fixture
def loop() -> Iterator[LeapingLoop]:
    made = LeapingLoop()
    yield made
    made.close()


@dataclass
class World:
    """All four ports in one, with what they were told."""

    loop: LeapingLoop
    react: Callable[[TelephonyEffect], None] | None = None
    lag_ms: int = 0
    performed: list[tuple[Millis, TelephonyEffect]] = field(
        default_factory=list[tuple[Millis, TelephonyEffect]]
    )
    promises: list[tuple[PromiseCallback, int]] = field(
        default_factory=list[tuple[PromiseCallback, int]]
    )
    records: list[tuple[ContactRecord, int]] = field(
        default_factory=list[tuple[ContactRecord, int]]
    )
    turns: list[tuple[Millis, object]] = field(default_factory=list[tuple[Millis, object]])
    notes: list[tuple[str, Mapping[str, str]]] = field(
        default_factory=list[tuple[str, Mapping[str, str]]]
    )

    def now(self) -> Millis:
        return round(self.loop.time() * 1000) - self.lag_ms

    def wall(self) -> int:
        return WALL_MS + self.now()

    def perform(self, effect: TelephonyEffect) -> None:
        self.performed.append((self.now(), effect))
        if self.react is not None:
            self.react(effect)

    def write(self, record: ContactRecord, *, wall: int) -> None:
        self.records.append((record, wall))

    def promise(self, effect: PromiseCallback, *, wall: int) -> None:
        self.promises.append((effect, wall))

    def turn(self, *, at: Millis, wall: int, event: object, effects: tuple[object, ...]) -> None:
        del wall, effects
        self.turns.append((at, event))

    def note(self, *, at: Millis, wall: int, kind: str, details: Mapping[str, str]) -> None:
        del at, wall
        self.notes.append((kind, details))


def hotline() -> Hotline:
    n = NodeName
    nodes = {n("hello"): Play((HELLO,), n("bye")), n("bye"): HangUp(())}
    return Hotline("10086", ("10086",), (EN,), "UTC", Flow("main", n("hello"), nodes))


class WatchedDriver(Driver):
    """Notices when it is entered while it works; breaks where told."""

    def __init__(self) -> None:
        super().__init__({"10086": hotline()})
        self.depth = 0
        self.breaks_on: type[object] | None = None

    def handle(self, event: EngineEvent, at: Millis) -> TurnResult:
        assert self.depth == 0, "a turn within a turn"
        self.depth += 1
        try:
            if self.breaks_on is not None and isinstance(event, self.breaks_on):
                raise CoreBug("two agents in one chair")
            return super().handle(event, at)
        finally:
            self.depth -= 1


def runtime_in(world: World, driver: Driver | None = None) -> Runtime:
    keeper = Keeper(world, world)
    driver = driver or WatchedDriver()
    return Runtime(driver, telephony=world, clock=world, keeper=keeper, trace=world)


def arrival(number: int = 1) -> CallArrived:
    contact = ContactId(f"main:c{number}")
    return CallArrived(contact, LegId(f"{contact}.0"), "10086", PartyRef("party"))


def leg(number: int = 1) -> LegId:
    return LegId(f"main:c{number}.0")


def timers(loop: LeapingLoop) -> list[float]:
    """When the loop's live timers are due."""
    scheduled: list[asyncio.TimerHandle] = vars(loop)["_scheduled"]
    return sorted(timer.when() for timer in scheduled if not timer.cancelled())


def run(loop: LeapingLoop, *steps: tuple[float, Callable[[], object]]) -> None:
    """Each step at its second, and then ten seconds more."""

    async def play() -> None:
        for at_s, step in steps:
            await asyncio.sleep(at_s - loop.time())
            step()
        await asyncio.sleep(10)

    loop.run_until_complete(play())


def test_telephony_that_answers_at_once_never_nests_turns(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)

    def answer(effect: TelephonyEffect) -> None:
        turns = len(world.turns)
        if isinstance(effect, AnswerLeg):
            runtime.submit(LegAnswered(effect.leg))
        elif isinstance(effect, PlayPrompts):
            runtime.submit(LegEnded(effect.leg, 16))
        assert len(world.turns) == turns, "the answer was worked before the turn was over"

    world.react = answer
    run(loop, (0.5, lambda: runtime.submit(arrival())))
    assert [type(event) for _, event in world.turns] == [CallArrived, LegAnswered, LegEnded]
    assert [record.outcome for record, _ in world.records] == [Outcome.LEFT_IN_FLOW]
    assert world.records[0][1] == WALL_MS + 500
    assert runtime.core_bugs == 0


def test_core_bug_is_noted_and_the_engine_goes_on(loop: LeapingLoop) -> None:
    world, driver = World(loop), WatchedDriver()
    runtime = runtime_in(world, driver)
    driver.breaks_on = LegAnswered
    run(
        loop,
        (0.0, lambda: runtime.submit(arrival(1))),
        (0.1, lambda: runtime.submit(LegAnswered(leg(1)))),
        (0.2, lambda: runtime.submit(arrival(2))),
        (0.3, lambda: runtime.submit(LegEnded(leg(2), 16))),
    )
    assert runtime.core_bugs == 1
    ((kind, details),) = world.notes
    assert kind == "core_bug"
    assert "two agents in one chair" in details["bug"]
    assert "LegAnswered" in details["event"]
    assert world.records[0][0].contact == "main:c2"
    # The contact that met the bug still had its deadline.
    assert (5_000, ReleaseLeg) in [(at, type(effect)) for at, effect in world.performed]


def test_deadline_is_served_to_the_millisecond(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)
    run(loop, (1.25, lambda: runtime.submit(arrival())))
    deadlines = [at for at, event in world.turns if isinstance(event, DeadlineReached)]
    assert deadlines == [6_250, 11_250]
    assert [record.outcome for record, _ in world.records] == [Outcome.PLATFORM_FAILURE]
    assert timers(loop) == []


def test_one_timer_follows_the_earliest_deadline(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)
    seen: list[list[float]] = []

    def step(event: EngineEvent) -> Callable[[], None]:
        def submit() -> None:
            runtime.submit(event)
            seen.append([round(due, 3) for due in timers(loop)])

        return submit

    run(
        loop,
        (0.0, step(arrival(1))),  # Must be answered by 5.
        (1.0, step(arrival(2))),  # By 6: nothing to move.
        (2.0, step(LegAnswered(leg(1)))),  # Speaks till 122 at most.
        (3.0, step(LegEnded(leg(2), 16))),  # Only the first is left.
        (4.0, step(LegEnded(leg(1), 16))),  # Nobody.
    )
    assert seen == [[5.0], [5.0], [6.0], [122.0], []]


def test_timer_that_comes_early_is_set_again(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)

    def fall_behind() -> None:
        world.lag_ms = 3

    run(loop, (0.0, lambda: runtime.submit(arrival())), (1.0, fall_behind))
    deadlines = [at for at, event in world.turns if isinstance(event, DeadlineReached)]
    assert deadlines[:2] == [4_997, 5_000]


def test_stopped_runtime_takes_nothing_and_leaves_no_timer(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)
    run(
        loop,
        (0.0, lambda: runtime.submit(arrival(1))),
        (0.1, runtime.stop),
        (0.2, lambda: runtime.submit(arrival(2))),
    )
    assert len(world.turns) == 1
    assert timers(loop) == []


def test_stop_in_the_middle_of_a_turn_leaves_no_timer(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)

    def stop(effect: TelephonyEffect) -> None:
        del effect
        runtime.submit(arrival(2))
        runtime.stop()

    world.react = stop
    run(loop, (0.0, lambda: runtime.submit(arrival(1))))
    assert len(world.turns) == 1
    assert timers(loop) == []


def test_edge_that_breaks_strands_nobody(loop: LeapingLoop) -> None:
    """Ports promise not to raise; when one does, the next deadline still comes."""
    world = World(loop)
    runtime = runtime_in(world)

    def explode(effect: TelephonyEffect) -> None:
        world.react = None
        raise OSError(f"{type(effect).__name__} met a full disk")

    def submit() -> None:
        with pytest.raises(OSError, match="full disk"):
            runtime.submit(arrival())

    world.react = explode
    run(loop, (0.0, submit))
    assert [at for at, event in world.turns if isinstance(event, DeadlineReached)] == [
        5_000,
        10_000,
    ]
    assert len(world.records) == 1


def test_news_of_a_device_and_notes_pass_through(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)
    runtime_note: Mapping[str, str] = {"node": "n1"}
    run(
        loop,
        (0.0, lambda: runtime.device_reachability(DeviceId("main:desk"), True)),
        (0.1, lambda: runtime.note("asterisk_connected", runtime_note)),
        (0.2, lambda: runtime.submit(arrival())),
    )
    assert len(world.turns) >= 2
    assert world.notes == [("asterisk_connected", runtime_note)]
    assert runtime.live_contacts() == 0
