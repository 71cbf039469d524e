"""When a hotline is open: a calendar as a value, and what it says of a moment.

Hours are those of the clock on the wall. Where that clock jumps forward over an opening, the
opening begins with the jump; where it goes back, the hour that comes twice is open twice. An
opening may run past midnight, and then belongs to the day on which it began: the night before a
holiday is served to its end, the night after the last day off is not.

Of the rules for a day the narrower one counts: an exception, else a working day, else a holiday,
else the week. A working day has the hours of Monday, whatever day of the week it is: that is what
the make-up days of China (调休) are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from ivr.flow.zone import Zone, local_time, weekday

DAY_MINUTES = 24 * 60
WEEK_DAYS = 7
MONDAY = 0

_MINUTE_MS = 60_000


class Opening(Enum):
    """What a caller meets; the names an author writes under ``on:`` of an ``hours`` node."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Span:
    """Open from one minute of the day until just before another; past midnight above 24 * 60."""

    begins: int
    ends: int


Hours = tuple[Span, ...]
"""All openings that begin on one day; none on a day that is closed."""


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A date that is not like its day of the week."""

    hours: Hours
    is_holiday: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """When something is open. ``week`` begins with Monday; ``days`` goes by days since 1970."""

    name: str
    zone: Zone
    week: tuple[Hours, ...]
    days: Mapping[int, SpecialDay]


def opening_at(calendar: Calendar, wall: int) -> Opening:
    """Open, closed or holiday at this UTC millisecond."""
    day, ms = local_time(calendar.zone, wall)
    minute = ms // _MINUTE_MS
    today = _special(calendar, day)
    if _covers(today.hours, minute):
        return Opening.OPEN
    if _covers(_special(calendar, day - 1).hours, minute + DAY_MINUTES):
        return Opening.OPEN
    return Opening.HOLIDAY if today.is_holiday else Opening.CLOSED


def way_of(opening: Opening, ways: Mapping[Opening, str]) -> Opening:
    """The way that counts: ``closed`` stands in for what an author did not write."""
    return opening if opening in ways else Opening.CLOSED


def never_opens(calendar: Calendar) -> bool:
    """Whether no moment is open, as far as can be told."""
    return not any(calendar.week) and not any(each.hours for each in calendar.days.values())


def overlapping(spans: Hours) -> tuple[Span, Span] | None:
    """Two openings of one day that share a minute, if there are any."""
    for first, second in pairwise(sorted(spans, key=lambda each: (each.begins, each.ends))):
        if second.begins < first.ends:
            return first, second
    return None


def overlapping_night(week: tuple[Hours, ...]) -> int | None:
    """The day of the week whose opening runs into the next day's, if there is one."""
    for day, spans in enumerate(week):
        following = week[(day + 1) % WEEK_DAYS]
        into = max((each.ends - DAY_MINUTES for each in spans), default=0)
        if any(each.begins < into for each in following):
            return day
    return None


def _special(calendar: Calendar, day: int) -> SpecialDay:
    return calendar.days.get(day) or SpecialDay(calendar.week[weekday(day)])


def _covers(spans: Hours, minute: int) -> bool:
    return any(each.begins <= minute < each.ends for each in spans)
