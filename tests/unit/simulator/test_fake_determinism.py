"""Same seed, same events: whatever the chance, whatever the hash seed."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from fake_node import DESK, Node

from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
)
from ivr.call.events import (
    DigitReceived,
    LegEnded,
    TelephonyEvent,
)
from ivr.call.model import (
    BridgeId,
)
from simulator.fake_asterisk import (
    Answers,
    CallerScript,
    Latencies,
    Latency,
    NodeSettings,
)

pytestmark = pytest.mark.unit


def busy_run(seed: int) -> list[tuple[int, TelephonyEvent]]:
    spread = Latency(1, spread_ms=9)
    latencies = Latencies(websocket=spread, http=spread, event=spread, signalling=spread)
    node = Node(NodeSettings(latencies=latencies), chance=random.Random(seed))
    node.fake.set_phone(DESK, Answers(after_ms=40, hang_up_after_ms=3000))
    for turn in range(20):
        leg = node.fake.arrive(CallerScript(((30, "1"), (31, "2")), hangs_up_at_ms=2500))
        node.time.run_for(25)
        node.fake.perform(AnswerLeg(leg))
        node.play(leg, f"p{turn}")
        agent = node.dial(f"main:c{turn + 1}.1")
        node.fake.perform(BridgeLegs(BridgeId(f"b{turn}"), (leg, agent)))
    node.time.run_until(60_000)
    return node.told


def test_same_seed_gives_the_same_events_at_the_same_times() -> None:
    assert busy_run(7) == busy_run(7)
    assert busy_run(7) != busy_run(8)


def test_chance_never_breaks_the_order_of_one_leg() -> None:
    told = [event for _, event in busy_run(3)]
    for leg in {event.leg for event in told}:
        mine = [event for event in told if event.leg == leg]
        digits = [event.digit for event in mine if isinstance(event, DigitReceived)]
        assert digits in ([], ["1", "2"])
        assert [event for event in mine if isinstance(event, LegEnded)] == mine[-1:]


def test_hash_seed_has_no_say() -> None:
    told = {trace_under(hash_seed) for hash_seed in ("1", "2")}
    assert len(told) == 1
    assert "LegsBridged" in told.pop()


def trace_under(hash_seed: str) -> str:
    program = "import test_fake_determinism as own; print(own.busy_run(7))"
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": paths},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout
