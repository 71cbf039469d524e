"""Walks a flow: a state and an input give the next state and one action. Pure and total.

The interpreter never waits and never plays: it says what should be heard or awaited, and is told
what came of it. Silent nodes (``set``, ``branch``, ``hours``) are passed through within one step;
their number is limited, so that a cycle without a caller's input ends instead of spinning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, assert_never

from ivr.flow.collecting import (
    TERMINATOR_MS,
    Entered,
    Entry,
    Failed,
    Going,
    take_key,
    take_silence,
)
from ivr.flow.conditions import Expression
from ivr.flow.model import (
    Branch,
    Collect,
    EnterQueue,
    HangUp,
    Held,
    Hotline,
    Hours,
    Language,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
    Say,
    SetLanguage,
    SetVariables,
)
from ivr.flow.opening import Opening, opening_at, way_of
from ivr.flow.saying import spoken
from ivr.flow.values import Values, with_value

SILENT_STEPS_MAX = 100
"""Nodes passed through without a word to the caller before the flow counts as looping."""

SPOKEN_STEPS_MAX = 500
"""Actions of one contact before its flow counts as endless."""


@dataclass(frozen=True, slots=True)
class FlowState:
    """Where a contact stands in its flow, and what the flow remembers of it.

    ``values`` are those of the flow's variables in the order of their declaration. ``faults``
    counts what came to nothing on the way: conditions and sums beyond 64 bits, values that can
    not be spoken. ``keyed`` are the digits of an entry under way.
    """

    node: NodeName
    language: Language
    noinputs: int = 0
    nomatches: int = 0
    actions: int = 0
    values: Values = ()
    faults: int = 0
    keyed: str = ""


@dataclass(frozen=True, slots=True)
class Speak:
    """Play these prompts, then report ``SpeechEnded``; a key may cut it if ``barge_in``."""

    prompts: tuple[PromptKey, ...]
    language: Language
    barge_in: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Play these prompts, if any, then give the caller ``noinput_after_ms`` to press one key."""

    prompts: tuple[PromptKey, ...]
    language: Language
    barge_in: bool
    noinput_after_ms: int


@dataclass(frozen=True, slots=True)
class JoinQueue:
    """Hand the contact to the router."""

    queue: str
    priority_ms: int


@dataclass(frozen=True, slots=True)
class OpenWorkOrder:
    """Open a work order, then report ``WorkOrderOpened``; the caller hears nothing of it."""

    topic: str
    skill: str | None
    within_ms: int


@dataclass(frozen=True, slots=True)
class Farewell:
    """Play these prompts, if any, and end the contact."""

    prompts: tuple[PromptKey, ...]
    language: Language
    reason: str


Action = Speak | Ask | JoinQueue | OpenWorkOrder | Farewell
"""What the call core does next for this contact."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The prompts of a ``Speak`` are over, or were cut by a key."""


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One DTMF key: 0-9, *, # or A-D."""

    key: str


@dataclass(frozen=True, slots=True)
class InputTimedOut:
    """Nothing was pressed in time."""


@dataclass(frozen=True, slots=True)
class QueueLeft:
    """The contact left the queue without an agent."""

    exit: QueueExit


@dataclass(frozen=True, slots=True)
class WorkOrderOpened:
    """The promise to call back is on record."""


FlowInput = SpeechEnded | KeyPressed | InputTimedOut | QueueLeft | WorkOrderOpened
"""What came of the last action."""

Step = tuple[FlowState, Action]


class _Moment(NamedTuple):
    """Whose flow is walked, and what the clock on the wall shows, in UTC milliseconds."""

    hotline: Hotline
    wall: int


def begin(hotline: Hotline, *, wall: int = 0) -> Step:
    """The first action for a caller of this hotline.

    ``wall`` is UTC milliseconds, here and in ``advance``: opening hours hang on it, nothing else.
    """
    flow = hotline.flow
    values = tuple(each.default for each in flow.variables)
    start = FlowState(flow.start, hotline.languages[0], values=values)
    return _enter(_Moment(hotline, wall), start, flow.start)


def advance(hotline: Hotline, state: FlowState, given: FlowInput, *, wall: int = 0) -> Step | None:
    """The next action, or None when the input has no meaning where the contact stands.

    None is not an error: a key pressed a moment after the menu ended, or a timer that lost its
    race, belongs to nothing any more.
    """
    moment = _Moment(hotline, wall)
    match hotline.flow.nodes[state.node], given:
        case Play(next=following) | Say(next=following), SpeechEnded():
            return _enter(moment, state, following)
        case Menu() as menu, KeyPressed(key):
            return _choose(moment, state, menu, key)
        case Menu() as menu, InputTimedOut():
            tried = replace(state, noinputs=state.noinputs + 1)
            return _again(moment, tried, menu, menu.noinput, tried.noinputs)
        case Collect() as collect, KeyPressed(key):
            entry = take_key(collect.rules, state.keyed, key)
            return _collected(moment, state, collect, entry)
        case Collect() as collect, InputTimedOut():
            entry = take_silence(collect.rules, state.keyed)
            return _collected(moment, state, collect, entry)
        case EnterQueue(on=exits), QueueLeft(exit):
            return _enter(moment, state, _way_out(exits, exit))
        case MakeWorkOrder(next=following), WorkOrderOpened():
            return _enter(moment, state, following)
        case _:
            return None


def _way_out(exits: Mapping[QueueExit, NodeName], exit: QueueExit) -> NodeName:
    # A limit that was given to the queue after this flow began has no way out of its own here.
    return exits[exit] if exit in exits else exits[QueueExit.NO_AGENTS]


def _choose(moment: _Moment, state: FlowState, menu: Menu, key: str) -> Step:
    chosen = menu.choices.get(key)
    if chosen is not None:
        return _enter(moment, state, chosen)
    tried = replace(state, nomatches=state.nomatches + 1)
    return _again(moment, tried, menu, menu.nomatch, tried.nomatches)


def _collected(moment: _Moment, state: FlowState, collect: Collect, entry: Entry) -> Step:
    match entry:
        case Going(digits, is_full):
            patience_ms = TERMINATOR_MS if is_full else collect.between_digits_ms
            listening = Ask((), state.language, collect.barge_in, patience_ms)
            return replace(state, keyed=digits), listening
        case Entered(digits):
            value = int(digits) if collect.is_number else digits
            values = with_value(state.values, collect.into.index, value)
            return _enter(moment, replace(state, values=values), collect.next)
        case Failed.NOINPUT:
            tried = replace(state, noinputs=state.noinputs + 1, keyed="")
            return _again(moment, tried, collect, collect.noinput, tried.noinputs)
        case Failed.NOMATCH:
            tried = replace(state, nomatches=state.nomatches + 1, keyed="")
            return _again(moment, tried, collect, collect.nomatch, tried.nomatches)
        case _:
            assert_never(entry)


def _again(
    moment: _Moment, state: FlowState, menu: Menu | Collect, retry: Retry, tries: int
) -> Step:
    if tries > retry.times:
        return _enter(moment, state, retry.then)
    said = retry.prompts + (retry.reprompt or menu.prompts)
    return _counted(replace(state, actions=state.actions + 1), _ask(menu, state.language, said))


def _ask(menu: Menu | Collect, language: Language, prompts: tuple[PromptKey, ...]) -> Ask:
    return Ask(prompts, language, menu.barge_in, menu.noinput_after_ms)


@dataclass(slots=True)
class _Walk:
    """What changes while silent nodes are passed, before it becomes a state again."""

    node: NodeName
    language: Language
    values: Values
    faults: int
    moment: _Moment

    def state(self, actions: int) -> FlowState:
        return FlowState(self.node, self.language, 0, 0, actions, self.values, self.faults)


def _enter(moment: _Moment, state: FlowState, name: NodeName) -> Step:
    """Come to a node: pass what is silent, and act on the first that is not."""
    walk = _Walk(name, state.language, state.values, state.faults, moment)
    nodes = moment.hotline.flow.nodes
    for _ in range(SILENT_STEPS_MAX):
        action = _met(walk, nodes[walk.node])
        if action is not None:
            return _counted(walk.state(state.actions + 1), action)
    return walk.state(state.actions), Farewell((), walk.language, "flow_looped")


def _met(walk: _Walk, node: Node) -> Action | None:
    """What a node does; None when it is passed, with ``walk`` moved on."""
    match node:
        case Play(prompts=prompts, barge_in=barge_in):
            return Speak(prompts, walk.language, barge_in)
        case Menu() | Collect():
            return _ask(node, walk.language, node.prompts)
        case EnterQueue(queue=queue, priority_ms=priority_ms):
            return JoinQueue(queue, priority_ms)
        case MakeWorkOrder(topic=topic, skill=skill, within_ms=within_ms):
            return OpenWorkOrder(topic, skill, within_ms)
        case HangUp(prompts=prompts, reason=reason):
            return Farewell(prompts, walk.language, reason)
        case Say() as say:
            return _say(walk, say)
        case _:
            _pass(walk, node)
    return None


def _pass(walk: _Walk, node: SetLanguage | SetVariables | Branch | Hours) -> None:
    match node:
        case SetLanguage(language=language, next=following):
            walk.node, walk.language = following, language
        case SetVariables():
            _set(walk, node)
        case Branch():
            walk.node = _chosen(walk, node)
        case Hours():
            walk.node = _hours_way(walk, node)
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
        to = change.to
        value = to.value(walk.values, walk.language) if isinstance(to, Expression) else to
        if value is None:
            walk.faults += 1
        else:
            walk.values = with_value(walk.values, change.index, value)
    if changing.language is not None:
        walk.language = changing.language
    walk.node = changing.next


def _hours_way(walk: _Walk, hours: Hours) -> NodeName:
    hotline, wall = walk.moment
    by_hand = hotline.closed is not None
    said = Opening.EMERGENCY if by_hand else opening_at(hours.calendar, wall)
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


def _counted(counted: FlowState, action: Action) -> Step:
    if counted.actions > SPOKEN_STEPS_MAX:
        return counted, Farewell((), counted.language, "flow_endless")
    return counted, action
