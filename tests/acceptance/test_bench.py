"""A small bench on the real Asterisk, SIPp at both ends: it runs, judges and leaves nothing."""

import os
from pathlib import Path

import pytest

from simulator.live.bench.call_suite import run_calls
from simulator.live.bench.load import Load

pytestmark = pytest.mark.acceptance

SMALL = Load(calls=6, agents=4)
"""More callers than agents: two wait, so the wait for an agent is measured too."""


@pytest.fixture
def prefer_block() -> int:
    """Where to look first for free ports: another place for each worker."""
    return 1 + 3 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


async def test_small_bench_serves_all_and_its_journal_replays(
    tmp_path: Path, prefer_block: int
) -> None:
    run = await run_calls(tmp_path, SMALL, prefer_block=prefer_block)
    assert run.faults() == [], run.words
    assert run.row()["records"] == SMALL.calls
    assert run.first_sound.count == run.free_to_bridge.count == SMALL.calls
    assert run.engine_cpu_ms > 0
    assert run.asterisk_cpu_ms > 0
