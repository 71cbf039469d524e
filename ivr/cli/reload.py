"""`expertline reload`: the running engine takes the site's files as they are now.

Asks over the control socket in the engine's data folder. Exit status: 0 the files serve new
contacts now (also when they did before), 1 they are refused and the site from before goes on, 2
there is no engine to ask.
"""

import msgspec
import typer

from ivr.adapters.control.wire import ChangeLine, ReloadLine, ReloadResult
from ivr.cli.engine_beside import engine_beside
from ivr.cli.listing import (
    BAD,
    DATA_DIR,
    DataDirOption,
    FormatOption,
    ListFormat,
    print_json,
    printable,
)

VERSION_SHOWN = 12
"""Characters of a version that tell it from any other in practice."""

CHANGES_SHOWN_MAX = 40
"""Changes listed for a person; a program is told all of them."""


_VERDICTS = {
    ReloadResult.ACTIVATED: "The changed site serves new contacts from now on",
    ReloadResult.UNCHANGED: "The files say what is served already",
    ReloadResult.REFUSED: "The changed site is refused, and the one from before goes on",
}


def reload(
    *, list_format: FormatOption = ListFormat.TEXT, data_dir: DataDirOption = DATA_DIR
) -> None:
    """Let new contacts meet the site as its files are now; calls go on."""
    with engine_beside(data_dir) as engine:
        line = engine.reload()
    if list_format is ListFormat.JSON:
        print_json(msgspec.to_builtins(line))
    else:
        _print(line)
    if line.result is ReloadResult.REFUSED:
        raise typer.Exit(BAD)


def _print(line: ReloadLine) -> None:
    shown = line.version[:VERSION_SHOWN]
    typer.echo(f"{_VERDICTS[line.result]} (version {shown}).")
    for each in line.reasons:
        typer.echo(f"  {printable(each)}")
    for each in line.changes[:CHANGES_SHOWN_MAX]:
        typer.echo(f"  {printable(_words(each))}")
    unshown = len(line.changes) - CHANGES_SHOWN_MAX
    if unshown > 0:
        typer.echo(f"  and {unshown} more changes: --format json tells all of them")
    if line.result is ReloadResult.ACTIVATED and line.live_contacts:
        one = line.live_contacts == 1
        whose = "contact finishes on the flow it" if one else "contacts finish on the flow they"
        typer.echo(f"{line.live_contacts} live {whose} began with.")
    for each in line.notices:
        typer.echo(printable(each))


def _words(change: ChangeLine) -> str:
    said = f"{change.part} {change.name} {change.how}"
    return f"{said}: {', '.join(change.keys)}" if change.keys else said
