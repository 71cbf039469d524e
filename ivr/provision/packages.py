"""Debian packages: which are missing, and installing just those.

What is there is read from dpkg's own records, so a run with nothing to do changes nothing and
asks for no rights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from ivr.provision.errors import ProvisionError
from ivr.provision.report import Step
from ivr.provision.runner import CommandResult, Runner, privileged

# Another installer may hold dpkg's lock (unattended upgrades): wait this long for it.
DPKG_LOCK_S_MAX = 120
APT_ENVIRONMENT = ("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")

_CANDIDATE = re.compile(r"^\s*Candidate:\s*(\S+)", re.MULTILINE)


def candidate_version(policy: str) -> str | None:
    """The version apt would install, from the output of `apt-cache policy PACKAGE`."""
    match = _CANDIDATE.search(policy)
    if match is None or match.group(1) == "(none)":
        return None
    return match.group(1)


class Apt:
    """This machine's package system, updated at most once in a run."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._updated = False

    @property
    def present(self) -> bool:
        """Whether this is a Debian-like system at all."""
        return self._runner.find("apt-get") is not None

    def missing(self, packages: Sequence[str]) -> list[str]:
        """Those of these packages that dpkg does not record as installed."""
        if not packages or not self.present:
            return list(packages)
        answer = self._runner.run(
            ["dpkg-query", "--show", "--showformat=${Package} ${Status}\\n", *packages]
        )
        installed = {
            line.split()[0]
            for line in answer.output.splitlines()
            if line.endswith(" install ok installed")
        }
        return [package for package in packages if package not in installed]

    def candidate(self, package: str) -> str | None:
        """The version of a package that the distribution offers; None when it offers none."""
        if not self.present:
            return None
        return candidate_version(self._runner.run(["apt-cache", "policy", package]).output)

    def update(self, step: Step) -> None:
        """Fetches apt's lists once a run; a failure is only told, for the old lists may do."""
        if self._updated:
            return
        self._updated = True
        command = privileged(self._runner, [*APT_ENVIRONMENT, "apt-get", "update", "--quiet"])
        if command is None:
            return
        answer = self._runner.run(command)
        if answer.status != 0:
            step.note(f"apt-get update failed, going on with the lists at hand\n{answer.tail()}")

    def install(
        self,
        packages: Sequence[str],
        step: Step,
        *,
        guard: AbstractContextManager[object] | None = None,
    ) -> None:
        """Installs these packages and nothing they merely recommend, or refuses in one sentence.

        `guard` is entered round the installation alone, once the right to install is certain.
        """
        names = " ".join(packages)
        self.must_be_able(names)
        self.update(step)
        install = [
            *APT_ENVIRONMENT,
            *("apt-get", "install", "--yes", "--quiet", "--no-install-recommends"),
            *("-o", f"DPkg::Lock::Timeout={DPKG_LOCK_S_MAX}", *packages),
        ]
        with guard or nullcontext():
            answer = self._run_as_root(install)
        if answer.status != 0:
            raise ProvisionError(
                f"apt-get could not install {names}; mend what it says here and run again:\n"
                f"{answer.tail()}"
            )

    def must_be_able(self, names: str) -> None:
        """Refuses in one sentence when these packages cannot be installed by us."""
        if not self.present:
            raise ProvisionError(
                f"this system has no apt-get, so set-up cannot install {names}; "
                "install them by hand and run again (a Debian 12 or newer needs no hand)"
            )
        if privileged(self._runner, ["true"]) is None:
            raise ProvisionError(
                f"root is needed to install {names} and there is neither root nor sudo without "
                "a password; run this and then the same command again: sudo apt-get update && "
                f"sudo apt-get install --no-install-recommends {names}"
            )

    def _run_as_root(self, argv: Sequence[str]) -> CommandResult:
        command = privileged(self._runner, argv)
        if command is None:
            return CommandResult(1, "the right to become root was lost on the way")
        return self._runner.run(command)
