"""What one core says, as the other one hears it."""

from typing import assert_never

from ivr.call.effects import (
    AcceptOffer,
    EndEngagement,
    FailOffer,
    MessageToRouter,
    OccupyDevice,
    QueueContact,
    RequestPresence,
    RequestWrapUp,
    VacateDevice,
    WithdrawContact,
)
from ivr.call.events import (
    ContactMessage,
    ContactMoved,
    ContactOverflowed,
    OfferMade,
    OfferRescinded,
    PositionAnnounced,
)
from ivr.engine.queued import contact_queued
from router.effects import (
    AnnouncePosition,
    MoveContact,
    OfferContact,
    OverflowContact,
    RescindOffer,
)
from router.events import (
    ContactLeft,
    DeviceOccupied,
    DeviceVacated,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
    PresenceRequested,
    RouterEvent,
    WrapUpRequested,
)
from router.model import Origin


def as_router_event(message: MessageToRouter) -> RouterEvent:
    """What the router hears of a message to it."""
    match message:
        case QueueContact():
            return contact_queued(message)
        case WithdrawContact(contact):
            return ContactLeft(contact)
        case AcceptOffer(offer):
            return OfferAccepted(offer)
        case FailOffer(offer, failure):
            return OfferFailed(offer, failure)
        case EndEngagement(offer):
            return EngagementEnded(offer)
        case RequestPresence(request, change, agent, device, reason, later):
            phone = Origin.PHONE
            return PresenceRequested(request, change, agent, device, reason, phone, later)
        case RequestWrapUp(request, change, device):
            return WrapUpRequested(request, change, None, device, Origin.PHONE)
        case OccupyDevice(device, call):
            return DeviceOccupied(device, call)
        case VacateDevice(device, call):
            return DeviceVacated(device, call)
        case _:
            assert_never(message)


def as_call_event(
    effect: OfferContact | RescindOffer | OverflowContact | AnnouncePosition | MoveContact,
) -> ContactMessage:
    """What the call core hears of something that the router asks for."""
    match effect:
        case OfferContact(offer, contact, agent, device, ring_ms_max):
            return OfferMade(offer, contact, agent, device, ring_ms_max)
        case RescindOffer(offer, contact, reason):
            return OfferRescinded(offer, contact, reason)
        case OverflowContact(contact, queue, cause):
            return ContactOverflowed(contact, queue, cause)
        case AnnouncePosition(contact, queue, position, expected_ms):
            return PositionAnnounced(contact, queue, position, expected_ms)
        case MoveContact(contact, queue):
            return ContactMoved(contact, queue)
        case _:
            assert_never(effect)
