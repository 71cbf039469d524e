"""The ARI adapter keeps the same promises on a real Asterisk with real SIP phones."""

import pytest
from conftest import RealWorld
from real_harness import RealHarness
from telephony_scenarios import MISTAKES, PROMISES
from telephony_steps import Scenario, nothing_left

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]


def name_of(scenario: object) -> str:
    return getattr(scenario, "__name__", "")


@pytest.mark.parametrize("promise", PROMISES, ids=name_of)
async def test_asterisk_keeps_promise(real_world: RealWorld, promise: Scenario) -> None:
    async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as world:
        await promise(world)
        await nothing_left(world)


@pytest.mark.parametrize("mistake", MISTAKES, ids=name_of)
async def test_asterisk_shows_what_goes_wrong_with_joining_over_websocket(
    real_world: RealWorld, mistake: Scenario
) -> None:
    async with RealHarness(
        real_world.stand, real_world.rack, real_world.phones, joining_over_websocket=True
    ) as world:
        await mistake(world)
        await nothing_left(world)
