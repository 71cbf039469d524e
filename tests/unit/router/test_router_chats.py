"""What becomes of chats: missed, ended, kept by a snapshot; and of who has some when she goes."""

from dataclasses import replace

import pytest
from chat_pool import NONE, TEXT, begin, chat_queue, chatting, of, pauses_later, seen
from router_pool import DATA, MISSES, RING_MS, WRAP_MS, needs, queue

from router.agent_state import EngagementPhase
from router.core import Router
from router.events import (
    AgentChanged,
    ContactChanged,
    ContactQueued,
    QueueChanged,
    RoutingChanged,
    WrapUpRequested,
)
from router.model import (
    AgentId,
    Channel,
    ContactId,
    ContactOrder,
    DeviceId,
    OfferFailure,
    Origin,
    Presence,
    PresenceAnswer,
    PresenceChange,
    QueueId,
    RequestId,
    RescindReason,
    Routing,
    WrapUpChange,
)
from router.offers import ENGAGED_MS_MAX

pytestmark = pytest.mark.unit


def test_missed_chat_counts_as_a_miss_and_she_rests_from_both_channels() -> None:
    pool = chatting(ann=3)
    (held,) = begin(pool, "t1")
    pool.enter("t2", TEXT, at=2_000)
    offer = pool.offer()
    assert pool.fail(offer, at=3_000) == []
    assert pool.seat("ann").misses == 1
    assert pool.enter("t3", TEXT, at=3_500) == []
    pool.tick(5_000)
    assert pool.offers() == [("t2", "ann"), ("t3", "ann")]
    assert pool.end(held, at=5_500) == []


def test_who_rests_gets_no_chat_whatever_else_frees_her() -> None:
    pool = chatting(ann=3)
    pool.give(QueueChanged(chat_queue(0)))
    (held,) = begin(pool, "t1")
    pool.enter("t2", TEXT, at=2_000)
    pool.fail(pool.offer(), at=3_000)
    assert pool.end(held, at=4_000) == []
    pool.tick(5_000)
    assert pool.offers() == [("t2", "ann")]


def test_chats_missed_one_after_another_make_her_absent_and_the_others_go_on() -> None:
    pool = chatting(ann=3)
    begin(pool, "t0")
    pool.enter("t1", TEXT, at=2_000)
    one = pool.offer()
    pool.enter("t2", TEXT, at=2_000)
    two = pool.offer()
    assert MISSES == 2
    pool.fail(one, at=3_000)
    pool.fail(two, at=3_001)
    assert pool.recorded() == [("ann", Presence.ON_BREAK, "missed_offers", Origin.ROUTER)]
    assert seen(pool).engagement is EngagementPhase.CONNECTED


def test_who_goes_loses_all_that_rings_in_the_order_made_and_keeps_what_talks() -> None:
    pool = chatting(ann=3, bob=2)
    (held,) = begin(pool, "t0")
    pool.pause("bob", at=1_500)
    pool.enter("t1", TEXT, at=2_000)
    one = pool.offer()
    pool.enter("t2", TEXT, at=2_000)
    two = pool.offer()
    pool.resume("bob", at=2_100)
    pool.sign_out("ann", at=3_000)
    gone = RescindReason.AGENT_GONE
    assert pool.rescinded() == [(one, gone), (two, gone)]
    assert pool.offers() == [("t1", "bob"), ("t2", "bob")]
    pool.end(held, at=4_000)
    assert seen(pool).engagement is EngagementPhase.WRAP_UP


def test_who_missed_a_chat_is_better_than_nobody() -> None:
    mail = QueueId("main:mail")
    pool = chatting(bob=1)
    begin(pool, "t0")  # So bob is somebody to wait for.
    pool.give(
        QueueChanged(replace(chat_queue(), id=mail, steps=queue(mail, needs({"m": 1})).steps))
    )
    pool.give(AgentChanged(of("ann", 1, data=1, m=1)))
    pool.reach("ann-desk")
    pool.sign_in("ann")
    pool.enter("t1", TEXT, at=1_000)
    pool.fail(pool.offer(), at=2_000)
    pool.give(AgentChanged(of("ann", 1, m=1)), at=2_500)
    assert pool.tick(4_000) == []
    pool.give(ContactChanged(ContactId("t1"), mail, None), at=5_000)
    assert pool.offers() == [("t1", "ann")]


def test_chat_that_rings_out_is_taken_back_while_others_go_on() -> None:
    pool = chatting(ann=2)
    begin(pool, "t1")
    pool.enter("t2", TEXT, at=2_000)
    offer = pool.offer()
    pool.tick(2_000 + RING_MS)
    assert pool.rescinded() == [(offer, RescindReason.TIMED_OUT)]
    assert seen(pool).chats == 1


def test_wrap_ups_of_chats_are_ended_and_extended_together() -> None:
    pool = chatting(ann=2)
    pool.give(QueueChanged(replace(chat_queue(), wrap_up_ms_max=13_000)))
    one, two = begin(pool, "t1", "t2")
    pool.end(one, at=2_000)
    pool.end(two, at=7_000)
    ask = WrapUpRequested(RequestId("w"), WrapUpChange.EXTEND, AgentId("ann"), None, Origin.PHONE)
    pool.give(ask, at=10_000)
    assert [each.answer for each in pool.answers] == [PresenceAnswer.DONE]
    pool.enter("t3", TEXT, at=10_000)
    assert pool.tick(14_999) == []  # The first would have been over at 12 000.
    pool.tick(15_000)
    assert pool.offers() == [("t3", "ann")]
    pool.give(ask, at=19_000)
    assert [each.answer for each in pool.answers] == [PresenceAnswer.WRAP_UP_AT_MOST]
    pool.give(replace(ask, change=WrapUpChange.END), at=19_500)
    pool.give(ask, at=19_600)
    assert [each.answer for each in pool.answers] == [PresenceAnswer.NOT_IN_WRAP_UP]
    assert pool.tick(20_000) == []  # When the wrap-up that was ended would have been over.


def test_pause_put_off_begins_when_the_last_chat_is_over() -> None:
    pool = chatting(ann=2)
    one, two = begin(pool, "t1", "t2")
    pauses_later(pool, at=1_500)
    pool.end(one, at=2_000)
    pool.tick(2_000 + WRAP_MS)
    assert pool.presence("ann") is Presence.AVAILABLE
    pool.fail(two, OfferFailure.FAILED, at=20_000)
    assert pool.recorded() == [("ann", Presence.ON_BREAK, "lunch", Origin.PHONE)]


def test_retired_agent_is_nobody_when_her_last_chat_is_over() -> None:
    pool = chatting(ann=3)
    one, two, three = begin(pool, "t1", "t2", "t3")
    pool.end(one, at=2_000)
    pool.retire("ann", at=3_000)
    pool.end(two, at=4_000)
    assert seen(pool).chats == 2  # One talks on; the wrap-up of the first goes on beside it.
    pool.end(three, at=5_000)
    assert pool.router.agents() == []
    assert pool.router.next_deadline() is None


def test_agent_who_comes_back_to_the_site_has_only_what_still_goes_on() -> None:
    pool = chatting(ann=2)
    one, _ = begin(pool, "t1", "t2")
    pool.retire("ann", at=3_000)
    pool.end(one, at=4_000)
    pool.give(AgentChanged(of("ann", 2)), at=5_000)
    pool.sign_in("ann", at=5_000)
    pool.enter("t3", TEXT, at=6_000)
    assert pool.offers() == [("t3", "ann")]


def test_chat_whose_end_nobody_told_is_over_at_last() -> None:
    pool = chatting(ann=2)
    begin(pool, "t1")
    pool.tick(1_000 + ENGAGED_MS_MAX)
    assert pool.router.ignored["connected/overdue"] == 1
    assert seen(pool).engagement is EngagementPhase.WRAP_UP


def test_room_that_the_site_gives_or_takes_counts_at_once() -> None:
    pool = chatting(ann=1)
    begin(pool, "t1")
    pool.enter("t2", TEXT, at=2_000)
    pool.give(AgentChanged(of("ann", 2)), at=3_000)
    assert pool.offers() == [("t2", "ann")]
    pool.give(AgentChanged(of("ann", 1)), at=4_000)
    assert pool.enter("t3", TEXT, at=5_000) == []
    assert seen(pool).chats == 2


def test_late_and_doubled_messages_of_a_chat_change_nothing() -> None:
    pool = chatting(ann=2)
    (offer,) = begin(pool, "t1")
    before = pool.router.snapshot()
    pool.accept(offer, at=1_500)
    assert replace(pool.router.snapshot(), ignored=()) == replace(before, ignored=())
    pool.end(offer, at=2_000)
    before = pool.router.snapshot()
    pool.end(offer, at=2_000)
    pool.fail(offer, at=2_000)
    assert replace(pool.router.snapshot(), ignored=()) == replace(before, ignored=())
    assert pool.router.ignored["connected/accept"] == 1


def test_snapshot_keeps_chats_their_wrap_ups_and_who_comes_first() -> None:
    pool = chatting(ann=3, bob=3)
    one, _, three = begin(pool, "t1", "t2", "t3")  # ann, bob, ann.
    pool.end(one, at=2_000)
    snapshot = pool.router.snapshot()
    pool.router = Router.restored(snapshot)
    assert pool.router.snapshot() == snapshot
    pool.enter("t4", TEXT, at=3_000)
    assert pool.offers() == [("t4", "bob")]
    pool.accept(pool.offer(), at=3_000)
    pool.tick(2_000 + WRAP_MS)
    assert seen(pool).chats == 1
    pool.end(three, at=20_000)
    pool.tick(20_000 + WRAP_MS)
    assert seen(pool).chats == 0


def test_chat_waits_for_its_preferred_agent_who_talks_just_now() -> None:
    pool = chatting(ann=1, bob=1)
    (offer,) = begin(pool, "t0")
    ann = AgentId("ann")
    pool.give(ContactQueued(ContactId("t1"), TEXT, 0, preferred=ann, preferred_ms=30_000), at=2_000)
    assert pool.offers() == []
    pool.end(offer, at=3_000)
    pool.tick(3_000 + WRAP_MS)
    assert pool.offers() == [("t1", "ann")]


def test_preferring_contact_of_a_queue_that_becomes_a_chat_queue_is_offered_as_one() -> None:
    pool = chatting(ann=2, bob=0)
    begin(pool, "t0")
    ann = AgentId("ann")
    pool.give(ContactQueued(ContactId("c1"), DATA, 0, preferred=ann, preferred_ms=30_000), at=2_000)
    assert pool.offers() == []
    rules = replace(queue(DATA, needs({"data": 1})), channel=Channel.CHAT)
    pool.give(QueueChanged(rules), at=3_000)
    assert pool.offers() == [("c1", "ann")]


def test_ratio_spreads_chats_by_idleness_for_chats() -> None:
    """Of bob's profile both have room, of ann's half: so one of his is taken."""
    pool = chatting()
    for name, skill in (("ann", "bill"), ("amy", "bill"), ("bob", "mail"), ("bea", "mail")):
        pool.give(AgentChanged(of(name, 1, data=1, **{skill: 1})))
        pool.reach(f"{name}-desk")
        pool.sign_in(name)
    pool.give(RoutingChanged(Routing(ContactOrder.RATIO)))
    begin(pool, "t1")
    assert seen(pool, "ann").chats == 1
    pool.enter("t2", TEXT, at=2_000)
    assert pool.offers() == [("t2", "bob")]


@pytest.mark.parametrize(
    ("billing", "mailing", "taken"), [((6, 3), (2, 2), "mail0"), ((4, 3), (2, 1), "bill0")]
)
def test_ratio_of_chats_weighs_room_against_each_profile_s_part_of_the_staff(
    billing: tuple[int, int], mailing: tuple[int, int], taken: str
) -> None:
    """Of each profile so many are there, and so many of them have room."""
    pool = chatting()
    for skill, (there, with_room) in (("bill", billing), ("mail", mailing)):
        for number in range(there):
            name = f"{skill}{number}"
            pool.give(AgentChanged(of(name, 1, data=1, **{skill: 1})))
            pool.reach(f"{name}-desk")
            pool.sign_in(name)
            if number >= with_room:
                pool.enter(f"{name}-chat", TEXT, prefer=(name, 60_000), at=500)
                assert pool.offers() == [(f"{name}-chat", name)]
    pool.give(RoutingChanged(Routing(ContactOrder.RATIO)))
    pool.enter("t1", TEXT, at=1_000)
    assert pool.offers() == [("t1", taken)]


def test_phone_taken_over_from_one_who_chats_can_be_rung_at_once() -> None:
    pool = chatting(ann=2, bob=0)
    begin(pool, "t1")
    pool.sign_out("bob", at=1_500)
    pool.ask(PresenceChange.SIGN_IN, "bob", DeviceId("ann-desk"), at=2_000)
    assert not seen(pool, "bob").phone_in_use
    pool.enter("c1", DATA, at=3_000)
    assert pool.offers() == [("c1", "bob")]


def test_end_of_a_chat_does_not_free_the_phone_of_who_took_it_over() -> None:
    pool = chatting(ann=2, bob=0, cay=0)
    (chat,) = begin(pool, "t1")
    for name in ("bob", "cay"):
        pool.sign_out(name, at=1_500)
    pool.ask(PresenceChange.SIGN_IN, "bob", DeviceId("ann-desk"), at=2_000)
    pool.enter("c1", DATA, at=3_000)
    pool.accept(pool.offer(), at=3_100)
    pool.end(chat, at=4_000)
    pool.ask(PresenceChange.SIGN_IN, "cay", DeviceId("ann-desk"), at=5_000)
    assert seen(pool, "cay").phone_in_use
    assert pool.enter("c2", DATA, at=6_000) == []


def test_call_that_prefers_who_chats_waits_till_her_last_chat_is_over() -> None:
    pool = chatting(ann=2)
    pool.give(QueueChanged(chat_queue(0)))
    one, two = begin(pool, "t1", "t2")
    ann = AgentId("ann")
    pool.give(ContactQueued(ContactId("c1"), DATA, 0, preferred=ann, preferred_ms=30_000), at=2_000)
    assert pool.end(one, at=3_000) == []
    pool.end(two, at=4_000)
    assert pool.offers() == [("c1", "ann")]


def test_of_several_chats_one_that_talks_is_shown_before_one_that_rings() -> None:
    pool = chatting(ann=3)
    one, two = begin(pool, "t1", "t2")
    pool.enter("t3", TEXT, at=2_000)
    pool.end(one, at=3_000)
    shown = seen(pool)
    assert (shown.engagement, shown.contact) == (EngagementPhase.CONNECTED, "t2")
    pool.end(two, at=3_500)
    shown = seen(pool)
    assert (shown.engagement, shown.contact) == (EngagementPhase.RESERVED, "t3")
    pool.leave("t3", at=4_000)
    shown = seen(pool)
    assert (shown.engagement, shown.contact) == (EngagementPhase.WRAP_UP, None)


def test_busy_time_is_counted_once_however_many_chats() -> None:
    pool = chatting(ann=2)
    one, two = begin(pool, "t1", "t2")
    pool.end(one, at=5_000)
    pool.end(two, at=6_000)
    pool.tick(5_000 + WRAP_MS)
    pool.tick(6_000 + WRAP_MS)
    view = seen(pool)
    assert (view.accepted_today, view.busy_ms_today) == (2, 5_000 + WRAP_MS)
    assert view.engagement is NONE
