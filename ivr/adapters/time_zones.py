"""Time zones as values, out of the data this program is installed with.

The system's own data is not looked at: two machines with the same release must agree on when a
hotline opens. Only what lies between ``YEAR_FIRST`` and ``YEAR_END`` is taken over; beyond it the
last offset holds, and by then another release is installed.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

from ivr.flow.zone import Zone

YEAR_FIRST, YEAR_END = 2020, 2045

_LOOKED_EVERY_MS = 24 * 3_600_000
"""No zone has ever changed its clock and changed it back within a day."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class InstalledZones(Mapping[str, Zone]):
    """Every known zone by name; each is worked out when it is first asked for."""

    def __init__(self) -> None:
        self._data = resources.files("tzdata")
        listed = self._data.joinpath("zones").read_text(encoding="utf-8")
        self._names = frozenset(listed.split())
        self._zones: dict[str, Zone] = {}

    def __getitem__(self, name: str) -> Zone:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._zones:
            with self._data.joinpath("zoneinfo", *name.split("/")).open("rb") as opened:
                self._zones[name] = _zone(name, ZoneInfo.from_file(opened, key=name))
        return self._zones[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def known_timezones() -> InstalledZones:
    """The time zones in the data this program is installed with."""
    return InstalledZones()


def _zone(name: str, info: ZoneInfo) -> Zone:
    at, end = _utc_ms(YEAR_FIRST), _utc_ms(YEAR_END)
    offsets, changes = [_offset_ms(info, at)], list[int]()
    while at < end:
        following = min(at + _LOOKED_EVERY_MS, end)
        offset_ms = _offset_ms(info, following)
        if offset_ms != offsets[-1]:
            changes.append(_change_between(info, at, following))
            offsets.append(offset_ms)
        at = following
    return Zone(name, tuple(offsets), tuple(changes))


def _change_between(info: ZoneInfo, before: int, after: int) -> int:
    """The first millisecond that has the offset of ``after``."""
    wanted = _offset_ms(info, after)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_ms(info, middle) == wanted:
            after = middle
        else:
            before = middle
    return after


def _utc_ms(year: int) -> int:
    return (datetime(year, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)


def _offset_ms(info: ZoneInfo, wall: int) -> int:
    local = (_EPOCH + timedelta(milliseconds=wall)).astimezone(info)
    return (local.utcoffset() or timedelta()) // timedelta(milliseconds=1)
