"""What recovery believes, and what it refuses in one sentence with its remedy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest
from engine_life import CORE, STREAM, WALL_MS, Life, World, begun, kept_of, runtime_on
from leaping_loop import LeapingLoop
from small_site import DESK, arrival, asked, leg, site

from ivr.call.events import LegAnswered
from ivr.engine.codec import encode_state
from ivr.engine.driver import Driver
from ivr.engine.recover import (
    RESUME_MS_MAX,
    Kept,
    Recovered,
    RecoveryRefused,
    forgotten,
    recover,
    resumed_at,
)
from ivr.engine.replay import replay
from ivr.ports import JournalRow, Snapshot
from router.events import DeviceReachabilityChanged
from router.model import Presence, PresenceChange
from simulator.memory_journal import MemoryJournal
from simulator.memory_keeper import memory_keeper

pytestmark = pytest.mark.unit

REMEDY = (
    "start with `expertline serve --forget`: nobody is signed in then and no hotline is closed by "
    "hand, records, work orders and "
    "numbers stay, and what was promised is still done"
)


@pytest.fixture
def world() -> Iterator[World]:
    loop = LeapingLoop()
    yield World(loop)
    loop.close()


def lived(world: World, *, ends: Callable[[Life], None] = Life.kill) -> Life:
    """One engine with an agent signed in and a live contact, all of it committed."""

    async def live() -> Life:
        life = begun(world, commits=False)
        for event in (
            DeviceReachabilityChanged(DESK, True),
            asked("r1", PresenceChange.SIGN_IN),
            arrival(1),
            LegAnswered(leg(1)),
        ):
            life.runtime.submit(event)
        life.journal.flush()
        ends(life)
        return life

    return world.loop.run_until_complete(live())


def kept(world: World) -> Kept:
    rows = tuple(world.disk.rows.get(STREAM, []))
    snapshots = tuple(world.disk.snapshots.get(STREAM, []))
    return Kept(snapshots, lambda seq: [row for row in rows if row.seq > seq])


def with_rows(old: Kept, change: Callable[[Sequence[JournalRow]], Sequence[JournalRow]]) -> Kept:
    return Kept(old.snapshots, lambda seq: change(list(old.rows_after(seq))))


def refusal(world: World, found: Kept, *, core: str = CORE) -> str:
    with pytest.raises(RecoveryRefused) as refused:
        recover(found, core=core, sites=world.sites)
    sentence = str(refused.value)
    assert sentence.endswith(REMEDY)
    assert "\n" not in sentence
    return sentence


def test_after_a_kill_all_that_was_committed_is_there(world: World) -> None:
    life = lived(world)
    again = recover(kept(world), core=CORE, sites=world.sites)
    assert encode_state(again.driver.snapshot(), at_rest=False) == life.state()
    assert (again.seq, again.replayed, again.at_rest) == (6, 6, False)
    assert again.driver.calls.live_contacts() == 1
    assert again.driver.router.agents()[0].presence is Presence.AVAILABLE


def test_nothing_kept_is_an_engine_that_never_ran(world: World) -> None:
    again = recover(Kept((), lambda _: ()), core=CORE, sites=world.sites)
    assert (again.seq, again.at, again.wall, again.at_rest) == (0, 0, None, True)
    assert again.driver.snapshot() == Driver(world.sites).snapshot()


def test_first_row_that_leads_elsewhere_is_named(world: World) -> None:
    lived(world)

    def changed(rows: Sequence[JournalRow]) -> Sequence[JournalRow]:
        bad = rows[3]
        return [*rows[:3], replace(bad, entry=replace(bad.entry, effects="00")), *rows[4:]]

    sentence = refusal(world, with_rows(kept(world), changed))
    assert sentence.startswith("row 4 of the journal (PresenceRequested) leads to something else")


@pytest.mark.parametrize("missing", [0, 2])
def test_missing_row_is_named(world: World, missing: int) -> None:
    lived(world)
    found = with_rows(kept(world), lambda rows: [*rows[:missing], *rows[missing + 1 :]])
    sentence = refusal(world, found)
    assert f"has no row {missing + 1}, the next one is row {missing + 2}" in sentence


def test_rows_dropped_behind_the_snapshot_in_use_are_missed(world: World) -> None:
    """After compaction the rows begin later: from an older state they must not be replayed."""
    world.disk.snapshots_kept = 2
    lived(world)

    async def compacted() -> Sequence[Snapshot]:
        life = begun(world, commits=False)
        life.journal.flush()
        life.end()
        again = begun(world, commits=False)
        again.journal.flush()
        again.end()
        return world.disk.snapshots[STREAM]

    newest = world.loop.run_until_complete(compacted())
    first = world.disk.rows[STREAM][0].seq
    assert first == newest[0].seq + 1 > 1
    unreadable = tuple(replace(each, body=b"torn") for each in newest)
    sentence = refusal(world, Kept(unreadable, kept(world).rows_after))
    assert f"has no row 1, the next one is row {first}" in sentence


def test_row_of_no_known_kind_or_form_is_refused(world: World) -> None:
    lived(world)
    for entry_change in ({"kind": "CallParked"}, {"body": b"{"}):

        def changed(rows: Sequence[JournalRow]) -> Sequence[JournalRow]:
            bad = rows[-1]
            return [*rows[:-1], replace(bad, entry=replace(bad.entry, **entry_change))]  # noqa: B023

        assert "row 6 of the journal" in refusal(world, with_rows(kept(world), changed))


def test_unreadable_state_is_replaced_by_the_one_before_and_its_rows(world: World) -> None:
    lived(world, ends=Life.end)
    found = kept(world)
    torn = Kept((found.snapshots[0], replace(found.snapshots[1], body=b"torn")), found.rows_after)
    again = recover(torn, core=CORE, sites=world.sites)
    whole = recover(found, core=CORE, sites=world.sites)
    assert again.driver.snapshot() == whole.driver.snapshot()
    assert (again.unreadable, again.replayed, whole.replayed) == (1, 7, 0)
    missing = with_rows(torn, lambda rows: rows[:-1])
    assert "ends at row 6, before its newest state, of row 7" in refusal(world, missing)


def test_other_code_goes_on_from_an_engine_that_ended_in_order(world: World) -> None:
    lived(world, ends=Life.end)
    again = recover(kept(world), core="core-2", sites=world.sites)
    assert (again.at_rest, again.replayed) == (True, 0)
    assert again.driver.router.agents()[0].presence is Presence.AVAILABLE


def test_other_code_refuses_what_did_not_end_in_order(world: World) -> None:
    lived(world)
    sentence = refusal(world, kept(world), core="core-2")
    assert "another version of this program" in sentence
    assert "or, if you have it no more, start with `expertline serve --forget`" in sentence
    rows_alone = Kept((), kept(world).rows_after)
    sentence = refusal(world, rows_alone, core="core-2")
    assert "wrote row 1 of the journal" in sentence
    assert "or, if you have it no more, start with `expertline serve --forget`" in sentence


def test_other_code_refuses_rows_behind_a_state_at_rest(world: World) -> None:
    lived(world, ends=Life.end)

    async def more() -> None:
        life = begun(world, commits=False)
        life.journal.flush()
        life.kill()

    world.loop.run_until_complete(more())
    assert "another version of this program" in refusal(world, kept(world), core="core-2")


def test_other_code_refuses_a_state_that_it_cannot_read(world: World) -> None:
    lived(world, ends=Life.end)
    found = kept(world)
    odd = replace(found.snapshots[-1], body=b'{"at_rest": true, "state": {"of": "other code"}}')
    sentence = refusal(world, Kept((*found.snapshots[:-1], odd), found.rows_after), core="core-2")
    assert "cannot read its last state" in sentence


def test_state_whose_site_is_gone_is_unreadable(world: World) -> None:
    lived(world, ends=Life.end)
    world.sites.clear()
    newest_only = Kept(kept(world).snapshots[-1:], lambda _: ())
    refusal(world, newest_only)


def test_forgetting_keeps_place_and_time_and_the_next_start_believes_it(world: World) -> None:
    life = lived(world)
    found = forgotten(kept(world), driver=Driver(world.sites))
    last = world.disk.rows[STREAM][-1].entry
    assert (found.seq, found.at, found.wall) == (6, last.at + 1, last.wall)
    world.began_at = found.at

    async def forgets() -> bytes:
        journal = MemoryJournal(world.disk)
        keeper = memory_keeper(journal, world.kept)
        runtime = runtime_on(world, found.driver, journal, keeper, seq=found.seq)
        runtime.begin(site=site().version, anchor=True)
        runtime.submit(asked("r9", PresenceChange.SIGN_IN))
        journal.flush()
        state = encode_state(found.driver.snapshot(), at_rest=False)
        runtime.stop()
        journal.kill()
        return state

    state = world.loop.run_until_complete(forgets())
    assert state != life.state()
    again = recover(kept(world), core=CORE, sites=world.sites)
    assert encode_state(again.driver.snapshot(), at_rest=False) == state
    # What the first engine promised was still done, and its key did not hide the later sign-in.
    assert len(world.kept.presences) == 2
    report = replay(STREAM, kept(world), core=CORE, sites=world.sites, hear=lambda _: None)
    assert report.good


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (5_000, (6_000, False)),
        (-5_000, (1_000, True)),
        (RESUME_MS_MAX, (1_000 + RESUME_MS_MAX, False)),
        (RESUME_MS_MAX + 1, (1_000 + RESUME_MS_MAX, True)),
    ],
)
def test_engine_time_goes_on_by_the_clock_on_the_wall_within_a_day(
    world: World, passed: int, expected: tuple[int, bool]
) -> None:
    found = Recovered(Driver(world.sites), 3, 1_000, WALL_MS, at_rest=True)
    assert resumed_at(found, WALL_MS + passed) == expected
    never = Recovered(Driver(world.sites), 0, 0, None, at_rest=True)
    assert resumed_at(never, WALL_MS) == (0, False)


def test_deadlines_that_passed_meanwhile_fire_at_once(world: World) -> None:
    """A contact of a killed engine is closed at the start; nothing else is left to wait for."""
    lived(world)
    world.loop.leaping.now_s += 3_600.0

    async def later() -> None:
        life = begun(world, commits=False)
        assert life.runtime.live_contacts() == 0
        assert world.now() >= 3_600_000
        life.journal.flush()
        life.journal.flush()
        life.kill()

    world.loop.run_until_complete(later())
    assert [record.reason for _, record in world.kept.records] == ["engine_restarted"]


def test_report_goes_on_behind_a_difference(world: World) -> None:
    lived(world, ends=Life.end)

    def changed(rows: Sequence[JournalRow]) -> Sequence[JournalRow]:
        bad = rows[1]
        return [rows[0], replace(bad, entry=replace(bad.entry, effects="00")), *rows[2:]]

    journal = MemoryJournal(world.disk)
    found = with_rows(kept_of(journal), changed)
    report = replay(STREAM, found, core="core-2", sites=world.sites, hear=lambda _: None)
    assert [(each.seq, each.kind) for each in report.differing] == [(2, "SiteActivated")]
    assert (report.rows, report.same, report.state_same) == (7, 6, True)
    assert not report.core_same
    assert not report.good
    journal.kill()
