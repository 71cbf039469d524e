"""What expressions do when a caller comes: each operator of CEL as a function made at load.

An expression becomes one function of a contact's values and language, made of smaller ones; no
text is looked at again. Whole numbers have 64 bits and leave them by ``OverflowError``; division
goes towards zero; ``&&`` and ``||`` take an answer from either side when the other has none. All
of that is the CEL specification's (github.com/google/cel-spec, doc/langdef.md, "Overflow",
"Logical Operators"). ``FAULTS`` are the only exceptions these functions raise.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from ivr.flow.values import INT_MAX, INT_MIN, Value, Values

Run = Callable[[Values, str], Value]
"""An expression, ready to run: the values of the variables and the language give its value."""


class Plan:
    """How a function is made: by one of this module, out of what, parts of it being plans again.

    Kept with the expression, so that it need not be read again for other places of its variables.
    """

    __slots__ = ("_by", "_parts")

    def __init__(self, by: Callable[..., Run], *parts: Any) -> None:
        self._by = by
        self._parts = parts

    def made(self, slots: Mapping[int, int] | None = None) -> Run:
        """The function, for variables in other places by ``slots``: from each old to its new."""
        if slots is not None and self._by is variable:
            return variable(slots[self._parts[0]])
        parts: list[Any] = []
        for part in self._parts:
            parts.append(part.made(slots) if isinstance(part, Plan) else part)
        return self._by(*parts)


FAULTS = (OverflowError, ZeroDivisionError)
"""What can go wrong once types fit."""


def constant(value: Value) -> Run:
    """Always this."""
    return lambda _values, _language: value


def variable(index: int) -> Run:
    """The value of the variable in this place."""
    return lambda values, _language: values[index]


def heard() -> Run:
    """The language the caller hears."""
    return lambda _values, language: language


def negated(run: Run) -> Run:
    """``!``."""
    return lambda values, language: not run(values, language)


def either(left: Run, right: Run) -> Run:
    """``||``: true if one side is, whatever befalls the other."""

    def run(values: Values, language: str) -> Value:
        try:
            if left(values, language):
                return True
        except FAULTS:
            if right(values, language):
                return True
            raise
        return right(values, language)

    return run


def both(left: Run, right: Run) -> Run:
    """``&&``: false if one side is, whatever befalls the other."""

    def run(values: Values, language: str) -> Value:
        try:
            if not left(values, language):
                return False
        except FAULTS:
            if not right(values, language):
                return False
            raise
        return right(values, language)

    return run


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compared(sign: str, left: Run, right: Run) -> Run:
    """Two values of one type held against each other; texts by their code points."""
    holds = _COMPARISONS[sign]
    return lambda values, language: holds(left(values, language), right(values, language))


def among(left: Run, *items: Run) -> Run:
    """``in``: one of these."""

    def run(values: Values, language: str) -> Value:
        wanted = left(values, language)
        return wanted in [item(values, language) for item in items]

    return run


def among_constants(left: Run, items: frozenset[Value]) -> Run:
    """``in`` with a list that does not change."""
    return lambda values, language: left(values, language) in items


def calculated(sign: str, left: Run, right: Run) -> Run:
    """Arithmetic on whole numbers."""
    result = _ARITHMETIC[sign]

    def run(values: Values, language: str) -> Value:
        return result(int(left(values, language)), int(right(values, language)))

    return run


def opposite(run: Run) -> Run:
    """``-`` before a number."""
    return lambda values, language: _within(-int(run(values, language)))


def length(run: Run) -> Run:
    """``size``: how many characters, whatever their bytes."""
    return lambda values, language: len(str(run(values, language)))


TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}
"""What a text can be asked about another one, by CEL's names."""


def tested(test: str, text: Run, part: Run) -> Run:
    """One of ``TEXT_TESTS``."""
    holds = TEXT_TESTS[test]
    return lambda values, language: holds(str(text(values, language)), str(part(values, language)))


def _within(number: int) -> int:
    if INT_MIN <= number <= INT_MAX:
        return number
    raise OverflowError


def _quotient(left: int, right: int) -> int:
    if right == 0:
        raise ZeroDivisionError
    whole = abs(left) // abs(right)
    return _within(whole if (left < 0) == (right < 0) else -whole)


def _remainder(left: int, right: int) -> int:
    # As CEL asks, the least number by -1 overflows here as its quotient does.
    return left - right * _quotient(left, right)


_ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda left, right: _within(left + right),
    "-": lambda left, right: _within(left - right),
    "*": lambda left, right: _within(left * right),
    "/": _quotient,
    "%": _remainder,
}
