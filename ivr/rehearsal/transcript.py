"""What happened in a call, line by line, as its caller would tell it."""

from dataclasses import dataclass, field
from enum import Enum

from ivr.flow.model import Language, PromptKey
from ivr.flow.values import Value
from router.model import Millis

HIDDEN_KEY = "•"
"""What a transcript shows for a key that nobody may see."""


KEY_GAP_MS = 200
"""Between two keys of one ``press``."""


class Party(Enum):
    """Who ended a call."""

    CALLER = "the caller"
    EXPERT = "the expert"
    OUTSIDE = "the other side"
    HOTLINE = "the hotline"


@dataclass(frozen=True, slots=True)
class Dialled:
    """The caller dialled this number."""

    at: Millis
    number: str


@dataclass(slots=True)
class Heard:
    """These prompts were said to the caller, one after another.

    ``ends`` tells when each is over, if nothing cuts it; ``cut_at`` when something did.
    """

    at: Millis
    prompts: tuple[PromptKey, ...]
    language: Language
    ends: tuple[Millis, ...]
    cut_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed this key."""

    at: Millis
    key: str


@dataclass(frozen=True, slots=True)
class LookedUp:
    """Another system was asked and answered: ``said`` is what it told, by its names for it.

    ``why_unusable`` tells of an answer that the flow could not use, and went ``failed`` on.
    """

    at: Millis
    service: str
    outcome: str
    said: tuple[tuple[str, Value], ...]
    why_unusable: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """The caller waits in this queue from now on."""

    at: Millis
    queue: str
    priority_ms: Millis


@dataclass(frozen=True, slots=True)
class PositionSaid:
    """The caller was told her place in the queue, or how long it may yet take, or both."""

    at: Millis
    position: int
    prompts: tuple[PromptKey, ...]
    language: Language
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The queue gave the caller up."""

    at: Millis
    queue: str
    cause: str


@dataclass(frozen=True, slots=True)
class LeavesQueue:
    """The caller gave her place in the queue up, by a key that led elsewhere."""

    at: Millis
    queue: str


@dataclass(frozen=True, slots=True)
class RingsOutside:
    """The outside number of this name rings for the caller."""

    at: Millis
    to: str


@dataclass(frozen=True, slots=True)
class TalksOutside:
    """The caller and who was called outside hear each other."""

    at: Millis
    to: str


@dataclass(frozen=True, slots=True)
class PhoneRings:
    """An expert's phone rings for the caller, and shows this of her."""

    at: Millis
    agent: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class PhoneStops:
    """It rings no more, and she did not take the call."""

    at: Millis
    agent: str


@dataclass(frozen=True, slots=True)
class Talks:
    """The caller and this expert hear each other."""

    at: Millis
    agent: str


@dataclass(frozen=True, slots=True)
class OrderMade:
    """A work order was opened for the caller."""

    at: Millis
    topic: str
    skill: str | None
    within_ms: Millis


@dataclass(frozen=True, slots=True)
class TextSent:
    """A text was sent to the caller."""

    at: Millis
    template: str
    language: Language
    text: str


@dataclass(frozen=True, slots=True)
class Beeps:
    """The caller hears the beep, and what is said from now on is recorded; or it ``failed``."""

    at: Millis
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Speaks:
    """The caller speaks, for so long."""

    at: Millis
    for_ms: Millis


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """What the caller said was kept as a message."""

    at: Millis
    topic: str
    speech_ms: Millis


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call was ended."""

    at: Millis
    by: Party


Line = (
    Dialled
    | Heard
    | Pressed
    | LookedUp
    | Waits
    | PositionSaid
    | GivenUp
    | LeavesQueue
    | RingsOutside
    | TalksOutside
    | PhoneRings
    | PhoneStops
    | Talks
    | OrderMade
    | Beeps
    | Speaks
    | MessageLeft
    | TextSent
    | HungUp
)
"""One thing that happened in the call."""


@dataclass(slots=True)
class Transcript:
    """Everything that happened in one call, in order."""

    began_at: Millis
    lines: list[Line] = field(default_factory=lambda: list[Line]())

    def heard(self) -> list[Heard]:
        """What was said to the caller, announcements of her place left out."""
        return [line for line in self.lines if isinstance(line, Heard)]
