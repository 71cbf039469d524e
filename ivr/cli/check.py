"""`expertline check [PATH]`: everything that is wrong with a site, before a caller meets it.

Exit status: 0 good, 1 the site has an error, 2 the path is no site.
"""

import json
import os
import unicodedata
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.site_files import (
    NoSiteError,
    SiteFiles,
    find_site,
    known_timezones,
    read_site_files,
)
from ivr.flow.load import Loaded, load_site
from ivr.flow.problems import Code, ConfigProblem, Place, Severity
from ivr.flow.yaml_tree import LINE_BREAK
from ivr.prompts.catalogue import CATALOGUE_PATH, read_catalogue
from ivr.prompts.model import PromptProblem

BAD = 1
WRONG_USE = 2

EXCERPT_CHARS_MAX = 100
"""A longer line is shown in part, around its problem."""

SITE_PATH = Path("dialplans")


class CheckFormat(Enum):
    """For a person, or one JSON document for a program."""

    TEXT = "text"
    JSON = "json"


PathArgument = Annotated[Path, typer.Argument(help="A site, a hotline's folder, or a file.")]
FormatOption = Annotated[CheckFormat, typer.Option("--format", help="How to report.")]
CatalogueOption = Annotated[Path, typer.Option("--catalogue", help="The texts of all prompts.")]


def check(
    path: PathArgument = SITE_PATH,
    check_format: FormatOption = CheckFormat.TEXT,
    catalogue: CatalogueOption = CATALOGUE_PATH,
) -> None:
    """Say everything that is wrong with a site, each with its place and remedy."""
    try:
        root = find_site(path)
        files = read_site_files(root)
    except NoSiteError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USE) from error
    texts, flaws = read_catalogue(catalogue)
    loaded = load_site(files.texts, prompts=texts.playable(), timezones=known_timezones())
    report = _Report(files, loaded, _below(root, path), flaws)
    report.print_json() if check_format is CheckFormat.JSON else report.print_text()
    if report.errors:
        raise typer.Exit(BAD)


def _below(root: Path, path: Path) -> str:
    """The part of the site that was asked for, as a path within it; empty for the whole."""
    below = path.resolve().relative_to(root).as_posix()
    return "" if below == "." else below


class _Report:
    """What was found in the part of the site that was asked for."""

    def __init__(
        self, files: SiteFiles, loaded: Loaded, below: str, flaws: Sequence[PromptProblem]
    ) -> None:
        def asked_for(file: str) -> bool:
            return not below or file == below or file.startswith(f"{below}/")

        self._texts = files.texts
        self._files = [file for file in files.texts if asked_for(file)]
        counts = {
            hotline: count
            for hotline, count in loaded.node_counts.items()
            if asked_for(f"{hotline}/hotline.yaml")
        }
        self._hotlines, self._nodes = len(counts), sum(counts.values())
        near = os.path.relpath(files.root)
        self._folder = str(files.root) if near.startswith(os.pardir) else near
        self._problems = [
            *(_as_config_problem(flaw) for flaw in flaws),
            *(each for each in loaded.problems if asked_for(each.place.file)),
        ]
        self.errors = sum(each.severity is Severity.ERROR for each in self._problems)

    def print_json(self) -> None:
        document = {
            "files": len(self._files),
            "hotlines": self._hotlines,
            "nodes": self._nodes,
            "problems": [
                {
                    "code": each.code.value,
                    "severity": each.severity.value,
                    "file": self._shown(each.place.file),
                    "line": each.place.line,
                    "column": each.place.column,
                    "message": each.message,
                    "remedy": each.remedy,
                }
                for each in self._problems
            ],
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))

    def print_text(self) -> None:
        for each in self._problems:
            place = each.place
            where = f"{self._shown(place.file)}:{place.line}:{place.column}"
            typer.echo(f"{where}: {each.severity.value} {each.code.value}: {each.message}")
            for line in excerpt(self._texts.get(place.file, ""), place):
                typer.echo(f"  {line}")
            typer.echo(f"  remedy: {each.remedy}\n")
        warnings = len(self._problems) - self.errors
        verdict = f"{self.errors} errors, {warnings} warnings" if self._problems else "no problem"
        typer.echo(
            f"{len(self._files)} files, {self._hotlines} hotlines, {self._nodes} nodes: {verdict}."
        )

    def _shown(self, file: str) -> str:
        known = file in self._texts or not Path(file).is_absolute()
        return os.path.normpath(Path(self._folder, file)) if known else file


def excerpt(text: str, place: Place) -> tuple[str, ...]:
    """The line of a problem with a caret below its column; nothing where there is no such line."""
    lines = LINE_BREAK.split(text.removeprefix("\ufeff"))
    if place.line > len(lines) or not lines[place.line - 1].strip():
        return ()
    line = lines[place.line - 1]
    before = min(place.column - 1, len(line))
    begin = max(0, before - EXCERPT_CHARS_MAX // 2)
    shown = "".join(
        each if each.isprintable() else "\N{REPLACEMENT CHARACTER}"
        for each in line[begin : begin + EXCERPT_CHARS_MAX].replace("\t", " ")
    )
    width = sum(_columns(each) for each in shown[: before - begin])
    return shown, " " * width + "^"


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _as_config_problem(flaw: PromptProblem) -> ConfigProblem:
    file, *numbers = flaw.place.rsplit(":", 2)
    line, column = (int(each) for each in numbers) if len(numbers) == 2 else (1, 1)
    message = f"The catalogue of prompts: {flaw.message}."
    remedy = f"{flaw.remedy[:1].upper()}{flaw.remedy[1:]}."
    return ConfigProblem(Code.PROMPTS_UNUSABLE, Place(file, line, column), message, remedy)
