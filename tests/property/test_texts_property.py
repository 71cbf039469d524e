"""Whatever the variables of a text hold, it takes no more SMS than its check said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.flow.sms_length import (
    SEPTETS_PART,
    SEPTETS_SINGLE,
    UNITS_PART,
    UNITS_SINGLE,
    Alphabet,
    sms_size,
)
from ivr.flow.texts import Gap, Template, Wording, rendered, wording_of, worst_of
from ivr.flow.values import INT_MAX, INT_MIN, VALUE_CHARS_MAX, Kind, Value, Variable

pytestmark = pytest.mark.property

LANGUAGE = st.sampled_from(["zh-CN", "en-US"])
CHARACTERS = "aZ09 {}[]€^~@é`字。ç\U0001d400\n"
texts = st.text(CHARACTERS, max_size=VALUE_CHARS_MAX)
choices = st.lists(texts, min_size=1, max_size=3).map(tuple)
VARIABLES = {
    "flag": Variable("flag", Kind.BOOL, False),
    "count": Variable("count", Kind.INT, 0),
    "free": Variable("free", Kind.TEXT, ""),
    "short": Variable("short", Kind.TEXT, "", chars_max=3),
}
pieces = st.text(CHARACTERS, max_size=180) | st.sampled_from(
    [*map(Gap, VARIABLES), Gap("choice"), Gap("free"), Gap("choice"), Gap("count", money=True)]
)
wordings = st.lists(pieces, max_size=5).map(tuple)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    wording=wordings,
    language=LANGUAGE,
    flag=st.booleans(),
    count=st.integers(INT_MIN, INT_MAX),
    free=texts,
    listed=choices,
    pick=st.integers(0, 2),
)
def test_no_text_is_longer_than_its_worst_case(
    wording: Wording,
    language: str,
    flag: bool,
    count: int,
    free: str,
    listed: tuple[str, ...],
    pick: int,
) -> None:
    variables = {**VARIABLES, "choice": Variable("choice", Kind.TEXT, "", listed)}
    values: dict[str, Value] = {
        "flag": flag,
        "count": count,
        "free": free,
        "short": _as_long_as(free, units_max=3),
        "choice": (*listed, "")[min(pick, len(listed))],
    }
    text = rendered(Template({language: wording}), language, values)
    worst = worst_of(wording, language, variables)
    size = sms_size(text)
    assert size.parts <= worst.parts
    if size.alphabet is worst.alphabet:
        assert size.units <= worst.units


def _as_long_as(text: str, *, units_max: int) -> str:
    """The beginning of it that a variable of so many UTF-16 units can hold."""
    while len(text.encode("utf-16-le")) > 2 * units_max:
        text = text[:-1]
    return text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(CHARACTERS, max_size=700))
def test_parts_hold_the_text_and_waste_one_unit_at_most(text: str) -> None:
    size = sms_size(text)
    is_gsm = size.alphabet is Alphabet.GSM_7BIT
    single, part = (SEPTETS_SINGLE, SEPTETS_PART) if is_gsm else (UNITS_SINGLE, UNITS_PART)
    if size.units <= single:
        assert size.parts == 1
    else:
        assert (size.parts - 1) * (part - 1) < size.units <= size.parts * part


@settings(max_examples=300, deadline=None, derandomize=True)
@given(said=st.lists(st.text("ab{}", max_size=4) | st.sampled_from([Gap("x"), Gap("y_1")])))
def test_written_text_is_read_as_it_was_meant(said: list[str | Gap]) -> None:
    written = "".join(
        f"{{{each.name}}}" if isinstance(each, Gap) else each.replace("{", "{{").replace("}", "}}")
        for each in said
    )
    meant: list[str | Gap] = []
    for each in said:
        if isinstance(each, str) and meant and isinstance(meant[-1], str):
            meant[-1] += each
        elif each != "":
            meant.append(each)
    assert wording_of(written) == tuple(meant)
