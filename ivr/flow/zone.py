"""Local time as a value: by how much a zone's clock is ahead of UTC, and since when.

Time zone data lives in files, and files change between one start and the next. So whoever loads a
site reads them once and puts what they say into the site; afterwards a local time is arithmetic,
and a replay on another machine comes to the same. Decision: docs/decisions/0014.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

DAY_MS = 24 * 3_600_000

_EPOCH = date(1970, 1, 1)

_THURSDAY = 3


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: ``offsets_ms[n]`` holds from ``changes_ms[n - 1]`` on, the first one before all.

    Beyond the last change its offset holds for ever; how far the changes reach is the edge's
    choice (``ivr.adapters.time_zones``).
    """

    name: str
    offsets_ms: tuple[int, ...]
    changes_ms: tuple[int, ...] = ()

    def offset_ms(self, wall: int) -> int:
        """How far the zone's clock is ahead of UTC at this UTC millisecond."""
        return self.offsets_ms[bisect_right(self.changes_ms, wall)]


Zones = Mapping[str, Zone]
"""The known time zones by name."""


class LocalTime(NamedTuple):
    """What clock and calendar on the wall show: days since 1970, and milliseconds of that day."""

    day: int
    ms: int


def local_time(zone: Zone, wall: int) -> LocalTime:
    """The local time of this UTC millisecond."""
    return LocalTime(*divmod(wall + zone.offset_ms(wall), DAY_MS))


def weekday(day: int) -> int:
    """The day of the week of a day since 1970; Monday is 0."""
    return (day + _THURSDAY) % 7


def day_number(written: str) -> int | None:
    """Days since 1970 of a date as 2026-10-01, None where there is no such day."""
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return None
    # fromisoformat knows other forms too; one is enough, and sorts as text.
    return (found - _EPOCH).days if found.isoformat() == written else None


def year_of(day: int) -> int:
    """The year of a day since 1970."""
    return (_EPOCH + timedelta(days=day)).year
