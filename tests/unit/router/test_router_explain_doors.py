"""What an explainer tells of the ways in and out: doors, crises, moves and steps, by literals."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from router_pool import BILL, DATA, needs, queue
from told_pool import Told, kinds, only

from router.events import AgentChanged
from router.explain import (
    ChangeRefused,
    Moved,
    NoWay,
    Overflowed,
    Refused,
    Revalued,
    StandReason,
    Stood,
    Unchanged,
)
from router.model import (
    Agent,
    AgentId,
    Channel,
    DeviceId,
    OverflowCause,
    Queue,
    QueueId,
    Skill,
    Step,
    WaitingLimit,
)

pytestmark = pytest.mark.unit

VIP = QueueId("main:vip")

TWO_STEPS = queue(DATA, Step(needs({"data": 2}), 5_000), Step(needs({"data": 1}), None))


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (replace(TWO_STEPS, wrap_up_ms=9_000), StandReason.STEP_OVER),
        (
            replace(TWO_STEPS, steps=(Step(needs({"data": 3}), 5_000), TWO_STEPS.steps[1])),
            StandReason.RULES,
        ),
    ],
)
def test_step_that_is_over_after_a_ring_is_told_as_that_if_its_steps_are_as_before(
    now: Queue, reason: StandReason
) -> None:
    pool = Told(ann={"data": 3}, bob={"data": 3}, cy={"data": 1})
    pool.occupy("bob-desk")
    pool.occupy("cy-desk")
    pool.rule(TWO_STEPS)
    pool.enter("c1", at=0)
    pool.rule(now)
    pool.told()
    pool.tick(15_000)
    assert only(pool.told(), Stood).reason is reason


def test_step_that_nobody_is_there_for_in_another_channel_is_told_as_of_other_rules() -> None:
    pool = Told(ann={"data": 2}, cy={"data": 1})
    skills = {Skill("data"): 1}
    pool.give(AgentChanged(Agent(AgentId("cy"), skills, DeviceId("cy-desk"), chats_max=1)))
    pool.rule(TWO_STEPS)
    pool.enter("c1")
    offer = pool.offer()
    pool.rule(replace(TWO_STEPS, channel=Channel.CHAT))
    pool.told()
    pool.fail(offer)
    assert only(pool.told(), Stood).reason is StandReason.RULES


def test_refusal_where_a_crisis_leads_names_that_queue() -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.rule(queue(BILL, needs({"bill": 1}), waiting=WaitingLimit(absolute=1)))
    pool.declare(DATA, BILL)
    pool.enter("c1", DATA)
    pool.enter("c2", DATA)
    pool.told()
    pool.enter("c3", DATA)
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.queue, refused.to) == (OverflowCause.FULL, DATA, BILL)
    assert (refused.no_way, refused.left_site, refused.waiting) == (None, False, 1)


def left_site(pool: Told) -> None:
    pool.close(BILL)


def in_crisis(pool: Told) -> None:
    pool.declare(BILL)


def for_chats(pool: Told) -> None:
    pool.rule(replace(queue(BILL, needs({"bill": 1})), channel=Channel.CHAT))


def with_nobody(pool: Told) -> None:
    pool.sign_out("bob")


WAYS = [
    (left_site, NoWay.LEFT_SITE),
    (in_crisis, NoWay.CRISIS),
    (for_chats, NoWay.CHANNEL),
    (with_nobody, NoWay.NOBODY),
]


@pytest.mark.parametrize(("bar", "no_way"), WAYS)
def test_crisis_that_leads_nowhere_tells_what_is_in_the_way(
    bar: Callable[[Told], None], no_way: NoWay
) -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.enter("c1")
    offer = pool.offer()
    pool.declare(DATA, BILL)
    bar(pool)
    pool.told()
    pool.enter("c2")
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.to, refused.no_way) == (OverflowCause.CRISIS, BILL, no_way)
    pool.fail(offer)
    given_back = only(pool.told(), Overflowed)
    assert (given_back.contact, given_back.to, given_back.no_way) == ("c1", BILL, no_way)


@pytest.mark.parametrize(("bar", "no_way"), WAYS)
def test_move_that_leads_nowhere_tells_what_is_in_the_way(
    bar: Callable[[Told], None], no_way: NoWay
) -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.enter("c1")
    pool.enter("c2")
    bar(pool)
    pool.told()
    pool.change("c2", BILL)
    vain = only(pool.told(), ChangeRefused)
    assert (vain.queue, vain.reason, vain.no_way) == (BILL, Unchanged.NO_WAY, no_way)


def test_queue_that_left_the_site_is_told_as_that_though_its_agent_is_there() -> None:
    pool = Told("ann")
    pool.enter("c1")
    pool.enter("c2")
    pool.told()
    pool.close(DATA)
    given_back = [each for each in pool.told() if isinstance(each, Overflowed)]
    assert [(each.contact, each.left_site) for each in given_back] == [("c1", True), ("c2", True)]
    pool.enter("c3")
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.left_site) == (OverflowCause.NO_AGENTS, True)


def test_queue_that_nobody_is_there_for_any_more_did_not_leave_the_site() -> None:
    pool = Told("ann", "bob")
    pool.pause("bob")
    pool.enter("c1")
    pool.enter("c2")
    pool.told()
    pool.sign_out("ann")
    assert {each.left_site for each in pool.told() if isinstance(each, Overflowed)} == {False}
    pool.enter("c3")
    assert not only(pool.told(), Refused).left_site


def test_crisis_without_another_queue_has_nothing_in_the_way() -> None:
    pool = Told("ann")
    pool.enter("c1")
    pool.enter("c2")
    pool.told()
    pool.declare(DATA)
    given_back = only(pool.told(), Overflowed)
    assert (given_back.cause, given_back.to, given_back.no_way) == (
        *(OverflowCause.CRISIS, None, None),
    )


def test_move_with_a_priority_tells_both() -> None:
    pool = Told("ann", bob={"bill": 1})
    for name, to in (("c0", DATA), ("c1", BILL), ("c2", DATA), ("c3", BILL)):
        pool.enter(name, to)
    pool.told()
    pool.change("c2", BILL, priority_ms=60_000, at=2_000)
    told = pool.told()
    assert kinds(told) == ["moved", "revalued", "waited"]
    revalued = only(told, Revalued)
    assert (revalued.priority_ms, revalued.waiting_ms, revalued.position) == (60_000, 62_000, 1)


def test_move_to_another_class_alone_is_told_without_a_priority() -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.rule(replace(queue(BILL, needs({"bill": 1})), contact_class=1))
    for name, to in (("c0", DATA), ("c1", BILL), ("c2", DATA)):
        pool.enter(name, to)
    pool.told()
    pool.change("c2", BILL)
    assert kinds(pool.told()) == ["moved", "waited"]


def test_move_through_a_crisis_tells_what_was_asked_for() -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.rule(queue(VIP, needs({"data": 1})))
    pool.declare(VIP, BILL)
    for name, to in (("c0", DATA), ("c1", BILL), ("c2", DATA)):
        pool.enter(name, to)
    pool.told()
    pool.change("c2", VIP, priority_ms=60_000)
    told = pool.told()
    assert kinds(told) == ["moved", "revalued", "waited"], "and no change that was refused"
    moved = only(told, Moved)
    assert (moved.queue, moved.asked, moved.by_crisis) == (BILL, VIP, False)


def test_what_it_has_already_is_told_as_that() -> None:
    pool = Told("ann")
    pool.enter("c1")
    pool.enter("c2")
    pool.change("c2", priority_ms=60_000)
    pool.told()
    pool.change("c2", priority_ms=60_000)
    assert only(pool.told(), ChangeRefused).reason is Unchanged.SAME
    pool.change("c2", DATA)
    assert only(pool.told(), ChangeRefused).reason is Unchanged.SAME
    pool.change("c1", priority_ms=60_000)
    assert only(pool.told(), ChangeRefused).reason is Unchanged.NOT_WAITING
