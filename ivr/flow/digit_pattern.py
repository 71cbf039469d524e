"""Patterns of digits: a corner of regular expressions that is read and matched in linear time.

A pattern is one or more sequences, divided by ``|``. A sequence is made of digits (``1``) and
sets (``[0-9]``, ``[3-57]``), each followed by how often it comes, if not once: ``{10}``,
``{6,12}``, ``?``, ``*``, ``+``. Nothing else: no groups, no anchors (a pattern matches as a whole),
no backslash. So no pattern that an author can write makes a caller wait.
"""

import re
from dataclasses import dataclass

REPEATS_MAX = 32
"""As often as anything can come, for no entry is longer."""

PIECES_MAX = 64
"""Pieces of a pattern, all sequences together."""

PATTERN_CHARS_MAX = 200
"""What an author can still read."""

_PIECE = re.compile(r"(?:([0-9])|\[([0-9-]+)\])(?:\{([0-9]{1,2})(?:,([0-9]{1,2}))?\}|([?*+]))?")
_SET_PART = re.compile(r"([0-9])-([0-9])|([0-9])")
_SIGNS = {"?": (0, 1), "*": (0, REPEATS_MAX), "+": (1, REPEATS_MAX)}


@dataclass(frozen=True, slots=True)
class Piece:
    """So many digits out of these."""

    digits: str
    least: int
    most: int


DigitPattern = tuple[tuple[Piece, ...], ...]
"""Sequences of pieces, one of which has to match."""


def read_pattern(text: str) -> DigitPattern | None:
    """The pattern that this text is, None if it is none."""
    if len(text) > PATTERN_CHARS_MAX:
        return None
    found: list[tuple[Piece, ...]] = []
    for written in text.split("|"):
        sequence = _sequence(written)
        if not sequence:
            return None
        found.append(sequence)
    return tuple(found) if sum(map(len, found)) <= PIECES_MAX else None


def matches(pattern: DigitPattern, digits: str) -> bool:
    """Whether one of the sequences matches all of these digits."""
    return any(len(digits) in _ends(sequence, digits) for sequence in pattern)


def lengths(pattern: DigitPattern) -> tuple[tuple[int, int], ...]:
    """The shortest and longest entry of each sequence."""
    return tuple(
        (sum(each.least for each in sequence), sum(each.most for each in sequence))
        for sequence in pattern
    )


def _ends(sequence: tuple[Piece, ...], digits: str) -> set[int]:
    """Every place where the sequence can have come to, from the first digit on."""
    ends = {0}
    for piece in sequence:
        following: set[int] = set()
        for begin in ends:
            end, last = begin, min(begin + piece.most, len(digits))
            while end < last and digits[end] in piece.digits:
                end += 1
            following.update(range(begin + piece.least, end + 1))
        ends = following
    return ends


def _sequence(written: str) -> tuple[Piece, ...] | None:
    pieces: list[Piece] = []
    at = 0
    while at < len(written):
        found = _PIECE.match(written, at)
        piece = None if found is None else _piece(found)
        if found is None or piece is None:
            return None
        pieces.append(piece)
        at = found.end()
    return tuple(pieces)


def _piece(found: re.Match[str]) -> Piece | None:
    digit, listed, low, high, sign = found.groups()
    digits = digit or _set(listed)
    least, most = (1, 1) if sign is None else _SIGNS[sign]
    if low is not None:
        least = int(low)
        most = least if high is None else int(high)
    if digits is None or most > REPEATS_MAX or least > most or most == 0:
        return None
    return Piece(digits, least, most)


def _set(listed: str) -> str | None:
    digits: set[str] = set()
    at = 0
    while at < len(listed):
        found = _SET_PART.match(listed, at)
        if found is None:
            return None
        first, last, single = found.groups()
        if single is None and first > last:
            return None
        low, high = (single, single) if single is not None else (first, last)
        digits.update(str(each) for each in range(int(low), int(high) + 1))
        at = found.end()
    return "".join(sorted(digits))
