"""`expertline prompts`: make the audio, check it, print what a voice actor has to record.

Exit status: 0 good, 1 the prompts are bad, 2 the command was used wrongly or a program it needs
is missing.
"""

import json
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ivr.prompts.build import (
    OUT_DIR,
    RECORDED_DIR,
    BuildReport,
    Places,
    build_prompts,
    durations_of,
    read_manifest,
    write_atomically,
)
from ivr.prompts.catalogue import (
    CATALOGUE_PATH,
    DURATIONS_NAME,
    CatalogueInvalid,
    format_durations,
    load_catalogue,
    read_catalogue,
)
from ivr.prompts.check import check_prompts
from ivr.prompts.model import Catalogue, PromptProblem
from ivr.prompts.script import as_csv, as_markdown, script_lines
from ivr.prompts.synth import EspeakSynth, SynthMissing

BAD = 1
WRONG_USE = 2

app = typer.Typer(
    no_args_is_help=True, help="The sounds callers hear: build them, check them, record them."
)


class ReportFormat(Enum):
    """For a person, or one JSON document for a program."""

    TEXT = "text"
    JSON = "json"


class ScriptFormat(Enum):
    """For a spreadsheet, or to print."""

    CSV = "csv"
    MARKDOWN = "markdown"


CatalogueOption = Annotated[Path, typer.Option("--catalogue", help="The texts of all prompts.")]
OutOption = Annotated[Path, typer.Option("--out", help="The folder of the built audio.")]
RecordedOption = Annotated[Path, typer.Option("--recorded", help="The folder of recordings.")]
FormatOption = Annotated[ReportFormat, typer.Option("--format", help="How to report.")]
WriteOption = Annotated[
    bool, typer.Option("--write-durations", help="Write durations.json beside the catalogue.")
]
TodoOption = Annotated[
    bool, typer.Option("--placeholders-only", help="Only what no person has recorded yet.")
]


@app.command()
def build(
    catalogue: CatalogueOption = CATALOGUE_PATH,
    out: OutOption = OUT_DIR,
    recorded: RecordedOption = RECORDED_DIR,
    write_durations: WriteOption = False,
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Make the audio of every prompt that has changed."""
    begun = time.monotonic()
    texts = _load(catalogue, report_format)
    try:
        report = build_prompts(texts, EspeakSynth(), Places(out, recorded))
        if write_durations and not report.failed:
            document = format_durations(durations_of(texts, report.rows))
            write_atomically(catalogue.with_name(DURATIONS_NAME), document.encode())
    except SynthMissing as error:
        _fail(str(error), WRONG_USE)
    except OSError as error:
        place = error.filename or out
        _fail(f"{place} can not be written ({error.strerror}); make room or name --out", BAD)
    seconds = time.monotonic() - begun
    _tell_build(report, out, seconds, report_format)
    if report.failed:
        raise typer.Exit(BAD)


@app.command()
def check(
    catalogue: CatalogueOption = CATALOGUE_PATH,
    out: OutOption = OUT_DIR,
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Say everything that is wrong with the texts and the built audio."""
    texts, problems = read_catalogue(catalogue)
    problems = (*problems, *check_prompts(texts, out))
    if report_format is ReportFormat.JSON:
        document = {"ok": not problems, "sounds": len(texts.sounds), "problems": _rows(problems)}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for problem in problems:
            typer.echo(str(problem), err=True)
        several = "" if len(problems) == 1 else "s"
        verdict = f"{len(problems)} problem{several}" if problems else "no problem"
        typer.echo(f"{len(texts.sounds)} sounds checked, {verdict}.")
    if problems:
        raise typer.Exit(BAD)


@app.command()
def script(
    catalogue: CatalogueOption = CATALOGUE_PATH,
    out: OutOption = OUT_DIR,
    placeholders_only: TodoOption = False,
    script_format: Annotated[ScriptFormat, typer.Option("--format")] = ScriptFormat.CSV,
) -> None:
    """Print the list a voice actor reads from."""
    texts = _load(catalogue, ReportFormat.TEXT)
    lines = script_lines(texts, read_manifest(out), placeholders_only=placeholders_only)
    text = as_csv(lines) if script_format is ScriptFormat.CSV else as_markdown(lines)
    typer.echo(text, nl=False)


def _load(path: Path, report_format: ReportFormat) -> Catalogue:
    try:
        return load_catalogue(path)
    except CatalogueInvalid as error:
        if report_format is ReportFormat.JSON:
            document = {"ok": False, "problems": _rows(error.problems)}
            typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
        else:
            typer.echo(str(error), err=True)
        raise typer.Exit(BAD) from error


def _tell_build(
    report: BuildReport, out: Path, seconds: float, report_format: ReportFormat
) -> None:
    placeholders = sum(row.placeholder for row in report.rows.values())
    if report_format is ReportFormat.JSON:
        document = {
            "ok": not report.failed,
            "out": str(out),
            "built": report.built,
            "kept": len(report.kept),
            "removed": report.removed,
            "placeholders": placeholders,
            "seconds": round(seconds, 3),
            "problems": report.failed,
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    for sentence in report.failed:
        typer.echo(sentence, err=True)
    typer.echo(
        f"{len(report.built)} sounds built, {len(report.kept)} kept, {len(report.removed)} "
        f"removed in {out} ({seconds:.1f} s); {placeholders} are placeholder voices."
    )


def _rows(problems: Sequence[PromptProblem]) -> list[dict[str, str]]:
    return [
        {"code": each.code, "place": each.place, "message": each.message, "remedy": each.remedy}
        for each in problems
    ]


def _fail(sentence: str, status: int) -> NoReturn:
    typer.echo(f"{sentence}.", err=True)
    raise typer.Exit(status)
