"""The asyncio shell: turns never nest, a bug ends no call, the one timer is always right.

The loop's clock is given: waiting for a deadline moves it instead of taking time.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
from engine_life import STREAM, WatchedDriver, World, runtime_on
from leaping_loop import LeapingLoop
from small_site import ANN, BOB, DATA, arrival, asked, leg, site

from ivr.call.effects import AnswerLeg, PlayPrompts, ReleaseLeg, TelephonyEffect
from ivr.call.events import CallArrived, LegAnswered, LegEnded
from ivr.call.model import Outcome
from ivr.engine.driver import DeadlineReached, EngineEvent, SiteActivated
from ivr.engine.recover import Replay
from ivr.engine.turn import BUG
from ivr.journal_feed import JournalFeed
from ivr.runtime import Runtime
from router.model import DeviceId, PresenceAnswer, PresenceChange
from simulator.memory_journal import MemoryJournal
from simulator.memory_keeper import memory_keeper

pytestmark = pytest.mark.unit


@pytest.fixture
def loop() -> Iterator[LeapingLoop]:
    made = LeapingLoop()
    yield made
    made.close()


def runtime_in(
    world: World, driver: WatchedDriver | None = None, *, commits: bool = True
) -> Runtime:
    """A runtime under the small site; with ``commits`` its journal writes after 20 ms."""
    driver = driver or WatchedDriver(world.sites)
    driver.handle(SiteActivated(site().version), 0, wall=0)
    journal = MemoryJournal(world.disk, later=world.loop.after_ms if commits else None)
    return runtime_on(world, driver, journal, memory_keeper(journal, world.kept))


def timers(loop: LeapingLoop) -> list[float]:
    """When the loop's live timers are due, but for the journal's own."""
    scheduled: list[asyncio.TimerHandle] = vars(loop)["_scheduled"]
    return sorted(
        timer.when()
        for timer in scheduled
        if not timer.cancelled() and JournalFeed.__qualname__ not in repr(timer)
    )


def run(loop: LeapingLoop, *steps: tuple[float, Callable[[], object]]) -> None:
    """Each step at its second, and then eleven seconds more."""

    async def play() -> None:
        for at_s, step in steps:
            await asyncio.sleep(at_s - loop.time())
            step()
        await asyncio.sleep(11)

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
    assert [record.outcome for _, record in world.kept.records] == [Outcome.LEFT_IN_FLOW]
    assert runtime.core_bugs == 0


def test_core_bug_is_noted_and_the_engine_goes_on(loop: LeapingLoop) -> None:
    world = World(loop)
    driver = WatchedDriver(world.sites)
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
    assert world.kept.records[0][1].contact == "c2"
    # The contact that met the bug still had its deadline.
    assert (5_000, ReleaseLeg) in [(at, type(effect)) for at, effect in world.performed]


def test_deadline_is_served_to_the_millisecond(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)
    run(loop, (1.25, lambda: runtime.submit(arrival())))
    deadlines = [at for at, event in world.turns if isinstance(event, DeadlineReached)]
    assert deadlines == [6_250, 11_250]
    assert [record.outcome for _, record in world.kept.records] == [Outcome.PLATFORM_FAILURE]
    assert timers(loop) == []


def test_one_timer_follows_the_earliest_deadline(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world, commits=False)
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
    runtime = runtime_in(world, commits=False)
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
    runtime = runtime_in(world, commits=False)

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
    assert len(world.kept.records) == 1


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


def test_bug_in_a_turn_is_journalled_and_replays_as_the_same_bug(loop: LeapingLoop) -> None:
    world = World(loop)
    driver = WatchedDriver(world.sites)
    runtime = runtime_in(world, driver)
    driver.breaks_on = LegAnswered
    run(
        loop,
        (0.0, lambda: runtime.submit(arrival())),
        (0.1, lambda: runtime.submit(LegAnswered(leg(1)))),
        (0.2, lambda: runtime.submit(LegEnded(leg(1), 16))),
    )
    rows = world.disk.rows[STREAM]
    assert [row.entry.kind for row in rows] == ["CallArrived", "LegAnswered", "LegEnded"]
    assert [row.entry.effects.startswith(BUG) for row in rows] == [False, True, False]
    again = WatchedDriver(world.sites)
    again.handle(SiteActivated(site().version), 0, wall=0)
    again.breaks_on = LegAnswered
    replay = Replay(again, world.sites, 0)
    assert [replayed.same for replayed in replay.run(rows)] == [True, True, True]
    again = WatchedDriver(world.sites)
    again.handle(SiteActivated(site().version), 0, wall=0)
    mended = [replayed.same for replayed in Replay(again, world.sites, 0).run(rows)]
    assert mended == [True, False, False]


def test_answer_is_told_once_its_turn_is_committed(loop: LeapingLoop) -> None:
    world = World(loop)
    runtime = runtime_in(world)
    seen: list[int] = []
    run(
        loop,
        (0.0, lambda: runtime.submit(asked("r1", PresenceChange.SIGN_IN))),
        (0.01, lambda: seen.append(len(world.answers))),
        (0.03, lambda: seen.append(len(world.answers))),
    )
    assert seen == [0, 1]
    assert world.answers[0].answer is PresenceAnswer.DONE
    assert [each.agent for _, each in world.kept.presences] == [ANN]
    assert [view.agent for view in runtime.agents()] == [ANN, BOB]
    assert [view.queue for view in runtime.queues()] == [DATA]
