"""The sites that tests of the loader read: a good one, and many that are it but for a mistake."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ivr.flow.load import Loaded, load_site
from ivr.flow.zone import Zone

SITES = Path(__file__).parents[1] / "broken_sites"
GOOD = "good"

EVERYWHERE = {"choose-language", "welcome", "sorry", "goodbye", "not-yet-spoken", "old-audio"}
PROMPTS = {"zh-CN": {*EVERYWHERE, "services"}, "en-US": EVERYWHERE, "de-DE": EVERYWHERE}
SPOKEN = {**PROMPTS, "en-US": EVERYWHERE - {"not-yet-spoken"}}
STALE = {"zh-CN": {"old-audio"}}
TIMEZONES = {
    "Asia/Shanghai": Zone("Asia/Shanghai", (28_800_000,)),
    "Europe/Berlin": Zone("Europe/Berlin", (3_600_000,)),
    "UTC": Zone("UTC", (0,)),
}
TODAY = date(2026, 11, 20)
"""A day on which the holidays of the next year are not known."""


def texts_of(name: str) -> dict[str, str]:
    """The YAML files of one folder by their path within it."""
    folder = SITES / name
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*.yaml"))
    }


@dataclass(frozen=True)
class Broken:
    """The good site with some files replaced or missing, and the problems that must be told.

    ``expected.txt`` has a line ``file:line:column code | remedy`` for each problem, in order,
    and ``without file`` for each file taken away.
    """

    files: dict[str, str]
    expected: list[str]


def broken_site(name: str) -> Broken:
    """One broken site by the name of its folder."""
    lines = (SITES / name / "expected.txt").read_text(encoding="utf-8").splitlines()
    taken_away = {line.removeprefix("without ") for line in lines if line.startswith("without ")}
    files = {**texts_of(GOOD), **texts_of(name)}
    return Broken(
        {file: text for file, text in files.items() if file not in taken_away},
        [line for line in lines if not line.startswith("without ")],
    )


def broken_names() -> list[str]:
    """All broken sites there are."""
    return sorted(each.name for each in SITES.iterdir() if each.is_dir() and each.name != GOOD)


def load(files: dict[str, str]) -> Loaded:
    """What comes of these files with the prompts and time zones of the tests."""
    return load_site(
        files, prompts=PROMPTS, timezones=TIMEZONES, spoken=SPOKEN, stale=STALE, today=TODAY
    )


def load_with(file: str, text: str) -> Loaded:
    """What comes of the good site with one file replaced."""
    return load({**texts_of(GOOD), file: text})


def codes_of(loaded: Loaded) -> list[str]:
    """The codes of all problems, in order."""
    return [problem.code.value for problem in loaded.problems]
