"""Whose turn it is when an agent frees whom several queues wait for: classes, shares, ratios."""

from dataclasses import replace
from statistics import mean

import pytest
from router_pool import BILL, DATA, WRAP_MS, Pool, needs, queue
from shared_load import Load

from router.contact_order import STRIDE
from router.core import Router
from router.events import QueueChanged, QueueRetired, RoutingChanged
from router.model import ContactOrder, OfferFailure, Queue, QueueId, Routing

pytestmark = pytest.mark.unit

HOUR_MS = 3_600_000
MAIL = QueueId("main:mail")
BOTH = {"data": 1, "bill": 1, "mail": 1}
OFF_MEAN_MAX, OFF_MAX = 0.02, 0.15
"""How far the data queue's part of all who wait may be from its share, minute by minute."""
SKILLS = {DATA: "data", BILL: "bill", MAIL: "mail"}


def shared(name: QueueId, *, share: int = 1, contact_class: int = 5) -> Queue:
    rules = queue(name, needs({SKILLS[name]: 1}), wait_ms_max=24 * HOUR_MS)
    return replace(rules, share=share, contact_class=contact_class)


def pool_of(order: ContactOrder, *queues: Queue) -> Pool:
    """One agent for all queues, who is in a talk."""
    pool = Pool(ann=BOTH)
    for rules in queues:
        pool.give(QueueChanged(rules))
    pool.give(RoutingChanged(Routing(contacts=order)))
    return pool


def serve_all(pool: Pool, *, at: int) -> list[str]:
    """End every talk as soon as it began, and every wrap-up; who was served, in order."""
    served: list[str] = []
    while offers := pool.offers():
        ((contact, _),) = offers
        served.append(contact)
        offer = pool.offer()
        pool.accept(offer, at=at)
        pool.end(offer, at=at)
        at += WRAP_MS
        pool.tick(at)
    return served


def tag(pool: Pool, name: QueueId) -> int:
    """How far this queue was served, as the snapshot tells it."""
    (kept,) = [each for each in pool.router.snapshot().queues if each.rules.id == name]
    return kept.tag


# Contact classes


@pytest.mark.parametrize("order", ContactOrder)
def test_class_is_strict_whatever_the_order(order: ContactOrder) -> None:
    # By age, by what was served and by lengths it were the data queue's turn.
    pool = pool_of(order, shared(DATA), shared(BILL, share=100, contact_class=4))
    pool.enter("now", BILL, at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_000)
    for number in range(3):
        pool.enter(f"d{number}", priority_ms=600_000, at=2_000 + number)
    pool.enter("b0", BILL, at=9_000)
    pool.end(offer, at=10_000)
    pool.tick(10_000 + WRAP_MS)
    assert serve_all(pool, at=20_000)[0] == "b0"


def test_who_waits_changes_class_with_the_queue() -> None:
    pool = pool_of(ContactOrder.OLDEST, shared(DATA), shared(BILL))
    pool.enter("now", at=1_000)
    pool.accept(pool.offer(), at=1_000)
    offer = pool.place("now").offer
    pool.enter("d0", at=2_000)
    pool.enter("b0", BILL, at=3_000)
    pool.give(QueueChanged(shared(BILL, contact_class=0)))
    pool.end(offer, at=4_000)
    pool.tick(4_000 + WRAP_MS)
    assert serve_all(pool, at=20_000) == ["b0", "d0"]


def test_contacts_seek_agents_in_order_of_class() -> None:
    pool = pool_of(ContactOrder.OLDEST, shared(DATA), shared(BILL, contact_class=1))
    pool.occupy("ann-desk", at=500)
    pool.enter("d0", at=1_000)
    pool.enter("b0", BILL, at=2_000)
    pool.sign_out("ann", at=3_000)
    assert [contact for contact, _ in pool.overflowed()] == ["d0", "b0"]


def test_waiting_elsewhere_counts_in_the_order() -> None:
    pool = pool_of(ContactOrder.OLDEST, shared(DATA), shared(BILL))
    pool.enter("now", at=1_000)
    pool.accept(pool.offer(), at=1_000)
    offer = pool.place("now").offer
    pool.enter("d0", at=2_000)
    pool.enter("b0", BILL, waited_ms=5_000, at=3_000)
    pool.end(offer, at=4_000)
    pool.tick(4_000 + WRAP_MS)
    assert serve_all(pool, at=20_000) == ["b0", "d0"]


# Fair shares


def backlog(pool: Pool, *, contacts: int, at: int = 1_000) -> None:
    """So many wait in each queue, those of the first one since before all others."""
    pool.enter("first", at=at)
    pool.accept(pool.offer(), at=at)
    for to in (DATA, BILL):
        for number in range(contacts):
            pool.enter(f"{SKILLS[to]}{number}", to, at=at)
    pool.end(pool.place("first").offer, at=at)
    pool.tick(at + WRAP_MS)


def test_shares_of_two_to_one_are_served_two_to_one() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA, share=2), shared(BILL, share=1))
    backlog(pool, contacts=60)
    served = [each[:4] for each in serve_all(pool, at=20_000)]
    for begun in range(0, 60, 15):
        part = served[begun : begun + 15]
        assert (part.count("data"), part.count("bill")) == (10, 5)


def test_oldest_serves_the_same_backlog_by_age_alone() -> None:
    pool = pool_of(ContactOrder.OLDEST, shared(DATA, share=2), shared(BILL, share=1))
    backlog(pool, contacts=60)
    served = [each[:4] for each in serve_all(pool, at=20_000)]
    assert served == ["data"] * 60 + ["bill"] * 60


def test_within_a_queue_the_oldest_comes_first() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA), shared(BILL))
    backlog(pool, contacts=5)
    served = [each for each in serve_all(pool, at=20_000) if each.startswith("data")]
    assert served == [f"data{number}" for number in range(5)]


def test_queue_where_nobody_waited_saves_nothing_up() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA), shared(BILL))
    for number in range(10):
        pool.enter(f"d{number}", at=20_000 * number)
        assert serve_all(pool, at=20_000 * number) == [f"d{number}"]
    backlog(pool, contacts=8, at=300_000)
    served = [each[:4] for each in serve_all(pool, at=320_000)]
    assert abs(served[:6].count("data") - served[:6].count("bill")) <= 1


def test_what_came_to_nothing_is_given_back() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA, share=4), shared(BILL))
    pool.enter("d0", at=1_000)
    assert tag(pool, DATA) == STRIDE // 4
    pool.fail(pool.offer(), OfferFailure.FAILED, at=2_000)
    assert tag(pool, DATA) == 0
    pool.tick(4_000)
    offer = pool.offer()
    pool.accept(offer, at=5_000)
    assert tag(pool, DATA) == STRIDE // 4
    pool.fail(offer, OfferFailure.FAILED, at=6_000)
    assert tag(pool, DATA) == 0, "a connection that is lost is given back too"


def test_new_queue_begins_where_the_pool_is() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA), shared(BILL))
    for number in range(3):
        pool.enter(f"d{number}", at=20_000 * number)
        serve_all(pool, at=20_000 * number)
    pool.give(QueueChanged(shared(MAIL)))
    assert (tag(pool, DATA), tag(pool, MAIL), tag(pool, BILL)) == (3 * STRIDE, 2 * STRIDE, 0)


def test_queue_that_comes_back_begins_where_the_pool_is() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA), shared(BILL))
    pool.enter("d0", at=1_000)
    serve_all(pool, at=1_000)
    pool.give(QueueRetired(DATA))
    pool.give(QueueChanged(shared(DATA)))
    assert tag(pool, DATA) == 0


def test_another_order_forgets_what_was_counted_and_the_same_keeps_it() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA), shared(BILL))
    pool.enter("d0", at=1_000)
    serve_all(pool, at=1_000)
    pool.give(RoutingChanged(Routing(contacts=ContactOrder.FAIR, waiting_max=100)))
    assert tag(pool, DATA) == STRIDE
    for order in (ContactOrder.OLDEST, ContactOrder.FAIR):
        pool.give(RoutingChanged(Routing(contacts=order)))
        assert (tag(pool, DATA), pool.router.snapshot().virtual) == (0, 0)


def test_turns_go_by_age_again_once_shares_are_given_up() -> None:
    pool = pool_of(ContactOrder.FAIR, shared(DATA), shared(BILL))
    pool.enter("now", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_000)
    for number in range(3):
        pool.enter(f"d{number}", at=2_000 + number)
        pool.enter(f"b{number}", BILL, at=3_000 + number)
    pool.give(RoutingChanged(Routing(contacts=ContactOrder.OLDEST)))
    pool.end(offer, at=4_000)
    pool.tick(4_000 + WRAP_MS)
    assert serve_all(pool, at=20_000) == ["d0", "d1", "d2", "b0", "b1", "b2"]


def test_nothing_is_counted_where_nobody_shares() -> None:
    pool = pool_of(ContactOrder.RATIO, shared(DATA), shared(BILL))
    pool.enter("d0", at=1_000)
    assert (tag(pool, DATA), pool.router.snapshot().virtual) == (0, 0)


@pytest.mark.parametrize("order", ContactOrder)
def test_restored_router_goes_on_with_the_same_turns(order: ContactOrder) -> None:
    served: list[list[str]] = []
    for is_restored in (False, True):
        pool = pool_of(order, shared(DATA, share=3), shared(BILL, share=2))
        backlog(pool, contacts=10)
        offer = pool.offer()
        pool.accept(offer, at=20_000)
        if is_restored:
            taken = pool.router.snapshot()
            pool.router = Router.restored(taken)
            assert pool.router.snapshot() == taken
        pool.end(offer, at=30_000)
        pool.tick(30_000 + WRAP_MS)
        served.append(serve_all(pool, at=50_000))
    assert served[0] == served[1]
    assert len(served[0]) == 19


# The queue-and-idleness ratio


def test_longest_queue_against_its_share_is_served() -> None:
    pool = pool_of(ContactOrder.RATIO, shared(DATA, share=3), shared(BILL, share=1))
    backlog(pool, contacts=4)
    # Bill may hold a quarter of all who wait: it has 4 of 8, 3 of 7, 2 of 6, then 1 of 5, which
    # is less. Of 3 and 1 both have just their share: the oldest goes first. 1 of 3 is too many.
    served = [each[:4] for each in serve_all(pool, at=20_000)]
    assert served == ["bill", "bill", "bill", "data", "data", "bill", "data", "data"]


def lengths_under(order: ContactOrder) -> tuple[list[float], list[int]]:
    """What part of all who wait is in the data queue, and how many wait, minute by minute.

    Sixteen agents, half of whom serve both queues, have a sixth more to do than they can; both
    queues have as many callers.
    """
    load = Load(seed=11, talk_ms=170_000)
    load.open(Routing(contacts=order), [shared(DATA, share=3), shared(BILL, share=1)])
    load.staff("data", {"data": 1}, 4)
    load.staff("bill", {"bill": 1}, 4)
    load.staff("both", {"data": 1, "bill": 1}, 8)
    for name in (DATA, BILL):
        load.call(name, every_ms=180_000 / 16 * 2 / 1.17, until=6 * HOUR_MS)
    parts: list[float] = []
    totals: list[int] = []
    for minute in range(60, 6 * 60):
        load.run(minute * 60_000)
        waits = load.waiting(DATA), load.waiting(BILL)
        parts.append(waits[0] / sum(waits))
        totals.append(sum(waits))
    return parts, totals


def test_ratio_keeps_lengths_as_shares_where_oldest_does_not() -> None:
    ratio, ratio_waits = lengths_under(ContactOrder.RATIO)
    oldest, oldest_waits = lengths_under(ContactOrder.OLDEST)
    assert min(*ratio_waits, *oldest_waits) > 20, "the pool is overloaded all the time"
    off = [abs(each - 0.75) for each in ratio]
    assert mean(off) < OFF_MEAN_MAX
    assert max(off) < OFF_MAX, "lengths are as 3:1, at every minute"
    assert abs(mean(oldest) - 0.5) < 0.1, "by age alone they are as the callers who come"
    assert min(abs(each - 0.75) for each in oldest) > OFF_MAX, "they never come near 3:1"
