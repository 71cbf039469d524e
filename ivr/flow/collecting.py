"""How keys become a number: an entry as a state machine of two inputs, a key or silence.

The words are those of VoiceXML 2.1: the entry ends with its terminator, with as many digits as may
be, or when the caller has stopped. With a terminator, a full entry waits a moment for it, so that
the # which callers were asked for is not taken for an answer to what comes next.

What was keyed is checked in this order: length, pattern, range, check digit. Whether it was right
is all that anybody learns; which check failed is a matter of wording that authors settle by the
prompt of ``nomatch``.
"""

from dataclasses import dataclass
from enum import Enum

from ivr.flow.digit_pattern import DigitPattern, matches

DIGITS = "0123456789"
TERMINATORS = "#*"
DIGITS_MAX = 32
"""Of one entry; an IBAN or a long card has fewer."""

TERMINATOR_MS = 1_500
"""How long a full entry waits for its terminator."""

LUHN_BASE = 10


@dataclass(frozen=True, slots=True)
class DigitRange:
    """The least and the greatest number that counts."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class DigitRules:
    """What counts as an entry. ``terminator`` None: it ends by its length or by silence alone."""

    least: int
    most: int
    terminator: str | None = TERMINATORS[0]
    pattern: DigitPattern | None = None
    range: DigitRange | None = None
    luhn: bool = False


@dataclass(frozen=True, slots=True)
class Going:
    """The entry goes on; ``is_full`` when nothing but the terminator may follow."""

    digits: str
    is_full: bool


@dataclass(frozen=True, slots=True)
class Entered:
    """The entry is over, and is right."""

    digits: str


class Failed(Enum):
    """The entry is over, and is none."""

    NOINPUT = "noinput"
    NOMATCH = "nomatch"


Entry = Going | Entered | Failed
"""What came of a key or of silence."""


def take_key(rules: DigitRules, digits: str, key: str) -> Entry:
    """One more key behind these digits."""
    if key == rules.terminator:
        return _ended(rules, digits)
    if len(key) != 1 or key not in DIGITS or len(digits) >= rules.most:
        return Failed.NOMATCH
    longer = digits + key
    is_full = len(longer) == rules.most
    if is_full and rules.terminator is None:
        return _ended(rules, longer)
    return Going(longer, is_full)


def take_silence(rules: DigitRules, digits: str) -> Entry:
    """No key came in time behind these digits."""
    return _ended(rules, digits) if digits else Failed.NOINPUT


def passes(rules: DigitRules, digits: str) -> bool:
    """Whether these digits are what was asked for."""
    if not rules.least <= len(digits) <= rules.most:
        return False
    if rules.pattern is not None and not matches(rules.pattern, digits):
        return False
    if rules.range is not None and not rules.range.least <= int(digits) <= rules.range.most:
        return False
    return not rules.luhn or luhn_holds(digits)


def luhn_holds(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812 for those before it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled if doubled < LUHN_BASE else doubled - LUHN_BASE + 1
    return total % LUHN_BASE == 0


def _ended(rules: DigitRules, digits: str) -> Entry:
    return Entered(digits) if passes(rules, digits) else Failed.NOMATCH
