"""A router that is written down and read back goes on as if it had never stopped."""

from dataclasses import replace

import msgspec
import pytest
from chat_pool import TEXT, begin, chat_queue, chatting
from router_pool import BILL, DATA, WRAP_MS, Pool, needs, queue

from router.core import Router
from router.events import QueueChanged, RoutingChanged, WrapUpRequested
from router.model import (
    PREFERRED_STEP,
    AgentId,
    AgentOrder,
    ContactId,
    ContactOrder,
    Origin,
    PresenceAnswer,
    QueueId,
    RequestId,
    Routing,
    Step,
    WrapUpChange,
)
from router.snapshot import RouterSnapshot

pytestmark = pytest.mark.unit

VIP = QueueId("main:vip")
FOR_MS = 60_000


def restart(pool: Pool) -> None:
    """Write it down, and go on with the one that is read back."""
    written = msgspec.json.encode(pool.router.snapshot())
    pool.router = Router.restored(msgspec.json.decode(written, type=RouterSnapshot))


def test_fair_shares_are_counted_on() -> None:
    pool = Pool("ann")
    pool.give(RoutingChanged(Routing(contacts=ContactOrder.FAIR)))
    rules = queue(DATA, needs({"data": 1}))
    pool.give(QueueChanged(replace(rules, share=3)))
    for number in range(3):
        pool.enter(f"c{number}")
        offer = pool.offer()
        pool.accept(offer)
        pool.end(offer)
        pool.tick(pool.at + WRAP_MS)
    before = pool.router.snapshot()
    assert before.virtual == 666_666
    restart(pool)
    assert pool.router.snapshot() == before
    # A queue that is new has nothing to catch up with, also after the restart.
    pool.give(QueueChanged(queue(VIP, needs({"data": 1}))))
    tags = {each.rules.id: each.tag for each in pool.router.snapshot().queues}
    assert (tags[VIP], tags[DATA]) == (666_666, 999_999)


def test_steps_that_began_later_than_the_wait_are_timed_from_there() -> None:
    pool = Pool("ann", cat={"bill": 1}, eve={"data": 3}, fay={"vip": 1})
    steps = (
        Step(needs({"data": 3}), 5_000),
        Step(needs({"data": 1}), 5_000),
        Step(needs({"vip": 1})),
    )
    pool.give(QueueChanged(queue(DATA, *steps)))
    pool.sign_out("fay")
    for desk in ("eve-desk", "cat-desk"):
        pool.occupy(desk)
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.pause("cat", at=4_000)
    restart(pool)
    # With fay the last step is open, so all who wait are stood anew: still at the first one.
    assert pool.sign_in("fay", at=8_000) == []
    assert pool.router.step_of(ContactId("c1")) == 0
    pool.tick(9_000)
    assert pool.offers() == [("c1", "ann")]


def test_who_is_waited_for_alone_is_known_by_name_after_every_restart() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.occupy("cat-desk")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    before = pool.router.snapshot()
    for _ in range(2):
        restart(pool)
        assert pool.router.snapshot() == before
    assert pool.router.step_of(ContactId("c1")) == PREFERRED_STEP
    pool.vacate("cat-desk", at=3_000)
    assert pool.offers() == [("c1", "cat")]


def test_steps_after_waiting_for_one_agent_alone_begin_when_that_time_is_over() -> None:
    pool = Pool("ann", cat={"bill": 1}, eve={"data": 3})
    pool.give(QueueChanged(queue(DATA, Step(needs({"data": 3}), 5_000), needs({"data": 1}))))
    for desk in ("eve-desk", "cat-desk"):
        pool.occupy(desk)
    pool.enter("c1", prefer=("cat", 15_000), at=2_000)
    restart(pool)
    assert pool.tick(17_000) == []
    assert pool.router.step_of(ContactId("c1")) == 0
    pool.tick(22_000)
    assert pool.offers() == [("c1", "ann")]


def test_chat_that_waits_for_one_agent_alone_finds_her_between_two_of_hers() -> None:
    pool = chatting(ann=2, bob=2)
    one, *_ = begin(pool, "t1", "t2", "t3", "t4")
    pool.enter("t5", TEXT, prefer=("ann", FOR_MS), at=2_000)
    restart(pool)
    pool.end(one, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("t5", "ann")]


def test_wrap_up_of_a_chat_can_still_be_extended() -> None:
    pool = chatting(ann=2)
    pool.give(QueueChanged(replace(chat_queue(), wrap_up_ms_max=FOR_MS)))
    (offer,) = begin(pool, "t1")
    pool.end(offer, at=2_000)
    restart(pool)
    extend = WrapUpRequested(
        RequestId("w"), WrapUpChange.EXTEND, AgentId("ann"), None, Origin.PHONE
    )
    pool.give(extend, at=9_000)
    assert [each.answer for each in pool.answers] == [PresenceAnswer.DONE]
    assert pool.router.next_deadline() == 9_000 + WRAP_MS


def test_chats_still_go_to_who_answered_fewest_today() -> None:
    pool = chatting(ann=1, bob=1)
    rules = replace(chat_queue(wrap_up_ms=0), agents=AgentOrder.FEWEST_TODAY)
    pool.give(QueueChanged(rules))
    (offer,) = begin(pool, "t1")
    pool.end(offer, at=2_000)
    pool.sign_out("bob", at=3_000)
    pool.sign_in("bob", at=3_000)  # She stands behind ann now, and has answered nothing.
    restart(pool)
    pool.enter("t2", TEXT, at=4_000)
    assert pool.offers() == [("t2", "bob")]


def test_retired_queue_is_known_till_its_last_conversation_is_over() -> None:
    pool = Pool(ann={"bill": 1}, bob={"bill": 1})
    for name in ("b1", "b2"):
        pool.enter(name, BILL, at=1_000)
        pool.accept(pool.offer())
    pool.close(BILL, at=2_000)
    restart(pool)
    pool.end(pool.place("b1").offer, at=3_000)
    restart(pool)
    assert BILL in {each.rules.id for each in pool.router.snapshot().queues}
    pool.end(pool.place("b2").offer, at=4_000)
    assert BILL not in {each.rules.id for each in pool.router.snapshot().queues}


def test_retired_queue_to_which_contacts_were_moved_is_known_till_the_last_of_them_goes() -> None:
    pool = Pool(ann={"bill": 1}, bob={"bill": 1}, cat={"data": 1})
    pool.occupy("cat-desk")
    for name in ("c1", "c2"):
        pool.enter(name, at=1_000)
        pool.change(name, BILL)
        pool.accept(pool.offer())
    pool.close(BILL, at=2_000)
    pool.end(pool.place("c1").offer, at=3_000)
    restart(pool)
    assert pool.place("c2").queue == BILL
    pool.end(pool.place("c2").offer, at=4_000)
    assert BILL not in {each.rules.id for each in pool.router.snapshot().queues}


def test_time_that_is_never_is_written_as_none() -> None:
    pool = Pool("ann")
    pool.occupy("ann-desk")
    pool.enter("c1", at=1_000)
    (place,) = pool.router.snapshot().places
    assert place.times is not None
    assert (place.times.step_ends_at, place.times.tells_at) == (None, None)


def test_contact_written_without_its_own_times_goes_by_its_entry() -> None:
    pool = Pool("ann")
    pool.give(QueueChanged(queue(DATA, Step(needs({"data": 3}), 5_000), needs({"data": 1}))))
    pool.skill("eve", data=3)
    pool.reach("eve-desk")
    pool.sign_in("eve")
    pool.occupy("eve-desk")
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_100)
    taken = pool.router.snapshot()
    places = tuple(replace(each, turn_from=None, steps_from=None) for each in taken.places)
    pool.router = Router.restored(replace(taken, places=places))
    pool.change("c2", priority_ms=1_000, at=3_000)
    assert pool.router.waiting_in(DATA) == ["c2", "c1"]
    pool.tick(7_000)
    assert pool.offers() == [("c1", "ann")]
