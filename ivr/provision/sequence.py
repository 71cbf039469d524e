"""The steps of set-up in their order, and what each command of the Makefile needs of them."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from ivr.provision import environment, load_tool, private_root, service_guard
from ivr.provision.asterisk import (
    ASTERISK_JSON,
    CHECKOUT,
    VERSION_MIN_TEXT,
    AsteriskInstallation,
    Origin,
    new_enough,
    on_this_system,
)
from ivr.provision.environment import Environment
from ivr.provision.errors import ProvisionError
from ivr.provision.mirror import apt_proxies, mirrors_of_this_machine
from ivr.provision.packages import Apt
from ivr.provision.private_root import PrivateRoot
from ivr.provision.report import Report, Step
from ivr.provision.runner import Runner, SystemRunner

PURPOSES = ("demo", "test", "run", "bench", "check")
# `make check` reads code and prompts; it calls nobody.
PURPOSES_WITHOUT_ASTERISK = ("check",)
# The tests run a small bench.
PURPOSES_WITH_LOAD = ("bench", "test")
PROMPT_AUDIO = Path("prompts/audio")
VOICE_PACKAGE = "espeak-ng"
STATUS_REFUSED = 2
STATUS_INTERRUPTED = 130


class SetUp:
    """One run of set-up on one checkout."""

    def __init__(
        self, *, checkout: Path, cache: Path, runner: Runner, report: Report, offline_ok: bool
    ) -> None:
        self._checkout = checkout
        self._runner = runner
        self._report = report
        self._offline_ok = offline_ok
        self._apt = Apt(runner)
        self._root = PrivateRoot(cache=cache, runner=runner)

    def run(self, purpose: str) -> None:
        """All steps this purpose needs, one set-up per checkout at a time."""
        lock = self._checkout / "build" / "set-up.lock"
        with private_root.one_at_a_time(lock, self._report.say):
            self._steps(purpose)

    def _steps(self, purpose: str) -> None:
        with self._report.step("Debian packages") as step:
            self.packages(step)
        with self._report.step("Python packages") as step:
            home = Environment(checkout=self._checkout, runner=self._runner)
            home.ensure(step, offline_ok=self._offline_ok)
        if purpose not in PURPOSES_WITHOUT_ASTERISK:
            with self._report.step("Asterisk") as step:
                chosen = self.asterisk(step)
                chosen.save(self._checkout / ASTERISK_JSON)
                step.ends(f"{chosen.version}, {chosen.origin}")
        if purpose in PURPOSES_WITH_LOAD:
            with self._report.step("SIPp") as step:
                load_tool.ensure(step, runner=self._runner, apt=self._apt)
        if (self._checkout / "ivr" / "prompts").is_dir():
            with self._report.step("Prompts") as step:
                self.prompts(step)

    def packages(self, step: Step) -> None:
        """The packages of the distribution that everything after them needs."""
        reasons = {VOICE_PACKAGE: "speaks the prompts"}
        if not environment.can_make_environments():
            reasons[environment.VENV_PACKAGE] = "makes the virtual environment"
        missing = self._apt.missing(list(reasons))
        if not self._apt.present:
            missing = [name for name in missing if self._runner.find(name) is None]
        if not missing:
            step.ends(", ".join(reasons))
            return
        because = " and ".join(f"{name} {reasons[name]}" for name in missing)
        step.works(f"installing {', '.join(missing)} as root", because=because)
        self._apt.install(missing, step)
        step.ends(", ".join(missing))
        if not environment.can_make_environments():
            raise ProvisionError(
                f"{sys.executable} still cannot make virtual environments, for it is not the "
                "distribution's own; name that one, as in: make demo PYTHON=/usr/bin/python3"
            )

    def asterisk(self, step: Step) -> AsteriskInstallation:
        """An Asterisk that is new enough: installed, else a finished root, else brought now."""
        service_guard.remove_left_behind(self._runner)
        installed = on_this_system(_origin_so_far(self._checkout), self._runner)
        if isinstance(installed, AsteriskInstallation):
            return installed
        ready = self._root.find()
        if ready is not None:
            return ready
        why = installed or f"no Asterisk {VERSION_MIN_TEXT} or newer is installed"
        return self._asterisk_from_package(step, why) or self._asterisk_from_root(step, why)

    def _asterisk_from_package(self, step: Step, why: str) -> AsteriskInstallation | None:
        self._apt.update(step)
        candidate = self._apt.candidate("asterisk")
        if not new_enough(candidate):
            return None
        step.works(f"installing the package asterisk {candidate} as root", because=why)
        guard = service_guard.services_stay_down(self._runner)
        self._apt.install(["asterisk"], step, guard=guard)
        service_guard.keep_off_at_boot(self._runner)
        step.note("its service was not started and is off at boot; we start our own")
        installed = on_this_system("package", self._runner)
        if isinstance(installed, AsteriskInstallation):
            return installed
        raise ProvisionError(f"the package asterisk {candidate} will not do: {installed}")

    def _asterisk_from_root(self, step: Step, why: str) -> AsteriskInstallation:
        if not self._apt.present:
            raise ProvisionError(
                f"{why}, and without apt-get set-up cannot bring one; install Asterisk "
                f"{VERSION_MIN_TEXT} or newer by hand and run again"
            )
        mirrors = mirrors_of_this_machine(os.environ)
        missing = self._apt.missing(private_root.PACKAGES_NEEDED)
        self._root.must_be_buildable(mirrors[0], missing=missing)
        step.works(
            f"building {self._root.folder} from Debian testing as root (about a minute, 600 MB)",
            because=f"{why}, and this distribution has none",
        )
        if missing:
            step.note(f"installing {', '.join(missing)} first")
            self._apt.install(missing, step)
        return self._root.build(mirrors, step, proxies=apt_proxies(self._runner))

    def prompts(self, step: Step) -> None:
        """The prompts' audio; their own command knows which of it is still good."""
        if not (self._checkout / PROMPT_AUDIO).is_dir():
            step.works("speaking every text of the catalogue", because="no audio is built yet")
        command = [str(self._checkout / environment.ENVIRONMENT / "bin/expertline")]
        answer = self._runner.run([*command, "prompts", "build"])
        if answer.status != 0:
            raise ProvisionError(
                f"expertline prompts build failed; mend what it says here and run again:\n"
                f"{answer.tail()}"
            )
        lines = answer.tail().splitlines()
        step.ends(lines[-1].strip() if lines else "all audio is built", already=False)


def _origin_so_far(checkout: Path) -> Origin:
    """Who brought the installed Asterisk, as an earlier run of set-up wrote it down."""
    try:
        earlier = AsteriskInstallation.load(checkout / ASTERISK_JSON)
    except ProvisionError:
        return "installed"
    return "package" if earlier.origin == "package" else "installed"


def main(arguments: Sequence[str]) -> int:
    """Exit status of `python3 -m ivr.provision`: 0 done, 2 refused, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="python3 -m ivr.provision",
        description="Sets up all that a command of the Makefile needs and skips what is done.",
    )
    parser.add_argument("--for", dest="purpose", choices=PURPOSES, default="run")
    parser.add_argument(
        "--offline-ok",
        action="store_true",
        help="go on with an older environment when pip cannot reach its index",
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    set_up = SetUp(
        checkout=CHECKOUT,
        cache=private_root.cache_folder(os.environ),
        runner=SystemRunner(),
        report=Report(),
        offline_ok=options.offline_ok,
    )
    try:
        set_up.run(options.purpose)
    except ProvisionError as refusal:
        print(f"set-up: {refusal}", file=sys.stderr)
        return STATUS_REFUSED
    except OSError as error:
        place = error.filename or CHECKOUT
        print(f"set-up: {place}: {error.strerror}; mend that and run again", file=sys.stderr)
        return STATUS_REFUSED
    except KeyboardInterrupt:
        print("set-up: interrupted; the next run goes on from here", file=sys.stderr)
        return STATUS_INTERRUPTED
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
