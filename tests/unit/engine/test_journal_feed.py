"""The journal is fed in order, a disk that does not keep up costs no live contact, and what may be
done once is done once, wherever the engine is killed."""

from collections.abc import Iterator

import pytest
from engine_life import STREAM, Life, World, begun, kept_of, kinds, lived, recovered_on, waited
from leaping_loop import LeapingLoop
from small_site import DESK, arrival, asked, leg, site

from ivr import journal_feed
from ivr.call.effects import AnswerLeg, ReleaseLeg
from ivr.call.events import DigitReceived, LegAnswered, LegEnded
from ivr.call.model import ReleaseReason
from ivr.engine.codec import ANCHORED, encode_state, was_at_rest
from ivr.engine.driver import EngineEvent
from ivr.engine.replay import replay
from router.events import DeviceReachabilityChanged
from router.model import DeviceId, PresenceChange
from simulator.memory_journal import MemoryJournal

pytestmark = pytest.mark.unit


@pytest.fixture
def world() -> Iterator[World]:
    loop = LeapingLoop()
    yield World(loop)
    loop.close()


STORY: tuple[EngineEvent, ...] = (
    DeviceReachabilityChanged(DESK, True),
    asked("r1", PresenceChange.SIGN_IN),
    arrival(1),
    LegAnswered(leg(1)),
    DigitReceived(leg(1), "2"),
    asked("r2", PresenceChange.PAUSE, reason="lunch"),
    LegEnded(leg(1), 16),
    arrival(2),
    LegEnded(leg(2), 16),
    asked("r3", PresenceChange.RESUME),
)
"""Two records, one work order, three changes of presence."""

KEYS = [
    "order:",
    "presence:",
    "presence:",
    "presence:",
    "record:c1",
    "record:c2",
]


def begins(keys: list[str]) -> list[str]:
    return [key if key.startswith("record:") else key.partition(":")[0] + ":" for key in keys]


def test_nothing_of_once_only_is_done_before_its_row_is_committed(world: World) -> None:
    def story() -> None:
        life = begun(world, commits=False)
        for event in STORY:
            life.runtime.submit(event)
        assert [type(effect) for _, effect in world.performed].count(AnswerLeg) == 2
        assert world.kept.keys() == []
        assert world.answers == []
        life.journal.flush()
        assert begins(world.kept.keys()) == KEYS
        assert [answer.request for answer in world.answers] == ["r1", "r2", "r3"]

    lived(world, story)
    assert kinds(world)[:3] == ["EngineStarted", "SiteActivated", "DeviceReachabilityChanged"]
    assert len(kinds(world)) == 2 + len(STORY)


@pytest.mark.parametrize("committed", range(len(STORY) + 1))
@pytest.mark.parametrize("done", [True, False])
def test_killed_at_any_commit_each_effect_happens_exactly_once(
    world: World, committed: int, done: bool
) -> None:
    """Killed right behind a commit: told of it or not, what it promised done or not."""

    def first_life() -> None:
        life = begun(world, commits=False)
        for number, event in enumerate(STORY):
            if number == committed:
                _commit(life, told=done)
            life.runtime.submit(event)
        if committed == len(STORY):
            _commit(life, told=done)
        life.kill()

    lived(world, first_life)
    promised = sorted(world.disk.intents)
    waited(world, 5.0)
    for _ in range(2):

        def next_life() -> None:
            life = begun(world, commits=False)
            life.journal.flush()
            life.kill()

        lived(world, next_life)
    # What the restart itself promised (records of contacts it closed) has happened as well.
    assert set(promised) <= set(world.kept.keys())
    assert world.kept.keys() == sorted(world.disk.intents)


def _commit(life: Life, *, told: bool) -> None:
    """Have what is pending on the disk; with ``told`` whoever waits for it hears of it."""
    if told:
        life.journal.flush()
    else:
        life.journal.commit_untold()


def test_bound_holds_turns_back_in_order_and_turns_new_calls_away(world: World) -> None:
    def story() -> None:
        life = begun(world, commits=False, rows_pending_max=6)
        life.journal.flush()
        for event in STORY[:5]:
            life.runtime.submit(event)
        refused = arrival(9)
        life.runtime.submit(refused)
        life.runtime.submit(LegEnded(refused.leg, 34))
        assert life.runtime.calls_refused == 1
        assert world.performed[-1][1] == ReleaseLeg(refused.leg, ReleaseReason.CONGESTION)
        assert life.runtime.live_contacts() == 1
        for event in STORY[5:7]:
            life.runtime.submit(event)
        for _ in range(4):
            life.journal.flush()
        life.runtime.submit(STORY[7])
        assert life.runtime.calls_refused == 1
        life.journal.flush()
        life.kill()

    lived(world, story)
    assert kinds(world)[2:] == [type(event).__name__ for event in STORY[:8]]
    assert len(world.noted("journal_full")) == 1
    assert len(world.noted("journal_caught_up")) == 1
    assert begins(world.kept.keys()) == ["order:", "presence:", "presence:", "record:c1"]
    lived(world, lambda: _assert_replays(world))


def test_beyond_the_backlog_live_contacts_go_on_and_nothing_owed_is_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_feed, "BACKLOG_ROWS_MAX", 3)
    lives: list[Life] = []

    def until_adrift() -> None:
        life = begun(world, rows_pending_max=5)
        lives.append(life)
        life.journal.flush()
        life.runtime.submit(STORY[0])
        life.runtime.submit(STORY[1])
        life.runtime.submit(arrival(1))
        life.journal.flush()
        world.disk.full = True
        for event in (
            LegAnswered(leg(1)),
            DigitReceived(leg(1), "2"),
            *(DeviceReachabilityChanged(DeviceId(f"d{n}"), True) for n in range(9)),
        ):
            life.runtime.submit(event)
        assert len(world.noted("journal_lost")) == 1
        life.runtime.submit(arrival(2))
        life.runtime.submit(asked("r2", PresenceChange.PAUSE, reason="lunch"))
        life.runtime.submit(LegEnded(leg(1), 16))
        assert life.runtime.live_contacts() == 0
        assert life.runtime.calls_refused == 1
        assert world.kept.records == []

    lived(world, until_adrift)
    waited(world, 5.0)
    assert world.noted("presence_refused") == [{"request": "r2"}]
    assert world.kept.records == []
    world.disk.full = False
    waited(world, 5.0)
    assert begins(world.kept.keys()) == ["order:", "presence:", "record:c1"]
    assert ANCHORED in kinds(world)
    assert len(world.noted("journal_anchored")) == 1

    def after() -> None:
        lives[0].runtime.submit(arrival(3))
        lives[0].journal.flush()
        state = lives[0].state()
        assert lives[0].runtime.live_contacts() == 1
        lives[0].kill()
        journal = MemoryJournal(world.disk)
        again = recovered_on(world, journal)
        assert encode_state(again.driver.snapshot(), at_rest=False) == state
        journal.kill()
        _assert_replays(world)

    lived(world, after)


def test_killed_while_adrift_it_recovers_what_was_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_feed, "BACKLOG_ROWS_MAX", 3)
    states: list[bytes] = []

    def story() -> None:
        life = begun(world, commits=False, rows_pending_max=5)
        life.runtime.submit(STORY[0])
        life.journal.flush()
        states.append(life.state())
        world.disk.full = True
        for event in STORY[1:]:
            life.runtime.submit(event)
        life.kill()
        world.disk.full = False
        journal = MemoryJournal(world.disk)
        again = recovered_on(world, journal)
        states.append(encode_state(again.driver.snapshot(), at_rest=False))
        journal.kill()

    lived(world, story)
    assert states[0] == states[1]
    assert world.kept.keys() == []


def test_snapshots_come_at_the_start_every_so_many_rows_and_at_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_feed, "SNAPSHOT_ROWS", 4)

    def story() -> None:
        life = begun(world, commits=False)
        for event in STORY:
            life.runtime.submit(event)
        life.end()

    lived(world, story)
    snapshots = world.disk.snapshots[STREAM]
    assert [each.seq for each in snapshots] == [0, 4, 8, 12, 13]
    assert [was_at_rest(each.body) for each in snapshots] == [True, False, False, False, True]
    assert kinds(world)[-1] == "EngineStopping"
    lived(world, lambda: _assert_replays(world, state=True))


def test_stopped_in_order_nobody_is_left_and_the_agents_stay_signed_in(world: World) -> None:
    def story() -> None:
        life = begun(world, commits=False)
        for event in STORY[:4]:
            life.runtime.submit(event)
        life.end()
        life.runtime.submit(STORY[4])
        assert begins(world.kept.keys()) == ["presence:", "record:c1"]
        again = begun(world, commits=False)
        assert again.recovered.at_rest
        assert again.recovered.replayed == 0
        assert [view.device for view in again.runtime.agents()] == [DESK, None]
        again.journal.flush()
        again.kill()

    lived(world, story)
    assert begins(world.kept.keys()) == ["presence:", "record:c1"]
    # The site is the same, so it is not activated again.
    assert kinds(world).count("SiteActivated") == 1
    assert kinds(world)[-1] == "EngineStarted"


def test_another_site_is_activated_at_the_start(world: World) -> None:
    other = site(wrap_up_ms=900)
    world.sites[other.version] = other

    def story() -> None:
        begun(world, commits=False).end()
        life = begun(world, commits=False, version=other.version)
        assert life.driver.site == other.version
        life.end()

    lived(world, story)
    assert kinds(world).count("SiteActivated") == 2


def test_every_intent_of_a_replayed_row_was_committed_with_it(world: World) -> None:
    """A row and what it promised are one commit: a replay never finds a promise that is not."""

    def story() -> None:
        life = begun(world, commits=False)
        for number, event in enumerate(STORY):
            life.runtime.submit(event)
            if number % 3 == 0:
                life.journal.flush()
        life.kill()
        journal = MemoryJournal(world.disk)
        promised: list[bytes] = []
        kept = kept_of(journal)
        replay("s", kept, core="", sites=world.sites, hear=lambda row: promised.append(row.effects))
        count = sum(
            said.count(b'["RecordPresence"')
            + said.count(b'["WriteRecord"')
            + said.count(b'["PromiseCallback"')
            for said in promised
        )
        assert count == len(world.disk.intents) > 3
        journal.kill()

    lived(world, story)


def _assert_replays(world: World, *, state: bool | None = None) -> None:
    journal = MemoryJournal(world.disk)
    report = replay(STREAM, kept_of(journal), core="core-1", sites=world.sites, hear=lambda _: None)
    assert report.differing == []
    assert report.rows == report.same > 0
    if state is not None:
        assert report.state_same is state
    journal.kill()
