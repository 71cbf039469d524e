"""Reads ``calendars:`` of a site or a hotline: when something is open, and on which days not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ivr.flow import china_days
from ivr.flow.calendar_shapes import (
    CALENDARS,
    CHINA,
    CLOSED,
    OPENING,
    OPENING_OF_DAY,
    SPANS_MAX,
)
from ivr.flow.clock_times import (
    DATE_REMEDY,
    DAY_REMEDY,
    END_REMEDY,
    NEXT_DAY,
    TIME_REMEDY,
    days_of,
    end_minute_of,
    minute_of,
    time_text,
)
from ivr.flow.keys import Shape
from ivr.flow.opening import (
    MONDAY,
    WEEK_DAYS,
    Calendar,
    Hours,
    Span,
    SpecialDay,
    never_opens,
    overlapping,
    overlapping_night,
)
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.shape import Fields, Reader
from ivr.flow.yaml_tree import Listing, Scalar, Tree
from ivr.flow.zone import Zone, Zones, day_number, year_of


@dataclass(frozen=True, slots=True)
class ReadingPlace:
    """What reading calendars needs of the world; ``today`` is None where no year is warned of."""

    zones: Zones
    today: date | None = None


class CalendarsReader:
    """Reads the calendars of one file, each held against ``shape``.

    ``timezone`` is the hotline's, for a calendar that names none.
    """

    def __init__(
        self, problems: Problems, around: ReadingPlace, shape: Shape, timezone: str | None = None
    ) -> None:
        self._problems = problems
        self._read = Reader(problems)
        self._around = around
        self._shape = shape
        self._timezone = timezone

    def read(self, fields: Fields) -> Mapping[str, Calendar | None] | None:
        """The calendars by name, each None where it is wrong; None where there is no telling."""
        written = fields.value(CALENDARS.name)
        if written is None:
            return None if CALENDARS.name in fields.meant else {}
        table = self._read.table(written, "calendars", keys=("service",))
        if table is None:
            return None
        found: dict[str, Calendar | None] = {}
        for entry in table.entries:
            name = self._read.name(entry.key, "the name of a calendar")
            held = self._read.fields(entry.value, self._shape)
            if name is not None:
                found[name] = None if held is None else self._calendar(name, held)
        return found

    def _calendar(self, name: str, fields: Fields) -> Calendar | None:
        zone = self._zone(fields)
        week = self._week(fields)
        days = self._days(fields, week or ((),) * WEEK_DAYS)
        if zone is None or week is None or days is None:
            return None
        calendar = Calendar(name, zone, week, days)
        if never_opens(calendar):
            self._problems.error(
                Code.CALENDAR_NEVER_OPEN,
                fields.place_of("open"),
                f"The calendar {quoted(name)} is never open.",
                'Add an opening, such as {days: mon-fri, from: "08:30", to: "17:30"}.',
            )
        return calendar

    def _zone(self, fields: Fields) -> Zone | None:
        written = fields.value("timezone")
        name = self._timezone
        if written is not None:
            name = read_timezone(written, self._around.zones, self._read)
        return None if name is None else self._around.zones.get(name)

    # The week.

    def _week(self, fields: Fields) -> tuple[Hours, ...] | None:
        written = fields.value("open")
        items = None if written is None else self._items(written, "the openings of a week")
        if items is None:
            return None
        week: list[list[Span]] = [[] for _ in range(WEEK_DAYS)]
        is_whole = True
        for item in items:
            opening = self._read.fields(item, OPENING)
            days = None if opening is None else self._days_of_week(opening)
            span = None if opening is None else self._span(opening)
            is_whole = is_whole and span is not None and days is not None
            for day in days or ():
                if span is not None:
                    week[day].append(span)
        hours = tuple(_in_order(spans) for spans in week)
        if written is not None:
            self._check_apart(hours, written.place)
        return hours if is_whole else None

    def _days_of_week(self, opening: Fields) -> tuple[int, ...] | None:
        written = opening.value("days")
        items = None if written is None else self._read.one_or_more(written, "days")
        if items is None:
            return None
        found: dict[int, None] = {}
        for item in items:
            text = self._read.text(item, "this day")
            days = None if text is None else days_of(text)
            if days is None and text is not None:
                self._problems.error(
                    Code.BAD_DAY, item.place, f"{quoted(text)} is no day of the week.", DAY_REMEDY
                )
            if days is None:
                return None
            found.update(dict.fromkeys(days))
        return tuple(found)

    def _span(self, opening: Fields) -> Span | None:
        begins = self._time(opening, "from", is_end=False)
        ends = self._time(opening, "to", is_end=True)
        if begins is None or ends is None:
            return None
        if ends > begins:
            return Span(begins, ends)
        later = f'"{time_text(ends)}{NEXT_DAY}"'
        self._problems.error(
            Code.OPENING_ENDS_FIRST,
            opening.place_of("to"),
            f"This opening closes at {time_text(ends)}, which is not after {time_text(begins)}.",
            f"Write `to: {later}` if it runs past midnight."
            if ends
            else 'Write `to: "24:00"` for midnight.',
        )
        return None

    def _time(self, opening: Fields, key: str, *, is_end: bool) -> int | None:
        written = opening.value(key)
        text = None if written is None else self._read.text(written, f"the value of {key}")
        if written is None or text is None:
            return None
        minute = end_minute_of(text) if is_end else minute_of(text)
        if minute is None:
            remedy = END_REMEDY if is_end else TIME_REMEDY
            self._problems.error(
                Code.BAD_TIME_OF_DAY,
                written.place,
                f"{quoted(text)} is no time of the day.",
                remedy,
            )
        return minute

    def _check_apart(self, week: tuple[Hours, ...], place: Place) -> None:
        for spans in week:
            if self._report_overlap(spans, place):
                return
        if overlapping_night(week) is not None:
            self._overlap(place, "An opening runs past midnight into the next day's.")

    def _report_overlap(self, spans: Hours, place: Place) -> bool:
        both = overlapping(spans)
        if both is None:
            return False
        first, second = (f"{time_text(each.begins)} to {time_text(each.ends)}" for each in both)
        self._overlap(place, f"Two openings of one day overlap: {first}, and {second}.")
        return True

    def _overlap(self, place: Place, message: str) -> None:
        remedy = "Make one opening of the two, or let the second begin where the first ends."
        self._problems.error(Code.OPENINGS_OVERLAP, place, message, remedy)

    # Single days.

    def _days(self, fields: Fields, week: tuple[Hours, ...]) -> Mapping[int, SpecialDay] | None:
        free, works = self._dates(fields, "holidays"), self._dates(fields, "working_days")
        exceptions = self._exceptions(fields)
        if free is None or works is None or exceptions is None:
            return None
        for day, written in free.items():
            if day in works:
                self._problems.error(
                    Code.LISTED_TWICE,
                    works[day].place,
                    f"The day {quoted(works[day].text)} is a holiday too, at {written.place}.",
                    "Remove one of the two.",
                )
        days: dict[int, SpecialDay] = {}
        if self._is_chinese(fields):
            days |= {each: SpecialDay((), is_holiday=True) for each in china_days.holidays()}
            days |= {each: SpecialDay(week[MONDAY]) for each in china_days.working_days()}
            self._warn_of_years(fields, {year_of(each) for each in (*free, *works, *exceptions)})
        days |= {each: SpecialDay((), is_holiday=True) for each in free}
        days |= {each: SpecialDay(week[MONDAY]) for each in works}
        for day, hours in exceptions.items():
            days[day] = SpecialDay(hours, is_holiday=day in days and days[day].is_holiday)
        return dict(sorted(days.items()))

    def _is_chinese(self, fields: Fields) -> bool:
        return any(is_china(each) for each in _listed(fields.value("holidays")))

    def _dates(self, fields: Fields, key: str) -> Mapping[int, Scalar] | None:
        """The dates under this key, without the word ``china``."""
        written = fields.value(key)
        items = () if written is None else self._read.one_or_more(written, key)
        if items is None:
            return None
        found: dict[int, Scalar] = {}
        is_whole = True
        for item in items:
            if key == "holidays" and is_china(item):
                continue
            day = self._date(item, or_china=key == "holidays")
            is_whole = is_whole and day is not None
            if day is not None and isinstance(item, Scalar):
                found[day] = item
        return found if is_whole else None

    def _date(self, written: Tree, *, or_china: bool = False) -> int | None:
        text = self._read.text(written, "this date")
        day = None if text is None else day_number(text)
        if day is None and text is not None:
            known = (CHINA,) if or_china else ()
            self._problems.error(
                Code.BAD_DATE,
                written.place,
                f"{quoted(text)} is no day of any year.",
                did_you_mean(text, known, otherwise=DATE_REMEDY),
            )
        return day

    def _exceptions(self, fields: Fields) -> Mapping[int, Hours] | None:
        written = fields.value("exceptions")
        if written is None:
            return {}
        table = self._read.table(written, "exceptions", keys=('"2026-10-01"',))
        found: dict[int, Hours] = {}
        for entry in () if table is None else table.entries:
            day = self._date(entry.key)
            hours = self._hours_of_day(entry.value)
            if day is not None and hours is not None:
                found[day] = hours
        return found if table is not None and len(found) == len(table.entries) else None

    def _hours_of_day(self, written: Tree) -> Hours | None:
        if isinstance(written, Scalar) and written.text == CLOSED:
            return ()
        items = self._items(written, "the openings of a day")
        spans: list[Span] = []
        for item in items or ():
            opening = self._read.fields(item, OPENING_OF_DAY)
            span = None if opening is None else self._span(opening)
            if span is not None:
                spans.append(span)
        if items is None or len(spans) < len(items):
            return None
        self._report_overlap(_in_order(spans), written.place)
        return _in_order(spans)

    def _items(self, written: Tree, what: str) -> tuple[Tree, ...] | None:
        items = self._read.items(written, what)
        if items is None or len(items) <= SPANS_MAX:
            return items
        self._problems.error(
            Code.OUT_OF_RANGE,
            written.place,
            f"There are {len(items)} of {what}, more than {SPANS_MAX}.",
            f"Write at most {SPANS_MAX}.",
        )
        return None

    def _warn_of_years(self, fields: Fields, written: set[int]) -> None:
        today = self._around.today
        unknown = () if today is None else china_days.unknown_years(today)
        for year in unknown:
            if year not in written:
                known = listing(str(each) for each in china_days.NOTICES)
                self._problems.warn(
                    Code.HOLIDAYS_UNKNOWN,
                    fields.place_of("holidays"),
                    f"The public holidays of China in {year} are not known to this release, which "
                    f"knows {known}.",
                    f"Add the days of {year} to `holidays` and `working_days` once the State "
                    "Council has told them, or install a release that knows them.",
                )


def is_china(written: Tree) -> bool:
    """Whether this says: the official holidays of China."""
    return isinstance(written, Scalar) and written.text == CHINA


def read_timezone(written: Tree, zones: Zones, read: Reader) -> str | None:
    """The name of a time zone that there is."""
    name = read.text(written, "the time zone")
    if name is None or name in zones:
        return name
    near = [zone for zone in zones if zone[:1].lower() == name[:1].lower()]
    read.problems.error(
        Code.TIMEZONE_UNKNOWN,
        written.place,
        f"There is no time zone {quoted(name)}.",
        did_you_mean(name, sorted(near), otherwise="Write it as Asia/Shanghai is written."),
    )
    return None


def _listed(written: Tree | None) -> Iterator[Tree]:
    if isinstance(written, Listing):
        yield from written.items
    elif written is not None:
        yield written


def _in_order(spans: list[Span]) -> Hours:
    return tuple(sorted(spans, key=lambda each: (each.begins, each.ends)))
