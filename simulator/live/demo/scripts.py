"""What the demo's callers and experts do, each a small script over real phones.

What happened is read from the phones alone; only a contact's outcome, agent and waiting time are
read from the engine's record, and compared with what the scenario demands.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from simulator.live.demo.judge import AGENT_TONE_HZ, ASKING_TONE_HZ, CALLER_TONE_HZ
from simulator.live.demo.stage import ANSWER_S_MAX, SEATS, Stage
from simulator.live.phone import PhoneRackError, PlacedCall, ReceivedCall, Reject, RingOut

# How long each stage of a call is waited for before it counts as failed: generous for a loaded
# machine, and far below what the whole demo may take.
SERVED_S_MAX = 60.0
ENDED_S_MAX = 10.0
PROMISED_S_MAX = 90.0
TALK_S = 2.5
LISTENS_S = 1.0
"""How long a caller listens to the first menu before the language's key."""
WELCOME_S = 4.0
"""From a language's key to well after the longest welcome: a key before its end would cut it."""
BETWEEN_KEYS_S = 0.4
MENU_ASKS_AGAIN = 2
"""How often the sample's menus ask again after a wrong key."""
NOMATCH_S = 5.0
"""Long enough to hear once, unbroken, what is said of a wrong key."""
GENERAL_SEATS = ("1001", "1002", "1011")
TERMINAL_EXPERT = "1004"
ASK_TERMINAL, ASK_ABSENT, COMPLETE = "*22#", "*21010#", "*4"
"""What an agent presses to ask an expert, somebody who did not come to work today, and to leave
her caller to whom she asked (dialplans/site.yaml)."""
BACK_S = 7.5
"""An agent who asked in vain is told so and is back with her caller well within this time."""


@dataclass(slots=True)
class Played:
    """What a script leaves behind for the judge."""

    call: PlacedCall
    agent_call: ReceivedCall | None = None
    asking_call: ReceivedCall | None = None
    """The call of an agent who left her caller to another."""
    pressed_at_ns: int | None = None
    """When the key was out after which the expected prompt must be heard."""


Script = Callable[[Stage, str], Awaitable[Played]]


def served(
    language: str, matter: str, *, talk_s: float = TALK_S, caller_ends: bool, hears_welcome: bool
) -> Script:
    """A caller who names a language and a matter, waits as long as it takes, and talks."""

    async def script(stage: Stage, caller: str) -> Played:
        played = Played(await stage.place(caller))
        await asyncio.sleep(LISTENS_S)
        played.pressed_at_ns = await played.call.press(language)
        await asyncio.sleep(WELCOME_S if hears_welcome else BETWEEN_KEYS_S)
        pressed = await played.call.press(matter)
        if not hears_welcome:
            played.pressed_at_ns = pressed
        return await _talk(stage, caller, played, talk_s=talk_s, caller_ends=caller_ends)

    return script


def delayed(seconds: float, script: Script) -> Script:
    """The same, but dialling so much later."""

    async def later(stage: Stage, caller: str) -> Played:
        await asyncio.sleep(seconds)
        return await script(stage, caller)

    return later


async def leaves_in_prompt(stage: Stage, caller: str) -> Played:
    """Hangs up while the first prompt plays."""
    played = Played(await stage.place(caller))
    await asyncio.sleep(2.2)
    return await _hang_up(played)


def abandons(language: str, matter: str, *, after_s: float) -> Script:
    """Waits with music for a while and hangs up."""

    async def script(stage: Stage, caller: str) -> Played:
        played = Played(await stage.place(caller))
        await _choose(played, language, matter)
        await asyncio.sleep(after_s)
        return await _hang_up(played)

    return script


async def expert_rings_out(stage: Stage, caller: str) -> Played:
    """The first data expert lets her phone ring; the second one answers."""
    await stage.behave(RingOut(), ["1003"])
    played = Played(await stage.place(caller))
    await _choose(played, "1", "1")
    # The first call at an expert's phone is the one nobody answers.
    unanswered = await stage.agent_calls.of(caller, within_s=SERVED_S_MAX)
    await unanswered.ended(SERVED_S_MAX)
    return await _talk(stage, caller, played, talk_s=TALK_S, caller_ends=True)


async def presses_wrong_keys(stage: Stage, caller: str) -> Played:
    """Presses keys that stand for nothing, in both menus, until these give up asking."""
    played = Played(await stage.place(caller))
    await asyncio.sleep(LISTENS_S)
    await _press_each(played, "9" * (MENU_ASKS_AGAIN + 1))
    played.pressed_at_ns = await played.call.press("8")
    await asyncio.sleep(NOMATCH_S)
    await _press_each(played, "8" * MENU_ASKS_AGAIN)
    return await _talk(stage, caller, played, talk_s=TALK_S, caller_ends=True)


async def presses_nothing(stage: Stage, caller: str) -> Played:
    """Listens and never presses a key, and is promised to be called back at the end."""
    played = Played(await stage.place(caller))
    await played.call.ended(PROMISED_S_MAX)
    return played


def promised(language: str, matter: str) -> Script:
    """A caller whom nobody can take, and who is told so to the end."""

    async def script(stage: Stage, caller: str) -> Played:
        played = Played(await stage.place(caller))
        await _choose(played, language, matter)
        await played.call.ended(PROMISED_S_MAX)
        return played

    return script


async def refused_by_experts(stage: Stage, caller: str) -> Played:
    """Every expert of the general seats rejects the call at her phone."""
    await stage.behave(Reject(486), GENERAL_SEATS)
    return await promised("1", "0")(stage, caller)


async def nobody_there(stage: Stage, caller: str) -> Played:
    """The last expert has gone home."""
    await stage.command("sign-out", *SEATS)
    return await promised("2", "2")(stage, caller)


async def consults_and_completes(stage: Stage, caller: str) -> Played:
    """The terminal expert comes late; a general seat asks her, and leaves the caller to her.

    Whoever asks for a terminal expert as the shift begins has been told by then that there is none.
    """
    played, first = await _served_at_a_general_seat(stage, caller)
    await asyncio.sleep(TALK_S)
    await stage.command("sign-in", TERMINAL_EXPERT)
    await first.press(ASK_TERMINAL)
    expert = await stage.agent_calls.of(caller, within_s=SERVED_S_MAX)
    await expert.answered(ANSWER_S_MAX)
    await asyncio.sleep(TALK_S)
    with suppress(PhoneRackError):  # her call may be over before the last key is let go
        await first.press(COMPLETE)
    await first.ended(ENDED_S_MAX)
    played.asking_call, played.agent_call = first, expert
    await asyncio.sleep(TALK_S)
    return await _part(played, expert)


async def consults_in_vain(stage: Stage, caller: str) -> Played:
    """The agent asks for somebody by name who is not there, and talks to her caller again."""
    played, first = await _served_at_a_general_seat(stage, caller)
    played.agent_call = first
    await asyncio.sleep(TALK_S)
    await first.press(ASK_ABSENT)
    await asyncio.sleep(BACK_S)
    await _speak(stage, first, AGENT_TONE_HZ)  # only now: so it is heard that she is back
    await asyncio.sleep(TALK_S)
    return await _part(played, first)


async def _served_at_a_general_seat(stage: Stage, caller: str) -> tuple[Played, ReceivedCall]:
    played = Played(await stage.place(caller))
    await _choose(played, "1", "0")
    first = await stage.agent_calls.of(caller, within_s=SERVED_S_MAX)
    await first.answered(ANSWER_S_MAX)
    await _speak(stage, first, ASKING_TONE_HZ)
    await played.call.tone(CALLER_TONE_HZ)
    return played, first


async def _speak(stage: Stage, agent_call: ReceivedCall, hz: int) -> None:
    await agent_call.tone(None if stage.muted else hz)


async def _part(played: Played, agent_call: ReceivedCall) -> Played:
    await played.call.hang_up()
    await played.call.ended(ENDED_S_MAX)
    await agent_call.ended(ENDED_S_MAX)
    return played


async def _press_each(played: Played, keys: str) -> None:
    for key in keys:
        await played.call.press(key)
        await asyncio.sleep(BETWEEN_KEYS_S)


async def _choose(played: Played, language: str, matter: str) -> None:
    """Choose a language and a matter without hearing either prompt out."""
    await asyncio.sleep(LISTENS_S)
    await played.call.press(language)
    await asyncio.sleep(BETWEEN_KEYS_S)
    played.pressed_at_ns = await played.call.press(matter)


async def _talk(
    stage: Stage, caller: str, played: Played, *, talk_s: float, caller_ends: bool
) -> Played:
    agent_call = await stage.agent_calls.of(caller, within_s=SERVED_S_MAX)
    played.agent_call = agent_call
    await agent_call.answered(ANSWER_S_MAX)
    await played.call.tone(CALLER_TONE_HZ)
    await asyncio.sleep(talk_s)
    await (played.call if caller_ends else agent_call).hang_up()
    await played.call.ended(ENDED_S_MAX)
    await agent_call.ended(ENDED_S_MAX)
    return played


async def _hang_up(played: Played) -> Played:
    await played.call.hang_up()
    await played.call.ended(ENDED_S_MAX)
    return played
