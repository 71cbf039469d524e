"""Any expression: either a mistake with its place, or a value of its type for any caller."""

from typing import Any

import pytest
from expression_texts import NAMES, bools, ints, values
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ivr.flow.conditions import EXPRESSION_CHARS_MAX, Expression, read_expression
from ivr.flow.expression_words import Misread, Why
from ivr.flow.values import INT_MAX, INT_MIN, Kind, Values

pytestmark = pytest.mark.property

quick = settings(max_examples=300, derandomize=True, deadline=None)

NAMED = ["tries", "brand", "known", "language", "nobody", "true", "in", "size", "startsWith", "and"]
SIGNS = [*"!<>+-*/%()[].,?:{}'=&两", "&&", "||", "==", "!=", '"', "\\"]
LITERALS = ["0", "1", "07", "1.5", "9223372036854775808", "'a'", '"zh-CN"']
word_salad = st.lists(st.sampled_from([*NAMED, *SIGNS, *LITERALS]), max_size=12).map(" ".join)


def outcome(text: str, wanted: Kind) -> Expression | Misread:
    try:
        return read_expression(text, NAMES, wanted=wanted)
    except Misread as wrong:
        return wrong


def read(text: str, wanted: Kind) -> Expression:
    """The expression, unless it says what can never be, such as a division by 0."""
    read = outcome(text, wanted)
    assume(not (isinstance(read, Misread) and read.why is Why.NEVER))
    assert isinstance(read, Expression)
    return read


@quick
@given(text=word_salad | st.text(max_size=40), held=values, wanted=st.sampled_from(Kind))
def test_any_text_is_a_mistake_with_its_place_or_runs(
    text: str, held: Values, wanted: Kind
) -> None:
    expression = outcome(text, wanted)
    if isinstance(expression, Misread):
        assert 1 <= expression.column <= len(text) + 1 <= EXPRESSION_CHARS_MAX
        assert expression.message
        assert expression.remedy[-1] in ".?"
        return
    value = expression.value(held, "zh-CN")
    assert value is None or type(value) is {Kind.BOOL: bool, Kind.INT: int, Kind.TEXT: str}[wanted]


@quick
@given(text=bools, held=values)
def test_condition_whose_types_fit_is_read_and_answers(text: str, held: Values) -> None:
    assume(len(text) <= EXPRESSION_CHARS_MAX)
    assert read(text, Kind.BOOL).value(held, "zh-CN") in (True, False, None)


@quick
@given(text=ints, held=values)
def test_sum_stays_within_64_bits_or_comes_to_nothing(text: str, held: Values) -> None:
    assume(len(text) <= EXPRESSION_CHARS_MAX)
    value = read(text, Kind.INT).value(held, "zh-CN")
    assert value is None or (isinstance(value, int) and INT_MIN <= value <= INT_MAX)


@quick
@given(typed=st.tuples(bools, st.just(Kind.BOOL)) | st.tuples(ints, st.just(Kind.INT)), held=values)
def test_another_implementation_of_cel_comes_to_the_same(
    typed: tuple[str, Kind], held: Values
) -> None:
    cel: Any = pytest.importorskip("cel", reason="the referee is installed with the tests")
    text, kind = typed
    assume(len(text) <= EXPRESSION_CHARS_MAX)
    ours = read(text, kind)
    bound = dict(zip(NAMES.variables, held, strict=True))
    try:
        theirs = cel.compile(text).execute({**bound, "language": "zh-CN"})
    except (OverflowError, ZeroDivisionError, ValueError):
        theirs = None
    assert ours.value(held, "zh-CN") == theirs
