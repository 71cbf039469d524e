"""Promises about transfers by agents: her keys, and three parties in two bridges."""

from dataclasses import dataclass

from telephony_harness import DeviceBehaviour, Sound, TelephonyHarness
from telephony_steps import (
    QUIET_MS,
    SOON_MS,
    Caller,
    answered,
    bridged,
    ended,
    events_of,
    finished,
    outcome,
    release_all,
    up,
)

from ivr.call.effects import DestroyBridge, StartHoldMusic, StopHoldMusic
from ivr.call.events import CommandFailed, DigitReceived
from ivr.call.model import BridgeId, LegId, PlaybackOutcome
from router.model import DeviceId, Millis

LISTEN_MS: Millis = 600
"""How long everybody stays as they are, so that it can be heard who hears whom."""


@dataclass(slots=True)
class Parties:
    """A caller with the agent who talks to her, and the expert who is asked."""

    world: TelephonyHarness
    caller: Caller
    device: DeviceId
    agent: LegId
    bridge: BridgeId
    expert_device: DeviceId | None = None
    expert: LegId | None = None

    async def hold(self) -> None:
        """The caller waits with music, and so does the agent."""
        self.world.perform(DestroyBridge(self.bridge, self.caller.leg))
        self.world.perform(StartHoldMusic(self.caller.leg))
        self.world.perform(StartHoldMusic(self.agent))

    async def ask(self) -> LegId:
        """An expert answers and talks to the agent, and the caller waits on."""
        self.expert_device = await self.world.device(DeviceBehaviour.ANSWERS)
        expert = self.expert = self.caller.dial(self.expert_device)
        await up(self.world, expert)
        self.world.perform(StopHoldMusic(self.agent))
        await self.together(self.agent, expert)
        await self.world.talk(expert)
        return expert

    async def together(self, one: LegId, other: LegId) -> None:
        """These two hear each other."""
        self.bridge = self.caller.bridge(one, other)
        await bridged(self.world, self.bridge)

    async def back(self, one: LegId, other: LegId) -> None:
        """The caller's wait is over: out of the consultation these two go together."""
        self.world.perform(DestroyBridge(self.bridge, self.caller.leg))
        self.world.perform(StopHoldMusic(self.caller.leg))
        await self.together(one, other)

    async def part(self, *legs: LegId) -> None:
        """The talk is over, and these legs with it."""
        self.world.perform(DestroyBridge(self.bridge, self.caller.leg))
        await release_all(self.world, legs)


async def talking(world: TelephonyHarness) -> Parties:
    """A caller and an agent talk."""
    caller = await answered(world)
    device = await world.device(DeviceBehaviour.ANSWERS)
    agent = caller.dial(device)
    await up(world, agent)
    bridge = caller.bridge(caller.leg, agent)
    await bridged(world, bridge)
    await world.talk(caller.leg)
    await world.talk(agent)
    return Parties(world, caller, device, agent, bridge)


async def consulting(world: TelephonyHarness) -> Parties:
    """The agent talks to an expert while the caller waits with music."""
    parties = await talking(world)
    await parties.hold()
    await parties.ask()
    return parties


async def listen(world: TelephonyHarness) -> Millis:
    """Let them talk for a while; a moment in the midst of it."""
    await world.pass_time(LISTEN_MS)
    return world.now() - LISTEN_MS // 2


async def pressed(world: TelephonyHarness, leg: LegId, keys: str) -> None:
    """All the keys of this leg so far are these, in order; the last one is awaited."""

    def told() -> str:
        news = events_of(world, leg)
        return "".join(each.digit for each in news if isinstance(each, DigitReceived))

    await world.wait_for(
        lambda event: isinstance(event, DigitReceived) and event.leg == leg and told() == keys,
        what=f"the keys {keys} of {leg}",
        within_ms=SOON_MS,
    )


async def keys_of_an_agent_arrive_in_a_talk(world: TelephonyHarness) -> None:
    """What she presses while she is in a bridge is told of her leg, the caller's of his."""
    parties = await talking(world)
    await world.press_at(parties.device, "*21#")
    await pressed(world, parties.agent, "*21#")
    await world.press(parties.caller.leg, "5")
    await pressed(world, parties.caller.leg, "5")
    assert not any(isinstance(item.event, CommandFailed) for item in world.seen)
    await parties.part(parties.caller.leg, parties.agent)


async def keys_of_an_agent_arrive_while_she_hears_music_or_a_prompt(
    world: TelephonyHarness,
) -> None:
    """She can take back what she asked for while an expert is looked for."""
    parties = await talking(world)
    await parties.hold()
    await world.pass_time(QUIET_MS)
    await world.press_at(parties.device, "*1")
    await pressed(world, parties.agent, "*1")
    playback = parties.caller.play(world.prompts.long, leg=parties.agent)
    await world.pass_time(QUIET_MS)
    await world.press_at(parties.device, "2#")
    await pressed(world, parties.agent, "*12#")
    item = await finished(world, playback, within_ms=world.prompts.long_ms + SOON_MS)
    assert outcome(item) is PlaybackOutcome.PLAYED
    await parties.part(parties.caller.leg, parties.agent)


async def caller_hears_music_while_agent_and_expert_talk(world: TelephonyHarness) -> None:
    """Neither hears the other pair; the keys of the agent arrive in this talk too."""
    parties = await talking(world)
    caller, agent = parties.caller.leg, parties.agent
    moments = [await listen(world)]
    await parties.hold()
    moments.append(await listen(world))
    expert = await parties.ask()
    moments.append(await listen(world))
    await world.press_at(parties.device, "*4")
    await pressed(world, agent, "*4")
    await parties.part(caller, agent, expert)
    assert await world.heard(caller, *moments) == [Sound.NOTHING, Sound.MUSIC, Sound.MUSIC]
    assert await world.voices(caller, *moments) == [{agent}, set(), set()]
    assert await world.heard(agent, *moments) == [Sound.NOTHING, Sound.MUSIC, Sound.NOTHING]
    assert await world.voices(agent, *moments) == [{caller}, set(), {expert}]
    assert await world.voices(expert, moments[-1]) == [{agent}]


async def caller_and_expert_are_put_together(world: TelephonyHarness) -> None:
    """The agent who asked is released, and the others hear each other and no music."""
    parties = await consulting(world)
    caller, agent, expert = parties.caller.leg, parties.agent, parties.expert
    assert expert is not None
    await parties.back(caller, expert)
    parties.caller.release(agent)
    await ended(world, agent)
    moment = await listen(world)
    await parties.part(caller, expert)
    assert await world.heard(caller, moment) == [Sound.NOTHING]
    assert await world.voices(caller, moment) == [{expert}]
    assert await world.voices(expert, moment) == [{caller}]
    assert not any(isinstance(item.event, CommandFailed) for item in world.seen)


async def agent_goes_back_to_the_caller(world: TelephonyHarness) -> None:
    """The expert is released, and caller and agent talk again, as often as it is done."""
    parties = await consulting(world)
    caller, agent, expert = parties.caller.leg, parties.agent, parties.expert
    assert expert is not None
    parties.caller.release(expert)
    await parties.back(caller, agent)
    moments = [await listen(world)]
    await parties.hold()
    moments.append(await listen(world))
    world.perform(StopHoldMusic(agent))
    world.perform(StopHoldMusic(caller))
    await parties.together(caller, agent)
    moments.append(await listen(world))
    await parties.part(caller, agent)
    assert await world.heard(caller, *moments) == [Sound.NOTHING, Sound.MUSIC, Sound.NOTHING]
    assert await world.voices(caller, *moments) == [{agent}, set(), {agent}]
    assert await world.voices(agent, *moments) == [{caller}, set(), {caller}]
    assert not any(isinstance(item.event, CommandFailed) for item in world.seen)


async def agent_hangs_up_in_the_consultation(world: TelephonyHarness) -> None:
    """Only her leg ends; the two others can be put together at once."""
    parties = await consulting(world)
    caller, expert = parties.caller.leg, parties.expert
    assert expert is not None
    await world.hang_up_device(parties.device)
    await ended(world, parties.agent)
    await parties.back(caller, expert)
    moment = await listen(world)
    await parties.part(caller, expert)
    assert await world.voices(caller, moment) == [{expert}]
    assert await world.voices(expert, moment) == [{caller}]


async def expert_hangs_up_in_the_consultation(world: TelephonyHarness) -> None:
    """Only the expert's leg ends; caller and agent can be put together at once."""
    parties = await consulting(world)
    caller, expert = parties.caller.leg, parties.expert
    assert parties.expert_device is not None
    assert expert is not None
    await world.hang_up_device(parties.expert_device)
    await ended(world, expert)
    await parties.back(caller, parties.agent)
    moment = await listen(world)
    await parties.part(caller, parties.agent)
    assert await world.voices(caller, moment) == [{parties.agent}]
    assert await world.voices(parties.agent, moment) == [{caller}]


async def caller_hangs_up_on_hold(world: TelephonyHarness) -> None:
    """Only his leg ends; agent and expert talk on till they are released."""
    parties = await consulting(world)
    agent, expert = parties.agent, parties.expert
    assert expert is not None
    await world.hang_up_caller(parties.caller.leg)
    await ended(world, parties.caller.leg)
    moment = await listen(world)
    await parties.part(agent, expert)
    assert await world.voices(agent, moment) == [{expert}]
    assert await world.voices(expert, moment) == [{agent}]


async def agent_hangs_up_while_the_expert_rings(world: TelephonyHarness) -> None:
    """The ringing goes on, the caller hears music, and talks to whoever answers."""
    parties = await talking(world)
    caller = parties.caller.leg
    await parties.hold()
    expert = parties.caller.dial(await world.device(DeviceBehaviour.ANSWERS))
    await world.hang_up_device(parties.device)
    await ended(world, parties.agent)
    await up(world, expert)
    moments = [await listen(world)]
    await world.talk(expert)
    world.perform(StopHoldMusic(caller))
    await parties.together(caller, expert)
    moments.append(await listen(world))
    await parties.part(caller, expert)
    assert await world.heard(caller, *moments) == [Sound.MUSIC, Sound.NOTHING]
    assert await world.voices(caller, *moments) == [set(), {expert}]


async def ringing_expert_is_released_and_the_talk_goes_on(world: TelephonyHarness) -> None:
    """Taken back while the expert rings: her phone falls silent, and the two talk again."""
    parties = await talking(world)
    caller, agent = parties.caller.leg, parties.agent
    await parties.hold()
    expert = parties.caller.dial(await world.device(DeviceBehaviour.RINGS_OUT))
    await world.pass_time(QUIET_MS)
    parties.caller.release(expert)
    world.perform(StopHoldMusic(agent))
    world.perform(StopHoldMusic(caller))
    await parties.together(caller, agent)
    await ended(world, expert)
    moment = await listen(world)
    await parties.part(caller, agent)
    assert await world.voices(caller, moment) == [{agent}]
    assert await world.voices(agent, moment) == [{caller}]
