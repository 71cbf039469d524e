"""How many messages a text takes: 3GPP TS 23.038, "Alphabets and language-specific information".

A text whose characters are all in the GSM 7 bit default alphabet goes with 160 septets in one
message; a longer one is put together out of parts of 153, for each carries a header. Characters of
the extension table take two septets. Any other character turns the whole text to UCS-2: 70 units
of 16 bits, or 67 in each part; what is beyond the basic plane takes two units. Neither two septets
nor two units of one character are torn apart (TS 23.038, section 6.2.1.1; TS 23.040, 9.2.3.24.1).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum

SEPTETS_SINGLE, SEPTETS_PART = 160, 153
UNITS_SINGLE, UNITS_PART = 70, 67
STRANGE_MAX = 4
"""Characters outside the alphabet that are named; a text with more is another script."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


class Alphabet(Enum):
    """In which of the two ways a text is sent."""

    GSM_7BIT = "GSM 7 bit"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class SmsSize:
    """What a text takes: septets or 16-bit units, and messages."""

    alphabet: Alphabet
    units: int
    parts: int


def sms_size(text: str) -> SmsSize:
    """What this text takes."""
    if is_gsm(text):
        parts = _parts(text, _septets_of, SEPTETS_SINGLE, SEPTETS_PART)
        return SmsSize(Alphabet.GSM_7BIT, septets(text), parts)
    parts = _parts(text, _units_of, UNITS_SINGLE, UNITS_PART)
    return SmsSize(Alphabet.UCS2, utf16_units(text), parts)


def worst_size(pieces: Sequence[Collection[str]]) -> SmsSize:
    """What a text can take at most whose pieces are each one of several texts.

    An upper bound: the longest of each piece need not be what forces an alphabet, and where
    characters of two units may come, each part may lose one to keep them whole.
    """
    if all(len(piece) == 1 for piece in pieces):
        return sms_size("".join(next(iter(piece)) for piece in pieces))
    texts = [text for piece in pieces for text in piece]
    if all(map(is_gsm, texts)):
        return _bound(pieces, septets, Alphabet.GSM_7BIT)
    wide = _bound(pieces, utf16_units, Alphabet.UCS2)
    plain = [[text for text in piece if is_gsm(text)] for piece in pieces]
    if not all(plain):
        return wide
    narrow = _bound(plain, septets, Alphabet.GSM_7BIT)
    return max(wide, narrow, key=lambda size: (size.parts, size.alphabet is Alphabet.UCS2))


def is_gsm(text: str) -> bool:
    """Whether every character is one of the GSM 7 bit alphabet or its extension table."""
    return all(each in _BASIC or each in _EXTENDED for each in text)


def outside_gsm(text: str) -> tuple[str, ...]:
    """The few characters that keep a text out of the GSM alphabet; none where it is written so.

    A text with letters of another script is meant to be in UCS-2, and no sign in it is to blame.
    """
    strange = tuple(dict.fromkeys(each for each in text if not is_gsm(each)))
    if len(strange) > STRANGE_MAX or any(each.isalpha() for each in strange):
        return ()
    return strange


def septets(text: str) -> int:
    """The septets of a text in the GSM 7 bit alphabet."""
    return sum(map(_septets_of, text))


def utf16_units(text: str) -> int:
    """The 16-bit units of a text in UCS-2, characters beyond the basic plane as two."""
    return sum(map(_units_of, text))


def _septets_of(character: str) -> int:
    return 2 if character in _EXTENDED else 1


def _units_of(character: str) -> int:
    return 2 if ord(character) > 0xFFFF else 1


def _parts(text: str, size_of: Callable[[str], int], single: int, part: int) -> int:
    if sum(map(size_of, text)) <= single:
        return 1
    parts, room = 1, part
    for character in text:
        size = size_of(character)
        if size > room:
            parts, room = parts + 1, part
        room -= size
    return parts


def _bound(
    pieces: Sequence[Collection[str]], measure: Callable[[str], int], alphabet: Alphabet
) -> SmsSize:
    units = sum(max(map(measure, piece)) for piece in pieces)
    is_gsm_7bit = alphabet is Alphabet.GSM_7BIT
    single = SEPTETS_SINGLE if is_gsm_7bit else UNITS_SINGLE
    part = SEPTETS_PART if is_gsm_7bit else UNITS_PART
    has_pairs = any(measure(text) > len(text) for piece in pieces for text in piece)
    room = part - 1 if has_pairs else part
    return SmsSize(alphabet, units, 1 if units <= single else -(-units // room))
