"""What becomes of real callers when the engine's line to Asterisk breaks, or the engine itself."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from conftest import RealWorld
from real_harness import RealHarness
from relay import Relay
from telephony_harness import DeviceBehaviour
from telephony_steps import (
    AT_ONCE_MS,
    QUIET_MS,
    SOON_MS,
    Caller,
    answered,
    bridged,
    ended,
    events_of,
    finished,
    nothing_left,
    outcome,
    release_all,
    up,
)

from ivr.adapters.ari import operations as op
from ivr.call.effects import AnswerLeg, DestroyBridge, StartHoldMusic
from ivr.call.events import (
    CallArrived,
    DigitReceived,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    TelephonyEvent,
)
from ivr.call.model import BridgeId, LegId, PlaybackOutcome
from router.events import DeviceOccupied, DeviceVacated
from router.model import DeviceId, OwnCallId

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]

GAP_MS = 600
CALLERS = 6
DIGITS = "1234#"


@asynccontextmanager
async def on_a_wire(real: RealWorld) -> AsyncGenerator[tuple[RealHarness, Relay]]:
    """An engine whose line can be cut; nothing is left when it is done."""
    async with (
        Relay(real.stand.settings.http_port) as wire,
        RealHarness(real.stand, real.rack, real.phones, ari_port=wire.port) as world,
    ):
        yield world, wire
        wire.mend()
        await nothing_left(world)


async def broken_for_a_while(world: RealHarness, wire: Relay, *, gap_ms: int = GAP_MS) -> None:
    wire.cut()
    await world.pass_time(gap_ms)
    wire.mend()
    await world.reconnected()


async def talking(world: RealHarness) -> tuple[Caller, LegId, DeviceId, BridgeId]:
    caller = await answered(world)
    device = await world.device(DeviceBehaviour.ANSWERS)
    agent = caller.dial(device)
    await up(world, agent)
    bridge = caller.bridge(caller.leg, agent)
    await bridged(world, bridge)
    return caller, agent, device, bridge


async def together(world: RealHarness, bridge: BridgeId) -> int:
    """How many are in this bridge."""
    reply = await world.telephony.ask(op.get_bridge(bridge))
    return len(json.loads(reply.body)["channels"]) if reply.ok else 0


async def test_waiting_caller_outlives_the_line_and_can_be_served(real_world: RealWorld) -> None:
    async with on_a_wire(real_world) as (world, wire):
        caller = await answered(world)
        world.perform(StartHoldMusic(caller.leg))
        await world.pass_time(QUIET_MS)
        await broken_for_a_while(world, wire)
        assert events_of(world, caller.leg) == [caller.arrived, LegAnswered(caller.leg)]
        item = await finished(world, caller.play(world.prompts.short), within_ms=2 * SOON_MS)
        assert outcome(item) is PlaybackOutcome.PLAYED
        await release_all(world, [caller.leg])


async def test_talking_pair_is_untouched(real_world: RealWorld) -> None:
    async with on_a_wire(real_world) as (world, wire):
        caller, agent, _, bridge = await talking(world)
        told = list(world.seen)
        await broken_for_a_while(world, wire)
        await world.pass_time(QUIET_MS)
        assert list(world.seen) == told
        assert await together(world, bridge) == 2
        world.perform(DestroyBridge(bridge, caller.leg))
        await release_all(world, [caller.leg, agent])


async def test_who_hangs_up_in_the_gap_has_ended(real_world: RealWorld) -> None:
    async with on_a_wire(real_world) as (world, wire):
        caller, agent, device, bridge = await talking(world)
        alone = await answered(world)
        wire.cut()
        await world.hang_up_caller(alone.leg)
        await world.hang_up_device(device)
        await world.pass_time(GAP_MS)
        wire.mend()
        await ended(world, alone.leg)
        await ended(world, agent)
        assert LegEnded(caller.leg, None) not in events_of(world, caller.leg)
        world.perform(DestroyBridge(bridge, caller.leg))
        await release_all(world, [caller.leg])


async def test_who_arrives_in_the_gap_is_taken_in(real_world: RealWorld) -> None:
    async with on_a_wire(real_world) as (world, wire):
        wire.cut()
        arriving = asyncio.create_task(world.arrive())
        await world.pass_time(GAP_MS)
        wire.mend()
        arrived = await arriving
        assert arrived.dialled == "10086"
        await release_all(world, [arrived.leg])


async def test_device_that_dials_in_the_gap_is_taken_in_as_that_device(
    real_world: RealWorld,
) -> None:
    async with on_a_wire(real_world) as (world, wire):
        device = await world.device(DeviceBehaviour.ANSWERS)
        wire.cut()
        dialling = asyncio.create_task(world.call_from(device, "*11"))
        await world.pass_time(GAP_MS)
        wire.mend()
        arrived = await dialling
        assert (arrived.dialled, arrived.device) == ("*11", device)
        await release_all(world, [arrived.leg])


async def test_playback_that_ends_in_the_gap_has_finished_once(real_world: RealWorld) -> None:
    async with on_a_wire(real_world) as (world, wire):
        caller = await answered(world)
        lost, lasting = caller.play(world.prompts.short), caller.play(world.prompts.long)
        await world.pass_time(200)
        await broken_for_a_while(world, wire, gap_ms=world.prompts.short_ms + 200)
        assert outcome(await finished(world, lost)) is PlaybackOutcome.PLAYED
        told = [event for event in events_of(world, caller.leg) if is_end(event)]
        assert len(told) == 1
        item = await finished(world, lasting, within_ms=world.prompts.long_ms + SOON_MS)
        assert outcome(item) is PlaybackOutcome.PLAYED
        await release_all(world, [caller.leg])


def is_end(event: TelephonyEvent) -> bool:
    return isinstance(event, PlaybackFinished)


async def test_release_asked_for_in_the_gap_is_done_afterwards(real_world: RealWorld) -> None:
    async with on_a_wire(real_world) as (world, wire):
        caller = await answered(world)
        wire.cut()
        await world.pass_time(GAP_MS)
        caller.release()
        wire.mend()
        await ended(world, caller.leg)


async def test_new_engine_takes_in_who_waits_and_spares_who_talks(real_world: RealWorld) -> None:
    """Then one of the two hangs up, and the other is not left in silence."""
    async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as old:
        waiting = await answered(old)
        caller, agent, device, bridge = await talking(old)
        await old.stop_engine()
        async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as new:
            (taken,) = [item.event for item in new.seen]
            assert isinstance(taken, CallArrived)
            assert taken.caller == waiting.arrived.caller
            assert await together(new, bridge) == 2
            (occupied,) = new.occupancy
            assert occupied == DeviceOccupied(device, OwnCallId(agent))
            await old.hang_up_device(device)
            await release_all(new, [taken.leg])
            await nothing_left(new)
            assert new.occupancy[1:] == [DeviceVacated(device, OwnCallId(agent))]
            assert caller.leg not in {item.event.leg for item in new.seen}


async def test_answering_a_caller_who_is_up_waits_for_the_prompt_of_the_engine_before(
    real_world: RealWorld,
) -> None:
    """Why a caller who is up is not answered by asking Asterisk."""
    async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as old:
        caller = await answered(old)
        caller.play(old.prompts.long)
        await old.pass_time(QUIET_MS)
        await old.stop_engine()
        async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as new:
            (channel,) = [told["channel"] for kind, told in new.notes if kind == "leg_registered"]
            began = new.now()
            assert (await new.telephony.ask(op.answer(channel))).ok
            assert new.now() - began > AT_ONCE_MS
            await release_all(new, [item.event.leg for item in new.seen])
            await nothing_left(new)


async def test_new_engine_is_heard_at_once_by_who_heard_a_prompt_of_the_one_before(
    real_world: RealWorld,
) -> None:
    async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as old:
        caller = await answered(old)
        stale = [caller.play(old.prompts.long), caller.play(old.prompts.long)]
        await old.pass_time(QUIET_MS)
        await old.stop_engine()
        async with RealHarness(
            real_world.stand, real_world.rack, real_world.phones, stale_playbacks=stale
        ) as new:
            (taken,) = [item.event for item in new.seen]
            assert isinstance(taken, CallArrived)
            began = new.now()
            new.perform(AnswerLeg(taken.leg))
            assert (await up(new, taken.leg)).at - began < AT_ONCE_MS
            short = await finished(new, Caller(new, taken).play(new.prompts.short))
            assert outcome(short) is PlaybackOutcome.PLAYED
            assert short.at - began < new.prompts.short_ms + 2 * AT_ONCE_MS
            await release_all(new, [taken.leg])
            await nothing_left(new)


async def test_device_whose_peer_hangs_up_is_vacant_again(real_world: RealWorld) -> None:
    """A device that called us itself and talked to another one: both are told, and both vacated."""
    async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as old:
        device, other = [await old.device(DeviceBehaviour.ANSWERS) for _ in range(2)]
        caller = Caller(old, await old.call_from(device, "10086"))
        old.perform(AnswerLeg(caller.leg))
        await up(old, caller.leg)
        agent = caller.dial(other)
        await up(old, agent)
        await bridged(old, caller.bridge(caller.leg, agent))
        await old.stop_engine()
        async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as new:
            assert {type(news) for news in new.occupancy} == {DeviceOccupied}
            assert {news.device for news in new.occupancy} == {device, other}
            await old.hang_up_caller(caller.leg)
            await nothing_left(new)
            vacated = {news for news in new.occupancy if isinstance(news, DeviceVacated)}
            assert {news.device for news in vacated} == {device, other}
            assert new.seen == []


async def test_replaced_engine_stops_acting(real_world: RealWorld) -> None:
    async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as old:
        waiting = await answered(old)
        async with RealHarness(real_world.stand, real_world.rack, real_world.phones) as new:
            async with asyncio.timeout(SOON_MS / 1000):
                await old.telephony.replaced.wait()
            waiting.release()
            await new.pass_time(QUIET_MS)
            (taken,) = [item.event for item in new.seen]
            assert isinstance(taken, CallArrived)
            assert not old.telephony.connected
            await release_all(new, [taken.leg])
            await nothing_left(new)


async def test_events_of_each_contact_come_in_their_order(real_world: RealWorld) -> None:
    """Several callers press keys at once; each one's keys stand in order, the end behind them."""
    async with on_a_wire(real_world) as (world, _):
        callers = [await answered(world) for _ in range(CALLERS)]
        await asyncio.gather(*(press_all(world, caller) for caller in callers))
        for caller in callers:
            await ended(world, caller.leg)
            assert events_of(world, caller.leg)[:-1] == [
                caller.arrived,
                LegAnswered(caller.leg),
                *(DigitReceived(caller.leg, digit) for digit in DIGITS),
            ]
        assert not any(isinstance(item.event, LegsBridged) for item in world.seen)


async def press_all(world: RealHarness, caller: Caller) -> None:
    await world.press(caller.leg, DIGITS)
    last = DigitReceived(caller.leg, DIGITS[-1])
    await world.wait_for(lambda event: event == last, what=str(last), within_ms=2 * SOON_MS)
    await world.hang_up_caller(caller.leg)
