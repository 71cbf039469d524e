"""Coming to a node: what is silent is passed, and the first node that is not says what is done.

Silent nodes (``set``, ``branch``, ``hours``) are passed through within one step; their number is
limited, so that a cycle without a caller's input ends instead of spinning.
"""

from dataclasses import dataclass
from typing import NamedTuple, assert_never

from ivr.flow.actions import (
    Action,
    Ask,
    Farewell,
    FlowState,
    JoinQueue,
    OpenWorkOrder,
    Speak,
    Step,
)
from ivr.flow.asking import Answers
from ivr.flow.conditions import Expression
from ivr.flow.looking_up import asked
from ivr.flow.model import (
    AskQuestion,
    Branch,
    Collect,
    EnterQueue,
    HangUp,
    Held,
    Hotline,
    Hours,
    Language,
    Lookup,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    Record,
    Say,
    SetLanguage,
    SetVariables,
    TextMessage,
    TransferOutside,
)
from ivr.flow.opening import Opening, opening_at, way_of
from ivr.flow.recording import message_of
from ivr.flow.saying import spoken
from ivr.flow.sending import text_to_send
from ivr.flow.transferring import CallOutside
from ivr.flow.values import Value, Values, with_value

SILENT_STEPS_MAX = 100
"""Nodes passed through without a word to the caller before the flow counts as looping."""

SPOKEN_STEPS_MAX = 500
"""Actions of one contact before its flow counts as endless."""

AsksForKeys = Menu | Collect | AskQuestion
"""The nodes at which the caller is asked for keys."""

_Silent = SetLanguage | SetVariables | Branch | Hours


class Moment(NamedTuple):
    """Whose flow is walked, what the clock on the wall shows, and whether it is closed by hand."""

    hotline: Hotline
    wall: int
    closed: bool


@dataclass(slots=True)
class _Walk:
    """What changes while silent nodes are passed, before it becomes a state again."""

    node: NodeName
    language: Language
    values: Values
    faults: int
    answers: Answers
    moment: Moment

    def state(self, actions: int) -> FlowState:
        return FlowState(
            self.node,
            self.language,
            0,
            0,
            actions,
            self.values,
            self.faults,
            "",
            None,
            self.answers,
        )


def enter(moment: Moment, state: FlowState, name: NodeName) -> Step:
    """Come to a node: pass what is silent, and act on the first that is not."""
    walk = _Walk(name, state.language, state.values, state.faults, state.answers, moment)
    nodes = moment.hotline.flow.nodes
    for _ in range(SILENT_STEPS_MAX):
        action = _met(walk, nodes[walk.node])
        if action is not None:
            return counted(walk.state(state.actions + 1), action)
    return walk.state(state.actions), Farewell((), walk.language, "flow_looped")


def ask(node: AsksForKeys, language: Language, prompts: tuple[PromptKey, ...]) -> Ask:
    """Ask for keys with these words."""
    secret = node.rules if isinstance(node, Collect) and node.sensitive else None
    return Ask(prompts, language, node.barge_in, node.noinput_after_ms, secret)


def counted(state: FlowState, action: Action) -> Step:
    """This step; or the end, where the contact has had more of them than any needs."""
    if state.actions > SPOKEN_STEPS_MAX:
        return state, Farewell((), state.language, "flow_endless")
    return state, action


def _met(walk: _Walk, node: Node) -> Action | None:
    """What a node does; None when it is passed, with ``walk`` moved on.

    What most nodes of most flows are comes first: a caller waits for this.
    """
    match node:
        case Play():
            return Speak(node.prompts, walk.language, node.barge_in)
        case SetLanguage() | SetVariables() | Branch() | Hours():
            _pass(walk, node)
            return None
        case Menu() | Collect() | AskQuestion():
            return ask(node, walk.language, node.prompts)
        case Say():
            return _say(walk, node)
        case HangUp():
            return Farewell(node.prompts, walk.language, node.reason)
        case _:
            return _wanted(walk, node)


def _wanted(
    walk: _Walk,
    node: EnterQueue | TransferOutside | MakeWorkOrder | Lookup | Record | TextMessage,
) -> Action:
    """What a node wants of somebody else than the caller."""
    match node:
        case EnterQueue():
            return _join(walk, node)
        case TransferOutside(to=to, ring_ms_max=ring_ms_max):
            return CallOutside(to, ring_ms_max)
        case MakeWorkOrder(topic=topic, skill=skill, within_ms=within_ms):
            return OpenWorkOrder(topic, skill, within_ms)
        case Lookup():
            return asked(node, walk.values, walk.language)
        case Record():
            return message_of(node, walk.language)
        case TextMessage():
            return text_to_send(node, walk.values, walk.language)
        case _:
            assert_never(node)


def _join(walk: _Walk, node: EnterQueue) -> JoinQueue:
    prefer = node.prefer
    if prefer is None:
        return JoinQueue(node.queue, node.priority_ms)
    if prefer.agent is None:
        return JoinQueue(node.queue, node.priority_ms, "", prefer.for_ms, prefer.within_ms)
    name = str(walk.values[prefer.agent.index])
    # Nobody has no name: who knows of nobody waits for all alike.
    return JoinQueue(node.queue, node.priority_ms, name, prefer.for_ms if name else 0)


def _pass(walk: _Walk, node: _Silent) -> None:
    match node:
        case Branch():
            walk.node = _chosen(walk, node)
        case SetVariables():
            _set(walk, node)
        case Hours():
            walk.node = _hours_way(walk, node)
        case SetLanguage(language=language, next=following):
            walk.node, walk.language = following, language
        case _:
            assert_never(node)


def _say(walk: _Walk, say: Say) -> Speak | None:
    value = walk.values[say.what.index] if isinstance(say.what, Held) else say.what
    keys = spoken(say.way, value, walk.language)
    if keys is None:
        walk.faults += 1
        walk.node = say.next
        return None
    return Speak(say.prompts + keys, walk.language, say.barge_in)


def _set(walk: _Walk, changing: SetVariables) -> None:
    """Change variables one after the other: a later sum sees what an earlier one left."""
    for change in changing.changes:
        value = _became(walk, change.to)
        if value is None:
            walk.faults += 1
        else:
            walk.values = with_value(walk.values, change.index, value)
    if changing.language is not None:
        walk.language = changing.language
    walk.node = changing.next


def _became(walk: _Walk, to: Value | Held | Expression) -> Value | None:
    if isinstance(to, Expression):
        return to.value(walk.values, walk.language)
    return walk.values[to.index] if isinstance(to, Held) else to


def _hours_way(walk: _Walk, hours: Hours) -> NodeName:
    moment = walk.moment
    by_hand = moment.closed or moment.hotline.closed is not None
    said = Opening.EMERGENCY if by_hand else opening_at(hours.calendar, moment.wall)
    return hours.on[way_of(said, hours.on)]


def _chosen(walk: _Walk, branch: Branch) -> NodeName:
    for case in branch.cases:
        holds = case.condition.value(walk.values, walk.language)
        if holds is None:
            walk.faults += 1
            break
        if holds:
            return case.then
    return branch.otherwise
