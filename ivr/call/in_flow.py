"""The caller and the flow: answering, speaking, listening, and what the flow says comes next."""

from dataclasses import replace
from typing import assert_never

from ivr.call import leaving
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
from ivr.call.effects import PromiseCallback, QueueContact, WithdrawContact
from ivr.call.model import Outcome, PlaybackOutcome
from ivr.call.phases import Phase
from ivr.call.record import SegmentExit
from ivr.call.speech import SpeechKind, speech_of
from ivr.flow.interpreter import (
    Action,
    Ask,
    Farewell,
    FlowInput,
    InputTimedOut,
    JoinQueue,
    KeyPressed,
    OpenWorkOrder,
    QueueLeft,
    Speak,
    SpeechEnded,
    Step,
    WorkOrderOpened,
    advance,
    begin,
)
from ivr.flow.model import QueueExit
from router.model import Millis, OverflowCause, QueueId, qualified

_EXITS = {
    OverflowCause.NO_AGENTS: QueueExit.NO_AGENTS,
    OverflowCause.TIMED_OUT: QueueExit.TIMED_OUT,
    OverflowCause.FULL: QueueExit.FULL,
}

_TOLD = {
    OverflowCause.NO_AGENTS: SegmentExit.NO_AGENTS,
    OverflowCause.TIMED_OUT: SegmentExit.TIMED_OUT,
    OverflowCause.FULL: SegmentExit.FULL,
}


def on_answered(contact: Contact, turn: Turn) -> None:
    """The caller hears us: begin the flow."""
    contact.milestones = replace(contact.milestones, answered_at=turn.at)
    _do(contact, turn, begin(contact.hotline, wall=turn.wall))


def on_digit(contact: Contact, turn: Turn, key: str) -> None:
    """A key: an answer, a barge-in, or kept for the next menu."""
    speech = contact.speech
    if contact.phase is Phase.LISTENING:
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
    if contact.playbacks or contact.phase is not Phase.SPEAKING:
        return
    if outcome is PlaybackOutcome.FAILED:
        contact.speech_failed = True
        enter(contact, Phase.SPEAKING, at=turn.at, for_ms=FAILED_PLAYBACK_GRACE_MS)
        return
    _after_speech(contact, turn)


def on_deadline(contact: Contact, turn: Turn) -> None:
    """Speaking or listening took as long as it may."""
    if contact.phase is Phase.LISTENING:
        _feed(contact, turn, InputTimedOut())
    elif contact.speech_failed or not contact.playbacks:
        _after_speech(contact, turn)
    else:
        silence(contact, turn)
        contact.playbacks.clear()
        _after_speech(contact, turn)


def on_overflowed(contact: Contact, turn: Turn, cause: OverflowCause) -> None:
    """The queue gave the caller up: the flow knows what happens instead."""
    contact.overflow = cause
    end_stay(contact, _TOLD[cause], at=turn.at)
    stop_hold(contact, turn)
    silence(contact, turn)
    _feed(contact, turn, QueueLeft(_EXITS[cause]))


def give_up_waiting(contact: Contact, turn: Turn) -> None:
    """The router forgot this caller: the flow goes on as if the wait had timed out."""
    turn.emit(WithdrawContact(contact.id))
    on_overflowed(contact, turn, OverflowCause.TIMED_OUT)


def _after_speech(contact: Contact, turn: Turn) -> None:
    speech = contact.speech
    if speech is not None and speech.kind is SpeechKind.ASK:
        enter(contact, Phase.LISTENING, at=turn.at, for_ms=speech.noinput_after_ms)
    elif speech is not None and speech.kind is SpeechKind.FAREWELL:
        leaving.finish(contact, turn, _outcome_of_flow(contact))
    else:
        _feed(contact, turn, SpeechEnded())


def _feed(contact: Contact, turn: Turn, given: FlowInput) -> None:
    if contact.flow is None:
        return
    step = advance(contact.hotline, contact.flow, given, wall=turn.wall)
    if step is not None:
        _do(contact, turn, step)


def _do(contact: Contact, turn: Turn, step: Step) -> None:
    """Carry out one action; a kept key answers a menu before its prompt begins."""
    while True:
        contact.flow, action = step
        contact.story.visit(contact.flow.node, turn.at)
        given = _given_at_once(contact, turn, action)
        if given is None:
            break
        following = advance(contact.hotline, contact.flow, given, wall=turn.wall)
        if following is None:
            break
        step = following
    contact.speech = speech_of(action)
    _carry_out(contact, turn, action)


def _given_at_once(contact: Contact, turn: Turn, action: Action) -> FlowInput | None:
    """What an action comes to in this very turn: nothing has to be heard or waited for."""
    match action:
        case Ask() if contact.keys:
            return KeyPressed(contact.keys.popleft())
        case OpenWorkOrder():
            _promise(contact, turn, action)
            return WorkOrderOpened()
        case _:
            return None


def _promise(contact: Contact, turn: Turn, action: OpenWorkOrder) -> None:
    contact.orders_made += 1
    turn.emit(
        PromiseCallback(
            order=f"{contact.id}.w{contact.orders_made}",
            contact=contact.id,
            customer=contact.caller,
            topic=action.topic,
            reason=contact.overflow.value if contact.overflow else "asked_for",
            skill=action.skill,
            within_ms=action.within_ms,
        )
    )


def _carry_out(contact: Contact, turn: Turn, action: Action) -> None:
    match action:
        case Ask(prompts=(), noinput_after_ms=patience_ms):
            enter(contact, Phase.LISTENING, at=turn.at, for_ms=patience_ms)
        case Speak(prompts, language) | Ask(prompts, language):
            play(contact, turn, prompts, language)
            enter(contact, Phase.SPEAKING, at=turn.at, for_ms=PLAYBACK_MS_MAX)
        case JoinQueue(queue, priority_ms):
            _join_queue(contact, turn, QueueId(qualified(queue)), priority_ms)
        case Farewell(prompts, language, reason):
            contact.reason = reason
            if not prompts:
                leaving.finish(contact, turn, _outcome_of_flow(contact))
                return
            play(contact, turn, prompts, language)
            enter(contact, Phase.SPEAKING, at=turn.at, for_ms=PLAYBACK_MS_MAX)
        case OpenWorkOrder():
            pass  # ``_do`` has answered it
        case _:
            assert_never(action)


def _join_queue(contact: Contact, turn: Turn, queue: QueueId, priority_ms: Millis) -> None:
    # Keys from before the wait were meant for nothing that comes after it.
    contact.keys.clear()
    contact.queue = queue
    contact.stay = Stay(queue, turn.at)
    if contact.milestones.queued_at is None:
        contact.milestones = replace(contact.milestones, queued_at=turn.at)
    start_hold(contact, turn)
    enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)
    turn.emit(QueueContact(contact.id, queue, priority_ms))


def _outcome_of_flow(contact: Contact) -> Outcome:
    if contact.orders_made:
        return Outcome.WORK_ORDER
    return Outcome.FLOW_ENDED if contact.queue is None else Outcome.UNSERVED
