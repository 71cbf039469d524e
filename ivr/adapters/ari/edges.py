"""What the adapter needs of its surroundings, as Protocols."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.call.model import PartyRef
from ivr.call.voice import RecordingId
from ivr.flow.model import Language, PromptKey
from router.model import AgentId, ContactId, Millis


class MediaLibrary(Protocol):
    """Where the audio of a prompt lies."""

    def media_uri(self, prompt: PromptKey, language: Language) -> str:
        """What Asterisk is told to play; a catalogue key only, never a caller's words."""
        ...


class PartyBook(Protocol):
    """The one place where numbers are kept."""

    def refer(self, number: str) -> PartyRef:
        """A reference that stands for this number."""
        ...


def _not_allowed(name: str) -> None:
    del name


def _nobody(number: str) -> None:
    del number


class RecordingShelf(Protocol):
    """Where Asterisk writes what it records."""

    def speech_ms(self, recording: RecordingId) -> int | None:
        """How long there is speech in a recording that is over; None if there is no such file."""
        ...

    def discard(self, recording: RecordingId) -> None:
        """Remove a recording that is not kept."""
        ...


class NoShelf:
    """Nobody can look where Asterisk writes: whatever it records has failed."""

    def speech_ms(self, recording: RecordingId) -> int | None:
        """Nobody knows."""
        del recording

    def discard(self, recording: RecordingId) -> None:
        """It stays where it is."""
        del recording


@dataclass(frozen=True, slots=True)
class Edges:
    """What the adapter needs of its surroundings."""

    media: MediaLibrary
    parties: PartyBook
    new_contact: Callable[[], ContactId]
    note: Callable[[str, dict[str, str]], None]
    recordings: RecordingShelf = NoShelf()  # noqa: RUF009 - it holds nothing
    beep: str = ""
    """The ``sound:`` URI of what is heard before a recording; nothing is, without one."""
    outside: Callable[[str], str | None] = _not_allowed
    """The number of this name on the allow-list of the site that holds now; None if it has none."""
    last_served: Callable[[str], tuple[AgentId, Millis] | None] = _nobody
    """Who served this number last, and how long ago; asked while a call comes in, so at once."""
