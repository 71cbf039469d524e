"""How long a contact may yet wait: measured by the queue's answers, told, and a limit."""

from dataclasses import replace

import pytest
from router_pool import BILL, DATA, Pool, needs, queue

from router.core import Router
from router.effects import AnnouncePosition
from router.events import QueueChanged
from router.expecting import HANDLING_MS, Pace
from router.model import ContactId, OfferFailure, OfferId, OverflowCause, Step

pytestmark = pytest.mark.unit

TOO_LONG = OverflowCause.EXPECTED_WAIT


def limited(expected_wait_ms_max: int | None, *, announce_every_ms: int | None = None) -> Pool:
    """ann, the only one, talks to c0 since 1 100."""
    pool = Pool("ann")
    rules = queue(DATA, needs({"data": 1}), announce_every_ms=announce_every_ms)
    rules = replace(rules, expected_wait_ms_max=expected_wait_ms_max, announce_expected=True)
    pool.give(QueueChanged(rules))
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    return pool


def pace_of(pool: Pool) -> Pace:
    room = vars(pool.router)["_places"].room(DATA)
    assert isinstance(room.pace, Pace)
    return room.pace


def serve(pool: Pool, offer: OfferId, *, end: int, answer: int) -> OfferId:
    """ann ends a talk, and answers the next contact then."""
    pool.end(offer, at=end)
    pool.tick(end + 10_000)
    following = pool.offer()
    pool.accept(following, at=answer)
    return following


# The measure


def test_time_between_two_answers_counts_only_if_somebody_waited_meanwhile() -> None:
    pace = Pace()
    pace.answered(1_000, is_busy=False)
    pace.answered(9_000, is_busy=True)
    assert pace.gap is None
    pace.answered(13_000, is_busy=True)
    assert pace.gap == 4_000
    pace.answered(25_000, is_busy=False)
    assert pace.gap == 5_000
    pace.answered(99_000, is_busy=False)
    assert pace.gap == 5_000


def test_shrinking_gap_is_rounded_down_as_a_growing_one_is() -> None:
    pace = Pace(gap=1_000, last_accept=0, was_busy=True)
    pace.answered(999, is_busy=True)
    assert pace.gap == 999
    pace.answered(2_005, is_busy=True)
    assert pace.gap == 999


@pytest.mark.parametrize(("staff", "expected_ms"), [(0, 360_000), (1, 360_000), (7, 51_428)])
def test_without_a_measure_the_staff_is_asked(staff: int, expected_ms: int) -> None:
    assert HANDLING_MS == 180_000
    assert Pace().expected_ms(2, staff=staff) == expected_ms


def test_measure_counts_whatever_the_staff_is() -> None:
    assert Pace(gap=7_000).expected_ms(3, staff=50) == 21_000


def test_answers_of_a_queue_are_its_measure() -> None:
    pool = limited(None)
    offer = pool.place("c0").offer
    for name in ("c1", "c2"):
        pool.enter(name, at=2_000)
    offer = serve(pool, offer, end=5_000, answer=16_000)
    assert pace_of(pool) is not None
    assert pace_of(pool).gap is None
    offer = serve(pool, offer, end=20_000, answer=31_500)
    assert pace_of(pool).gap == 15_500
    pool.enter("c3", at=32_000)
    serve(pool, offer, end=33_000, answer=44_000)
    assert pace_of(pool).gap == 15_500


def test_answer_of_another_queue_is_none_of_its_measure() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=2_000)
    pool.enter("b1", BILL, priority_ms=5_000, at=2_000)
    serve(pool, OfferId("c0.o1"), end=5_000, answer=16_000)
    assert pace_of(pool) is not None
    assert (pace_of(pool).last_accept, pace_of(pool).gap) == (1_100, None)


def test_late_or_second_answer_measures_nothing() -> None:
    pool = limited(None)
    pool.enter("c1", at=2_000)
    pool.accept(OfferId("c0.o1"), at=9_000)
    assert pace_of(pool).last_accept == 1_100


def test_changed_queue_keeps_its_measure_and_a_retired_one_begins_anew() -> None:
    pool = limited(None)
    pace_of(pool).gap = 4_000
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), wait_ms_max=5_000)))
    assert pace_of(pool).gap == 4_000
    pool.close(DATA)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}))))
    assert pace_of(pool).gap is None
    assert pace_of(pool).last_accept is None


def test_router_read_back_measures_on() -> None:
    pool = limited(None)
    for name in ("c1", "c2", "c3"):
        pool.enter(name, at=2_000)
    offer = serve(pool, OfferId("c0.o1"), end=5_000, answer=16_000)
    offer = serve(pool, offer, end=20_000, answer=32_000)
    pool.router = Router.restored(pool.router.snapshot())
    serve(pool, offer, end=40_000, answer=56_000)
    assert pace_of(pool).gap == 17_000


# The limit


def test_contact_that_would_wait_too_long_is_refused() -> None:
    pool = limited(360_000)
    assert pool.enter("c1", at=2_000) == []
    assert pool.enter("c2", at=2_000) == []
    pool.enter("c3", at=2_000)
    assert pool.overflowed() == [("c3", TOO_LONG)]


def test_priority_and_what_was_waited_before_make_the_wait_shorter() -> None:
    pool = limited(180_000)
    pool.enter("c1", at=2_000)
    pool.enter("late", at=3_000)
    assert pool.overflowed() == [("late", TOO_LONG)]
    assert pool.enter("c2", priority_ms=1_001, at=3_000) == []
    pool.enter("equal", priority_ms=1_001, at=3_000)
    assert pool.overflowed() == [("equal", TOO_LONG)]
    assert pool.enter("c3", waited_ms=1_002, at=3_000) == []


def test_contact_beside_an_idle_agent_is_never_refused() -> None:
    pool = limited(0)
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    pool.sign_in("bob")
    pool.enter("c1", at=2_000)
    assert pool.offers() == [("c1", "bob")]
    pool.enter("c2", at=2_000)
    assert pool.overflowed() == [("c2", TOO_LONG)]


def test_idle_agent_of_a_later_step_does_not_help() -> None:
    pool = Pool(eve={"data": 3}, ann={"data": 1})
    steps = Step(needs({"data": 3}), 20_000), Step(needs({"data": 1}))
    pool.give(QueueChanged(replace(queue(DATA, *steps), expected_wait_ms_max=0)))
    pool.enter("c0", at=1_000)
    assert pool.offers() == [("c0", "eve")]
    pool.enter("c1", at=1_000)
    assert pool.overflowed() == [("c1", TOO_LONG)]


def test_who_waits_for_one_busy_agent_is_judged_though_another_is_idle() -> None:
    pool = limited(0)
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    pool.sign_in("bob")
    pool.enter("c1", prefer=("ann", 9_000), at=2_000)
    assert pool.overflowed() == [("c1", TOO_LONG)]
    pool.enter("c2", prefer=("bob", 9_000), at=2_000)
    assert pool.offers() == [("c2", "bob")]


def test_who_waits_for_one_agent_alone_and_who_rings_are_counted_as_they_are() -> None:
    pool = limited(180_000)
    pool.enter("c1", prefer=("ann", 9_000), at=2_000)
    pool.enter("c2", at=2_000)
    assert pool.overflowed() == [("c2", TOO_LONG)]
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    pool.tick(11_000)
    pool.sign_in("bob", at=11_500)
    assert pool.offers() == [("c1", "bob")]
    assert pool.enter("c3", at=12_000) == []


def test_limit_that_comes_later_counts_who_waits_already() -> None:
    pool = limited(None)
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_000)
    rules = replace(queue(DATA, needs({"data": 1})), expected_wait_ms_max=359_999)
    pool.give(QueueChanged(rules), at=3_000)
    pool.enter("c3", at=4_000)
    assert pool.overflowed() == [("c3", TOO_LONG)]
    pool.leave("c1", at=5_000)
    pool.leave("c2", at=5_000)
    assert pool.enter("c4", at=6_000) == []
    pool.give(QueueChanged(replace(rules, expected_wait_ms_max=None)), at=7_000)
    assert pool.enter("c5", at=8_000) == []


def test_read_back_router_counts_who_waits_before() -> None:
    pool = limited(360_000)
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_000)
    pool.router = Router.restored(pool.router.snapshot())
    pool.enter("c3", at=3_000)
    assert pool.overflowed() == [("c3", TOO_LONG)]


# What is told


def test_expected_wait_is_told_with_the_position() -> None:
    pool = limited(None, announce_every_ms=3_200)
    pool.enter("c1", at=2_000)
    assert pool.tick(5_400) == [AnnouncePosition(ContactId("c1"), DATA, 1, 180_000)]
    pace_of(pool).gap = 42_000
    assert pool.tick(8_600) == [AnnouncePosition(ContactId("c1"), DATA, 1, 42_000)]


def test_queue_that_does_not_say_it_tells_the_position_alone() -> None:
    pool = limited(None)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=3_200)))
    pool.enter("c1", at=2_000)
    assert pool.tick(5_400) == [AnnouncePosition(ContactId("c1"), DATA, 1)]


def test_lost_offer_is_no_answer() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c0", at=1_000)
    pool.fail(pool.offer(), OfferFailure.DECLINED, at=2_000)
    assert pace_of(pool).last_accept is None
