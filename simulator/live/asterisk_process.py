"""One Asterisk as a child process: started, proven to be whole, asked, and stopped for certain."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ivr.adapters.conf.devices import Device
from ivr.adapters.conf.render import RenderedConf, render
from ivr.adapters.conf.settings import ConfSettings
from simulator.live import launch
from simulator.live.preflight import (
    AsteriskProblem,
    refuse_what_cannot_start,
    warnings_before_start,
)
from simulator.live.sockets import listening_sockets

BOOT_S_MAX = 30.0
BOOT_POLL_S = 0.05
CONSOLE_S_MAX = 10.0
# Asterisk ends in well under a second; a deadlocked one never does, and is then killed.
STOP_BY_CONSOLE_S_MAX = 5.0
STOP_BY_SIGNAL_S_MAX = 3.0
LOG_LINES_SHOWN_MAX = 3
LOG_BYTES_READ_MAX = 64 * 1024
NAMES_SHOWN_MAX = 20

MESSAGES_LOG = "messages.log"
BOOTED = "Asterisk has fully booted"
MODULE_ROW = re.compile(r"^(\S+\.so)\s.*?(?P<not>Not )?Running\s+\w+\s*$", re.MULTILINE)


class AsteriskProcess:
    """Asterisk under our hand, in its own process group.

    The kernel kills it when the thread that started it ends (launch.py), so a test run that is
    itself killed leaves none behind; start it from a thread that lives as long as it should.
    """

    def __init__(self, settings: ConfSettings, devices: Iterable[Device] = ()) -> None:
        self.settings = settings
        self.warnings: tuple[str, ...] = ()
        self.version = settings.installation.version
        self._devices = tuple(devices)
        self._conf: RenderedConf | None = None
        self._child: asyncio.subprocess.Process | None = None

    @property
    def conf(self) -> RenderedConf:
        """The rendered configuration it runs on, with the secrets its clients need."""
        if self._conf is None:
            raise AsteriskProblem("Asterisk was not started yet: start it first")
        return self._conf

    @property
    def pid(self) -> int:
        """The process, which is also its process group."""
        if self._child is None:
            raise AsteriskProblem("Asterisk was not started yet: start it first")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._child is not None and self._child.returncode is None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Renders, starts, and returns when calls can be taken; else nothing is left running."""
        self.version = await asyncio.to_thread(refuse_what_cannot_start, self.settings)
        self.warnings = await asyncio.to_thread(warnings_before_start, self.settings)
        self._conf = render(self.settings, self._devices)
        self._set_old_log_aside()
        try:
            await self._spawn(self._conf.conf_file)
            await self._wait_booted()
            await self._check_modules(self._conf.modules)
            self._check_sockets()
        except BaseException:
            await asyncio.shield(self.stop())
            raise

    async def console(self, command: str) -> str:
        """What Asterisk's console answers to one command."""
        answer = await self._ask(command, seconds_max=CONSOLE_S_MAX)
        if answer is None:
            raise AsteriskProblem(
                f"Asterisk's console did not answer {command!r} within {CONSOLE_S_MAX:g} s: "
                f"see {self.settings.log_dir}"
            )
        return answer

    async def stop(self) -> None:
        """Ends it: asked, then told, then killed; returns when the process is gone."""
        child = self._child
        if child is None:
            return
        if child.returncode is None:
            await self._ask("core stop now", seconds_max=STOP_BY_CONSOLE_S_MAX)
        for number in (None, signal.SIGTERM, signal.SIGKILL):
            if number is not None:
                _signal_group(child.pid, number)
            with suppress(TimeoutError):
                await asyncio.wait_for(child.wait(), STOP_BY_SIGNAL_S_MAX)
                break
        _signal_group(child.pid, signal.SIGKILL)  # whatever it may have started

    def _set_old_log_aside(self) -> None:
        # One log of the run before is kept: what a restart was for is read there.
        log = self.settings.log_dir / MESSAGES_LOG
        if log.exists():
            log.replace(log.with_name(f"{MESSAGES_LOG}.1"))

    async def _spawn(self, conf_file: Path) -> None:
        launcher = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid())]
        argv = [*launcher, *self.settings.installation.argv, "-f", "-C", str(conf_file)]
        output = os.open(
            self.settings.log_dir / "start.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
        )
        try:
            self._child = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self.settings.run_dir,
                env=_environment(self.settings.run_dir),
                process_group=0,
            )
        finally:
            os.close(output)

    async def _wait_booted(self) -> None:
        try:
            async with asyncio.timeout(BOOT_S_MAX):
                while self.running:
                    answer = await self._ask("core waitfullybooted", seconds_max=CONSOLE_S_MAX)
                    if answer is not None and BOOTED in answer:
                        return
                    await asyncio.sleep(BOOT_POLL_S)
        except TimeoutError:
            raise AsteriskProblem(
                f"Asterisk was not ready within {BOOT_S_MAX:g} s ({self._last_words()}): "
                f"see {self.settings.log_dir}"
            ) from None
        raise AsteriskProblem(
            f"Asterisk ended while starting ({self._last_words()}): see {self.settings.log_dir}"
        )

    async def _check_modules(self, wanted: tuple[str, ...]) -> None:
        running = running_modules(await self.console("module show"))
        missing = [name for name in wanted if name not in running]
        if missing:
            shown = ", ".join(missing[:NAMES_SHOWN_MAX])
            raise AsteriskProblem(
                f"Asterisk {self.version} runs without {shown}: look for the reason in "
                f"{self.settings.log_dir} and install what is missing, or run make setup"
            )

    def _check_sockets(self) -> None:
        # Asterisk only logs an error when a port was taken between our check and its bind.
        sockets = listening_sockets([self.pid])
        held = {(row.protocol, row.port) for row in sockets}
        wanted = [("udp", self.settings.sip_port), ("tcp", self.settings.http_port)]
        if self.settings.witness_port is not None:
            wanted.append(("tcp", self.settings.witness_port))
        for protocol, port in wanted:
            if (protocol, port) not in held:
                raise AsteriskProblem(
                    f"Asterisk does not listen on {protocol} port {port}: "
                    f"see {self.settings.log_dir}"
                )
        exposed = ", ".join(str(row) for row in sockets if not row.is_loopback)
        if exposed:
            self.warnings += (
                f"Asterisk can be reached from outside at {exposed}: close it in the firewall",
            )

    async def _ask(self, command: str, *, seconds_max: float) -> str | None:
        argv = [*self.settings.installation.argv, "-C", str(self.settings.conf_file)]
        asker = await asyncio.create_subprocess_exec(
            *argv,
            "-rx",
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(self.settings.run_dir),
        )
        try:
            output, _ = await asyncio.wait_for(asker.communicate(), seconds_max)
        except TimeoutError:
            output = b""
        finally:
            if asker.returncode is None:
                with suppress(ProcessLookupError):
                    asker.kill()
                await asker.wait()
        return output.decode(errors="replace") if asker.returncode == 0 else None

    def _last_words(self) -> str:
        try:
            with (self.settings.log_dir / "start.log").open("rb") as log:
                log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_BYTES_READ_MAX))
                lines = log.read().decode(errors="replace").splitlines()
        except OSError:
            return "no log was written"
        told = [line.strip() for line in lines if "ERROR" in line] or [
            line.strip() for line in lines if line.strip()
        ]
        return " / ".join(told[-LOG_LINES_SHOWN_MAX:]) or "it said nothing"


def running_modules(text: str) -> frozenset[str]:
    """The modules that `module show` tells to be running."""
    return frozenset(row[1] for row in MODULE_ROW.finditer(text) if row["not"] is None)


def _environment(run_dir: Path) -> dict[str, str]:
    # Nothing of ours leaks into a process that outlives a login; the console keeps history in HOME.
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(run_dir), "LANG": "C.UTF-8"}


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
