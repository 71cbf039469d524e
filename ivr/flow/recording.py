"""The interpreter's part of ``record``: a message is let be left, and came to something or not."""

from dataclasses import dataclass

from ivr.flow.model import Language, PromptKey, Record, RecordExit


@dataclass(frozen=True, slots=True)
class RecordMessage:
    """Play these prompts, then a beep, then record what the caller says; ``MessageRecorded``."""

    prompts: tuple[PromptKey, ...]
    language: Language
    barge_in: bool
    topic: str
    max_ms: int
    silence_ms: int


@dataclass(frozen=True, slots=True)
class MessageRecorded:
    """What came of it: which way out of the node."""

    exit: RecordExit


def message_of(node: Record, language: Language) -> RecordMessage:
    """What is asked of the caller at this node."""
    return RecordMessage(
        node.prompts, language, node.barge_in, node.topic, node.max_ms, node.silence_ms
    )
