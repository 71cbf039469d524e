"""The flow suite: what checking a large site costs, and how fast the interpreter walks."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from ivr.adapters.site_files import known_timezones
from ivr.cli.collector import collector_paused
from ivr.flow.actions import Farewell, SpeechEnded
from ivr.flow.interpreter import advance, begin
from ivr.flow.load import load_site
from ivr.flow.model import Hotline
from ivr.prompts.catalogue import load_catalogue
from simulator.bench.flow_site import (
    NODES_PER_HOTLINE,
    every_third_branches,
    hotline_text,
    site_texts,
    write_site,
)
from simulator.bench.report import BenchProblem, SuiteResult

HOTLINES = 200
HOTLINES_SMALL = 20
CHECK_S_MAX = 10.0
CHECK_BYTES_MAX = 1_000_000_000
CHECK_ENDS_S_MAX = 120.0
GROWTH_MAX = 1.3
"""Above it a site ten times as large costs clearly more than ten times as much."""
NODES_PER_S_MIN = 100_000
CHECKS = 3
ROUNDS = 5
"""The best one counts: what else the machine had to do is no cost of ours."""
CALLS_PER_ROUND = 100
NODES_PER_CALL = 300


@dataclass(frozen=True, slots=True)
class CheckCost:
    """What one run of ``expertline check`` cost, as a person waits for it."""

    nodes: int
    took_s: float
    processor_s: float
    bytes_max: int


@dataclass(frozen=True, slots=True)
class FlowRun:
    """All that one run of the suite found out."""

    check: CheckCost
    node_us_small: float
    node_us_large: float
    nodes_per_s: tuple[float, ...]
    "Of each round."

    @property
    def growth(self) -> float:
        """How much more a node costs in the large site."""
        return self.node_us_large / self.node_us_small

    def row(self) -> dict[str, object]:
        """The public row: just the keys that the issue names."""
        return {
            "nodes_per_s": round(max(self.nodes_per_s)),
            "check_s_20000_nodes": round(self.check.took_s, 2),
            "check_growth": round(self.growth, 2),
        }

    def details(self) -> dict[str, object]:
        """How the row came about."""
        return {
            "check": asdict(self.check),
            "node_us_2000": round(self.node_us_small, 1),
            "node_us_20000": round(self.node_us_large, 1),
            "nodes_per_s_rounds": [round(each) for each in self.nodes_per_s],
        }

    def faults(self) -> tuple[str, ...]:
        """What must not be."""
        found: list[str] = []
        if self.check.nodes != HOTLINES * NODES_PER_HOTLINE:
            found.append(f"check: {self.check.nodes} nodes were read, and not all")
        if self.check.took_s > CHECK_S_MAX:
            found.append(f"check_s_20000_nodes: {self.check.took_s:.1f}, above {CHECK_S_MAX:g}")
        if self.check.bytes_max > CHECK_BYTES_MAX:
            found.append(f"memory: {self.check.bytes_max:,} bytes, above {CHECK_BYTES_MAX:,}")
        if self.growth > GROWTH_MAX:
            found.append(f"check_growth: {self.growth:.2f}, above {GROWTH_MAX:g}")
        if max(self.nodes_per_s) < NODES_PER_S_MIN:
            found.append(f"nodes_per_s: {max(self.nodes_per_s):,.0f}, below {NODES_PER_S_MIN:,}")
        return tuple(found)


def run_flow(build: Path, say: Callable[[str], None]) -> SuiteResult:
    """Check sites of 2,000 and 20,000 nodes, and walk a flow; needs no Asterisk."""
    say(f"flow: a site of {HOTLINES} hotlines with {HOTLINES * NODES_PER_HOTLINE:,} nodes")
    with tempfile.TemporaryDirectory(dir=build, prefix="flow-") as folder:
        write_site(Path(folder), HOTLINES)
        every = [checked(Path(folder)) for _ in range(CHECKS)]
        check = min(every, key=lambda each: each.took_s)
    # In turn, so that a machine that slows down slows both.
    both = [(node_us(HOTLINES_SMALL), node_us(HOTLINES)) for _ in range(ROUNDS)]
    hotline = bench_hotline()
    walked = tuple(nodes_per_s(hotline) for _ in range(ROUNDS))
    run = FlowRun(check, min(small for small, _ in both), min(large for _, large in both), walked)
    return SuiteResult({"flow": run.row(), "flow_details": run.details()}, run.row(), run.faults())


def checked(folder: Path) -> CheckCost:
    """What ``expertline check`` of this site costs, in a process of its own."""
    command = [sys.executable, "-m", "ivr.cli", "check", str(folder), "--format", "json"]
    begun, processor_s = time.monotonic(), processor_s_of_children()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        printed, _ = child.communicate(timeout=CHECK_ENDS_S_MAX)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        raise BenchProblem(f"the check did not end within {CHECK_ENDS_S_MAX:g} s") from None
    took_s = time.monotonic() - begun
    report = json.loads(printed or b"{}")
    if child.returncode != 0 or report.get("problems") != []:
        raise BenchProblem(f"the site made for the bench is not good: {printed[:500].decode()}")
    return CheckCost(
        report["nodes"], took_s, processor_s_of_children() - processor_s, bytes_max_of_children()
    )


def processor_s_of_children() -> float:
    """User and system time of all finished children of ours."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bytes_max_of_children() -> int:
    """The most memory a finished child of ours had at a time (getrusage(2): kilobytes)."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def node_us(hotlines: int) -> float:
    """Processor time to read and check a site as the command does, by node, without the disk."""
    files = site_texts(hotlines)
    prompts, timezones = load_catalogue().playable(), known_timezones()
    begun = time.process_time()
    with collector_paused():
        loaded = load_site(files, prompts=prompts, timezones=timezones)
    took_s = time.process_time() - begun
    return took_s * 1e6 / sum(loaded.node_counts.values())


def bench_hotline() -> Hotline:
    """A hotline with a condition at every third node, read as any other."""
    files = site_texts(0)
    files["1/hotline.yaml"] = hotline_text("1", every_third_branches, nodes=NODES_PER_CALL)
    prompts = load_catalogue().playable()
    loaded = load_site(files, prompts=prompts, timezones=known_timezones())
    if loaded.site is None:
        raise BenchProblem(f"the flow made for the bench is not good: {loaded.problems[0]}")
    return loaded.site.hotlines["1"]


def nodes_per_s(hotline: Hotline) -> float:
    """How many nodes the interpreter walks in a second of processor time."""
    begun = time.process_time()
    for _ in range(CALLS_PER_ROUND):
        state, action = begin(hotline)
        while not isinstance(action, Farewell):
            step = advance(hotline, state, SpeechEnded())
            if step is None:
                raise BenchProblem("the flow made for the bench does not go on")
            state, action = step
    return CALLS_PER_ROUND * len(hotline.flow.nodes) / (time.process_time() - begun)
