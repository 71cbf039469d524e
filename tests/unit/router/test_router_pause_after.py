"""A pause put off: it begins when her hands are empty, before any offer, unless taken back."""

from collections.abc import Callable

import pytest
from chat_pool import begin, chat_queue, chatting, pauses_later
from router_pool import DATA, RING_MS, WRAP_MS, Pool, needs, queue

from router.core import Router
from router.events import PresenceRequested, QueueChanged, WrapUpRequested
from router.model import (
    AgentId,
    DeviceId,
    OfferFailure,
    OfferId,
    Origin,
    OverflowCause,
    Presence,
    PresenceAnswer,
    PresenceChange,
    RequestId,
    RescindReason,
    WrapUpChange,
)

pytestmark = pytest.mark.unit

DONE, ALREADY = PresenceAnswer.DONE, PresenceAnswer.ALREADY
AVAILABLE, ON_BREAK = Presence.AVAILABLE, Presence.ON_BREAK


def later(
    pool: Pool, reason: str = "lunch", *, at: int, origin: Origin = Origin.PHONE
) -> PresenceAnswer:
    """Ask for ann's pause after this contact."""
    request, ann = RequestId("r-later"), AgentId("ann")
    pool.give(
        PresenceRequested(
            request, PresenceChange.PAUSE, ann, None, reason, origin, after_contact=True
        ),
        at=at,
    )
    (answered,) = pool.answers
    return answered.answer


def pausing_for(pool: Pool) -> str | None:
    (ann,) = (view for view in pool.router.agents() if view.agent == "ann")
    return ann.pausing_for


def talking(*others: str) -> tuple[Pool, OfferId]:
    pool = Pool("ann", *others)
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    return pool, offer


def test_pause_begins_after_the_wrap_up_and_before_any_offer() -> None:
    pool, offer = talking("bob")
    pool.sign_out("bob")
    assert later(pool, at=2_000, origin=Origin.COMMAND) is DONE
    assert pool.records == []
    assert (pool.presence("ann"), pausing_for(pool)) == (AVAILABLE, "lunch")
    pool.enter("c2", at=2_500)
    pool.end(offer, at=3_000)
    assert pool.records == []
    pool.tick(3_000 + WRAP_MS)
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.COMMAND)]
    assert pool.offers() == []
    assert pool.overflowed() == [("c2", OverflowCause.NO_AGENTS)]
    assert (pool.presence("ann"), pausing_for(pool)) == (ON_BREAK, None)


def test_she_is_somebody_to_wait_for_till_her_pause_begins() -> None:
    pool, _ = talking()
    later(pool, at=2_000)
    assert pool.enter("c2", at=2_500) == []
    assert pool.router.waiting_in(DATA) == ["c2"]


def test_empty_hands_pause_at_once() -> None:
    pool = Pool("ann")
    assert later(pool, at=1_000) is DONE
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]
    assert later(pool, at=1_100) is ALREADY


def test_who_is_signed_out_has_nothing_to_pause() -> None:
    pool, _ = talking()
    pool.sign_out("ann", at=2_000)
    assert later(pool, at=2_100) is PresenceAnswer.NOT_SIGNED_IN


def test_who_is_on_break_with_her_hands_full_changes_her_reason_at_once() -> None:
    pool, _ = talking()
    pool.pause("ann", "meeting", at=2_000)
    assert later(pool, "meeting", at=2_100) is ALREADY
    assert later(pool, "lunch", at=2_200) is DONE
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]


def test_asked_again_it_changes_only_with_another_reason() -> None:
    pool, offer = talking()
    later(pool, "lunch", at=2_000)
    assert later(pool, "lunch", at=2_100, origin=Origin.COMMAND) is ALREADY
    assert later(pool, "meeting", at=2_200, origin=Origin.COMMAND) is DONE
    pool.end(offer, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.recorded() == [("ann", ON_BREAK, "meeting", Origin.COMMAND)]


def test_asked_during_the_wrap_up_it_begins_with_its_end() -> None:
    pool, offer = talking()
    pool.end(offer, at=3_000)
    assert later(pool, at=4_000) is DONE
    pool.tick(3_000 + WRAP_MS)
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]


def test_resume_takes_it_back_without_a_record() -> None:
    pool, offer = talking()
    later(pool, at=2_000)
    assert pool.resume("ann", at=2_100) is DONE
    assert pool.records == []
    assert pausing_for(pool) is None
    assert pool.resume("ann", at=2_200) is ALREADY
    pool.end(offer, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert (pool.records, pool.presence("ann")) == ([], AVAILABLE)


def test_pause_at_once_takes_the_place_of_one_put_off() -> None:
    pool, offer = talking()
    later(pool, at=2_000)
    assert pool.pause("ann", "meeting", at=2_100) is DONE
    assert pool.recorded() == [("ann", ON_BREAK, "meeting", Origin.PHONE)]
    pool.end(offer, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.records == []


def test_sign_out_and_a_move_take_it_back_but_not_a_sign_in_where_she_sits() -> None:
    pool, _ = talking()
    pool.reach("other-desk")
    later(pool, at=2_000)
    assert pool.ask(PresenceChange.SIGN_IN, "ann", "ann-desk", at=2_100) is ALREADY
    assert pausing_for(pool) == "lunch"
    assert pool.ask(PresenceChange.SIGN_IN, "ann", "other-desk", at=2_200) is DONE
    assert pausing_for(pool) is None
    later(pool, at=2_300)
    pool.sign_out("ann", at=2_400)
    pool.sign_in("ann", at=2_500)
    assert pausing_for(pool) is None


@pytest.mark.parametrize("failure", [OfferFailure.DECLINED, OfferFailure.FAILED])
def test_offer_that_comes_to_nothing_begins_it(failure: OfferFailure) -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    later(pool, at=2_000)
    pool.fail(offer, failure, at=3_000)
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]
    assert pool.offers() == [("c1", "bob")]


def test_offer_rung_out_begins_it_after_being_taken_back() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    later(pool, at=2_000)
    pool.tick(1_000 + RING_MS)
    assert pool.rescinded() == [(offer, RescindReason.TIMED_OUT)]
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]
    assert pool.offers() == [("c1", "bob")]


def test_caller_who_hangs_up_while_it_rings_begins_it() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    later(pool, at=2_000)
    pool.leave("c1", at=3_000)
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]


def test_phone_that_goes_away_while_it_rings_begins_it() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    later(pool, at=2_000)
    pool.reach("ann-desk", False, at=3_000)
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]
    assert pool.reach("ann-desk", True, at=4_000) == []
    assert pool.presence("ann") is ON_BREAK


def test_who_is_taken_for_absent_is_that_and_no_more() -> None:
    pool = Pool("ann")
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), misses_max=1)))
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    later(pool, at=2_000)
    pool.fail(offer, at=3_000)
    assert pool.recorded() == [("ann", ON_BREAK, "missed_offers", Origin.ROUTER)]
    assert pausing_for(pool) is None


def test_connection_that_is_lost_begins_it() -> None:
    pool, offer = talking("bob")
    later(pool, at=2_000)
    pool.fail(offer, OfferFailure.FAILED, at=3_000)
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.PHONE)]
    assert pool.offers() == [("c1", "bob")]


def test_agent_who_leaves_the_site_takes_it_along() -> None:
    pool, offer = talking()
    later(pool, at=2_000)
    pool.retire("ann", at=2_500)
    pool.end(offer, at=3_000)
    assert pool.records == []
    assert pool.router.agents() == []


def test_who_takes_her_seat_over_takes_it_back_too() -> None:
    pool, offer = talking("bob")
    later(pool, at=2_000)
    pool.ask(PresenceChange.SIGN_IN, "bob", DeviceId("ann-desk"), at=2_500)
    pool.end(offer, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.records == []


def test_it_is_kept_by_a_snapshot() -> None:
    pool, offer = talking()
    later(pool, at=2_000, origin=Origin.COMMAND)
    pool.router = Router.restored(pool.router.snapshot())
    assert pausing_for(pool) == "lunch"
    pool.end(offer, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.recorded() == [("ann", ON_BREAK, "lunch", Origin.COMMAND)]


def end_wrap_up(pool: Pool, *, at: int) -> None:
    request, ann = RequestId("w"), AgentId("ann")
    pool.give(WrapUpRequested(request, WrapUpChange.END, ann, None, Origin.PHONE), at=at)


WAYS: dict[str, Callable[[Pool, OfferId], object]] = {
    "caller hangs up": lambda pool, _: pool.leave("c1", at=3_000),
    "not answered": lambda pool, offer: pool.fail(offer, at=3_000),
    "queue retired": lambda pool, _: pool.close(DATA, at=3_000),
    "phone gone": lambda pool, _: pool.reach("ann-desk", up=False, at=3_000),
}


@pytest.mark.parametrize("way", WAYS)
def test_record_of_a_pause_after_a_ring_says_when_it_began(way: str) -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    later(pool, at=2_000)
    WAYS[way](pool, pool.place("c1").offer)
    assert [(each.agent, each.at) for each in pool.records] == [("ann", 3_000)]


@pytest.mark.parametrize("wrap_up_ms", [0, WRAP_MS])
def test_record_of_a_pause_after_a_chat_says_when_it_began(wrap_up_ms: int) -> None:
    pool = chatting(ann=2)
    pool.give(QueueChanged(chat_queue(wrap_up_ms)))
    (offer,) = begin(pool, "t1")
    pauses_later(pool, at=2_000)
    pool.end(offer, at=3_000)
    if wrap_up_ms:
        end_wrap_up(pool, at=3_000)
    assert [(each.agent, each.at) for each in pool.records] == [("ann", 3_000)]
