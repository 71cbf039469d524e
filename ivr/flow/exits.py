"""By which doors a contact leaves a queue, or a call outside, without having met anybody."""

from enum import Enum


class QueueExit(Enum):
    """By which door a contact can leave a queue without having met an agent.

    The names an author writes under ``on:``.
    """

    NO_AGENTS = "no_agents"
    TIMED_OUT = "timed_out"
    FULL = "full"
    EXPECTED_WAIT = "expected_wait"
    OVERLOAD = "overload"
    CRISIS = "crisis"


LIKE_FULL = (QueueExit.EXPECTED_WAIT, QueueExit.OVERLOAD, QueueExit.CRISIS)
"""Doors that are that of ``FULL`` unless an author says otherwise."""


class OutsideExit(Enum):
    """Why a caller was not put through to a number outside; the names under ``on:``."""

    FAILED = "failed"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
