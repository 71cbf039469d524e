"""What the expert sees of a caller when her phone rings: a few variables, as one short text.

It becomes the display name of a SIP call and a line of the contact's record, so it has a limit and
holds nothing that could end a quoted string or a line there.
"""

from collections.abc import Iterable

from ivr.flow.model import Held
from ivr.flow.values import Value, Values

CONTEXT_CHARS_MAX = 64
"""Displays of phones show less still."""

CONTEXT_VARIABLES_MAX = 8
"""More would not be read while a phone rings."""

_FORBIDDEN = frozenset("\"\\<>'`;")


def context_text(context: Iterable[Held], values: Values) -> str:
    """The values of these variables, as ``level=gold complained=yes``; empty texts are left out."""
    told = ((each.name, _text(values[each.index])) for each in context)
    return displayed(" ".join(f"{name}={text}" for name, text in told if text))


def displayed(text: str) -> str:
    """The text as a display can show it: one line, nothing that needs quoting, and not too long."""
    kept = (each if each.isprintable() and each not in _FORBIDDEN else " " for each in text)
    return " ".join("".join(kept).split())[:CONTEXT_CHARS_MAX].rstrip()


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
