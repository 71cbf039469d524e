"""Promises about playbacks and digits."""

from telephony_harness import TelephonyHarness
from telephony_steps import (
    AT_ONCE_MS,
    QUIET_MS,
    SOON_MS,
    answered,
    ended,
    events_of,
    finished,
    outcome,
    release_all,
)

from ivr.call.events import (
    CommandFailed,
    DigitReceived,
    LegEnded,
    PlaybackFinished,
)
from ivr.call.model import (
    CommandFailure,
    PlaybackOutcome,
)


async def played_to_the_end(world: TelephonyHarness) -> None:
    """A playback finishes once, as played, after about its length."""
    caller = await answered(world)
    began = world.now()
    playback = caller.play(world.prompts.short)
    item = await finished(world, playback, within_ms=world.prompts.short_ms + SOON_MS)
    assert outcome(item) is PlaybackOutcome.PLAYED
    assert abs(item.at - began - world.prompts.short_ms) <= world.tolerance_ms
    await world.pass_time(QUIET_MS)
    assert len(events_of(world, caller.leg)) == 3
    await release_all(world, [caller.leg])


async def list_is_one_playback(world: TelephonyHarness) -> None:
    """Two prompts in a list take the time of both and finish once."""
    caller = await answered(world)
    began = world.now()
    playback = caller.play(world.prompts.short, world.prompts.short)
    item = await finished(world, playback, within_ms=2 * world.prompts.short_ms + SOON_MS)
    assert outcome(item) is PlaybackOutcome.PLAYED
    assert abs(item.at - began - 2 * world.prompts.short_ms) <= 2 * world.tolerance_ms
    await world.pass_time(QUIET_MS)
    assert len(events_of(world, caller.leg)) == 3
    await release_all(world, [caller.leg])


async def playbacks_queue(world: TelephonyHarness) -> None:
    """A second playback begins when the first is over."""
    caller = await answered(world)
    first = caller.play(world.prompts.short)
    second = caller.play(world.prompts.short)
    first_end = await finished(world, first, within_ms=world.prompts.short_ms + SOON_MS)
    second_end = await finished(world, second, within_ms=world.prompts.short_ms + SOON_MS)
    assert outcome(first_end) is outcome(second_end) is PlaybackOutcome.PLAYED
    assert second_end.at - first_end.at >= world.prompts.short_ms - world.tolerance_ms
    await release_all(world, [caller.leg])


async def stopped_at_once(world: TelephonyHarness) -> None:
    """A stopped playback finishes as stopped, long before its length."""
    caller = await answered(world)
    playback = caller.play(world.prompts.long)
    await world.pass_time(300)
    stopped_at = world.now()
    caller.stop(playback)
    item = await finished(world, playback)
    assert outcome(item) is PlaybackOutcome.STOPPED
    assert item.at - stopped_at <= AT_ONCE_MS
    await release_all(world, [caller.leg])


async def stopped_twice(world: TelephonyHarness) -> None:
    """Stopping what is over already does nothing."""
    caller = await answered(world)
    playback = caller.play(world.prompts.long)
    caller.stop(playback)
    caller.stop(playback)
    assert outcome(await finished(world, playback)) is PlaybackOutcome.STOPPED
    caller.stop(playback)
    await world.pass_time(QUIET_MS)
    assert len(events_of(world, caller.leg)) == 3
    await release_all(world, [caller.leg])


async def stopped_while_queued(world: TelephonyHarness) -> None:
    """A playback stopped before its turn finishes as stopped and is never heard."""
    caller = await answered(world)
    first = caller.play(world.prompts.short)
    second = caller.play(world.prompts.long)
    await world.pass_time(200)
    caller.stop(second)
    first_end = await finished(world, first, within_ms=world.prompts.short_ms + SOON_MS)
    second_end = await finished(world, second, within_ms=AT_ONCE_MS)
    assert outcome(first_end) is PlaybackOutcome.PLAYED
    assert outcome(second_end) is PlaybackOutcome.STOPPED
    await release_all(world, [caller.leg])


async def missing_prompt_fails(world: TelephonyHarness) -> None:
    """A prompt without a file finishes as failed, and the leg plays on."""
    caller = await answered(world)
    missing = caller.play(world.prompts.missing)
    assert outcome(await finished(world, missing)) is PlaybackOutcome.FAILED
    playback = caller.play(world.prompts.short)
    item = await finished(world, playback, within_ms=world.prompts.short_ms + SOON_MS)
    assert outcome(item) is PlaybackOutcome.PLAYED
    await release_all(world, [caller.leg])


async def missing_prompt_in_a_list_is_passed_over(world: TelephonyHarness) -> None:
    """A list goes on after a prompt without a file, and ends as its last prompt does.

    So a gap inside a list shows in no event: who owns the prompts must check them beforehand.
    """
    caller, prompts = await answered(world), world.prompts
    began = world.now()
    gap = caller.play(prompts.short, prompts.missing, prompts.short)
    item = await finished(world, gap, within_ms=2 * prompts.short_ms + SOON_MS)
    assert outcome(item) is PlaybackOutcome.PLAYED
    assert abs(item.at - began - 2 * prompts.short_ms) <= 2 * world.tolerance_ms
    began = world.now()
    cut_short = caller.play(prompts.short, prompts.missing)
    item = await finished(world, cut_short, within_ms=prompts.short_ms + SOON_MS)
    assert outcome(item) is PlaybackOutcome.FAILED
    assert abs(item.at - began - prompts.short_ms) <= world.tolerance_ms
    await release_all(world, [caller.leg])


async def hang_up_fails_all_playbacks_in_order(world: TelephonyHarness) -> None:
    """The sounding playback fails, then the queued one, then the leg ends."""
    caller = await answered(world)
    first = caller.play(world.prompts.long)
    second = caller.play(world.prompts.short)
    await world.pass_time(300)
    await world.hang_up_caller(caller.leg)
    end = await ended(world, caller.leg)
    await world.pass_time(QUIET_MS)
    failed = PlaybackOutcome.FAILED
    assert events_of(world, caller.leg)[2:] == [
        PlaybackFinished(caller.leg, first, failed),
        PlaybackFinished(caller.leg, second, failed),
        end,
    ]


async def release_fails_a_playback_first(world: TelephonyHarness) -> None:
    """Releasing a leg that plays finishes the playback before the leg ends, both once."""
    caller = await answered(world)
    playback = caller.play(world.prompts.long)
    caller.release()
    end = await ended(world, caller.leg)
    await world.pass_time(QUIET_MS)
    told = events_of(world, caller.leg)[2:]
    assert [type(event) for event in told] == [PlaybackFinished, LegEnded]
    assert told == [PlaybackFinished(caller.leg, playback, PlaybackOutcome.FAILED), end]


async def playback_asked_for_as_the_leg_ends(world: TelephonyHarness) -> None:
    """A playback asked for before we know of the hang-up fails before the leg's end."""
    caller = await answered(world)
    await world.hang_up_caller(caller.leg)
    playback = caller.play(world.prompts.long)
    end = await ended(world, caller.leg)
    await world.pass_time(QUIET_MS)
    told = events_of(world, caller.leg)[2:]
    after_the_end = [CommandFailed(caller.leg, "PlayPrompts", CommandFailure.GONE)]
    if told[0] == end:  # The hang-up was quicker than we were.
        assert told[1:] == after_the_end
    else:
        assert told == [PlaybackFinished(caller.leg, playback, PlaybackOutcome.FAILED), end]


async def digits_cut_a_prompt(world: TelephonyHarness) -> None:
    """Keys arrive in order while a prompt sounds; the prompt is then stopped (barge-in)."""
    caller = await answered(world)
    playback = caller.play(world.prompts.long)
    await world.pass_time(300)
    await world.press(caller.leg, "1")
    await world.press(caller.leg, "#")
    await world.wait_for(
        lambda event: event == DigitReceived(caller.leg, "#"), what="digit #", within_ms=SOON_MS
    )
    caller.stop(playback)
    assert outcome(await finished(world, playback)) is PlaybackOutcome.STOPPED
    assert events_of(world, caller.leg)[2:4] == [
        DigitReceived(caller.leg, "1"),
        DigitReceived(caller.leg, "#"),
    ]
    await release_all(world, [caller.leg])
