"""A caller for whom another system is asked: what she hears meanwhile, and when the flow goes on.

The prompt of a lookup, if it has one, is said while the system is asked. An answer that comes
before the prompt is over waits for its end, for a sentence cut at a word sounds like a fault; a key
cuts it, as everywhere. After the prompt there is music till the answer comes, or till the time for
it is over: then it has failed, and what comes later is late.
"""

from dataclasses import replace

from ivr.call.contact import (
    FAILED_PLAYBACK_GRACE_MS,
    PLAYBACK_MS_MAX,
    Contact,
    LookupUnderWay,
    Turn,
    enter,
    play,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import RequestLookup
from ivr.call.events import LookupAnswered
from ivr.call.model import LookupId, PlaybackOutcome
from ivr.call.phases import Phase
from ivr.flow.looking_up import AskService, LookupReturned
from ivr.flow.services import LookupOutcome, Sent, SentAs

_FAILED = LookupReturned(LookupOutcome.FAILED)


def ask(contact: Contact, turn: Turn, action: AskService) -> None:
    """Ask for this caller, under an id that was never used before."""
    contact.lookups_made += 1
    lookup = LookupId(f"{contact.id}.l{contact.lookups_made}")
    contact.lookup = LookupUnderWay(lookup)
    sends = tuple(_with_caller(contact, each) for each in action.sends)
    if action.prompts:
        play(contact, turn, action.prompts, action.language)
    else:
        start_hold(contact, turn)
    enter(contact, Phase.LOOKING_UP, at=turn.at, for_ms=action.patience_ms_max)
    turn.emit(RequestLookup(contact.id, lookup, action.service, sends, action.wants))


def on_answered(contact: Contact, turn: Turn, answered: LookupAnswered) -> LookupReturned | None:
    """What the flow is given now; None while the prompt is still to be heard out."""
    return _settled(contact, turn, LookupReturned(answered.outcome, answered.values))


def on_deadline(contact: Contact, turn: Turn) -> LookupReturned | None:
    """The time for the answer, or for what is said meanwhile, is over."""
    under_way = contact.lookup
    if under_way is None or under_way.returned is None:
        return _settled(contact, turn, _FAILED)
    # The prompt took longer than any may.
    silence(contact, turn)
    contact.playbacks.clear()
    return _go_on(contact, turn, under_way.returned)


def on_playback_finished(
    contact: Contact, turn: Turn, outcome: PlaybackOutcome
) -> LookupReturned | None:
    """The prompt is over, or was cut: the flow goes on if the answer is there, else music plays."""
    under_way = contact.lookup
    if contact.playbacks or under_way is None:
        return None
    if under_way.returned is None:
        start_hold(contact, turn)
        return None
    if outcome is PlaybackOutcome.FAILED:
        contact.speech_failed = True
        enter(contact, Phase.LOOKING_UP, at=turn.at, for_ms=FAILED_PLAYBACK_GRACE_MS)
        return None
    return _go_on(contact, turn, under_way.returned)


def on_key(contact: Contact, turn: Turn, key: str | None) -> LookupReturned | None:
    """A key cuts the prompt, and is kept for the next menu; it can not hurry the answer.

    A key that nobody may see is None, and kept nowhere.
    """
    if key is not None:
        contact.keys.append(key)
    under_way = contact.lookup
    if under_way is None or not _is_told(contact):
        return None
    silence(contact, turn)
    if under_way.returned is not None:
        return _go_on(contact, turn, under_way.returned)
    start_hold(contact, turn)
    return None


def _settled(contact: Contact, turn: Turn, returned: LookupReturned) -> LookupReturned | None:
    under_way = contact.lookup
    if under_way is not None and _is_told(contact):
        contact.lookup = replace(under_way, returned=returned)
        enter(contact, Phase.LOOKING_UP, at=turn.at, for_ms=PLAYBACK_MS_MAX)
        return None
    return _go_on(contact, turn, returned)


def _is_told(contact: Contact) -> bool:
    """Whether the prompt is being said."""
    return not contact.cut.issuperset(contact.playbacks)


def _go_on(contact: Contact, turn: Turn, returned: LookupReturned) -> LookupReturned:
    contact.lookup = None
    stop_hold(contact, turn)
    return returned


def _with_caller(contact: Contact, sent: Sent) -> Sent:
    return replace(sent, value=contact.caller) if sent.sent_as is SentAs.CALLER else sent
