"""What ``expertline check`` found, for a person, for a program, or for a code host."""

import json
import os
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from ivr.adapters.site_files import SiteFiles
from ivr.cli.sarif import sarif_document
from ivr.flow.load import FLOWS_FILE, Loaded
from ivr.flow.problems import Code, ConfigProblem, Place, Severity
from ivr.flow.site import SHARED
from ivr.flow.yaml_tree import LINE_BREAK
from ivr.prompts.model import PromptProblem

EXCERPT_CHARS_MAX = 100
"""A longer line is shown in part, around its problem."""


class CheckReport:
    """What was found in the part of the site that was asked for, in the order of the files.

    Errors elsewhere in the site are told behind it: a queue renamed in one file is an error in
    another, and the engine takes a site whole or not at all.
    """

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
        shared = loaded.shared_nodes if asked_for(f"{SHARED}/{FLOWS_FILE}") else 0
        self._hotlines, self._nodes = len(counts), sum(counts.values()) + shared
        near = os.path.relpath(files.root)
        self._folder = str(files.root) if near.startswith(os.pardir) else near
        self._problems = [
            *(_as_config_problem(flaw) for flaw in flaws),
            *(each for each in loaded.problems if asked_for(each.place.file)),
        ]
        self._elsewhere_from = len(self._problems)
        self._problems += [
            each
            for each in loaded.problems
            if each.severity is Severity.ERROR and not asked_for(each.place.file)
        ]
        self.errors = sum(each.severity is Severity.ERROR for each in self._problems)

    def json(self) -> str:
        """One document with the counts and every problem."""
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
        return json.dumps(document, ensure_ascii=False, indent=1)

    def sarif(self) -> str:
        """One SARIF 2.1.0 document; paths from where the command runs, so from the checkout."""
        shown = {each.place.file: self._shown(each.place.file) for each in self._problems}
        return json.dumps(sarif_document(self._problems, shown), ensure_ascii=False, indent=1)

    def text(self) -> Iterator[str]:
        """Lines for a person: each problem with its line and a caret, then a summary."""
        for number, each in enumerate(self._problems):
            if number == self._elsewhere_from:
                yield "Elsewhere in the site:\n"
            place = each.place
            where = f"{self._shown(place.file)}:{place.line}:{place.column}"
            yield f"{where}: {each.severity.value} {each.code.value}: {each.message}"
            for line in excerpt(self._texts.get(place.file, ""), place):
                yield f"  {line}"
            yield f"  remedy: {each.remedy}\n"
        warnings = len(self._problems) - self.errors
        verdict = "no problem"
        if self._problems:
            verdict = f"{_counted(self.errors, 'error')}, {_counted(warnings, 'warning')}"
        counts = (
            _counted(len(self._files), "file"),
            _counted(self._hotlines, "hotline"),
            _counted(self._nodes, "node"),
        )
        yield f"{', '.join(counts)}: {verdict}."

    def _shown(self, file: str) -> str:
        known = file in self._texts or not Path(file).is_absolute()
        return os.path.normpath(Path(self._folder, file)) if known else file


def excerpt(text: str, place: Place) -> tuple[str, ...]:
    """The line of a problem with a caret below its column; nothing where there is no such line."""
    lines = _lines_of(text)
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


@lru_cache(maxsize=1)
def _lines_of(text: str) -> list[str]:
    """Split once for all problems of a file, since they come in the order of the files."""
    return LINE_BREAK.split(text.removeprefix("\ufeff"))


def _columns(character: str) -> int:
    """How many columns of a terminal a character takes (Unicode Standard Annex 11)."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _as_config_problem(flaw: PromptProblem) -> ConfigProblem:
    file, *numbers = flaw.place.rsplit(":", 2)
    line, column = (int(each) for each in numbers) if len(numbers) == 2 else (1, 1)
    message = f"The catalogue of prompts: {flaw.message}."
    remedy = f"{flaw.remedy[:1].upper()}{flaw.remedy[1:]}."
    return ConfigProblem(Code.PROMPTS_UNUSABLE, Place(file, line, column), message, remedy)
