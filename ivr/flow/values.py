"""What a flow remembers of its caller: typed variables, and their values as plain data.

A flow declares its variables with type and default, so a value is always there and always of its
type. The state of a contact holds the values alone, in the order of the declarations: a tuple of
booleans, whole numbers and texts that can be written down and compared. Everything is bounded,
since it is part of every snapshot.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NewType
from unicodedata import category

from ivr.flow.sms_length import utf16_units

SecretRef = NewType("SecretRef", str)
"""Stands for digits that only the vault at the edge knows, ``<contact>.s<n>``."""

NO_SECRET = SecretRef("")
"""Nothing was keyed in yet."""

Value = bool | int | str
"""What a variable can hold."""

Values = tuple[Value, ...]
"""The values of all variables of a flow, in the order in which it declares them."""

VARIABLES_MAX = 32
"""Variables of one flow; more would be a data base."""

VALUE_CHARS_MAX = 64
"""The longest text a variable holds: a brand, a level, the digits of an account.

In units of UTF-16, as short messages count: a character beyond the basic plane is two.
"""

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
"""The whole numbers of CEL, and of a journal that any reader of JSON can read."""

_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = "\u200c\u200d"

LANGUAGE = "language"
"""The name by which conditions know the language the caller hears; no variable is called so."""

CALLER_KNOWN = "caller_known"
"""By this name they know whether the caller's number is known; no variable is called so, either."""


class Kind(Enum):
    """The type of a value, by the name an author writes."""

    BOOL = "bool"
    INT = "int"
    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - the name of a type
    """Digits nobody sees; the value is a ``SecretRef``."""


NOTHING_YET: Mapping[Kind, Value] = {
    Kind.BOOL: False,
    Kind.INT: 0,
    Kind.TEXT: "",
    Kind.SECRET: NO_SECRET,
}
"""What a variable without a default begins with."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One declaration; ``choices`` are the texts it may hold, any text where there are none.

    ``chars_max`` is the longest text it may hold.
    """

    name: str
    kind: Kind
    default: Value
    choices: tuple[str, ...] = ()
    chars_max: int = VALUE_CHARS_MAX

    def can_hold(self, value: Value) -> bool:
        """Whether this value of its kind is one that the variable may hold."""
        if self.choices:
            return value in self.choices
        return not isinstance(value, str) or utf16_units(value) <= self.chars_max


@dataclass(frozen=True, slots=True)
class Slot:
    """A variable where it is used: its declaration, and its place among the values."""

    variable: Variable
    index: int


def is_harmless(text: str) -> bool:
    """Whether a text from outside holds nothing that moves a cursor or turns what follows round.

    Control characters, lone surrogates, line separators and format characters (Unicode 15, chapter
    23) are out, but for the two joiners that scripts and emoji are written with.
    """
    return (text.isascii() and text.isprintable()) or not any(map(_is_harmful, text))


def _is_harmful(character: str) -> bool:
    return character not in _JOINERS and category(character) in _HARMFUL


def with_value(values: Values, index: int, value: Value) -> Values:
    """These values with one of them changed."""
    return (*values[:index], value, *values[index + 1 :])
