"""A hotline as a value: flows of nodes, as the loader makes them and the interpreter walks them.

The words follow VoiceXML 2.1: *noinput* (nothing pressed in time), *nomatch* (a key without a
choice), *barge-in* (a key cuts the prompt). Durations are whole milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NewType

NodeName = NewType("NodeName", str)
PromptKey = NewType("PromptKey", str)
Language = NewType("Language", str)


class QueueExit(Enum):
    """By which door a contact can leave a queue without having met an agent.

    The names an author writes under ``on:``.
    """

    NO_AGENTS = "no_agents"
    TIMED_OUT = "timed_out"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Play:
    """Say something and go on."""

    prompts: tuple[PromptKey, ...]
    next: NodeName
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a menu asks again, with what words, and where the caller goes after that."""

    times: int
    then: NodeName
    prompts: tuple[PromptKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Menu:
    """Ask for one key."""

    prompts: tuple[PromptKey, ...]
    choices: Mapping[str, NodeName]
    noinput_after_ms: int
    noinput: Retry
    nomatch: Retry
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Speak this language from here on."""

    language: Language
    next: NodeName


@dataclass(frozen=True, slots=True)
class EnterQueue:
    """Wait for an agent; ``on`` names the next node for each way of not meeting one.

    ``FULL`` may be absent where the queue has no limit of waiting contacts.
    """

    queue: str
    priority_ms: int
    on: Mapping[QueueExit, NodeName]


@dataclass(frozen=True, slots=True)
class MakeWorkOrder:
    """Promise to call back within ``within_ms``; silent, so a node that says so belongs after it.

    ``skill`` is what the caller back must have; None when anybody may call.
    """

    topic: str
    skill: str | None
    within_ms: int
    next: NodeName


@dataclass(frozen=True, slots=True)
class HangUp:
    """Say the last words, if any, and end the contact."""

    prompts: tuple[PromptKey, ...] = ()
    reason: str = "completed"


Node = Play | Menu | SetLanguage | EnterQueue | MakeWorkOrder | HangUp
"""One step of a flow."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Named nodes and the one where a caller begins."""

    name: str
    start: NodeName
    nodes: Mapping[NodeName, Node]


@dataclass(frozen=True, slots=True)
class Hotline:
    """A dialled number (or several) with its flow and languages; the first language is default."""

    name: str
    numbers: tuple[str, ...]
    languages: tuple[Language, ...]
    timezone: str
    flow: Flow
