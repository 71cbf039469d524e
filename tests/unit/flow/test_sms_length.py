"""Septets, units and parts as 3GPP TS 23.038 counts them, at each border."""

import pytest

from ivr.flow.sms_length import Alphabet, SmsSize, sms_size, worst_size

pytestmark = pytest.mark.unit

GSM, UCS2 = Alphabet.GSM_7BIT, Alphabet.UCS2
MATHEMATICAL_A = "\U0001d400"
"""A character of two units."""


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", SmsSize(GSM, 0, 1)),
        ("a" * 160, SmsSize(GSM, 160, 1)),
        ("a" * 161, SmsSize(GSM, 161, 2)),
        ("a" * 306, SmsSize(GSM, 306, 2)),
        ("a" * 307, SmsSize(GSM, 307, 3)),
        ("é\nß@_", SmsSize(GSM, 5, 1)),
        ("€" * 80, SmsSize(GSM, 160, 1)),
        ("€" * 81, SmsSize(GSM, 162, 2)),
        ("[]{}\\~^|", SmsSize(GSM, 16, 1)),
        ("字" * 70, SmsSize(UCS2, 70, 1)),
        ("字" * 71, SmsSize(UCS2, 71, 2)),
        ("字" * 134, SmsSize(UCS2, 134, 2)),
        ("字" * 135, SmsSize(UCS2, 135, 3)),
        ("a" * 69 + "字", SmsSize(UCS2, 70, 1)),
        (MATHEMATICAL_A * 35, SmsSize(UCS2, 70, 1)),
        ("`", SmsSize(UCS2, 1, 1)),
        ("ç", SmsSize(UCS2, 1, 1)),
    ],
)
def test_text_takes_what_the_specification_says(text: str, size: SmsSize) -> None:
    assert sms_size(text) == size


def test_character_of_two_units_is_not_torn_apart() -> None:
    # 67 units a part: the 34th pair begins at unit 66 and must go into the next part whole.
    assert sms_size(MATHEMATICAL_A * 67) == SmsSize(UCS2, 134, 3)
    assert sms_size("字" * 134) == SmsSize(UCS2, 134, 2)


def test_two_septets_of_one_character_are_not_torn_apart() -> None:
    assert sms_size("€" * 153).parts == 3
    assert sms_size("a" * 306).parts == 2


@pytest.mark.parametrize(
    ("pieces", "size"),
    [
        ([("abc",), ("x", "long")], SmsSize(GSM, 7, 1)),
        ([("abc",), ("x", "长")], SmsSize(UCS2, 4, 1)),
        ([("a" * 100,), ("x" * 60, "长")], SmsSize(UCS2, 160, 3)),
        ([("a" * 300,), ("x",)], SmsSize(GSM, 301, 2)),
        ([("€" * 100,), ("x", "yy")], SmsSize(GSM, 202, 2)),
    ],
)
def test_worst_size_takes_the_longest_of_each_piece(
    pieces: list[tuple[str, ...]], size: SmsSize
) -> None:
    assert worst_size(pieces) == size


def test_worst_size_of_one_possible_text_is_exact() -> None:
    text = MATHEMATICAL_A * 33 + "a"
    assert worst_size([(text,)]) == sms_size(text)
