"""A condition's text to its words: the first half of reading CEL.

The lexis is that of the CEL specification (github.com/google/cel-spec, doc/langdef.md, "Syntax"),
less what conditions have no use for: numbers are decimal, texts have few escapes. What is CEL and
not allowed here is refused by name, so that nobody wonders why a right expression is wrong.
"""

import re
from dataclasses import dataclass
from enum import Enum

from ivr.flow.problems import quoted
from ivr.flow.values import INT_MAX


class Misread(Exception):
    """An expression is wrong: where in its text (from 1), what, and the remedy.

    ``why`` tells the kinds of mistakes apart.
    """

    def __init__(self, why: "Why", column: int, message: str, remedy: str) -> None:
        super().__init__(message)
        self.why = why
        self.column = column
        self.message = message
        self.remedy = remedy


class Why(Enum):
    """The kinds of mistakes in an expression."""

    FORM = "form"
    """It is no CEL, or none of the part of CEL that is understood here."""
    NAME = "name"
    """It names what is not declared."""
    TYPE = "type"
    """Types do not go together."""
    NEVER = "never"
    """It asks for what can not be."""
    SECRET = "secret"  # noqa: S105 - the name of a mistake
    """It asks about a secret."""


class Word(Enum):
    """The kinds of words."""

    NAME = "name"
    INT = "int"
    TEXT = "text"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression; ``value`` is a literal's, else its text."""

    word: Word
    value: str | int
    column: int

    def __str__(self) -> str:
        return "the end" if self.word is Word.END else quoted(str(self.value))


_ESCAPES = {"\\": "\\", '"': '"', "'": "'"}
_WORDS = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<fraction>[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+[eE][-+]?[0-9]+|0[xX][0-9a-fA-F]+"
    r"|[0-9]+[uU])"
    r"|(?P<int>[0-9]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*')"
    r"|(?P<sign>\|\||&&|==|!=|<=|>=|[-+*/%<>!?:.,()\[\]{}])"
)
_OTHERWISE = {
    "=": "Two of them compare: write ==.",
    "&": "And is written &&.",
    "|": "Or is written ||.",
    '"': "Close the text with the quote it began with.",
    "'": "Close the text with the quote it began with.",
}


def words_of(text: str) -> list[Token]:
    """The words of an expression, the last one its end. Raises ``Misread``."""
    words: list[Token] = []
    at = 0
    while at < len(text):
        found = _WORDS.match(text, at)
        if found is None:
            raise Misread(
                Why.FORM,
                at + 1,
                f"{quoted(text[at])} does not belong into a condition",
                _OTHERWISE.get(text[at], "Remove it."),
            )
        kind = found.lastgroup or ""
        if kind != "space":
            words.append(_word(kind, found.group(), at + 1))
        at = found.end()
    return [*words, Token(Word.END, "", len(text) + 1)]


def _word(kind: str, written: str, column: int) -> Token:
    match kind:
        case "name":
            return Token(Word.NAME, written, column)
        case "int":
            return Token(Word.INT, _int(written, column), column)
        case "text":
            return Token(Word.TEXT, _text(written, column), column)
        case "fraction":
            raise Misread(
                Why.FORM,
                column,
                f"{quoted(written)} is a number that conditions do not have",
                "Write whole decimal numbers.",
            )
        case _:
            return Token(Word.SIGN, written, column)


def _int(written: str, column: int) -> int:
    if written[0] == "0" and written != "0":
        raise Misread(
            Why.FORM,
            column,
            f"{quoted(written)} is another number to some readers of YAML",
            "Write it without zeros in front.",
        )
    if len(written) <= len(str(INT_MAX)) and int(written) <= INT_MAX:
        return int(written)
    raise Misread(Why.FORM, column, "this number is too large", f"The largest one is {INT_MAX}.")


def _text(written: str, column: int) -> str:
    inner = written[1:-1]
    if "\\" not in inner:
        return inner
    said: list[str] = []
    at = 0
    while at < len(inner):
        if inner[at] == "\\":
            at += 1
            if inner[at] not in _ESCAPES:
                raise Misread(
                    Why.FORM,
                    column + at,
                    f"the escape \\{inner[at]} is not understood here",
                    "Write the character itself.",
                )
        said.append(inner[at])
        at += 1
    return "".join(said)
