"""What an explainer tells of each rule, with literal times and numbers."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest
from router_pool import BILL, DATA, Pool, needs, queue
from told_pool import Told, kinds, only

from router import explaining
from router.events import (
    AgentChanged,
    AgentRetired,
    ContactChanged,
    ContactQueued,
    CrisisDeclared,
    DeviceReachabilityChanged,
    PresenceRequested,
    QueueRetired,
    RoutingChanged,
    WrapUpRequested,
)
from router.explain import (
    Answered,
    ChangeRefused,
    Chooser,
    Decision,
    Ended,
    LetIn,
    Moved,
    NoWay,
    Offered,
    Overflowed,
    PassedBy,
    Refused,
    Revalued,
    StandReason,
    Stood,
    Unchanged,
    Waited,
    WrapUpChanged,
)
from router.explaining import Explainer
from router.grounds import Excluded, Exclusion, Lack
from router.model import (
    PREFERRED_STEP,
    Agent,
    AgentId,
    AgentOrder,
    Channel,
    ContactId,
    ContactOrder,
    DeviceId,
    Origin,
    OverflowCause,
    PresenceChange,
    RequestId,
    Routing,
    Skill,
    Step,
    WaitingLimit,
    WrapUpChange,
)

pytestmark = pytest.mark.unit

T = TypeVar("T")
ANN, BOB = AgentId("ann"), AgentId("bob")


def test_offer_at_once_has_all_candidates_in_the_order_of_the_rule() -> None:
    pool = Told("ann", "bob", cy={"bill": 1}, dee={"data": 1})
    pool.pause("dee", "lunch", at=1_000)
    pool.enter("c1", at=5_000)
    told = pool.told()
    assert kinds(told) == ["let_in", "offered"]
    offered = only(told, Offered)
    assert (offered.by, offered.agent, offered.ring_ends_at) == (Chooser.CONTACT, "ann", 20_000)
    assert [each.agent for each in offered.candidates] == ["ann", "bob"]
    (dee,) = offered.excluded
    assert (dee.agent, dee.rule, dee.reason) == ("dee", Exclusion.ON_BREAK, "lunch")
    assert offered.left_out == 1, "cy has nothing of the skill"


@pytest.mark.parametrize(
    ("order", "first"), [(AgentOrder.FEWEST_TODAY, "bob"), (AgentOrder.LONGEST_IDLE, "ann")]
)
def test_order_of_agents_ranks_by_what_is_told(order: AgentOrder, first: str) -> None:
    pool = Told("ann", "bob", "cy")
    pool.rule(replace(queue(DATA, needs({"data": 1})), agents=order, wrap_up_ms=0))
    pool.enter("c0", at=0)
    pool.accept(pool.offer(), at=0)
    pool.end(only(pool.told(), Offered).offer, at=1_000)
    pool.pause("bob", at=1_100)
    pool.resume("bob", at=1_200)
    pool.pause("cy", at=1_200)
    pool.told()
    pool.enter("c1", at=2_000)
    offered = only(pool.told(), Offered)
    assert offered.agent == offered.candidates[0].agent == first
    counted = {each.agent: each.accepted_today for each in offered.candidates}
    assert counted == {"ann": 1, "bob": 0}
    since = {each.agent: each.idle_since_at for each in offered.candidates}
    assert since == {"ann": 1_000, "bob": 1_200}


def test_full_queue_tells_its_numbers() -> None:
    pool = Told("ann")
    limit = WaitingLimit(absolute=9, per_agent=1)
    pool.rule(queue(DATA, needs({"data": 1}), waiting=limit))
    pool.enter("c1")
    let_in = only(pool.told(), LetIn)
    assert (let_in.waiting, let_in.waiting_max) == (0, 1)
    pool.enter("c2", at=2_000)
    let_in = only(pool.told(), LetIn)
    assert (let_in.waiting, let_in.waiting_max, let_in.measures) == (0, 1, False)
    pool.enter("c3", at=3_000)
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.waiting, refused.waiting_max, refused.staff) == (
        *(OverflowCause.FULL, 1, 1, 1),
    )


def test_overload_tells_the_part_of_its_class() -> None:
    pool = Told("ann")
    pool.give(RoutingChanged(Routing(waiting_max=4, admitted={7: 50})))
    pool.rule(replace(queue(DATA, needs({"data": 1})), contact_class=7))
    pool.enter("c0")
    pool.enter("c1")
    pool.enter("c2")
    pool.told()
    pool.enter("c3")
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.pool_waiting, refused.pool_waiting_max) == (
        *(OverflowCause.OVERLOAD, 2, 2),
    )
    assert (refused.contact_class, refused.admitted_percent) == (7, 50)


def test_expected_wait_tells_position_and_bound() -> None:
    pool = Told("ann")
    pool.rule(replace(queue(DATA, needs({"data": 1})), expected_wait_ms_max=200_000))
    pool.enter("c1")
    pool.enter("c2")
    pool.told()
    pool.enter("c3")
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.position) == (OverflowCause.EXPECTED_WAIT, 2)
    assert (refused.expected_ms, refused.expected_ms_max) == (360_000, 200_000)
    assert (refused.handling_ms, refused.measured_at) == (180_000, None)


def test_whoever_is_let_in_to_measure_is_told_with_the_numbers() -> None:
    pool = Told("ann")
    pool.rule(replace(queue(DATA, needs({"data": 1})), expected_wait_ms_max=100_000))
    pool.enter("c0", at=0)
    told = pool.told()
    talk, at_once = only(told, Offered).offer, only(told, LetIn)
    assert (at_once.expected_ms, at_once.measures) == (180_000, False), "she does not wait"
    pool.accept(talk, at=0)
    pool.enter("c1", at=0)
    first = only(pool.told(), LetIn)
    assert (first.measures, first.expected_ms, first.expected_ms_max) == (True, 180_000, 100_000)
    assert (first.handling_ms, first.measured_at) == (180_000, None)
    pool.end(talk, at=10_000)
    pool.tick(20_000)
    pool.accept(only(pool.told(), Offered).offer, at=20_000)
    pool.enter("c2", at=620_000)
    later = only(pool.told(), LetIn)
    assert (later.measures, later.expected_ms) == (False, 100_000), "it is no more than may be"
    assert (later.handling_ms, later.measured_at) == (100_000, 20_000)


def test_crisis_lets_in_elsewhere_and_moves_who_waits() -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.pause("ann", at=0)
    pool.resume("ann", at=0)
    pool.enter("c1", at=0)
    pool.enter("c2", at=1_000)
    pool.told()
    pool.give(CrisisDeclared(DATA, BILL), at=2_000)
    told = pool.told()
    moved, offered = only(told, Moved), only(told, Offered)
    assert (moved.contact, moved.before, moved.queue, moved.by_crisis) == ("c2", DATA, BILL, True)
    assert (offered.contact, offered.agent) == ("c2", "bob")
    pool.enter("c3", at=3_000)
    let_in = only(pool.told(), LetIn)
    assert (let_in.asked, let_in.queue) == (DATA, BILL)
    pool.give(CrisisDeclared(BILL, None), at=4_000)
    assert only(pool.told(), Overflowed).cause is OverflowCause.CRISIS


def test_refusal_by_the_queue_that_a_crisis_leads_to_has_the_numbers_of_that_queue() -> None:
    pool = Told("ann", bob={"bill": 1})
    pool.rule(replace(queue(BILL, needs({"bill": 1})), expected_wait_ms_max=200_000))
    pool.enter("c1", BILL)
    pool.enter("c2", BILL)
    pool.declare(DATA, BILL)
    pool.told()
    pool.enter("c3", DATA)
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.to) == (OverflowCause.EXPECTED_WAIT, BILL)
    assert (refused.position, refused.expected_ms_max) == (2, 200_000)


def test_change_by_hand_is_told_and_what_changes_nothing_too() -> None:
    pool = Told("ann")
    pool.enter("c1", at=0)
    pool.enter("c2", at=1_000)
    pool.told()
    pool.give(ContactChanged(ContactId("c2"), None, 60_000), at=3_000)
    revalued = only(pool.told(), Revalued)
    assert (revalued.priority_ms, revalued.waiting_ms, revalued.position) == (60_000, 62_000, 1)
    pool.give(ContactChanged(ContactId("c2"), BILL, None), at=4_000)
    vain = only(pool.told(), ChangeRefused)
    assert (vain.queue, vain.reason, vain.no_way) == (BILL, Unchanged.NO_WAY, NoWay.NOBODY)


def test_preferred_agent_is_waited_for_alone_and_then_the_steps_begin() -> None:
    pool = Told("ann", "bob")
    pool.enter("c0", at=0)
    pool.accept(pool.offer(), at=0)
    pool.told()
    pool.enter("c1", prefer=("ann", 15_000), at=1_000)
    waited = only(pool.told(), Waited)
    assert (waited.standing.step, waited.standing.preferred) == (PREFERRED_STEP, "ann")
    assert [(each.agent, each.rule) for each in waited.excluded] == [("ann", Exclusion.TALKING)]
    assert (waited.left_out, waited.standing.ends_at) == (1, 16_000)
    pool.tick(16_000)
    told = pool.told()
    stood = only(told, Stood)
    assert (stood.reason, stood.before.preferred, stood.now.step) == (
        *(StandReason.PREFERRED_OVER, "ann", 0),
    )
    assert only(told, Offered).agent == "bob"


def test_preferred_agent_who_is_not_there_is_told_with_the_reason() -> None:
    pool = Told("ann", "bob")
    pool.pause("ann", "lunch", at=0)
    pool.told()
    pool.enter("c1", prefer=("ann", 15_000), at=1_000)
    preferred = only(pool.told(), LetIn).preferred
    assert preferred is not None
    assert (preferred.agent, preferred.rule, preferred.reason) == (
        "ann",
        Exclusion.ON_BREAK,
        "lunch",
    )


def signed_out(pool: Told) -> None:
    pool.sign_out("ann")


def on_break(pool: Told) -> None:
    pool.pause("ann", "lunch")


def away(pool: Told) -> None:
    pool.give(DeviceReachabilityChanged(DeviceId("ann-desk"), False))


def retired(pool: Told) -> None:
    pool.give(AgentRetired(ANN))


def retired_with_her_queue(pool: Told) -> None:
    pool.give(QueueRetired(DATA))
    pool.give(AgentRetired(ANN))


def without_chats(pool: Told) -> None:
    pool.rule(replace(queue(DATA, needs({"ann": 1})), channel=Channel.CHAT))


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (signed_out, Excluded(ANN, Exclusion.SIGNED_OUT)),
        (on_break, Excluded(ANN, Exclusion.ON_BREAK, reason="lunch")),
        (away, Excluded(ANN, Exclusion.UNREACHABLE)),
        (retired, Excluded(ANN, Exclusion.RETIRED)),
        (retired_with_her_queue, Excluded(ANN, Exclusion.RETIRED)),
        (without_chats, Excluded(ANN, Exclusion.NO_CHATS)),
    ],
)
def test_agent_who_cannot_be_had_by_name_is_told_with_the_reason(
    happens: Callable[[Told], None], why: Excluded
) -> None:
    pool = Told("ann", "bob")
    pool.rule(queue(DATA, needs({"nobody": 1})))
    happens(pool)
    pool.enter("c1", prefer=("ann", 15_000), at=1_000)
    refused = only(pool.told(), Refused)
    assert (refused.cause, refused.preferred) == (OverflowCause.NO_AGENTS, why)


def test_step_that_nobody_is_there_for_is_told_as_skipped() -> None:
    pool = Told("ann")
    first, second = needs({"data": 3}), needs({"data": 1})
    pool.rule(queue(DATA, Step(first, 20_000), Step(second)))
    pool.enter("c1", at=0)
    offered = only(pool.told(), Offered)
    assert (offered.standing.step, offered.standing.skipped) == (1, (first,))


def test_step_whose_time_is_over_is_told_as_that_and_not_as_somebody_gone() -> None:
    pool = Told(ann={"data": 2})
    pool.rule(queue(DATA, Step(needs({"data": 2}), 20_000), Step(needs({"data": 1}))))
    pool.enter("c0", at=0)
    pool.accept(pool.offer(), at=1_000)
    pool.enter("c1", at=2_000)
    pool.told()
    pool.tick(22_000)
    stood = only(pool.told(), Stood)
    assert (stood.reason, stood.since_ms) == (StandReason.STEP_OVER, 20_000)
    assert (stood.before.step, stood.now.step) == (0, 1)


def test_who_is_too_low_is_told_by_the_alternative_that_she_nearly_meets() -> None:
    pool = Told(ann={"data": 2, "bill": 1}, bob={"data": 3})
    pool.rule(queue(DATA, needs({"bill": 5}, {"data": 3})))
    pool.enter("c1")
    (ann,) = only(pool.told(), Offered).excluded
    assert (ann.rule, ann.lacks) == (Exclusion.LEVEL, (Lack(Skill("data"), 2, 3),))


def test_fair_order_tells_how_far_each_queue_has_come() -> None:
    pool = Told(ann={"data": 1, "bill": 1})
    pool.give(RoutingChanged(Routing(contacts=ContactOrder.FAIR)))
    pool.enter("c0", at=0)
    offer = pool.offer()
    pool.accept(offer, at=0)
    pool.enter("c1", at=1_000)
    pool.enter("c2", BILL, at=2_000)
    pool.end(offer, at=3_000)
    pool.told()
    pool.tick(13_000)
    told = pool.told()
    offered, passed = only(told, Offered), only(told, PassedBy)
    assert (offered.contact, offered.by) == ("c2", Chooser.AGENT)
    ranks = [(each.contact, each.passed) for each in offered.competitors]
    assert ranks == [("c2", 0), ("c1", 1_000_000)]
    assert (passed.contact, passed.taken.contact, passed.ahead) == ("c1", "c2", 0)


def bob_with(*, chats: int) -> Agent:
    return Agent(BOB, {Skill("data"): 1}, None, chats_max=chats)


def test_agent_who_takes_several_chats_at_once_chose_each_of_them() -> None:
    pool = Told(bob={"data": 1})
    pool.rule(replace(queue(DATA, needs({"data": 1})), channel=Channel.CHAT))
    pool.give(AgentChanged(bob_with(chats=1)), at=0)
    pool.enter("c0", at=0)
    pool.enter("c1", at=0)
    pool.enter("c2", at=1_000)
    pool.told()
    pool.give(AgentChanged(bob_with(chats=3)), at=2_000)
    offers = [each for each in pool.told() if isinstance(each, Offered)]
    assert [(each.contact, each.by) for each in offers] == [
        ("c1", Chooser.AGENT),
        ("c2", Chooser.AGENT),
    ]
    assert [each.candidates[0].chats for each in offers] == [1, 2]
    pool.enter("c3", at=3_000)
    (bob,) = only(pool.told(), Waited).excluded
    assert bob.rule is Exclusion.CHATS_FULL
    pause = PresenceRequested(
        RequestId("r"), PresenceChange.PAUSE, BOB, None, "lunch", Origin.PHONE, after_contact=True
    )
    pool.give(pause, at=4_000)
    pool.enter("c4", at=5_000)
    (bob,) = only(pool.told(), Waited).excluded
    assert bob.rule is Exclusion.PAUSING


def test_agent_without_chats_is_told_as_nobody_to_wait_for() -> None:
    pool = Told("ann", bob={"data": 1})
    pool.give(AgentChanged(Agent(ANN, {Skill("data"): 1}, None, chats_max=1)), at=0)
    pool.rule(replace(queue(DATA, needs({"data": 1})), channel=Channel.CHAT))
    pool.give(ContactQueued(ContactId("c1"), DATA, 0, preferred=BOB, preferred_ms=9_000), at=0)
    let_in = only(pool.told()[:1], LetIn)
    assert let_in.preferred == Excluded(BOB, Exclusion.NO_CHATS)
    pool.sign_out("ann", at=1_000)
    pool.enter("c2", at=2_000)
    excluded = only(pool.told()[-1:], Refused).excluded
    assert Excluded(BOB, Exclusion.NO_CHATS) in excluded


def test_end_of_a_talk_tells_the_wrap_up() -> None:
    pool = Told("ann")
    pool.enter("c1", at=0)
    offer = pool.offer()
    pool.accept(offer, at=4_000)
    pool.enter("c2", at=5_000)
    pool.end(offer, at=64_000)
    told = pool.told()
    answered, ended = only(told, Answered), only(told, Ended)
    assert (answered.rang_ms, answered.at) == (4_000, 4_000), "and told once"
    assert (ended.talked_ms, ended.wrap_up_ends_at, ended.overdue) == (60_000, 74_000, False)


def wrapping_up(*, longest_ms: int = 60_000) -> Told:
    """ann has talked till 64 s, and has till 74 s to wrap up."""
    pool = Told("ann")
    pool.rule(replace(queue(DATA, needs({"data": 1})), wrap_up_ms_max=longest_ms))
    pool.enter("c1", at=0)
    offer = pool.offer()
    pool.accept(offer, at=4_000)
    pool.end(offer, at=64_000)
    pool.told()
    return pool


def wish(pool: Told, change: WrapUpChange, origin: Origin, *, at: int) -> list[Decision]:
    pool.give(WrapUpRequested(RequestId(f"w{at}"), change, ANN, None, origin), at=at)
    return pool.told()


def test_wrap_up_changed_by_hand_is_told_with_the_way() -> None:
    pool = wrapping_up()
    (longer,) = wish(pool, WrapUpChange.EXTEND, Origin.COMMAND, at=70_000)
    assert isinstance(longer, WrapUpChanged)
    assert (longer.contact, longer.origin, longer.lasted_ms, longer.ends_at) == (
        *("c1", Origin.COMMAND, 6_000, 80_000),
    )
    (ended,) = wish(pool, WrapUpChange.END, Origin.PHONE, at=76_000)
    assert isinstance(ended, WrapUpChanged)
    assert (ended.origin, ended.lasted_ms, ended.ends_at) == (Origin.PHONE, 12_000, None)
    assert wish(pool, WrapUpChange.END, Origin.PHONE, at=77_000) == []


def test_wrap_up_left_to_its_time_or_longest_already_is_not_told() -> None:
    pool = wrapping_up(longest_ms=10_000)
    assert wish(pool, WrapUpChange.EXTEND, Origin.PHONE, at=70_000) == []
    pool.tick(74_000)
    assert pool.told() == []
    assert wish(pool, WrapUpChange.END, Origin.PHONE, at=75_000) == []


def test_each_chat_has_its_own_wrap_up() -> None:
    pool = Told(bob={"data": 1})
    pool.rule(replace(queue(DATA, needs({"data": 1})), channel=Channel.CHAT))
    pool.give(AgentChanged(bob_with(chats=2)), at=0)
    for contact in ("c0", "c1"):
        pool.enter(contact, at=0)
        offer = pool.offer()
        pool.accept(offer, at=1_000)
        pool.end(offer, at=5_000)
    pool.told()
    asked = WrapUpRequested(RequestId("w"), WrapUpChange.END, BOB, None, Origin.COMMAND)
    pool.give(asked, at=6_000)
    assert [(each.contact, each.at) for each in pool.told()] == [("c0", 6_000), ("c1", 6_000)]


def test_one_contact_and_its_consultations_are_told_and_no_other() -> None:
    pool = Pool("ann")
    explainer = Explainer(ContactId("c1"))
    pool.router.watched_by(explainer)
    for name in ("c1", "c1.t1", "c11", "c2"):
        pool.enter(name)
    assert {each.contact for each in explainer.taken()} == {"c1", "c1.t1"}


def test_decisions_are_bounded_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explaining, "DECISIONS_MAX", 3)
    pool = Pool("ann")
    explainer = Explainer(ContactId("c1"))
    pool.router.watched_by(explainer)
    pool.enter("c1", at=0)
    offer = pool.offer()
    pool.accept(offer, at=1_000)
    assert (len(explainer.taken()), explainer.left_out) == (3, 0)
    pool.end(offer, at=2_000)
    assert (explainer.taken(), explainer.left_out) == ([], 1)
