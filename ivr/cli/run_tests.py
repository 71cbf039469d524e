"""`expertline test [PATH]`: the caller tests beside the dialplans, with their coverage.

Exit status: 0 every call went as its test says, 1 one did not or a file has a mistake, 2 the path
is no site or holds no test.
"""

import json
import os
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from ivr.adapters.site_files import (
    TESTS_FOLDER,
    NoSiteError,
    find_site,
    read_site_files,
    read_test_files,
)
from ivr.adapters.time_zones import known_timezones
from ivr.cli.check import BAD, SITE_PATH, WRONG_USE, CatalogueOption
from ivr.cli.check_report import excerpt
from ivr.flow.load import load_site
from ivr.flow.problems import ConfigProblem, Place, Severity
from ivr.flow.site import Site
from ivr.prompts.catalogue import CATALOGUE_PATH, CatalogueInvalid, load_catalogue
from ivr.prompts.model import Catalogue
from ivr.rehearsal.play import Failure, Rehearsed
from ivr.rehearsal.run import CallsPlayed, read_tests, run_tests
from ivr.rehearsal.wording import clock, told

LEFT_OUT_SHOWN_MAX = 40
"""Nodes, or ways, that no test goes through, as many as are told by name."""


class CallsFormat(Enum):
    """For a person, or one JSON document for a program."""

    TEXT = "text"
    JSON = "json"


FormatOption = Annotated[CallsFormat, typer.Option("--format", help="How to report.")]
PathArgument = Annotated[Path, typer.Argument(help="A site, a hotline's folder, or a test file.")]
FilterOption = Annotated[
    str, typer.Option("--filter", help="Only tests with this text in their name.")
]


def run_caller_tests(
    path: PathArgument = SITE_PATH,
    test_format: FormatOption = CallsFormat.TEXT,
    name_filter: FilterOption = "",
    catalogue: CatalogueOption = CATALOGUE_PATH,
) -> None:
    """Play the caller tests of a site without a phone, and tell what they leave out."""
    root, site, texts, known = open_site(path, catalogue)
    below = _below(root, path)
    hotlines = [name for name in sorted(site.hotlines) if not below or below.split("/")[0] == name]
    files = {
        file: text
        for file, text in _test_files(root, hotlines).items()
        if _is_asked_for(file, below)
    }
    read = read_tests(files, site, known, known_timezones())
    shown = _Shown(root, {**texts, **files})
    if read.problems:
        shown.problems(read.problems)
        raise typer.Exit(BAD)
    tests = [each for each in read.tests if name_filter in each.name]
    if not tests:
        wanted = f" with {name_filter!r} in its name" if name_filter else ""
        hint = f"write one in {shown.file(f'<hotline>/{TESTS_FOLDER}/<name>.yaml')}"
        typer.echo(f"There is no caller test{wanted} in {path}; {hint}.", err=True)
        raise typer.Exit(WRONG_USE)
    played = run_tests(tests, site, known, hotlines)
    if test_format is CallsFormat.JSON:
        shown.as_json(played, known)
    else:
        is_part = bool(name_filter) or _is_a_test_file(below)
        shown.as_text(played, known, tells_coverage=not is_part)
    if played.failed:
        raise typer.Exit(BAD)


def open_site(path: Path, catalogue: Path) -> tuple[Path, Site, dict[str, str], Catalogue]:
    """The site's folder, the site, its texts and the prompts; says why not, and leaves."""
    try:
        root = find_site(path)
        files = read_site_files(root)
        known = load_catalogue(catalogue)
    except (NoSiteError, CatalogueInvalid) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USE) from error
    loaded = load_site(files.texts, prompts=known.playable(), timezones=known_timezones())
    if loaded.site is None:
        errors = [each for each in loaded.problems if each.severity is Severity.ERROR]
        _Shown(root, files.texts).problems(errors)
        raise typer.Exit(BAD)
    return root, loaded.site, files.texts, known


def _test_files(root: Path, hotlines: Sequence[str]) -> dict[str, str]:
    try:
        return read_test_files(root, hotlines)
    except NoSiteError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USE) from error


def _below(root: Path, path: Path) -> str:
    """The part of the site that was asked for, as a path within it; empty for the whole."""
    below = path.resolve().relative_to(root).as_posix()
    return "" if below in (".", "site.yaml") else below


def _is_asked_for(file: str, below: str) -> bool:
    """Whether this test file lies there; a hotline's own files stand for its folder."""
    hotline, _, rest = below.partition("/")
    wanted = below if rest.startswith(TESTS_FOLDER) else hotline
    return not below or file == wanted or file.startswith(f"{wanted}/")


def _is_a_test_file(below: str) -> bool:
    """Whether one file of tests was asked for, and so a part of its hotline's."""
    return below.partition("/")[2].startswith(f"{TESTS_FOLDER}/")


class _Shown:
    """Prints files of one site under the path a reader can open."""

    def __init__(self, root: Path, texts: dict[str, str]) -> None:
        near = os.path.relpath(root)
        self._folder = str(root) if near.startswith(os.pardir) else near
        self._texts = texts

    def file(self, file: str) -> str:
        """A path within the site, as seen from here."""
        return os.path.normpath(Path(self._folder, file))

    def place(self, place: Place) -> str:
        """A place in a file, as seen from here."""
        return f"{self.file(place.file)}:{place.line}:{place.column}"

    def problems(self, problems: Sequence[ConfigProblem]) -> None:
        """What is wrong with files, on the side of the errors."""
        for each in problems:
            typer.echo(f"{self.place(each.place)}: {each.code.value}: {each.message}", err=True)
            for line in excerpt(self._texts.get(each.place.file, ""), each.place):
                typer.echo(f"  {line}", err=True)
            typer.echo(f"  remedy: {each.remedy}\n", err=True)
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        typer.echo(f"{count}; no call was played.", err=True)

    def as_json(self, played: CallsPlayed, catalogue: Catalogue) -> None:
        """One document for programs."""
        document = {
            "passed": len(played.rehearsed) - played.failed,
            "failed": played.failed,
            "tests": [self._test_as_json(each, catalogue) for each in played.rehearsed],
            "node_coverage": played.covered.node_coverage,
            "edge_coverage": played.covered.edge_coverage,
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))

    def _test_as_json(self, rehearsed: Rehearsed, catalogue: Catalogue) -> dict[str, object]:
        test = rehearsed.test
        document: dict[str, object] = {
            "name": test.name,
            "hotline": test.hotline,
            "file": self.file(test.place.file),
            "line": test.place.line,
            "ok": rehearsed.ok,
            "lasted_ms": rehearsed.lasted_ms,
            "nodes": rehearsed.footprints.nodes,
            "edges": [[edge.node, edge.label] for edge in rehearsed.footprints.edges],
        }
        if not rehearsed.ok:
            document["failures"] = [
                {
                    "file": self.file(each.place.file),
                    "line": each.place.line,
                    "column": each.place.column,
                    "expected": each.expected,
                    "happened": each.happened,
                }
                for each in rehearsed.failures
            ]
            document["transcript"] = told(rehearsed.transcript, catalogue)
        return document

    def as_text(
        self, played: CallsPlayed, catalogue: Catalogue, *, tells_coverage: bool = True
    ) -> None:
        """For a person: each test, what went otherwise, and what no test goes through."""
        for each in played.rehearsed:
            verdict = "ok" if each.ok else "FAILED"
            typer.echo(f"{verdict:<7}{each.test.name} ({clock(each.lasted_ms)})")
            if not each.ok:
                self._failure(each, catalogue)
        verdict = f"{_counted(len(played.rehearsed))}, {played.failed} went otherwise"
        if not tells_coverage:
            typer.echo(f"{verdict}. What no call goes through is told of whole hotlines only.")
            return
        covered = played.covered
        nodes = [f"{hotline}: {node}" for hotline, node in covered.nodes_left]
        edges = [f"{hotline}: {edge.node} by {edge.label}" for hotline, edge in covered.edges_left]
        _left_out("nodes", nodes)
        _left_out("ways", edges)
        typer.echo(
            f"{verdict}; "
            f"{covered.nodes - len(nodes)} of {covered.nodes} nodes and "
            f"{covered.edges - len(edges)} of {covered.edges} ways were gone through."
        )

    def _failure(self, rehearsed: Rehearsed, catalogue: Catalogue) -> None:
        for line in told(rehearsed.transcript, catalogue):
            typer.echo(f"     {line}")
        for each in rehearsed.failures:
            self._one_failure(each)

    def _one_failure(self, failure: Failure) -> None:
        typer.echo(f"  {self.place(failure.place)}")
        for line in excerpt(self._texts.get(failure.place.file, ""), failure.place):
            typer.echo(f"      {line}")
        typer.echo(f"  - expected: {failure.expected}")
        typer.echo(f"  + happened: {failure.happened}\n")


def _left_out(what: str, names: Sequence[str]) -> None:
    if not names:
        return
    typer.echo(f"No call goes through these {what}:")
    for name in names[:LEFT_OUT_SHOWN_MAX]:
        typer.echo(f"  {name}")
    if len(names) > LEFT_OUT_SHOWN_MAX:
        typer.echo(f"  and {len(names) - LEFT_OUT_SHOWN_MAX} more")


def _counted(calls: int) -> str:
    return "1 call" if calls == 1 else f"{calls} calls"
