"""A waiting contact that is worth another priority, or is moved to another queue by hand."""

from dataclasses import replace as replaced

import pytest
from router_pool import BILL, DATA, WAIT_MS, Pool, needs, queue

from router.core import Router
from router.effects import MoveContact, OfferContact
from router.events import QueueChanged
from router.model import (
    ContactId,
    OfferFailure,
    OfferId,
    OverflowCause,
    QueueId,
    RescindReason,
    Step,
)

pytestmark = pytest.mark.unit

VIP = QueueId("main:vip")


def busy(**others: dict[str, int]) -> Pool:
    """ann serves both queues, and talks to c0 since 1 100."""
    pool = Pool(ann={"data": 1, "bill": 1}, **others)
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    return pool


def free(pool: Pool, at: int) -> None:
    """ann's talk and wrap-up end."""
    pool.end(OfferId("c0.o1"), at=at - 10_000)
    pool.tick(at)


# Priority


def test_new_priority_is_counted_from_the_entry() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=5_000)
    assert pool.change("c2", priority_ms=3_001, at=6_000) == []
    assert pool.router.waiting_in(DATA) == ["c2", "c1"]


def test_new_priority_takes_the_place_of_the_old_one() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.enter("c2", priority_ms=60_000, waited_ms=1_000, at=5_000)
    pool.change("c2", priority_ms=1_999, at=6_000)
    assert pool.router.waiting_in(DATA) == ["c1", "c2"]
    pool.change("c2", priority_ms=2_001, at=6_000)
    assert pool.router.waiting_in(DATA) == ["c2", "c1"]


def test_equal_turns_keep_the_order_of_arrival() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=5_000)
    pool.change("c2", priority_ms=3_000, at=6_000)
    assert pool.router.waiting_in(DATA) == ["c1", "c2"]
    free(pool, 20_000)
    assert pool.offers() == [("c1", "ann")]


def test_changed_priority_decides_whom_a_freed_agent_takes() -> None:
    pool = busy()
    pool.enter("b1", BILL, at=2_000)
    pool.enter("c1", at=5_000)
    pool.change("c1", priority_ms=60_000, at=6_000)
    free(pool, 20_000)
    assert pool.offers() == [("c1", "ann")]


def test_position_that_is_told_follows_the_new_priority() -> None:
    pool = busy()
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=3_200)))
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_000)
    pool.change("c2", priority_ms=1, at=3_000)
    pool.tick(5_224)  # 3 200 // 256 = 12 ms from one to the next.
    assert pool.positions() == [("c1", 2)]
    pool.tick(5_236)
    assert pool.positions() == [("c2", 1)]


@pytest.mark.parametrize("name", ["nobody", "c0", "rings"])
def test_contact_that_does_not_wait_is_not_changed_but_counted(name: str) -> None:
    pool = busy(bob={"vip": 1})
    pool.give(QueueChanged(queue(VIP, needs({"vip": 1}))))
    pool.enter("rings", VIP, at=2_000)
    before = pool.snapshot()
    assert pool.change(name, BILL, priority_ms=9_000) == []
    assert pool.snapshot() == before
    phase = {"nobody": "absent", "c0": "connected", "rings": "offered"}[name]
    assert pool.router.ignored[f"{phase}/ContactChanged"] == 1


# Another queue


def test_moved_contact_keeps_its_place_by_arrival() -> None:
    pool = busy()
    pool.enter("b1", BILL, at=2_000)
    pool.enter("c1", at=3_000)
    pool.enter("b2", BILL, at=4_000)
    assert pool.change("c1", BILL, at=9_000) == [MoveContact(ContactId("c1"), BILL)]
    assert pool.router.waiting_in(BILL) == ["b1", "c1", "b2"]
    assert pool.router.waiting_in(DATA) == []
    assert [view.waiting for view in pool.router.queues()] == [0, 3]


def test_moved_contact_finds_an_idle_agent_of_the_new_queue_at_once() -> None:
    pool = busy(bob={"bill": 1})
    pool.enter("c1", at=3_000)
    made = pool.change("c1", BILL, at=9_000)
    assert [type(each) for each in made] == [MoveContact, OfferContact]
    assert pool.offers() == [("c1", "bob")]


def test_limit_of_the_wait_and_steps_begin_anew_in_the_new_queue() -> None:
    pool = busy(eve={"vip": 3})
    pool.give(QueueChanged(queue(VIP, Step(needs({"vip": 3}), 20_000), Step(needs({"vip": 1})))))
    pool.enter("v0", VIP, at=1_500)
    pool.accept(pool.offer())
    pool.enter("c1", at=2_000)
    pool.change("c1", VIP, at=31_000)
    assert pool.router.step_of(ContactId("c1")) == 0
    pool.skill("fay", vip=1)
    pool.reach("fay-desk")
    pool.sign_in("fay")
    assert pool.tick(50_999) == []
    pool.tick(51_000)
    assert pool.offers() == [("c1", "fay")]
    pool.fail(pool.offer())
    pool.occupy("fay-desk")
    assert pool.tick(2_000 + WAIT_MS) == []
    pool.tick(31_000 + WAIT_MS)
    assert pool.overflowed() == [("c1", OverflowCause.TIMED_OUT)]


def test_class_of_the_new_queue_counts_from_then_on() -> None:
    pool = busy()
    first = queue(VIP, needs({"data": 1}))
    pool.give(QueueChanged(replaced(first, contact_class=1)))
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=3_000)
    pool.change("c2", VIP, at=4_000)
    free(pool, 20_000)
    assert pool.offers() == [("c2", "ann")]


def test_announcements_go_on_in_the_rhythm_of_the_new_queue() -> None:
    pool = busy()
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=6_400)))
    pool.give(QueueChanged(queue(BILL, needs({"bill": 1}), announce_every_ms=3_200)))
    pool.enter("c1", at=2_000)
    pool.change("c1", BILL, at=9_000)
    assert pool.router.next_deadline() == 9_000 + 2 * 12 + 3_200
    pool.tick(12_224)
    assert pool.positions() == [("c1", 1)]


def test_who_failed_it_before_is_still_the_last_choice() -> None:
    pool = Pool(ann={"vip": 1}, bob={"data": 1}, cat={"vip": 1})
    pool.give(QueueChanged(queue(VIP, needs({"vip": 1}))))
    pool.occupy("cat-desk")
    pool.enter("c1", VIP, at=1_000)
    pool.fail(pool.offer(), OfferFailure.FAILED, at=2_000)
    pool.skill("ann", data=1)
    pool.occupy("bob-desk", at=3_000)
    pool.tick(4_000)
    pool.vacate("bob-desk", at=5_000)  # Now ann is idle longer than he.
    pool.change("c1", DATA, at=6_000)
    assert pool.offers() == [("c1", "bob")]


def test_contact_that_waits_for_one_agent_alone_does_so_no_longer() -> None:
    pool = busy(bob={"bill": 1}, cat={"vip": 1})
    pool.give(QueueChanged(queue(VIP, needs({"vip": 1}))))
    pool.enter("v0", VIP, at=1_500)
    pool.accept(pool.offer())
    pool.enter("c1", prefer=("cat", 30_000), at=2_000)
    pool.change("c1", BILL, at=3_000)
    assert pool.offers() == [("c1", "bob")]
    assert pool.router.step_of(ContactId("c1")) == 0


@pytest.mark.parametrize("target", [QueueId("main:none"), VIP])
def test_queue_that_is_unknown_or_served_by_nobody_moves_nothing(target: QueueId) -> None:
    pool = busy()
    pool.give(QueueChanged(queue(VIP, needs({"vip": 1}))))
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=3_000)
    assert pool.change("c2", target, priority_ms=5_000, at=4_000) == []
    assert pool.router.waiting_in(DATA) == ["c2", "c1"]
    assert pool.router.ignored["contact/no such queue"] == 1


def test_move_to_the_queue_it_is_in_changes_nothing() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    before = pool.snapshot()
    assert pool.change("c1", DATA) == []
    assert pool.snapshot() == before


def test_full_queue_takes_who_is_moved_there() -> None:
    pool = busy()
    full = replaced(queue(BILL, needs({"bill": 1})), expected_wait_ms_max=1)
    pool.give(QueueChanged(full))
    pool.enter("c1", at=2_000)
    pool.change("c1", BILL, at=4_000)
    assert pool.moved() == [("c1", BILL)]


def test_retired_queue_gives_up_whom_it_was_given() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.change("c1", BILL, at=4_000)
    pool.close(BILL, at=5_000)
    assert pool.overflowed() == [("c1", OverflowCause.NO_AGENTS)]
    pool.close(DATA, at=6_000)
    assert pool.rescinded() == []


def test_router_read_back_knows_from_when_a_new_priority_counts() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.enter("c2", priority_ms=500, waited_ms=1_500, at=4_000)
    pool.change("c1", BILL, at=4_500)
    pool.router = Router.restored(pool.router.snapshot())
    pool.change("c2", BILL, priority_ms=0, at=5_000)
    assert pool.router.waiting_in(BILL) == ["c1", "c2"]
    pool.change("c2", priority_ms=501, at=5_000)
    assert pool.router.waiting_in(BILL) == ["c2", "c1"]


def test_offer_to_a_moved_contact_that_is_taken_back_returns_it_to_the_new_queue() -> None:
    pool = busy(bob={"bill": 1})
    pool.enter("c1", at=3_000)
    pool.change("c1", BILL, at=9_000)
    pool.sign_out("bob", at=10_000)
    assert pool.rescinded() == [("c1.o2", RescindReason.AGENT_GONE)]
    assert pool.router.waiting_in(BILL) == ["c1"]
