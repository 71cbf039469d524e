"""What the listing commands share: options, refusals, times, masked numbers, documents."""

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ivr.settings import repository_root

BAD = 1
WRONG_USE = 2

LISTED = 50
"""Rows shown unless more are asked for."""

LISTED_MAX = 10_000
"""Rows shown at once, whatever is asked for."""

DATA_DIR = repository_root() / "run" / "data"

HEAD_SHOWN, TAIL_SHOWN, HIDDEN_MIN = 3, 4, 4
"""A masked number keeps its ends, as far as four characters between them stay hidden."""

NO_TEXT = "what is asked for is no text in UTF-8: write it as the lists show it"

_AGO = re.compile(r"(\d{1,6})([smhd])")
_UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class ListFormat(Enum):
    """For a person, or one JSON document for a program."""

    TEXT = "text"
    JSON = "json"


DataDirOption = Annotated[Path, typer.Option("--data-dir", help="The engine's data folder.")]
FormatOption = Annotated[ListFormat, typer.Option("--format", help="How to report.")]
RevealOption = Annotated[bool, typer.Option("--reveal", help="Show whole numbers.")]
LimitOption = Annotated[
    int, typer.Option("--limit", min=1, max=LISTED_MAX, help="At most so many rows.")
]

T = TypeVar("T")


def refused(sentence: str, *, status: int = BAD) -> typer.Exit:
    """Says why not, and gives what is to be raised."""
    typer.echo(f"expertline: {sentence}", err=True)
    return typer.Exit(status)


def since_millis(text: str | None, *, now: int) -> int | None:
    """The UTC milliseconds of ``2h`` (ago) or ``2026-10-01T08:00`` (here); status 2 for others."""
    if text is None:
        return None
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - int(ago[1]) * _UNIT_MS[ago[2]]
    try:
        return int(datetime.fromisoformat(text.strip()).astimezone().timestamp() * 1000)
    except (ValueError, OverflowError, OSError) as error:
        raise refused(
            f"--since {text!r} is no time: write 30m, 2h or 1d for so long ago, or a date like "
            "2026-10-01 or 2026-10-01T08:00",
            status=WRONG_USE,
        ) from error


def shown_number(number: str | None, *, reveal: bool) -> str:
    """``138****8001``, or the whole number; ``-`` when it was never known or is erased."""
    if not number:
        return "-"
    if reveal:
        return number
    shown = min(HEAD_SHOWN + TAIL_SHOWN, max(0, len(number) - HIDDEN_MIN))
    head = min(HEAD_SHOWN, shown // 2)
    tail = shown - head
    return number[:head] + "*" * (len(number) - shown) + number[len(number) - tail :]


def shown_time(wall: int | None) -> str:
    """Date and time of day here, to the second."""
    if wall is None:
        return "-"
    return datetime.fromtimestamp(wall / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def iso_time(wall: int | None) -> str | None:
    """The same for programs: ISO 8601, UTC."""
    if wall is None:
        return None
    return datetime.fromtimestamp(wall / 1000, UTC).isoformat(timespec="milliseconds")


def print_json(document: object) -> None:
    """One document; what is beyond ASCII is escaped, so that no terminal is told anything."""
    typer.echo(json.dumps(document, indent=1))


def print_fields(fields: Sequence[tuple[str, object]]) -> None:
    """One thing in full, a line for each of its fields."""
    widest = max(len(name) for name, _ in fields)
    for name, value in fields:
        typer.echo(f"{name:<{widest}}  {printable(value)}")


def printable(value: object) -> str:
    """A value as one line for a terminal: no control characters, whoever sent them."""
    text = "-" if value is None else str(value)
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def print_found(
    found: Sequence[T],
    list_format: ListFormat,
    *,
    key: str,
    document: Callable[[T], object],
    table: Callable[[Sequence[T]], None],
    what: str,
) -> None:
    """What a list has found: one document under ``key``, a table, or that there is no ``what``."""
    if list_format is ListFormat.JSON:
        print_json({key: [document(each) for each in found]})
    elif found:
        table(found)
    else:
        typer.echo(f"No {what}.")
