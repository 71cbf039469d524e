"""The router beside an oracle without indexes, over seeded pools: the same choices at each step.

The hypothesis machine of ``test_router_property`` runs beside the same oracle.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from router.core import Router
from router.effects import OfferContact, RouterEffect
from router.events import RouterEvent, TimerFired
from router.model import Millis
from simulator import router_pool
from simulator.router_pool import Difference, Pool
from simulator.router_run import main, run_pools

pytestmark = pytest.mark.property

POOLS, EVENTS = 24, 500
EVERYTHING = {
    "AgentChanged", "AgentRetired", "AnnouncePosition", "AnswerPresence", "ContactChanged",
    "ContactLeft", "ContactQueued", "CrisisDeclared", "CrisisEnded", "DayStarted",
    "DeviceOccupied", "DeviceReachabilityChanged", "DeviceVacated", "EngagementEnded",
    "MoveContact", "OfferAccepted", "OfferContact", "OfferFailed", "OverflowContact crisis",
    "OverflowContact expected_wait", "OverflowContact full", "OverflowContact no_agents",
    "OverflowContact overload", "OverflowContact timed_out", "PresenceRequested", "QueueChanged",
    "QueueRetired", "RecordPresence", "RescindOffer", "RoutingChanged", "TimerFired",
    "WrapUpRequested", "restored",
}  # fmt: skip


def test_pools_of_many_seeds_show_no_difference_and_meet_everything() -> None:
    summary = run_pools(range(1, 1 + POOLS), events=EVENTS)
    assert summary.events >= POOLS * EVENTS
    assert EVERYTHING - summary.seen.keys() == set()


class Forgetful(Router):
    """Loses one offer: it is made, and nobody is told."""

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        effects = super().handle(event, at)
        return [each for each in effects if not isinstance(each, OfferContact)]


class Late(Router):
    """Its timers do nothing."""

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        return [] if isinstance(event, TimerFired) else super().handle(event, at)


@pytest.mark.parametrize("wrong", [Forgetful, Late])
def test_wrong_router_is_found_with_the_way_to_see_it_again(wrong: type[Router]) -> None:
    pool = Pool(3)
    pool.router = wrong()
    with pytest.raises(Difference, match=r"--seed 3 --pools 1"):
        pool.run(EVENTS)


def test_command_tells_what_it_went_through(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--pools", "2", "--events", "100"]) == 0
    told = capsys.readouterr()
    assert "in 2 pools, no difference, in " in told.out
    assert "in 2 of 2 pools" in told.err


def test_command_shows_the_difference_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router_pool, "Router", Forgetful)
    assert main(["--seed", "3", "--pools", "2", "--format", "json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert "--seed 3 --pools 1" in told["difference"]


def result_under(hash_seed: str, *, processes: int) -> dict[str, object]:
    command = ["-m", "simulator.router_run", "--pools", "12", "--events", "60"]
    done = subprocess.run(
        [sys.executable, *command, "--processes", str(processes), "--format", "json"],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return json.loads(done.stdout) | {"seconds": 0}


def test_neither_hash_seed_nor_number_of_processes_has_a_say_in_the_result() -> None:
    one, other = result_under("1", processes=1), result_under("2", processes=2)
    assert one == other
    assert one["pools"] == 12
