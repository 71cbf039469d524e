"""A value as what is played for it: the bridge from a flow's values to the spoken grammar.

What can be spoken is the grammar's to say (``ivr.prompts.fragments``); here stands how a flow
holds it: money in fen, a duration in seconds, a day as 2026-11-02, a time as 09:30.
"""

import datetime
import re
from collections.abc import Mapping

from ivr.flow.model import PromptKey, SayAs
from ivr.flow.values import Kind, Value
from ivr.prompts import fragments
from ivr.prompts.model import LANGUAGES, Language

SPOKEN_FROM: Mapping[SayAs, Kind] = {
    SayAs.NUMBER: Kind.INT,
    SayAs.ORDINAL: Kind.INT,
    SayAs.DIGITS: Kind.TEXT,
    SayAs.PHONE: Kind.TEXT,
    SayAs.MONEY: Kind.INT,
    SayAs.DURATION: Kind.INT,
    SayAs.DATE: Kind.TEXT,
    SayAs.TIME: Kind.TEXT,
}
"""The type of variable that each can be spoken from."""

_LANGUAGES: Mapping[str, Language] = {language: language for language in LANGUAGES}
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})")


def spoken(way: SayAs, value: Value, language: str) -> tuple[PromptKey, ...] | None:
    """The prompts that say this value, or None when it can not be spoken in this language."""
    known = _LANGUAGES.get(language)
    if known is None or isinstance(value, bool):
        return None
    try:
        said = _of_text(way, value, known) if isinstance(value, str) else _of(way, value, known)
    except ValueError:  # how the grammar refuses what it has no words for
        return None
    return tuple(PromptKey(key) for key in said)


def _of(way: SayAs, value: int, language: Language) -> fragments.Keys:
    match way:
        case SayAs.NUMBER:
            return fragments.number(value, language)
        case SayAs.ORDINAL:
            return fragments.ordinal(value, language)
        case SayAs.MONEY:
            return fragments.amount(value, language)
        case SayAs.DURATION:
            return fragments.duration(value, language)
        case _:
            raise ValueError(f"a number is not said as {way.value}")


def _of_text(way: SayAs, value: str, language: Language) -> fragments.Keys:
    match way:
        case SayAs.DIGITS:
            return fragments.digits(value, language)
        case SayAs.PHONE:
            return fragments.phone(value, language)
        case SayAs.DATE:
            day = datetime.date(*_numbers(_DATE, value))
            return fragments.date(day.year, day.month, day.day, language)
        case SayAs.TIME:
            hour, minute = _numbers(_TIME, value)
            return fragments.time(hour, minute, language)
        case _:
            raise ValueError(f"a text is not said as {way.value}")


def _numbers(form: re.Pattern[str], text: str) -> tuple[int, ...]:
    found = form.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} does not have the form {form.pattern}")
    return tuple(int(each) for each in found.groups())
