"""The caller and the agent: ring, join, talk, or go back to waiting."""

from dataclasses import replace

from ivr.call import beside_queue, leaving, shield
from ivr.call.contact import (
    ALERTING_GRACE_MS,
    JOINING_MS_MAX,
    TALK_MS_MAX,
    WAITING_MS_MAX,
    Contact,
    Offered,
    Turn,
    bridge_with,
    dial_leg,
    end_offer,
    enter,
    release,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import (
    AcceptOffer,
    DestroyBridge,
    DialDevice,
    FailOffer,
)
from ivr.call.events import OfferMade, OfferRescinded
from ivr.call.model import LegId, Outcome, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import OfferResult
from router.model import OfferFailure, RescindReason

EARLY_DROP_MS = 1_000
"""An agent's leg that dies this soon after joining was no conversation: the caller goes back to
her place instead of being hung up on."""

_BUSY_CAUSES = {17, 21}
"""Q.850: user busy, call rejected."""

_UNREACHABLE_CAUSES = {1, 3, 20, 27}
"""Q.850: unallocated number, no route, subscriber absent, destination out of order."""

_RESULTS = {
    OfferFailure.DECLINED: OfferResult.DECLINED,
    OfferFailure.UNREACHABLE: OfferResult.UNREACHABLE,
    OfferFailure.FAILED: OfferResult.FAILED,
}


def on_offer(contact: Contact, turn: Turn, offer: OfferMade) -> None:
    """The router reserved an agent: ring her."""
    beside_queue.call_back(contact, turn)
    contact.context = beside_queue.shown(contact)
    leg = dial_leg(contact, offer.device, at=turn.at)
    contact.offers_made += 1
    contact.offered = Offered(offer.offer, offer.agent, offer.device, leg, made_at=turn.at)
    enter(contact, Phase.ALERTING, at=turn.at, for_ms=offer.ring_ms_max + ALERTING_GRACE_MS)
    turn.emit(
        DialDevice(
            leg, offer.device, contact.id, contact.caller, offer.ring_ms_max, contact.context
        )
    )


def on_offer_too_late(turn: Turn, offer: OfferMade) -> None:
    """The caller had left already when the offer came."""
    turn.emit(FailOffer(offer.offer, OfferFailure.FAILED))


def on_rescinded(contact: Contact, turn: Turn, rescinded: OfferRescinded) -> None:
    """The router took the offer back: stop ringing, go on waiting."""
    if rescinded.reason is RescindReason.TIMED_OUT:
        _back_to_waiting(contact, turn, ReleaseReason.NO_ANSWER, OfferResult.NO_ANSWER)
    else:
        _back_to_waiting(contact, turn, ReleaseReason.NORMAL, OfferResult.WITHDRAWN)


def on_agent_answered(contact: Contact, turn: Turn, leg: LegId) -> None:
    """An agent picked up. Join the two as soon as nothing plays to the caller."""
    if contact.phase is not Phase.ALERTING or contact.offered is None or contact.offered.leg != leg:
        leaving.on_late_answer(contact, turn, leg)
        return
    contact.offered = replace(contact.offered, answered_at=turn.at)
    turn.emit(AcceptOffer(contact.offered.offer))
    shield.hush_talk(contact, turn)
    stop_hold(contact, turn)
    silence(contact, turn)
    enter(contact, Phase.JOINING, at=turn.at, for_ms=JOINING_MS_MAX)
    join_when_silent(contact, turn)


def join_when_silent(contact: Contact, turn: Turn) -> None:
    """Bridge, once: a joining command on a channel that plays would wait for the prompt's end."""
    if contact.phase is not Phase.JOINING or contact.bridge is not None:
        return
    if contact.playbacks or contact.offered is None:
        return
    bridge_with(contact, turn, contact.offered.leg)


def on_bridged(contact: Contact, turn: Turn) -> None:
    """They hear each other."""
    if contact.offered is None:
        return
    contact.agent = contact.offered.agent
    contact.milestones = replace(contact.milestones, connected_at=turn.at)
    enter(contact, Phase.CONNECTED, at=turn.at, for_ms=TALK_MS_MAX)


def on_agent_gone(contact: Contact, turn: Turn, leg: LegId, cause: int | None) -> None:
    """An agent's leg ended."""
    if contact.offered is None or contact.offered.leg != leg:
        return
    connected_at = contact.milestones.connected_at
    match contact.phase:
        case Phase.CONNECTED if connected_at is None or turn.at - connected_at >= EARLY_DROP_MS:
            leaving.finish(contact, turn, Outcome.SERVED, reason="agent_hung_up")
        case Phase.ALERTING | Phase.JOINING | Phase.CONNECTED:
            fail_offer(contact, turn, _failure(cause, answered=_is_answered(contact)))
        case _:
            pass


def fail_offer(contact: Contact, turn: Turn, failure: OfferFailure) -> None:
    """Tell the router that the offer came to nothing, and wait on."""
    if contact.offered is not None:
        turn.emit(FailOffer(contact.offered.offer, failure))
    _back_to_waiting(contact, turn, ReleaseReason.NORMAL, _RESULTS[failure])


def on_overdue(contact: Contact, turn: Turn) -> None:
    """The ring or the join took as long as it may.

    A playback that was cut so long ago is over, though its end was never told: it must not keep
    the next agent from the caller too.
    """
    if contact.phase is Phase.JOINING:
        contact.playbacks.clear()
        contact.cut.clear()
    fail_offer(contact, turn, OfferFailure.FAILED)


def _is_answered(contact: Contact) -> bool:
    return contact.offered is not None and contact.offered.answered_at is not None


def _failure(cause: int | None, *, answered: bool) -> OfferFailure:
    if answered:
        return OfferFailure.FAILED
    if cause in _BUSY_CAUSES:
        return OfferFailure.DECLINED
    return OfferFailure.UNREACHABLE if cause in _UNREACHABLE_CAUSES else OfferFailure.FAILED


def _back_to_waiting(
    contact: Contact, turn: Turn, reason: ReleaseReason, result: OfferResult
) -> None:
    if contact.bridge is not None:
        turn.emit(DestroyBridge(contact.bridge, contact.caller_leg))
        contact.bridge = None
    if contact.offered is not None:
        release(contact, turn, contact.offered.leg, reason)
    end_offer(contact, result, at=turn.at)
    contact.agent = None
    contact.milestones = replace(contact.milestones, connected_at=None)
    start_hold(contact, turn)
    shield.at_queue(contact, turn)
    enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)
