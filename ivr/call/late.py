"""Events that come too late, or twice: what the phase of a contact alone does not tell."""

from ivr.call import beside_queue, outside, recording
from ivr.call.contact import Contact
from ivr.call.events import (
    ContactMessage,
    ContactOverflowed,
    DigitReceived,
    HiddenKey,
    LegAnswered,
    LegEvent,
    LegsBridged,
    LookupAnswered,
    OfferRescinded,
    PositionAnnounced,
    RecordingFinished,
)
from ivr.call.model import LegId
from ivr.call.phases import Phase


def is_late(
    contact: Contact, event: LegEvent | HiddenKey | ContactMessage | LookupAnswered
) -> bool:
    """Whether an event that means something in this phase belongs to an earlier one.

    Or was heard before: the phase alone does not tell one offer, bridge or leg from the next.
    """
    match event:
        case OfferRescinded(offer=offer):
            return contact.offered is None or contact.offered.offer != offer
        case ContactOverflowed(queue=queue) | PositionAnnounced(queue=queue):
            return contact.stay is None or contact.stay.queue != queue
        case DigitReceived(digit=digit) if contact.phase is Phase.WAITING:
            return not beside_queue.is_offered_a_way(contact, digit)
        case LookupAnswered(lookup=lookup):
            under_way = contact.lookup
            return under_way is None or under_way.id != lookup or under_way.returned is not None
        case RecordingFinished():
            return recording.is_late(contact, event)
        case LegsBridged(bridge=bridge):
            return contact.bridge != bridge or outside.is_joined(contact)
        case LegAnswered(leg):
            return _is_answered_already(contact, leg)
        case _:
            return False


def _is_answered_already(contact: Contact, leg: LegId) -> bool:
    if leg == contact.caller_leg:
        return contact.phase is not Phase.ANSWERING
    for rung in (contact.offered, contact.outside):
        if rung is not None and rung.leg == leg:
            return rung.answered_at is not None
    return leg in contact.turned_away
