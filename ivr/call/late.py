"""Events that come too late, or twice: what the phase of a contact alone does not tell."""

from typing import assert_never

from ivr.call import beside_queue, outside, recording
from ivr.call.contact import Contact
from ivr.call.events import (
    ContactMessage,
    ContactMoved,
    ContactOverflowed,
    DigitReceived,
    HiddenKey,
    LegAnswered,
    LegEvent,
    LegsBridged,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PositionAnnounced,
    RecordingFinished,
)
from ivr.call.model import LegId
from ivr.call.phases import Phase
from ivr.call.transfer_state import Consultation, Stage


def is_late(
    contact: Contact, event: LegEvent | HiddenKey | ContactMessage | LookupAnswered
) -> bool:
    """Whether an event that means something in this phase belongs to an earlier one.

    Or was heard before: the phase alone does not tell one offer, bridge or leg from the next.
    """
    asked = contact.consultation
    match event:
        case OfferMade() | OfferRescinded():
            return _is_late_offer(contact, event)
        case ContactOverflowed() | ContactMoved() if asked is not None:
            return _is_late_for(asked, event)
        case ContactOverflowed(queue=queue) | PositionAnnounced(queue=queue):
            return contact.stay is None or contact.stay.queue != queue
        case ContactMoved(queue=queue):
            return contact.stay is None or contact.stay.queue == queue
        case DigitReceived(digit=digit) if contact.phase is Phase.WAITING:
            return not beside_queue.is_offered_a_way(contact, digit)
        case LookupAnswered(lookup=lookup):
            under_way = contact.lookup
            return under_way is None or under_way.id != lookup or under_way.returned is not None
        case RecordingFinished():
            return recording.is_late(contact, event)
        case LegsBridged(bridge=bridge):
            is_heard = asked is not None and asked.stage is Stage.TALKING
            return contact.bridge != bridge or is_heard or outside.is_joined(contact)
        case LegAnswered(leg):
            return _is_answered_already(contact, leg)
        case _:
            return False


def _is_late_offer(contact: Contact, event: OfferMade | OfferRescinded) -> bool:
    """Made: was it heard of before? To ring for it again would ring for nobody. Taken back: is it
    another one that is asked now?"""
    asked, offer = contact.consultation, event.offer
    if isinstance(event, OfferRescinded):
        rung = contact.offered if asked is None else asked.offered
        return rung is None or rung.offer != offer
    known = (contact.offered, None if asked is None else asked.offered, *contact.story.offers)
    return any(each is not None and each.offer == offer for each in known)


def _is_answered_already(contact: Contact, leg: LegId) -> bool:
    if leg == contact.caller_leg:
        return contact.phase is not Phase.ANSWERING
    asked = contact.consultation
    for rung in (contact.offered, contact.outside, None if asked is None else asked.offered):
        if rung is not None and rung.leg == leg:
            return rung.answered_at is not None
    return leg in contact.turned_away


def _is_late_for(asked: Consultation, event: ContactOverflowed | ContactMoved) -> bool:
    match event:
        case ContactOverflowed(queue=queue):
            return asked.queue != queue or asked.stage is not Stage.SEEKING
        case ContactMoved(queue=queue):
            return asked.queue == queue
        case _:
            assert_never(event)


def goes_by(contact: Contact, message: ContactMessage | LookupAnswered) -> bool:
    """Whether the contact still is, or asks for somebody, under the name that is told of."""
    asked = contact.consultation
    if isinstance(message, LookupAnswered):
        return True
    if isinstance(message, OfferRescinded) and contact.phase is Phase.LEAVING:
        return False
    if asked is not None:
        return message.contact == asked.name
    return message.contact == contact.place
