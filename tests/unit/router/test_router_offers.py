"""Who is offered to whom, in which order, and what becomes of an offer."""

import pytest
from router_pool import BILL, DATA, Pool, needs, queue

from router.agent_state import EngagementPhase
from router.effects import OfferContact
from router.events import QueueChanged
from router.model import (
    AgentId,
    DeviceId,
    OfferFailure,
    OfferId,
    Origin,
    OverflowCause,
    Presence,
    RescindReason,
)
from router.offers import ABSENT_MS, MISS_REST_MS

pytestmark = pytest.mark.unit

NO_AGENTS, TIMED_OUT = OverflowCause.NO_AGENTS, OverflowCause.TIMED_OUT


def test_offer_names_all_that_ringing_needs() -> None:
    pool = Pool("ann")
    (made,) = pool.enter("c1", at=1_000)
    assert made == OfferContact(
        OfferId("c1.o1"), pool.place("c1").contact, AgentId("ann"), DeviceId("ann-desk"), 15_000
    )
    assert pool.router.engagement_of(AgentId("ann")) is EngagementPhase.RESERVED
    assert pool.router.next_deadline() == 16_000


def test_longest_idle_agent_comes_first() -> None:
    pool = Pool("ann", "bob", "cat")
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "ann")]
    offer = pool.offer()
    pool.enter("c2", at=1_001)
    assert pool.offers() == [("c2", "bob")]
    pool.accept(offer, at=2_000)
    pool.end(offer, at=3_000)
    pool.tick(13_000)  # Ann's wrap-up is over: she is idle last.
    pool.enter("c3", at=13_500)
    assert pool.offers() == [("c3", "cat")]
    pool.enter("c4", at=13_501)
    assert pool.offers() == [("c4", "ann")]


def test_signing_in_again_keeps_the_place_among_the_idle() -> None:
    pool = Pool("ann", "bob")
    pool.sign_in("ann", at=1_000)
    pool.enter("c1", at=1_001)
    assert pool.offers() == [("c1", "ann")]


def test_first_in_is_first_offered() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    offer = pool.offer()
    for number in (1, 2, 3):
        assert pool.enter(f"c{number}", at=1_000 + number) == []
    assert pool.router.waiting_in(DATA) == ["c1", "c2", "c3"]
    pool.leave("c0", at=2_000)
    assert pool.rescinded() == [(offer, RescindReason.CONTACT_LEFT)]
    assert pool.offers() == [("c1", "ann")]


def test_two_of_one_millisecond_keep_the_order_of_their_coming() -> None:
    pool = Pool("ann")
    pool.enter("zed", at=1_000)
    pool.enter("yan", at=1_000)
    pool.enter("abe", at=1_000)
    pool.leave("zed", at=1_000)
    assert pool.offers() == [("yan", "ann")]


def test_fifty_contacts_in_one_tick_ring_fifty_phones() -> None:
    """Peer fault: OpenACD issue 5, one agent chosen for several callers of one moment."""
    pool = Pool(*(f"a{number}" for number in range(50)))
    made: list[tuple[str, str]] = []
    for number in range(50):
        pool.enter(f"c{number}", at=1_000)
        made += pool.offers()
    assert [contact for contact, _ in made] == [f"c{number}" for number in range(50)]
    assert len({agent for _, agent in made}) == 50
    assert pool.enter("c50", at=1_000) == []


def test_fifty_agents_coming_in_one_tick_take_fifty_contacts() -> None:
    pool = Pool("zoe")
    pool.enter("c", at=1_000)
    for number in range(50):
        pool.enter(f"c{number}", at=1_000)
    made: list[tuple[str, str]] = []
    for number in range(50):
        pool.skill(f"a{number}", data=1)
        pool.reach(f"a{number}-desk")
        pool.sign_in(f"a{number}")
        made += pool.offers()
    assert made == [(f"c{number}", f"a{number}") for number in range(50)]


def test_declined_offer_goes_to_the_next_agent() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    first = pool.offer()
    pool.fail(first, at=2_000)
    assert pool.offers() == [("c1", "bob")]
    assert pool.offer() != first


def test_returned_contact_keeps_its_place_before_later_comers() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.enter("c2", at=1_500)
    pool.fail(offer, at=2_000)
    assert pool.last == []
    assert pool.router.waiting_in(DATA) == ["c1", "c2"]
    pool.tick(2_000 + MISS_REST_MS)
    assert pool.offers() == [("c1", "ann")]


def test_who_missed_a_contact_comes_last_but_not_never() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    pool.reach("ann-desk", up=False, at=1_100)  # Rescinded, offered to bob.
    offer = pool.offer()
    pool.reach("ann-desk", at=1_200)  # Ann is idle again, and let c1 go once.
    pool.skill("cat", data=1)
    pool.reach("cat-desk")
    pool.sign_in("cat", at=1_300)
    pool.fail(offer, at=1_400)
    assert pool.offers() == [("c1", "cat")]
    pool.fail(pool.offer(), at=1_500)
    assert pool.offers() == [("c1", "ann")]


def test_ring_time_over_rescinds_and_counts_a_miss() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    assert pool.tick(15_999) == []
    pool.tick(16_000)
    assert pool.rescinded() == [(offer, RescindReason.TIMED_OUT)]
    assert pool.offers() == []
    assert pool.seat("ann").misses == 1
    assert pool.tick(16_000 + MISS_REST_MS - 1) == []
    pool.tick(16_000 + MISS_REST_MS)
    assert pool.offers() == [("c1", "ann")]


def test_second_miss_pauses_and_the_deserted_contact_overflows() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.tick(16_000)
    pool.tick(18_000)
    pool.tick(33_000)
    assert pool.rescinded()[0][1] is RescindReason.TIMED_OUT
    assert pool.overflowed() == [("c1", NO_AGENTS)]
    assert pool.presence("ann") is Presence.ON_BREAK
    assert pool.router.next_deadline() == 33_000 + ABSENT_MS


def absent_ann() -> Pool:
    """Ann missed twice, the second time at 33_000, and is taken for absent."""
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    for at in (16_000, 18_000, 33_000):
        pool.tick(at)
    return pool


def test_agent_taken_for_absent_is_offered_contacts_again_after_a_while() -> None:
    pool = absent_ann()
    pool.tick(33_000 + ABSENT_MS - 1)
    assert pool.presence("ann") is Presence.ON_BREAK
    pool.tick(33_000 + ABSENT_MS)
    assert pool.presence("ann") is Presence.AVAILABLE
    pool.enter("c2", at=200_000)
    assert pool.offers() == [("c2", "ann")]
    assert pool.seat("ann").misses == 0


def test_phone_that_registers_anew_ends_no_absence() -> None:
    pool = absent_ann()
    pool.reach("ann-desk", up=False, at=40_000)
    assert pool.reach("ann-desk", at=41_000) == []
    assert (pool.presence("ann"), pool.records) == (Presence.ON_BREAK, [])
    assert pool.router.next_deadline() == 33_000 + ABSENT_MS
    pool.tick(33_000 + ABSENT_MS)
    assert pool.recorded() == [("ann", Presence.AVAILABLE, None, Origin.ROUTER)]


def test_absence_that_ends_while_the_phone_is_away_makes_nobody_idle() -> None:
    pool = absent_ann()
    pool.reach("ann-desk", up=False, at=40_000)
    pool.tick(33_000 + ABSENT_MS)
    assert pool.presence("ann") is Presence.AVAILABLE
    pool.enter("c2", at=200_000)
    assert pool.overflowed() == [("c2", OverflowCause.NO_AGENTS)]


def test_phone_that_registers_anew_at_each_ring_is_paused_like_any_other() -> None:
    pool = Pool("ann", "bob")
    pool.occupy("bob-desk")  # There, so that callers wait, and never idle.
    pool.enter("c1", at=0)
    for at in (1_000, 20_000):
        pool.tick(at)
        pool.fail(pool.place("c1").offer, at=at + 500)
        pool.reach("ann-desk", up=False, at=at + 600)
        pool.reach("ann-desk", at=at + 700)
    assert pool.presence("ann") is Presence.ON_BREAK


def test_agent_who_signed_out_meanwhile_is_not_brought_back() -> None:
    pool = absent_ann()
    pool.sign_out("ann", at=40_000)
    pool.tick(33_000 + ABSENT_MS)
    assert pool.presence("ann") is Presence.SIGNED_OUT


def test_a_conversation_or_a_sign_in_forgives_earlier_misses() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.fail(pool.offer(), at=1_100)
    pool.tick(3_100)
    offer = pool.offer()
    pool.accept(offer, at=3_200)
    assert pool.seat("ann").misses == 1, "an answer alone is not yet a conversation"
    pool.end(offer, at=9_000)
    assert pool.seat("ann").misses == 0
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.fail(pool.offer(), at=1_100)
    pool.sign_out("ann", at=1_200)
    pool.sign_in("ann", at=1_300)
    assert pool.seat("ann").misses == 0


def test_break_that_is_over_forgives_earlier_misses() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.pause("ann", at=1_200)
    pool.fail(offer, OfferFailure.DROPPED, at=1_300)
    assert pool.seat("ann").misses == 1
    pool.resume("ann", at=9_000)
    assert pool.seat("ann").misses == 0


def test_device_said_to_be_there_again_forgives_nothing() -> None:
    """A reconnect tells of every device anew; only a change is news, and it says nothing of her."""
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.fail(pool.offer(), at=1_100)
    assert pool.reach("ann-desk", at=1_200) == []
    assert pool.seat("ann").misses == 1
    assert pool.router.ignored["device/no change"] == 1
    pool.reach("ann-desk", up=False, at=1_300)
    pool.reach("ann-desk", at=1_400)
    assert pool.seat("ann").misses == 1


@pytest.mark.parametrize(
    ("failure", "misses"),
    [
        (OfferFailure.DECLINED, 1),
        (OfferFailure.UNREACHABLE, 0),
        (OfferFailure.FAILED, 0),
        (OfferFailure.DROPPED, 1),
    ],
)
def test_each_failure_is_followed_by_a_rest_but_only_a_refusal_is_a_miss(
    failure: OfferFailure, misses: int
) -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    assert pool.fail(pool.offer(), failure, at=1_100) == []
    assert pool.seat("ann").misses == misses
    assert pool.tick(1_100 + MISS_REST_MS - 1) == []
    pool.tick(1_100 + MISS_REST_MS)
    assert pool.offers() == [("c1", "ann")]


def test_fault_in_a_stricter_queue_pauses_nobody_for_misses_of_another() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.give(QueueChanged(queue(BILL, needs({"bill": 1}), misses_max=1)))
    pool.enter("c1", at=1_000)
    pool.fail(pool.offer(), at=1_100)
    pool.leave("c1", at=1_200)
    pool.tick(1_100 + MISS_REST_MS)
    pool.enter("b1", BILL, at=4_000)
    pool.fail(pool.offer(), OfferFailure.FAILED, at=4_100)
    assert pool.presence("ann") is Presence.AVAILABLE


def test_phone_that_answers_and_drops_again_and_again_is_taken_for_absent() -> None:
    """Seen on real phones: the only agent was offered the same caller every two seconds."""
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    first = pool.offer()
    pool.accept(first, at=2_000)
    pool.fail(first, OfferFailure.DROPPED, at=2_300)
    pool.tick(2_300 + MISS_REST_MS)
    second = pool.offer()
    pool.accept(second, at=5_000)
    pool.fail(second, OfferFailure.DROPPED, at=5_300)
    assert pool.presence("ann") is Presence.ON_BREAK


def test_agent_lost_right_after_answering_returns_the_contact() -> None:
    """Peer fault: Asterisk issue 1557, the caller hung up on because the agent's line died."""
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.enter("c2", at=1_100)
    pool.accept(offer, at=2_000)
    pool.fail(offer, OfferFailure.FAILED, at=2_300)
    assert pool.router.waiting_in(DATA) == ["c1"]
    pool.tick(2_300 + MISS_REST_MS)
    assert pool.offers() == [("c1", "ann")]


def test_wrap_up_holds_offers_back_for_its_whole_length() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=2_000)
    pool.enter("c2", at=2_500)
    assert pool.end(offer, at=20_000) == []
    assert pool.router.engagement_of(AgentId("ann")) is EngagementPhase.WRAP_UP
    assert pool.tick(29_999) == []
    pool.tick(30_000)
    assert pool.offers() == [("c2", "ann")]


def test_priority_is_worth_that_much_waiting() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.enter("early", at=2_000)
    pool.enter("urgent", priority_ms=5_000, at=6_999)
    pool.enter("later", priority_ms=5_000, at=7_001)
    assert pool.router.waiting_in(DATA) == ["urgent", "early", "later"]
    pool.leave("c0", at=8_000)
    assert pool.offers() == [("urgent", "ann")]


def test_agent_of_two_queues_takes_whose_turn_it_is_over_both() -> None:
    pool = Pool(ann={"data": 1, "bill": 1})
    pool.enter("c0", at=1_000)
    pool.enter("b1", BILL, at=1_100)
    pool.enter("d1", DATA, at=1_200)
    pool.leave("c0", at=1_300)
    assert pool.offers() == [("b1", "ann")]


def test_offer_ids_are_never_used_twice_even_in_a_second_queue() -> None:
    pool = Pool(ann={"data": 1}, bob={"bill": 1})
    pool.enter("c1", DATA, at=1_000)
    first = pool.offer()
    pool.fail(first, at=1_100)
    pool.tick(61_000)  # ann was offered again at 3 100 and let it ring out, then was paused.
    pool.leave("c1", at=61_001)
    pool.enter("c1", BILL, at=61_002)
    second = pool.offer()
    assert second != first
    assert pool.fail(first, at=61_003) == []
    assert pool.place("c1").offer == second


@pytest.mark.parametrize("late", ["accept", "fail", "end", "leave"])
def test_late_and_doubled_messages_change_nothing(late: str) -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=2_000)
    pool.end(offer, at=3_000)
    pool.enter("c2", at=3_500)
    before, ignored = pool.snapshot(), sum(pool.router.ignored.values())
    match late:
        case "accept":
            pool.accept(offer)
        case "fail":
            pool.fail(offer)
        case "end":
            pool.end(offer)
        case _:
            pool.leave("c1")
    assert pool.last == []
    assert pool.snapshot() == before
    assert sum(pool.router.ignored.values()) == ignored + 1


def test_timer_that_comes_early_or_twice_does_nothing() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    before = pool.snapshot()
    assert pool.tick(15_999) == []
    assert pool.snapshot() == before
    pool.tick(16_000)
    before = pool.snapshot()
    assert pool.tick(16_000) == []
    assert pool.snapshot() == before
