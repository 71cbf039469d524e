"""What an expert's phone shows of the caller, on a real Asterisk."""

import pytest
from conftest import RealWorld
from real_harness import RealHarness
from telephony_harness import DeviceBehaviour
from telephony_steps import RING_MS_MAX, answered, nothing_left, release_all, up

from ivr.call.effects import DialDevice
from ivr.call.model import LegId

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        ("level=gold complained=yes", "level=gold complained=yes"),
        ('level=" <sip:evil@x>\r\nVia: x', "level= sip:evil@x Via: x"),
        ("级别=金卡", "级别=金卡"),
    ],
)
async def test_context_is_the_display_name_of_the_call(
    real_world: RealWorld, context: str, shown: str
) -> None:
    async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as world:
        caller = await answered(world)
        device = await world.device(DeviceBehaviour.ANSWERS)
        leg = LegId(f"{caller.arrived.contact}.1")
        arrived = caller.arrived
        world.perform(
            DialDevice(leg, device, arrived.contact, arrived.caller, RING_MS_MAX, context)
        )
        await up(world, leg)
        seen = world.shown_at(device)
        assert seen.startswith(f'"{shown}" <sip:{arrived.caller}@')
        await release_all(world, [leg, caller.leg])
        await nothing_left(world)
