"""When a calendar is open: nights, holidays and make-up days, leap days, jumps of the clock."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from site_samples import GOOD, codes_of, load, texts_of

from ivr.adapters.time_zones import YEAR_END, YEAR_FIRST, known_timezones
from ivr.flow import china_days
from ivr.flow.actions import Farewell
from ivr.flow.clock_times import DAYS, days_of, end_minute_of, minute_of, time_text
from ivr.flow.interpreter import begin
from ivr.flow.load import Loaded, load_site
from ivr.flow.model import Hours
from ivr.flow.opening import Calendar, Opening, Span, opening_at
from ivr.flow.zone import day_number, local_time, weekday, year_of

pytestmark = pytest.mark.unit

ZONES = known_timezones()
BEGIN_S, END_S = (
    round(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (YEAR_FIRST, YEAR_END)
)
OPEN, CLOSED, HOLIDAY = Opening.OPEN, Opening.CLOSED, Opening.HOLIDAY
OFFICE = 'open: [{days: mon-fri, from: "08:30", to: "17:30"}]'


def site_with(calendar: str, *, closed: str = "") -> Loaded:
    """The good site with an hours node by this calendar, read with all time zones."""
    files = texts_of(GOOD)
    files["10086/hotline.yaml"] = f"""
hotline: "10086"
numbers: ["10086"]
languages: [zh-CN]
timezone: Asia/Shanghai
{closed}
calendars:
  service: {{{calendar}}}
flow: main
flows:
  main:
    start: hours
    nodes:
      hours:
        hours: {{calendar: service}}
        on: {{open: open, closed: closed, emergency: emergency}}
      open: {{hangup: {{reason: open}}}}
      closed: {{hangup: {{reason: closed}}}}
      emergency: {{hangup: {{reason: emergency}}}}
"""
    prompts = {"zh-CN": {"welcome"}}
    loaded = load_site(files, prompts=prompts, timezones=ZONES)
    assert loaded.site is not None, loaded.problems
    return loaded


def calendar(written: str) -> Calendar:
    site = site_with(written).site
    assert site is not None
    node = next(iter(site.hotlines["10086"].flow.nodes.values()))
    assert isinstance(node, Hours)
    return node.calendar


def at(local: str, zone: str = "Asia/Shanghai", *, fold: int = 0) -> int:
    """The UTC millisecond of a local time, by the library that our own tables are made from."""
    moment = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-11-20T08:29:59.999", CLOSED),
        ("2026-11-20T08:30", OPEN),
        ("2026-11-20T17:29:59.999", OPEN),
        ("2026-11-20T17:30", CLOSED),
        ("2026-11-21T12:00", CLOSED),
    ],
)
def test_opening_begins_with_its_first_and_ends_before_its_last_minute(
    local: str, expected: Opening
) -> None:
    assert opening_at(calendar(OFFICE), at(local)) is expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-10-01T10:00", HOLIDAY),
        ("2026-10-10T10:00", OPEN),  # a Saturday that makes up for the National Day
        ("2026-10-10T18:00", CLOSED),
        ("2026-10-11T10:00", CLOSED),
        ("2026-01-04T10:00", OPEN),
        ("2025-01-01T10:00", HOLIDAY),
        ("2025-10-08T10:00", HOLIDAY),
        ("2027-10-01T10:00", OPEN),  # not known, not guessed: an ordinary Friday
    ],
)
def test_official_holidays_and_make_up_days_of_china(local: str, expected: Opening) -> None:
    assert opening_at(calendar(f"{OFFICE}, holidays: china"), at(local)) is expected


def test_days_off_are_as_many_as_the_notices_say() -> None:
    years = [year_of(each) for each in china_days.holidays()]
    assert (years.count(2025), years.count(2026)) == (
        1 + 8 + 3 + 5 + 3 + 8,
        3 + 9 + 3 + 5 + 3 + 3 + 7,
    )
    # A day that makes up is a Saturday or Sunday that is no holiday.
    assert all(weekday(each) in (5, 6) for each in china_days.working_days())
    assert set(china_days.working_days()).isdisjoint(china_days.holidays())


@pytest.mark.parametrize(
    ("today", "unknown"),
    [("2025-12-31", ()), ("2026-10-31", ()), ("2026-11-01", (2027,)), ("2028-01-01", (2028,))],
)
def test_year_is_unknown_once_its_notice_is_due(today: str, unknown: tuple[int, ...]) -> None:
    assert china_days.unknown_years(datetime.fromisoformat(today).date()) == unknown


def test_author_overrules_the_official_days_and_an_exception_overrules_both() -> None:
    days = calendar(
        f'{OFFICE}, holidays: [china, "2026-10-12"], working_days: ["2026-10-07", "2026-10-08"], '
        'exceptions: {"2026-10-01": [{from: "10:00", to: "12:00"}], "2026-10-10": closed}'
    )
    assert opening_at(days, at("2026-10-12T10:00")) is HOLIDAY
    assert opening_at(days, at("2026-10-07T10:00")) is OPEN
    assert opening_at(days, at("2026-10-01T11:00")) is OPEN
    assert opening_at(days, at("2026-10-01T13:00")) is HOLIDAY
    assert opening_at(days, at("2026-10-10T10:00")) is CLOSED


def test_night_belongs_to_the_day_on_which_it_began() -> None:
    nights = calendar(
        'open: [{days: daily, from: "22:00", to: "06:00 next day"}], holidays: "2026-10-01"'
    )
    assert opening_at(nights, at("2026-09-30T23:00")) is OPEN
    assert opening_at(nights, at("2026-10-01T05:59")) is OPEN
    assert opening_at(nights, at("2026-10-01T06:00")) is HOLIDAY
    assert opening_at(nights, at("2026-10-01T23:00")) is HOLIDAY
    assert opening_at(nights, at("2026-10-02T03:00")) is CLOSED


def test_sunday_night_is_open_on_monday_morning() -> None:
    nights = calendar('open: [{days: sun, from: "22:00", to: "06:00 next day"}]')
    assert opening_at(nights, at("2026-11-23T01:00")) is OPEN
    assert opening_at(nights, at("2026-11-24T01:00")) is CLOSED


def test_day_and_night_are_open_without_a_gap() -> None:
    always = calendar('open: [{days: daily, from: "00:00", to: "24:00"}]')
    for local in ("2026-11-20T23:59:59.999", "2026-11-21T00:00", "2028-02-29T12:00"):
        assert opening_at(always, at(local)) is OPEN


def test_leap_day_can_be_a_holiday() -> None:
    days = calendar(f'{OFFICE}, holidays: ["2028-02-29"]')
    assert opening_at(days, at("2028-02-29T10:00")) is HOLIDAY
    assert opening_at(days, at("2028-03-01T10:00")) is OPEN


def test_opening_in_the_gap_of_the_clock_begins_with_the_jump() -> None:
    days = calendar('timezone: Europe/Berlin, open: [{days: sun, from: "02:30", to: "04:00"}]')
    jump = at("2026-03-29T01:00", "UTC")  # 02:00 becomes 03:00
    assert opening_at(days, jump - 1) is CLOSED
    assert opening_at(days, jump) is OPEN
    assert opening_at(days, at("2026-03-29T04:00", "Europe/Berlin")) is CLOSED


def test_hour_that_comes_twice_is_open_twice() -> None:
    days = calendar('timezone: Europe/Berlin, open: [{days: sun, from: "02:00", to: "02:30"}]')
    for fold in (0, 1):
        moment = at("2026-10-25T02:15", "Europe/Berlin", fold=fold)
        assert opening_at(days, moment) is OPEN
        assert opening_at(days, moment + 30 * 60_000) is CLOSED


@given(
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
    st.integers(BEGIN_S, END_S).map(lambda second: second * 1000),
)
def test_local_time_is_that_of_the_time_zone_data(zone: str, wall: int) -> None:
    day, ms = local_time(ZONES[zone], wall)
    local = datetime.fromtimestamp(wall / 1000, ZoneInfo(zone))
    assert day == day_number(local.date().isoformat())
    assert ms == ((local.hour * 60 + local.minute) * 60 + local.second) * 1000
    assert weekday(day) == local.weekday()


@pytest.mark.parametrize(
    ("closed", "local", "reason"),
    [
        ("", "2026-11-20T10:00", "open"),
        ("", "2026-11-20T20:00", "closed"),
        ("", "2026-10-01T10:00", "closed"),  # no way `holiday` was written
        ("closed: {reason: storm}", "2026-11-20T10:00", "emergency"),
        ("closed: {reason: storm}", "2026-11-20T20:00", "emergency"),
    ],
)
def test_caller_goes_the_way_of_the_hour_and_the_switch_goes_before_it(
    closed: str, local: str, reason: str
) -> None:
    site = site_with(f"{OFFICE}, holidays: china", closed=closed).site
    assert site is not None
    _, action = begin(site.hotlines["10086"], wall=at(local))
    assert isinstance(action, Farewell)
    assert action.reason == reason


def test_calendar_of_the_site_serves_a_hotline_and_its_own_comes_first() -> None:
    files = texts_of(GOOD)
    files["site.yaml"] += f"calendars: {{service: {{timezone: Europe/Berlin, {OFFICE}}}}}\n"
    files["10086/hotline.yaml"] = (
        files["10086/hotline.yaml"]
        .replace(
            "start: language",
            "start: hours",
        )
        .replace(
            "    nodes:\n",
            "    nodes:\n      hours:\n        hours: {calendar: service}\n"
            "        on: {open: language, closed: sorry}\n",
        )
    )
    own = f"calendars: {{service: {{{OFFICE}}}}}\n"
    for text, zone in (("", "Europe/Berlin"), (own, "Asia/Shanghai")):
        loaded = load({**files, "10086/hotline.yaml": text + files["10086/hotline.yaml"]})
        assert codes_of(loaded) == []
        assert loaded.site is not None
        node = loaded.site.hotlines["10086"].flow.nodes[loaded.site.hotlines["10086"].flow.start]
        assert isinstance(node, Hours)
        assert node.calendar.zone.name == zone


def test_site_has_another_version_when_its_calendar_changes() -> None:
    one, same = site_with(OFFICE).site, site_with(OFFICE).site
    other = site_with(f"{OFFICE}, holidays: china").site
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.version == same.version != other.version


def test_closing_by_hand_is_another_version() -> None:
    site, closed = site_with(OFFICE).site, site_with(OFFICE, closed="closed: {reason: storm}").site
    assert site is not None
    assert closed is not None
    assert site.version != closed.version
    line = site.hotlines["10086"]
    assert replace(line, closed="storm") == closed.hotlines["10086"]


@given(st.integers(0, 2 * 24 * 60))
def test_time_is_read_as_it_is_written(minute: int) -> None:
    text = time_text(minute)
    if minute < 24 * 60:
        assert minute_of(text) == minute
    assert end_minute_of(text) == (minute if minute < 2 * 24 * 60 else 24 * 60)


@pytest.mark.parametrize("text", ["8:30", "24:01", "12:60", "0830", "08:30 ", "-1:00", "٠٨:٣٠"])
def test_what_is_no_time_is_not_read(text: str) -> None:
    assert minute_of(text) is None


@given(st.sampled_from(DAYS), st.sampled_from(DAYS))
def test_range_of_days_may_run_over_the_weekend(first: str, last: str) -> None:
    days = days_of(f"{first}-{last}")
    assert days is not None
    assert (DAYS[days[0]], DAYS[days[-1]]) == (first, last)
    assert len(set(days)) == len(days) <= 7


@pytest.mark.parametrize("text", ["", "-", "mon-", "-mon", "monday", "mon-fri-sun", "mon -fri"])
def test_what_is_no_day_is_not_read(text: str) -> None:
    assert days_of(text) is None


def test_spans_are_values() -> None:
    days = calendar(OFFICE)
    assert days.week[0] == (Span(510, 1_050),)
    assert days.week[5] == ()
