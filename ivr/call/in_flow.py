"""The caller and the flow: answering, speaking, listening, and what the flow says comes next."""

from dataclasses import replace
from typing import assert_never

from ivr.call import (
    beside_queue,
    handing_over,
    leaving,
    lookups,
    outside,
    queueing,
    recording,
    shield,
    texting,
)
from ivr.call.contact import (
    FAILED_PLAYBACK_GRACE_MS,
    PLAYBACK_MS_MAX,
    WAITING_MS_MAX,
    Contact,
    Stay,
    Turn,
    end_stay,
    enter,
    play,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import WithdrawContact
from ivr.call.events import (
    DigitReceived,
    HiddenKey,
    KeyHidden,
    LookupAnswered,
    RecordingFinished,
    SecretKeyed,
)
from ivr.call.model import Outcome, PlaybackOutcome, Shielding
from ivr.call.phases import Phase
from ivr.call.promising import promise
from ivr.call.speech import SpeechKind, speech_of
from ivr.flow.actions import (
    Action,
    Ask,
    Farewell,
    FlowInput,
    FlowState,
    InputTimedOut,
    JoinQueue,
    KeyPressed,
    OpenWorkOrder,
    QueueLeft,
    Speak,
    SpeechEnded,
    Step,
    WorkOrderOpened,
)
from ivr.flow.interpreter import advance, begin
from ivr.flow.looking_up import AskService, LookupReturned
from ivr.flow.recording import MessageRecorded, RecordMessage
from ivr.flow.secret_entry import SecretCame, SecretEntry, SecretKey
from ivr.flow.sending import SendText
from ivr.flow.transferring import CallOutside, OutsideFailed
from router.model import OverflowCause


def on_answered(contact: Contact, turn: Turn) -> None:
    """The caller hears us: begin the flow."""
    contact.milestones = replace(contact.milestones, answered_at=turn.at)
    closed = contact.hotline.name in turn.closed
    known = contact.caller_known
    _do(contact, turn, begin(contact.hotline, wall=turn.wall, closed=closed, caller_known=known))


def on_key(contact: Contact, turn: Turn, pressed: DigitReceived | HiddenKey) -> bool:
    """A key of the caller, seen or hidden; whether it means anything here."""
    is_open = contact.shielding is Shielding.OPEN
    if contact.shielding is not Shielding.FADES and isinstance(pressed, DigitReceived) != is_open:
        return False
    match pressed:
        case DigitReceived(digit=digit):
            on_digit(contact, turn, digit)
            return True
        case KeyHidden() if contact.phase is Phase.LOOKING_UP:
            _feed_returned(contact, turn, lookups.on_key(contact, turn, None))
            return True
        case KeyHidden():
            speech = contact.speech
            if speech is not None and speech.kind is SpeechKind.SPEAK and speech.barge_in:
                silence(contact, turn)
            return True
        case SecretKeyed():
            return _on_secret_key(contact, turn, pressed)
        case _:
            assert_never(pressed)


def _on_secret_key(contact: Contact, turn: Turn, keyed: SecretKeyed) -> bool:
    under_way = contact.flow.secret if contact.flow else None
    goes_on = keyed.came in (SecretCame.GOING, SecretCame.FULL)
    known = under_way is not None and goes_on and keyed.length <= under_way.length
    if keyed.secret != contact.secret or known:
        return False
    silence(contact, turn)
    entry = SecretEntry(keyed.secret, keyed.length, keyed.passes)
    _feed(contact, turn, SecretKey(entry, keyed.came))
    return True


def on_digit(contact: Contact, turn: Turn, key: str) -> None:
    """A key: an answer, a barge-in, or kept for the next menu."""
    speech = contact.speech
    if contact.phase is Phase.LISTENING:
        _feed(contact, turn, KeyPressed(key))
    elif contact.phase is Phase.LOOKING_UP:
        _feed_returned(contact, turn, lookups.on_key(contact, turn, key))
    elif beside_queue.is_offered_a_way(contact, key):
        beside_queue.step_aside(contact, turn)
        _feed(contact, turn, KeyPressed(key))
    elif speech is None:
        return
    elif speech.kind is SpeechKind.ASK and speech.barge_in:
        silence(contact, turn)
        _feed(contact, turn, KeyPressed(key))
    elif speech.kind is SpeechKind.SPEAK:
        contact.keys.append(key)
        if speech.barge_in:
            silence(contact, turn)


def on_playback_finished(contact: Contact, turn: Turn, outcome: PlaybackOutcome) -> None:
    """A playback is over. Only the last one of a speaking phase moves the flow on."""
    if contact.phase is Phase.LOOKING_UP:
        _feed_returned(contact, turn, lookups.on_playback_finished(contact, turn, outcome))
        return
    if contact.playbacks or contact.phase is not Phase.SPEAKING:
        return
    if outcome is PlaybackOutcome.FAILED:
        contact.speech_failed = True
        enter(contact, Phase.SPEAKING, at=turn.at, for_ms=FAILED_PLAYBACK_GRACE_MS)
        return
    _after_speech(contact, turn, heard=outcome is PlaybackOutcome.PLAYED)


def on_deadline(contact: Contact, turn: Turn) -> None:
    """Speaking, listening or asking took as long as it may."""
    if contact.phase is Phase.LISTENING:
        _feed(contact, turn, InputTimedOut())
    elif contact.phase is Phase.LOOKING_UP:
        _feed_returned(contact, turn, lookups.on_deadline(contact, turn))
    elif contact.phase is Phase.RECORDING:
        _feed_returned(contact, turn, recording.on_overdue(contact, turn))
    elif contact.speech_failed or not contact.playbacks:
        _after_speech(contact, turn)
    else:
        silence(contact, turn)
        contact.playbacks.clear()
        _after_speech(contact, turn)


def on_lookup_answered(contact: Contact, turn: Turn, answered: LookupAnswered) -> None:
    """Another system answered."""
    _feed_returned(contact, turn, lookups.on_answered(contact, turn, answered))


def on_recorded(contact: Contact, turn: Turn, finished: RecordingFinished) -> None:
    """A recording is over."""
    _feed_returned(contact, turn, recording.on_finished(contact, turn, finished))


def _feed_returned(
    contact: Contact, turn: Turn, returned: LookupReturned | MessageRecorded | None
) -> None:
    if returned is not None:
        _feed(contact, turn, returned)


def on_overflowed(contact: Contact, turn: Turn, cause: OverflowCause) -> None:
    """The queue gave the caller up: the flow knows what happens instead, while it has her."""
    if contact.handover is not None:
        handing_over.on_overflowed(contact, turn, contact.handover, cause)
        return
    beside_queue.call_back(contact, turn)
    contact.overflow = cause
    end_stay(contact, queueing.TOLD[cause], at=turn.at)
    stop_hold(contact, turn)
    silence(contact, turn)
    _feed(contact, turn, QueueLeft(queueing.door_of(contact, cause)))


def give_up_waiting(contact: Contact, turn: Turn) -> None:
    """The router forgot this caller: the flow goes on as if the wait had timed out."""
    turn.emit(WithdrawContact(contact.place))
    on_overflowed(contact, turn, OverflowCause.TIMED_OUT)


def on_outside_failed(contact: Contact, turn: Turn, failed: OutsideFailed) -> None:
    """Nobody outside took the call: the flow knows what happens instead."""
    _feed(contact, turn, failed)


def _after_speech(contact: Contact, turn: Turn, *, heard: bool = False) -> None:
    speech = contact.speech
    if speech is not None and speech.kind is SpeechKind.ASK:
        shield.listen(contact, turn, heard=heard)
        enter(contact, Phase.LISTENING, at=turn.at, for_ms=speech.noinput_after_ms)
    elif speech is not None and speech.kind is SpeechKind.FAREWELL:
        leaving.finish(contact, turn, _outcome_of_flow(contact))
    elif contact.recording is not None:
        recording.start(contact, turn)
    else:
        _feed(contact, turn, SpeechEnded())


def _feed(contact: Contact, turn: Turn, given: FlowInput) -> None:
    if contact.flow is None:
        return
    step = _advanced(contact, contact.flow, turn, given)
    if step is not None:
        _do(contact, turn, step)


def _advanced(contact: Contact, flow: FlowState, turn: Turn, given: FlowInput) -> Step | None:
    closed = contact.hotline.name in turn.closed
    return advance(contact.hotline, flow, given, wall=turn.wall, closed=closed)


def _do(contact: Contact, turn: Turn, step: Step) -> None:
    """Carry out one action; a kept key answers a menu before its prompt begins."""
    while True:
        contact.flow, action = step
        contact.story.visit(contact.flow.node, turn.at)
        beside_queue.keep_or_give_up(contact, turn, action)
        given = _given_at_once(contact, turn, action)
        if given is None:
            break
        following = _advanced(contact, contact.flow, turn, given)
        if following is None:
            break
        step = following
    contact.speech = speech_of(action)
    shield.follow(contact, turn, action)
    _carry_out(contact, turn, action)


def _given_at_once(contact: Contact, turn: Turn, action: Action) -> FlowInput | None:
    """What an action comes to in this very turn: nothing has to be heard or waited for."""
    match action:
        case Ask(secret=None) if contact.keys:
            return KeyPressed(contact.keys.popleft())
        case OpenWorkOrder():
            promise(
                contact,
                turn,
                topic=action.topic,
                reason=contact.overflow.value if contact.overflow else "asked_for",
                skill=action.skill,
                within_ms=action.within_ms,
            )
            return WorkOrderOpened()
        case SendText():
            return texting.send(contact, turn, action)
        case RecordMessage():
            return recording.refused(contact)
        case _:
            return None


def _carry_out(contact: Contact, turn: Turn, action: Action) -> None:
    match action:
        case Ask(prompts=(), noinput_after_ms=patience_ms):
            enter(contact, Phase.LISTENING, at=turn.at, for_ms=patience_ms)
        case Speak(prompts, language) | Ask(prompts, language):
            play(contact, turn, prompts, language)
            enter(contact, Phase.SPEAKING, at=turn.at, for_ms=PLAYBACK_MS_MAX)
        case AskService():
            lookups.ask(contact, turn, action)
        case RecordMessage():
            recording.announce(contact, turn, action, for_ms=PLAYBACK_MS_MAX)
        case CallOutside():
            outside.begin(contact, turn, action)
        case JoinQueue():
            _join_queue(contact, turn, action)
        case Farewell(prompts, language, reason):
            contact.reason = reason
            if not prompts:
                leaving.finish(contact, turn, _outcome_of_flow(contact))
                return
            play(contact, turn, prompts, language)
            enter(contact, Phase.SPEAKING, at=turn.at, for_ms=PLAYBACK_MS_MAX)
        case OpenWorkOrder() | SendText():
            pass  # ``_do`` has answered it
        case _:
            assert_never(action)


def _join_queue(contact: Contact, turn: Turn, action: JoinQueue) -> None:
    if beside_queue.waits_on(contact, action):
        beside_queue.wait_on(contact, turn)
        return
    if queueing.was_sent_round(contact):
        leaving.finish(contact, turn, _outcome_of_flow(contact), reason=queueing.SENT_ROUND)
        return
    told = queueing.message(contact, turn, action)
    queue = told.queue
    # Keys from before the wait were meant for nothing that comes after it.
    contact.keys.clear()
    contact.queue = queue
    contact.stay = Stay(queue, turn.at)
    contact.context = beside_queue.shown(contact)
    if contact.milestones.queued_at is None:
        contact.milestones = replace(contact.milestones, queued_at=turn.at)
    start_hold(contact, turn)
    enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)
    turn.emit(told)


def _outcome_of_flow(contact: Contact) -> Outcome:
    unserved = Outcome.FLOW_ENDED if contact.queue is None else Outcome.UNSERVED
    return leaving.left_with(contact) or unserved
