"""``make bench``: runs suites, writes ``build/bench.json``, and fails on what must not be."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ivr.settings import repository_root
from simulator.bench.report import BenchProblem, SuiteResult, write_report
from simulator.one_run import AlreadyRunningError, only_one

ALL = "all"
UNASKED = ("flow", "call")
"""What runs when no suite is named: not the router's, whose floors not every machine reaches."""
STATUS_WRONG_USE = 2
STATUS_INTERRUPTED = 130


def say(line: str) -> None:
    """Tell the person who watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def suites(calls: int | None) -> Mapping[str, Callable[[Path], SuiteResult]]:
    """The suites by name, in the order in which all of them run.

    Each is imported when it runs: the first two must run where no Asterisk is.
    """

    def flow(build: Path) -> SuiteResult:
        from simulator.bench.flow_suite import run_flow

        return run_flow(build, say)

    def router(build: Path) -> SuiteResult:
        from simulator.bench.router_suite import run_router

        return run_router(build, say)

    def call(build: Path) -> SuiteResult:
        from simulator.live.bench.as_suite import run_call

        return run_call(build, say, calls=calls)

    return {"flow": flow, "router": router, "call": call}


def _run(name: str, suite: Callable[[Path], SuiteResult], build: Path) -> int:
    with only_one("bench", build):
        result = suite(build)
        path = write_report(build, result.keys)
    for key, value in result.row.items():
        say(f"  {key:<32} {value}")
    for fault in result.faults:
        say(f"FAILED {name} {fault}")
    if result.words:
        say(result.words)
    say(f"Report: {path}")
    return 1 if result.faults else 0


def main(argv: Sequence[str]) -> int:
    """Run the suites; the exit status: 0 all is well, 1 something is wrong, 2 wrong use."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("suite", nargs="?", default=None, help="flow and call if left out")
    parser.add_argument("--build", type=Path, default=repository_root() / "build")
    parser.add_argument("--calls", type=int, default=None, help="of the call suite")
    given = parser.parse_args(argv)
    known = suites(given.calls)
    asked: dict[str | None, Sequence[str]] = {None: UNASKED, ALL: tuple(known)}
    asked |= {name: (name,) for name in known}
    if given.suite not in asked:
        say(f"make bench: no suite is called {given.suite}; there are {', '.join(known)}, and all")
        return STATUS_WRONG_USE
    status = 0
    try:
        for name in asked[given.suite]:
            status = max(status, _run(name, known[name], given.build))
    except (AlreadyRunningError, BenchProblem, OSError) as refusal:
        say(f"make bench: {refusal}")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return STATUS_INTERRUPTED
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
