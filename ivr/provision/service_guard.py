"""Keeps a freshly installed Asterisk package from starting its service.

Debian's packages start what they bring. A second Asterisk with the sample configuration would
take the ports and listen on every interface, and we start our own with our own configuration.
Debian's way to forbid it is /usr/sbin/policy-rc.d answering 101 ("action forbidden"); masking
the unit would outlive the installation and puzzle the machine's owner. The file is there only
while apt runs, one of somebody else is left as it is, and one that a killed set-up left is
known by its mark and goes at the next run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ivr.provision.runner import Runner, privileged

POLICY = Path("/usr/sbin/policy-rc.d")
MARK = "# put here by expertline's set-up while apt runs"
TEXT = f"#!/bin/sh\n{MARK}\nexit 101\n"


@contextmanager
def services_stay_down(runner: Runner, policy: Path = POLICY) -> Generator[None]:
    """While it lasts no package starts a service; afterwards the machine is as before."""
    if policy.exists() and not _is_ours(policy):
        yield
        return
    with tempfile.NamedTemporaryFile("w", suffix=".policy-rc.d") as written:
        written.write(TEXT)
        written.flush()
        _as_root(runner, "install", "-m", "755", written.name, str(policy))
    try:
        yield
    finally:
        remove_left_behind(runner, policy)


def remove_left_behind(runner: Runner, policy: Path = POLICY) -> None:
    """Removes our own policy file, if there is one."""
    if _is_ours(policy):
        _as_root(runner, "rm", "-f", str(policy))


def keep_off_at_boot(runner: Runner) -> None:
    """Keeps the package's service from starting at the next boot, where there is systemd."""
    if runner.find("systemctl") is not None:
        _as_root(runner, "systemctl", "disable", "--quiet", "asterisk.service")


def _is_ours(policy: Path) -> bool:
    return policy.is_file() and MARK in policy.read_text(errors="replace")


def _as_root(runner: Runner, *argv: str) -> None:
    command = privileged(runner, argv)
    if command is not None:
        runner.run(command)
