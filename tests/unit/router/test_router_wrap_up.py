"""After-contact work: how long it lasts, ended and extended by the agent; the longest talk."""

from dataclasses import replace

import pytest
from router_pool import DATA, WRAP_MS, Pool, needs, queue

from router.agent_state import EngagementPhase
from router.core import Router
from router.events import QueueChanged, WrapUpRequested
from router.model import AgentId, DeviceId, OfferId, Origin, PresenceAnswer, RequestId, WrapUpChange
from router.offers import ENGAGED_MS_MAX

pytestmark = pytest.mark.unit

END, EXTEND = WrapUpChange.END, WrapUpChange.EXTEND
DONE, AT_MOST = PresenceAnswer.DONE, PresenceAnswer.WRAP_UP_AT_MOST
NOT_IN_WRAP_UP = PresenceAnswer.NOT_IN_WRAP_UP


def pool_with(*, wrap_up_ms: int = WRAP_MS, longest_ms: int | None = None) -> Pool:
    pool = Pool("ann")
    rules = queue(DATA, needs({"data": 1}))
    pool.give(QueueChanged(replace(rules, wrap_up_ms=wrap_up_ms, wrap_up_ms_max=longest_ms)))
    return pool


def talk(pool: Pool, *, since: int = 1_000) -> OfferId:
    pool.enter("c1", at=since)
    offer = pool.offer()
    pool.accept(offer, at=since + 100)
    return offer


def wrapping(*, longest_ms: int | None = None) -> Pool:
    """ann is in wrap-up from 10 000 to 20 000, and c2 waits."""
    pool = pool_with(longest_ms=longest_ms)
    offer = talk(pool)
    pool.enter("c2", at=9_000)
    pool.end(offer, at=10_000)
    return pool


def ask(
    pool: Pool, change: WrapUpChange, name: str | None = "ann", *, at: int, desk: str | None = None
) -> PresenceAnswer:
    agent = None if name is None else AgentId(name)
    device = None if desk is None else DeviceId(desk)
    pool.give(WrapUpRequested(RequestId("w"), change, agent, device, Origin.PHONE), at=at)
    (answered,) = pool.answers
    assert answered.request == "w"
    return answered.answer


def test_wrap_up_that_is_ended_gives_the_next_contact_at_once() -> None:
    pool = wrapping()
    assert ask(pool, END, at=12_000) is DONE
    assert pool.offers() == [("c2", "ann")]
    assert pool.tick(20_000) == []  # Its old end means nothing to the ring that goes on.
    assert pool.seat("ann").phase is EngagementPhase.RESERVED


def test_wrap_up_that_is_ended_leaves_no_timer() -> None:
    pool = pool_with()
    pool.end(talk(pool), at=10_000)
    assert ask(pool, END, at=12_000) is DONE
    assert pool.router.next_deadline() is None


def test_wrap_up_lasts_to_the_millisecond_where_nobody_says_otherwise() -> None:
    pool = wrapping()
    assert pool.tick(19_999) == []
    pool.tick(20_000)
    assert pool.offers() == [("c2", "ann")]


@pytest.mark.parametrize("change", [END, EXTEND])
def test_who_is_in_no_wrap_up_can_neither_end_nor_extend_it(change: WrapUpChange) -> None:
    pool = pool_with(longest_ms=60_000)
    assert ask(pool, change, at=500) is NOT_IN_WRAP_UP
    offer = talk(pool)
    assert ask(pool, change, at=2_000) is NOT_IN_WRAP_UP
    assert pool.router.ignored["presence/not_in_wrap_up"] == 2
    pool.end(offer, at=3_000)
    assert ask(pool, change, at=3_000 + WRAP_MS - 1) is DONE


def test_extended_wrap_up_lasts_its_time_again_from_now() -> None:
    pool = wrapping(longest_ms=60_000)
    assert ask(pool, EXTEND, at=15_000) is DONE
    assert pool.tick(24_999) == []
    pool.tick(25_000)
    assert pool.offers() == [("c2", "ann")]


def test_wrap_up_is_never_extended_beyond_the_longest() -> None:
    pool = wrapping(longest_ms=13_000)
    assert ask(pool, EXTEND, at=15_000) is DONE
    assert ask(pool, EXTEND, at=16_000) is AT_MOST
    assert pool.tick(22_999) == []
    pool.tick(23_000)
    assert pool.offers() == [("c2", "ann")]


def test_extending_at_the_very_beginning_changes_nothing() -> None:
    assert ask(wrapping(longest_ms=60_000), EXTEND, at=10_000) is AT_MOST


def test_queue_without_a_longest_lets_nobody_extend() -> None:
    assert ask(wrapping(), EXTEND, at=15_000) is AT_MOST


def test_longest_below_the_usual_does_not_cut_it() -> None:
    pool = wrapping(longest_ms=1_000)
    assert ask(pool, EXTEND, at=15_000) is AT_MOST
    assert pool.tick(19_999) == []


def test_new_rules_are_for_the_next_wrap_up_only() -> None:
    pool = wrapping(longest_ms=60_000)
    rules = replace(queue(DATA, needs({"data": 1})), wrap_up_ms=1_000, wrap_up_ms_max=2_000)
    pool.give(QueueChanged(rules), at=14_000)
    assert ask(pool, EXTEND, at=15_000) is DONE
    assert pool.tick(24_999) == []
    assert pool.tick(25_000) != []


def test_wrap_up_of_no_length_is_over_within_the_event() -> None:
    pool = pool_with(wrap_up_ms=0, longest_ms=60_000)
    offer = talk(pool)
    pool.enter("c2", at=2_000)
    pool.end(offer, at=3_000)
    assert pool.offers() == [("c2", "ann")]


def test_wrap_up_of_no_length_leaves_no_timer() -> None:
    pool = pool_with(wrap_up_ms=0)
    pool.end(talk(pool), at=3_000)
    assert pool.router.next_deadline() is None
    assert pool.seat("ann").phase is EngagementPhase.NONE


def test_device_alone_means_who_sits_there() -> None:
    pool = wrapping()
    assert ask(pool, END, None, at=11_000, desk="bob-desk") is PresenceAnswer.NOBODY_HERE
    assert ask(pool, END, "zoe", at=11_000) is PresenceAnswer.UNKNOWN_AGENT
    assert ask(pool, END, None, at=11_000, desk="ann-desk") is DONE


def test_agent_who_left_the_site_has_no_wrap_up_to_speak_of() -> None:
    pool = wrapping()
    pool.retire("ann", at=11_000)
    assert ask(pool, END, at=11_500) is PresenceAnswer.UNKNOWN_AGENT


def test_wrap_up_goes_on_where_a_snapshot_is_taken() -> None:
    pool = wrapping(longest_ms=13_000)
    pool.router = Router.restored(pool.router.snapshot())
    assert ask(pool, EXTEND, at=15_000) is DONE
    assert pool.tick(22_999) == []
    pool.tick(23_000)
    assert pool.offers() == [("c2", "ann")]


def test_conversation_whose_end_nobody_told_is_over_at_last() -> None:
    pool = pool_with()
    offer = talk(pool)
    last = 1_100 + ENGAGED_MS_MAX
    assert pool.tick(last - 1) == []
    assert pool.router.next_deadline() == last
    assert pool.router.ignored["connected/overdue"] == 0
    pool.tick(last)
    assert pool.router.ignored["connected/overdue"] == 1
    assert pool.seat("ann").phase is EngagementPhase.WRAP_UP
    assert pool.place("c1") is None
    pool.end(offer, at=last + 1)
    assert pool.router.ignored["unknown offer/EngagementEnded"] == 1
    pool.enter("c2", at=last + 1)
    pool.tick(last + WRAP_MS)
    assert pool.offers() == [("c2", "ann")]


def test_conversation_of_an_agent_who_left_the_site_ends_with_its_deadline_too() -> None:
    pool = pool_with()
    talk(pool)
    pool.retire("ann", at=2_000)
    pool.tick(1_100 + ENGAGED_MS_MAX)
    assert pool.router.agents() == []
    assert pool.router.next_deadline() is None
