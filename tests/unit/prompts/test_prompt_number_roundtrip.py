"""A number, spoken and understood again by somebody who learnt the languages elsewhere."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.prompts import fragments
from ivr.prompts.catalogue import load_catalogue

pytestmark = pytest.mark.property

CATALOGUE = load_catalogue()
NUMBERS = st.one_of(
    st.integers(0, fragments.NUMBER_MAX),
    # Uniform draws hardly ever have the runs of zeros in which the grammar is difficult.
    st.lists(st.sampled_from("0012"), min_size=1, max_size=8).map(lambda some: int("".join(some))),
)
ENGLISH_ORDINALS = {
    "first": "one",
    "second": "two",
    "third": "three",
    "fifth": "five",
    "eighth": "eight",
    "ninth": "nine",
    "twelfth": "twelve",
}
UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ENGLISH = {word: value for value, word in enumerate(UNITS.split())} | {
    word: 10 * index for index, word in enumerate(TENS.split(), start=2)
}


def chinese_value(text: str) -> int:
    """Reads from the left: a digit waits for its unit; 万 multiplies all before it."""
    total, digit = 0, 0
    for character in text:
        if character in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
        elif character == "万":
            total, digit = (total + digit) * 10_000, 0
        else:
            digit = "零一二三四五六七八九".index(character.replace("两", "二"))
    return total + digit


def english_value(text: str) -> int:
    total, part = 0, 0
    for word in text.split():
        if word == "hundred":
            part *= 100
        elif word in ("thousand", "million"):
            total, part = total + part * {"thousand": 1000, "million": 1_000_000}[word], 0
        else:
            part += ENGLISH[word]
    return total + part


def english_cardinal(text: str) -> str:
    head, _, last = text.rpartition(" ")
    if last not in ENGLISH_ORDINALS:
        last = re.sub(r"th$", "", re.sub(r"ieth$", "y", last))
    return f"{head} {ENGLISH_ORDINALS.get(last, last)}".strip()


@given(NUMBERS)
def test_chinese_number_is_understood_as_what_it_was(value: int) -> None:
    text = CATALOGUE.text(fragments.number(value, "zh-CN"), "zh-CN")
    assert chinese_value(text) == value
    assert "零零" not in text
    assert value == 0 or not text.startswith("零")
    assert value == 0 or not text.endswith("零")


@given(NUMBERS)
def test_english_number_is_understood_as_what_it_was(value: int) -> None:
    assert english_value(CATALOGUE.text(fragments.number(value, "en-US"), "en-US")) == value


@given(NUMBERS.filter(bool))
def test_ordinals_are_understood_as_the_place_they_name(value: int) -> None:
    chinese = CATALOGUE.text(fragments.ordinal(value, "zh-CN"), "zh-CN")
    assert chinese_value(chinese.removeprefix("第").removesuffix("位")) == value
    assert "两" not in chinese
    english = CATALOGUE.text(fragments.ordinal(value, "en-US"), "en-US")
    assert english_value(english_cardinal(english)) == value
