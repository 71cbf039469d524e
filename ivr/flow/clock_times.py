"""Times of day, days of the week and dates as authors write them."""

import re

from ivr.flow.opening import DAY_MINUTES, WEEK_DAYS

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAILY = "daily"
NEXT_DAY = " next day"

TIME = r"([01][0-9]|2[0-4]):([0-5][0-9])"
TIME_REMEDY = 'Write it in quotes, from "00:00" to "24:00", such as "08:30".'
END_REMEDY = 'Write it in quotes, such as "17:30", "24:00", or "06:00 next day" past midnight.'
DAY_REMEDY = f"Write one of {', '.join(DAYS)}, a range such as mon-fri, or {DAILY}."
DATE_REMEDY = 'Write it in quotes as year-month-day, such as "2026-10-01".'

_TIME = re.compile(TIME)


def minute_of(text: str) -> int | None:
    """The minute of the day of ``08:30``, None if it is no time; ``24:00`` is the day's end."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    minute = int(found.group(1)) * 60 + int(found.group(2))
    return minute if minute <= DAY_MINUTES else None


def end_minute_of(text: str) -> int | None:
    """The same for the end of an opening, which may be ``06:00 next day``."""
    if text.endswith(NEXT_DAY):
        minute = minute_of(text.removesuffix(NEXT_DAY))
        return None if minute is None else minute + DAY_MINUTES
    return minute_of(text)


def time_text(minute: int) -> str:
    """A minute of the day as an author would write it."""
    day, minute = divmod(minute, DAY_MINUTES)
    if day and not minute:
        return "24:00"
    return f"{minute // 60:02}:{minute % 60:02}" + (NEXT_DAY if day else "")


def days_of(text: str) -> tuple[int, ...] | None:
    """The days of the week, Monday 0, of ``mon``, ``fri-mon`` or ``daily``; None if it is none."""
    if text == DAILY:
        return tuple(range(WEEK_DAYS))
    first, _, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS or text.endswith("-"):
        return None
    begin, end = DAYS.index(first), DAYS.index(last or first)
    return tuple((begin + each) % WEEK_DAYS for each in range((end - begin) % WEEK_DAYS + 1))
