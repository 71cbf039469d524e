"""The grammar of requirements and its normal form."""

import pytest

from ivr.flow.requirement import (
    ALTERNATIVES_MAX,
    TOKENS_MAX,
    ParsedRequirement,
    RequirementMistake,
    SkillRequirement,
    asks_more,
    parse_requirement,
)

pytestmark = pytest.mark.unit


def alternatives(text: str) -> tuple[object, ...]:
    parsed = parse_requirement(text)
    assert isinstance(parsed, ParsedRequirement), parsed
    return parsed.requirement.alternatives


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("data", ({"data": 1},)),
        ("data >= 3", ({"data": 3},)),
        ("data>=3 and general", ({"data": 3, "general": 1},)),
        ("data or general", ({"data": 1}, {"general": 1})),
        ("a and b or c", ({"a": 1, "b": 1}, {"c": 1})),
        ("a and (b or c)", ({"a": 1, "b": 1}, {"a": 1, "c": 1})),
        ("(a)", ({"a": 1},)),
        ("a >= 2 and a >= 5", ({"a": 5},)),
        ("a or a and b", ({"a": 1},)),
        ("a >= 3 or a", ({"a": 1},)),
        ("group-vip or order", ({"group-vip": 1}, {"order": 1})),
    ],
)
def test_text_gives_its_normal_form(text: str, expected: tuple[object, ...]) -> None:
    assert alternatives(text) == expected


def test_order_of_words_does_not_matter() -> None:
    assert alternatives("b or a and c") == alternatives("(c and a) or b")


def test_normal_form_agrees_with_the_text() -> None:
    parsed = parse_requirement("a >= 2 and (b or c >= 3)")
    assert isinstance(parsed, ParsedRequirement)
    met = parsed.requirement.met_by
    assert met({"a": 2, "b": 1})
    assert met({"a": 9, "c": 3})
    assert not met({"a": 1, "b": 1})
    assert not met({"a": 2, "c": 2})


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("   ", 3),
        ("data >", 5),
        ("data > 3", 5),
        ("data >= ", 8),
        ("data >= x", 8),
        ("data >= 0", 8),
        ("data >= 101", 8),
        ("data >= 99999999999999999999", 8),
        ("data general", 5),
        ("data and", 8),
        ("and data", 0),
        ("(data", 5),
        ("data)", 4),
        ("data & general", 5),
        ("数据", 0),
        ("(" * 50 + "a" + ")" * 50, 9),
    ],
)
def test_mistake_is_told_at_its_character(text: str, offset: int) -> None:
    mistake = parse_requirement(text)
    assert isinstance(mistake, RequirementMistake)
    assert mistake.offset == offset


def parsed(text: str) -> SkillRequirement:
    read = parse_requirement(text)
    assert isinstance(read, ParsedRequirement)
    return read.requirement


@pytest.mark.parametrize(
    ("one", "other", "more"),
    [
        ("data >= 2", "data", True),
        ("data and group", "data", True),
        ("data", "data or group", True),
        ("data >= 2 and group", "data or vip", True),
        ("data", "data", False),
        ("data", "data >= 2", False),
        ("group >= 9", "data", False),
        ("data >= 3 or group", "data", False),
        ("data or group", "group or data >= 1", False),
    ],
)
def test_more_is_asked_where_fewer_and_nobody_else_meets_it(
    one: str, other: str, more: bool
) -> None:
    assert asks_more(parsed(one), parsed(other)) is more


def test_too_many_alternatives_are_refused() -> None:
    pairs = " and ".join(f"(a{n} or b{n})" for n in range(5))
    mistake = parse_requirement(pairs)
    assert isinstance(mistake, RequirementMistake)
    assert str(ALTERNATIVES_MAX) in mistake.message


def test_too_long_a_requirement_is_refused() -> None:
    mistake = parse_requirement(" or ".join(["a"] * TOKENS_MAX))
    assert isinstance(mistake, RequirementMistake)
    assert str(TOKENS_MAX) in mistake.message
