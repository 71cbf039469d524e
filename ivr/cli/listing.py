"""What the listing commands share: whom they ask, times, masked numbers, tables."""

import json
import re
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlProblem
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.store import StoreBeside
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

PIPE_COLUMNS = 200
"""How wide a table is when it does not go to a terminal."""

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


@contextmanager
def store_beside(data_dir: Path, *, writing: bool = False) -> Generator[StoreBeside]:
    """The store in this folder; what is wrong with it is told in one sentence, status 2."""
    try:
        store = StoreBeside(data_dir, writing=writing)
    except StoreProblem as problem:
        raise refused(str(problem), status=WRONG_USE) from problem
    try:
        yield store
    except StoreProblem as problem:
        raise refused(str(problem), status=WRONG_USE) from problem
    except UnicodeEncodeError as error:
        raise refused(NO_TEXT, status=WRONG_USE) from error
    finally:
        store.close()


@contextmanager
def engine_beside(data_dir: Path) -> Generator[ControlClient]:
    """The engine that runs on this folder; why it cannot be asked is told, status 2."""
    try:
        with ControlClient(data_dir) as engine:
            yield engine
    except ControlProblem as problem:
        raise refused(str(problem), status=WRONG_USE) from problem
    except UnicodeEncodeError as error:
        raise refused(NO_TEXT, status=WRONG_USE) from error


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


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table as wide as the terminal; control characters in it are replaced."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(each)) for each in row))
    width = None if sys.stdout.isatty() else PIPE_COLUMNS
    Console(file=sys.stdout, width=width, soft_wrap=False).print(table)


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
