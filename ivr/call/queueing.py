"""From the flow to a queue, from queue to queue, and whom a caller waits for at first.

Who is sent on by one queue to the next has waited all the time: what she waited in each counts in
the next one's order. A flow, or several queues that are full, could send her round for ever, so the
number of queues without a talk between them has a limit; at it she is told what the flow says of a
full queue, and if that is one more queue her call ends, as it does at the limits of a flow's steps.
"""

from dataclasses import replace

from ivr.call.contact import (
    WAITING_MS_MAX,
    Contact,
    Turn,
    end_stay,
    enter,
)
from ivr.call.effects import QueueContact
from ivr.call.phases import Phase
from ivr.call.queue_state import Stay
from ivr.call.record import SegmentExit
from ivr.flow.actions import JoinQueue
from ivr.flow.model import QueueExit
from router.model import AgentId, Millis, OverflowCause, QueueId, qualified

HOPS_MAX = 8
"""Queues one after another without a talk."""

SENT_ROUND = "queues_endless"
"""The reason in the record of a call that ended because of that."""

_EXITS = {
    OverflowCause.NO_AGENTS: QueueExit.NO_AGENTS,
    OverflowCause.TIMED_OUT: QueueExit.TIMED_OUT,
    OverflowCause.FULL: QueueExit.FULL,
    OverflowCause.EXPECTED_WAIT: QueueExit.EXPECTED_WAIT,
    OverflowCause.OVERLOAD: QueueExit.OVERLOAD,
    OverflowCause.CRISIS: QueueExit.CRISIS,
}

TOLD = {
    OverflowCause.NO_AGENTS: SegmentExit.NO_AGENTS,
    OverflowCause.TIMED_OUT: SegmentExit.TIMED_OUT,
    OverflowCause.FULL: SegmentExit.FULL,
    OverflowCause.EXPECTED_WAIT: SegmentExit.EXPECTED_WAIT,
    OverflowCause.OVERLOAD: SegmentExit.OVERLOAD,
    OverflowCause.CRISIS: SegmentExit.CRISIS,
}
"""What the record says of each cause."""


def was_sent_round(contact: Contact) -> bool:
    """Whether she came to as many queues as anybody may without talking to somebody."""
    return contact.queueing.hops >= HOPS_MAX


def door_of(contact: Contact, cause: OverflowCause) -> QueueExit:
    """By which door of the queue's node the flow goes on."""
    return QueueExit.FULL if was_sent_round(contact) else _EXITS[cause]


def message(contact: Contact, turn: Turn, action: JoinQueue) -> QueueContact:
    """What the router is told of a contact that begins to wait; it counts as one more queue."""
    waited_ms = contact.queueing.waited_ms
    contact.queueing = replace(contact.queueing, hops=contact.queueing.hops + 1)
    preferred, preferred_ms = _preferred(contact, turn, action)
    queue = QueueId(qualified(action.queue))
    return QueueContact(
        contact.place,
        queue,
        action.priority_ms,
        waited_ms,
        preferred,
        preferred_ms,
        # Whom the flow names is meant as she is; who served last, only if she can serve this.
        preferred_must_serve=preferred is not None and not action.prefer,
    )


def _preferred(contact: Contact, turn: Turn, action: JoinQueue) -> tuple[AgentId | None, Millis]:
    if action.prefer_ms and action.prefer:
        return AgentId(qualified(action.prefer)), action.prefer_ms
    before = contact.queueing.served_before
    if not action.prefer_ms or before is None:
        return None, 0
    ago_ms = before.ago_ms + turn.at - contact.milestones.arrived_at
    return (before.agent, action.prefer_ms) if ago_ms <= action.prefer_within_ms else (None, 0)


def on_moved(contact: Contact, turn: Turn, queue: QueueId) -> None:
    """The router put her into another queue; for her nothing changes but how long it takes."""
    stay = contact.stay
    if stay is None:
        return
    end_stay(contact, SegmentExit.MOVED, at=turn.at)
    contact.queue = queue
    contact.stay = Stay(queue, turn.at, stay.asked_for)
    if contact.phase is Phase.WAITING:
        enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)
