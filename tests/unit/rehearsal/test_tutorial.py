"""docs/tutorial.md is followed to the letter: its files, its mistakes, its commands and outputs.

A block's first line is a comment with the file it belongs to; an indented one is added to a file
that is there. In an output a line of three dots stands for any lines.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
PAGE = "docs/tutorial.md"
PARTS = ("ivr", "router", "dialplans", "prompts")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"( *)# (\S+)\n")
BEFORE_ADDED = {"prompts/catalogue.yaml": "\nprompts:\n"}
COMMAND = re.compile(r"(?:echo (\w+) \| )?\.venv/bin/expertline (.+?)(?: > (\S+))?")
SHOWN_ONLY = {"git clone <this repository> expertline && cd expertline", "make setup", "make run"}


@dataclass(frozen=True)
class Step:
    """One block of the page: what kind, and what stands in it."""

    kind: str
    text: str


def steps() -> list[Step]:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    return [Step(*found.groups()) for found in FENCE.finditer(page)]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a newcomer has before the first step, with the audio that `make setup` made."""
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    (tmp_path / "build").mkdir()
    return tmp_path


def write(checkout: Path, text: str) -> None:
    named = NAMED.match(text)
    assert named is not None, f"this block does not say its file: {text[:60]}"
    file = checkout / named[2]
    if not named[1]:
        assert not file.exists(), f"{named[2]} is written twice"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return
    there = file.read_text(encoding="utf-8")
    head = BEFORE_ADDED.get(named[2], there)
    assert there.count(head) == 1
    file.write_text(there.replace(head, f"{head}{text}"), encoding="utf-8")


def change(checkout: Path, text: str) -> None:
    named = NAMED.match(text)
    assert named is not None
    file = checkout / named[2]
    minus, plus = re.findall(r"^[-+](.*)$", text, re.MULTILINE)
    there = file.read_text(encoding="utf-8")
    assert there.count(minus) == 1
    file.write_text(there.replace(minus, plus), encoding="utf-8")


def run(checkout: Path, command: str) -> str:
    found = COMMAND.fullmatch(command)
    assert found is not None, f"no command that can be tried: {command}"
    keys, words, into = found.groups()
    done = subprocess.run(
        [sys.executable, "-m", "ivr.cli", *words.split()],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        input=f"{keys}\n" if keys else "",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if into is not None:
        (checkout / into).write_text(done.stdout, encoding="utf-8")
        return done.stderr
    return done.stdout + done.stderr


def follow(checkout: Path, text: str) -> None:
    """Run each command of the block, and hold what it says against what stands below it."""
    for command, shown in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
        said = run(checkout, command)
        assert re.fullmatch(pattern_of(shown), said), f"{command} says:\n{said}\nnot:\n{shown}"


def pattern_of(shown: str) -> str:
    lines = shown.splitlines()
    return "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line) + r"\n" for line in lines
    )


def test_newcomer_who_follows_the_page_sees_what_it_shows(checkout: Path) -> None:
    for step in steps():
        match step.kind:
            case "yaml":
                write(checkout, step.text)
            case "diff":
                change(checkout, step.text)
            case "console":
                follow(checkout, step.text)
            case "sh":
                assert set(step.text.splitlines()) <= SHOWN_ONLY
            case _:
                pytest.fail(f"a block of kind {step.kind}")
    assert (checkout / "build" / "bikes.svg").read_text(encoding="utf-8").startswith("<svg")


def test_page_has_each_kind_of_step() -> None:
    assert {step.kind for step in steps()} == {"sh", "yaml", "console", "diff"}
