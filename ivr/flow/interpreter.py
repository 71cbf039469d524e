"""Walks a flow: a state and an input give the next state and one action. Pure and total.

The interpreter never waits and never plays: it says what should be heard or awaited, and is told
what came of it. What it says and is told is in ``ivr.flow.actions``, how it comes to a node in
``ivr.flow.walking``; here is what an input means where the contact stands.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from ivr.flow.actions import (
    FlowInput,
    FlowState,
    InputTimedOut,
    KeyPressed,
    QueueLeft,
    SpeechEnded,
    Step,
    WorkOrderOpened,
)
from ivr.flow.asking import Answered, with_answer, with_key
from ivr.flow.collecting import (
    TERMINATOR_MS,
    Entered,
    Entry,
    Failed,
    Going,
    take_key,
    take_silence,
)
from ivr.flow.looking_up import LookupReturned, taken
from ivr.flow.model import (
    LIKE_FULL,
    AskQuestion,
    Collect,
    EnterQueue,
    Hotline,
    Lookup,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    QueueExit,
    Record,
    Retry,
    Say,
    TextMessage,
    TransferOutside,
)
from ivr.flow.recording import MessageRecorded
from ivr.flow.secret_entry import SecretKey, entry_after, entry_in_silence
from ivr.flow.sending import TextHandled, way_after
from ivr.flow.transferring import OutsideFailed
from ivr.flow.values import CALLER_KNOWN, with_value
from ivr.flow.walking import AsksForKeys, Moment, ask, counted, enter


def begin(
    hotline: Hotline, *, wall: int = 0, closed: bool = False, caller_known: bool = True
) -> Step:
    """The first action for a caller of this hotline.

    ``wall`` is UTC milliseconds, here and in ``advance``: opening hours hang on it, nothing else.
    ``closed`` tells that the hotline is closed by hand, whatever its file says; ``caller_known``
    whether the caller's number is known.
    """
    flow = hotline.flow
    values = tuple(
        caller_known if each.name == CALLER_KNOWN else each.default for each in flow.variables
    )
    start = FlowState(flow.start, hotline.languages[0], values=values)
    return enter(Moment(hotline, wall, closed), start, flow.start)


def advance(
    hotline: Hotline, state: FlowState, given: FlowInput, *, wall: int = 0, closed: bool = False
) -> Step | None:
    """The next action, or None when the input has no meaning where the contact stands.

    None is not an error: a key pressed a moment after the menu ended, or a timer that lost its
    race, belongs to nothing any more.
    """
    moment = Moment(hotline, wall, closed)
    node = hotline.flow.nodes[state.node]
    if isinstance(given, SpeechEnded):
        return enter(moment, state, node.next) if isinstance(node, Play | Say) else None
    match node:
        case Menu() | AskQuestion():
            return _chosen(moment, state, node, given)
        case Collect(sensitive=True):
            return _keyed_unseen(moment, state, node, given)
        case Collect():
            return _keyed(moment, state, node, given)
        case Lookup() if isinstance(given, LookupReturned):
            return _returned(moment, state, node, given)
        case _:
            following = _after(node, given)
            return None if following is None else enter(moment, state, following)


def _after(node: Node, given: FlowInput) -> NodeName | None:
    """Where an input leads that changes nothing of what is remembered."""
    match node, given:
        case EnterQueue(on=exits), QueueLeft(exit):
            return _way_out(exits, exit)
        case EnterQueue(keys=keys), KeyPressed(key):
            return keys.get(key)
        case TransferOutside(on=refused), OutsideFailed(why):
            return refused[why]
        case Record(on=ended), MessageRecorded(came_to):
            return ended[came_to]
        case MakeWorkOrder(next=following), WorkOrderOpened():
            return following
        case TextMessage(), TextHandled():
            return way_after(node, given)
        case _:
            return None


def _way_out(exits: Mapping[QueueExit, NodeName], exit: QueueExit) -> NodeName:
    if exit not in exits and exit in LIKE_FULL:
        exit = QueueExit.FULL
    # A limit that was given to the queue after this flow began has no way out of its own here.
    return exits[exit] if exit in exits else exits[QueueExit.NO_AGENTS]


def _returned(moment: Moment, state: FlowState, node: Lookup, given: LookupReturned) -> Step:
    came = taken(node, moment.hotline.flow.variables, state.values, given)
    faults = state.faults + (not came.was_usable)
    return enter(moment, replace(state, values=came.values, faults=faults), came.to)


def _chosen(
    moment: Moment, state: FlowState, menu: Menu | AskQuestion, given: FlowInput
) -> Step | None:
    match given:
        case KeyPressed(key):
            return _choose(moment, state, menu, key)
        case InputTimedOut():
            tried = replace(state, noinputs=state.noinputs + 1)
            return _again(moment, tried, menu, menu.noinput, tried.noinputs)
        case _:
            return None


def _choose(moment: Moment, state: FlowState, menu: Menu | AskQuestion, key: str) -> Step:
    chosen = menu.choices.get(key) if isinstance(menu, Menu) else menu.answers.get(key)
    if chosen is None:
        tried = replace(state, nomatches=state.nomatches + 1)
        return _again(moment, tried, menu, menu.nomatch, tried.nomatches)
    if isinstance(menu, AskQuestion):
        state = _answered(state, menu, key)
    return enter(moment, state, chosen)


def _answered(state: FlowState, asked: AskQuestion, key: str) -> FlowState:
    answers = with_answer(state.answers, Answered(asked.question, key))
    values = state.values
    if asked.into is not None:
        values = with_key(values, asked.into.index, key, is_number=asked.is_number)
    faults = state.faults + (answers is None)
    kept = state.answers if answers is None else answers
    return replace(state, values=values, faults=faults, answers=kept)


def _keyed(moment: Moment, state: FlowState, collect: Collect, given: FlowInput) -> Step | None:
    match given:
        case KeyPressed(key):
            return _collected(moment, state, collect, take_key(collect.rules, state.keyed, key))
        case InputTimedOut():
            return _collected(moment, state, collect, take_silence(collect.rules, state.keyed))
        case _:
            return None


def _keyed_unseen(
    moment: Moment, state: FlowState, collect: Collect, given: FlowInput
) -> Step | None:
    match given:
        case SecretKey():
            tried = replace(state, secret=given.entry)
            return _collected(moment, tried, collect, entry_after(given))
        case InputTimedOut():
            return _collected(moment, state, collect, entry_in_silence(state.secret))
        case _:
            return None


def _collected(moment: Moment, state: FlowState, collect: Collect, entry: Entry) -> Step:
    match entry:
        case Going(digits, is_full):
            patience_ms = TERMINATOR_MS if is_full else collect.between_digits_ms
            listening = replace(ask(collect, state.language, ()), noinput_after_ms=patience_ms)
            return replace(state, keyed=digits), listening
        case Entered(digits):
            value = int(digits) if collect.is_number else digits
            values = with_value(state.values, collect.into.index, value)
            return enter(moment, replace(state, values=values), collect.next)
        case Failed.NOINPUT:
            tried = replace(state, noinputs=state.noinputs + 1, keyed="", secret=None)
            return _again(moment, tried, collect, collect.noinput, tried.noinputs)
        case Failed.NOMATCH:
            tried = replace(state, nomatches=state.nomatches + 1, keyed="", secret=None)
            return _again(moment, tried, collect, collect.nomatch, tried.nomatches)
        case _:
            assert_never(entry)


def _again(moment: Moment, state: FlowState, node: AsksForKeys, retry: Retry, tries: int) -> Step:
    if tries > retry.times:
        return enter(moment, state, retry.then)
    said = retry.prompts + (retry.reprompt or node.prompts)
    return counted(replace(state, actions=state.actions + 1), ask(node, state.language, said))
