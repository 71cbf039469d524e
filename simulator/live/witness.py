"""Witnesses of what is left: they ask Asterisk and the kernel, never the engine they judge.

Run as a program (`python -m simulator.live.witness`) it is the manager-interface witness: pyst2
waits without deadlines in threads of its own, loses command output and races at log-off, so it
lives in a process that can be ended; it counts list events and closes by ending.
"""

from __future__ import annotations

import asyncio
import json
import os
import queue
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, cast

from ivr.adapters.conf.render import WITNESS_USER
from simulator.live.asterisk_process import AsteriskProcess
from simulator.live.preflight import LOOPBACK, AsteriskProblem
from simulator.live.sockets import PROC

WITNESS_S_MAX = 10.0
LIST_S_MAX = 5.0
# core show channels concise: 14 fields between 13 of these; an id may add none.
CHANNEL_FIELD_MARK = "!"
CHANNEL_FIELDS_MIN = 10
BRIDGES_HEADING = "Bridge-ID"


@dataclass(frozen=True)
class Count:
    """What of telephony exists in an Asterisk."""

    channels: int
    bridges: int


NOTHING = Count(channels=0, bridges=0)


@dataclass(frozen=True)
class ProcessSeen:
    """A process found in the kernel's list."""

    pid: int
    group: int
    command: str


async def count_by_console(asterisk: AsteriskProcess) -> Count:
    """Channels and bridges as Asterisk's console lists them."""
    return Count(
        channels=channels_in(await asterisk.console("core show channels concise")),
        bridges=bridges_in(await asterisk.console("bridge show all")),
    )


def channels_in(text: str) -> int:
    """How many channels `core show channels concise` lists."""
    return sum(line.count(CHANNEL_FIELD_MARK) >= CHANNEL_FIELDS_MIN for line in text.splitlines())


def bridges_in(text: str) -> int:
    """How many bridges `bridge show all` lists, one a line under its heading."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines or not lines[0].startswith(BRIDGES_HEADING):
        raise AsteriskProblem("the console did not list its bridges: is bridge_simple.so loaded?")
    return len(lines) - 1


async def count_by_manager(port: int, password: str) -> Count:
    """Channels and bridges as pyst2 reads them from the manager interface, in its own process."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-W", "ignore", "-m", "simulator.live.witness"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    asked = json.dumps({"port": port, "password": password}).encode()
    try:
        output, errors = await asyncio.wait_for(child.communicate(asked), WITNESS_S_MAX)
    except TimeoutError:
        raise AsteriskProblem(
            f"the manager interface on port {port} did not answer within {WITNESS_S_MAX:g} s"
        ) from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    if child.returncode != 0:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["no reason given"]
        raise AsteriskProblem(f"the witness on port {port} could not count: {last[0]}")
    counted = cast("dict[str, int]", json.loads(output))
    return Count(channels=counted["channels"], bridges=counted["bridges"])


def processes_left(
    *, marker: str | None = None, group: int | None = None
) -> tuple[ProcessSeen, ...]:
    """Living processes whose command line holds the marker or that belong to the group.

    A run folder's path is a good marker: everything we start names it. This process itself is
    left out, and so are zombies, which hold nothing.
    """
    found: list[ProcessSeen] = []
    for entry in sorted(PROC.iterdir(), key=lambda path: path.name):
        seen = _process(entry) if entry.name.isdigit() else None
        if seen is None or seen.pid == os.getpid():
            continue
        if seen.group == group or (marker is not None and marker in seen.command):
            found.append(seen)
    return tuple(found)


def _process(entry: Path) -> ProcessSeen | None:
    try:
        stat = (entry / "stat").read_text()
        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    # proc(5): the name stands in brackets and may contain anything; then state, parent, group.
    state, _parent, group = stat[stat.rindex(")") + 1 :].split()[:3]
    return None if state in "ZX" else ProcessSeen(int(entry.name), int(group), command.strip())


class _Event(Protocol):
    name: str

    def get_header(self, hname: str, defval: str | None = None) -> str | None: ...


class _Manager(Protocol):
    """The part of pyst2's Manager that is used, which has no types of its own."""

    def connect(self, host: str, port: int) -> object: ...
    def login(self, username: str, secret: str) -> object: ...
    def register_event(self, event: str, function: Callable[[_Event, object], None]) -> None: ...
    def send_action(self, cdict: dict[str, str]) -> object: ...


def _count(manager: _Manager, *, port: int, password: str) -> Count:
    """Counts list entries one by one and holds them against the total Asterisk adds."""
    arrived: queue.Queue[_Event] = queue.Queue()
    manager.register_event("*", lambda event, _manager: arrived.put(event))
    manager.connect(LOOPBACK, port)
    manager.login(WITNESS_USER, password)
    channels = _listed(manager, arrived, action="CoreShowChannels", entry="CoreShowChannel")
    bridges = _listed(manager, arrived, action="BridgeList", entry="BridgeListItem")
    return Count(channels=channels, bridges=bridges)


def _listed(manager: _Manager, arrived: queue.Queue[_Event], *, action: str, entry: str) -> int:
    manager.send_action({"Action": action})
    seen = 0
    while True:  # ends by the list's last event, or by the deadline on the next one
        event = arrived.get(timeout=LIST_S_MAX)
        if event.name == entry:
            seen += 1
        elif event.name == f"{action}Complete":
            told = event.get_header("ListItems")
            if told != str(seen):
                raise SystemExit(f"{action} lists {seen} entries and tells {told}")
            return seen


def _main() -> None:
    from asterisk import manager as pyst2  # pyright: ignore[reportMissingImports]

    asked = cast("dict[str, int | str]", json.load(sys.stdin))
    manager = cast("_Manager", pyst2.Manager())  # pyright: ignore
    counted = _count(manager, port=int(asked["port"]), password=str(asked["password"]))
    print(json.dumps(asdict(counted)), flush=True)
    # Not sys.exit: that would join pyst2's threads, whose log-off may never return.
    os._exit(0)


if __name__ == "__main__":
    _main()
