"""Who is told as no candidate and by which rule, and what is told only of whom it concerns."""

from dataclasses import replace
from typing import TypeVar

import pytest
from chat_pool import TEXT, chat_queue
from router_pool import BILL, DATA, Pool, needs, queue

from router.events import AgentChanged, QueueChanged, RoutingChanged
from router.explain import Decision, Offered, OfferEnd, OfferLost, PassedBy, StandReason, Stood
from router.explain import Waited as Waits
from router.explaining import Explainer
from router.grounds import Excluded, Exclusion, Lack
from router.model import (
    Agent,
    AgentId,
    ContactId,
    ContactOrder,
    DeviceId,
    PresenceChange,
    Routing,
    Skill,
    Step,
)

pytestmark = pytest.mark.unit

T = TypeVar("T", bound=Decision)
ANN, EVE = AgentId("ann"), AgentId("eve")
DATA_SKILL, BILL_SKILL = Skill("data"), Skill("bill")


class Told(Pool):
    """A pool whose router is looked at from now on."""

    def __init__(self, *agents: str, **skilled: dict[str, int]) -> None:
        super().__init__(*agents, **skilled)
        self.explainer = Explainer()
        self.router.watched_by(self.explainer)

    def told(self, kind: type[T]) -> list[T]:
        """The decisions of this kind since it was asked last."""
        return [each for each in self.explainer.taken() if isinstance(each, kind)]

    def chatting(self, name: str, chats_max: int, **skills: int) -> None:
        named = {DATA_SKILL: 1} | {Skill(skill): level for skill, level in skills.items()}
        self.give(AgentChanged(Agent(AgentId(name), named, None, chats_max)))
        self.reach(f"{name}-desk")
        self.sign_in(name)


def test_phone_in_a_call_is_told_as_her_own_or_as_another_s() -> None:
    pool = Told("ann", "bob", "cat")
    pool.enter("c1", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    # ann signs out, and cat takes over the phone at which ann still talks.
    pool.sign_out("ann", at=1_200)
    pool.ask(PresenceChange.SIGN_IN, "cat", DeviceId("ann-desk"), at=1_300)
    pool.occupy("bob-desk", at=1_400)
    pool.told(Waits)
    pool.enter("c2", at=2_000)
    (waits,) = pool.told(Waits)
    assert {each.agent: each.rule for each in waits.excluded} == {
        "ann": Exclusion.SIGNED_OUT,
        "bob": Exclusion.OWN_CALL,
        "cat": Exclusion.PHONE_IN_USE,
    }


def test_what_she_lacks_is_told_of_the_alternative_that_she_comes_nearest_to() -> None:
    pool = Told(ann={"data": 5, "bill": 5}, eve={"data": 3, "bill": 6})
    # By 2 levels of the first she has more in all, by 1 of the second she lacks less.
    pool.give(QueueChanged(queue(DATA, needs({"data": 5}, {"bill": 7}))))
    pool.occupy("ann-desk")
    pool.enter("c1", at=1_000)
    (waits,) = pool.told(Waits)
    assert waits.excluded == (
        Excluded(ANN, Exclusion.OWN_CALL),
        Excluded(EVE, Exclusion.LEVEL, lacks=(Lack(BILL_SKILL, 6, 7),)),
    )


def test_skill_that_she_has_nothing_of_is_told_among_those_she_lacks() -> None:
    pool = Told(ann={"data": 2, "bill": 1}, eve={"data": 1})
    pool.give(QueueChanged(queue(DATA, needs({"data": 2, "bill": 1}))))
    pool.occupy("ann-desk")
    pool.enter("c1", at=1_000)
    (waits,) = pool.told(Waits)
    lacks = Lack(DATA_SKILL, 1, 2), Lack(BILL_SKILL, 0, 1)
    assert waits.excluded[1] == Excluded(EVE, Exclusion.LEVEL, lacks=lacks)


def test_lost_offer_of_who_is_absent_by_another_one_tells_no_absence_of_its_own() -> None:
    pool = Told()
    pool.give(QueueChanged(replace(chat_queue(), misses_max=1)))
    pool.chatting("ann", 2)
    pool.enter("t1", TEXT, at=1_000)
    missed = pool.offer()
    pool.enter("t2", TEXT, at=1_000)
    pool.fail(missed, at=2_000)
    ends = {each.contact: (each.end, each.absent_until_at) for each in pool.told(OfferLost)}
    assert ends == {"t1": (OfferEnd.DECLINED, 122_000), "t2": (OfferEnd.AGENT_GONE, None)}


def test_step_that_opens_or_closes_with_who_comes_and_goes_is_told_as_such() -> None:
    pool = Told("ann", eve={"data": 3})
    pool.give(QueueChanged(queue(DATA, Step(needs({"data": 3}), 60_000), needs({"data": 1}))))
    for desk in ("ann-desk", "eve-desk"):
        pool.occupy(desk)
    pool.enter("c1", at=1_000)
    pool.sign_out("eve", at=2_000)
    (stood,) = pool.told(Stood)
    assert (stood.reason, stood.before.step, stood.now.step) == (StandReason.STAFF, 0, 1)
    assert stood.since_ms == 1_000


def test_only_who_could_have_been_taken_is_told_as_passed_by() -> None:
    pool = Told("ann", bob={"bill": 1})
    for desk in ("ann-desk", "bob-desk"):
        pool.occupy(desk)
    for name, to in (("c1", DATA), ("b1", BILL), ("c2", DATA)):
        pool.enter(name, to, at=1_000)
    pool.vacate("ann-desk", at=2_000)
    assert [(each.contact, each.taken.contact) for each in pool.told(PassedBy)] == [("c2", "c1")]


def test_first_announcement_is_told_to_who_begins_to_wait() -> None:
    pool = Told("ann")
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=3_200)))
    pool.occupy("ann-desk")
    pool.enter("c1", at=1_000)
    (waits,) = pool.told(Waits)
    assert waits.announced_at == pool.router.next_deadline() == 1_000 + 3_200 // 256 + 3_200


def test_ratio_of_chats_is_told_by_who_has_room_and_not_by_whose_phone_is_free() -> None:
    pool = Told()
    pool.give(QueueChanged(chat_queue()))
    for name, skill in (("ann", "bill"), ("amy", "bill"), ("bob", "mail")):
        pool.chatting(name, 2, **{skill: 1})
    pool.give(RoutingChanged(Routing(ContactOrder.RATIO)))
    pool.enter("t1", TEXT, at=1_000)
    pool.accept(pool.offer(), at=1_000)
    pool.occupy("bob-desk", at=1_500)
    pool.told(Offered)
    pool.enter("t2", TEXT, at=2_000)
    (offered,) = pool.told(Offered)
    # All three have room, two of their three phones and hands are free for a call.
    assert {each.agent: each.imbalance for each in offered.candidates} == {
        "ann": 0,
        "amy": 0,
        "bob": 0,
    }
    assert offered.contact == ContactId("t2")


def test_agent_at_a_phone_that_is_gone_is_shown_as_unreachable() -> None:
    pool = Told("ann")
    pool.reach("ann-desk", up=False)
    (ann,) = pool.router.agents()
    assert (ann.device, ann.reachable) == ("ann-desk", False)
