"""What can be asked of the call core from outside, and what can become of it.

Both ends of a request need these words, and the one that asks needs nothing else of the core.
"""

from enum import Enum


class TransferOrder(Enum):
    """What an agent can ask of the talk that she is in."""

    CONSULT = "consult"
    """Her caller waits with music while she asks somebody."""
    BLIND = "blind"
    """Her caller waits for somebody else, and she is out of it."""
    COMPLETE = "complete"
    """Caller and expert go on without her."""
    CANCEL = "cancel"
    """Back to her caller."""


class ClosingAnswer(Enum):
    """What became of closing or opening a hotline by hand."""

    DONE = "done"
    UNCHANGED = "unchanged"
    """It was so already."""
    UNKNOWN_HOTLINE = "unknown_hotline"
    NO_HOURS = "no_hours"
    """Its flow has no hours node: no caller would notice."""
    TOO_MANY = "too_many"


class TransferAnswer(Enum):
    """What became of a transfer that was asked for from outside."""

    DONE = "done"
    UNKNOWN_AGENT = "unknown_agent"
    NOT_TALKING = "not_talking"
    """She has no caller who could be transferred."""
    NO_SUCH_TARGET = "no_such_target"
    ALREADY_CONSULTING = "already_consulting"
    NOT_CONSULTING = "not_consulting"
    """There is nothing to complete or to cancel."""
    TOO_MANY = "too_many"
    """This caller was transferred so often already that she stays where she is."""
