"""What a caller says into a recording: ids, outcomes, and what is under way."""

from dataclasses import dataclass
from enum import Enum
from typing import NewType

from ivr.flow.model import Language, RecordExit
from router.model import Millis

RecordingId = NewType("RecordingId", str)
"""``<contact>.r<n>``: ours, used once; the name under which Asterisk writes it."""

VoiceMessageId = NewType("VoiceMessageId", str)
"""``<contact>.v<n>``: a recording that is kept."""

SPEECH_MS_MIN: Millis = 1_000
"""With less speech than this nobody has said anything: a cough, a click, a receiver put down."""


class RecordingOutcome(Enum):
    """How a recording ended."""

    RECORDED = "recorded"
    EMPTY = "empty"
    """The caller said nothing."""
    FAILED = "failed"
    """It was never begun, could not be written, or nobody knows what became of it."""


def outcome_of(speech_ms: Millis) -> RecordingOutcome:
    """The outcome of a recording that was written and holds so much speech."""
    is_empty = speech_ms < SPEECH_MS_MIN
    return RecordingOutcome.EMPTY if is_empty else RecordingOutcome.RECORDED


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording from its prompt on. ``exit`` is set when it is over and the leg is ending."""

    id: RecordingId
    topic: str
    language: Language
    max_ms: Millis
    silence_ms: Millis
    is_stopping: bool = False
    exit: RecordExit | None = None
