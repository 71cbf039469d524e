"""``decide``: what an event makes of a work order. Pure; the only place with these rules.

An order is opened by a promise, claimed by an agent, tried, and closed by a result; nothing else
closes it, not even its last try or its deadline, for a customer who was promised a call is owed an
answer by a person. What the machine does by itself is to show the order as overdue.

*Duplicates join.* The same customer, promised a call about the same topic again while the order
lives, joins it: ``asked`` counts up and the new contact is added. The deadline becomes the
*earlier* of the two, for keeping the first promise keeps both; asking again never buys us time.
The newest reason stands, since it is what the customer will talk about; skill, owner, and tries
made stay; ``tries_max`` becomes the larger one. The same contact's promise a second time (a
replay) changes nothing.

*A claim holds* till the order is overdue; then another agent may take it over, so that an owner
who went home strands nobody.

``STEPS`` names a verdict for every (phase, event): the next phase, ``None`` for "ignore and
count", or the refusal. What else must hold is checked after the table, in the functions below it.
A pair that is missing is a bug; a test walks all pairs.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from ivr.orders.events import (
    AttemptMade,
    CallbackPromised,
    Changed,
    DeadlinePassed,
    Decision,
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
    Attempt,
    OrderPhase,
    UtcMillis,
    WorkOrder,
)

Verdict = OrderPhase | Refusal | None

_P = OrderPhase

STEPS: Mapping[tuple[OrderPhase, type[OrderEvent]], Verdict] = {
    (_P.ABSENT, CallbackPromised): _P.OPEN,
    (_P.ABSENT, OrderClaimed): Refusal.UNKNOWN,
    (_P.ABSENT, AttemptMade): Refusal.UNKNOWN,
    (_P.ABSENT, OrderSettled): Refusal.UNKNOWN,
    (_P.ABSENT, DeadlinePassed): None,
    (_P.OPEN, CallbackPromised): _P.OPEN,
    (_P.OPEN, OrderClaimed): _P.CLAIMED,
    (_P.OPEN, AttemptMade): Refusal.NO_OWNER,
    (_P.OPEN, OrderSettled): _P.CLOSED,
    (_P.OPEN, DeadlinePassed): _P.OPEN,
    (_P.CLAIMED, CallbackPromised): _P.CLAIMED,
    (_P.CLAIMED, OrderClaimed): _P.CLAIMED,
    (_P.CLAIMED, AttemptMade): _P.CLAIMED,
    (_P.CLAIMED, OrderSettled): _P.CLOSED,
    (_P.CLAIMED, DeadlinePassed): _P.CLAIMED,
    (_P.CLOSED, CallbackPromised): Refusal.CLOSED,
    (_P.CLOSED, OrderClaimed): Refusal.CLOSED,
    (_P.CLOSED, AttemptMade): Refusal.CLOSED,
    (_P.CLOSED, OrderSettled): Refusal.CLOSED,
    (_P.CLOSED, DeadlinePassed): None,
}


def decide(order: WorkOrder | None, event: OrderEvent, at: UtcMillis) -> Decision:
    """What becomes of the order (None: there is none) by this event."""
    phase = OrderPhase.ABSENT if order is None else order.phase
    if (
        isinstance(event, CallbackPromised)
        and order is not None
        and event.contact in order.contacts
    ):
        return Ignored()
    verdict = STEPS[phase, type(event)]
    if verdict is None:
        return Ignored()
    if isinstance(verdict, Refusal):
        return Refused(verdict)
    if order is None:
        return _opened(event, at)
    return _changed(order, event, at)


def _opened(event: OrderEvent, at: UtcMillis) -> Decision:
    assert isinstance(event, CallbackPromised)  # noqa: S101 - the table lets nothing else open one
    order = WorkOrder(
        order=event.order,
        customer=event.customer,
        topic=event.topic,
        reason=event.reason[:TEXT_CHARS_MAX],
        skill=event.skill,
        opened_at=at,
        deadline=event.deadline,
        tries_max=min(event.tries_max, ATTEMPTS_MAX),
        contacts=(event.contact,),
    )
    return Changed(order, (OrderNotice.OPENED,))


def _changed(order: WorkOrder, event: OrderEvent, at: UtcMillis) -> Decision:
    match event:
        case CallbackPromised():
            return _joined(order, event)
        case OrderClaimed():
            return _claimed(order, event, at)
        case AttemptMade():
            return _attempted(order, event, at)
        case OrderSettled():
            return _settled(order, event, at)
        case DeadlinePassed():
            return _expired(order, at)
        case _:
            assert_never(event)


def _joined(order: WorkOrder, event: CallbackPromised) -> Decision:
    """The customer may have another reference by now (one for each contact), not another topic."""
    if event.topic != order.topic:
        return Refused(Refusal.OTHER_ORDER)
    joined = replace(
        order,
        reason=event.reason[:TEXT_CHARS_MAX],
        deadline=min(order.deadline, event.deadline),
        tries_max=min(max(order.tries_max, event.tries_max), ATTEMPTS_MAX),
        contacts=(*order.contacts, event.contact)[-CONTACTS_MAX:],
        asked=order.asked + 1,
    )
    return Changed(joined, (OrderNotice.JOINED,))


def _claimed(order: WorkOrder, event: OrderClaimed, at: UtcMillis) -> Decision:
    if order.owner == event.agent:
        return Ignored()
    if order.owner is not None and not order.is_overdue(at):
        return Refused(Refusal.OTHER_OWNER)
    claimed = replace(order, phase=OrderPhase.CLAIMED, owner=event.agent)
    return Changed(claimed, (OrderNotice.CLAIMED,))


def _attempted(order: WorkOrder, event: AttemptMade, at: UtcMillis) -> Decision:
    result = event.result.strip()[:TEXT_CHARS_MAX]
    if order.owner is None:
        return Refused(Refusal.NO_OWNER)
    if not result:
        return Refused(Refusal.NO_RESULT)
    if order.tries_left == 0:
        return Refused(Refusal.NO_TRIES_LEFT)
    attempt = Attempt(at, order.owner, result)
    attempted = replace(order, attempts=(*order.attempts, attempt))
    return Changed(attempted, (OrderNotice.ATTEMPTED,))


def _settled(order: WorkOrder, event: OrderSettled, at: UtcMillis) -> Decision:
    result = event.result.strip()[:TEXT_CHARS_MAX]
    if not result:
        return Refused(Refusal.NO_RESULT)
    closed = replace(
        order,
        phase=OrderPhase.CLOSED,
        closed_at=at,
        closed_by=event.agent or order.owner,
        result=result,
    )
    return Changed(closed, (OrderNotice.CLOSED,))


def _expired(order: WorkOrder, at: UtcMillis) -> Decision:
    """A timer that fires early (the deadline moved, or its clock did) has no effect."""
    if order.overdue_at is not None or not order.is_overdue(at):
        return Ignored()
    return Changed(replace(order, overdue_at=at), (OrderNotice.OVERDUE,))
