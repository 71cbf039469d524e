"""What an author can write of a calendar, as tables of keys."""

from ivr.flow.clock_times import NEXT_DAY, TIME
from ivr.flow.keys import Either, Form, Inner, Key, Name, Named, NameOf, OneOf, Several, Shape

CHINA = "china"
CLOSED = "closed"
SPANS_MAX = 50
"""Openings of a week or a day; more is a slip."""

_DATE = Form("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date such as 2026-10-01")
_FROM = Key("from", "when it opens", required=True, value=Form(TIME, "a time such as 08:30"))
_TO = Key(
    "to",
    "when it closes; past midnight with `next day` behind it",
    required=True,
    value=Form(f"{TIME}({NEXT_DAY})?", "a time such as 17:30, or 06:00 next day"),
)
_DAYS = Form("daily|(mon|tue|wed|thu|fri|sat|sun)(-[a-z]{3})?", "days such as mon-fri")
OPENING = Shape(
    "an opening",
    (
        Key(
            "days",
            "mon to sun, a range such as mon-fri, daily, or a list of them",
            required=True,
            value=Several(_DAYS, low=1, or_one=True),
        ),
        _FROM,
        _TO,
    ),
)
OPENING_OF_DAY = Shape("the opening of a day", (_FROM, _TO))
_ABOUT_DAYS = (
    Key("open", "the openings of a week", required=True, value=Several(Inner(OPENING))),
    Key(
        "holidays",
        "`china` for the official ones, dates, or a list of them",
        value=Several(Either((OneOf((CHINA,)), _DATE)), low=1, or_one=True),
    ),
    Key(
        "working_days",
        "dates that have Monday's hours, whatever day they are",
        value=Several(_DATE, low=1, or_one=True),
    ),
    Key(
        "exceptions",
        "dates with hours of their own: `closed`, or a list of openings",
        value=Named(Either((OneOf((CLOSED,)), Several(Inner(OPENING_OF_DAY)))), key=_DATE),
    ),
)
_ZONE = Name(NameOf.TIMEZONE)
CALENDAR = Shape(
    "a calendar",
    (
        Key("timezone", "where its clock stands; as the hotline's if left out", value=_ZONE),
        *_ABOUT_DAYS,
    ),
)
CALENDAR_OF_SITE = Shape(
    "a calendar of the site",
    (
        Key(
            "timezone",
            "where its clock stands, such as Asia/Shanghai",
            required=True,
            value=_ZONE,
        ),
        *_ABOUT_DAYS,
    ),
)
CALENDARS = Key("calendars", "when it is open, by name", value=Named(Inner(CALENDAR)))
CALENDARS_OF_SITE = Key(
    "calendars",
    "when something is open, by name; for all hotlines",
    value=Named(Inner(CALENDAR_OF_SITE)),
)
