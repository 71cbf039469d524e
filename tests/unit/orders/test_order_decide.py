"""Every (phase, event) of a work order, and the rules beside the table."""

from dataclasses import replace

import pytest

from ivr.orders.decide import STEPS, decide
from ivr.orders.events import (
    AttemptMade,
    CallbackPromised,
    Changed,
    DeadlinePassed,
    Ignored,
    OrderClaimed,
    OrderEvent,
    OrderNotice,
    OrderSettled,
    Refusal,
    Refused,
)
from ivr.orders.model import (
    ATTEMPTS_MAX,
    CONTACTS_MAX,
    TEXT_CHARS_MAX,
    CustomerRef,
    OrderId,
    OrderPhase,
    WorkOrder,
)
from router.model import AgentId, ContactId, Skill

pytestmark = pytest.mark.unit

DEADLINE = 10_000
LIN, WANG = AgentId("main:lin"), AgentId("main:wang")
PROMISE = CallbackPromised(
    order=OrderId("o1"),
    contact=ContactId("c1"),
    customer=CustomerRef("party-1"),
    topic="data",
    reason="nobody was free",
    skill=Skill("data"),
    deadline=DEADLINE,
    tries_max=2,
)
EVENTS: tuple[OrderEvent, ...] = (
    replace(PROMISE, contact=ContactId("c2")),
    OrderClaimed(LIN),
    AttemptMade("no answer"),
    OrderSettled("explained"),
    DeadlinePassed(),
)


def changed(order: WorkOrder | None, event: OrderEvent, at: int = 100) -> WorkOrder:
    decision = decide(order, event, at)
    assert isinstance(decision, Changed), decision
    return decision.order


OPEN = changed(None, PROMISE, 0)
CLAIMED = changed(OPEN, OrderClaimed(LIN))
CLOSED = changed(CLAIMED, OrderSettled("explained"))
BY_PHASE: dict[OrderPhase, WorkOrder | None] = {
    OrderPhase.ABSENT: None,
    OrderPhase.OPEN: OPEN,
    OrderPhase.CLAIMED: replace(CLAIMED, owner=WANG),
    OrderPhase.CLOSED: CLOSED,
}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("phase", OrderPhase)
def test_every_pair_does_what_its_verdict_says(phase: OrderPhase, event: OrderEvent) -> None:
    verdict = STEPS[phase, type(event)]
    # Late enough for the deadline, and for a claim to be taken over.
    decision = decide(BY_PHASE[phase], event, DEADLINE)
    match verdict:
        case None:
            assert decision == Ignored()
        case Refusal():
            assert decision == Refused(verdict)
        case OrderPhase():
            assert isinstance(decision, Changed)
            assert decision.order.phase is verdict
            assert len(decision.notices) == 1


def test_table_names_every_pair_and_no_other() -> None:
    assert set(STEPS) == {(phase, type(event)) for phase in OrderPhase for event in EVENTS}


def test_duplicate_joins_with_the_earlier_deadline_and_the_newest_reason() -> None:
    later = replace(
        PROMISE,
        order=OrderId("o2"),
        contact=ContactId("c2"),
        deadline=DEADLINE + 1,
        reason="asks again",
        tries_max=3,
        skill=None,
    )
    joined = changed(CLAIMED, later)
    assert (joined.order, joined.asked, joined.contacts) == ("o1", 2, ("c1", "c2"))
    assert (joined.deadline, joined.reason, joined.tries_max) == (DEADLINE, "asks again", 3)
    assert (joined.owner, joined.skill) == (LIN, "data")
    sooner = changed(joined, replace(later, contact=ContactId("c3"), deadline=DEADLINE - 1))
    assert sooner.deadline == DEADLINE - 1
    assert sooner.next_deadline == DEADLINE - 1


@pytest.mark.parametrize("order", [OPEN, CLAIMED, CLOSED])
def test_the_same_contacts_promise_again_changes_nothing(order: WorkOrder) -> None:
    assert decide(order, PROMISE, 200) == Ignored()


def test_promise_about_another_topic_is_not_joined() -> None:
    other = replace(PROMISE, contact=ContactId("c2"), topic="bill")
    assert decide(OPEN, other, 100) == Refused(Refusal.OTHER_ORDER)


def test_claim_holds_until_the_order_is_overdue() -> None:
    assert decide(CLAIMED, OrderClaimed(LIN), 100) == Ignored()
    assert decide(CLAIMED, OrderClaimed(WANG), DEADLINE - 1) == Refused(Refusal.OTHER_OWNER)
    assert changed(CLAIMED, OrderClaimed(WANG), DEADLINE).owner == WANG


def test_tries_are_counted_and_the_last_one_does_not_close() -> None:
    order = CLAIMED
    for _ in range(2):
        order = changed(order, AttemptMade("no answer"))
    assert (order.phase, order.tries_left) == (OrderPhase.CLAIMED, 0)
    assert order.attempts[0].agent == LIN
    assert decide(order, AttemptMade("no answer"), 100) == Refused(Refusal.NO_TRIES_LEFT)
    assert changed(order, OrderSettled("never reached")).result == "never reached"


@pytest.mark.parametrize("event", [AttemptMade("  \n"), OrderSettled("")])
def test_without_a_result_nothing_is_noted(event: OrderEvent) -> None:
    assert decide(CLAIMED, event, 100) == Refused(Refusal.NO_RESULT)


def test_closing_names_who_closed_it() -> None:
    assert CLOSED.closed_by == LIN
    assert changed(CLAIMED, OrderSettled("done", WANG)).closed_by == WANG
    assert changed(OPEN, OrderSettled("called in himself")).closed_by is None


def test_overdue_is_told_once_and_not_early() -> None:
    assert decide(OPEN, DeadlinePassed(), DEADLINE - 1) == Ignored()
    decision = decide(OPEN, DeadlinePassed(), DEADLINE)
    assert isinstance(decision, Changed)
    assert decision.notices == (OrderNotice.OVERDUE,)
    assert decision.order.next_deadline is None
    assert decide(decision.order, DeadlinePassed(), DEADLINE + 1) == Ignored()


def test_everything_kept_in_an_order_has_a_limit() -> None:
    order = changed(
        None, replace(PROMISE, tries_max=10_000, reason="x" * 10_000, deadline=DEADLINE), 0
    )
    assert len(order.reason) == TEXT_CHARS_MAX
    for number in range(2, CONTACTS_MAX + 10):
        order = changed(order, replace(PROMISE, contact=ContactId(f"c{number}")))
    assert len(order.contacts) == CONTACTS_MAX
    assert order.asked == CONTACTS_MAX + 9
    order = changed(order, OrderClaimed(LIN))
    for _ in range(ATTEMPTS_MAX):
        order = changed(order, AttemptMade("x" * 10_000))
    assert decide(order, AttemptMade("once more"), 100) == Refused(Refusal.NO_TRIES_LEFT)
    assert len(order.attempts[0].result) == TEXT_CHARS_MAX
