"""The call suite as one of the suites of ``make bench``."""

import asyncio
import os
import platform
from collections.abc import Callable
from pathlib import Path

from simulator.bench.report import BenchProblem, SuiteResult
from simulator.live.bench.call_suite import CallRun, run_calls
from simulator.live.bench.load import Load
from simulator.live.refusals import REFUSALS
from simulator.one_run import until_ended


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


def run_call(build: Path, say: Callable[[str], None], *, calls: int | None = None) -> SuiteResult:
    """Place the calls of this suite on the real Asterisk; as many as it is meant for, or fewer."""
    load = Load() if calls is None else Load(calls=calls)
    say(
        f"call: {load.calls} calls at {load.calls_per_second}/s, {load.agents} agents "
        "(half a minute)"
    )
    try:
        run = asyncio.run(until_ended(run_calls(build, load)))
    except REFUSALS as refusal:
        raise BenchProblem(str(refusal)) from refusal
    words = f"At the callers' end SIPp found unexpected: {run.words}" if run.words else ""
    return SuiteResult(document(run), run.row(), tuple(run.faults()), words)
