"""Walks a flow: a state and an input give the next state and one action. Pure and total.

The interpreter never waits and never plays: it says what should be heard or awaited, and is told
what came of it. Silent nodes (such as ``set``) are passed through within one step; their number
is limited, so that a cycle without a caller's input ends instead of spinning.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from ivr.flow.model import (
    EnterQueue,
    HangUp,
    Hotline,
    Language,
    MakeWorkOrder,
    Menu,
    NodeName,
    Play,
    PromptKey,
    QueueExit,
    Retry,
    SetLanguage,
)

SILENT_STEPS_MAX = 100
"""Nodes passed through without a word to the caller before the flow counts as looping."""

SPOKEN_STEPS_MAX = 500
"""Actions of one contact before its flow counts as endless."""


@dataclass(frozen=True, slots=True)
class FlowState:
    """Where a contact stands in its flow."""

    node: NodeName
    language: Language
    noinputs: int = 0
    nomatches: int = 0
    actions: int = 0


@dataclass(frozen=True, slots=True)
class Speak:
    """Play these prompts, then report ``SpeechEnded``; a key may cut it if ``barge_in``."""

    prompts: tuple[PromptKey, ...]
    language: Language
    barge_in: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Play these prompts, then give the caller ``noinput_after_ms`` to press one key."""

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


def begin(hotline: Hotline) -> Step:
    """The first action for a caller of this hotline."""
    return _enter(hotline, FlowState(hotline.flow.start, hotline.languages[0]))


def advance(hotline: Hotline, state: FlowState, given: FlowInput) -> Step | None:
    """The next action, or None when the input has no meaning where the contact stands.

    None is not an error: a key pressed a moment after the menu ended, or a timer that lost its
    race, belongs to nothing any more.
    """
    match hotline.flow.nodes[state.node], given:
        case Play(next=following), SpeechEnded():
            return _enter(hotline, replace(state, node=following))
        case Menu() as menu, KeyPressed(key):
            return _choose(hotline, state, menu, key)
        case Menu() as menu, InputTimedOut():
            tried = replace(state, noinputs=state.noinputs + 1)
            return _again(hotline, tried, menu, menu.noinput, tried.noinputs)
        case EnterQueue(on=exits), QueueLeft(exit):
            return _enter(hotline, replace(state, node=_way_out(exits, exit)))
        case MakeWorkOrder(next=following), WorkOrderOpened():
            return _enter(hotline, replace(state, node=following))
        case _:
            return None


def _way_out(exits: Mapping[QueueExit, NodeName], exit: QueueExit) -> NodeName:
    # A limit that was given to the queue after this flow began has no way out of its own here.
    return exits[exit] if exit in exits else exits[QueueExit.NO_AGENTS]


def _choose(hotline: Hotline, state: FlowState, menu: Menu, key: str) -> Step:
    chosen = menu.choices.get(key)
    if chosen is not None:
        return _enter(hotline, replace(state, node=chosen))
    tried = replace(state, nomatches=state.nomatches + 1)
    return _again(hotline, tried, menu, menu.nomatch, tried.nomatches)


def _again(hotline: Hotline, state: FlowState, menu: Menu, retry: Retry, tries: int) -> Step:
    if tries > retry.times:
        return _enter(hotline, replace(state, node=retry.then))
    return _count(state, _ask(menu, state.language, retry.prompts + menu.prompts))


def _ask(menu: Menu, language: Language, prompts: tuple[PromptKey, ...]) -> Ask:
    return Ask(prompts, language, menu.barge_in, menu.noinput_after_ms)


def _enter(hotline: Hotline, state: FlowState) -> Step:
    state = replace(state, noinputs=0, nomatches=0)
    for _ in range(SILENT_STEPS_MAX):
        node = hotline.flow.nodes[state.node]
        match node:
            case SetLanguage(language=language, next=following):
                state = replace(state, node=following, language=language)
            case Play(prompts=prompts, barge_in=barge_in):
                return _count(state, Speak(prompts, state.language, barge_in))
            case Menu() as menu:
                return _count(state, _ask(menu, state.language, menu.prompts))
            case EnterQueue(queue=queue, priority_ms=priority_ms):
                return _count(state, JoinQueue(queue, priority_ms))
            case MakeWorkOrder(topic=topic, skill=skill, within_ms=within_ms):
                return _count(state, OpenWorkOrder(topic, skill, within_ms))
            case HangUp(prompts=prompts, reason=reason):
                return _count(state, Farewell(prompts, state.language, reason))
            case _:
                assert_never(node)
    return state, Farewell((), state.language, "flow_looped")


def _count(state: FlowState, action: Action) -> Step:
    counted = replace(state, actions=state.actions + 1)
    if counted.actions > SPOKEN_STEPS_MAX:
        return counted, Farewell((), state.language, "flow_endless")
    return counted, action
