"""What of a flow's action still matters while it is being heard."""

from dataclasses import dataclass
from enum import Enum

from ivr.flow.actions import Action, Ask, Farewell, Speak
from ivr.flow.collecting import DigitRules
from ivr.flow.recording import RecordMessage


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
    secret: DigitRules | None = None
    """What a secret has to be that is asked for."""


def speech_of(action: Action) -> Speech | None:
    """The speech an action is, None when nothing is said."""
    match action:
        case Speak(barge_in=barge_in) | RecordMessage(barge_in=barge_in):
            return Speech(SpeechKind.SPEAK, barge_in)
        case Ask(barge_in=barge_in, noinput_after_ms=patience_ms, secret=secret):
            return Speech(SpeechKind.ASK, barge_in, patience_ms, secret)
        case Farewell():
            return Speech(SpeechKind.FAREWELL)
        case _:
            return None
