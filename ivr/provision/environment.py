"""The virtual environment: exactly what requirements.lock says, checked by hash.

A stamp in the environment tells what it was made from, so that a run with nothing to do asks
neither pip nor the network. It is removed before work begins and written when all is done: an
environment whose making broke off is finished at the next run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.provision.errors import ProvisionError
from ivr.provision.report import Step
from ivr.provision.runner import CommandResult, Runner

ENVIRONMENT = ".venv"
LOCK_FILE = "requirements.lock"
PROJECT_FILE = "pyproject.toml"
STAMP = "expertline-stamp.json"
VENV_PACKAGE = "python3-venv"
# pjsua2-python 2.15.1 has wheels for 3.11 and 3.12; under a newer one pip tries to compile it.
PYTHON_WITH_WHEELS_MAX = (3, 12)
_QUIET_PIP = ("--quiet", "--disable-pip-version-check", "--no-input")
_TELL_PYTHON = "import sys; print('%d.%d' % sys.version_info[:2])"


@dataclass(frozen=True)
class Stamp:
    """What an environment is made from."""

    lock: str
    project: str
    python: str
    folder: str
    "A copied environment still points to its first place."

    def differences(self, other: Stamp | None) -> str:
        """Why an environment of the other stamp must be worked on; empty when it need not."""
        if other is None:
            return "no finished environment is there"
        reasons = {
            "it was made for another folder": self.folder != other.folder,
            f"it was made with Python {other.python}": self.python != other.python,
            f"{LOCK_FILE} changed": self.lock != other.lock,
            f"{PROJECT_FILE} changed": self.project != other.project,
        }
        return " and ".join(reason for reason, applies in reasons.items() if applies)


def can_make_environments() -> bool:
    """Whether this interpreter carries what `python -m venv` needs; Debian's bare one does not."""
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def newer_python_hint(found: tuple[int, ...] = sys.version_info[:2]) -> str:
    """Why pip may fail under an interpreter newer than the wheels; empty for one that is not."""
    if found <= PYTHON_WITH_WHEELS_MAX:
        return ""
    newest, this = (".".join(map(str, version)) for version in (PYTHON_WITH_WHEELS_MAX, found))
    return (
        f", for this is Python {this} and the test phone has wheels up to Python {newest} "
        f"(name an older one, as in: make demo PYTHON=python{newest})"
    )


class Environment:
    """The virtual environment of one checkout."""

    def __init__(self, *, checkout: Path, runner: Runner) -> None:
        self._checkout = checkout
        self._runner = runner
        self.folder = checkout / ENVIRONMENT
        self.python = self.folder / "bin/python"

    def wanted(self) -> Stamp:
        """The stamp that a finished environment of this checkout carries."""
        return Stamp(
            lock=_digest(self._checkout / LOCK_FILE),
            project=_digest(self._checkout / PROJECT_FILE),
            python="{}.{}".format(*sys.version_info[:2]),
            folder=str(self.folder),
        )

    def found(self) -> Stamp | None:
        """The stamp that is there; None when there is none that can be read."""
        try:
            return Stamp(**json.loads((self.folder / STAMP).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def runs(self, python: str) -> bool:
        """Whether its interpreter is still there and of this version."""
        if not self.python.exists():
            return False
        answer = self._runner.run([str(self.python), "-c", _TELL_PYTHON])
        return answer.status == 0 and answer.output.strip() == python

    def ensure(self, step: Step, *, offline_ok: bool) -> None:
        """Makes the environment what the lock says, working only where it is not yet."""
        wanted, found = self.wanted(), self.found()
        healthy = self.runs(wanted.python)
        reason = wanted.differences(found)
        if found is not None and not healthy:
            reason = "its interpreter is gone or another"
        if not reason:
            step.ends(f"Python {wanted.python} in {ENVIRONMENT}")
            return
        step.works(f"installing what {LOCK_FILE} names (about half a minute)", because=reason)
        stamp = self.folder / STAMP
        stamp.unlink(missing_ok=True)
        # pip takes what a copied or half-made environment holds for installed: begin anew there.
        older = found if healthy and found and found.folder == wanted.folder else None
        failure = self._make(rebuild=older is None)
        if failure is None:
            stamp.write_text(json.dumps(asdict(wanted), indent=2) + "\n")
        elif offline_ok and older is not None:
            stamp.write_text(json.dumps(asdict(older), indent=2) + "\n")
            step.note(f"going on with the older environment, for {failure}")
        else:
            raise ProvisionError(failure)
        step.ends(f"Python {wanted.python} in {ENVIRONMENT}")

    def _make(self, *, rebuild: bool) -> str | None:
        pip = [str(self.python), "-m", "pip", "install", *_QUIET_PIP]
        lock, checkout = str(self._checkout / LOCK_FILE), str(self._checkout)
        commands = {
            "python -m venv could not make .venv": [
                *(sys.executable, "-m", "venv", "--clear", str(self.folder))
            ],
            f"pip could not install what {LOCK_FILE} names{newer_python_hint()}": [
                *pip,
                "--require-hashes",
                "-r",
                lock,
            ],
            "pip could not install this checkout itself": [
                *(*pip, "--no-deps", "--no-build-isolation", "-e", checkout)
            ],
        }
        for failure, command in list(commands.items())[0 if rebuild else 1 :]:
            answer: CommandResult = self._runner.run(command)
            if answer.status != 0:
                return f"{failure}; mend what it says here and run again:\n{answer.tail()}"
        return None


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        text = f"{path} is missing: this checkout is not whole, clone it again"
        raise ProvisionError(text) from None
