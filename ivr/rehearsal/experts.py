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
