"""What the port ``Journal`` promises, of the store's file and of the simulator's memory alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from journal_worlds import (
    JournalWorld,
    MemoryWorld,
    SqliteWorld,
    entry,
    intent,
    nobody,
    numbered,
    snapshot,
)

from ivr.ports import PeerError

pytestmark = pytest.mark.contract

NODE, POOL = "node:main", "pool:main"


@pytest.fixture(params=["sqlite", "memory"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JournalWorld]:
    made: JournalWorld = SqliteWorld(tmp_path) if request.param == "sqlite" else MemoryWorld()
    yield made
    made.close()


def test_rows_read_back_are_what_was_appended(world: JournalWorld) -> None:
    journal = world.open()
    written = [entry(number) for number in range(2_500)]
    for first in range(0, 2_500, 500):
        assert journal.append(written[first : first + 500], [], nobody)
        journal.flush()
    rows = list(journal.rows(NODE, after=0))
    assert [row.entry for row in rows] == written
    assert [row.seq for row in rows] == list(range(1, 2_501))
    assert {(row.node, row.epoch) for row in rows} == {("main", 1)}
    assert [row.seq for row in journal.rows(NODE, after=2_498)] == [2_499, 2_500]
    assert list(journal.rows("node:other", after=0)) == []


def test_each_stream_counts_for_itself(world: JournalWorld) -> None:
    journal = world.open()
    for number in range(6):
        stream = POOL if number % 3 == 0 else NODE
        journal.append([entry(number, stream=stream)], [], nobody)
    journal.flush()
    assert [(row.seq, row.entry.at) for row in journal.rows(POOL, after=0)] == [(1, 0), (2, 30)]
    assert [row.entry.at for row in journal.rows(NODE, after=0)] == [10, 20, 40, 50]
    assert [row.seq for row in journal.rows(NODE, after=0)] == [1, 2, 3, 4]


def test_commits_are_told_in_the_order_of_the_calls_and_after_the_rows(world: JournalWorld) -> None:
    journal = world.open()
    told: list[int] = []
    seen: list[int] = []

    def look() -> None:
        seen.append(len(list(journal.rows(NODE, after=0))))

    for number in range(50):
        journal.append([entry(number)], [], numbered(told, number))
    journal.append([], [intent("only")], look)
    assert told == []
    journal.flush()
    assert told == list(range(50))
    assert seen == [50]


def test_nothing_uncommitted_is_read(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(1)], [intent("a")], nobody)
    assert list(journal.rows(NODE, after=0)) == []
    assert journal.open_intents() == []


@pytest.mark.parametrize(("rows_max", "bytes_max"), [(10, 1_000_000), (1_000, 2_000)])
def test_at_the_bound_an_append_is_refused_whole_until_there_is_room(
    world: JournalWorld, rows_max: int, bytes_max: int
) -> None:
    journal = world.open(rows_max=rows_max, bytes_max=bytes_max)
    told: list[int] = []
    taken = 0
    while journal.append([entry(taken, size=150)], [], numbered(told, taken)):
        taken += 1
        assert taken <= rows_max
    assert taken > 1
    pair = [entry(900, size=150), entry(901, size=150)]
    assert not journal.append(pair, [intent("refused")], numbered(told, 900))
    journal.flush()
    assert told == list(range(taken))
    assert journal.append([entry(taken, size=150)], [], nobody)
    journal.flush()
    assert [row.entry.at for row in journal.rows(NODE, after=0)] == [
        number * 10 for number in range(taken + 1)
    ]
    assert journal.open_intents() == []


def test_an_intent_is_open_until_its_first_mark(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(1)], [intent("b"), intent("a")], nobody)
    journal.flush()
    assert journal.open_intents() == [intent("b"), intent("a")]
    journal.mark("b", "written")
    journal.mark("b", "again")
    journal.mark("never heard of", "written")
    journal.flush()
    assert journal.open_intents() == [intent("a")]


def test_a_key_is_taken_once_marked_or_not(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([], [intent("a"), intent("b")], nobody)
    journal.mark("a", "written")
    journal.append([], [intent("a"), intent("b", stream=POOL)], nobody)
    journal.flush()
    assert journal.open_intents() == [intent("b")]


def test_reopened_it_goes_on_in_a_new_epoch(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(1), entry(2)], [intent("a")], nobody)
    world.close()
    journal = world.open()
    assert journal.open_intents() == [intent("a")]
    journal.append([entry(3)], [intent("a")], nobody)
    journal.flush()
    places = [(row.seq, row.epoch) for row in journal.rows(NODE, after=0)]
    assert places == [(1, 1), (2, 1), (3, 2)]
    assert journal.open_intents() == [intent("a")]


def test_second_writer_is_refused_in_one_sentence(world: JournalWorld) -> None:
    world.open()
    with pytest.raises(PeerError, match=r"^another engine writes to .*: stop that one.*own$"):
        world.open()


def test_the_newest_snapshot_is_found_again(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(number) for number in range(9)], [], nobody)
    assert journal.latest_snapshot(NODE) is None
    journal.save_snapshot(snapshot(3))
    journal.save_snapshot(snapshot(9))
    journal.save_snapshot(snapshot(5, stream=POOL))
    journal.flush()
    world.close()
    journal = world.open()
    assert journal.latest_snapshot(NODE) == snapshot(9)
    assert journal.latest_snapshot(POOL) == snapshot(5, stream=POOL)
    assert journal.snapshots(NODE) == [snapshot(3), snapshot(9)]
    assert journal.snapshots("node:other") == []


def test_a_snapshot_of_the_same_row_takes_the_place_of_the_first(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(1)], [], nobody)
    journal.save_snapshot(snapshot(1))
    other = replace(snapshot(1), core="core-2", body=b"the same under other code")
    journal.save_snapshot(other)
    journal.flush()
    assert journal.snapshots(NODE) == [other]


def test_gap_shows_once_covered_rows_were_dropped(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(number) for number in range(10)], [], nobody)
    journal.save_snapshot(snapshot(4))
    journal.save_snapshot(snapshot(8))
    for _ in range(4):
        journal.flush()
    assert next(iter(journal.rows(NODE, after=2))).seq == 5
    assert [row.seq for row in journal.rows(NODE, after=8)] == [9, 10]


def test_only_rows_covered_by_the_last_snapshot_but_one_are_dropped(world: JournalWorld) -> None:
    journal = world.open(rows_max=10_000)
    journal.append([entry(number) for number in range(4_000)], [], nobody)
    journal.append([entry(number, stream=POOL) for number in range(5)], [], nobody)
    journal.save_snapshot(snapshot(3_500))
    journal.flush()
    assert len(list(journal.rows(NODE, after=0))) == 4_000
    journal.save_snapshot(snapshot(3_900))
    for _ in range(10):
        journal.flush()
    assert [row.seq for row in journal.rows(NODE, after=0)] == list(range(3_501, 4_001))
    assert len(list(journal.rows(POOL, after=0))) == 5
    world.close()
    journal = world.open()
    journal.append([entry(4_000)], [], nobody)
    journal.flush()
    assert [row.seq for row in journal.rows(NODE, after=3_999)] == [4_000, 4_001]


def test_seq_goes_on_when_every_row_was_dropped(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(number) for number in range(4)], [], nobody)
    journal.save_snapshot(snapshot(4))
    journal.append([entry(5)], [], nobody)
    journal.save_snapshot(snapshot(5))
    journal.append([entry(6)], [], nobody)
    journal.save_snapshot(snapshot(6))
    for _ in range(4):
        journal.flush()
    world.close()
    journal = world.open()
    journal.append([entry(7)], [], nobody)
    journal.flush()
    assert [row.seq for row in journal.rows(NODE, after=0)] == [6, 7]


def test_keys_stay_taken_as_long_as_their_row_can_be_replayed(world: JournalWorld) -> None:
    journal = world.open()
    journal.append([entry(1)], [intent("early"), intent("undone")], nobody)
    journal.append([entry(2)], [intent("late")], nobody)
    journal.mark("early", "written")
    journal.mark("late", "written")
    journal.save_snapshot(snapshot(1))
    journal.save_snapshot(snapshot(2))
    for _ in range(4):
        journal.flush()
    assert journal.open_intents() == [intent("undone")]
    journal.append([], [intent("late")], nobody)
    journal.flush()
    assert journal.open_intents() == [intent("undone")]
