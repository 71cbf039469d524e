"""What the adapter needs of its surroundings, as Protocols."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.call.model import PartyRef
from ivr.flow.model import Language, PromptKey
from router.model import ContactId


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


@dataclass(frozen=True, slots=True)
class Edges:
    """What the adapter needs of its surroundings."""

    media: MediaLibrary
    parties: PartyBook
    new_contact: Callable[[], ContactId]
    note: Callable[[str, dict[str, str]], None]
