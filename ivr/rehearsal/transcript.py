"""What happened in a call, line by line, as its caller would tell it."""

from dataclasses import dataclass, field
from enum import Enum

from ivr.flow.model import Language, PromptKey
from router.model import Millis


class Party(Enum):
    """Who ended a call."""

    CALLER = "the caller"
    EXPERT = "the expert"
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
class Waits:
    """The caller waits in this queue from now on."""

    at: Millis
    queue: str
    priority_ms: Millis


@dataclass(frozen=True, slots=True)
class PositionSaid:
    """The caller was told her place in the queue."""

    at: Millis
    position: int
    prompts: tuple[PromptKey, ...]
    language: Language


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The queue gave the caller up."""

    at: Millis
    queue: str
    cause: str


@dataclass(frozen=True, slots=True)
class PhoneRings:
    """An expert's phone rings for the caller."""

    at: Millis
    agent: str


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
class HungUp:
    """The call was ended."""

    at: Millis
    by: Party


Line = (
    Dialled
    | Heard
    | Pressed
    | Waits
    | PositionSaid
    | GivenUp
    | PhoneRings
    | PhoneStops
    | Talks
    | OrderMade
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
