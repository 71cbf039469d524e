"""Texts that a hotline sends to callers, as values: templates with gaps for what a flow remembers.

A text is made only where it is read: a contact carries the name of its template and the values for
its gaps, never the text itself. What a value looks like in a text stands here, for the check of
the length as for the making.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ivr.flow.sms_length import SmsSize, utf16_units, worst_size
from ivr.flow.values import VALUE_CHARS_MAX, Kind, Value, Variable

PARTS_MAX = 4
"""Messages that one text may take: more is no text, but a letter."""

TEXT_UNITS_MAX = VALUE_CHARS_MAX
"""Of a value that is a text, in units of 16 bits: as many as its characters, but for the rare ones
that take two. What is beyond is cut, so that the length of a text can be promised."""

_GAP = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]{0,63})(:money)?\}|[{}]")

_BOOL_WORDS = {"zh-CN": ("否", "是"), "en-US": ("no", "yes")}
_LEAST_INT = "-9223372036854775808"
_LEAST_MONEY = "-92233720368547758.08"
_WIDE, _WIDEST = "\u4e00", "\U0002f800"
"""A character of one unit and one of two, which may not be torn apart."""

FEN = 100
"""In one yuan."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Where the value of this variable stands in a text; ``money`` where it is so many fen."""

    name: str
    money: bool = False


Wording = tuple[str | Gap, ...]
"""A text in one language."""


class WordingMistake(Exception):
    """A brace that opens or closes nothing; ``column`` counts from 1."""

    def __init__(self, column: int) -> None:
        super().__init__(f"a brace at character {column} opens or closes no gap")
        self.column = column


@dataclass(frozen=True, slots=True)
class Template:
    """One text in each language, and how many messages it may take."""

    wordings: Mapping[str, Wording]
    parts: int = 1

    def names(self) -> tuple[str, ...]:
        """The variables of all its languages, in the order of their first gaps."""
        gaps = (each for wording in self.wordings.values() for each in wording)
        return tuple(dict.fromkeys(each.name for each in gaps if isinstance(each, Gap)))


def wording_of(text: str) -> Wording:
    """A text as it is written: ``{name}`` is a gap, ``{{`` and ``}}`` are braces.

    ``{name:money}`` is a gap for an amount in fen, which is told in yuan.

    Raises ``WordingMistake``.
    """
    pieces: list[str | Gap] = []
    said, end = "", 0
    for found in _GAP.finditer(text):
        said += text[end : found.start()]
        end = found.end()
        if found[1] is not None:
            gap = Gap(found[1], money=found[2] is not None)
            pieces += [said, gap] if said else [gap]
            said = ""
        elif found[0] in ("{{", "}}"):
            said += found[0][0]
        else:
            raise WordingMistake(found.start() + 1)
    said += text[end:]
    return (*pieces, said) if said else tuple(pieces)


def rendered(template: Template, language: str, values: Mapping[str, Value]) -> str:
    """The text in this language, with these values in its gaps; an unknown one leaves its empty."""
    return "".join(
        each if isinstance(each, str) else _filled(each, values.get(each.name, ""), language)
        for each in template.wordings[language]
    )


def _filled(gap: Gap, value: Value, language: str) -> str:
    # What is no number was kept by a flow in which this variable was something else.
    if gap.money and isinstance(value, int):
        return money_text(value)
    return value_text(value, language)


def money_text(fen: int) -> str:
    """An amount in yuan, such as 123.50; the same in every language."""
    yuan, rest = divmod(abs(fen), FEN)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02}"


def value_text(value: Value, language: str) -> str:
    """What a value looks like in a text."""
    if isinstance(value, bool):
        return _bool_words(language)[value]
    return str(value) if isinstance(value, int) else _cut(value)


def worst_of(wording: Wording, language: str, variables: Mapping[str, Variable]) -> SmsSize:
    """What a text can take at most, whatever these variables hold."""
    return worst_size(
        [
            (each,) if isinstance(each, str) else _texts_in(each, variables[each.name], language)
            for each in wording
        ]
    )


def _texts_in(gap: Gap, variable: Variable, language: str) -> Collection[str]:
    return (_LEAST_MONEY,) if gap.money else _texts_of(variable, language)


def _texts_of(variable: Variable, language: str) -> Collection[str]:
    """What may stand for this variable, the longest at least."""
    match variable.kind:
        case Kind.BOOL:
            return _bool_words(language)
        case Kind.INT:
            return (_LEAST_INT,)
        case _:
            # A variable of choices begins as its default, which may be no text at all.
            chosen = (*variable.choices, str(variable.default))
            pairs, single = divmod(variable.chars_max, 2)
            widest = _cut(_WIDEST * pairs + _WIDE * single)
            return tuple(map(_cut, chosen)) if variable.choices else (widest,)


def _bool_words(language: str) -> tuple[str, str]:
    return _BOOL_WORDS.get(language, _BOOL_WORDS["en-US"])


def _cut(text: str) -> str:
    while utf16_units(text) > TEXT_UNITS_MAX:
        text = text[:-1]
    return text
