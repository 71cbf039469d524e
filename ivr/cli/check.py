"""`expertline check [PATH]`: everything that is wrong with a site, before a caller meets it.

Exit status: 0 good or warnings only, 1 the site has an error, 2 the path is no site or the
command is used wrongly.
"""

import json
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.site_files import NoSiteError, find_site, known_timezones, read_site_files
from ivr.cli.check_report import CheckReport
from ivr.cli.collector import collector_paused
from ivr.flow.code_meanings import MEANINGS
from ivr.flow.load import load_site
from ivr.prompts.catalogue import CATALOGUE_PATH, read_catalogue

BAD = 1
WRONG_USE = 2

SITE_PATH = Path("dialplans")


class CheckFormat(Enum):
    """For a person, one JSON document for a program, or SARIF 2.1.0 for a code host."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


PathArgument = Annotated[Path, typer.Argument(help="A site, a hotline's folder, or a file.")]
FormatOption = Annotated[CheckFormat, typer.Option("--format", help="How to report.")]
CatalogueOption = Annotated[Path, typer.Option("--catalogue", help="The texts of all prompts.")]
CodesOption = Annotated[
    bool, typer.Option("--codes", help="List every code a problem can have, and check nothing.")
]


def check(
    path: PathArgument = SITE_PATH,
    check_format: FormatOption = CheckFormat.TEXT,
    catalogue: CatalogueOption = CATALOGUE_PATH,
    codes: CodesOption = False,
) -> None:
    """Say everything that is wrong with a site, each with its place and remedy."""
    if codes:
        _list_codes(check_format)
        return
    try:
        root = find_site(path)
        files = read_site_files(root)
    except NoSiteError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USE) from error
    texts, flaws = read_catalogue(catalogue)
    with collector_paused():
        loaded = load_site(
            files.texts,
            prompts=texts.playable(),
            timezones=known_timezones(),
            spoken=texts.spoken(),
            stale=texts.stale(),
            today=datetime.now(UTC).date(),
        )
    report = CheckReport(files, loaded, _below(root, path), flaws)
    match check_format:
        case CheckFormat.TEXT:
            for line in report.text():
                typer.echo(line)
        case CheckFormat.JSON:
            typer.echo(report.json())
        case CheckFormat.SARIF:
            typer.echo(report.sarif())
    if report.errors:
        raise typer.Exit(BAD)


def _below(root: Path, path: Path) -> str:
    """The part of the site that was asked for, as a path within it; empty for the whole."""
    below = path.resolve().relative_to(root).as_posix()
    return "" if below == "." else below


def _list_codes(check_format: CheckFormat) -> None:
    if check_format is CheckFormat.SARIF:
        typer.echo(
            "--codes is a list of text or json: the rules are in every SARIF report.", err=True
        )
        raise typer.Exit(WRONG_USE)
    if check_format is CheckFormat.JSON:
        rows = [
            {"code": code.value, "severity": meaning.severity.value, "meaning": meaning.sentence}
            for code, meaning in MEANINGS.items()
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    wide = max(len(code.value) for code in MEANINGS)
    for code, meaning in MEANINGS.items():
        typer.echo(f"{code.value:<{wide}}  {meaning.severity.value:<7}  {meaning.sentence}")
