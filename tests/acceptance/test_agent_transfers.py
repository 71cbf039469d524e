"""Transfers by agents at real phones: keys in a talk, who hears whom, what a failure leads to."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hotline_watch import AUDIO, ask_for, events, seat_phone, until

from simulator.live import hearing
from simulator.live.demo.evidence import longest_silence_ms
from simulator.live.demo.judge import AGENT_TONE_HZ, CALLER_TONE_HZ
from simulator.live.demo.stage import agent_command, typed_command
from simulator.live.hotline import LiveHotline
from simulator.live.phone import (
    Answer,
    Phone,
    PhoneRack,
    PhoneRackError,
    PlacedCall,
    ReceivedCall,
    Reject,
)

pytestmark = pytest.mark.acceptance

CALLER = "13800138000"
EXPERT_TONE_HZ = 2_300
HEARD_MS_MIN = 400
SILENCE_MS_MAX = 2_000
TALK_S = 0.8
LIKENESS_MIN = 0.8
DATA, COMPLAINT = "1#", "3#"
"""Targets of the sample site."""


@dataclass
class Talk:
    """A caller and the agent of the general seats who talks to her."""

    hotline: LiveHotline
    caller: PlacedCall
    agent: ReceivedCall
    agent_phone: Phone
    expert_phone: Phone

    async def leaves_by(self, keys: str) -> None:
        """The agent presses keys that end her part of it."""
        with suppress(PhoneRackError):  # her call may be over before the last key is let go
            await self.agent.press(keys)
        await self.agent.ended()

    async def expert(self) -> ReceivedCall:
        """The expert's call, answered."""
        call = await self.expert_phone.next_call()
        await call.answered()
        return call

    async def joined(self, times: int) -> None:
        """Two parties were joined so often by now, and talk for a moment."""
        await until(lambda: len(events(self.hotline, "LegsBridged")) == times)
        await asyncio.sleep(TALK_S)

    async def record(self) -> dict[str, Any]:
        """The contact's record."""
        await until(self.hotline.records)
        (record,) = self.hotline.records()
        return record

    async def why(self) -> str:
        """What `expertline explain` tells of it."""
        (record,) = self.hotline.records()
        return await typed_command(self.hotline, "explain", str(record["contact"]))


async def talking(hotline: LiveHotline, rack: PhoneRack) -> Talk:
    """1001 talks to a caller, 1003 sits at a data seat."""
    phones = [
        await seat_phone(hotline, rack, device, Answer(after_ms=100, tone_hz=tone_hz))
        for device, tone_hz in (("desk-8001", AGENT_TONE_HZ), ("desk-8003", EXPERT_TONE_HZ))
    ]
    await agent_command(hotline, "sign-in", "1001", "1003")
    caller = await ask_for(hotline, rack, CALLER, "10")
    agent = await phones[0].next_call()
    await agent.answered()
    await caller.tone(CALLER_TONE_HZ)
    talk = Talk(hotline, caller, agent, *phones)
    await talk.joined(1)
    return talk


def heard_ms(call: PlacedCall | ReceivedCall, hz: int) -> int:
    """How long this tone was heard in all."""
    levels = hearing.tone_levels(hearing.read_wav(call.recording), hz)
    return sum(level > hearing.LOUD_DBFS for level in levels) * hearing.WINDOW_MS


def was_told(call: PlacedCall | ReceivedCall, prompt: str) -> bool:
    """Whether this prompt was heard there in full."""
    audio = hearing.read_alaw(AUDIO / "zh-CN" / f"{prompt}.alaw")
    recording = hearing.read_wav(call.recording)
    return hearing.normalised_correlation(recording, audio).score > LIKENESS_MIN


def never_silent(call: PlacedCall) -> bool:
    """Whether there was always something to hear."""
    return longest_silence_ms(hearing.read_wav(call.recording)) < SILENCE_MS_MAX


async def test_agent_asks_in_vain_and_then_leaves_her_caller_to_an_expert(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    talk = await talking(hotline, rack)
    await talk.agent.press(f"*2{COMPLAINT}")
    await talk.joined(2)
    await talk.agent.press(f"*2{DATA}")
    expert = await talk.expert()
    await talk.joined(3)
    await talk.leaves_by("*4")
    await talk.joined(4)
    await talk.caller.hang_up()
    for call in (talk.caller, expert):
        await call.ended()
    record = await talk.record()
    assert (record["outcome"], record["agent"]) == ("served", "main:1003")
    told = [(each["kind"], each["result"]) for each in record["transfers"]]
    assert told == [("consulted", "failed"), ("consulted", "completed")]
    assert was_told(talk.agent, "agent-consult-failed")
    for listener, voice, times in (
        (talk.caller, AGENT_TONE_HZ, 2),
        (talk.agent, CALLER_TONE_HZ, 2),
        (talk.agent, EXPERT_TONE_HZ, 1),
        (expert, AGENT_TONE_HZ, 1),
        (talk.caller, EXPERT_TONE_HZ, 1),
        (expert, CALLER_TONE_HZ, 1),
    ):
        assert heard_ms(listener, voice) >= times * HEARD_MS_MIN, (listener.about, voice)
    assert never_silent(talk.caller)
    why = await talk.why()
    assert "1001 asks for somebody of 10086/complaint" in why
    assert "Not let into 10086/complaint: nobody is there for any of its steps" in why
    assert "1001 asks for somebody of 10086/data" in why
    assert "Rang 1003 (Data expert 1) for step 1 (data >= 3): the only one idle" in why
    assert "she left the caller to 1003 (Data expert 1)" in why


async def test_caller_who_hangs_up_on_hold_ends_the_consultation(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    talk = await talking(hotline, rack)
    await agent_command(hotline, "transfer", "1001", "--to", "1003")
    expert = await talk.expert()
    await talk.joined(2)
    await talk.caller.hang_up()
    for call in (talk.agent, expert):
        await call.ended()
    record = await talk.record()
    assert (record["outcome"], record["agent"]) == ("served", "main:1001")
    why = await talk.why()
    assert "1001 asks for 1003" in why
    assert "Waits for 1003 (Data expert 1), who is asked" in why
    assert "The part of 1003 (Data expert 1) in it was over after" in why
    assert "left the caller to" not in why


async def test_blind_transfer_that_nobody_takes_goes_back_and_becomes_a_work_order(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    talk = await talking(hotline, rack)
    await talk.agent_phone.behave(Reject(486))
    await talk.leaves_by(f"*3{COMPLAINT}")
    await talk.caller.ended(30)
    assert len(talk.agent_phone.calls) == 2  # rung again, and declined
    record = await talk.record()
    assert (record["outcome"], record["reason"]) == ("work_order", "transfer_failed")
    assert was_told(talk.caller, "work-order-made")
    assert never_silent(talk.caller)
    why = await talk.why()
    assert "Not let into 10086/complaint: nobody is there for any of its steps" in why
    assert "Waits for 1001 (General expert 1), to whom it goes back, till" in why
    assert "1001 (General expert 1) became free and is rung: it is first in line for her" in why
    assert "1001 (General expert 1) declined at once" in why
    assert "1001 (General expert 1) is waited for no longer, after" in why
