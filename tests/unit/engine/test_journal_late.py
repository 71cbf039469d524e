"""While commits are late no new contact is taken in, and those who are here go on."""

from collections.abc import Iterator

import pytest
from engine_life import CORE, STREAM, Life, World, begun, kept_of, kinds, lived, waited
from leaping_loop import LeapingLoop
from small_site import DESK, arrival, leg

from ivr import journal_feed
from ivr.call.effects import ReleaseLeg
from ivr.call.events import LegAnswered
from ivr.call.model import ReleaseReason
from ivr.engine.replay import replay
from ivr.journal_feed import COMMIT_LATE_MS_MAX
from router.events import DeviceReachabilityChanged
from router.model import DeviceId
from simulator.memory_journal import MemoryJournal

pytestmark = pytest.mark.unit


@pytest.fixture
def world() -> Iterator[World]:
    loop = LeapingLoop()
    yield World(loop)
    loop.close()


def test_late_commits_turn_new_calls_away_and_serve_who_is_here(world: World) -> None:
    lives: list[Life] = []

    def until_full() -> None:
        lives.append(begun(world))
        lives[0].journal.flush()
        world.disk.full = True
        lives[0].runtime.submit(arrival(1))
        lives[0].runtime.submit(LegAnswered(leg(1)))

    lived(world, until_full)
    runtime = lives[0].runtime
    waited(world, (COMMIT_LATE_MS_MAX - 1) / 1000)
    assert world.noted("journal_late") == []
    lived(world, lambda: runtime.submit(arrival(2)))
    waited(world, 0.002)
    assert [each["waited_ms"] for each in world.noted("journal_late")] == [str(COMMIT_LATE_MS_MAX)]

    def while_late() -> None:
        runtime.submit(arrival(3))
        runtime.submit(LegAnswered(leg(2)))

    lived(world, while_late)
    waited(world, 60.0)
    assert (runtime.calls_refused, runtime.live_contacts()) == (1, 2)
    assert world.noted("journal_in_time") == []
    world.disk.full = False
    waited(world, 1.0)
    assert len(world.noted("journal_late")) == len(world.noted("journal_in_time")) == 1
    lived(world, lambda: runtime.submit(arrival(4)))
    assert (runtime.calls_refused, runtime.live_contacts()) == (1, 3)
    assert ReleaseLeg(arrival(3).leg, ReleaseReason.CONGESTION) in [
        effect for _, effect in world.performed
    ]
    waited(world, 1.0)
    assert kinds(world).count("CallArrived") == 3
    lived(world, lives[0].kill)


def test_commits_that_come_in_time_are_never_late(world: World) -> None:
    lives: list[Life] = []
    lived(world, lambda: lives.append(begun(world)))
    for number in range(1, 40):
        lived(world, lambda number=number: lives[0].runtime.submit(arrival(number)))
        waited(world, 0.7)
    assert lives[0].runtime.calls_refused == 0
    assert world.noted("journal_late") == []
    lived(world, lives[0].kill)


def test_no_snapshot_is_taken_while_the_journal_is_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_feed, "SNAPSHOT_ROWS", 6)
    lives: list[Life] = []

    def until_full() -> None:
        lives.append(begun(world))
        lives[0].journal.flush()
        world.disk.full = True
        lives[0].runtime.submit(arrival(1))

    lived(world, until_full)
    waited(world, 6.0)
    for number in range(6):
        event = DeviceReachabilityChanged(DeviceId(f"d{number}"), True)
        lived(world, lambda event=event: lives[0].runtime.submit(event))
    world.disk.full = False
    waited(world, 1.0)
    assert [each.seq for each in world.disk.snapshots[STREAM]] == [0]
    event = DeviceReachabilityChanged(DESK, True)
    lived(world, lambda: lives[0].runtime.submit(event))
    waited(world, 1.0)
    assert [each.seq for each in world.disk.snapshots[STREAM]] == [0, lives[0].runtime.feed.seq]
    lived(world, lives[0].kill)
    journal = MemoryJournal(world.disk)
    report = replay(STREAM, kept_of(journal), core=CORE, sites=world.sites, hear=lambda _: None)
    assert report.state_same is True
    journal.kill()
