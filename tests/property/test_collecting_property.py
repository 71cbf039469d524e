"""Any keys, any silence: an entry of digits ends, and ends right exactly when it should."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow.collecting import (
    DIGITS,
    DigitRange,
    DigitRules,
    Entered,
    Entry,
    Failed,
    Going,
    luhn_holds,
    passes,
    take_key,
    take_silence,
)
from ivr.flow.digit_pattern import (
    PIECES_MAX,
    REPEATS_MAX,
    DigitPattern,
    lengths,
    matches,
    read_pattern,
)

pytestmark = pytest.mark.property

KEYS = "0123456789*#ABCD"
SILENCE = ""

digits = st.text("0123456789", min_size=1, max_size=12)
pieces = st.one_of(
    st.sampled_from("0123456789"),
    st.sampled_from(["[0-9]", "[3-9]", "[13-5]", "[02]"]),
)
repeats = st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{0,2}"])
sequences = st.lists(st.tuples(pieces, repeats).map("".join), min_size=1, max_size=5).map("".join)
patterns = st.lists(sequences, min_size=1, max_size=3).map("|".join)
bounds = st.tuples(st.integers(1, 8), st.integers(0, 4)).map(lambda each: (each[0], sum(each)))


def compiled(text: str) -> DigitPattern:
    pattern = read_pattern(text)
    assert pattern is not None
    return pattern


@st.composite
def rules(draw: st.DrawFn) -> DigitRules:
    least, most = draw(bounds)
    low = draw(st.integers(0, 10_000))
    return DigitRules(
        least,
        most,
        draw(st.sampled_from([None, "#", "*"])),
        draw(st.none() | patterns.map(compiled)),
        draw(st.none() | st.builds(DigitRange, st.just(low), st.integers(low, 10**8))),
        draw(st.booleans()),
    )


def give(wanted: DigitRules, keyed: str, key: str) -> Entry:
    return take_silence(wanted, keyed) if key == SILENCE else take_key(wanted, keyed, key)


@given(rules(), st.lists(st.sampled_from([*KEYS, SILENCE]), max_size=20))
def test_entry_ends_within_its_length_and_is_right_exactly_when_it_passes(
    wanted: DigitRules, given_keys: list[str]
) -> None:
    keyed = ""
    for count, key in enumerate(given_keys):
        entry = give(wanted, keyed, key)
        match entry:
            case Going(longer, is_full):
                assert longer == keyed + key
                assert is_full == (len(longer) == wanted.most)
                keyed = longer
                continue
            case Entered(entered):
                assert passes(wanted, entered)
                assert entered in (keyed, keyed + key)
            case Failed.NOINPUT:
                assert (key, keyed) == (SILENCE, "")
            case Failed.NOMATCH:
                ended_itself = wanted.terminator is None and len(keyed) + 1 == wanted.most
                whole = keyed + key if ended_itself else keyed
                is_stray = key != SILENCE and key not in DIGITS and key != wanted.terminator
                is_too_long = key != SILENCE and len(keyed) == wanted.most
                assert is_stray or is_too_long or not passes(wanted, whole)
        assert count <= wanted.most
        return
    assert len(keyed) <= wanted.most


@given(rules(), digits)
def test_digits_that_pass_are_taken_with_the_terminator_and_with_silence(
    wanted: DigitRules, whole: str
) -> None:
    keyed = ""
    for key in whole:
        entry = take_key(wanted, keyed, key)
        if not isinstance(entry, Going):
            assert len(keyed + key) >= wanted.most
            assert isinstance(entry, Entered) == (
                len(keyed + key) == wanted.most
                and wanted.terminator is None
                and passes(wanted, keyed + key)
            )
            return
        keyed = entry.digits
    expected = Entered(whole) if passes(wanted, whole) else Failed.NOMATCH
    assert take_silence(wanted, keyed) == expected
    if wanted.terminator is not None:
        assert take_key(wanted, keyed, wanted.terminator) == expected


@given(patterns, digits)
def test_pattern_matches_what_a_regular_expression_does(text: str, whole: str) -> None:
    pattern = compiled(text)
    assert matches(pattern, whole) == (re.fullmatch(text, whole) is not None)
    if matches(pattern, whole):
        assert any(low <= len(whole) <= high for low, high in lengths(pattern))


@given(st.text(max_size=40) | st.text("0123456789[]-{},?*+|", max_size=40))
def test_any_text_is_a_pattern_of_bounded_size_or_none(text: str) -> None:
    pattern = read_pattern(text)
    if pattern is not None:
        assert re.compile(text)
        assert sum(map(len, pattern)) <= PIECES_MAX
        assert all(each.most <= REPEATS_MAX for sequence in pattern for each in sequence)


@pytest.mark.parametrize(
    "text",
    ["", "|", "1|", "(1)", ".", "\\d", "^1$", "[9-3]", "[]", "[-]", "{2}", "1{33}", "1{3,2}"],
)
def test_what_is_no_pattern_is_refused(text: str) -> None:
    assert read_pattern(text) is None


def test_pattern_that_makes_backtracking_explode_is_quick() -> None:
    assert not matches(compiled("[0-9]*" * 30 + "[12]{32}"), "0" * 32)


@given(digits)
def test_check_digit_finds_each_wrong_digit_and_most_swaps(whole: str) -> None:
    # A property of the formula (ISO/IEC 7812-1, annex B): one check digit fits, nine do not.
    assert [luhn_holds(whole + last) for last in DIGITS].count(True) == 1


@pytest.mark.parametrize("number", ["79927398713", "4111111111111111", "18", "0"])
def test_known_numbers_have_their_check_digit(number: str) -> None:
    assert luhn_holds(number)
