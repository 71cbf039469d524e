"""Which room an event of one contact belongs to, now that it is known to mean something there.

The rooms are ``in_flow``, ``announcing``, ``offers``, ``outside``, ``put_through``,
``consulting``, ``handing_over`` and ``leaving``. What turns out to mean nothing after all comes
back as the words under which it is counted.
"""

from typing import assert_never

from ivr.call import (
    announcing,
    consulting,
    in_flow,
    leaving,
    offers,
    outside,
    put_through,
    queueing,
    talk_keys,
)
from ivr.call.contact import Contact, Turn, note_leg_answered, note_leg_gone
from ivr.call.events import (
    CommandFailed,
    ContactMessage,
    ContactMoved,
    ContactOverflowed,
    DigitReceived,
    HiddenKey,
    KeyHidden,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegsBridged,
    LookupAnswered,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
    PositionAnnounced,
    RecordingFinished,
    SecretKeyed,
)
from ivr.call.model import LegId, Outcome
from ivr.call.phases import Phase
from router.model import OfferFailure


def on_message(
    contact: Contact, turn: Turn, message: ContactMessage | LookupAnswered
) -> str | None:
    """The router told something of this contact, or another system answered for it."""
    if contact.consultation is not None and not isinstance(message, LookupAnswered):
        return consulting.on_message(contact, turn, message)
    match message:
        case OfferMade() if contact.phase is Phase.WAITING or contact.beside is not None:
            offers.on_offer(contact, turn, message)
        case OfferMade():
            offers.on_offer_too_late(turn, message)
        case OfferRescinded():
            offers.on_rescinded(contact, turn, message)
        case ContactOverflowed(cause=cause):
            in_flow.on_overflowed(contact, turn, cause)
        case PositionAnnounced():
            unsaid = announcing.announce(contact, turn, message)
            return None if unsaid is None else f"{contact.phase.value}/{unsaid}"
        case ContactMoved(queue=queue):
            queueing.on_moved(contact, turn, queue)
        case LookupAnswered():
            in_flow.on_lookup_answered(contact, turn, message)
        case _:
            assert_never(message)
    return None


def on_leg_event(contact: Contact, turn: Turn, event: LegEvent | HiddenKey) -> str | None:
    """Something happened to a leg of this contact, or on it."""
    match event:
        case LegAnswered(leg):
            _on_answered(contact, turn, leg)
        case LegEnded():
            _on_ended(contact, turn, event)
        case DigitReceived() | KeyHidden() | SecretKeyed():
            return _on_key(contact, turn, event)
        case PlaybackFinished():
            return _on_playback_finished(contact, turn, event)
        case RecordingFinished():
            in_flow.on_recorded(contact, turn, event)
        case LegsBridged() if contact.phase is Phase.CALLING_OUTSIDE:
            outside.on_bridged(contact, turn)
        case LegsBridged() if contact.phase is Phase.CONSULTING:
            consulting.on_bridged(contact, turn)
        case LegsBridged():
            offers.on_bridged(contact, turn)
        case CommandFailed():
            return _on_command_failed(contact, turn, event)
        case _:
            assert_never(event)
    return None


def on_deadline(contact: Contact, turn: Turn) -> None:
    """Something took as long as it may: what is said into the music, or the phase itself."""
    announcing.on_overdue(contact, turn)
    if contact.deadline > turn.at:
        return
    match contact.phase:
        case Phase.ANSWERING:
            leaving.finish(contact, turn, Outcome.PLATFORM_FAILURE, reason="not_answered")
        case Phase.SPEAKING | Phase.LISTENING | Phase.LOOKING_UP | Phase.RECORDING:
            in_flow.on_deadline(contact, turn)
        case Phase.WAITING:
            in_flow.give_up_waiting(contact, turn)
        case Phase.ALERTING | Phase.JOINING:
            offers.on_overdue(contact, turn)
        case Phase.CALLING_OUTSIDE:
            put_through.on_deadline(contact, turn)
        case Phase.CONSULTING:
            consulting.on_deadline(contact, turn)
        case Phase.CONNECTED:
            leaving.finish(contact, turn, Outcome.SERVED, reason="talk_time_over")
        case Phase.LEAVING:
            leaving.give_up_legs(contact, turn)
        case _:
            assert_never(contact.phase)


def _on_key(contact: Contact, turn: Turn, key: DigitReceived | HiddenKey) -> str | None:
    if contact.phase in (Phase.CONNECTED, Phase.CONSULTING):
        ignored = f"{contact.phase.value}/{type(key).__name__}"
        is_agents = contact.offered is not None and contact.offered.leg == key.leg
        if isinstance(key, DigitReceived) and is_agents:
            return None if talk_keys.on_key(contact, turn, key.digit) else ignored
        return ignored
    if key.leg != contact.caller_leg or in_flow.on_key(contact, turn, key):
        return None
    return f"{contact.shielding.value}/{type(key).__name__}"


def _on_answered(contact: Contact, turn: Turn, leg: LegId) -> None:
    note_leg_answered(contact, leg, at=turn.at)
    if leg == contact.caller_leg:
        in_flow.on_answered(contact, turn)
    elif contact.phase is Phase.CALLING_OUTSIDE:
        put_through.on_answered(contact, turn, leg)
    elif contact.phase is Phase.CONSULTING:
        consulting.on_answered(contact, turn, leg)
    else:
        offers.on_agent_answered(contact, turn, leg)


def _on_ended(contact: Contact, turn: Turn, ended: LegEnded) -> None:
    note_leg_gone(contact, ended.leg, at=turn.at, cause=ended.cause)
    contact.turned_away.discard(ended.leg)
    if ended.leg == contact.caller_leg:
        contact.playbacks.clear()
        contact.cut.clear()
        leaving.on_caller_gone(contact, turn)
    elif contact.phase is Phase.CALLING_OUTSIDE:
        put_through.on_gone(contact, turn, ended.leg, ended.cause)
    elif contact.phase is Phase.CONSULTING:
        consulting.on_gone(contact, turn, ended.leg, ended.cause)
    else:
        offers.on_agent_gone(contact, turn, ended.leg, ended.cause)


def _on_playback_finished(contact: Contact, turn: Turn, finished: PlaybackFinished) -> str | None:
    if finished.playback not in contact.playbacks:
        return "unknown/PlaybackFinished"
    contact.playbacks.discard(finished.playback)
    contact.cut.discard(finished.playback)
    announcing.on_playback_finished(contact, turn, finished.playback)
    in_flow.on_playback_finished(contact, turn, finished.outcome)
    offers.join_when_silent(contact, turn)
    outside.join_when_silent(contact, turn)
    return None


def _on_command_failed(contact: Contact, turn: Turn, failed: CommandFailed) -> str | None:
    match failed.effect, contact.phase:
        case "AnswerLeg", Phase.ANSWERING:
            leaving.finish(contact, turn, Outcome.PLATFORM_FAILURE, reason="not_answered")
        case "BridgeLegs", Phase.JOINING:
            offers.fail_offer(contact, turn, OfferFailure.FAILED)
        case "BridgeLegs", Phase.CALLING_OUTSIDE if contact.bridge is not None:
            put_through.on_command_failed(contact, turn)
        case "DialOutside", Phase.CALLING_OUTSIDE if outside.is_outside(contact, failed.leg):
            put_through.on_command_failed(contact, turn)
        case "DialDevice", Phase.ALERTING if _is_offered(contact, failed.leg):
            offers.fail_offer(contact, turn, OfferFailure.FAILED)
        case _, Phase.CONSULTING if consulting.on_command_failed(contact, turn, failed):
            pass
        case _:
            return f"{contact.phase.value}/{failed.effect} failed"
    return None


def _is_offered(contact: Contact, leg: LegId) -> bool:
    return contact.offered is not None and contact.offered.leg == leg
