"""What is meant where the place for a value in a text is written wrong.

A text for people may hold nearly any character, so what an input method made of a brace is seen
only by what stands within: ``｛重要｝`` is right, ``｛balance｝`` is a slip.
"""

import re
from typing import NamedTuple

_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
_WIDE = re.compile(rf"[{{\uff5b](?P<inner>{_NAME}(?::money)?)[}}\uff5d]")
_SPACED = re.compile(rf"\{{\s*(?P<inner>{_NAME}(?::money)?)\s*\}}")
_MANNER = re.compile(rf"\{{\s*(?P<name>{_NAME})\s*[:\uff1a](?P<manner>[^{{}}]{{0,20}})\}}")
_ASCII_BRACES = "{}"

_GENERAL = (
    "Write {name} for the value of a variable, {name:money} for one in fen, and {{ or }} for a "
    "brace itself."
)


class Slip(NamedTuple):
    """What is wrong with a text, behind the text itself, and what to write."""

    wrong: str
    remedy: str


def wide_brace(text: str) -> Slip | None:
    """A name in full-width braces, which the parser of texts takes for words."""
    for found in _WIDE.finditer(text):
        wide = [each for each in (found[0][0], found[0][-1]) if each not in _ASCII_BRACES]
        if wide:
            signs = " and ".join(f"{each} (U+{ord(each):04X})" for each in wide)
            wrong = f"has the full-width {signs} round a variable"
            return Slip(wrong, f"Write {{{found['inner']}}} with the braces of a keyboard.")
    return None


def brace_slip(text: str, column: int) -> Slip:
    """What is wrong with the brace at this character (from 1), which belongs to no variable."""
    at = column - 1
    spaced = _SPACED.match(text, at)
    if spaced is not None:
        return Slip("has spaces within the braces of a variable", f"Write {{{spaced['inner']}}}.")
    other = _MANNER.match(text, at)
    if other is not None:
        name = other["name"]
        return Slip(
            f"writes {name} in a manner that is not known, {other['manner'].strip() or 'none'}",
            f"Write {{{name}:money}} for an amount in fen, which is told in yuan, or {{{name}}}.",
        )
    return Slip(f"has a brace at character {column} that belongs to no variable", _GENERAL)
