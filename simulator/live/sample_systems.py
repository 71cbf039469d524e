"""What the systems of the sample site answer: invented customers, accounts, bookings and orders.

The declarations of these services stand in ``dialplans/site.yaml``. Numbers ending in 9 belong to
nobody; what anybody else gets is decided by her number, so that a caller meets the same each time.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from simulator.live.back_office import System

PORT = 8090
"""Where the sample site looks for all of them."""

SAMPLE_ACCOUNT, SAMPLE_PIN = "6212345678901232", "580216"
"""The account that the bank knows, and its PIN."""

BLOCKED_ACCOUNT = "6212345678901240"
"""Known too, under the same PIN, and blocked."""

GOLD_BALANCE, NORMAL_BALANCE, OWED = 12_350, 8_800, -2_600
"""In fen."""

RETURN_DAYS, LATE_DAYS = 3, 30


def sample_systems() -> tuple[System, ...]:
    """Fresh ones, all well."""
    return (
        System("customer", _customer),
        System("bank", _bank),
        System("bookings", _booking),
        System("orders", _order),
    )


def _customer(asked: Mapping[str, object]) -> Mapping[str, object] | None:
    number = str(asked.get("number", ""))
    match number[-1:]:
        case "9" | "":
            return None
        case "8":
            return {"level": "gold", "balance": GOLD_BALANCE, "has_complaint": False}
        case "7":
            return {"level": "silver", "balance": OWED, "has_complaint": False}
        case "6":
            return {"level": "normal", "balance": NORMAL_BALANCE, "has_complaint": True}
        case _:
            return {"level": "normal", "balance": NORMAL_BALANCE, "has_complaint": False}


def _bank(asked: Mapping[str, object]) -> Mapping[str, object] | None:
    account = asked.get("account")
    if asked.get("pin") != SAMPLE_PIN or account not in (SAMPLE_ACCOUNT, BLOCKED_ACCOUNT):
        return None
    return {"balance": 1_234_567, "is_blocked": account == BLOCKED_ACCOUNT}


def _booking(asked: Mapping[str, object]) -> Mapping[str, object] | None:
    """The next day of this month and day; hotels are full on the first of a month."""
    today = datetime.now(tz=UTC).date()
    for year in (today.year, today.year + 1):
        meant = _day(year, str(asked.get("day", "")))
        if meant is not None and meant >= today:
            return {"date": meant.isoformat(), "is_free": meant.day > 1}
    return None


def _day(year: int, month_and_day: str) -> date | None:
    try:
        return date(year, int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return None


def _order(asked: Mapping[str, object]) -> Mapping[str, object] | None:
    """The first digit says the state: 1 packing, 2 sent, 3 and 4 delivered, 5 refunded."""
    first = str(asked.get("order", ""))[:1]
    due = datetime.now(tz=UTC).date() + timedelta(days=2)
    states = {"1": "packing", "2": "sent", "3": "delivered", "4": "delivered", "5": "refunded"}
    if first not in states:
        return None
    days = {"3": RETURN_DAYS, "4": LATE_DAYS}.get(first, 0)
    return {"state": states[first], "due": due.isoformat(), "days": days}
