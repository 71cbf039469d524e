"""`expertline close` and `expertline open`: a hotline closed by hand, at once, in an emergency.

Asks the running engine over the control socket in its data folder. Exit status: 0 the hotline is
as asked (also when it was before), 1 it is not, 2 used wrongly or no engine to ask.
"""

from typing import Annotated

import msgspec
import typer

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.wire import NAME_CHARS_MAX, REASON_CHARS_MAX, ClosedLine, ClosureLine
from ivr.call.asked import ClosingAnswer
from ivr.cli.engine_beside import engine_beside
from ivr.cli.listing import (
    DATA_DIR,
    WRONG_USE,
    DataDirOption,
    FormatOption,
    ListFormat,
    iso_time,
    print_json,
    printable,
    refused,
    shown_time,
)
from ivr.cli.table import print_table
from ivr.cli.whoever import whoever
from ivr.flow.problems import did_you_mean, listing

HotlineArgument = Annotated[str, typer.Argument(help="Its name: the name of its folder.")]
HotlineOrNone = Annotated[str | None, typer.Argument(help="Its name: the name of its folder.")]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", help="Why, for whoever wonders later.")
]
ListOption = Annotated[bool, typer.Option("--list", help="Show which hotlines are closed.")]


def close(
    hotline: HotlineOrNone = None,
    *,
    reason: ReasonOption = None,
    list_closed: ListOption = False,
    list_format: FormatOption = ListFormat.TEXT,
    data_dir: DataDirOption = DATA_DIR,
) -> None:
    """Close a hotline by hand: its hours nodes lead to `emergency` at once."""
    asked = None if list_closed else _whole(hotline, reason)
    with engine_beside(data_dir) as engine:
        if asked is None:
            _list(engine.closed_hotlines(), list_format)
        else:
            name, words = asked
            line = engine.close_hotline(name, reason=words, by=whoever())
            _tell_closed(line, words, engine)


def open_again(hotline: HotlineArgument, data_dir: DataDirOption = DATA_DIR) -> None:
    """Open a hotline again that was closed by hand."""
    name = _name(hotline)
    with engine_beside(data_dir) as engine:
        _tell_opened(engine.open_hotline(name, by=whoever()), engine)


def _whole(hotline: str | None, reason: str | None) -> tuple[str, str]:
    if hotline is None:
        raise refused("name a hotline to close, or give --list", status=WRONG_USE)
    name = _name(hotline)
    words = "" if reason is None else reason.strip()
    if not words or len(words) > REASON_CHARS_MAX or not words.isprintable():
        raise refused(
            f"closing takes a reason of one line, at most {REASON_CHARS_MAX} characters: "
            f'expertline close {name} --reason "storm"',
            status=WRONG_USE,
        )
    return name, words


def _name(hotline: str) -> str:
    """A name that could be a hotline's."""
    if 0 < len(hotline) <= NAME_CHARS_MAX and hotline.isprintable():
        return hotline
    raise refused(
        f"a hotline's name has 1 to {NAME_CHARS_MAX} printable characters: write that of its "
        "folder, such as 10086",
        status=WRONG_USE,
    )


def _tell_closed(line: ClosureLine, reason: str, engine: ControlClient) -> None:
    _refuse(line, engine)
    already = " already" if line.answer is ClosingAnswer.UNCHANGED else ""
    typer.echo(
        f"Hotline {printable(line.hotline)} is closed by hand{already} ({printable(reason)}): "
        "whoever comes to an hours node hears what its `emergency` leads to. Open it again with "
        f"`expertline open {printable(line.hotline)}`."
    )


def _tell_opened(line: ClosureLine, engine: ControlClient) -> None:
    _refuse(line, engine)
    if line.in_file is not None:
        raise refused(
            f"hotline {printable(line.hotline)} is still closed, by its hotline.yaml "
            f"({printable(line.in_file)}): remove `closed:` there and run `expertline reload`"
        )
    said = "was not closed by hand" if line.answer is ClosingAnswer.UNCHANGED else "is open again"
    typer.echo(f"Hotline {printable(line.hotline)} {said}: its opening hours hold.")


def _refuse(line: ClosureLine, engine: ControlClient) -> None:
    """Say why nothing changed."""
    name = printable(line.hotline)
    match line.answer:
        case ClosingAnswer.DONE | ClosingAnswer.UNCHANGED:
            return
        case ClosingAnswer.UNKNOWN_HOTLINE:
            known = engine.site().hotlines
            hotlines = f"Its hotlines are: {listing(known)}."
            hint = did_you_mean(line.hotline, known, otherwise=hotlines)
            raise refused(printable(f"the site has no hotline {name}. {hint}"))
        case ClosingAnswer.NO_HOURS:
            raise refused(
                f"hotline {name} stays open, for its flow has no hours node where a caller would "
                "notice: begin the flow with one and lead its `emergency` to what callers shall "
                "hear, or take its number away from the line"
            )
        case ClosingAnswer.TOO_MANY:
            raise refused(
                f"hotline {name} stays open, for too many are closed by hand: see `expertline "
                "close --list`, and open those that left the site"
            )


def _list(lines: list[ClosedLine], list_format: ListFormat) -> None:
    if list_format is ListFormat.JSON:
        print_json({"closed": [_document(each) for each in lines]})
    elif lines:
        headings = ("hotline", "since", "closed by", "reason", "callers notice")
        print_table(headings, [_row(each) for each in lines])
    else:
        typer.echo("No hotline is closed.")


def _document(line: ClosedLine) -> dict[str, object]:
    return {**msgspec.to_builtins(line), "since": iso_time(line.since)}


def _row(line: ClosedLine) -> tuple[object, ...]:
    by = "its hotline.yaml" if line.by is None else line.by
    noticed = "yes" if line.noticed else "no: no hours node"
    return line.hotline, shown_time(line.since), by, line.reason, noticed
