"""The public holidays of mainland China and the working days that make up for them (调休).

They are fixed anew for each year, by a notice of the General Office of the State Council in the
autumn before (国务院办公厅关于部分节假日安排的通知), and follow from no rule. So they are listed,
and a year that is not listed is unknown, never guessed:

- 2025: notice 国办发明电〔2024〕12号 of 12 November 2024 (content_6986382 of its site)
- 2026: notice of 4 November 2025 (content_7047090 of its site)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

NOTICE_MONTH = 11
"""The month in which the next year's notice has come of late."""

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class NoticedYear:
    """What one notice says: holidays as first and last day (month, day), and working days."""

    holidays: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
    working_days: tuple[tuple[int, int], ...]


NOTICES: Mapping[int, NoticedYear] = {
    2025: NoticedYear(
        holidays=(
            ((1, 1), (1, 1)),  # New Year
            ((1, 28), (2, 4)),  # Spring Festival
            ((4, 4), (4, 6)),  # Qingming
            ((5, 1), (5, 5)),  # Labour Day
            ((5, 31), (6, 2)),  # Dragon Boat Festival
            ((10, 1), (10, 8)),  # National Day and Mid-Autumn
        ),
        working_days=((1, 26), (2, 8), (4, 27), (9, 28), (10, 11)),
    ),
    2026: NoticedYear(
        holidays=(
            ((1, 1), (1, 3)),  # New Year
            ((2, 15), (2, 23)),  # Spring Festival
            ((4, 4), (4, 6)),  # Qingming
            ((5, 1), (5, 5)),  # Labour Day
            ((6, 19), (6, 21)),  # Dragon Boat Festival
            ((9, 25), (9, 27)),  # Mid-Autumn
            ((10, 1), (10, 7)),  # National Day
        ),
        working_days=((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)),
    ),
}


def holidays() -> Iterator[int]:
    """Every day off of the known years, as days since 1970."""
    for year, noticed in NOTICES.items():
        for first, last in noticed.holidays:
            yield from range(_number(year, first), _number(year, last) + 1)


def working_days() -> Iterator[int]:
    """Every make-up working day of the known years, as days since 1970."""
    for year, noticed in NOTICES.items():
        yield from (_number(year, each) for each in noticed.working_days)


def unknown_years(today: date) -> tuple[int, ...]:
    """The years that matter today and are not listed: this one, and the next from November on."""
    last = today.year + (today.month >= NOTICE_MONTH)
    return tuple(year for year in range(today.year, last + 1) if year not in NOTICES)


def _number(year: int, day: tuple[int, int]) -> int:
    return (date(year, *day) - _EPOCH).days
