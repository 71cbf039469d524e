"""The router beside an oracle without indexes, over seeded pools: the same choices at each step.

The hypothesis machine of ``test_router_property`` runs beside the same oracle.
"""

import os
import subprocess
import sys
from collections.abc import Sequence

import pytest

from router.core import Router
from router.effects import OfferContact, RouterEffect
from router.events import RouterEvent, TimerFired
from router.model import Millis
from simulator.router_run import Difference, Pool, main, run_pools

pytestmark = pytest.mark.property

POOLS, EVENTS = 24, 500
EVERYTHING = {
    "AgentChanged", "AgentRetired", "AnnouncePosition", "AnswerPresence", "ContactLeft",
    "ContactQueued", "DeviceOccupied", "DeviceReachabilityChanged", "DeviceVacated",
    "EngagementEnded", "OfferAccepted", "OfferContact", "OfferFailed", "OverflowContact full",
    "OverflowContact no_agents", "OverflowContact timed_out", "PresenceRequested", "QueueChanged",
    "QueueRetired", "RecordPresence", "RescindOffer", "TimerFired", "restored",
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
    assert "in 2 pools, no difference; trace" in capsys.readouterr().out


def trace_under(hash_seed: str) -> str:
    command = ["-m", "simulator.router_run", "--pools", "3", "--events", "300"]
    done = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout


def test_hash_seed_has_no_say_in_the_trace() -> None:
    assert len({trace_under(hash_seed) for hash_seed in ("1", "2")}) == 1
