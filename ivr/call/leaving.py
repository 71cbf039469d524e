"""The end of a contact: release everything, see it go, write the one record."""

from ivr.call import expert, outside, recording
from ivr.call.contact import (
    LEAVING_MS_MAX,
    Contact,
    Turn,
    end_offer,
    end_stay,
    enter,
    leg_record,
    note_leg_gone,
    part,
    release,
    vacate,
)
from ivr.call.effects import EndEngagement, WithdrawContact, WriteRecord
from ivr.call.model import LegId, LegRole, Outcome, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import (
    ContactRecord,
    OfferResult,
    SegmentExit,
    TransferKind,
    TransferResult,
)

_OUTCOME_BY_PHASE = {
    Phase.ANSWERING: Outcome.LEFT_IN_FLOW,
    Phase.SPEAKING: Outcome.LEFT_IN_FLOW,
    Phase.LISTENING: Outcome.LEFT_IN_FLOW,
    Phase.LOOKING_UP: Outcome.LEFT_IN_FLOW,
    Phase.RECORDING: Outcome.LEFT_IN_FLOW,
    Phase.CALLING_OUTSIDE: Outcome.LEFT_IN_FLOW,
    Phase.WAITING: Outcome.ABANDONED,
    Phase.ALERTING: Outcome.ABANDONED,
    Phase.JOINING: Outcome.ABANDONED,
    Phase.CONNECTED: Outcome.SERVED,
    Phase.CONSULTING: Outcome.SERVED,
}


def on_caller_gone(contact: Contact, turn: Turn) -> None:
    """The caller hung up: what that makes of the contact depends on where it stood."""
    vacate(contact, turn)
    if contact.phase is Phase.LEAVING:
        return
    outcome = _OUTCOME_BY_PHASE[contact.phase]
    if outside.is_joined(contact):
        outcome = Outcome.TRANSFERRED
    elif contact.phase is Phase.JOINING and _is_between_two(contact):
        outcome = Outcome.SERVED
    elif contact.beside is not None:
        outcome = Outcome.ABANDONED  # who listens to tips still waits
    if outcome is Outcome.LEFT_IN_FLOW:
        outcome = left_with(contact) or outcome  # hearing the flow out is not owed
    finish(contact, turn, outcome, reason="caller_hung_up")


def left_with(contact: Contact) -> Outcome | None:
    """What a contact that met no agent leaves behind: a promise, a message, or nothing."""
    if contact.orders_made:
        return Outcome.WORK_ORDER
    return Outcome.VOICE_MESSAGE if contact.voice_messages else None


def finish(contact: Contact, turn: Turn, outcome: Outcome, *, reason: str = "") -> None:
    """Release whatever lives. The record follows when the last leg is seen to go."""
    contact.outcome = outcome
    contact.reason = reason or contact.reason
    _leave_router(contact, turn, SegmentExit.ABANDONED)
    part(contact, turn)
    contact.announcement = None
    failed = outcome is Outcome.PLATFORM_FAILURE
    for leg in tuple(contact.legs):
        release(contact, turn, leg, ReleaseReason.FAILURE if failed else ReleaseReason.NORMAL)
    enter(contact, Phase.LEAVING, at=turn.at, for_ms=LEAVING_MS_MAX)


def on_late_answer(contact: Contact, turn: Turn, leg: LegId) -> None:
    """Whom we rang picked up when nobody waits for it any more: no ringing into the void."""
    held = contact.legs.get(leg)
    if held is not None and held.role is not LegRole.CALLER:
        contact.turned_away.add(leg)
        release(contact, turn, leg, ReleaseReason.ANSWERED_ELSEWHERE)


def give_up_legs(contact: Contact, turn: Turn) -> tuple[LegId, ...]:
    """Ask the legs that will not go once more, and wait for them no longer."""
    legs = tuple(contact.legs)
    for leg in legs:
        release(contact, turn, leg, ReleaseReason.FAILURE)
        note_leg_gone(contact, leg, at=None, cause=None)
    vacate(contact, turn)
    return legs


def close_unfinished(contact: Contact, turn: Turn, exit: SegmentExit) -> None:
    """Tell the router, and write the record, of a contact whose end this engine will not see.

    ``exit`` names what the engine does; no leg is touched. Only a recording is stopped, for the
    caller would speak on to nobody, and the next engine could say nothing meanwhile.
    """
    if contact.phase is not Phase.LEAVING:
        contact.outcome = _outcome_of_talk(contact) or Outcome.PLATFORM_FAILURE
        contact.reason = exit.value
        _leave_router(contact, turn, exit)
        recording.stop(contact, turn)
    vacate(contact, turn)
    write_record(contact, turn)


def _outcome_of_talk(contact: Contact) -> Outcome | None:
    if outside.is_joined(contact):
        return Outcome.TRANSFERRED
    talks = contact.phase in (Phase.CONNECTED, Phase.CONSULTING)
    is_joining = contact.phase is Phase.JOINING and _is_between_two(contact)
    return Outcome.SERVED if talks or is_joining else None


def _is_between_two(contact: Contact) -> bool:
    """Whether her agent comes back from a consultation, or has just put her through."""
    given = contact.handover
    was_put_through = given is not None and given.kind is TransferKind.CONSULTED
    return was_put_through or (
        contact.offered is not None and contact.offered.joined_at is not None
    )


def write_record(contact: Contact, turn: Turn) -> None:
    """Ask for the one record of this contact."""
    times, story = contact.milestones, contact.story
    story.close_interval(turn.at)
    living = [
        leg_record(leg, held, ended_at=None, cause=None) for leg, held in contact.legs.items()
    ]
    record = ContactRecord(
        contact=contact.id,
        site=contact.site,
        hotline=contact.hotline.name,
        flow=contact.hotline.flow.name,
        dialled=contact.dialled,
        caller=contact.caller,
        language=contact.flow.language if contact.flow else None,
        outcome=contact.outcome or Outcome.PLATFORM_FAILURE,
        reason=contact.reason,
        queue=contact.queue,
        agent=contact.agent,
        nodes=tuple(visit.node for visit in story.visits),
        offers_made=contact.offers_made,
        arrived_at=times.arrived_at,
        answered_at=times.answered_at,
        queued_at=times.queued_at,
        connected_at=times.connected_at,
        ended_at=turn.at,
        wait_ms=contact.wait_ms,
        visits=tuple(story.visits),
        segments=tuple(story.segments),
        offers=tuple(story.offers),
        legs=tuple(sorted((*story.legs, *living), key=lambda leg: leg.began_at)),
        intervals=tuple(story.intervals),
        left_out=story.left_out,
        messages=contact.texted,
        answers=contact.flow.answers if contact.flow else (),
        context=contact.context,
        transferred_to=outside.joined_to(contact),
        voice_messages=recording.messages_of(contact),
        transfers=contact.transfers,
    )
    turn.emit(WriteRecord(record))


def _leave_router(contact: Contact, turn: Turn, exit: SegmentExit) -> None:
    """What the router holds of this contact is given back, and told in the story."""
    if contact.consultation is not None:
        expert.give_back(contact, turn, hangs_up=False)
        expert.tell_consultation(contact, TransferResult.ENDED, at=turn.at)
        contact.consultation = None
    expert.settle(contact, TransferResult.ENDED, at=turn.at)
    offered = contact.offered
    match contact.phase:
        case Phase.JOINING | Phase.CONNECTED | Phase.CONSULTING:
            if offered is not None:
                turn.emit(EndEngagement(offered.offer))
        case _ if contact.stay is not None:
            turn.emit(WithdrawContact(contact.place))
        case _:
            pass
    if offered is not None and offered.joined_at is not None:
        answered_at = turn.at if offered.answered_at is None else offered.answered_at
        end_stay(contact, SegmentExit.ANSWERED, at=answered_at)
        end_offer(contact, OfferResult.CONNECTED, at=turn.at)
        return
    end_stay(contact, exit, at=turn.at)
    end_offer(contact, OfferResult.WITHDRAWN, at=turn.at)
