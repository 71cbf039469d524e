"""What of a flow's action still matters while it is being heard."""

from dataclasses import dataclass
from enum import Enum

from ivr.flow.interpreter import Action, Ask, Farewell, Speak


class SpeechKind(Enum):
    """What follows the prompts."""

    SPEAK = "speak"
    """The flow goes on."""
    ASK = "ask"
    """A key is waited for."""
    FAREWELL = "farewell"
    """The contact ends."""


@dataclass(frozen=True, slots=True)
class Speech:
    """What the caller hears: what follows it, whether a key cuts it, and the menu's patience."""

    kind: SpeechKind
    barge_in: bool = False
    noinput_after_ms: int = 0


def speech_of(action: Action) -> Speech | None:
    """The speech an action is, None when nothing is said."""
    match action:
        case Speak(barge_in=barge_in):
            return Speech(SpeechKind.SPEAK, barge_in)
        case Ask(barge_in=barge_in, noinput_after_ms=patience_ms):
            return Speech(SpeechKind.ASK, barge_in, patience_ms)
        case Farewell():
            return Speech(SpeechKind.FAREWELL)
        case _:
            return None
