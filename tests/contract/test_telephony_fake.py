"""The fake Asterisk keeps the promises of the port ``Telephony``, on virtual time."""

import pytest
from fake_harness import FakeHarness
from scenarios_bridging import bridge_behind_a_prompt_delays_nobody_else
from telephony_scenarios import MISTAKES, PROMISES
from telephony_steps import Scenario, nothing_left

pytestmark = pytest.mark.contract


def name_of(scenario: object) -> str:
    return getattr(scenario, "__name__", "")


@pytest.mark.parametrize("promise", PROMISES, ids=name_of)
async def test_fake_keeps_promise(promise: Scenario) -> None:
    world = FakeHarness()
    await promise(world)
    await nothing_left(world)


@pytest.mark.parametrize("mistake", MISTAKES, ids=name_of)
async def test_fake_shows_what_goes_wrong_with_joining_over_websocket(mistake: Scenario) -> None:
    world = FakeHarness(joining_over_websocket=True)
    await mistake(world)
    await nothing_left(world)


async def test_scenario_can_fail_on_a_wrong_implementation() -> None:
    world = FakeHarness(joining_over_websocket=True)
    with pytest.raises(AssertionError):
        await bridge_behind_a_prompt_delays_nobody_else(world)
