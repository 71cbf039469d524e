from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from scripted_runner import ScriptedRunner

from ivr.provision.environment import STAMP, Environment, Stamp, newer_python_hint
from ivr.provision.errors import ProvisionError
from ivr.provision.report import Report, Step
from ivr.provision.runner import CommandResult

pytestmark = pytest.mark.unit

PYTHON = "{}.{}".format(*sys.version_info[:2])
STAMPED = Stamp(lock="a", project="b", python="3.11", folder="/x/.venv")


class Checkout:
    """A checkout on paper whose environment's interpreter answers as told."""

    def __init__(self, folder: Path, *, pip: CommandResult | None = None) -> None:
        self.folder = folder
        (folder / "requirements.lock").write_text("one==1 --hash=sha256:00\n")
        (folder / "pyproject.toml").write_text("[project]\n")
        answers = {"-c import sys": CommandResult(0, f"{PYTHON}\n")}
        if pip is not None:
            answers["pip install"] = pip
        self.runner = ScriptedRunner(answers=answers)
        self.environment = Environment(checkout=folder, runner=self.runner)
        self.said = io.StringIO()

    def has_interpreter(self) -> Checkout:
        self.environment.python.parent.mkdir(parents=True)
        self.environment.python.touch()
        return self

    def ensure(self, *, offline_ok: bool = False) -> list[str]:
        self.runner.ran.clear()
        step = Step(report=Report(self.said), name="Python packages")
        self.environment.ensure(step, offline_ok=offline_ok)
        return [command for command in self.runner.ran if "-c import sys" not in command]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (STAMPED, ""),
        (None, "no finished environment is there"),
        (replace(STAMPED, lock="z"), "requirements.lock changed"),
        (replace(STAMPED, project="z"), "pyproject.toml changed"),
        (replace(STAMPED, python="3.12"), "it was made with Python 3.12"),
        (replace(STAMPED, folder="/y/.venv"), "it was made for another folder"),
        (
            replace(STAMPED, lock="z", project="z"),
            "requirements.lock changed and pyproject.toml changed",
        ),
    ],
)
def test_stamp_tells_why_work_is_needed(other: Stamp | None, reason: str) -> None:
    assert STAMPED.differences(other) == reason


def test_second_run_asks_neither_pip_nor_venv(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path).has_interpreter()
    assert len(checkout.ensure()) == 3
    assert checkout.ensure() == []


def test_changed_lock_is_installed_with_hashes(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path).has_interpreter()
    checkout.ensure()
    (tmp_path / "requirements.lock").write_text("two==2 --hash=sha256:11\n")
    ran = checkout.ensure()
    assert not any("-m venv" in command for command in ran)
    assert any("--require-hashes" in command for command in ran)
    assert "requirements.lock changed" in checkout.said.getvalue()


def test_copied_environment_is_rebuilt_from_nothing(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path).has_interpreter()
    copied = replace(checkout.environment.wanted(), folder="/elsewhere/.venv")
    (checkout.environment.folder / STAMP).write_text(json.dumps(copied.__dict__))
    assert "-m venv --clear" in checkout.ensure()[0]


def test_missing_interpreter_rebuilds_from_nothing(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    checkout.environment.folder.mkdir()
    assert "-m venv --clear" in checkout.ensure()[0]


def test_failed_pip_leaves_no_stamp_and_shows_why(tmp_path: Path) -> None:
    broken = CommandResult(1, "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES")
    checkout = Checkout(tmp_path, pip=broken).has_interpreter()
    with pytest.raises(ProvisionError, match="DO NOT MATCH THE HASHES"):
        checkout.ensure()
    assert checkout.environment.found() is None


def test_offline_goes_on_with_the_older_environment(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, pip=CommandResult(1, "no route")).has_interpreter()
    older = replace(checkout.environment.wanted(), lock="older")
    (checkout.environment.folder / STAMP).write_text(json.dumps(older.__dict__))
    checkout.ensure(offline_ok=True)
    assert checkout.environment.found() == older
    assert "going on with the older environment" in checkout.said.getvalue()


@pytest.mark.parametrize("text", ["", "[]", '{"lock": "a"}', "3"])
def test_unreadable_stamp_counts_as_none(tmp_path: Path, text: str) -> None:
    checkout = Checkout(tmp_path).has_interpreter()
    (checkout.environment.folder / STAMP).write_text(text)
    assert checkout.environment.found() is None


def test_python_newer_than_the_wheels_is_named() -> None:
    assert newer_python_hint((3, 12)) == ""
    assert "this is Python 3.14" in newer_python_hint((3, 14))


def test_missing_lock_file_is_one_sentence(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    (tmp_path / "requirements.lock").unlink()
    with pytest.raises(ProvisionError, match=r"requirements\.lock is missing"):
        checkout.ensure()
