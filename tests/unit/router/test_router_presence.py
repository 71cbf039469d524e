"""Coming, going, moving and learning: what agents and devices do to contacts and offers."""

import pytest
from router_pool import BILL, DATA, WAIT_MS, Pool, needs, queue

from router.agent_state import EngagementPhase
from router.events import QueueChanged
from router.model import AgentId, OverflowCause, Presence, QueueId, RescindReason

pytestmark = pytest.mark.unit

NO_AGENTS, TIMED_OUT = OverflowCause.NO_AGENTS, OverflowCause.TIMED_OUT


def test_no_agent_at_all_overflows_at_once() -> None:
    pool = Pool()
    pool.enter("c1", at=1_000)
    assert pool.overflowed() == [("c1", NO_AGENTS)]
    assert pool.router.next_deadline() is None


def test_unknown_queue_overflows_at_once() -> None:
    pool = Pool("ann")
    pool.enter("c1", QueueId("main:nowhere"), at=1_000)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_agents_of_other_skills_are_no_agents() -> None:
    pool = Pool(ann={"bill": 1})
    pool.enter("c1", DATA, at=1_000)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_when_the_last_agent_leaves_all_who_wait_overflow_in_order() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_500)
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_001)
    pool.sign_out("ann", at=3_000)
    assert pool.overflowed() == [("c1", NO_AGENTS), ("c2", NO_AGENTS)]
    assert pool.end(offer, at=4_000) == []  # The conversation went on meanwhile.


def test_engaged_agent_counts_as_somebody_to_wait_for() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_500)
    assert pool.enter("c1", at=2_000) == []
    assert pool.router.waiting_in(DATA) == ["c1"]


def test_wait_limit_overflows_to_the_millisecond() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=2_000)
    assert pool.tick(2_000 + WAIT_MS - 1) == []
    pool.tick(2_000 + WAIT_MS)
    assert pool.overflowed() == [("c1", TIMED_OUT)]
    assert pool.place("c0").phase.value == "connected"


def waiting_then_offered_late(pool: Pool) -> None:
    """c1 waits from 2 000 and is offered to ann at 60 000; its wait is over at 62 000."""
    pool.enter("c0", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.enter("c1", at=2_000)
    pool.end(offer, at=50_000)
    pool.tick(60_000)
    assert pool.offers() == [("c1", "ann")]


def test_wait_over_during_an_offer_lets_the_offer_finish() -> None:
    pool = Pool("ann")
    waiting_then_offered_late(pool)
    offer = pool.offer()
    assert pool.tick(62_000) == []
    assert pool.accept(offer, at=63_000) == []
    assert pool.place("c1").phase.value == "connected"


def test_wait_over_during_an_offer_that_then_fails_overflows() -> None:
    pool = Pool("ann", "bob")
    pool.sign_out("bob")
    waiting_then_offered_late(pool)
    offer = pool.offer()
    pool.sign_in("bob", at=61_000)
    assert pool.tick(62_000) == []
    pool.fail(offer, at=63_000)
    assert pool.overflowed() == [("c1", TIMED_OUT)]
    assert pool.offers() == []


def test_agent_signing_out_during_an_offer_sends_the_contact_elsewhere() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.sign_out("ann", at=2_000)
    assert pool.rescinded() == [(offer, RescindReason.AGENT_GONE)]
    assert pool.offers() == [("c1", "bob")]
    assert pool.seat("ann").misses == 0


def test_last_agent_signing_out_during_her_offer_overflows_the_contact() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.sign_out("ann", at=2_000)
    assert len(pool.rescinded()) == 1
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_presence_flap_during_an_offer_leaves_one_offer() -> None:
    """Peer fault: OpenACD issue 6, out and in again while it rings left the agent stuck."""
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    first = pool.offer()
    pool.sign_out("ann", at=1_100)
    second = pool.offer()
    assert pool.sign_in("ann", at=1_200) == []
    assert pool.accept(first, at=1_300) == []  # Late: her phone was picked up as it went silent.
    assert pool.router.engagement_of(AgentId("ann")) is EngagementPhase.NONE
    assert pool.place("c1").offer == second
    pool.enter("c2", at=1_400)
    assert pool.offers() == [("c2", "ann")]


def test_flap_of_the_only_agent_offers_the_waiting_anew() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.reach("ann-desk", up=False, at=1_100)
    assert pool.overflowed() == [("c1", NO_AGENTS)]
    assert pool.reach("ann-desk", at=1_200) == []
    pool.enter("c1", at=1_300)
    assert pool.offers() == [("c1", "ann")]


def test_unreachable_device_is_offered_nothing() -> None:
    pool = Pool("ann", "bob")
    pool.reach("ann-desk", up=False, at=1_000)
    pool.enter("c1", at=1_100)
    assert pool.offers() == [("c1", "bob")]
    pool.enter("c2", at=1_200)
    assert pool.last == []
    pool.reach("ann-desk", at=1_300)
    assert pool.offers() == [("c2", "ann")]


def test_device_lost_during_an_offer_rescinds_and_during_a_call_does_not() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.reach("ann-desk", up=False, at=1_100)
    assert pool.rescinded() == [(offer, RescindReason.AGENT_GONE)]
    pool.accept(pool.offer(), at=1_200)
    assert pool.reach("bob-desk", up=False, at=1_300) == []
    assert pool.router.engagement_of(AgentId("bob")) is EngagementPhase.CONNECTED


def test_device_that_nobody_spoke_of_is_unreachable() -> None:
    pool = Pool()
    pool.skill("ann", data=1)
    pool.sign_in("ann", at=1_000)
    pool.enter("c1", at=1_100)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_unknown_agent_signing_in_or_out_is_counted() -> None:
    pool = Pool("ann")
    before = pool.snapshot()
    assert pool.sign_in("eve") == []
    assert pool.sign_out("eve") == []
    assert pool.snapshot() == before
    assert sum(pool.router.ignored.values()) == 2


def test_sign_in_at_anothers_device_signs_the_other_out() -> None:
    pool = Pool("ann", "bob")
    pool.sign_in("bob", "ann-desk", at=1_000)
    assert pool.presence("ann") is Presence.SIGNED_OUT
    assert pool.seat("ann").device is None
    pool.enter("c1", at=1_100)
    assert pool.offers() == [("c1", "bob")]
    assert pool.sign_out("ann", at=1_200) == []
    assert pool.presence("bob") is Presence.AVAILABLE


def test_sign_in_at_the_device_that_rings_takes_the_offer_from_the_other() -> None:
    pool = Pool("ann")
    pool.skill("bob", data=1)
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.sign_in("bob", "ann-desk", at=1_100)
    assert pool.rescinded() == [(offer, RescindReason.AGENT_GONE)]
    assert pool.offers() == [("c1", "bob")]
    assert pool.overflowed() == []


def test_agent_at_a_device_where_anothers_conversation_goes_on_is_shown_as_such() -> None:
    pool = Pool("ann")
    pool.skill("bob", data=1)
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    assert [view.phone_in_use for view in pool.router.agents()] == [False, False]
    pool.sign_in("bob", "ann-desk", at=1_200)
    assert pool.enter("c2", at=1_300) == []
    assert [view.phone_in_use for view in pool.router.agents()] == [False, True]
    pool.end(offer, at=1_400)
    assert [view.phone_in_use for view in pool.router.agents()] == [False, False]
    assert pool.offers()[-1] == ("c2", "bob")


def test_agent_moving_to_the_device_that_rings_is_offered_the_contact_there() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "ann")]
    made = pool.sign_in("bob", "ann-desk", at=1_100)
    assert [type(effect).__name__ for effect in made] == ["RescindOffer", "OfferContact"]
    assert pool.offers() == [("c1", "bob")]
    assert pool.seat("bob").device == "ann-desk"


def test_agent_taking_an_idle_ones_device_during_her_offer_keeps_the_offer_off_it() -> None:
    """What she leaves behind is not offered to whom she is about to displace."""
    pool = Pool("ann", "bob")
    pool.enter("c1", at=1_000)
    first = pool.offer()
    pool.sign_in("ann", "bob-desk", at=1_100)
    assert pool.rescinded() == [(first, RescindReason.AGENT_GONE)]
    assert pool.offers() == [("c1", "ann")]
    assert pool.presence("bob") is Presence.SIGNED_OUT


def test_only_agent_moving_to_another_device_loses_nobody_who_waits() -> None:
    pool = Pool("ann")
    pool.reach("spare")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=1_200)
    assert pool.sign_in("ann", "spare", at=1_300) == []
    assert pool.router.waiting_in(DATA) == ["c1"]
    assert pool.seat("ann").device == "spare"


def test_relief_at_the_same_device_loses_nobody_who_waits() -> None:
    pool = Pool("ann")
    pool.skill("bob", data=1)
    pool.enter("c0", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.end(offer, at=1_150)  # In wrap-up, so that c1 waits.
    pool.enter("c1", at=1_200)
    pool.sign_in("bob", "ann-desk", at=1_300)
    assert pool.overflowed() == []
    assert pool.offers() == [("c1", "bob")]


def test_skill_learnt_while_idle_counts_at_once() -> None:
    pool = Pool(ann={"bill": 1}, bob={"data": 1})
    pool.enter("c0", at=1_000)
    pool.enter("c1", at=1_001)
    pool.skill("ann", bill=1, data=1)
    assert pool.offers() == [("c1", "ann")]


def test_skill_unlearnt_while_idle_counts_at_once() -> None:
    pool = Pool(ann={"data": 1}, bob={"data": 1})
    pool.skill("ann", bill=1)
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "bob")]
    pool.enter("b1", BILL, at=1_001)
    assert pool.offers() == [("b1", "ann")]


def test_skill_change_while_engaged_loses_nobody_who_waits() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    offer = pool.offer()
    pool.accept(offer, at=1_100)
    pool.enter("c1", at=1_200)
    assert pool.skill("ann", data=2) == []
    assert pool.end(offer, at=2_000) == []
    pool.tick(12_000)
    assert pool.offers() == [("c1", "ann")]


def test_last_agent_unlearning_a_skill_overflows_who_waits_for_it() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=1_200)
    pool.skill("ann", bill=1)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_agent_told_of_twice_keeps_her_place_among_the_idle() -> None:
    pool = Pool("ann", "bob")
    before = pool.snapshot()
    assert pool.skill("ann", data=1) == []
    assert pool.snapshot() == before
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "ann")]


def test_any_alternative_of_a_requirement_is_enough_and_levels_count() -> None:
    pool = Pool(low={"data": 2}, half={"vip": 1}, high={"data": 3}, both={"vip": 1, "bill": 2})
    wanted = needs({"data": 3}, {"vip": 1, "bill": 2})
    pool.give(QueueChanged(queue(QueueId("main:expert"), wanted)))
    agents: list[str] = []
    for number in range(2):
        pool.enter(f"c{number}", QueueId("main:expert"), at=1_000 + number)
        agents += [agent for _, agent in pool.offers()]
    assert agents == ["high", "both"]
    assert pool.enter("c2", QueueId("main:expert"), at=1_002) == []


def test_queue_that_relaxes_gives_who_waits_to_an_idle_agent() -> None:
    pool = Pool(ann={"data": 1}, bob={"bill": 1})
    pool.enter("c0", at=1_000)
    pool.enter("c1", at=1_001)
    pool.enter("c2", at=1_002)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}, {"bill": 1}))), at=2_000)
    assert pool.offers() == [("c1", "bob")]
    assert pool.router.waiting_in(DATA) == ["c2"]


def test_queue_that_nobody_serves_any_more_overflows_who_waits() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.enter("c1", at=1_001)
    pool.give(QueueChanged(queue(DATA, needs({"data": 9}))), at=2_000)
    assert pool.overflowed() == [("c1", NO_AGENTS)]


def test_queue_told_of_twice_changes_nothing() -> None:
    pool = Pool("ann")
    before = pool.snapshot()
    assert pool.give(QueueChanged(queue(DATA, needs({"data": 1})))) == []
    assert pool.snapshot() == before
