"""A hotline as a value: flows of nodes, as the loader makes them and the interpreter walks them.

The words follow VoiceXML 2.1: *noinput* (nothing pressed in time), *nomatch* (a key without a
choice), *barge-in* (a key cuts the prompt). Durations are whole milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NewType

from ivr.flow.collecting import DigitRules
from ivr.flow.conditions import Expression
from ivr.flow.exits import LIKE_FULL as LIKE_FULL
from ivr.flow.exits import OutsideExit as OutsideExit
from ivr.flow.exits import QueueExit as QueueExit
from ivr.flow.opening import Calendar, Opening
from ivr.flow.services import LookupOutcome, SentAs
from ivr.flow.texts import Template
from ivr.flow.values import Kind, Value, Variable

NodeName = NewType("NodeName", str)
PromptKey = NewType("PromptKey", str)
Language = NewType("Language", str)


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
class Held:
    """The value of a variable, by its place among the values; ``name`` is for people."""

    name: str
    index: int


@dataclass(frozen=True, slots=True)
class Change:
    """One variable and what it becomes: a value, that of another variable, or a sum's result.

    ``index`` is its place among the values; ``name`` is for people.
    """

    name: str
    index: int
    to: Value | Held | Expression


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
    sensitive: bool = False
    """What is keyed goes to the vault, and ``into`` holds but a reference to it."""


@dataclass(frozen=True, slots=True)
class Prefer:
    """The one agent for whom a contact waits at first, for at most ``for_ms``.

    ``agent`` is the variable with her name; None means who served this number last, if that is no
    longer ago than ``within_ms``.
    """

    agent: Held | None
    for_ms: int
    within_ms: int


@dataclass(frozen=True, slots=True)
class EnterQueue:
    """Wait for an agent; ``on`` names the next node for each way of not meeting one.

    ``FULL`` may be absent where the queue has no limit of waiting contacts; the doors of
    ``LIKE_FULL`` always may. ``keys`` lead a waiting
    caller on without losing her place. ``context`` is what the expert is shown. ``transfer`` tells
    for whom the queue of a ``transfer`` node waits; it is empty for the queues of authors.
    """

    queue: str
    priority_ms: int
    on: Mapping[QueueExit, NodeName]
    keys: Mapping[str, NodeName] = field(default_factory=dict[str, NodeName])
    context: tuple[Held, ...] = ()
    transfer: str = ""
    prefer: Prefer | None = None


@dataclass(frozen=True, slots=True)
class TransferOutside:
    """Put the caller through to the outside number of this name; ``on`` has every exit."""

    to: str
    ring_ms_max: int
    on: Mapping[OutsideExit, NodeName]


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
class Send:
    """One thing a service is told, by its name for it; ``held`` is None for the caller's number."""

    name: str
    sent_as: SentAs
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One thing of an answer, by the service's name for it, and the variable that holds it."""

    name: str
    kind: Kind
    into: Held


@dataclass(frozen=True, slots=True)
class Lookup:
    """Ask another system; ``on`` has each way but ``LOST``, which is there where a secret is sent.

    The caller hears ``prompts`` meanwhile, if there are any, and then music.
    """

    service: str
    sends: tuple[Send, ...]
    takes: tuple[Take, ...]
    on: Mapping[LookupOutcome, NodeName]
    prompts: tuple[PromptKey, ...]
    patience_ms_max: int


@dataclass(frozen=True, slots=True)
class TextMessage:
    """Send the caller a text; silent.

    ``values`` are the variables of the template, by the names they have there. A caller without a
    number goes to ``no_number``.
    """

    template: str
    values: tuple[Held, ...]
    next: NodeName
    no_number: NodeName


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Ask for one key out of a few, and record it as the answer to a question of this name.

    ``answers`` are these keys, and where each leads: an author writes one node for them all.
    """

    prompts: tuple[PromptKey, ...]
    question: str
    answers: Mapping[str, NodeName]
    noinput_after_ms: int
    noinput: Retry
    nomatch: Retry
    barge_in: bool = True
    into: Held | None = None
    is_number: bool = False


class RecordExit(Enum):
    """What came of a message that a caller was asked for; the ways out of a ``record`` node."""

    RECORDED = "next"
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Record:
    """Let the caller leave a message about ``topic``, after a beep.

    It ends by ``#``, by ``silence_ms`` of silence, after ``max_ms``, or with the call. ``on`` has
    every exit.
    """

    prompts: tuple[PromptKey, ...]
    topic: str
    max_ms: int
    silence_ms: int
    on: Mapping[RecordExit, NodeName]
    barge_in: bool = True


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
    | TransferOutside
    | MakeWorkOrder
    | Record
    | TextMessage
    | AskQuestion
    | Lookup
    | HangUp
)
"""One step of a flow."""


@dataclass(frozen=True, slots=True)
class Source:
    """What an author wrote for a node: where, and as what if it was a jump between flows.

    ``node`` is ``flow/node``, or the bare name in the flow where a caller begins. ``kind`` is
    ``goto``, ``subflow`` or ``return``, with the flow or the exit in ``about``; else empty.
    ``ways`` goes from a way's label to the written node and way it counts as, and has no entry for
    a way that nobody wrote; None where its ways count as its own.
    """

    node: str
    kind: str = ""
    about: str = ""
    ways: Mapping[str, tuple[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """Named nodes, the one where a caller begins, and what is remembered on the way."""

    name: str
    start: NodeName
    nodes: Mapping[NodeName, Node]
    variables: tuple[Variable, ...] = ()
    sources: Mapping[NodeName, Source] = field(default_factory=dict[NodeName, Source])
    """Of the nodes that came of a jump between flows, or lie in another flow than the first."""
    hushed: frozenset[NodeName] = field(default=frozenset(), compare=False)
    """Where keys may be those of a secret that is asked for next (``ivr.flow.secrets``)."""


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
    texts: Mapping[str, Template] = field(default_factory=dict[str, Template])
    """The texts that its flow sends, by name."""
