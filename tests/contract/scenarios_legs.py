"""Promises about legs: answered, dialled, released, gone."""

from telephony_harness import DeviceBehaviour, TelephonyHarness
from telephony_steps import (
    AT_ONCE_MS,
    BUSY,
    CALL_REJECTED,
    QUIET_MS,
    RING_MS_MAX,
    SOON_MS,
    answered,
    arriving,
    ended,
    ended_at,
    events_of,
    release_all,
    up,
)

from ivr.call.effects import (
    AnswerLeg,
    DialDevice,
    ReleaseLeg,
    StartHoldMusic,
)
from ivr.call.events import (
    CommandFailed,
    LegAnswered,
)
from ivr.call.model import (
    CommandFailure,
    ReleaseReason,
)


async def answered_once(world: TelephonyHarness) -> None:
    """An answer comes back as ``LegAnswered``, once."""
    caller = await answered(world)
    await world.pass_time(QUIET_MS)
    assert events_of(world, caller.leg) == [caller.arrived, LegAnswered(caller.leg)]
    await release_all(world, [caller.leg])


async def answered_twice(world: TelephonyHarness) -> None:
    """A second answer is neither a second ``LegAnswered`` nor a failure."""
    caller = await answered(world)
    world.perform(AnswerLeg(caller.leg))
    await world.pass_time(QUIET_MS)
    assert events_of(world, caller.leg) == [caller.arrived, LegAnswered(caller.leg)]
    await release_all(world, [caller.leg])


async def call_of_a_device_carries_the_device(world: TelephonyHarness) -> None:
    """Who dials on a device of ours is announced with it, a caller from outside without one."""
    device = await world.device(DeviceBehaviour.ANSWERS)
    coded, called = await world.call_from(device, "*131"), await world.arrive()
    assert (coded.device, coded.dialled) == (device, "*131")
    assert called.device is None
    world.perform(AnswerLeg(coded.leg))
    await up(world, coded.leg)
    await world.hang_up_caller(coded.leg)
    await ended(world, coded.leg)
    again = await world.call_from(device, "10086")
    assert (again.device, again.dialled) == (device, "10086")
    await release_all(world, [called.leg, again.leg])


async def unanswered_caller_hangs_up(world: TelephonyHarness) -> None:
    """A caller may give up before we answered."""
    caller = await arriving(world)
    await world.hang_up_caller(caller.leg)
    end = await ended(world, caller.leg)
    await world.pass_time(QUIET_MS)
    assert events_of(world, caller.leg) == [caller.arrived, end]


async def unanswered_caller_is_released(world: TelephonyHarness) -> None:
    """A caller may be turned away unanswered."""
    caller = await arriving(world)
    await release_all(world, [caller.leg])


async def hang_up_is_told_at_once(world: TelephonyHarness) -> None:
    """The end of a leg is known within a fraction of a second, whoever hung up.

    Asterisk sends ``ChannelDestroyed`` of a caller's channel only to who subscribed to it; an
    implementation that waits for it and then gives up tells the end a second late.
    """
    theirs, ours, early = await answered(world), await answered(world), await arriving(world)
    for caller in (theirs, early):
        hung_up_at = world.now()
        await world.hang_up_caller(caller.leg)
        assert (await ended_at(world, caller.leg)) - hung_up_at <= AT_ONCE_MS
    released_at = world.now()
    ours.release()
    assert (await ended_at(world, ours.leg)) - released_at <= AT_ONCE_MS


async def rejected_dial_ends_the_leg(world: TelephonyHarness) -> None:
    """A refusal is the end of the agent's leg, with its cause, and never an answer."""
    caller = await answered(world)
    agent = caller.dial(await world.device(DeviceBehaviour.REJECTS))
    end = await ended(world, agent)
    assert end.cause in (BUSY, CALL_REJECTED)
    await world.pass_time(QUIET_MS)
    assert events_of(world, agent) == [end]
    await release_all(world, [caller.leg])


async def unregistered_dial_ends_the_leg(world: TelephonyHarness) -> None:
    """A device that can not be reached is the end of the agent's leg, not a failed command."""
    caller = await answered(world)
    agent = caller.dial(await world.device(DeviceBehaviour.UNREGISTERED))
    end = await ended(world, agent)
    await world.pass_time(QUIET_MS)
    assert events_of(world, agent) == [end]
    await release_all(world, [caller.leg])


async def ringing_leg_is_released(world: TelephonyHarness) -> None:
    """A caller hangs up while the agent's phone rings; her leg is released and ends."""
    caller = await answered(world)
    agent = caller.dial(await world.device(DeviceBehaviour.RINGS_OUT))
    await world.pass_time(500)
    assert events_of(world, agent) == []
    await world.hang_up_caller(caller.leg)
    await ended(world, caller.leg)
    world.perform(ReleaseLeg(agent, ReleaseReason.ANSWERED_ELSEWHERE))
    end = await ended(world, agent)
    await world.pass_time(QUIET_MS)
    assert events_of(world, agent) == [end]


async def dial_released_at_once(world: TelephonyHarness) -> None:
    """A release right behind the dial still ends that leg, once."""
    caller = await answered(world)
    agent = caller.dial(await world.device(DeviceBehaviour.RINGS_OUT))
    caller.release(agent)
    end = await ended(world, agent)
    await world.pass_time(QUIET_MS)
    assert events_of(world, agent) == [end]
    await release_all(world, [caller.leg])


async def dial_with_a_used_id_is_refused(world: TelephonyHarness) -> None:
    """An id is used once: a second dial with it fails and the living leg stays as it is."""
    caller = await answered(world)
    agent = caller.dial(await world.device(DeviceBehaviour.ANSWERS))
    await up(world, agent)
    other = await world.device(DeviceBehaviour.ANSWERS)
    contact, party = caller.arrived.contact, caller.arrived.caller
    world.perform(DialDevice(agent, other, contact, party, RING_MS_MAX))
    refused = CommandFailed(agent, "DialDevice", CommandFailure.REFUSED)
    await world.wait_for(
        lambda event: event == refused, what="CommandFailed(REFUSED)", within_ms=SOON_MS
    )
    await world.pass_time(QUIET_MS)
    assert events_of(world, agent) == [LegAnswered(agent), refused]
    await release_all(world, [caller.leg, agent])


async def release_of_an_ended_leg_is_silent(world: TelephonyHarness) -> None:
    """Releasing twice, or after the caller hung up, does nothing."""
    caller = await answered(world)
    caller.release()
    caller.release()
    end = await ended(world, caller.leg)
    caller.release()
    await world.pass_time(QUIET_MS)
    assert events_of(world, caller.leg) == [caller.arrived, LegAnswered(caller.leg), end]


async def command_on_a_gone_leg_fails(world: TelephonyHarness) -> None:
    """What is asked of a leg after its end is answered as gone; a stop is not answered."""
    caller = await answered(world)
    await world.hang_up_caller(caller.leg)
    end = await ended(world, caller.leg)
    playback = caller.play(world.prompts.short)
    caller.stop(playback)
    world.perform(StartHoldMusic(caller.leg))
    world.perform(AnswerLeg(caller.leg))
    await world.pass_time(QUIET_MS)
    told = events_of(world, caller.leg)
    after = told[told.index(end) + 1 :]
    names = ("AnswerLeg", "PlayPrompts", "StartHoldMusic")
    expected = [CommandFailed(caller.leg, name, CommandFailure.GONE) for name in names]
    assert sorted(after, key=repr) == expected
