"""How long a contact may yet wait: measured by the queue's answers, and told."""

import pytest
from pace_pool import limited, measured, pace_of, serve
from router_pool import BILL, DATA, Pool, needs, queue

from router.core import Router
from router.effects import AnnouncePosition
from router.events import QueueChanged
from router.expecting import HANDLING_MS, MEASURE_FRESH_MS, Pace
from router.model import ContactId, OfferFailure, OfferId

pytestmark = pytest.mark.unit

# The measure


def held(pace: Pace) -> tuple[int | None, int | None, int | None]:
    return pace.handling_ms, pace.measured_at, pace.waits_since


def test_agents_time_for_each_answer_is_measured_while_somebody_waits() -> None:
    pace = Pace()
    pace.answered(900, staff=4, others_wait=False)
    assert held(pace) == (None, None, None)
    pace.waiting(1_000)
    pace.waiting(3_000)
    pace.answered(11_000, staff=4, others_wait=True)
    assert held(pace) == (110_000, 11_000, 11_000), "half of what was guessed, half of 40 s"
    pace.answered(21_000, staff=3, others_wait=False)
    assert held(pace) == (100_000, 21_000, None), "the newest 30 s count an eighth"
    pace.answered(99_000, staff=3, others_wait=False)
    assert held(pace) == (100_000, 21_000, None), "nobody waited since"


def test_shrinking_measure_is_rounded_down_as_a_growing_one_is() -> None:
    pace = Pace(1_000, measured_at=0, waits_since=0)
    pace.answered(999, staff=1, others_wait=True)
    assert pace.handling_ms == 999
    pace.answered(2_005, staff=1, others_wait=True)
    assert pace.handling_ms == 999


@pytest.mark.parametrize(("at", "handling_ms"), [(599_999, 39_999 - 3_750), (600_000, 95_000)])
def test_old_measure_is_begun_anew_at_the_guess(at: int, handling_ms: int) -> None:
    assert MEASURE_FRESH_MS == 600_000
    pace = Pace(39_999, measured_at=0, waits_since=at - 10_000)
    pace.answered(at, staff=1, others_wait=False)
    assert pace.handling_ms == handling_ms


@pytest.mark.parametrize(("staff", "expected_ms"), [(0, 360_000), (1, 360_000), (7, 51_428)])
def test_without_a_measure_the_guess_is_shared_by_the_staff(staff: int, expected_ms: int) -> None:
    assert HANDLING_MS == 180_000
    assert Pace().expected_ms(2, staff=staff) == expected_ms


def test_measure_is_shared_by_whoever_is_there_now() -> None:
    assert Pace(70_000).expected_ms(3, staff=50) == 4_200
    assert Pace(70_000).expected_ms(3, staff=0) == 210_000


def test_answer_where_nobody_is_there_for_any_step_counts_as_of_one() -> None:
    pace = Pace(waits_since=0)
    pace.answered(20_000, staff=0, others_wait=False)
    assert pace.handling_ms == 100_000


def test_answers_of_a_queue_are_its_measure() -> None:
    pool = limited(None)
    for name in ("c1", "c2"):
        pool.enter(name, at=2_000)
    offer = serve(pool, OfferId("c0.o1"), end=5_000, answer=16_000)
    assert held(pace_of(pool)) == (97_000, 16_000, 16_000)
    offer = serve(pool, offer, end=20_000, answer=31_500)
    assert held(pace_of(pool)) == (86_812, 31_500, None)
    pool.enter("c3", at=32_000)
    serve(pool, offer, end=33_000, answer=44_000)
    assert held(pace_of(pool)) == (77_460, 44_000, None)


def test_answers_at_once_measure_nothing() -> None:
    pool = Pool("ann", "bob")
    for number in range(2):
        pool.enter(f"c{number}", at=1_000)
        pool.accept(pool.offer(), at=9_000)
    assert held(pace_of(pool)) == (None, None, None)


def test_answer_of_another_queue_is_none_of_its_measure() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=2_000)
    pool.enter("b1", BILL, priority_ms=5_000, at=2_000)
    offer = serve(pool, OfferId("c0.o1"), end=5_000, answer=16_000)
    assert held(pace_of(pool)) == (None, None, 2_000)
    serve(pool, offer, end=20_000, answer=32_000)
    assert held(pace_of(pool)) == (105_000, 32_000, None)


def test_late_or_second_answer_measures_nothing() -> None:
    pool = limited(None)
    pool.enter("c1", at=2_000)
    pool.accept(OfferId("c0.o1"), at=9_000)
    assert held(pace_of(pool)) == (None, None, 2_000)


def test_lost_offer_is_no_answer_and_its_contact_waits_from_then_on() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c0", at=1_000)
    pool.fail(pool.offer(), OfferFailure.DECLINED, at=2_000)
    assert pool.offers() == [("c0", "bob")]
    pool.accept(pool.offer(), at=5_000)
    assert held(pace_of(pool)) == (93_000, 5_000, None)


def test_time_in_which_nobody_waited_any_more_is_not_measured() -> None:
    pool = limited(600_000)
    for name in ("c1", "c2", "c3"):
        pool.enter(name, at=2_000)
    offer = serve(pool, OfferId("c0.o1"), end=5_000, answer=16_000)
    assert pace_of(pool).waits_since == 16_000
    pool.leave("c2", at=16_500)
    assert pace_of(pool).waits_since == 16_000
    pool.leave("c3", at=17_000)
    assert pace_of(pool).waits_since is None
    pool.end(offer, at=20_000)
    pool.tick(30_000)
    pool.enter("c4", at=3_600_000)
    pool.accept(pool.offer(), at=3_605_000)
    assert held(pace_of(pool)) == (97_000, 16_000, None)
    assert pool.enter("c5", at=3_606_000) == []
    assert pool.enter("c6", at=3_607_000) == []


@pytest.mark.parametrize("way", ["hangs up", "hangs up as it rings", "is moved", "times out"])
def test_whoever_is_the_last_to_go_unserved_ends_the_measure(way: str) -> None:
    pool = Pool(ann={"data": 1}, bob={"bill": 1})
    pool.enter("c0", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.enter("c1", at=2_000)
    if way == "is moved":
        pool.change("c1", BILL, at=4_000)
    elif way == "times out":
        pool.tick(62_000)
    elif way == "hangs up":
        pool.leave("c1", at=4_000)
    else:
        pool.end(offer, at=4_000)
        pool.tick(14_000)
        assert pool.offers() == [("c1", "ann")]
        assert pace_of(pool).waits_since == 2_000, "who rings is not answered yet"
        pool.leave("c1", at=15_000)
    assert held(pace_of(pool)) == (None, None, None)


def test_whoever_is_moved_here_waits_here_from_then_on() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("b1", BILL, at=2_000)
    pool.change("b1", DATA, at=7_000)
    assert pace_of(pool).waits_since == 7_000


def test_changed_queue_keeps_its_measure_and_a_retired_one_begins_anew() -> None:
    pool = measured(limited(None), 4_000)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), wait_ms_max=5_000)))
    assert held(pace_of(pool)) == (4_000, 1_100, None)
    pool.close(DATA)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}))))
    assert held(pace_of(pool)) == (None, None, None)


def test_router_read_back_measures_on() -> None:
    pool = limited(None)
    for name in ("c1", "c2", "c3"):
        pool.enter(name, at=2_000)
    offer = serve(pool, OfferId("c0.o1"), end=5_000, answer=16_000)
    before = held(pace_of(pool))
    pool.router = Router.restored(pool.router.snapshot())
    assert held(pace_of(pool)) == before == (97_000, 16_000, 16_000)
    serve(pool, offer, end=20_000, answer=31_500)
    assert held(pace_of(pool)) == (86_812, 31_500, 31_500)


# What is told


def test_expected_wait_is_told_with_the_position() -> None:
    pool = limited(None, announce_every_ms=3_200)
    pool.enter("c1", at=2_000)
    assert pool.tick(5_400) == [AnnouncePosition(ContactId("c1"), DATA, 1, 180_000)]
    measured(pool, 42_000)
    assert pool.tick(8_600) == [AnnouncePosition(ContactId("c1"), DATA, 1, 42_000)]


def test_queue_that_does_not_say_it_tells_the_position_alone() -> None:
    pool = limited(None)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=3_200)))
    pool.enter("c1", at=2_000)
    assert pool.tick(5_400) == [AnnouncePosition(ContactId("c1"), DATA, 1)]


def test_told_wait_follows_the_staff_at_once() -> None:
    others = [f"a{number}" for number in range(19)]
    pool = limited(None, *others, announce_every_ms=12_800)
    for number in range(19):
        pool.enter(f"d{number}", at=1_200)
        pool.accept(pool.offer(), at=1_300)
    pool.enter("late", at=2_000)
    told = pool.tick(pool.router.next_deadline() or 0)
    assert told == [AnnouncePosition(ContactId("late"), DATA, 1, 9_000)]
    for name in others:
        pool.sign_out(name)
    told = pool.tick(pool.router.next_deadline() or 0)
    assert told == [AnnouncePosition(ContactId("late"), DATA, 1, 180_000)]
