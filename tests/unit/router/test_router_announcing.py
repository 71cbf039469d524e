"""Telling a waiting contact its position: when, and which."""

import pytest
from router_pool import BILL, DATA, Pool, needs, queue

from router.effects import AnnouncePosition
from router.events import QueueChanged
from router.model import ContactId, Step
from router.offers import ENGAGED_MS_MAX, MISS_REST_MS

pytestmark = pytest.mark.unit

EVERY_MS = 10_000
"""The second to arrive hears its position 2 * (10 000 // 256) = 78 ms after each multiple of it,
the third 117 ms after, and so on up to the 63rd, 2 457 ms after."""


def announcing(every_ms: int | None = EVERY_MS) -> QueueChanged:
    return QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=every_ms))


def busy(every_ms: int | None = EVERY_MS) -> Pool:
    """ann is the only one, and connected to c0 since 1 100."""
    pool = Pool("ann")
    pool.give(announcing(every_ms))
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    return pool


def test_position_is_told_at_every_multiple_of_the_interval() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    assert pool.tick(12_077) == []
    assert pool.tick(12_078) == [AnnouncePosition(ContactId("c1"), DATA, 1)]
    assert pool.tick(12_078) == []
    assert pool.tick(22_077) == []
    pool.tick(22_078)
    assert pool.positions() == [("c1", 1)]


def test_burst_is_told_one_after_another_and_the_65th_with_the_first() -> None:
    pool = busy()
    for number in range(2, 68):
        pool.enter(f"b{number}", at=2_000)
    told: list[tuple[int, list[str]]] = []
    while (due := pool.router.next_deadline()) is not None and due < 20_000:
        pool.tick(due)
        told.append((due, [name for name, _ in pool.positions()]))
    assert told[:5] == [
        (12_000, ["b64"]),
        (12_039, ["b65"]),
        (12_078, ["b2", "b66"]),
        (12_117, ["b3", "b67"]),
        (12_156, ["b4"]),
    ]
    assert [names for _, names in told[5:]] == [[f"b{number}"] for number in range(5, 64)]
    assert told[-1][0] == 12_000 + 63 * 39 <= 12_000 + EVERY_MS // 4


def test_queue_that_announces_nothing_sets_no_timer() -> None:
    pool = busy(None)
    pool.enter("c1", at=2_000)
    assert pool.router.next_deadline() == 62_000  # The end of its wait.


def test_position_counts_who_is_before_by_priority_and_over_all_steps() -> None:
    pool = Pool(eve={"data": 3}, ann={"data": 1})
    steps = Step(needs({"data": 3}), 5_000), Step(needs({"data": 1}))
    pool.give(QueueChanged(queue(DATA, *steps, announce_every_ms=EVERY_MS)))
    for name in ("c0", "c00"):
        pool.enter(name, at=1_000)
        pool.tick(6_000)
    for offer in (pool.place("c0").offer, pool.place("c00").offer):
        pool.accept(offer)
    pool.enter("c1", at=6_500)
    pool.enter("c2", at=12_000)
    pool.enter("urgent", priority_ms=60_000, at=13_000)
    assert pool.place("c2").step == 0
    pool.tick(16_617)
    assert pool.positions() == [("c1", 2)]
    pool.tick(22_156)
    assert pool.positions() == [("c2", 3)]
    pool.tick(23_195)
    assert pool.positions() == [("urgent", 1)]


def test_other_queues_are_not_counted() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.give(announcing())
    pool.enter("c0", at=1_000)
    pool.enter("b1", BILL, at=1_100)
    pool.enter("c1", at=2_000)
    pool.tick(12_117)
    assert pool.positions() == [("c1", 1)]


def test_time_that_falls_into_an_offer_is_left_out_and_the_rhythm_stays() -> None:
    pool = Pool("ann")
    pool.give(announcing(5_000))
    pool.enter("c1", at=1_000)  # Rings till 16 000.
    for at in (6_019, 11_019):
        assert pool.tick(at) == []
    pool.fail(pool.place("c1").offer, at=15_500)
    pool.tick(16_019)
    assert pool.positions() == [("c1", 1)]
    pool.tick(15_500 + MISS_REST_MS)
    assert pool.offers() == [("c1", "ann")]


def test_who_is_offered_in_the_same_moment_hears_nothing() -> None:
    pool = busy()
    offer = pool.place("c0").offer
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_000)
    pool.end(offer, at=2_078)
    pool.tick(12_078)  # ann's wrap-up ends as c1's announcement falls due.
    assert pool.offers() == [("c1", "ann")]
    assert pool.positions() == []
    pool.tick(12_117)
    assert pool.positions() == [("c2", 1)]


def test_who_left_or_was_served_hears_nothing_more() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_000)
    pool.leave("c1", at=3_000)
    pool.tick(12_117)
    assert pool.positions() == [("c2", 1)]
    pool.sign_out("ann", at=13_000)
    assert pool.router.next_deadline() == 1_100 + ENGAGED_MS_MAX  # Of c0, who talks.


def test_late_timer_tells_once_and_goes_on_in_the_rhythm() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.tick(35_000)
    assert pool.positions() == [("c1", 1)]
    assert pool.router.next_deadline() == 42_078


def test_new_interval_counts_at_once_from_the_entry() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    assert pool.give(announcing(4_000), at=7_000) == []
    pool.tick(10_030)
    assert pool.positions() == [("c1", 1)]
    pool.give(announcing(None), at=11_000)
    assert pool.tick(14_000) == []
    pool.enter("c2", at=14_500)
    pool.give(announcing(6_000), at=15_000)
    pool.tick(20_046)
    assert pool.positions() == [("c1", 1)]
    pool.tick(20_569)
    assert pool.positions() == [("c2", 2)]


def test_retired_queue_announces_nothing_more() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.close(DATA, at=3_000)
    assert pool.router.next_deadline() == 1_100 + ENGAGED_MS_MAX  # Of c0, who talks.
