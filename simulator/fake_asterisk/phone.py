"""The people and phones behind the fake: what a caller does, what an agent's phone does."""

from dataclasses import dataclass
from typing import Final

from router.model import Millis

BUSY: Final = 17
NO_ANSWER: Final = 19
SUBSCRIBER_ABSENT: Final = 20
CALL_REJECTED: Final = 21
NORMAL_CLEARING: Final = 16
"""Causes of ITU-T Q.850, as Asterisk gives them."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Rings, is picked up after ``after_ms``, perhaps hangs up ``hang_up_after_ms`` later."""

    after_ms: Millis = 0
    hang_up_after_ms: Millis | None = None


@dataclass(frozen=True, slots=True)
class Rejects:
    """Refuses the call after ``after_ms``; 486 comes as cause 17, 603 as 21."""

    after_ms: Millis = 0
    cause: int = BUSY


@dataclass(frozen=True, slots=True)
class RingsOut:
    """Rings until the other side gives up."""


PhoneScript = Answers | Rejects | RingsOut
"""What a phone does with a call."""


@dataclass(frozen=True, slots=True)
class CallerScript:
    """What a caller does by himself, in milliseconds from his arrival."""

    presses: tuple[tuple[Millis, str], ...] = ()
    hangs_up_at_ms: Millis | None = None
    speaks: tuple[tuple[Millis, Millis], ...] = ()
    """When, and for how long."""


@dataclass(slots=True)
class Phone:
    """A device as Asterisk sees it: how it behaves, and whether it is registered."""

    script: PhoneScript
    registered: bool
