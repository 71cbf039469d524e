"""The words between the interpreter and the call core: what is to be done, and what came of it.

An action tells what should be heard, asked or awaited; an input tells what came of it. Between the
two there is a ``FlowState``, and nothing else is remembered.
"""

from dataclasses import dataclass

from ivr.flow.asking import Answers
from ivr.flow.collecting import DigitRules
from ivr.flow.looking_up import AskService, LookupReturned
from ivr.flow.model import Language, NodeName, PromptKey, QueueExit
from ivr.flow.recording import MessageRecorded, RecordMessage
from ivr.flow.secret_entry import SecretEntry, SecretKey
from ivr.flow.sending import SendText, TextHandled
from ivr.flow.transferring import CallOutside, OutsideFailed
from ivr.flow.values import Values


@dataclass(frozen=True, slots=True)
class FlowState:
    """Where a contact stands in its flow, and what the flow remembers of it.

    ``values`` are those of the flow's variables in the order of their declaration. ``faults``
    counts what came to nothing on the way: conditions and sums beyond 64 bits, values that can
    not be spoken. ``keyed`` are the digits of an entry under way, ``secret`` is one that nobody
    sees. ``answers`` are those to the questions of a survey.
    """

    node: NodeName
    language: Language
    noinputs: int = 0
    nomatches: int = 0
    actions: int = 0
    values: Values = ()
    faults: int = 0
    keyed: str = ""
    secret: SecretEntry | None = None
    answers: Answers = ()


@dataclass(frozen=True, slots=True)
class Speak:
    """Play these prompts, then report ``SpeechEnded``; a key may cut it if ``barge_in``."""

    prompts: tuple[PromptKey, ...]
    language: Language
    barge_in: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Play these prompts, if any, then give the caller ``noinput_after_ms`` to press one key.

    ``secret`` are the rules of an entry of which only the vault may see the keys.
    """

    prompts: tuple[PromptKey, ...]
    language: Language
    barge_in: bool
    noinput_after_ms: int
    secret: DigitRules | None = None


@dataclass(frozen=True, slots=True)
class JoinQueue:
    """Hand the contact to the router.

    With ``prefer_ms`` it waits at first for one agent alone: the one of the name in ``prefer``, or
    where that is empty who served the caller last, if it was within ``prefer_within_ms``.
    """

    queue: str
    priority_ms: int
    prefer: str = ""
    prefer_ms: int = 0
    prefer_within_ms: int = 0


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


Action = (
    Speak
    | Ask
    | JoinQueue
    | CallOutside
    | OpenWorkOrder
    | AskService
    | RecordMessage
    | Farewell
    | SendText
)
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


FlowInput = (
    SpeechEnded
    | KeyPressed
    | SecretKey
    | InputTimedOut
    | QueueLeft
    | OutsideFailed
    | WorkOrderOpened
    | LookupReturned
    | MessageRecorded
    | TextHandled
)
"""What came of the last action."""

Step = tuple[FlowState, Action]
"""Where the contact stands now, and what is done next."""
