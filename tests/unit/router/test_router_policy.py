"""Which of several idle agents a contact gets, in each order that a queue can ask for."""

from dataclasses import replace

import pytest
from router_pool import BILL, DATA, WRAP_MS, Pool, needs, queue

from router.core import Router
from router.events import DayStarted, QueueChanged, RoutingChanged
from router.line_order import PROFILES_SCANNED_MAX
from router.model import (
    AgentOrder,
    ContactOrder,
    LevelOrder,
    OfferFailure,
    Queue,
    Requirement,
    Routing,
)
from router.views import AgentView

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True, params=[PROFILES_SCANNED_MAX, 0], ids=["few serve", "many serve"])
def scanned_max(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Each of it holds where profiles are looked at in turn, and where a line keeps an order."""
    monkeypatch.setattr(Pool, "scanned_max", request.param)
    return request.param


def data_queue(
    *,
    levels: LevelOrder = LevelOrder.ANY,
    agents: AgentOrder = AgentOrder.LONGEST_IDLE,
    needed: Requirement | None = None,
) -> Queue:
    return replace(queue(DATA, needed or needs({"data": 1})), levels=levels, agents=agents)


def pool_of(rules: Queue, **skilled: dict[str, int]) -> Pool:
    """A pool whose first agent is idle longest."""
    pool = Pool(**skilled)
    pool.give(QueueChanged(rules))
    return pool


def serve(pool: Pool, contact: str, *, at: int, talk_ms: int) -> str:
    """Let a contact be offered, answered at once and served to the end of the wrap-up; by whom."""
    pool.enter(contact, at=at)
    ((_, agent),) = pool.offers()
    offer = pool.offer()
    pool.accept(offer, at=at)
    pool.end(offer, at=at + talk_ms)
    pool.tick(at + talk_ms + WRAP_MS)
    return agent


def asked_next(pool: Pool, at: int) -> str:
    pool.enter("next", at=at)
    ((_, agent),) = pool.offers()
    return agent


def view(pool: Pool, name: str) -> AgentView:
    (seen,) = [each for each in pool.router.agents() if each.agent == name]
    return seen


# Levels


@pytest.mark.parametrize(
    ("levels", "first"),
    [(LevelOrder.ANY, "bob"), (LevelOrder.LOWEST, "cat"), (LevelOrder.HIGHEST, "ann")],
)
def test_scarce_expert_is_spared_or_taken_as_the_queue_says(levels: LevelOrder, first: str) -> None:
    pool = pool_of(data_queue(levels=levels), bob={"data": 3}, ann={"data": 5}, cat={"data": 1})
    assert asked_next(pool, 1_000) == first


def test_spared_expert_is_there_for_who_needs_her() -> None:
    pool = pool_of(data_queue(levels=LevelOrder.LOWEST), ann={"data": 5}, bob={"data": 1})
    pool.give(QueueChanged(queue(BILL, needs({"data": 5}))))
    pool.enter("easy", at=1_000)
    assert pool.offers() == [("easy", "bob")]
    pool.enter("hard", BILL, at=1_001)
    assert pool.offers() == [("hard", "ann")]


def test_grade_is_that_of_the_alternative_she_meets_most_narrowly() -> None:
    needed = needs({"data": 1}, {"bill": 3})
    rules = data_queue(levels=LevelOrder.LOWEST, needed=needed)
    pool = pool_of(rules, ann={"data": 2}, bob={"data": 3, "bill": 3})
    assert asked_next(pool, 1_000) == "bob"


def test_grade_sums_over_all_skills_asked_and_no_others() -> None:
    needed = needs({"data": 1, "bill": 1})
    rules = data_queue(levels=LevelOrder.LOWEST, needed=needed)
    pool = pool_of(
        rules,
        ann={"data": 2, "bill": 2},
        bob={"data": 1, "bill": 2, "french": 5},
        cat={"data": 3, "bill": 1},
    )
    assert asked_next(pool, 1_000) == "bob"


def test_of_one_level_the_longest_idle_comes_first() -> None:
    rules = data_queue(levels=LevelOrder.LOWEST)
    pool = pool_of(rules, ann={"data": 2}, bob={"data": 1, "bill": 9}, cat={"data": 1})
    assert asked_next(pool, 1_000) == "bob"


def test_who_missed_the_contact_comes_after_all_others_whatever_her_level() -> None:
    rules = data_queue(levels=LevelOrder.LOWEST)
    pool = pool_of(rules, ann={"data": 1}, bob={"data": 4}, cat={"data": 4})
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "ann")]
    pool.fail(pool.offer(), OfferFailure.FAILED, at=2_000)
    assert pool.offers() == [("c1", "bob")]
    offer = pool.offer()
    pool.tick(4_000)
    pool.fail(offer, OfferFailure.FAILED, at=5_000)
    assert pool.offers() == [("c1", "cat")], "ann is idle again, and would be the first"
    pool.fail(pool.offer(), OfferFailure.FAILED, at=6_000)
    assert pool.offers() == [("c1", "ann")], "she is a choice when there is no other"


# What agents did today


def test_fewest_today_goes_before_longest_idle() -> None:
    pool = pool_of(data_queue(agents=AgentOrder.FEWEST_TODAY), ann={"data": 1}, bob={"data": 1})
    assert serve(pool, "c1", at=1_000, talk_ms=1_000) == "ann"
    assert serve(pool, "c2", at=20_000, talk_ms=60_000) == "bob"
    assert serve(pool, "c3", at=100_000, talk_ms=1_000) == "ann"
    # Ann has two by now, and bob one.
    pool.sign_out("bob", at=120_000)
    pool.sign_in("bob", at=121_000)
    assert asked_next(pool, 200_000) == "bob"


def test_offer_that_comes_to_nothing_is_not_one_of_today() -> None:
    pool = pool_of(data_queue(agents=AgentOrder.FEWEST_TODAY), ann={"data": 1}, bob={"data": 1})
    pool.enter("c1", at=1_000)
    pool.fail(pool.offer(), at=2_000)
    bobs = pool.offer()
    pool.tick(4_000)
    pool.fail(bobs, OfferFailure.FAILED, at=5_000)
    assert [view(pool, name).accepted_today for name in ("ann", "bob")] == [0, 0]


def test_least_occupied_is_by_busy_time_of_all_time_and_not_by_contacts() -> None:
    rules = data_queue(agents=AgentOrder.LEAST_OCCUPIED)
    pool = pool_of(rules, ann={"data": 1}, bob={"data": 1})
    assert serve(pool, "c1", at=100_000, talk_ms=0) == "ann"
    assert serve(pool, "c2", at=200_000, talk_ms=190_000) == "bob"
    # Ann was busy 10 s and idle 100 s, bob 200 s each.
    assert serve(pool, "c3", at=500_000, talk_ms=0) == "ann"
    assert asked_next(pool, 600_000) == "ann"


def test_occupation_is_that_of_the_moment_she_became_idle() -> None:
    rules = data_queue(agents=AgentOrder.LEAST_OCCUPIED)
    pool = pool_of(rules, ann={"data": 1}, bob={"data": 1})
    pool.pause("bob", at=0)
    assert serve(pool, "c1", at=100_000, talk_ms=90_000) == "ann"
    assert view(pool, "ann").busy_ms_today == view(pool, "ann").idle_ms_today == 100_000
    pool.resume("bob", at=200_000)
    pool.pause("ann", at=200_000)
    pool.resume("ann", at=200_000)
    assert serve(pool, "c2", at=600_000, talk_ms=290_000) == "bob"
    # Bob: 300 s of 700 s, 428 permille. Ann: 500 as she became idle, though by now far less.
    assert asked_next(pool, 2_000_000) == "bob"


def test_lost_connection_is_busy_till_it_is_lost() -> None:
    pool = pool_of(data_queue(), ann={"data": 1})
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=3_000)
    pool.fail(offer, OfferFailure.FAILED, at=8_000)
    seen = view(pool, "ann")
    assert (seen.accepted_today, seen.busy_ms_today, seen.busy_since) == (1, 5_000, None)


def test_idle_time_is_neither_break_nor_own_call_nor_ringing() -> None:
    pool = pool_of(data_queue(), ann={"data": 1})
    pool.pause("ann", at=1_000)
    pool.resume("ann", at=10_000)
    pool.occupy("ann-desk", at=12_000)
    pool.vacate("ann-desk", at=20_000)
    pool.enter("c1", at=23_000)
    pool.accept(pool.offer(), at=29_000)
    assert view(pool, "ann").idle_ms_today == 1_000 + 2_000 + 3_000


def test_level_goes_before_what_she_did_today() -> None:
    rules = data_queue(levels=LevelOrder.HIGHEST, agents=AgentOrder.FEWEST_TODAY)
    pool = pool_of(rules, ann={"data": 1}, bob={"data": 3})
    assert serve(pool, "c1", at=1_000, talk_ms=1_000) == "bob"
    assert asked_next(pool, 20_000) == "bob"


def test_who_missed_comes_last_in_a_ranked_order_too() -> None:
    knowing = {"ann": {"data": 1}, "cat": {"data": 1}, "bob": {"data": 1}}
    pool = pool_of(data_queue(agents=AgentOrder.FEWEST_TODAY), **knowing)
    assert serve(pool, "c1", at=1_000, talk_ms=1_000) == "ann"
    assert serve(pool, "c2", at=20_000, talk_ms=1_000) == "cat"
    pool.enter("c3", at=40_000)
    assert pool.offers() == [("c3", "bob")]
    pool.fail(pool.offer(), OfferFailure.FAILED, at=41_000)
    assert pool.offers() == [("c3", "ann")]
    offer = pool.offer()
    pool.tick(43_000)
    pool.fail(offer, OfferFailure.FAILED, at=44_000)
    assert pool.offers() == [("c3", "cat")], "bob is idle again, and has the fewest"
    pool.fail(pool.offer(), OfferFailure.FAILED, at=45_000)
    assert pool.offers() == [("c3", "bob")]


def test_new_day_forgets_what_was_done_and_keeps_who_is_idle_longest() -> None:
    pool = pool_of(data_queue(agents=AgentOrder.FEWEST_TODAY), ann={"data": 1}, bob={"data": 1})
    for number in range(3):
        serve(pool, f"c{number}", at=20_000 * (number + 1), talk_ms=1_000)
    # Ann has two and is idle since later, bob has one.
    pool.pause("bob", at=90_000)
    pool.resume("bob", at=91_000)
    pool.give(DayStarted(), at=100_000)
    assert [view(pool, name).accepted_today for name in ("ann", "bob")] == [0, 0]
    assert asked_next(pool, 101_000) == "ann"


def test_new_day_counts_what_is_under_way_from_its_start() -> None:
    pool = pool_of(data_queue(), ann={"data": 1}, bob={"data": 1})
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=2_000)
    pool.give(DayStarted(), at=50_000)
    pool.end(offer, at=55_000)
    pool.tick(55_000 + WRAP_MS)
    pool.pause("bob", at=70_000)
    ann, bob = view(pool, "ann"), view(pool, "bob")
    assert (ann.accepted_today, ann.busy_ms_today, ann.idle_ms_today) == (0, 15_000, 0)
    assert (bob.busy_ms_today, bob.idle_ms_today) == (0, 20_000)


def test_order_asked_for_while_agents_are_idle_knows_them() -> None:
    pool = pool_of(data_queue(), ann={"data": 1}, bob={"data": 1})
    assert serve(pool, "c1", at=1_000, talk_ms=1_000) == "ann"
    pool.pause("bob", at=20_000)
    pool.resume("bob", at=21_000)
    pool.give(QueueChanged(data_queue(agents=AgentOrder.FEWEST_TODAY)))
    pool.enter("c2", at=30_000)
    assert pool.offers() == [("c2", "bob")]
    pool.give(QueueChanged(data_queue()))
    assert pool.seat("ann").profile.orders == {}, "nobody asks for it any more"


@pytest.mark.parametrize("agents", [AgentOrder.FEWEST_TODAY, AgentOrder.LEAST_OCCUPIED])
def test_restored_router_ranks_agents_as_before(agents: AgentOrder, scanned_max: int) -> None:
    pool = pool_of(data_queue(agents=agents), ann={"data": 1}, bob={"data": 1})
    assert serve(pool, "c1", at=1_000, talk_ms=1_000) == "ann"
    pool.pause("bob", at=20_000)
    pool.resume("bob", at=21_000)
    taken = pool.router.snapshot()
    pool.router = Router.restored(taken, scanned_max=scanned_max)
    assert pool.router.snapshot() == taken
    assert asked_next(pool, 30_000) == "bob"


# The pool's ratio


def test_ratio_takes_her_whose_profile_has_more_idle_than_its_part_of_the_staff() -> None:
    pool = pool_of(
        data_queue(),
        ann={"data": 1},
        bob={"data": 1, "bill": 1},
        cat={"data": 1, "bill": 1},
        dan={"bill": 1},
    )
    pool.give(RoutingChanged(Routing(contacts=ContactOrder.RATIO)))
    pool.enter("b1", BILL, at=1_000)
    # Both profiles that serve it have all idle: then longest idle decides.
    assert pool.offers() == [("b1", "bob")]
    pool.enter("d1", at=1_001)
    # Three of four are idle: ann's profile has all of its one, cat's has one of two.
    assert pool.offers() == [("d1", "ann")]
    pool.enter("b2", BILL, at=1_002)
    assert pool.offers() == [("b2", "dan")], "cat is of the profile that is short of idle agents"
