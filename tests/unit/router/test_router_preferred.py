"""Waiting for one agent alone before the first step: who gets the contact, and when it is over."""

from dataclasses import replace

import pytest
from router_pool import BILL, DATA, RING_MS, WAIT_MS, WRAP_MS, Pool, needs, queue

from router.core import Router
from router.events import AgentChanged, ContactQueued, QueueChanged
from router.model import (
    PREFERRED_STEP,
    Agent,
    AgentId,
    Channel,
    ContactId,
    OfferFailure,
    OfferId,
    OverflowCause,
    RescindReason,
    Skill,
    Step,
)
from router.offers import MISS_REST_MS

pytestmark = pytest.mark.unit

FOR_MS = 15_000
"""How long a contact waits for its preferred agent in these tests."""


def cat_busy(*others: str, data: int = 0) -> Pool:
    """``cat``, who cannot serve the queue of data at all if not told, talks to k0 since 1 100."""
    pool = Pool(*others, cat={"bill": 1} | ({"data": data} if data else {}))
    pool.enter("k0", BILL, at=1_000)
    pool.accept(pool.offer(), at=1_100)
    return pool


def step_of(pool: Pool, name: str) -> int | None:
    return pool.router.step_of(ContactId(name))


def test_ready_agent_asked_for_by_name_gets_her_caller_at_once_though_she_meets_no_step() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.enter("c1", prefer=("cat", FOR_MS), at=1_000)
    assert pool.offers() == [("c1", "cat")]
    assert step_of(pool, "c1") == PREFERRED_STEP


def test_who_served_last_is_passed_over_where_she_meets_no_step() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.enter("c1", prefer=("cat", FOR_MS), must_serve=True, at=1_000)
    assert pool.offers() == [("c1", "ann")]


def test_who_served_last_is_waited_for_at_any_step_that_she_meets() -> None:
    pool = cat_busy("ann", data=1)
    pool.enter("c1", prefer=("cat", FOR_MS), must_serve=True, at=2_000)
    assert step_of(pool, "c1") == PREFERRED_STEP


def test_who_served_last_and_is_taught_otherwise_is_waited_for_no_longer() -> None:
    pool = cat_busy("ann", data=1)
    pool.enter("c1", prefer=("cat", FOR_MS), must_serve=True, at=2_000)
    pool.enter("c2", prefer=("cat", FOR_MS), at=2_100)
    pool.skill("cat", bill=1)
    assert pool.offers()[-1] == ("c1", "ann")
    assert step_of(pool, "c2") == PREFERRED_STEP


def test_who_served_last_is_waited_for_no_longer_where_the_queue_asks_for_more() -> None:
    pool = cat_busy(data=1)
    pool.enter("c1", prefer=("cat", FOR_MS), must_serve=True, at=2_000)
    pool.give(QueueChanged(queue(DATA, needs({"data": 2}))))
    assert pool.overflowed() == [("c1", OverflowCause.NO_AGENTS)]


def test_caller_waits_for_a_busy_agent_beside_idle_ones() -> None:
    pool = cat_busy("ann")
    assert pool.enter("c1", prefer=("cat", FOR_MS), at=2_000) == []
    assert step_of(pool, "c1") == PREFERRED_STEP
    assert pool.router.waiting_in(DATA) == ["c1"]
    (data,) = [view for view in pool.router.queues() if view.queue == DATA]
    assert (data.waiting, data.offered) == (1, 0)


def test_agent_who_frees_in_time_gets_her_caller() -> None:
    pool = cat_busy("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.end(OfferId("k0.o1"), at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("c1", "cat")]


def test_time_over_gives_the_caller_to_an_idle_agent_to_the_millisecond() -> None:
    pool = cat_busy("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    assert pool.router.next_deadline() == 2_000 + FOR_MS
    assert pool.tick(2_000 + FOR_MS - 1) == []
    pool.tick(2_000 + FOR_MS)
    assert pool.offers() == [("c1", "ann")]


def test_steps_are_timed_from_when_they_begin_and_the_wait_from_the_entry() -> None:
    pool = cat_busy()
    pool.skill("eve", data=3)
    pool.reach("eve-desk")
    pool.sign_in("eve")
    steps = Step(needs({"data": 3}), 20_000), Step(needs({"data": 1}))
    pool.give(QueueChanged(queue(DATA, *steps)))
    pool.enter("c0", at=1_500)
    pool.accept(pool.offer())
    pool.skill("ann", data=1)
    pool.reach("ann-desk")
    pool.sign_in("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.tick(2_000 + FOR_MS)
    assert step_of(pool, "c1") == 0
    assert pool.tick(2_000 + FOR_MS + 19_999) == []
    pool.tick(2_000 + FOR_MS + 20_000)
    assert pool.offers() == [("c1", "ann")]
    pool.fail(pool.offer())
    pool.occupy("ann-desk")
    assert pool.router.next_deadline() is not None
    pool.tick(2_000 + WAIT_MS)
    assert pool.overflowed() == [("c1", OverflowCause.TIMED_OUT)]


@pytest.mark.parametrize("how", ["pauses", "signs out", "retires", "is not reachable"])
def test_agent_who_goes_is_waited_for_no_longer(how: str) -> None:
    pool = cat_busy("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    match how:
        case "pauses":
            pool.pause("cat", at=4_000)
        case "signs out":
            pool.sign_out("cat", at=4_000)
        case "retires":
            pool.retire("cat", at=4_000)
        case _:
            pool.reach("cat-desk", up=False, at=4_000)
    assert pool.offers() == [("c1", "ann")]
    assert step_of(pool, "c1") == 0


def test_agent_who_only_moves_to_another_desk_is_waited_for_on() -> None:
    pool = cat_busy("ann")
    pool.reach("other")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.sign_in("cat", "other", at=4_000)
    assert (pool.offers(), step_of(pool, "c1")) == ([], PREFERRED_STEP)


def test_agent_with_other_skills_is_waited_for_on() -> None:
    pool = cat_busy("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.skill("cat", vip=1)
    assert (pool.offers(), step_of(pool, "c1")) == ([], PREFERRED_STEP)
    pool.end(OfferId("k0.o1"), at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("c1", "cat")]


def test_ring_that_nobody_hears_begins_the_steps_then_and_not_as_the_time_was_over() -> None:
    pool = Pool(cat={"bill": 1}, eve={"data": 3})
    steps = Step(needs({"data": 3}), 20_000), Step(needs({"data": 1}))
    pool.give(QueueChanged(queue(DATA, *steps)))
    pool.enter("c1", prefer=("cat", 5_000), at=1_000)
    assert pool.tick(1_000 + RING_MS - 1) == []
    pool.tick(1_000 + RING_MS)
    assert pool.rescinded() == [("c1.o1", RescindReason.TIMED_OUT)]
    assert pool.offers() == [("c1", "eve")]
    pool.pause("eve", at=17_000)
    assert pool.overflowed() == [("c1", OverflowCause.NO_AGENTS)]


def test_steps_after_a_missed_ring_are_timed_from_its_end() -> None:
    pool = Pool(cat={"bill": 1}, eve={"data": 3})
    steps = Step(needs({"data": 3}), 20_000), Step(needs({"data": 1}))
    pool.give(QueueChanged(queue(DATA, *steps)))
    pool.enter("c0", at=500)
    pool.accept(pool.offer())
    pool.enter("c1", prefer=("cat", 5_000), at=1_000)
    pool.fail(pool.offer(), at=9_000)
    assert step_of(pool, "c1") == 0
    pool.tick(28_999)
    assert step_of(pool, "c1") == 0
    pool.skill("ann", data=1)
    pool.reach("ann-desk")
    pool.sign_in("ann")
    pool.tick(29_000)
    assert pool.offers() == [("c1", "ann")]


def test_declined_caller_does_not_come_back_to_her_line() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer())
    pool.enter("c1", prefer=("cat", FOR_MS), at=1_000)
    pool.fail(pool.offer(), OfferFailure.DECLINED, at=2_000)
    assert step_of(pool, "c1") == 0
    assert pool.tick(2_000 + MISS_REST_MS) == []


def test_conversation_with_her_that_is_lost_begins_the_steps() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.enter("c1", prefer=("cat", FOR_MS), at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=3_000)
    pool.fail(offer, OfferFailure.FAILED, at=40_000)
    assert pool.offers() == [("c1", "ann")]
    assert step_of(pool, "c1") == 0


@pytest.mark.parametrize("name", ["nobody", "bob"])
def test_agent_who_is_unknown_or_not_there_is_not_waited_for(name: str) -> None:
    pool = Pool("ann", "bob")
    pool.pause("bob")
    pool.enter("c1", prefer=(name, FOR_MS), at=1_000)
    assert pool.offers() == [("c1", "ann")]
    assert step_of(pool, "c1") == 0


def test_preference_without_time_is_none() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.enter("c1", prefer=("cat", 0), at=1_000)
    assert pool.offers() == [("c1", "ann")]


def test_queue_that_nobody_serves_lets_a_caller_in_for_her_and_gives_him_up_after() -> None:
    pool = cat_busy()
    assert pool.enter("c1", prefer=("cat", FOR_MS), at=2_000) == []
    pool.give(QueueChanged(queue(DATA, needs({"data": 2}))), at=3_000)
    assert pool.last == []
    pool.tick(2_000 + FOR_MS)
    assert pool.overflowed() == [("c1", OverflowCause.NO_AGENTS)]


def test_queue_that_nobody_serves_any_more_gives_up_only_who_waits_at_its_steps() -> None:
    pool = cat_busy("ann")
    pool.enter("c0", at=1_200)
    pool.accept(pool.offer())
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.enter("c2", at=2_000)
    pool.sign_out("ann", at=3_000)
    assert pool.overflowed() == [("c2", OverflowCause.NO_AGENTS)]
    assert step_of(pool, "c1") == PREFERRED_STEP


def test_retired_queue_gives_up_who_waits_for_one_agent_too() -> None:
    pool = cat_busy("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.close(DATA, at=3_000)
    assert pool.overflowed() == [("c1", OverflowCause.NO_AGENTS)]


def test_her_own_line_is_one_of_those_she_chooses_from_by_turn() -> None:
    pool = cat_busy()
    pool.enter("k1", BILL, at=2_000)
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_500)
    pool.enter("c2", prefer=("cat", FOR_MS), priority_ms=1_000, at=2_600)
    pool.end(OfferId("k0.o1"), at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("c2", "cat")]
    pool.leave("c2")
    assert pool.offers() == [("k1", "cat")]
    pool.leave("k1")
    assert pool.offers() == [("c1", "cat")]


def test_caller_who_leaves_her_line_is_gone() -> None:
    pool = cat_busy("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.leave("c1", at=3_000)
    pool.end(OfferId("k0.o1"), at=3_000)
    assert pool.tick(2_000 + FOR_MS) == []
    assert pool.offers() == []


def test_wait_that_is_over_before_her_time_is_over_times_out() -> None:
    pool = cat_busy("ann")
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), wait_ms_max=10_000)))
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.tick(12_000)
    assert pool.overflowed() == [("c1", OverflowCause.TIMED_OUT)]


def test_position_is_told_in_her_line_too_and_counts_all_of_the_queue() -> None:
    pool = cat_busy("ann")
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=3_200)))
    pool.enter("c0", at=1_500)
    pool.accept(pool.offer())
    pool.enter("c1", at=2_000)
    pool.enter("c2", prefer=("cat", FOR_MS), at=2_000)
    pool.tick(2_000 + 4 * 100 + 3_200)
    assert ("c2", 2) in pool.positions()


def test_router_read_back_goes_on_waiting_for_her() -> None:
    pool = cat_busy("ann")
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.router = Router.restored(pool.router.snapshot())
    assert step_of(pool, "c1") == PREFERRED_STEP
    assert pool.router.next_deadline() == 2_000 + FOR_MS
    pool.pause("cat", at=4_000)
    assert pool.offers() == [("c1", "ann")]


def test_what_was_waited_before_counts_in_the_order_and_in_nothing_else() -> None:
    pool = cat_busy("ann")
    pool.enter("c0", at=1_500)
    offer = pool.offer()
    pool.accept(offer)
    pool.enter("c1", at=2_000)
    pool.enter("c2", waited_ms=5_000, at=3_000)
    assert pool.router.waiting_in(DATA) == ["c2", "c1"]
    pool.tick(2_000 + WAIT_MS)
    assert pool.overflowed() == [("c1", OverflowCause.TIMED_OUT)]


def test_contact_that_is_here_already_is_queued_no_second_time() -> None:
    pool = cat_busy("ann")
    preferred = AgentId("cat")
    again = ContactQueued(ContactId("k0"), BILL, 0, preferred=preferred, preferred_ms=FOR_MS)
    assert pool.give(again) == []
    assert pool.router.ignored["connected/enqueue"] == 1


def test_queue_that_becomes_one_of_chats_offers_in_order_of_turn_to_who_has_room() -> None:
    pool = Pool()
    pool.give(AgentChanged(Agent(AgentId("cat"), {Skill("data"): 1}, chats_max=2)))
    pool.reach("cat-desk")
    pool.sign_in("cat")
    pool.occupy("cat-desk", at=1_000)
    pool.enter("c1", at=2_000)
    pool.enter("c2", prefer=("cat", FOR_MS), at=3_000)
    pool.enter("c3", at=4_000)
    chats = replace(queue(DATA, needs({"data": 1})), channel=Channel.CHAT)
    pool.give(QueueChanged(chats), at=5_000)
    assert pool.offers() == [("c1", "cat"), ("c2", "cat")]


def two_steps(pool: Pool, first_ms: int) -> None:
    """The queue's first step is for eve, who is on her phone; the second for anybody."""
    steps = Step(needs({"data": 3}), first_ms), Step(needs({"data": 1}))
    pool.give(QueueChanged(queue(DATA, *steps)))
    pool.skill("eve", data=3)
    pool.reach("eve-desk")
    pool.sign_in("eve")
    pool.occupy("eve-desk")


def test_steps_are_timed_from_when_she_goes() -> None:
    pool = cat_busy("ann")
    two_steps(pool, 5_000)
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.pause("cat", at=4_000)
    assert (pool.offers(), step_of(pool, "c1")) == ([], 0)
    assert pool.tick(8_999) == []
    pool.tick(9_000)
    assert pool.offers() == [("c1", "ann")]


def test_late_timer_does_not_make_the_steps_longer() -> None:
    pool = cat_busy("ann")
    two_steps(pool, 1_000)
    pool.enter("c1", prefer=("cat", FOR_MS), at=2_000)
    pool.tick(2_000 + FOR_MS + 1_000)
    assert pool.offers() == [("c1", "ann")]
    assert step_of(pool, "c1") == 1
