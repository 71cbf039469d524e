"""Who is let in: the pool's bound by contact class, and which of several refusals is told."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from router_pool import BILL, DATA, Pool, needs, queue

from router.core import Router
from router.events import QueueChanged, RoutingChanged
from router.model import OfferFailure, OfferId, OverflowCause, QueueId, Routing, WaitingLimit

pytestmark = pytest.mark.unit

OVERLOAD, FULL = OverflowCause.OVERLOAD, OverflowCause.FULL
LOW = QueueId("main:low")
"""A queue of class 7; the others have class 5."""


def overload(waiting_max: int | None, admitted: Mapping[int, int] | None = None) -> RoutingChanged:
    return RoutingChanged(Routing(waiting_max=waiting_max, admitted=admitted or {}))


def full_house(waiting_max: int | None, admitted: Mapping[int, int] | None = None) -> Pool:
    """ann, who serves all three queues, is connected; nobody waits yet."""
    pool = Pool(ann={"data": 1, "bill": 1, "low": 1})
    pool.give(QueueChanged(replace(queue(LOW, needs({"low": 1})), contact_class=7)))
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.give(overload(waiting_max, admitted))
    return pool


def enter_many(pool: Pool, name: str, to: QueueId, count: int, at: int) -> list[str]:
    """Who of so many was refused."""
    refused: list[str] = []
    for number in range(count):
        pool.enter(f"{name}{number}", to, at=at)
        refused += [contact for contact, _ in pool.overflowed()]
    return refused


def test_pool_without_a_bound_lets_everybody_in() -> None:
    pool = full_house(None, {5: 0})
    assert enter_many(pool, "c", DATA, 50, 2_000) == []


def test_bound_counts_who_waits_in_all_queues() -> None:
    pool = full_house(4)
    assert enter_many(pool, "a", DATA, 2, 2_000) == []
    assert enter_many(pool, "b", BILL, 3, 2_000) == ["b2"]
    assert pool.overflowed() == [("b2", OVERLOAD)]


def test_low_class_is_refused_first_and_the_others_come_in_on() -> None:
    pool = full_house(10, {7: 60})
    assert enter_many(pool, "a", LOW, 7, 2_000) == ["a6"]
    assert enter_many(pool, "b", DATA, 5, 2_000) == ["b4"]
    assert enter_many(pool, "d", LOW, 1, 2_000) == ["d0"]


def test_share_of_the_bound_is_rounded_down() -> None:
    pool = full_house(7, {5: 50})
    assert enter_many(pool, "a", DATA, 4, 2_000) == ["a3"]


def test_bound_counts_who_waits_and_neither_who_rings_nor_who_talks() -> None:
    pool = full_house(1)
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    pool.sign_in("bob")
    pool.enter("c1", at=2_000)
    rings = pool.offer()
    assert pool.enter("c2", at=2_000) == []
    pool.enter("c3", at=2_000)
    assert pool.overflowed() == [("c3", OVERLOAD)]
    assert pool.fail(rings, at=3_000) == []
    pool.leave("c2", at=4_000)
    pool.enter("c4", at=4_000)
    assert pool.overflowed() == [("c4", OVERLOAD)], "whoever rang in vain waits again"


def test_full_pool_lets_in_whoever_finds_an_agent_at_once() -> None:
    pool = full_house(1)
    pool.skill("bob", low=1)
    pool.reach("bob-desk")
    pool.sign_in("bob")
    pool.enter("c1", at=2_000)
    pool.enter("low", LOW, at=2_000)
    assert pool.offers() == [("low", "bob")]


@pytest.mark.parametrize("bound", ["of the queue", "for each agent", "of the pool"])
def test_fifty_callers_of_one_moment_ring_fifty_idle_agents_whatever_the_bounds(
    bound: str,
) -> None:
    pool = Pool(*(f"a{number}" for number in range(50)))
    limits = {"of the queue": WaitingLimit(absolute=3), "for each agent": WaitingLimit(None, 0)}
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), waiting=limits.get(bound))))
    pool.give(overload(3 if bound == "of the pool" else None))
    rung: list[tuple[str, str]] = []
    for number in range(50):
        pool.enter(f"c{number}", at=1_000 + number)
        rung += pool.offers()
    assert len({agent for _, agent in rung}) == len(rung) == 50
    room = {"of the queue": 3, "for each agent": 0, "of the pool": 3}[bound]
    assert enter_many(pool, "w", DATA, room + 2, 1_050) == [f"w{room}", f"w{room + 1}"]
    cause = OVERLOAD if bound == "of the pool" else FULL
    assert [each for _, each in pool.overflowed()] == [cause]


def test_more_than_may_wait_only_after_rings_in_vain_and_by_as_many() -> None:
    pool = Pool("ann", "bob")
    limit = WaitingLimit(absolute=1)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), waiting=limit, misses_max=9)))
    pool.enter("c1", at=1_000)
    pool.enter("c2", at=1_000)
    assert pool.enter("c3", at=1_000) == []
    for offer in ("c1.o1", "c2.o2"):
        pool.fail(OfferId(offer), at=2_000)
    assert len(pool.router.waiting_in(DATA)) == 3
    pool.enter("c4", at=2_500)
    assert pool.overflowed() == [("c4", FULL)]


def test_whoever_leaves_by_any_door_makes_room() -> None:
    pool = full_house(1)
    pool.enter("c1", at=2_000)
    pool.leave("c1", at=2_100)
    assert pool.enter("c2", at=2_200) == []
    pool.tick(62_200)
    assert pool.overflowed() == [("c2", OverflowCause.TIMED_OUT)]
    assert pool.enter("c3", at=63_000) == []
    pool.change("c3", BILL, at=63_100)
    pool.close(BILL, at=63_200)
    assert pool.enter("c4", at=63_300) == []
    pool.declare(DATA, at=63_400)
    assert pool.enter("low", LOW, at=63_500) == []
    pool.enter("no", LOW, at=63_600)
    assert pool.overflowed() == [("no", OVERLOAD)]


def test_contact_of_a_lost_conversation_waits_again() -> None:
    pool = full_house(1)
    pool.fail(OfferId("c0.o1"), OfferFailure.FAILED, at=2_000)
    pool.enter("c1", at=2_000)
    assert pool.overflowed() == [("c1", OVERLOAD)]


def test_moved_contact_counts_once_and_no_limit_is_asked_for_it() -> None:
    pool = full_house(2, {7: 0})
    pool.enter("c1", at=2_000)
    pool.change("c1", LOW, at=3_000)
    assert pool.moved() == [("c1", LOW)]
    assert pool.enter("c2", at=4_000) == []
    pool.enter("c3", at=4_000)
    assert pool.overflowed() == [("c3", OVERLOAD)]


def test_class_is_that_of_the_queue_to_which_a_crisis_leads() -> None:
    pool = full_house(2, {7: 0})
    pool.declare(DATA, LOW, at=2_000)
    pool.enter("c1", DATA, at=3_000)
    assert pool.overflowed() == [("c1", OVERLOAD)]


def test_new_routing_counts_from_then_on_and_sends_nobody_away() -> None:
    pool = full_house(None)
    enter_many(pool, "a", DATA, 5, 2_000)
    assert pool.give(overload(3), at=3_000) == []
    pool.enter("c1", at=4_000)
    assert pool.overflowed() == [("c1", OVERLOAD)]
    pool.give(overload(6), at=5_000)
    assert pool.enter("c2", at=6_000) == []


def test_refused_contact_gets_no_arrival_number() -> None:
    pool = full_house(0)
    pool.enter("c1", at=2_000)
    assert vars(pool.router)["_places"].arrivals == 1


# Of several reasons


def test_queue_that_nobody_serves_is_told_before_a_full_pool() -> None:
    pool = full_house(0)
    pool.give(QueueChanged(queue(BILL, needs({"vip": 1}))))
    pool.enter("b1", BILL, at=2_000)
    assert pool.overflowed() == [("b1", OverflowCause.NO_AGENTS)]


def test_crisis_is_told_before_a_full_pool() -> None:
    pool = full_house(0)
    pool.declare(DATA)
    pool.enter("c1", at=2_000)
    assert pool.overflowed() == [("c1", OverflowCause.CRISIS)]


def test_full_pool_is_told_before_a_full_queue_and_that_before_a_long_wait() -> None:
    pool = full_house(0)
    strict = replace(
        queue(DATA, needs({"data": 1}), waiting=WaitingLimit(absolute=0)), expected_wait_ms_max=0
    )
    pool.give(QueueChanged(strict))
    pool.enter("c1", at=2_000)
    assert pool.overflowed() == [("c1", OVERLOAD)]
    pool.give(overload(None))
    pool.enter("c2", at=2_000)
    assert pool.overflowed() == [("c2", FULL)]
    pool.give(QueueChanged(replace(strict, waiting=None)))
    assert pool.enter("measures", at=2_000) == []
    pool.enter("c3", at=2_000)
    assert pool.overflowed() == [("c3", OverflowCause.EXPECTED_WAIT)]


def test_router_read_back_counts_as_many_and_knows_its_bound() -> None:
    pool = full_house(2, {7: 50})
    pool.enter("c1", at=2_000)
    pool.router = Router.restored(pool.router.snapshot())
    pool.enter("low", LOW, at=3_000)
    assert pool.overflowed() == [("low", OVERLOAD)]
    assert pool.enter("c2", at=3_000) == []
    pool.enter("c3", at=3_000)
    assert pool.overflowed() == [("c3", OVERLOAD)]


def test_class_of_a_small_share_may_always_have_one_who_waits() -> None:
    pool = full_house(10, {7: 5, 5: 0})
    assert enter_many(pool, "a", LOW, 2, 2_000) == ["a1"]
    assert enter_many(pool, "b", DATA, 1, 2_000) == ["b0"]


def test_agent_asked_for_by_name_is_waited_for_where_the_queue_has_no_agents_of_its_own() -> None:
    pool = Pool(cat={"bill": 1})
    limit = WaitingLimit(per_agent=1)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), waiting=limit)))
    pool.enter("k0", BILL, at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", prefer=("cat", 15_000), at=2_000)
    assert pool.overflowed() == []
    pool.enter("c2", prefer=("cat", 15_000), at=2_000)
    assert pool.overflowed() == [("c2", FULL)]
