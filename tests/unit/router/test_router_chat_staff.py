"""Whom chats wait for: those with chats alone, and none who is about to pause."""

from dataclasses import replace

import pytest
from chat_pool import TEXT, begin, chat_queue, chatting, of, pauses_later, seen
from router_pool import DATA, WRAP_MS, needs, queue

from router.core import Router
from router.effects import AnnouncePosition
from router.events import AgentChanged, ContactChanged, CrisisDeclared, QueueChanged
from router.model import (
    PREFERRED_STEP,
    Channel,
    ContactId,
    Origin,
    OverflowCause,
    Presence,
    Step,
    WaitingLimit,
)

pytestmark = pytest.mark.unit


def test_chats_wait_for_nobody_who_may_have_none() -> None:
    pool = chatting(ann=1, bob=0)
    begin(pool, "t1")
    assert pool.enter("t2", TEXT, at=2_000) == []
    pool.give(AgentChanged(of("ann", 0)), at=3_000)
    assert pool.overflowed() == [("t2", OverflowCause.NO_AGENTS)]
    assert seen(pool).chats == 1
    pool.enter("c1", DATA, at=4_000)
    assert pool.offers() == [("c1", "bob")]


def test_agent_who_may_chat_from_now_on_is_staff_at_once_and_idle_behind_all_others() -> None:
    pool = chatting(ann=0, bob=0)
    pool.give(AgentChanged(of("ann", 1)), at=1_000)
    (text,) = (view for view in pool.router.queues() if view.queue == TEXT)
    assert text.staffed == 1
    pool.enter("c1", DATA, at=2_000)
    assert pool.offers() == [("c1", "bob")]
    pool.enter("t1", TEXT, at=2_100)
    assert pool.offers() == [("t1", "ann")]


def test_step_that_only_agents_without_chats_meet_is_passed_over() -> None:
    pool = chatting(ann=1, bob=0)
    narrow = Step(needs({"data": 2}), 10_000)
    pool.give(QueueChanged(replace(chat_queue(), steps=(narrow, *chat_queue().steps))))
    pool.give(AgentChanged(of("bob", 0, data=2)))
    pool.enter("t1", TEXT, at=1_000)
    assert pool.offers() == [("t1", "ann")]


def test_limits_per_agent_and_the_expected_wait_count_those_with_chats_only() -> None:
    pool = chatting(ann=1, bob=0, cat=0)
    rules = replace(chat_queue(), waiting=WaitingLimit(per_agent=1), announce_every_ms=10_000)
    pool.give(QueueChanged(replace(rules, announce_expected=True)))
    begin(pool, "t0", at=1_000)
    assert pool.enter("t1", TEXT, at=2_000) == []
    pool.enter("t2", TEXT, at=2_000)
    assert pool.overflowed() == [("t2", OverflowCause.FULL)]
    told = pool.tick(pool.router.next_deadline() or 0)
    assert [each.expected_ms for each in told if isinstance(each, AnnouncePosition)] == [180_000]


def test_nobody_waits_for_the_chat_of_a_preferred_agent_who_may_have_none() -> None:
    pool = chatting(ann=2, bob=0)
    pool.enter("t1", TEXT, prefer=("bob", 30_000), at=1_000)
    assert pool.offers() == [("t1", "ann")]
    pool.pause("ann", at=2_000)
    pool.enter("t2", TEXT, prefer=("bob", 30_000), at=3_000)
    assert pool.overflowed() == [("t2", OverflowCause.NO_AGENTS)]


def test_chat_that_waited_for_one_agent_alone_is_before_nobody_once_it_rings() -> None:
    pool = chatting(ann=1, bob=1)
    pool.give(QueueChanged(replace(chat_queue(0), announce_every_ms=10_000)))
    offer, _ = begin(pool, "t1", "t2")
    pool.enter("t3", TEXT, prefer=("ann", 30_000), at=2_000)
    pool.end(offer, at=3_000)
    assert pool.offers() == [("t3", "ann")]
    pool.enter("t4", TEXT, at=4_000)
    pool.tick(pool.router.next_deadline() or 0)
    assert pool.positions() == [("t4", 1)]


def test_preferred_agent_who_loses_her_chats_is_waited_for_no_longer() -> None:
    pool = chatting(ann=1, bob=1)
    begin(pool, "t0", "t1")  # ann, then bob.
    pool.enter("t2", TEXT, prefer=("ann", 30_000), at=2_000)
    assert pool.router.step_of(ContactId("t2")) == PREFERRED_STEP
    pool.give(AgentChanged(of("ann", 0)), at=3_000)
    assert pool.router.step_of(ContactId("t2")) == 0


def test_caller_of_a_queue_that_becomes_one_of_chats_waits_for_no_agent_without() -> None:
    pool = chatting(ann=1, bob=0)
    pool.enter("c1", DATA, at=1_000)
    pool.enter("c2", DATA, at=1_000)
    voice = queue(DATA, needs({"data": 1}))
    pool.enter("c3", DATA, prefer=("bob", 30_000), at=2_000)
    assert pool.router.step_of(ContactId("c3")) == PREFERRED_STEP
    pool.give(QueueChanged(replace(voice, channel=Channel.CHAT)), at=3_000)
    assert pool.router.step_of(ContactId("c3")) == 0


def test_crisis_never_makes_a_chat_of_a_call() -> None:
    """One agent with two chats would ring for two calls at once."""
    pool = chatting(ann=2)
    pool.give(CrisisDeclared(DATA, TEXT), at=500)
    pool.enter("c1", DATA, at=1_000)
    assert pool.overflowed() == [("c1", OverflowCause.CRISIS)]


def test_call_is_not_moved_by_hand_into_a_queue_of_chats() -> None:
    pool = chatting(ann=2, bob=0)
    begin(pool, "t1")
    pool.enter("c1", DATA, at=2_000)
    pool.enter("c2", DATA, at=2_100)
    waiting = list(pool.router.waiting_in(DATA))
    assert waiting
    assert pool.give(ContactChanged(ContactId(waiting[0]), TEXT, None), at=3_000) == []
    assert pool.router.waiting_in(DATA) == waiting


def test_who_pauses_after_her_contact_gets_no_more_chats_and_is_still_waited_for() -> None:
    pool = chatting(ann=3)
    (offer,) = begin(pool, "t1")
    pauses_later(pool, at=2_000)
    assert pool.enter("t2", TEXT, at=3_000) == []
    assert pool.enter("t3", TEXT, prefer=("ann", 60_000), at=3_000) == []
    assert pool.router.step_of(ContactId("t3")) == PREFERRED_STEP
    pool.end(offer, at=4_000)
    pool.tick(4_000 + WRAP_MS)
    assert pool.recorded() == [("ann", Presence.ON_BREAK, "lunch", Origin.PHONE)]
    assert pool.overflowed() == [
        ("t2", OverflowCause.NO_AGENTS),
        ("t3", OverflowCause.NO_AGENTS),
    ]


def test_who_takes_her_put_off_pause_back_takes_waiting_chats_at_once() -> None:
    pool = chatting(ann=2)
    begin(pool, "t1")
    pauses_later(pool, at=2_000)
    assert pool.enter("t2", TEXT, at=3_000) == []
    pool.resume("ann", at=4_000)
    assert pool.offers() == [("t2", "ann")]


def test_chat_goes_to_another_than_who_pauses_after_hers() -> None:
    pool = chatting(ann=3, bob=3)
    begin(pool, "t1", "t2")  # ann, then bob.
    pauses_later(pool, at=2_000)
    begin(pool, "t3", "t4", at=3_000)
    assert (seen(pool, "ann").chats, seen(pool, "bob").chats) == (1, 3)


def test_put_off_pause_keeps_chats_away_after_a_snapshot_too() -> None:
    pool = chatting(ann=2)
    begin(pool, "t1")
    pauses_later(pool, at=2_000)
    pool.router = Router.restored(pool.router.snapshot())
    assert pool.enter("t2", TEXT, at=3_000) == []
