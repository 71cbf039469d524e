"""Promises about who waits: hold music, and what is said into it."""

from telephony_harness import Sound, TelephonyHarness
from telephony_steps import (
    SOON_MS,
    Caller,
    answered,
    bridged,
    finished,
    outcome,
    release_all,
)

from ivr.call.effects import DestroyBridge, StartHoldMusic, StopHoldMusic
from ivr.call.model import PlaybackOutcome
from router.model import Millis

MUSIC_MS: Millis = 800
"""How long the music plays alone, before and between announcements."""


async def hold(world: TelephonyHarness) -> Millis:
    """Let the music play for a while; a moment in the midst of it."""
    await world.pass_time(MUSIC_MS)
    return world.now() - MUSIC_MS // 2


async def announce(world: TelephonyHarness, caller: Caller) -> Millis:
    """Say something into the music, and let the music go on; a moment in the midst of it."""
    world.perform(StopHoldMusic(caller.leg))
    playback = caller.play(world.prompts.short)
    item = await finished(world, playback, within_ms=world.prompts.short_ms + SOON_MS)
    world.perform(StartHoldMusic(caller.leg))
    assert outcome(item) is PlaybackOutcome.PLAYED
    return item.at - world.prompts.short_ms // 2


async def announcement_between_hold_music_is_heard(world: TelephonyHarness) -> None:
    """Music, an announcement, music, another one, music: each is heard, and nothing else."""
    caller = await answered(world)
    world.perform(StartHoldMusic(caller.leg))
    moments = [await hold(world)]
    for _ in range(2):
        moments += [await announce(world, caller), await hold(world)]
    await release_all(world, [caller.leg])
    assert await world.heard(caller.leg, *moments) == [
        Sound.MUSIC,
        Sound.PROMPT,
        Sound.MUSIC,
        Sound.PROMPT,
        Sound.MUSIC,
    ]


async def prompt_over_hold_music_ends_it(world: TelephonyHarness) -> None:
    """A prompt is heard alone, and the music comes back only when it is asked for again.

    Measured on 22.10.1: after a prompt over hold music the caller hears nothing at all.
    """
    caller = await answered(world)
    world.perform(StartHoldMusic(caller.leg))
    moments = [await hold(world)]
    playback = caller.play(world.prompts.short)
    item = await finished(world, playback, within_ms=world.prompts.short_ms + SOON_MS)
    moments += [item.at - world.prompts.short_ms // 2, await hold(world)]
    world.perform(StartHoldMusic(caller.leg))
    moments.append(await hold(world))
    await release_all(world, [caller.leg])
    expected = [Sound.MUSIC, Sound.PROMPT, Sound.NOTHING, Sound.MUSIC]
    assert await world.heard(caller.leg, *moments) == expected


async def hold_music_asked_for_behind_a_prompt_follows_it(world: TelephonyHarness) -> None:
    """Music asked for while a prompt sounds begins at its end, cut short or not."""
    caller = await answered(world)
    caller.play(world.prompts.short)
    world.perform(StartHoldMusic(caller.leg))
    await world.pass_time(world.prompts.short_ms // 2)
    moments = [world.now()]
    await world.pass_time(world.prompts.short_ms // 2 + world.tolerance_ms)
    moments.append(await hold(world))
    world.perform(StopHoldMusic(caller.leg))
    playback = caller.play(world.prompts.long)
    world.perform(StartHoldMusic(caller.leg))
    await world.pass_time(world.tolerance_ms)
    moments.append(await hold(world))
    caller.stop(playback)
    await finished(world, playback)
    moments.append(await hold(world))
    await release_all(world, [caller.leg])
    expected = [Sound.PROMPT, Sound.MUSIC] * 2
    assert await world.heard(caller.leg, *moments) == expected


async def bridge_ends_hold_music(world: TelephonyHarness) -> None:
    """In a bridge there is no music, and it does not come back when the bridge is gone."""
    caller, other = await answered(world), await answered(world)
    world.perform(StartHoldMusic(caller.leg))
    moments = [await hold(world)]
    bridge = caller.bridge(caller.leg, other.leg)
    await bridged(world, bridge)
    moments.append(await hold(world))
    world.perform(DestroyBridge(bridge, caller.leg))
    moments.append(await hold(world))
    world.perform(StartHoldMusic(caller.leg))
    moments.append(await hold(world))
    await release_all(world, [caller.leg, other.leg])
    expected = [Sound.MUSIC, Sound.NOTHING, Sound.NOTHING, Sound.MUSIC]
    assert await world.heard(caller.leg, *moments) == expected
