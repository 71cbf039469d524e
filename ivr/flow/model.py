"""A hotline as a value: flows of nodes, as the loader makes them and the interpreter walks them.

The words follow VoiceXML 2.1: *noinput* (nothing pressed in time), *nomatch* (a key without a
choice), *barge-in* (a key cuts the prompt). Durations are whole milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NewType

from ivr.flow.collecting import DigitRules
from ivr.flow.conditions import Expression
from ivr.flow.opening import Calendar, Opening
from ivr.flow.values import Value, Variable

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
    """How often a menu asks again, with what words, and where the caller goes after that.

    ``prompts`` are said first; then ``reprompt`` where there is one, else the menu's own words.
    """

    times: int
    then: NodeName
    prompts: tuple[PromptKey, ...] = ()
    reprompt: tuple[PromptKey, ...] = ()


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
class Change:
    """One variable and what it becomes: a value, or the result of a sum.

    ``index`` is its place among the values; ``name`` is for people.
    """

    name: str
    index: int
    to: Value | Expression


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Remember something, and perhaps change the language; silent.

    A sum that comes to nothing (beyond 64 bits) leaves its variable as it was.
    """

    changes: tuple[Change, ...]
    next: NodeName
    language: Language | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One way of a branch, and what has to hold for it."""

    condition: Expression
    then: NodeName


@dataclass(frozen=True, slots=True)
class Branch:
    """Go the first way whose condition holds; silent.

    A condition that comes to nothing does not let later ones decide in its place: it leads to
    ``otherwise``.
    """

    cases: tuple[Case, ...]
    otherwise: NodeName


class SayAs(Enum):
    """As what a value is spoken; the names an author writes under ``say:``."""

    NUMBER = "number"
    ORDINAL = "ordinal"
    DIGITS = "digits"
    PHONE = "phone"
    MONEY = "money"
    DURATION = "duration"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Held:
    """The value of a variable, by its place among the values; ``name`` is for people."""

    name: str
    index: int


@dataclass(frozen=True, slots=True)
class Say:
    """Speak a value, after ``prompts`` if there are any, and go on.

    A value that can not be spoken (too large, no date) is passed over, lead-in and all.
    """

    way: SayAs
    what: Value | Held
    next: NodeName
    prompts: tuple[PromptKey, ...] = ()
    barge_in: bool = True


@dataclass(frozen=True, slots=True)
class Hours:
    """Go on by what the calendar says of this moment; silent.

    ``on`` has at least ``open`` and ``closed``.
    """

    calendar: Calendar
    on: Mapping[Opening, NodeName]


@dataclass(frozen=True, slots=True)
class Collect:
    """Ask for digits, and remember them ``into`` a variable; as a number if ``is_number``."""

    prompts: tuple[PromptKey, ...]
    rules: DigitRules
    into: Held
    next: NodeName
    noinput_after_ms: int
    between_digits_ms: int
    noinput: Retry
    nomatch: Retry
    barge_in: bool = True
    is_number: bool = False


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


Node = (
    Play
    | Say
    | Menu
    | Collect
    | SetLanguage
    | SetVariables
    | Branch
    | Hours
    | EnterQueue
    | MakeWorkOrder
    | HangUp
)
"""One step of a flow."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Named nodes, the one where a caller begins, and what is remembered on the way."""

    name: str
    start: NodeName
    nodes: Mapping[NodeName, Node]
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True, slots=True)
class Hotline:
    """A dialled number (or several) with its flow and languages; the first language is default."""

    name: str
    numbers: tuple[str, ...]
    languages: tuple[Language, ...]
    timezone: str
    flow: Flow
    closed: str | None = None
    """Why it is closed by hand; None while it is not."""
