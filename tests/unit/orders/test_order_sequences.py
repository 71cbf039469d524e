"""Whatever happens to a work order in whatever order, it stays one that can be trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.orders.decide import decide
from ivr.orders.events import (
    AttemptMade,
    CallbackPromised,
    Changed,
    DeadlinePassed,
    OrderClaimed,
    OrderEvent,
    OrderSettled,
)
from ivr.orders.model import CustomerRef, OrderId, OrderPhase, WorkOrder
from router.model import AgentId, ContactId

pytestmark = pytest.mark.property

agents = st.sampled_from([AgentId("main:lin"), AgentId("main:wang")])
results = st.sampled_from(["", "  ", "no answer", "explained"])
promises = st.builds(
    CallbackPromised,
    order=st.sampled_from([OrderId("o1"), OrderId("o2")]),
    contact=st.sampled_from([ContactId(f"c{number}") for number in range(6)]),
    customer=st.just(CustomerRef("party-1")),
    topic=st.sampled_from(["data", "bill"]),
    reason=st.text(max_size=5),
    skill=st.none(),
    deadline=st.integers(0, 200),
    tries_max=st.integers(0, 3),
)
events: st.SearchStrategy[OrderEvent] = st.one_of(
    promises,
    st.builds(OrderClaimed, agents),
    st.builds(AttemptMade, results),
    st.builds(OrderSettled, results, st.none() | agents),
    st.just(DeadlinePassed()),
)
sequences = st.lists(st.tuples(events, st.integers(0, 20)), max_size=40)


def kept_promises(before: WorkOrder | None, after: WorkOrder) -> None:
    """What must hold of every order, and of every step from one to the next."""
    assert (after.phase is OrderPhase.CLOSED) == (after.result is not None)
    assert (after.phase is OrderPhase.CLAIMED) <= (after.owner is not None)
    assert (after.phase is OrderPhase.OPEN) <= (after.owner is None)
    assert after.result is None or after.result.strip()
    assert len(after.attempts) <= after.tries_max
    assert len(set(after.contacts)) == len(after.contacts) == after.asked
    assert (after.next_deadline is None) == (
        after.phase is OrderPhase.CLOSED or after.overdue_at is not None
    )
    if before is None:
        return
    assert before.phase is not OrderPhase.CLOSED
    assert (after.order, after.customer, after.topic) == (
        before.order,
        before.customer,
        before.topic,
    )
    assert after.deadline <= before.deadline
    assert after.asked >= before.asked
    assert after.attempts[: len(before.attempts)] == before.attempts


@given(sequences)
def test_any_sequence_keeps_every_promise(sequence: list[tuple[OrderEvent, int]]) -> None:
    order: WorkOrder | None = None
    at = 0
    for event, waited in sequence:
        at += waited
        decision = decide(order, event, at)
        if isinstance(decision, Changed):
            kept_promises(order, decision.order)
            order = decision.order


@given(sequences, promises | st.builds(OrderClaimed, agents) | st.just(DeadlinePassed()))
def test_an_event_doubled_changes_nothing(
    sequence: list[tuple[OrderEvent, int]], doubled: OrderEvent
) -> None:
    order: WorkOrder | None = None
    at = 0
    for event, waited in [*sequence, (doubled, 1)]:
        at += waited
        decision = decide(order, event, at)
        order = decision.order if isinstance(decision, Changed) else order
    assert not isinstance(decide(order, doubled, at), Changed)
