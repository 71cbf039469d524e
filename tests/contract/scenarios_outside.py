"""Promises about calls to outside numbers, which are known by their names only."""

from telephony_harness import DeviceBehaviour, TelephonyHarness
from telephony_steps import (
    BUSY,
    QUIET_MS,
    RING_MS_MAX,
    Caller,
    answered,
    bridged,
    ended,
    events_of,
    release_all,
    up,
)

from ivr.call.effects import DestroyBridge, DialOutside, StartHoldMusic, StopHoldMusic
from ivr.call.events import CommandFailed, LegEnded, LegsBridged
from ivr.call.model import CommandFailure, LegId


def dial_outside(world: TelephonyHarness, caller: Caller, to: str) -> LegId:
    """Ring the outside number of this name."""
    caller.legs += 1
    leg = LegId(f"{caller.arrived.contact}.{caller.legs}")
    arrived = caller.arrived
    world.perform(DialOutside(leg, to, arrived.contact, arrived.caller, RING_MS_MAX))
    return leg


async def outside_answers_and_is_bridged(world: TelephonyHarness) -> None:
    """With music meanwhile; the other side's hang-up ends its own leg only."""
    caller = await answered(world)
    to = await world.outside(DeviceBehaviour.ANSWERS)
    world.perform(StartHoldMusic(caller.leg))
    leg = dial_outside(world, caller, to)
    await up(world, leg)
    world.perform(StopHoldMusic(caller.leg))
    bridge = caller.bridge(caller.leg, leg)
    assert (await bridged(world, bridge)).event == LegsBridged(bridge, caller.leg)
    await world.hang_up_outside(to)
    await ended(world, leg)
    world.perform(DestroyBridge(bridge, caller.leg))
    await release_all(world, [caller.leg])


async def busy_outside_ends_the_leg(world: TelephonyHarness) -> None:
    """The leg ends as busy, and the caller notices nothing."""
    caller = await answered(world)
    leg = dial_outside(world, caller, await world.outside(DeviceBehaviour.REJECTS))
    assert (await ended(world, leg)).cause == BUSY
    await release_all(world, [caller.leg])


async def ringing_outside_is_released(world: TelephonyHarness) -> None:
    """A leg that rings outside goes when it is released."""
    caller = await answered(world)
    leg = dial_outside(world, caller, await world.outside(DeviceBehaviour.RINGS_OUT))
    await world.pass_time(QUIET_MS)
    assert events_of(world, leg) == []
    await release_all(world, [leg, caller.leg])


async def number_that_is_not_allowed_is_never_dialled(world: TelephonyHarness) -> None:
    """A name that the allow-list does not have ends the leg at once."""
    caller = await answered(world)
    leg = dial_outside(world, caller, await world.outside(DeviceBehaviour.UNREGISTERED))
    assert isinstance(await ended(world, leg), LegEnded)
    assert len(events_of(world, leg)) == 1
    await release_all(world, [caller.leg])


async def outside_with_a_used_id_is_refused(world: TelephonyHarness) -> None:
    """The leg that rings stays as it is."""
    caller = await answered(world)
    to = await world.outside(DeviceBehaviour.RINGS_OUT)
    leg = dial_outside(world, caller, to)
    caller.legs -= 1
    assert dial_outside(world, caller, to) == leg
    await world.pass_time(QUIET_MS)
    assert events_of(world, leg) == [CommandFailed(leg, "DialOutside", CommandFailure.REFUSED)]
    await release_all(world, [leg, caller.leg])
