"""Durations as authors write them: a whole number with its unit, ``15s`` or ``10m``."""

import re

_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
DURATION_PATTERN = r"([0-9]{1,9})(ms|s|m|h|d)"
_DURATION = re.compile(DURATION_PATTERN)

DURATION_REMEDY = "Write a whole number with its unit: 500ms, 15s, 10m or 1h."

PRIORITY_MS_MAX = 24 * 3_600_000
"""A head start longer than any wait means no more than one as long."""

BOUND_DAYS_MIN = 2
"""Bounds of fewer days are told in hours."""


def duration_ms(text: str) -> int | None:
    """The milliseconds of an author's duration, or None if it is none.

    A bare number is none: ``wait: 10`` has been read as seconds, minutes and milliseconds by
    different people, so the unit is never optional.
    """
    found = _DURATION.fullmatch(text)
    return None if found is None else int(found.group(1)) * _UNITS_MS[found.group(2)]


def duration_text(ms: int) -> str:
    """Milliseconds in the largest unit that holds them whole, as an author would write them.

    Days are left to who writes them: a promise within 24h is no promise of tomorrow.
    """
    for unit in ("h", "m", "s"):
        if ms and ms % _UNITS_MS[unit] == 0:
            return f"{ms // _UNITS_MS[unit]}{unit}"
    return f"{ms}ms"


def bound_text(ms: int) -> str:
    """The same for the end of a range, with days from two on: nobody reckons 90 days in hours."""
    days, rest_ms = divmod(ms, _UNITS_MS["d"])
    return f"{days}d" if days >= BOUND_DAYS_MIN and not rest_ms else duration_text(ms)
