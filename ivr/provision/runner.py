"""Runs other programs for set-up, and ends them when a person presses Ctrl-C."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

# A child asked to stop gets this long to undo what it began (debootstrap unmounts /proc).
STOP_GRACE_S = 10
# Where the system's own programs live, whatever the PATH of an ordinary user lacks.
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")
TAIL_LINES_MAX = 15


@dataclass(frozen=True)
class CommandResult:
    """What a finished program left: its exit status and everything it printed."""

    status: int
    output: str

    def tail(self) -> str:
        """The last lines it printed: where programs put the reason of a failure."""
        lines = [line for line in self.output.splitlines() if line.strip()]
        return "\n".join(lines[-TAIL_LINES_MAX:])


class Runner(Protocol):
    """Everything set-up asks of the machine's programs; tests put a script in its place."""

    def find(self, program: str) -> str | None:
        """Full path of a program, or None when the machine lacks it."""
        ...

    def is_root(self) -> bool:
        """Whether this process may change the system without sudo."""
        ...

    def run(self, argv: Sequence[str], *, keep_open: Sequence[int] = ()) -> CommandResult:
        """The result of one program run to its end; a failure is a value, not an exception."""
        ...


class SystemRunner:
    """The real thing."""

    def find(self, program: str) -> str | None:
        """Full path of a program, looked for in PATH and then in the system's folders."""
        path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
        return shutil.which(program, path=path)

    def is_root(self) -> bool:
        """Whether the effective user is root."""
        return os.geteuid() == 0

    def run(self, argv: Sequence[str], *, keep_open: Sequence[int] = ()) -> CommandResult:
        """The result of one program; Ctrl-C ends it and its children before it ends us.

        A child that we may signal gets a process group of its own, so that its children can
        be ended with it. Under sudo we may not: there it shares our group, and the terminal's
        Ctrl-C reaches it directly.
        """
        own_group = Path(argv[0]).name != "sudo"
        path = os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS])
        held = _HeldInterrupt()
        try:
            with held:
                child = subprocess.Popen(
                    list(argv),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "PATH": path},
                    pass_fds=tuple(keep_open),
                    process_group=0 if own_group else None,
                )
        except OSError as error:
            held.let_go()
            return CommandResult(127, f"{argv[0]}: {error.strerror}")
        try:
            held.let_go()
            output, _ = child.communicate()
        except KeyboardInterrupt:
            _end(child, own_group=own_group)
            raise
        return CommandResult(child.returncode, output.decode(errors="replace"))


class _HeldInterrupt:
    """Holds Ctrl-C back while a child is being started.

    Raised within `Popen` it would leave a child that nobody knows, and so nobody ends. The child
    itself is not affected: a handler, unlike a mask, does not outlive exec.
    """

    def __init__(self) -> None:
        self._came = False
        self._before: Any = None

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._hold)

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def let_go(self) -> None:
        """Raise the interrupt that came meanwhile."""
        if self._came:
            raise KeyboardInterrupt

    def _hold(self, _number: int, _frame: object) -> None:
        self._came = True


def _end(child: subprocess.Popen[bytes], *, own_group: bool) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(child, number, own_group=own_group)
        try:
            child.communicate(timeout=STOP_GRACE_S)
        except subprocess.TimeoutExpired:
            continue
        return


def _signal(child: subprocess.Popen[bytes], number: int, *, own_group: bool) -> None:
    try:
        if own_group:
            os.killpg(child.pid, number)
        else:
            child.send_signal(number)
    except (ProcessLookupError, PermissionError):
        return


def privileged(runner: Runner, argv: Sequence[str]) -> list[str] | None:
    """The command as root would run it: as it is, behind `sudo -n`, or None when neither works."""
    if runner.is_root():
        return list(argv)
    sudo = runner.find("sudo")
    if sudo is None or runner.run([sudo, "-n", "true"]).status != 0:
        return None
    return [sudo, "-n", *argv]
