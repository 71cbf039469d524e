"""The list a voice actor reads from: every audio that exists, and which still needs a person."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.prompts.build import ManifestRow
from ivr.prompts.model import Catalogue


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One thing to record."""

    file: str
    key: str
    language: str
    text: str
    placeholder: bool


def script_lines(
    catalogue: Catalogue, rows: Mapping[str, ManifestRow], *, placeholders_only: bool = False
) -> tuple[ScriptLine, ...]:
    """What to record, whole prompts first, one language after the other: as a studio works.

    What was never built counts as placeholder: nobody has recorded it.
    """
    lines = (
        (
            sound.fragment,
            ScriptLine(
                file=f"{sound.name}.wav",
                key=sound.key,
                language=sound.folder,
                text=sound.text,
                placeholder=name not in rows or rows[name].placeholder,
            ),
        )
        for name, sound in catalogue.sounds.items()
    )
    ordered = sorted(lines, key=lambda pair: (pair[0], pair[1].language))
    return tuple(line for _, line in ordered if line.placeholder or not placeholders_only)


def as_csv(lines: Iterable[ScriptLine]) -> str:
    """The list for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("file", "key", "language", "text", "placeholder"))
    for line in lines:
        writer.writerow((line.file, line.key, line.language, line.text, _yes_no(line.placeholder)))
    return text.getvalue()


def as_markdown(lines: Iterable[ScriptLine]) -> str:
    """The list to print and read from."""
    rows = [
        f"| {line.file} | {line.key} | {line.language} | {line.text.replace('|', chr(92) + '|')} "
        f"| {_yes_no(line.placeholder)} |"
        for line in lines
    ]
    head = ["| file | key | language | text | placeholder |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"
