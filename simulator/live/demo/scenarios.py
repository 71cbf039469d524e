"""The demo's calls: what the caller and the agents do, and what must come of it.

Each is a small script over real phones. What happened is read from the phones alone; only the
contact's outcome is read from the engine's record, and compared with what the script demands.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ivr.call.model import Outcome
from simulator.live.demo.agent_calls import AgentCalls
from simulator.live.demo.judge import AGENT_TONE_HZ, CALLER_TONE_HZ
from simulator.live.hotline import LiveHotline
from simulator.live.phone import (
    Answer,
    Phone,
    PhoneRack,
    PlacedCall,
    ReceivedCall,
    Reject,
)

NUMBER = "10086"
# How long each stage of a call is waited for before it counts as failed: generous for a loaded
# machine, and far below what the whole demo may take.
ANSWER_S_MAX = 10.0
SERVED_S_MAX = 40.0
TALK_S = 2.5
ENDED_S_MAX = 10.0
REFUSED_S_MAX = 60.0
AGENT_ANSWERS_AFTER_MS = 600
WELCOME_S = 4.0
"""From a language's key to well after the longest welcome: a key before its end would cut it."""
GENERAL_KEY = "0"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come of a call."""

    outcome: Outcome
    prompt: str
    """The sound that must have been heard, by its name in the catalogue."""
    talks: bool
    """Whether the two sides must have heard each other."""
    prompt_tail: tuple[str, ...] = ()
    """Set when the prompt is looked for at the end: the sounds that follow it there."""
    first_ms: int | None = None
    """Set when the caller leaves within the prompt: how much of its beginning must be there."""


@dataclass(slots=True)
class Played:
    """What a script leaves behind for the judge."""

    call: PlacedCall
    agent_call: ReceivedCall | None = None
    pressed_at_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the scripts play."""

    hotline: LiveHotline
    rack: PhoneRack
    phones: Mapping[str, Phone]
    agent_calls: AgentCalls
    muted: bool = False
    """The agent's phone sends nothing: for the test that breaks a call on purpose."""

    @property
    def agent_tone_hz(self) -> int | None:
        """What an agent's phone sends."""
        return None if self.muted else AGENT_TONE_HZ

    async def behave(self, behaviour: Answer | Reject) -> None:
        """Let every agent's phone behave so."""
        for phone in self.phones.values():
            await phone.behave(behaviour)

    async def place(self, caller: str) -> PlacedCall:
        """Dial the hotline; the caller's own tone begins only when told."""
        call = await self.rack.place(
            caller, self.hotline.uri_of(NUMBER), tone_hz=CALLER_TONE_HZ, tone_from="command"
        )
        await call.answered(ANSWER_S_MAX)
        return call


Script = Callable[[Stage, str], Awaitable[Played]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One call of the demo."""

    name: str
    story: str
    caller: str
    script: Script
    expected: Expected
    wave: int = 1
    """Scenarios of one wave play at the same time; the next wave begins when all have ended."""


async def _served(stage: Stage, caller: str, *, key: str, caller_ends: bool) -> Played:
    answer = Answer(after_ms=AGENT_ANSWERS_AFTER_MS, tone_hz=stage.agent_tone_hz)
    await stage.behave(answer)
    played = Played(await stage.place(caller))
    await asyncio.sleep(1.0)
    await _choose(played, key)
    agent_call = await stage.agent_calls.of(caller, within_s=SERVED_S_MAX)
    played.agent_call = agent_call
    await agent_call.answered(ANSWER_S_MAX)
    await played.call.tone(CALLER_TONE_HZ)
    await asyncio.sleep(TALK_S)
    await (played.call if caller_ends else agent_call).hang_up()
    await played.call.ended(ENDED_S_MAX)
    await agent_call.ended(ENDED_S_MAX)
    return played


async def _served_in_chinese(stage: Stage, caller: str) -> Played:
    return await _served(stage, caller, key="1", caller_ends=True)


async def _served_in_english(stage: Stage, caller: str) -> Played:
    return await _served(stage, caller, key="2", caller_ends=False)


async def _leaves_in_prompt(stage: Stage, caller: str) -> Played:
    played = Played(await stage.place(caller))
    await asyncio.sleep(2.2)
    await played.call.hang_up()
    await played.call.ended(ENDED_S_MAX)
    return played


async def _agent_rejects(stage: Stage, caller: str) -> Played:
    await stage.behave(Reject(486))
    played = Played(await stage.place(caller))
    await asyncio.sleep(1.0)
    await _choose(played, "1")
    await played.call.ended(REFUSED_S_MAX)
    return played


async def _choose(played: Played, language_key: str) -> None:
    """Choose a language, hear the welcome to its end, and ask for the general seats."""
    played.pressed_at_ns = await played.call.press(language_key)
    await asyncio.sleep(WELCOME_S)
    await played.call.press(GENERAL_KEY)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        "served_in_chinese",
        "chooses Chinese, asks for the general seats, talks to an expert, and hangs up",
        "13800138001",
        _served_in_chinese,
        Expected(Outcome.SERVED, "zh-CN/welcome", talks=True),
    ),
    Scenario(
        "served_in_english",
        "chooses English, asks for the general seats, talks to an expert, who hangs up",
        "13800138002",
        _served_in_english,
        Expected(Outcome.SERVED, "en-US/welcome", talks=True),
    ),
    Scenario(
        "caller_leaves_in_prompt",
        "hangs up while the first prompt plays",
        "13800138003",
        _leaves_in_prompt,
        Expected(Outcome.LEFT_IN_FLOW, "mul/choose-language", talks=False, first_ms=1_500),
    ),
    Scenario(
        "agent_rejects",
        "waits while every expert's phone rejects, and is promised to be called back",
        "13800138004",
        _agent_rejects,
        Expected(
            Outcome.WORK_ORDER,
            "zh-CN/work-order-made",
            talks=False,
            prompt_tail=("zh-CN/goodbye",),
        ),
        wave=2,
    ),
)
