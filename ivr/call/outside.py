"""A call to a number outside: it rings with music for the caller, and the two are joined.

All of it is one phase, *calling outside*, in which the contact's ``outside`` tells how far it is:
ringing, answered, joined. What is dialled is known by its name; the number stays at the edge.
"""

from dataclasses import replace

from ivr.call.contact import (
    JOINING_MS_MAX,
    TALK_MS_MAX,
    Contact,
    Outside,
    Turn,
    bridge_with,
    dial_leg,
    enter,
    release,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import DestroyBridge, DialOutside
from ivr.call.model import LegId, LegRole, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import Doing
from ivr.flow.model import OutsideExit
from ivr.flow.transferring import CallOutside

_BUSY, _NO_ANSWERS = 17, (18, 19)
"""Q.850: user busy; no user responding, and no answer though alerted."""


def begin(contact: Contact, turn: Turn, call: CallOutside) -> None:
    """Ring there."""
    leg = dial_leg(contact, None, at=turn.at, role=LegRole.OUTSIDE)
    contact.outside = Outside(call.to, leg)
    contact.keys.clear()
    start_hold(contact, turn)
    enter(contact, Phase.CALLING_OUTSIDE, at=turn.at, for_ms=call.ring_ms_max)
    turn.emit(DialOutside(leg, call.to, contact.id, contact.caller, call.ring_ms_max))


def is_outside(contact: Contact, leg: LegId) -> bool:
    """Whether this leg is the one that is being called, or talked to, outside."""
    return contact.outside is not None and contact.outside.leg == leg


def is_joined(contact: Contact) -> bool:
    """Whether the caller hears, or heard, the other side."""
    return joined_to(contact) is not None


def joined_to(contact: Contact) -> str | None:
    """The name of the number that the caller was put through to, if she was."""
    outside = contact.outside
    return None if outside is None or outside.joined_at is None else outside.to


def on_answered(contact: Contact, turn: Turn) -> None:
    """The other side picked up: join the two as soon as nothing plays to the caller."""
    if contact.outside is None:
        return
    contact.outside = replace(contact.outside, answered_at=turn.at)
    stop_hold(contact, turn)
    silence(contact, turn)
    contact.deadline = turn.at + JOINING_MS_MAX
    join_when_silent(contact, turn)


def join_when_silent(contact: Contact, turn: Turn) -> None:
    """Bridge, once: a joining command on a channel that plays would wait for the prompt's end."""
    outside = contact.outside
    if contact.phase is not Phase.CALLING_OUTSIDE or contact.bridge is not None:
        return
    if outside is None or outside.answered_at is None or contact.playbacks:
        return
    bridge_with(contact, turn, outside.leg)


def on_bridged(contact: Contact, turn: Turn) -> None:
    """They hear each other."""
    if contact.outside is None:
        return
    contact.outside = replace(contact.outside, joined_at=turn.at)
    contact.deadline = turn.at + TALK_MS_MAX
    contact.story.turn_to(Doing.TALKING, turn.at)


def give_up(contact: Contact, turn: Turn, reason: ReleaseReason) -> None:
    """Nobody is called any more; the caller hears nothing till the flow says what comes instead."""
    if contact.bridge is not None:
        turn.emit(DestroyBridge(contact.bridge, contact.caller_leg))
        contact.bridge = None
    if contact.outside is not None:
        release(contact, turn, contact.outside.leg, reason)
    contact.outside = None
    stop_hold(contact, turn)
    silence(contact, turn)


def exit_of(contact: Contact, cause: int | None) -> OutsideExit:
    """What the end of that leg, before the two were joined, says to the flow."""
    answered = contact.outside is not None and contact.outside.answered_at is not None
    if not answered and cause == _BUSY:
        return OutsideExit.BUSY
    return OutsideExit.NO_ANSWER if not answered and cause in _NO_ANSWERS else OutsideExit.FAILED
