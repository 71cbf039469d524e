"""Who gets a chat: several at once in one agent's hands, never beside a call, spread over all."""

from dataclasses import replace

import pytest
from chat_pool import TEXT, begin, chat_queue, chatting, of, seen
from router_pool import DATA, WRAP_MS

from router.events import (
    AgentChanged,
    DayStarted,
    QueueChanged,
)
from router.model import (
    AgentOrder,
    LevelOrder,
    OverflowCause,
)

pytestmark = pytest.mark.unit


def test_agent_takes_as_many_chats_as_she_may_and_no_more() -> None:
    pool = chatting(ann=2)
    begin(pool, "t1", "t2")
    assert pool.enter("t3", TEXT, at=2_000) == []
    assert pool.router.waiting_in(TEXT) == ["t3"]
    assert seen(pool).chats == 2


def test_ringing_chats_count_too() -> None:
    pool = chatting(ann=1)
    pool.enter("t1", TEXT, at=1_000)
    assert pool.offers() == [("t1", "ann")]
    assert pool.enter("t2", TEXT, at=1_000) == []


def test_chat_in_wrap_up_counts_till_it_is_over() -> None:
    pool = chatting(ann=1)
    (offer,) = begin(pool, "t1")
    pool.enter("t2", TEXT, at=2_000)
    assert pool.end(offer, at=3_000) == []
    assert pool.tick(3_000 + WRAP_MS - 1) == []
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("t2", "ann")]


def test_agent_who_may_have_none_gets_no_chat() -> None:
    pool = chatting(ann=0)
    pool.enter("t1", TEXT, at=1_000)
    assert pool.overflowed() == [("t1", OverflowCause.NO_AGENTS)]
    (text,) = (view for view in pool.router.queues() if view.queue == TEXT)
    assert text.staffed == 0
    pool.enter("c1", DATA, at=1_100)
    assert pool.offers() == [("c1", "ann")]


def test_who_talks_gets_no_chat_till_her_wrap_up_is_over() -> None:
    pool = chatting(ann=3)
    pool.enter("c1", DATA, at=1_000)
    offer = pool.offer()
    assert pool.enter("t1", TEXT, at=1_050) == []
    pool.accept(offer, at=1_100)
    assert pool.end(offer, at=3_000) == []
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("t1", "ann")]


def test_who_chats_gets_no_call_till_the_last_chat_is_over() -> None:
    pool = chatting(ann=3)
    one, two = begin(pool, "t1", "t2")
    assert pool.enter("c1", DATA, at=2_000) == []
    pool.end(one, at=3_000)
    assert pool.tick(3_000 + WRAP_MS) == []
    pool.end(two, at=20_000)
    pool.tick(20_000 + WRAP_MS)
    assert pool.offers() == [("c1", "ann")]


def test_freed_agent_takes_chats_till_nothing_fits() -> None:
    pool = chatting(ann=2, bob=1)
    pool.pause("ann", at=500)
    begin(pool, "t0")
    for name in ("t1", "t2", "t3"):
        assert pool.enter(name, TEXT, at=1_000) == []
    pool.resume("ann", at=2_000)
    assert pool.offers() == [("t1", "ann"), ("t2", "ann")]


def test_freed_agent_of_empty_hands_takes_whoever_waits_longest_of_both_channels() -> None:
    pool = chatting(ann=2)
    (offer,) = begin(pool, "t0")
    pool.enter("c1", DATA, at=2_000)
    pool.give(AgentChanged(of("ann", 1)), at=2_050)
    pool.enter("t1", TEXT, at=2_100)
    pool.end(offer, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("c1", "ann")]


def test_who_has_chats_passes_over_a_call_that_waits_longer() -> None:
    pool = chatting(ann=2)
    one, _ = begin(pool, "t1", "t2")
    pool.enter("c1", DATA, at=2_000)
    pool.enter("t3", TEXT, at=3_000)
    pool.end(one, at=4_000)
    pool.tick(4_000 + WRAP_MS)
    assert pool.offers() == [("t3", "ann")]


def test_fewest_chats_come_before_longest_idle() -> None:
    pool = chatting(ann=3, bob=3)
    begin(pool, "t1")
    begin(pool, "t2", at=2_000)
    assert (seen(pool, "ann").chats, seen(pool, "bob").chats) == (1, 1)


def test_who_just_came_gets_a_chat_before_one_who_has_some_and_stands_longer() -> None:
    pool = chatting(ann=3, bob=3)
    pool.pause("bob", at=500)
    begin(pool, "t1")
    pool.resume("bob", at=2_000)
    pool.enter("t2", TEXT, at=3_000)
    assert pool.offers() == [("t2", "bob")]


def test_of_equal_chats_she_comes_first_whose_room_is_as_it_is_longest() -> None:
    pool = chatting(ann=5, bob=5)
    one, two = begin(pool, "t1", "t2")  # ann, then bob.
    pool.end(one, at=2_000)
    pool.end(two, at=2_001)
    pool.tick(2_001 + WRAP_MS)
    begin(pool, "t3", "t4", at=50_000)
    order = [pool.place("t3").offer, pool.place("t4").offer]
    assert order == ["t3.o3", "t4.o4"]
    pool.enter("t5", TEXT, at=60_000)
    assert pool.offers() == [("t5", "ann")]


def test_level_comes_before_the_number_of_chats() -> None:
    pool = chatting()
    pool.give(QueueChanged(replace(chat_queue(), levels=LevelOrder.HIGHEST)))
    for name, level in (("ann", 1), ("bob", 5)):
        pool.give(AgentChanged(of(name, 3, data=level)))
        pool.reach(f"{name}-desk")
        pool.sign_in(name)
    begin(pool, "t1", "t2")
    assert seen(pool, "bob").chats == 2


def test_fewest_today_orders_those_of_equal_chats() -> None:
    pool = chatting(ann=3, bob=3)
    pool.give(QueueChanged(replace(chat_queue(0), agents=AgentOrder.FEWEST_TODAY)))
    (offer,) = begin(pool, "t1")
    pool.end(offer, at=2_000)
    (offer,) = begin(pool, "t2", at=3_000)
    assert pool.place("t2") is not None
    assert seen(pool, "bob").contact == "t2"
    pool.end(offer, at=4_000)
    (offer,) = begin(pool, "t3", at=5_000)
    assert seen(pool, "ann").contact == "t3"
    pool.end(offer, at=6_000)
    pool.pause("bob", at=7_000)
    pool.resume("bob", at=7_100)
    pool.enter("t4", TEXT, at=8_000)
    assert pool.offers() == [("t4", "bob")]
    pool.leave("t4", at=8_100)
    pool.give(DayStarted(), at=9_000)
    pool.enter("t5", TEXT, at=9_100)
    assert pool.offers() == [("t5", "ann")]


@pytest.mark.parametrize("first", [AgentOrder.FEWEST_TODAY, AgentOrder.LEAST_OCCUPIED])
def test_who_stands_idle_over_midnight_keeps_her_place_before_who_comes_later(
    first: AgentOrder,
) -> None:
    pool = chatting(ann=2)
    pool.give(QueueChanged(replace(chat_queue(0), agents=first)))
    pool.give(DayStarted(), at=1_000)
    pool.give(AgentChanged(of("bob", 2)), at=2_000)
    pool.reach("bob-desk")
    pool.sign_in("bob", at=2_000)
    pool.enter("t1", TEXT, at=2_000)
    assert pool.offers() == [("t1", "ann")]


def test_own_call_keeps_calls_away_but_no_chats() -> None:
    pool = chatting(ann=2)
    pool.occupy("ann-desk", at=500)
    assert pool.enter("c1", DATA, at=1_000) == []
    pool.enter("t1", TEXT, at=1_100)
    assert pool.offers() == [("t1", "ann")]
