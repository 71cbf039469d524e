"""``make bench``: runs a suite, writes ``build/bench.json``, and fails on what must not be."""

import argparse
import asyncio
import fcntl
import json
import os
import platform
import signal
import sys
from collections.abc import Coroutine, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from ivr.settings import repository_root
from simulator.live.bench.call_suite import CallRun, run_calls
from simulator.live.bench.load import Load
from simulator.live.hotline import HotlineProblem
from simulator.live.refusals import REFUSALS

SUITES = ("call",)
ALL = "all"
REPORT = "bench.json"
STATUS_WRONG_USE = 2


def say(line: str) -> None:
    """Tell the person who watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def merged(earlier: str | None, found: dict[str, object]) -> dict[str, object]:
    """What the report says after this run: the keys of other suites stay as they were."""
    try:
        before: object = json.loads(earlier or "{}")
    except ValueError:
        before = {}
    kept = cast("dict[str, object]", before) if isinstance(before, dict) else {}
    return {**kept, **found}


def document(run: CallRun) -> dict[str, object]:
    """The keys that the call suite writes."""
    return {
        "call": run.row(),
        "call_details": run.details(),
        "journal": None if run.journal is None else run.journal.row(),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "asterisk": run.asterisk_version,
        },
    }


@contextmanager
def only_one_bench(build: Path) -> Generator[None]:
    """Two benches in one checkout would measure each other and take each other's evidence away."""
    build.mkdir(parents=True, exist_ok=True)
    with (build / "bench.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HotlineProblem(
                f"another bench runs with {build}: wait for it, or give --build another folder"
            ) from None
        yield


async def _until_ended(work: Coroutine[None, None, CallRun]) -> CallRun:
    """End in order also when the terminal is closed or somebody asks: nothing is left behind."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def _run_call_suite(build: Path, load: Load) -> int:
    say(
        f"call: {load.calls} calls at {load.calls_per_second}/s, {load.agents} agents "
        "(half a minute)"
    )
    with only_one_bench(build):
        run = asyncio.run(_until_ended(run_calls(build, load)))
        path = build / REPORT
        earlier = path.read_text(encoding="utf-8") if path.exists() else None
        text = json.dumps(merged(earlier, document(run)), indent=2)
        path.write_text(text + "\n", encoding="utf-8")
    for key, value in run.row().items():
        say(f"  {key:<32} {value}")
    for fault in run.faults():
        say(f"FAILED {fault}")
    if run.words:
        say(f"At the callers' end SIPp found unexpected: {run.words}")
    say(f"Report: {path}")
    return 1 if run.faults() else 0


def main(argv: Sequence[str]) -> int:
    """Run the suite; the exit status: 0 all is well, 1 something is wrong, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("suite", nargs="?", default=ALL)
    parser.add_argument("--build", type=Path, default=repository_root() / "build")
    parser.add_argument("--calls", type=int, default=Load().calls)
    given = parser.parse_args(argv)
    if given.suite not in (ALL, *SUITES):
        say(f"make bench: no suite is called {given.suite}; there are {', '.join(SUITES)}, and all")
        return STATUS_WRONG_USE
    try:
        return _run_call_suite(given.build, Load(calls=given.calls))
    except REFUSALS as refusal:
        say(f"make bench: {refusal}")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
