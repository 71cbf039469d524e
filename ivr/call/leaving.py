"""The end of a contact: release everything, see it go, write the one record."""

from ivr.call.contact import LEAVING_MS_MAX, Contact, Turn, enter, release
from ivr.call.effects import DestroyBridge, EndEngagement, WithdrawContact, WriteRecord
from ivr.call.model import LegId, LegRole, Outcome, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord

_OUTCOME_BY_PHASE = {
    Phase.ANSWERING: Outcome.LEFT_IN_FLOW,
    Phase.SPEAKING: Outcome.LEFT_IN_FLOW,
    Phase.LISTENING: Outcome.LEFT_IN_FLOW,
    Phase.WAITING: Outcome.ABANDONED,
    Phase.ALERTING: Outcome.ABANDONED,
    Phase.JOINING: Outcome.ABANDONED,
    Phase.CONNECTED: Outcome.SERVED,
}


def on_caller_gone(contact: Contact, turn: Turn) -> None:
    """The caller hung up: what that makes of the contact depends on where it stood."""
    if contact.phase is Phase.LEAVING:
        return
    outcome = _OUTCOME_BY_PHASE[contact.phase]
    if contact.orders_made and outcome is Outcome.LEFT_IN_FLOW:
        outcome = Outcome.WORK_ORDER  # hearing the promise out is not owed
    finish(contact, turn, outcome, reason="caller_hung_up")


def finish(contact: Contact, turn: Turn, outcome: Outcome, *, reason: str = "") -> None:
    """Release whatever lives. The record follows when the last leg is seen to go."""
    contact.outcome = outcome
    contact.reason = reason or contact.reason
    _tell_router(contact, turn)
    if contact.bridge is not None:
        turn.emit(DestroyBridge(contact.bridge, contact.caller_leg))
        contact.bridge = None
    failed = outcome is Outcome.PLATFORM_FAILURE
    for leg in tuple(contact.legs):
        release(contact, turn, leg, ReleaseReason.FAILURE if failed else ReleaseReason.NORMAL)
    enter(contact, Phase.LEAVING, at=turn.at, for_ms=LEAVING_MS_MAX)


def withdraw(contact: Contact, turn: Turn) -> None:
    """Tell the router that this contact waits no more, unless it was the router who said so."""
    if contact.in_queue:
        contact.in_queue = False
        turn.emit(WithdrawContact(contact.id))


def on_late_answer(contact: Contact, turn: Turn, leg: LegId) -> None:
    """An agent picked up when nobody waits for it any more: no ringing into the void."""
    if contact.legs.get(leg) is LegRole.AGENT:
        contact.turned_away.add(leg)
        release(contact, turn, leg, ReleaseReason.ANSWERED_ELSEWHERE)


def close_unfinished(contact: Contact, turn: Turn) -> None:
    """Write the record of a contact whose end this engine will not see."""
    if contact.phase is not Phase.LEAVING:
        talking = contact.phase is Phase.CONNECTED
        contact.outcome = Outcome.SERVED if talking else Outcome.PLATFORM_FAILURE
        contact.reason = "engine_stopped"
    write_record(contact, turn)


def write_record(contact: Contact, turn: Turn) -> None:
    """Ask for the one record of this contact."""
    times = contact.milestones
    record = ContactRecord(
        contact=contact.id,
        hotline=contact.hotline.name,
        dialled=contact.dialled,
        caller=contact.caller,
        language=contact.flow.language if contact.flow else None,
        outcome=contact.outcome or Outcome.PLATFORM_FAILURE,
        reason=contact.reason,
        queue=contact.queue,
        agent=contact.agent,
        nodes=tuple(contact.nodes),
        offers=contact.offers,
        arrived_at=times.arrived_at,
        answered_at=times.answered_at,
        queued_at=times.queued_at,
        connected_at=times.connected_at,
        ended_at=turn.at,
    )
    turn.emit(WriteRecord(record))


def _tell_router(contact: Contact, turn: Turn) -> None:
    match contact.phase:
        case Phase.WAITING | Phase.ALERTING:
            withdraw(contact, turn)
        case Phase.JOINING | Phase.CONNECTED if contact.offered:
            turn.emit(EndEngagement(contact.offered.offer))
        case _:
            pass
    contact.offered = None
