"""The site changes while calls go on: agents and queues that are no more, numbers that are new."""

import pytest
from router_pool import BILL, DATA, WAIT_MS, Pool, needs, queue

from router.agent_state import EngagementPhase
from router.events import QueueChanged
from router.model import (
    AgentId,
    OfferFailure,
    Origin,
    OverflowCause,
    Presence,
    PresenceAnswer,
    PresenceChange,
    RescindReason,
)

pytestmark = pytest.mark.unit

NO_AGENTS, TIMED_OUT = OverflowCause.NO_AGENTS, OverflowCause.TIMED_OUT
ANYBODY = needs({"data": 1})


def with_limit(wait_ms_max: int) -> QueueChanged:
    return QueueChanged(queue(DATA, ANYBODY, wait_ms_max=wait_ms_max))


# Agents


def test_retired_agent_is_signed_out_and_unknown() -> None:
    pool = Pool("ann")
    pool.retire("ann", at=1_000)
    assert pool.recorded() == [("ann", Presence.SIGNED_OUT, None, Origin.SITE)]
    assert pool.router.agents() == []
    assert pool.ask(PresenceChange.SIGN_IN, "ann", "ann-desk") is PresenceAnswer.UNKNOWN_AGENT


def test_retired_agents_ringing_offer_goes_to_another() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.retire("ann", at=1_100)
    assert pool.rescinded() == [(offer, RescindReason.AGENT_GONE)]
    assert pool.offers() == [("c1", "bob")]


def test_retired_agents_conversation_goes_on_and_then_she_is_gone() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    assert pool.retire("ann", at=1_200) == []
    assert pool.router.engagement_of(AgentId("ann")) is EngagementPhase.CONNECTED
    assert pool.ask(PresenceChange.PAUSE, "ann") is PresenceAnswer.UNKNOWN_AGENT
    assert pool.end(offer, at=2_000) == []
    assert [view.agent for view in pool.router.agents()] == ["bob"]
    assert pool.router.next_deadline() is None


def test_retired_agent_losing_her_contact_gives_it_back_and_is_gone() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.retire("ann", at=1_200)
    pool.fail(offer, OfferFailure.FAILED, at=1_300)
    assert pool.offers() == [("c1", "bob")]
    assert [view.agent for view in pool.router.agents()] == ["bob"]
    assert pool.router.next_deadline() == 1_300 + 15_000  # The offer's; hers are gone with her.


def test_agent_retired_in_wrap_up_leaves_no_timer() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.end(offer, at=1_200)
    pool.retire("ann", at=1_300)
    assert pool.router.agents() == []
    assert pool.router.next_deadline() is None


def test_last_agent_retiring_overflows_who_waits() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.enter("c1", at=1_001)
    pool.retire("ann", at=2_000)
    assert pool.overflowed() == [("c0", NO_AGENTS), ("c1", NO_AGENTS)]


def test_agent_back_in_the_site_is_signed_out_and_her_records_count_on() -> None:
    pool = Pool("ann")
    pool.retire("ann", at=1_000)
    pool.skill("ann", data=1)
    assert pool.presence("ann") is Presence.SIGNED_OUT
    pool.sign_in("ann", at=2_000)
    assert [record.key for record in pool.records] == ["ann.p3"]


def test_agent_back_in_the_site_before_her_conversation_ended_is_as_if_never_gone() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.retire("ann", at=1_200)
    pool.skill("ann", data=1)
    pool.sign_in("ann", at=1_300)
    pool.enter("c2", at=1_400)
    pool.end(offer, at=2_000)
    pool.tick(12_000)
    assert pool.offers() == [("c2", "ann")]


def test_seat_of_a_retired_agent_is_free_for_all() -> None:
    pool = Pool()
    pool.skill("fay", seat="d1", data=1)
    pool.skill("gus", data=1)
    assert pool.ask(PresenceChange.SIGN_IN, "gus", "d1") is PresenceAnswer.SEAT_OF_ANOTHER
    pool.retire("fay")
    assert pool.ask(PresenceChange.SIGN_IN, "gus", "d1") is PresenceAnswer.DONE


def test_unknown_agent_or_queue_that_retires_is_counted() -> None:
    pool = Pool("ann")
    pool.retire("ann")
    pool.close(BILL)
    before = pool.snapshot()
    pool.retire("ann")
    pool.close(BILL)
    assert pool.snapshot() == before
    assert sum(pool.router.ignored.values()) == 2


# Queues


def test_retired_queue_gives_back_who_waits_in_order() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=1_200)
    pool.enter("urgent", priority_ms=5_000, at=1_300)
    pool.close(DATA, at=2_000)
    assert pool.overflowed() == [("urgent", NO_AGENTS), ("c1", NO_AGENTS)]
    assert [view.queue for view in pool.router.queues()] == [BILL]


def test_retired_queue_takes_its_offer_back_and_frees_the_agent_for_another() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.enter("b1", BILL, at=1_100)
    pool.close(DATA, at=1_200)
    assert pool.rescinded() == [(offer, RescindReason.QUEUE_RETIRED)]
    assert pool.overflowed() == [("c1", NO_AGENTS)]
    assert pool.offers() == [("b1", "ann")]
    assert pool.seat("ann").misses == 0


def test_conversation_of_a_retired_queue_ends_with_its_numbers() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    assert pool.close(DATA, at=1_200) == []
    pool.end(offer, at=2_000)
    assert pool.router.next_deadline() == 12_000
    assert pool.router.snapshot().queues[-1].rules.id == BILL


def test_contact_lost_by_its_agent_after_the_queue_retired_overflows() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.close(DATA, at=1_200)
    pool.fail(offer, OfferFailure.FAILED, at=1_300)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_contact_for_a_retired_queue_overflows_till_the_queue_is_back() -> None:
    pool = Pool("ann")
    pool.close(DATA, at=1_000)
    pool.enter("c1", at=1_100)
    assert pool.overflowed() == [("c1", NO_AGENTS)]
    pool.give(with_limit(WAIT_MS))
    pool.enter("c2", at=1_200)
    assert pool.offers() == [("c2", "ann")]


def test_queue_back_before_its_last_conversation_ended_has_its_new_numbers_only() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.close(DATA, at=1_200)
    pool.give(with_limit(20_000), at=1_300)
    assert [each.rules.id for each in pool.router.snapshot().queues] == [BILL, DATA]
    pool.enter("c2", at=1_400)
    pool.tick(21_400)
    assert pool.overflowed() == [("c2", TIMED_OUT)]


# Waits


def waiting_one(*, wait_ms_max: int = WAIT_MS) -> Pool:
    """c0 is connected to ann; c1 waits from 2 000."""
    pool = Pool("ann")
    pool.give(with_limit(wait_ms_max))
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=2_000)
    return pool


def test_shorter_wait_counts_for_who_waits_already() -> None:
    pool = waiting_one()
    assert pool.give(with_limit(20_000), at=5_000) == []
    assert pool.tick(21_999) == []
    pool.tick(22_000)
    assert pool.overflowed() == [("c1", TIMED_OUT)]


def test_longer_wait_counts_for_who_waits_already() -> None:
    pool = waiting_one(wait_ms_max=10_000)
    pool.give(with_limit(20_000), at=5_000)
    assert pool.tick(12_000) == []
    pool.tick(22_000)
    assert pool.overflowed() == [("c1", TIMED_OUT)]


def test_wait_that_is_over_by_the_new_number_ends_at_once() -> None:
    pool = waiting_one()
    pool.give(with_limit(3_000), at=9_000)
    assert pool.router.next_deadline() == 9_000
    pool.tick(9_000)
    assert pool.overflowed() == [("c1", TIMED_OUT)]


def test_longer_wait_counts_for_who_was_overdue_during_an_offer() -> None:
    pool = Pool("ann", "bob")
    pool.give(with_limit(10_000))
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.give(with_limit(30_000), at=12_000)
    pool.fail(offer, at=13_000)
    assert pool.offers() == [("c1", "bob")]


def test_queue_with_another_number_leaves_running_waits_alone() -> None:
    pool = waiting_one()
    pool.give(QueueChanged(queue(DATA, ANYBODY, misses_max=9)), at=5_000)
    pool.tick(61_999)
    assert pool.overflowed() == []
    pool.tick(62_000)
    assert pool.overflowed() == [("c1", TIMED_OUT)]


def test_idle_agent_who_gets_her_seat_fixed_keeps_her_turn() -> None:
    pool = Pool(ann={"data": 1}, bob={"data": 2})
    pool.skill("ann", seat="ann-desk", data=1)
    pool.enter("c1")
    assert pool.offers() == [("c1", "ann")]
