"""The caller and the agent: ring, join, talk, or go back to waiting."""

from dataclasses import replace

from ivr.call import beside_queue, expert, leaving, shield
from ivr.call.contact import (
    ALERTING_GRACE_MS,
    JOINING_MS_MAX,
    WAITING_MS_MAX,
    Contact,
    Offered,
    Stay,
    Turn,
    bridge_with,
    dial_leg,
    end_offer,
    end_stay,
    enter,
    part,
    play,
    release,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import (
    AcceptOffer,
    DialDevice,
    FailOffer,
    WithdrawContact,
)
from ivr.call.events import OfferMade, OfferRescinded
from ivr.call.model import LegId, Outcome, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import Doing, OfferResult, SegmentExit, TransferResult
from ivr.flow.model import PromptKey
from router.model import Millis, OfferFailure, RescindReason

EARLY_DROP_MS = 1_000
"""An agent's leg that dies this soon after joining was no conversation: the caller goes back to
her place instead of being hung up on."""

TOLD_MS_MAX = 20_000
"""The longest that an agent is told something while her caller is on hold."""


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
    """The caller had left already when the offer came.

    The router may not know it: what told it of her leaving may be lost, or what told it of her
    coming may have come once more. Then agent after agent would be rung for nobody.
    """
    turn.emit(FailOffer(offer.offer, OfferFailure.FAILED))
    turn.emit(WithdrawContact(offer.contact))


def on_rescinded_too_late(turn: Turn, rescinded: OfferRescinded) -> None:
    """The talk was over already when the router took its offer back, not knowing of it.

    So it did not understand that the talk ended, and has the caller waiting again.
    """
    if rescinded.reason is not RescindReason.CONTACT_LEFT:
        turn.emit(WithdrawContact(rescinded.contact))


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
    stop_hold(contact, turn)  # who comes from a consultation still hears it
    bridge_with(contact, turn, contact.offered.leg)


def talk_again(contact: Contact, turn: Turn, told: tuple[PromptKey, ...]) -> None:
    """Caller and agent are parted: join them again, once she was told; till then music goes on."""
    enter(contact, Phase.JOINING, at=turn.at, for_ms=JOINING_MS_MAX)
    if told and contact.offered is not None and contact.flow is not None:
        play(contact, turn, told, contact.flow.language, to=contact.offered.leg)
        contact.deadline = turn.at + TOLD_MS_MAX
        contact.story.turn_to(Doing.ON_HOLD, turn.at)
    join_when_silent(contact, turn)


def on_bridged(contact: Contact, turn: Turn) -> None:
    """They hear each other."""
    offered = contact.offered
    if offered is None:
        return
    contact.agent = offered.agent
    if contact.milestones.connected_at is None:
        contact.milestones = replace(contact.milestones, connected_at=turn.at)
    if offered.joined_at is None:
        contact.offered = replace(offered, joined_at=turn.at)
        expert.settle(contact, TransferResult.COMPLETED, at=turn.at)
    enter(contact, Phase.CONNECTED, at=turn.at, for_ms=expert.talk_left_ms(contact, at=turn.at))


def on_agent_gone(contact: Contact, turn: Turn, leg: LegId, cause: int | None) -> None:
    """An agent's leg ended."""
    if contact.offered is None or contact.offered.leg != leg:
        return
    match contact.phase:
        case Phase.CONNECTED if _talked(contact, at=turn.at):
            leaving.finish(contact, turn, Outcome.SERVED, reason="agent_hung_up")
        case Phase.ALERTING | Phase.JOINING | Phase.CONNECTED:
            fail_offer(contact, turn, expert.failure_of(cause, contact.offered))
        case _:
            pass


def fail_offer(contact: Contact, turn: Turn, failure: OfferFailure) -> None:
    """Tell the router that the offer came to nothing, and wait on."""
    if contact.offered is not None:
        turn.emit(FailOffer(contact.offered.offer, failure))
    _back_to_waiting(contact, turn, ReleaseReason.NORMAL, expert.RESULTS[failure])


def on_overdue(contact: Contact, turn: Turn) -> None:
    """The ring or the join took as long as it may.

    A playback that was cut so long ago is over, though its end was never told: it must not keep
    the next agent from the caller too.
    """
    if contact.phase is Phase.JOINING:
        told = contact.bridge is None and bool(contact.playbacks - contact.cut)
        contact.playbacks.clear()
        contact.cut.clear()
        if told:  # the end of what the agent was told never came
            enter(contact, Phase.JOINING, at=turn.at, for_ms=JOINING_MS_MAX)
            join_when_silent(contact, turn)
            return
    fail_offer(contact, turn, OfferFailure.FAILED)


def _talked(contact: Contact, *, at: Millis) -> bool:
    """Whether the two had a conversation, and not only a line that died at once."""
    joined_at = None if contact.offered is None else contact.offered.joined_at
    return joined_at is not None and at - joined_at >= EARLY_DROP_MS


def _back_to_waiting(
    contact: Contact, turn: Turn, reason: ReleaseReason, result: OfferResult
) -> None:
    part(contact, turn)
    contact.typed = None
    if contact.offered is not None:
        release(contact, turn, contact.offered.leg, reason)
    if _talked(contact, at=turn.at):
        _lose_agent(contact, turn)
    else:
        end_offer(contact, result, at=turn.at)
        contact.agent = contact.story.talked_to_last()
    if contact.agent is None:
        contact.milestones = replace(contact.milestones, connected_at=None)
    start_hold(contact, turn)
    shield.at_queue(contact, turn)
    enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)


def _lose_agent(contact: Contact, turn: Turn) -> None:
    """She was back from a consultation, or nearly, when her line died: the caller waits again."""
    held, queue = contact.offered, contact.queue
    if held is None or queue is None:
        return
    end_stay(contact, SegmentExit.ANSWERED, at=held.answered_at or turn.at)
    end_offer(contact, OfferResult.CONNECTED, at=turn.at)
    contact.stay = Stay(queue, turn.at)
    if contact.handover is not None:
        contact.handover = replace(contact.handover, first=held.agent)
