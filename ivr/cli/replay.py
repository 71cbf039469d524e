"""`expertline replay`: gives a journal to the cores again and tells whether they do the same.

Reads only, also beside a running engine. Exit status: 0 all is the same, 1 something differs or
cannot be gone through, 2 used wrongly or no store.
"""

import contextlib
from collections.abc import Callable, Generator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.core_version import core_version
from ivr.cli.listing import (
    BAD,
    DATA_DIR,
    WRONG_USE,
    DataDirOption,
    FormatOption,
    ListFormat,
    print_fields,
    print_json,
    refused,
)
from ivr.cli.store_beside import store_beside
from ivr.engine.recover import Kept, RecoveryRefused, Replayed
from ivr.engine.replay import ReplayReport
from ivr.engine.replay import replay as replay_stream
from ivr.site_shelf import SiteShelf

EffectsOption = Annotated[
    Path | None,
    typer.Option("--effects", help="Write what each row leads to into this file, line by line."),
]

_YES_NO = {True: "yes", False: "no", None: "no row leads to it"}


def replay(
    *,
    data_dir: DataDirOption = DATA_DIR,
    report_format: FormatOption = ListFormat.TEXT,
    effects: EffectsOption = None,
) -> None:
    """Give the journal to the cores again, and compare what they do with what they did."""
    with store_beside(data_dir) as store, _listener(effects) as hear:
        streams = store.journal.streams()
        if len(streams) != 1:
            raise refused(f"the journal in {data_dir} has {len(streams)} streams, not one")
        stream = streams[0]
        kept = Kept(
            store.journal.snapshots(stream), lambda seq: store.journal.rows(stream, after=seq)
        )
        shelf = SiteShelf(store.stored_sites.one)
        try:
            report = replay_stream(stream, kept, core=core_version(), sites=shelf, hear=hear)
        except RecoveryRefused as problem:
            raise refused(problem.problem) from problem
    _print(report, report_format)
    if not report.good:
        raise typer.Exit(BAD)


@contextlib.contextmanager
def _listener(path: Path | None) -> Generator[Callable[[Replayed], None]]:
    """Takes each row that was replayed, and writes it down where a file is named."""
    if path is None:
        yield lambda _: None
        return
    try:
        with path.open("wb") as lines:
            yield lambda replayed: _write(lines.write, replayed)
    except OSError as error:
        raise refused(
            f"{path} cannot be written ({error.strerror}): name another file", status=WRONG_USE
        ) from error


def _write(write: Callable[[bytes], object], replayed: Replayed) -> None:
    row = replayed.row
    write(b'{"seq":%d,"kind":"%s","effects":' % (row.seq, row.entry.kind.encode()))
    write(replayed.effects + b"}\n")


def _print(report: ReplayReport, report_format: ListFormat) -> None:
    if report_format is ListFormat.JSON:
        print_json(asdict(report))
        return
    print_fields(
        [
            ("stream", report.stream),
            ("begun after row", report.from_seq),
            ("rows", report.rows),
            ("the same", report.same),
            ("newest state the same", _YES_NO[report.state_same]),
            ("written by this very code", _YES_NO[report.core_same]),
        ]
    )
    for each in report.differing:
        typer.echo(f"row {each.seq} ({each.kind}) leads to something else")
