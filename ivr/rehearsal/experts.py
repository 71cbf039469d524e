"""What an expert does in a rehearsal: when her phone rings, and when told to do it now."""

from enum import Enum


class Habit(Enum):
    """What becomes of a call that rings at her phone."""

    ANSWERS = "answers"
    REJECTS = "rejects"
    RINGS_OUT = "rings out"


class Act(Enum):
    """What an expert does at one moment of a call."""

    ANSWERS = "answers"
    REJECTS = "rejects"
    RINGS_OUT = "rings out"
    HANGS_UP = "hangs up"
    SIGNS_IN = "signs in"
    SIGNS_OUT = "signs out"


class LineHabit(Enum):
    """What becomes of a call to a number outside."""

    ANSWERS = "answers"
    BUSY = "busy"
    NO_ANSWER = "no answer"
    FAILED = "failed"
    """It can not be made at all: the line to the other network is down."""


class RecordingHabit(Enum):
    """What becomes of recordings."""

    KEPT = "kept"
    FAILED = "failed"
    """None can be begun, as when there is no room for it."""


class LineAct(Enum):
    """What the other side outside does at one moment of a call."""

    HANGS_UP = "hangs up"


HABIT_OF: dict[Act, Habit] = {
    Act.ANSWERS: Habit.ANSWERS,
    Act.REJECTS: Habit.REJECTS,
    Act.RINGS_OUT: Habit.RINGS_OUT,
}
"""The acts that are also what she does from then on."""

ANSWERS_AFTER_MS = 2_000
"""How long a phone rings before the expert who answers does so."""

REJECTS_AFTER_MS = 1_000
"""How long a phone rings before the expert who rejects does so."""
