"""Expressions of authors: what they come to, and what is wrong with them, to the column."""

import pytest

from ivr.flow.conditions import DEPTH_MAX, EXPRESSION_CHARS_MAX, Names, read_expression
from ivr.flow.expression_words import Misread, Why
from ivr.flow.values import INT_MAX, Kind, Slot, Value, Variable

pytestmark = pytest.mark.unit

DECLARED = [
    Variable("tries", Kind.INT, 0),
    Variable("brand", Kind.TEXT, "", ("gold", "silver")),
    Variable("known", Kind.BOOL, False),
    Variable("order", Kind.TEXT, ""),
]
NAMES = Names(
    {each.name: Slot(each, index) for index, each in enumerate(DECLARED)}, ("zh-CN", "en-US")
)


def value(text: str, *values: Value, wanted: Kind = Kind.BOOL) -> Value | None:
    held = (*values, *(each.default for each in DECLARED[len(values) :]))
    return read_expression(text, NAMES, wanted=wanted).value(held, "zh-CN")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tries > 2", True),
        ("tries >= 4 || known", True),
        ("tries < 3 && known", False),
        ('brand == "gold" && !known', False),
        ('brand in ["silver", "gold"]', True),
        ("tries in [1, 3 * 1]", True),
        ("tries in [1, 2]", False),
        ('language == "zh-CN"', True),
        ("order.startsWith('两元')", True),
        ('order.endsWith("x") || order.contains("元𠀀")', True),
        ("size(order) == 3 && order.size() == 3", True),
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9", True),
        ("-7 / 2 == -3 && -7 % 2 == -1 && 7 / -2 == -3", True),
        ("--tries == 3", True),
        ("!!known", True),
        ("known == true", True),
        ('"a" < "b" && "Z" < "a"', True),
        ('"it\'s \\"x\\"" == \'it\\\'s "x"\'', True),
        ("1 - 1 - 1 == -1", True),
        ("true || false && false", True),
    ],
)
def test_condition_comes_to(text: str, expected: bool) -> None:
    assert value(text, 3, "gold", True, "两元𠀀") is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("tries + 1", 4), ("tries * tries - 10 / 3", 6), ("-tries", -3), ("7", 7)],
)
def test_sum_comes_to(text: str, expected: int) -> None:
    assert value(text, 3, wanted=Kind.INT) == expected


@pytest.mark.parametrize(
    ("text", "tries"),
    [
        ("tries + 1 > 0", INT_MAX),
        ("tries * tries > 0", 2**40),
        ("-tries > 0", -(2**63)),
        ("tries / -1 > 0", -(2**63)),
        ("1 / tries > 0", 0),
        ("1 % tries > 0", 0),
        ("1 / tries > 0 || false", 0),
        ("1 / tries > 0 && true", 0),
        ("1 in [2, 1 / tries]", 0),
    ],
)
def test_what_has_no_value_gives_none(text: str, tries: int) -> None:
    assert value(text, tries) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 / tries > 0 || true", True),
        ("true || 1 / tries > 0", True),
        ("1 / tries > 0 && false", False),
        ("false && 1 / tries > 0", False),
    ],
)
def test_answer_of_one_side_stands_when_the_other_has_none(text: str, expected: bool) -> None:
    assert value(text, 0) is expected


def test_names_are_told_once_and_in_order() -> None:
    read = read_expression('tries > 1 && language == "zh-CN" || tries < 0', NAMES, wanted=Kind.BOOL)
    assert read.names == ("tries", "language")


def test_equal_texts_are_equal_expressions() -> None:
    one, two = (read_expression("tries > 1", NAMES, wanted=Kind.BOOL) for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)


@pytest.mark.parametrize(
    ("text", "why", "column", "remedy"),
    [
        ("tris > 2", Why.NAME, 1, 'Did you mean "tries"?'),
        ('known && brnad == "gold"', Why.NAME, 10, 'Did you mean "brand"?'),
        ('brand == "glod"', Why.NEVER, 10, 'Did you mean "gold"?'),
        ('brand in ["gold", "glod"]', Why.NEVER, 19, 'Did you mean "gold"?'),
        ('"en" == language', Why.NEVER, 1, "It can be: zh-CN, en-US."),
        ("tries / 0 == 1", Why.NEVER, 7, "Divide by another number."),
        ('tries == "3"', Why.TYPE, 10, "Texts stand in quotes, numbers without."),
        ("known == 1", Why.TYPE, 10, "A yes or no needs no comparison: write it alone, or with !"),
        ("tries && known", Why.TYPE, 1, "Put a yes or no here."),
        ("!tries", Why.TYPE, 2, "Put a yes or no here."),
        ("-known == 1", Why.TYPE, 2, "Put a whole number here."),
        ('order + "x" == "y"', Why.TYPE, 1, "Put a whole number here."),
        ("known < true", Why.TYPE, 7, "Use == or !=, or the variable alone."),
        ("tries.size() == 1", Why.TYPE, 1, "Put a text here."),
        ("order.startsWith(1)", Why.TYPE, 18, "Put a text here."),
        ("tries", Why.TYPE, 1, "Compare it with something, such as ==."),
        ("tries = 1", Why.FORM, 7, "Two of them compare: write ==."),
        ("known & known", Why.FORM, 7, "And is written &&."),
        ("known and known", Why.FORM, 7, "CEL writes && for and."),
        ("not known", Why.FORM, 1, "CEL writes ! for not."),
        ("tries > 2.5", Why.FORM, 9, "Write whole decimal numbers."),
        ("tries > 2u", Why.FORM, 9, "Write whole decimal numbers."),
        ("tries > 9223372036854775808", Why.FORM, 9, "The largest one is 9223372036854775807."),
        ('order == "x', Why.FORM, 10, "Close the text with the quote it began with."),
        ('order == "a\\n"', Why.FORM, 12, "Write the character itself."),
        ("known ? true : false", Why.FORM, 7, "Conditions here have no `? :`; write a branch"),
        ("[1] == [1]", Why.FORM, 1, "A list stands only behind `in`."),
        ("tries in tries", Why.FORM, 10, 'Write the list out, such as ["gold", "silver"].'),
        ("tries in []", Why.FORM, 11, "Mend or remove it."),
        ("(tries > 1", Why.FORM, 11, "Write ) here."),
        ("tries >", Why.FORM, 8, "Write the rest of it."),
        ("", Why.FORM, 1, "Write the rest of it."),
        ("tries > 1 )", Why.FORM, 11, "Mend or remove it."),
        (
            'order.matches("x")',
            Why.FORM,
            7,
            "Functions here: size, startsWith, endsWith, contains.",
        ),
        ('order.startWith("x")', Why.FORM, 7, 'Did you mean "startsWith"?'),
        ("lenght(order) > 1", Why.FORM, 1, "Functions here: size, startsWith, endsWith, contains."),
        ("__import__('os')", Why.FORM, 1, "Functions here: size, startsWith, endsWith, contains."),
    ],
)
def test_mistake_is_told_with_column_and_remedy(
    text: str, why: Why, column: int, remedy: str
) -> None:
    with pytest.raises(Misread) as caught:
        read_expression(text, NAMES, wanted=Kind.BOOL)
    told = caught.value
    assert (told.why, told.column) == (why, column)
    assert told.remedy.startswith(remedy)
    assert told.remedy[-1] in ".?"


@pytest.mark.parametrize("text", ["(" * 5_000, "!" * 400 + "known", "-" * 60 + "1 == 1"])
def test_deep_nesting_is_refused(text: str) -> None:
    with pytest.raises(Misread) as caught:
        read_expression(text[:EXPRESSION_CHARS_MAX], NAMES, wanted=Kind.BOOL)
    assert str(DEPTH_MAX) in caught.value.message


def test_long_expression_is_refused_before_it_is_read() -> None:
    with pytest.raises(Misread) as caught:
        read_expression("(" * (EXPRESSION_CHARS_MAX + 1), NAMES, wanted=Kind.BOOL)
    assert caught.value.column == EXPRESSION_CHARS_MAX + 1
