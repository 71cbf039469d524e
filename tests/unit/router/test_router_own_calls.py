"""A device in a call of its own: no offer comes, and what fails meanwhile is no miss."""

import pytest
from router_pool import DATA, Pool

from router.agent_state import EngagementPhase
from router.devices import OWN_CALLS_MAX
from router.model import AgentId, OfferFailure, RescindReason
from router.offers import MISS_REST_MS
from router.presence import OWN_CALLS_MS_MAX

pytestmark = pytest.mark.unit


def test_own_call_blocks_offers_till_it_is_over() -> None:
    pool = Pool("ann")
    assert pool.occupy("ann-desk", at=1_000) == []
    assert pool.enter("c1", at=1_100) == []
    assert pool.router.waiting_in(DATA) == ["c1"]
    pool.vacate("ann-desk", at=2_000)
    assert pool.offers() == [("c1", "ann")]


def test_agent_in_a_call_of_her_own_is_still_somebody_to_wait_for() -> None:
    pool = Pool("ann")
    pool.occupy("ann-desk", at=1_000)
    pool.enter("c1", at=1_100)
    assert pool.overflowed() == []


def test_after_her_own_call_she_is_the_last_of_the_idle() -> None:
    pool = Pool("ann", "bob")
    pool.occupy("ann-desk", at=1_000)
    pool.vacate("ann-desk", at=2_000)
    pool.enter("c1", at=3_000)
    assert pool.offers() == [("c1", "bob")]


def test_second_own_call_keeps_the_device_occupied() -> None:
    pool = Pool("ann")
    pool.occupy("ann-desk", "k1", at=1_000)
    pool.occupy("ann-desk", "k2", at=1_100)
    pool.vacate("ann-desk", "k1", at=1_200)
    assert pool.enter("c1", at=1_300) == []
    pool.vacate("ann-desk", "k2", at=1_400)
    assert pool.offers() == [("c1", "ann")]


def test_own_call_begun_before_the_sign_in_counts() -> None:
    pool = Pool()
    pool.skill("ann", data=1)
    pool.reach("ann-desk")
    pool.occupy("ann-desk", at=1_000)
    pool.sign_in("ann", at=2_000)
    assert pool.enter("c1", at=2_100) == []
    pool.vacate("ann-desk", at=3_000)
    assert pool.offers() == [("c1", "ann")]


def test_own_call_while_it_rings_takes_no_offer_back() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    assert pool.occupy("ann-desk", at=1_500) == []
    assert pool.accept(offer, at=2_000) == []
    assert pool.router.engagement_of(AgentId("ann")) is EngagementPhase.CONNECTED


def test_offer_refused_during_an_own_call_is_no_miss() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.occupy("ann-desk", at=1_100)
    pool.fail(offer, OfferFailure.DECLINED, at=1_200)
    assert pool.seat("ann").misses == 0
    pool.tick(1_200 + MISS_REST_MS)
    assert pool.last == []
    pool.vacate("ann-desk", at=5_000)
    assert pool.offers() == [("c1", "ann")]


def test_offer_that_rings_out_during_an_own_call_is_no_miss() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.occupy("ann-desk", at=1_100)
    pool.tick(16_000)
    assert pool.rescinded() == [(offer, RescindReason.TIMED_OUT)]
    assert pool.seat("ann").misses == 0


@pytest.mark.parametrize("times", [1, 2])
def test_doubled_and_late_tidings_of_own_calls_are_counted_only(times: int) -> None:
    pool = Pool("ann")
    pool.occupy("ann-desk", at=1_000)
    before = pool.snapshot()
    for _ in range(times):
        pool.occupy("ann-desk")
        pool.vacate("ann-desk", "never begun")
        pool.vacate("bob-desk")
    assert pool.snapshot() == before
    assert pool.router.ignored["device/occupied"] == times
    assert pool.router.ignored["device/vacated"] == 2 * times


def test_own_calls_of_a_device_are_bounded() -> None:
    pool = Pool("ann")
    for number in range(OWN_CALLS_MAX + 1):
        pool.occupy("ann-desk", f"k{number}")
    (view,) = pool.router.agents()
    assert view.own_calls == OWN_CALLS_MAX
    assert pool.router.ignored["device/own calls full"] == 1
    for number in range(OWN_CALLS_MAX):
        pool.vacate("ann-desk", f"k{number}")
    pool.enter("c1")
    assert pool.offers() == [("c1", "ann")]


def test_own_call_whose_end_was_never_told_is_over_when_no_call_can_last_longer() -> None:
    pool = Pool("ann")
    pool.occupy("ann-desk", at=1_000)
    assert pool.router.next_deadline() == 1_000 + OWN_CALLS_MS_MAX
    pool.tick(at=1_000 + OWN_CALLS_MS_MAX)
    pool.enter("c1", at=1_001 + OWN_CALLS_MS_MAX)
    assert pool.offers() == [("c1", "ann")]
    assert pool.router.ignored["device/own call overdue"] == 1


def test_each_own_call_lasts_no_longer_than_a_call_may_whatever_came_after_it() -> None:
    pool = Pool("ann")
    pool.occupy("ann-desk", "lost", at=1_000)
    pool.occupy("ann-desk", "k2", at=9_000)
    pool.tick(at=1_000 + OWN_CALLS_MS_MAX)
    assert pool.router.ignored["device/own call overdue"] == 1
    assert pool.router.next_deadline() == 9_000 + OWN_CALLS_MS_MAX
    pool.vacate("ann-desk", "k2", at=9_500)
    assert pool.router.next_deadline() is None
    assert pool.enter("c1", at=10_000) == pool.last
    assert pool.offers() == [("c1", "ann")]
