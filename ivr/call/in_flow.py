"""The caller and the flow: answering, speaking, listening, and what the flow says comes next."""

from typing import assert_never

from ivr.call import leaving
from ivr.call.contact import (
    FAILED_PLAYBACK_GRACE_MS,
    PLAYBACK_MS_MAX,
    WAITING_MS_MAX,
    Contact,
    Turn,
    enter,
    play,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import PromiseCallback, QueueContact
from ivr.call.model import Outcome, PlaybackOutcome
from ivr.call.phases import Phase
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
from router.model import OverflowCause, QueueId, qualified

_EXITS = {
    OverflowCause.NO_AGENTS: QueueExit.NO_AGENTS,
    OverflowCause.TIMED_OUT: QueueExit.TIMED_OUT,
    OverflowCause.FULL: QueueExit.FULL,
}


def on_answered(contact: Contact, turn: Turn) -> None:
    """The caller hears us: begin the flow."""
    contact.milestones.answered_at = turn.at
    _do(contact, turn, begin(contact.hotline))


def on_digit(contact: Contact, turn: Turn, key: str) -> None:
    """A key: an answer, a barge-in, or kept for the next menu."""
    action = contact.action
    if contact.phase is Phase.LISTENING:
        _feed(contact, turn, KeyPressed(key))
    elif isinstance(action, Ask) and action.barge_in:
        silence(contact, turn)
        _feed(contact, turn, KeyPressed(key))
    elif isinstance(action, Speak):
        contact.keys.append(key)
        if action.barge_in:
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
    contact.in_queue = False
    contact.overflow = cause
    stop_hold(contact, turn)
    _feed(contact, turn, QueueLeft(_EXITS[cause]))


def _after_speech(contact: Contact, turn: Turn) -> None:
    match contact.action:
        case Ask(noinput_after_ms=patience_ms):
            enter(contact, Phase.LISTENING, at=turn.at, for_ms=patience_ms)
        case Farewell():
            leaving.finish(contact, turn, _outcome_of_flow(contact))
        case _:
            _feed(contact, turn, SpeechEnded())


def _feed(contact: Contact, turn: Turn, given: FlowInput) -> None:
    if contact.flow is None:
        return
    step = advance(contact.hotline, contact.flow, given)
    if step is not None:
        _do(contact, turn, step)


def _do(contact: Contact, turn: Turn, step: Step) -> None:
    """Carry out one action; a kept key answers a menu before its prompt begins."""
    while True:
        contact.flow, action = step
        _note_node(contact)
        given = _given_at_once(contact, turn, action)
        if given is None:
            break
        contact.action = action
        following = advance(contact.hotline, contact.flow, given)
        if following is None:
            break
        step = following
    contact.action = action
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
        case Speak(prompts, language) | Ask(prompts, language):
            play(contact, turn, prompts, language)
            enter(contact, Phase.SPEAKING, at=turn.at, for_ms=PLAYBACK_MS_MAX)
        case JoinQueue(queue, priority_ms):
            # Keys from before the wait were meant for nothing that comes after it.
            contact.keys.clear()
            contact.queue = QueueId(qualified(queue))
            contact.in_queue = True
            if contact.milestones.queued_at is None:
                contact.milestones.queued_at = turn.at
            start_hold(contact, turn)
            enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)
            turn.emit(QueueContact(contact.id, contact.queue, priority_ms))
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


def _note_node(contact: Contact) -> None:
    node = contact.flow.node if contact.flow else None
    if node is not None and (not contact.nodes or contact.nodes[-1] != node):
        contact.nodes.append(node)


def _outcome_of_flow(contact: Contact) -> Outcome:
    if contact.orders_made:
        return Outcome.WORK_ORDER
    return Outcome.FLOW_ENDED if contact.queue is None else Outcome.UNSERVED
