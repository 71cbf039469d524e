"""The flow suite: its sites are good at any size, and what must not be is named."""

import pytest

from ivr.adapters.site_files import known_timezones
from ivr.flow.load import load_site
from ivr.flow.model import Branch
from ivr.prompts.catalogue import load_catalogue
from simulator.bench.flow_site import NODES_PER_HOTLINE, site_texts
from simulator.bench.flow_suite import (
    CHECK_BYTES_MAX,
    CHECK_S_MAX,
    HOTLINES,
    CheckCost,
    FlowRun,
    bench_hotline,
    nodes_per_s,
)

pytestmark = pytest.mark.unit

NODES = HOTLINES * NODES_PER_HOTLINE


def run(
    *, took_s: float = 2.0, bytes_max: int = 10**8, large_us: float = 100.0, speed: float = 2e5
) -> FlowRun:
    return FlowRun(CheckCost(NODES, took_s, 1.0, bytes_max), 100.0, large_us, (1.0, speed))


def test_row_has_just_the_keys_of_the_issue() -> None:
    row = run(large_us=104.0).row()
    assert row == {"nodes_per_s": 200_000, "check_s_20000_nodes": 2.0, "check_growth": 1.04}
    assert NODES == 20_000


def test_run_within_its_limits_has_no_fault() -> None:
    assert run().faults() == ()


@pytest.mark.parametrize(
    ("bad", "key"),
    [
        (run(took_s=CHECK_S_MAX + 1), "check_s_20000_nodes"),
        (run(bytes_max=CHECK_BYTES_MAX + 1), "memory"),
        (run(large_us=150.0), "check_growth"),
        (run(speed=99_999.0), "nodes_per_s"),
        (FlowRun(CheckCost(NODES - 1, 2.0, 1.0, 10**8), 1.0, 1.0, (2e5,)), "check"),
    ],
)
def test_each_fault_is_named(bad: FlowRun, key: str) -> None:
    (fault,) = bad.faults()
    assert fault.split(":")[0] == key


@pytest.mark.parametrize("hotlines", [1, 3])
def test_site_of_any_size_is_good(hotlines: int) -> None:
    loaded = load_site(
        site_texts(hotlines), prompts=load_catalogue().playable(), timezones=known_timezones()
    )
    assert loaded.problems == ()
    assert sum(loaded.node_counts.values()) == hotlines * NODES_PER_HOTLINE


def test_flow_branches_at_every_third_node_and_is_walked_whole() -> None:
    hotline = bench_hotline()
    branches = [isinstance(node, Branch) for node in hotline.flow.nodes.values()]
    assert branches[3:-1:3] == [True] * len(branches[3:-1:3])
    assert sum(branches) == len(branches[3:-1:3])
    assert nodes_per_s(hotline) > 0
