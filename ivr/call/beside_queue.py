"""A caller who waits and yet hears something else: a key led her on, and her place is kept.

The router knows nothing of it: for it she waits as before. So an offer, or the end of the wait, may
come at any moment and then wins: what plays or listens is cut, and the flow stands at the queue's
node again, as if she had never left the music. When the flow itself comes back to a node of the
same queue she waits on with her old place. When it comes to something that is no part of waiting
(another queue, a promise, a recording, the end) the place is given up before that begins.
"""

from dataclasses import replace

from ivr.call import shield
from ivr.call.contact import (
    WAITING_MS_MAX,
    Contact,
    Turn,
    end_stay,
    enter,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import WithdrawContact
from ivr.call.phases import Phase
from ivr.call.record import SegmentExit
from ivr.flow.actions import Action, Farewell, JoinQueue, OpenWorkOrder
from ivr.flow.queue_context import context_text
from ivr.flow.recording import RecordMessage
from ivr.flow.transferring import CallOutside
from router.model import QueueId, qualified

_ENDS_THE_WAIT = (JoinQueue, CallOutside, OpenWorkOrder, RecordMessage, Farewell)


def is_offered_a_way(contact: Contact, key: str) -> bool:
    """Whether this key means something to this caller while she waits."""
    return contact.phase is Phase.WAITING and key in contact.keys_offered


def shown(contact: Contact) -> str:
    """What the expert is shown of this caller, if her phone rings now."""
    node, flow = contact.queue_node, contact.flow
    return "" if node is None or flow is None else context_text(node.context, flow.values)


def step_aside(contact: Contact, turn: Turn) -> None:
    """She does something else from now on: no music, and no announcement that still plays."""
    contact.beside = contact.flow.node if contact.flow else None
    stop_hold(contact, turn)
    silence(contact, turn)


def keep_or_give_up(contact: Contact, turn: Turn, action: Action) -> None:
    """Before this is done: is it still a part of waiting?"""
    if contact.beside is None or waits_on(contact, action):
        return
    if isinstance(action, _ENDS_THE_WAIT):
        contact.beside = None
        turn.emit(WithdrawContact(contact.id))
        end_stay(contact, SegmentExit.LEFT_BY_KEY, at=turn.at)


def waits_on(contact: Contact, action: Action) -> bool:
    """Whether this leads her back to the queue in which she has a place."""
    if not isinstance(action, JoinQueue) or contact.beside is None or contact.stay is None:
        return False
    return contact.stay.asked_for == QueueId(qualified(action.queue))


def wait_on(contact: Contact, turn: Turn) -> None:
    """Music again, in the old place."""
    contact.beside = None
    contact.keys.clear()
    start_hold(contact, turn)
    enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)


def call_back(contact: Contact, turn: Turn) -> None:
    """Something of the queue is to be told: cut what plays or listens, and stand at its node."""
    node, flow = contact.beside, contact.flow
    if node is None or flow is None:
        return
    contact.flow = replace(flow, node=node, noinputs=0, nomatches=0, keyed="", secret=None)
    contact.speech, contact.speech_failed, contact.lookup = None, False, None
    contact.story.visit(node, turn.at)
    shield.break_off(contact, turn)
    silence(contact, turn)
    wait_on(contact, turn)
