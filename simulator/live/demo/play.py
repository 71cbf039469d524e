"""Plays the scenarios, each as soon as those it comes after have ended, and judges them."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.live.demo.contacts import channels_by_number, contact_on
from simulator.live.demo.evidence import Judged, Prompts, judge, misordered
from simulator.live.demo.scenarios import Scenario
from simulator.live.demo.stage import POLL_S, Stage, begin_shift
from simulator.live.hotline import LiveHotline
from simulator.live.trace_lines import read_lines

RECORD_S_MAX = 30.0
"""A contact's record is written within this time after its end (design, invariant 13)."""

Told = Callable[[Scenario, Judged], None]


async def play_all(
    scenarios: Sequence[Scenario],
    stage: Stage,
    prompts: Prompts,
    *,
    mute_in: str | None,
    told: Told,
) -> list[Judged]:
    """Sign the experts in and play; ``told`` hears of each scenario as it ends.

    What a scenario waits for may be left out.
    """
    ended = {one.name: asyncio.Event() for one in scenarios}
    await stage.rack.reserve(len(stage.phones) + len(scenarios))
    channels: dict[str, str] = {}
    watching = asyncio.create_task(_watch_channels(stage.hotline, channels))
    waits = _Waits(ended, channels, told)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(begin_shift(stage))
            playing = [
                group.create_task(
                    _in_turn(one, replace(stage, muted=one.name == mute_in), prompts, waits)
                )
                for one in scenarios
            ]
    except BaseExceptionGroup as several:
        # What broke first says why; that the others were ended follows from it.
        raise several.exceptions[0] from several
    finally:
        watching.cancel()
    return misordered(scenarios, [task.result() for task in playing])


@dataclass(frozen=True, slots=True)
class _Waits:
    """What all scenarios look at: who has ended, which channel a number called on, who is told."""

    ended: Mapping[str, asyncio.Event]
    channels: Mapping[str, str]
    told: Told


async def _in_turn(scenario: Scenario, stage: Stage, prompts: Prompts, waits: _Waits) -> Judged:
    if not scenario.before_shift:
        await stage.shift.wait()
    for name in scenario.after & waits.ended.keys():
        await waits.ended[name].wait()
    if stage.muted:
        await stage.behave(stage.answering, stage.phones)
    played = await scenario.script(stage, scenario.caller)
    record = await _record_of(stage.hotline, waits.channels.get(scenario.caller))
    waits.ended[scenario.name].set()  # to judge takes seconds, and nobody has to wait for it
    judged = await asyncio.to_thread(judge, scenario, played, record, prompts)
    waits.told(scenario, judged)
    return judged


async def _watch_channels(hotline: LiveHotline, channels: dict[str, str]) -> None:
    """Note on which channel each number calls; one look for all, for each is a process."""
    while True:
        channels.update(await channels_by_number(hotline.asterisk))
        await asyncio.sleep(POLL_S)


async def _record_of(hotline: LiveHotline, channel: str | None) -> dict[str, object] | None:
    """The contact's record, or None when the engine writes none in time."""
    if channel is None:
        return None
    contact = contact_on(channel, read_lines(hotline.trace_file))
    deadline = time.monotonic() + RECORD_S_MAX
    while contact is not None and time.monotonic() < deadline:
        for record in hotline.records():
            if record.get("contact") == contact:
                return record
        await asyncio.sleep(POLL_S)
    return None
