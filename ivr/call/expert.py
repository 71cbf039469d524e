"""The expert of a consultation: asked, rung, given up; and what a transfer leaves in the record.

These are the moves that all who have to do with a consultation share; what they lead to is in
``consulting``, ``handing_over`` and ``leaving``.
"""

from dataclasses import replace

from ivr.call.contact import JOINING_MS_MAX, TALK_MS_MAX, Contact, Turn, offer_record, release
from ivr.call.effects import EndEngagement, WithdrawContact
from ivr.call.model import ReleaseReason
from ivr.call.record import OfferResult, TransferKind, TransferRecord, TransferResult
from ivr.call.transfer_state import Offered, Stage
from router.model import Millis, OfferFailure

_BUSY_CAUSES = {17, 21}
"""Q.850: user busy, call rejected."""

_UNREACHABLE_CAUSES = {1, 3, 20, 27}
"""Q.850: unallocated number, no route, subscriber absent, destination out of order."""

RESULTS = {
    OfferFailure.DECLINED: OfferResult.DECLINED,
    OfferFailure.UNREACHABLE: OfferResult.UNREACHABLE,
    OfferFailure.FAILED: OfferResult.FAILED,
    OfferFailure.DROPPED: OfferResult.FAILED,
}
"""What the record says of each failure."""


def failure_of(cause: int | None, offered: Offered) -> OfferFailure:
    """What the end of this agent's leg, before there was a talk, says to the router."""
    if offered.answered_at is not None:
        return OfferFailure.DROPPED
    if cause in _BUSY_CAUSES:
        return OfferFailure.DECLINED
    return OfferFailure.UNREACHABLE if cause in _UNREACHABLE_CAUSES else OfferFailure.FAILED


def talk_left_ms(contact: Contact, *, at: Millis) -> Millis:
    """How long the agent may yet talk to the caller, on hold or not; at least no time at all.

    It counts from her answer, for the router waits for her no longer than that.
    """
    answered_at = None if contact.offered is None else contact.offered.answered_at
    if answered_at is None:
        return TALK_MS_MAX
    return max(0, min(TALK_MS_MAX, answered_at + JOINING_MS_MAX + TALK_MS_MAX - at))


def waited_ms(contact: Contact) -> Millis:
    """How long the caller has waited in queues so far."""
    waited = contact.queueing.waited_ms
    stay, held = contact.stay, contact.offered
    if stay is None or held is None or held.answered_at is None:
        return waited
    return waited + held.answered_at - stay.entered_at


def give_back(contact: Contact, turn: Turn, *, hangs_up: bool = True) -> None:
    """Let the router have back what it holds for the consultation, and let go of who was asked."""
    consulted = contact.consultation
    if consulted is None:
        return
    held = consulted.offered
    if consulted.stage in (Stage.SEEKING, Stage.ALERTING):
        turn.emit(WithdrawContact(consulted.name))
    elif held is not None:
        turn.emit(EndEngagement(held.offer))
    if held is not None:
        talked = consulted.stage is Stage.TALKING
        result = OfferResult.CONSULTED if talked else OfferResult.WITHDRAWN
        let_go(contact, turn, result, ReleaseReason.NORMAL if hangs_up else None)


def let_go(
    contact: Contact,
    turn: Turn,
    result: OfferResult,
    reason: ReleaseReason | None = ReleaseReason.NORMAL,
) -> None:
    """Nobody is asked any more, or talked to; the router knows."""
    consulted = contact.consultation
    if consulted is None or consulted.offered is None:
        return
    contact.story.offer(offer_record(consulted.offered, result, at=turn.at))
    if reason is not None:
        release(contact, turn, consulted.offered.leg, reason)
    contact.consultation = replace(consulted, offered=None, talking_since=None)


def tell_consultation(contact: Contact, result: TransferResult, *, at: Millis) -> None:
    """A consultation that led to no transfer is over: for the record."""
    asked, by = contact.consultation, contact.offered
    if asked is not None and by is not None:
        told = TransferRecord(
            TransferKind.CONSULTED, by.agent, asked.queue, asked.since, at, result
        )
        contact.transfers = (*contact.transfers, told)


def settle(contact: Contact, result: TransferResult, *, at: Millis) -> None:
    """What came of giving the caller away is known: for the record, once."""
    given = contact.handover
    if given is None or given.settled:
        return
    told = TransferRecord(given.kind, given.first, given.queue, given.since, at, result)
    contact.transfers = (*contact.transfers, told)
    contact.handover = replace(given, settled=True)
