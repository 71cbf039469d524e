"""SIPp, which places and takes the calls of a bench: from Debian, or the one that is installed.

Any version from 3.6 on serves: it is asked for signalling alone, never for media, so it needs no
rights of root. Debian 12 has 3.6.1.
"""

from __future__ import annotations

import os
from typing import Final

from ivr.provision.asterisk import version_numbers
from ivr.provision.errors import ProvisionError
from ivr.provision.packages import Apt
from ivr.provision.report import Step
from ivr.provision.runner import SYSTEM_FOLDERS, Runner

PROGRAM = "sipp"
PACKAGE = "sip-tester"
VERSION_MIN: Final = (3, 6)
SYSTEM_PATH = os.pathsep.join(SYSTEM_FOLDERS)


def installed_version(runner: Runner) -> str | None:
    """The version of the SIPp in PATH, as in `3.6.1`; None when there is none or it tells none.

    `sipp -v` prints its version and ends with a status of failure.
    """
    program = runner.find(PROGRAM)
    if program is None:
        return None
    numbers = version_numbers(runner.run([program, "-v"]).output.replace("v", " "))
    return ".".join(map(str, numbers)) if numbers else None


def new_enough(version: str | None) -> bool:
    """Whether a SIPp of this version serves."""
    numbers = version_numbers(version or "")
    return numbers is not None and numbers[:2] >= VERSION_MIN


def ensure(step: Step, *, runner: Runner, apt: Apt) -> None:
    """Makes sure of a SIPp that serves, installing Debian's package only where there is none."""
    found = installed_version(runner)
    if not new_enough(found):
        needed = ".".join(map(str, VERSION_MIN))
        because = f"the one here is {found}, older than {needed}" if found else "none is installed"
        step.works(f"installing {PACKAGE} as root", because=because)
        apt.install([PACKAGE], step)
        found = installed_version(runner)
        if not new_enough(found):
            raise ProvisionError(
                f"the package {PACKAGE} brought SIPp {found or 'that does not run'}, and {needed} "
                "or newer is needed; install one by hand, named sipp in PATH, and run again"
            )
    step.ends(f"SIPp {found}")
