"""A caller test as a value: who is there, what the caller does, and what must come of it.

Each step knows its place in the author's file, so that what went otherwise is told there.
"""

from dataclasses import dataclass, field

from ivr.flow.problems import Place
from ivr.rehearsal.experts import Act
from ivr.rehearsal.stage import Company


@dataclass(frozen=True, slots=True)
class Hear:
    """These prompts are said next, in this order; in this language, where one is named."""

    place: Place
    prompts: tuple[str, ...]
    language: str | None = None


@dataclass(frozen=True, slots=True)
class HearWords:
    """What is said next has these words in it."""

    place: Place
    words: str


@dataclass(frozen=True, slots=True)
class Press:
    """The caller presses these keys, one shortly after the other."""

    place: Place
    keys: str


@dataclass(frozen=True, slots=True)
class LetPass:
    """The caller does nothing for so long."""

    place: Place
    for_ms: int


@dataclass(frozen=True, slots=True)
class SayWords:
    """The caller speaks into a recording for so long; it must come to one."""

    place: Place
    for_ms: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that must be so: ``what`` it is about, and the value as an author writes it."""

    place: Place
    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Expect:
    """These things must all come to be so."""

    place: Place
    things: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class ExpertDoes:
    """An expert does this now."""

    place: Place
    agent: str
    act: Act


@dataclass(frozen=True, slots=True)
class CloseHotline:
    """Somebody closes the hotline by hand now, for this reason."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True)
class OutsideHangsUp:
    """Who was called outside hangs up now."""

    place: Place


@dataclass(frozen=True, slots=True)
class HangUpNow:
    """The caller hangs up."""

    place: Place


CallStep = (
    Hear
    | HearWords
    | Press
    | LetPass
    | SayWords
    | Expect
    | ExpertDoes
    | CloseHotline
    | OutsideHangsUp
    | HangUpNow
)
"""One line of a call as its caller tells it."""


@dataclass(frozen=True, slots=True)
class CallerTest:
    """One call to one hotline. ``ending`` is what must be so when it is over."""

    name: str
    place: Place
    hotline: str
    dial: str
    steps: tuple[CallStep, ...]
    company: Company = field(default_factory=Company)
    ending: tuple[Expectation, ...] = ()
