"""A queue in a crisis: who goes where, who comes in, and whose phone rings on."""

import pytest
from router_pool import BILL, DATA, WAIT_MS, Pool, needs, queue

from router.core import Router
from router.effects import MoveContact, OfferContact, OverflowContact
from router.events import QueueChanged
from router.model import (
    ContactId,
    OfferFailure,
    OfferId,
    OverflowCause,
    QueueId,
    RescindReason,
    WaitingLimit,
)

pytestmark = pytest.mark.unit

VIP, NONE = QueueId("main:vip"), QueueId("main:none")
CRISIS, NO_AGENTS = OverflowCause.CRISIS, OverflowCause.NO_AGENTS


def busy() -> Pool:
    """ann talks to c0, bea to b0; nobody is idle for data or bills."""
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("b0", BILL, at=1_000)
    pool.accept(pool.offer(), at=1_100)
    return pool


# Who waits as it is declared


def test_all_who_wait_move_in_order_and_keep_it() -> None:
    pool = busy()
    pool.enter("b1", BILL, at=2_000)
    pool.enter("c1", at=3_000)
    pool.enter("c2", priority_ms=2_500, at=4_000)
    assert pool.declare(DATA, BILL, at=5_000) == [
        MoveContact(ContactId("c2"), BILL),
        MoveContact(ContactId("c1"), BILL),
    ]
    assert pool.router.waiting_in(BILL) == ["c2", "b1", "c1"]
    assert pool.router.waiting_in(DATA) == []


def test_all_who_wait_are_given_back_where_no_other_queue_is_named() -> None:
    pool = busy()
    pool.enter("c1", at=3_000)
    pool.enter("c2", priority_ms=2_500, at=4_000)
    pool.declare(DATA, at=5_000)
    assert pool.overflowed() == [("c2", CRISIS), ("c1", CRISIS)]


def test_moved_contacts_find_idle_agents_in_their_order() -> None:
    pool = busy()
    pool.skill("bob", bill=1)
    pool.reach("bob-desk")
    pool.enter("c1", at=3_000)
    pool.enter("c2", priority_ms=2_500, at=4_000)
    pool.sign_in("bob", at=4_500)
    pool.declare(DATA, BILL, at=5_000)
    assert pool.offers() == [("c2", "bob")]


def test_who_waits_for_one_agent_alone_goes_too() -> None:
    pool = busy()
    pool.enter("c1", prefer=("bea", 30_000), at=3_000)
    pool.declare(DATA, BILL, at=5_000)
    assert pool.moved() == [("c1", BILL)]
    assert pool.router.step_of(ContactId("c1")) == 0


def test_conversation_is_not_touched() -> None:
    pool = busy()
    offer = pool.place("c0").offer
    assert pool.declare(DATA, at=5_000) == []
    assert pool.end(offer, at=6_000) == []
    assert pool.place("c0") is None


# Whose phone rings


@pytest.mark.parametrize("to", [BILL, None])
def test_offer_rings_on_and_may_be_accepted(to: QueueId | None) -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    assert pool.declare(DATA, to, at=2_000) == []
    assert pool.accept(offer, at=3_000) == []
    assert pool.place("c1").queue == DATA


def test_offer_that_comes_to_nothing_sends_its_contact_the_way_of_the_others() -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.enter("c1", at=1_000)
    pool.declare(DATA, BILL, at=2_000)
    pool.fail(pool.place("c1").offer, at=3_000)
    assert [type(each) for each in pool.last] == [MoveContact, OfferContact]
    assert pool.offers() == [("c1", "bea")]


def test_offer_that_comes_to_nothing_gives_its_contact_back_where_there_is_no_way() -> None:
    pool = Pool(ann={"data": 1}, bob={"data": 1})
    pool.enter("c1", at=1_000)
    pool.declare(DATA, at=2_000)
    pool.tick(16_000)
    assert pool.rescinded() == [("c1.o1", RescindReason.TIMED_OUT)]
    assert pool.overflowed() == [("c1", CRISIS)]
    assert pool.offers() == []


def test_agent_who_goes_as_the_last_of_the_queue_sends_her_caller_on_and_gives_up_nobody() -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.enter("c1", at=1_000)
    pool.declare(DATA, BILL, at=2_000)
    pool.sign_out("ann", at=3_000)
    assert (pool.moved(), pool.overflowed()) == ([("c1", BILL)], [])
    assert pool.offers() == [("c1", "bea")]


def test_two_who_come_back_at_once_go_on_in_order_of_turn() -> None:
    pool = Pool(ann={"data": 1}, bob={"data": 1}, bea={"bill": 1})
    pool.occupy("bea-desk")
    pool.enter("c1", at=1_000)
    pool.enter("c2", priority_ms=9_000, at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    pool.sign_in("bob", "ann-desk", at=4_000)
    assert [offer for offer, _ in pool.rescinded()] == ["c1.o1", "c2.o2"]
    assert pool.moved() == [("c2", BILL), ("c1", BILL)]


def test_conversation_that_is_lost_sends_its_contact_on() -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_500)
    pool.declare(DATA, BILL, at=2_000)
    pool.fail(offer, OfferFailure.FAILED, at=3_000)
    assert pool.offers() == [("c1", "bea")]


def test_wait_that_ran_out_while_it_rang_begins_anew_in_the_other_queue() -> None:
    pool = busy()
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), wait_ms_max=5_000)))
    pool.skill("ada", data=1)
    pool.reach("ada-desk")
    pool.sign_in("ada")
    pool.enter("c1", at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    offer = pool.place("c1").offer
    pool.tick(7_000)
    pool.fail(offer, at=8_000)
    assert (pool.moved(), pool.overflowed()) == ([("c1", BILL)], [])
    pool.tick(8_000 + WAIT_MS)
    assert pool.overflowed() == [("c1", OverflowCause.TIMED_OUT)]


# Who comes while it lasts


def test_who_comes_is_moved_before_it_is_offered() -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.declare(DATA, BILL)
    pool.enter("c1", at=1_000)
    assert [type(each) for each in pool.last] == [MoveContact, OfferContact]
    assert pool.offers() == [("c1", "bea")]
    assert pool.place("c1").queue == BILL


def test_who_comes_is_given_back_where_there_is_no_way() -> None:
    pool = Pool("ann")
    pool.declare(DATA)
    pool.enter("c1", at=1_000)
    assert pool.last == [OverflowContact(ContactId("c1"), DATA, CRISIS)]


def test_who_comes_for_a_queue_that_nobody_serves_goes_where_its_crisis_leads() -> None:
    pool = Pool(bea={"bill": 1})
    pool.declare(DATA, BILL)
    pool.enter("c1", at=1_000)
    assert (pool.moved(), pool.offers()) == ([("c1", BILL)], [("c1", "bea")])


@pytest.mark.parametrize("to", [BILL, None])
def test_who_comes_while_nobody_is_there_at_all_hears_of_the_crisis(to: QueueId | None) -> None:
    pool = Pool()
    pool.declare(DATA, to)
    pool.enter("c1", at=1_000)
    assert pool.overflowed() == [("c1", CRISIS)]
    pool.calm(DATA, at=2_000)
    pool.enter("c1", at=3_000)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_limits_of_the_other_queue_hold_and_the_one_asked_for_is_named() -> None:
    pool = busy()
    full = WaitingLimit(absolute=1)
    pool.give(QueueChanged(queue(BILL, needs({"bill": 1}), waiting=full)))
    pool.enter("b1", BILL, at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    pool.enter("c1", at=4_000)
    assert pool.last == [OverflowContact(ContactId("c1"), DATA, OverflowCause.FULL)]


def test_who_prefers_an_agent_waits_for_her_in_the_other_queue() -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1}, cat={"vip": 1})
    pool.declare(DATA, BILL)
    pool.enter("c1", prefer=("cat", 9_000), at=1_000)
    assert (pool.moved(), pool.offers()) == ([("c1", BILL)], [("c1", "cat")])


def test_preferred_agent_is_somebody_in_the_other_queue() -> None:
    pool = Pool(ann={"data": 1}, cat={"vip": 1})
    pool.declare(DATA, BILL)
    pool.enter("c1", prefer=("cat", 9_000), at=1_000)
    assert (pool.moved(), pool.offers()) == ([("c1", BILL)], [("c1", "cat")])
    pool.enter("c2", at=1_000)
    assert pool.overflowed() == [("c2", CRISIS)]


# The way leads nowhere


def three_queues() -> Pool:
    pool = busy()
    pool.give(QueueChanged(queue(VIP, needs({"vip": 1}))))
    return pool


def test_one_hop_only() -> None:
    pool = busy()
    pool.give(QueueChanged(queue(VIP, needs({"data": 1}))))
    pool.enter("c1", at=2_000)
    pool.declare(BILL, VIP, at=3_000)
    pool.declare(DATA, BILL, at=4_000)
    assert pool.last == [OverflowContact(ContactId("c1"), DATA, CRISIS)]
    pool.enter("c2", at=5_000)
    assert pool.last == [OverflowContact(ContactId("c2"), DATA, CRISIS)]


@pytest.mark.parametrize("how", ["nobody", "retired"])
def test_other_queue_without_anybody_gives_back(how: str) -> None:
    pool = three_queues()
    pool.enter("c1", at=2_000)
    if how == "nobody":
        pool.declare(DATA, VIP, at=3_000)
        assert pool.overflowed() == [("c1", CRISIS)]
    else:
        pool.declare(DATA, BILL, at=3_000)
        pool.close(BILL, at=4_000)
        assert pool.overflowed() == [("c1", NO_AGENTS)]
    pool.enter("c2", at=5_000)
    assert pool.last == [OverflowContact(ContactId("c2"), DATA, CRISIS)]


def test_crisis_of_the_other_queue_moves_on_who_was_moved_there() -> None:
    pool = busy()
    pool.skill("vic", vip=1)
    pool.reach("vic-desk")
    pool.sign_in("vic")
    pool.give(QueueChanged(queue(VIP, needs({"vip": 1}))))
    pool.enter("v0", VIP)
    pool.accept(pool.offer())
    pool.enter("c1", at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    pool.declare(BILL, VIP, at=4_000)
    assert pool.moved() == [("c1", VIP)]


# By hand


def test_contact_moved_by_hand_to_a_queue_in_a_crisis_goes_where_it_leads() -> None:
    pool = busy()
    pool.give(QueueChanged(queue(VIP, needs({"data": 1}))))
    pool.enter("v1", VIP, at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    pool.change("v1", DATA, at=4_000)
    assert pool.moved() == [("v1", BILL)]


def test_contact_moved_by_hand_to_a_crisis_without_a_way_stays_where_it_is() -> None:
    pool = busy()
    pool.enter("b1", BILL, at=2_000)
    pool.declare(DATA, at=3_000)
    assert pool.change("b1", DATA, at=4_000) == []
    assert pool.router.waiting_in(BILL) == ["b1"]
    assert pool.router.ignored["contact/no such queue"] == 1


def test_contact_that_waits_where_the_crisis_leads_stays_there() -> None:
    pool = busy()
    pool.enter("b1", BILL, at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    assert pool.change("b1", DATA, at=4_000) == []
    assert pool.router.waiting_in(BILL) == ["b1"]


# Declared and ended


@pytest.mark.parametrize(
    ("name", "to"),
    [(NONE, None), (DATA, NONE), (DATA, DATA), (BILL, DATA), (BILL, BILL), (BILL, NONE)],
)
def test_crisis_that_cannot_be_is_counted_and_changes_nothing(
    name: QueueId, to: QueueId | None
) -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.declare(BILL, DATA, at=3_000)
    before = pool.snapshot()
    assert pool.declare(name, to) == []
    assert pool.snapshot() == before
    assert pool.router.ignored["queue/CrisisDeclared"] == 1


@pytest.mark.parametrize("first", [BILL, None])
def test_crisis_declared_again_leads_elsewhere_from_then_on(first: QueueId | None) -> None:
    pool = three_queues()
    pool.skill("vic", vip=1)
    pool.reach("vic-desk")
    pool.sign_in("vic")
    pool.enter("c1", at=2_000)
    pool.declare(DATA, first, at=3_000)
    where = pool.router.waiting_in(BILL)
    assert pool.declare(DATA, VIP, at=4_000) == []
    assert pool.router.waiting_in(BILL) == where == (["c1"] if first == BILL else [])
    pool.enter("c2", at=5_000)
    assert (pool.moved(), pool.offers()) == ([("c2", VIP)], [("c2", "vic")])
    pool.declare(DATA, at=6_000)
    pool.enter("c3", at=7_000)
    assert pool.overflowed() == [("c3", CRISIS)]
    assert pool.router.ignored["queue/CrisisDeclared"] == 0
    pool.calm(DATA, at=8_000)
    assert pool.enter("c4", at=9_000) == []
    assert pool.router.waiting_in(DATA) == ["c4"]


def test_offer_in_vain_goes_where_the_crisis_leads_by_then() -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.enter("c1", at=1_000)
    pool.declare(DATA, at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    pool.fail(pool.place("c1").offer, at=4_000)
    assert (pool.moved(), pool.offers()) == ([("c1", BILL)], [("c1", "bea")])


def test_end_of_the_crisis_lets_contacts_wait_again() -> None:
    pool = busy()
    pool.enter("c1", at=2_000)
    pool.declare(DATA, BILL, at=3_000)
    pool.calm(DATA, at=4_000)
    assert pool.enter("c2", at=5_000) == []
    assert (pool.router.waiting_in(DATA), pool.router.waiting_in(BILL)) == (["c2"], ["c1"])


@pytest.mark.parametrize("name", [NONE, DATA])
def test_end_of_a_crisis_that_is_none_is_counted(name: QueueId) -> None:
    pool = busy()
    assert pool.calm(name) == []
    assert pool.router.ignored["queue/CrisisEnded"] == 1


def test_changed_queue_keeps_its_crisis_and_a_retired_one_does_not() -> None:
    pool = busy()
    pool.declare(DATA, at=2_000)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), wait_ms_max=9_000)))
    pool.enter("c1", at=3_000)
    assert pool.overflowed() == [("c1", CRISIS)]
    pool.close(DATA, at=4_000)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}))))
    assert pool.enter("c2", at=5_000) == []
    assert pool.router.waiting_in(DATA) == ["c2"]


def test_retired_queue_gives_back_who_rings_as_for_nobody() -> None:
    pool = Pool(ann={"data": 1}, bea={"bill": 1})
    pool.enter("c1", at=1_000)
    pool.declare(DATA, BILL, at=2_000)
    pool.close(DATA, at=3_000)
    assert (pool.moved(), pool.overflowed()) == ([], [("c1", NO_AGENTS)])


def test_router_read_back_is_in_the_same_crisis() -> None:
    pool = busy()
    pool.declare(DATA, BILL, at=2_000)
    pool.router = Router.restored(pool.router.snapshot())
    pool.enter("c1", at=3_000)
    assert pool.moved() == [("c1", BILL)]
    pool.calm(DATA, at=4_000)
    pool.end(OfferId("c0.o1"), at=4_000)
    pool.enter("c2", at=5_000)
    assert pool.moved() == []


def test_moved_by_hand_into_a_crisis_goes_its_way_though_nobody_is_there_for_the_queue() -> None:
    pool = Pool("ann", bob={"bill": 1})
    for agent in ("ann", "bob"):
        pool.pause(agent, at=500)
    pool.resume("ann", at=600)
    pool.enter("c0", at=900)
    pool.accept(pool.offer(), at=950)
    pool.enter("c1", at=1_000)
    other = QueueId("main:other")
    pool.give(QueueChanged(queue(other, needs({"vip": 1}))))
    pool.declare(other, BILL, at=1_100)
    pool.resume("bob", at=1_200)
    pool.change("c1", other, at=1_300)
    assert pool.offers() == [("c1", "bob")]
