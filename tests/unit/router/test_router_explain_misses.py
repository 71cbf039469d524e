"""What an explainer tells of offers that came to nothing: whose miss it was, and which."""

from dataclasses import replace

import pytest
from router_pool import BILL, DATA, needs, queue
from told_pool import Told, only

from router.events import AgentChanged, CrisisDeclared
from router.explain import OfferEnd, OfferLost, Overflowed
from router.model import Agent, AgentId, Channel, OfferFailure, OverflowCause, Skill

pytestmark = pytest.mark.unit

ANN = AgentId("ann")


def test_what_follows_a_miss_is_told() -> None:
    pool = Told("ann")
    pool.enter("c1", at=0)
    pool.told()
    pool.tick(15_000)
    lost = only(pool.told(), OfferLost)
    assert (lost.misses, lost.misses_max, lost.rests_until_at) == (1, 2, 17_000)
    pool.tick(17_000)
    pool.tick(32_000)
    told = pool.told()
    lost = only(told, OfferLost)
    assert (lost.misses, lost.rests_until_at, lost.absent_until_at) == (2, None, 152_000)
    assert only(told, Overflowed).cause is OverflowCause.NO_AGENTS


def test_phone_that_answers_and_drops_is_told_as_the_miss_that_it_is() -> None:
    pool = Told("ann")
    pool.enter("c1", at=0)
    offer = pool.offer()
    pool.accept(offer, at=4_000)
    pool.told()
    pool.fail(offer, OfferFailure.DROPPED, at=4_300)
    lost = only(pool.told(), OfferLost)
    assert (lost.end, lost.lasted_ms, lost.was_connected) == (OfferEnd.DROPPED, 300, True)
    assert (lost.misses, lost.misses_max, lost.rests_until_at) == (1, 2, 6_300)


@pytest.mark.parametrize("failure", [OfferFailure.FAILED, OfferFailure.UNREACHABLE])
def test_fault_is_told_as_no_miss(failure: OfferFailure) -> None:
    pool = Told("ann")
    pool.enter("c1", at=0)
    pool.fail(pool.offer(), failure, at=4_300)
    assert only(pool.told(), OfferLost).misses is None


def test_two_chats_that_ring_out_in_one_moment_are_told_as_two_misses() -> None:
    pool = Told("ann")
    pool.give(AgentChanged(Agent(ANN, {Skill("data"): 1}, None, chats_max=2)), at=0)
    chats = replace(queue(DATA, needs({"data": 1}), misses_max=3), channel=Channel.CHAT)
    pool.rule(chats)
    pool.enter("c1", at=0)
    pool.enter("c2", at=0)
    pool.told()
    pool.tick(15_000)
    told = [each for each in pool.told() if isinstance(each, OfferLost)]
    assert [(each.contact, each.misses, each.misses_max) for each in told] == [
        ("c1", 1, 3),
        ("c2", 2, 3),
    ]


def test_miss_of_a_contact_that_a_crisis_leads_on_is_told_by_the_rules_it_rang_by() -> None:
    pool = Told("ann", bea={"bill": 1})
    pool.rule(queue(BILL, needs({"bill": 1}), misses_max=1))
    pool.enter("c1", at=0)
    pool.give(CrisisDeclared(DATA, BILL), at=1_000)
    pool.told()
    pool.tick(15_000)
    lost = only(pool.told(), OfferLost)
    assert (lost.misses, lost.misses_max, lost.absent_until_at) == (1, 2, None)
