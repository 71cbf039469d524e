"""Agents at real phones: signing in, pausing, own calls, and an engine that is killed meanwhile."""

import asyncio
import json
import signal
import sys
from typing import Any

import pytest
from hotline_watch import ask_for, events, heard, outcomes, seat_phone, until

from ivr.settings import repository_root
from simulator.live.demo.stage import agent_command, typed_command
from simulator.live.hotline import HotlineProblem, LiveHotline
from simulator.live.phone import Answer, Phone, PhoneRack, RingOut

pytestmark = pytest.mark.acceptance

CALLER = "13800138000"


async def _dial(hotline: LiveHotline, rack: PhoneRack, phone: Phone, code: str) -> float:
    """Dial a feature code, hear it out; how alike "signed in" and what was heard are."""
    call = await rack.dial(phone, hotline.uri_of(code))
    await call.ended(15)
    return heard(call, f"zh-CN/{_SAID[code[:3]]}")


_SAID = {
    "*11": "agent-signed-in",
    "*12": "agent-signed-out",
    "*13": "agent-paused",
    "*14": "agent-resumed",
}


async def _agent(hotline: LiveHotline, name: str) -> dict[str, Any]:
    listed = json.loads(await agent_command(hotline, "list", "--format", "json"))
    (one,) = [each for each in listed["agents"] if each["agent"] == name]
    return one


async def test_feature_codes_sign_in_pause_resume_and_sign_out_and_say_so(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    phone = await seat_phone(hotline, rack, "desk-8001")
    seen: list[tuple[str, str | None]] = []
    for code in "*11", "*131", "*14", "*12":
        assert await _dial(hotline, rack, phone, code) > 0.8, code
        agent = await _agent(hotline, "1001")
        seen.append((agent["presence"], agent["reason"]))
    assert [presence for presence, _ in seen] == [
        "available",
        "on_break",
        "available",
        "signed_out",
    ]
    assert seen[1][1]  # the reason behind digit 1, by its name
    assert hotline.records() == []  # a feature code is no contact


async def test_agent_of_free_seating_signs_in_with_her_number(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    phone = await seat_phone(hotline, rack, "desk-8010")
    assert await _dial(hotline, rack, phone, "*111011") > 0.8
    agent = await _agent(hotline, "1011")
    assert (agent["presence"], agent["device"]) == ("available", "desk-8010")


async def test_stranger_on_the_trunk_cannot_dial_a_feature_code(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    await seat_phone(hotline, rack, "desk-8001")
    call = await rack.place(CALLER, hotline.uri_of("*11"))
    end = await call.ended()
    assert end.status == 404
    assert (await _agent(hotline, "1001"))["presence"] == "signed_out"


async def test_paused_agent_is_not_rung_and_the_caller_waits_for_the_other(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    for device in "desk-8001", "desk-8002":
        await seat_phone(hotline, rack, device, Answer(hang_up_after_ms=1_500))
    await agent_command(hotline, "sign-in", "1001", "1002")
    await agent_command(hotline, "pause", "1001", "--reason", "lunch")
    call = await ask_for(hotline, rack, CALLER, "10")
    await call.ended(30)
    await until(lambda: outcomes(hotline) == ["served"])
    assert hotline.records()[0]["agent"] == "main:1002"


async def test_own_call_of_an_agent_blocks_offers_till_it_is_over(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    phone = await seat_phone(hotline, rack, "desk-8001", Answer(hang_up_after_ms=1_500))
    await agent_command(hotline, "sign-in", "1001")
    own = await rack.dial(phone, hotline.uri_of("10086"))
    await own.answered()
    call = await ask_for(hotline, rack, CALLER, "10")
    await until(lambda: events(hotline, "QueueContact"))
    await asyncio.sleep(1.5)
    assert not events(hotline, "OfferMade")
    await own.hang_up()
    await call.ended(30)
    await until(lambda: sorted(map(str, outcomes(hotline))) == ["left_in_flow", "served"])


async def test_engine_killed_at_rest_forgets_neither_agents_nor_a_crisis(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    for device in "desk-8001", "desk-8002":
        await seat_phone(hotline, rack, device, Answer(hang_up_after_ms=1_500))
    await agent_command(hotline, "sign-in", "1001", "1002")
    await agent_command(hotline, "pause", "1002", "--reason", "lunch")
    await typed_command(hotline, "crisis", "start", "10086/complaint")
    before = [await _agent(hotline, name) for name in ("1001", "1002", "1003")]
    await hotline.kill_engine()
    await hotline.start_engine()
    after = [await _agent(hotline, name) for name in ("1001", "1002", "1003")]
    for one, same in zip(before, after, strict=True):
        assert (one["presence"], one["reason"], one["device"]) == (
            same["presence"],
            same["reason"],
            same["device"],
        )
    assert "10086/complaint" in await typed_command(hotline, "crisis", "list")
    call = await ask_for(hotline, rack, CALLER, "10")
    await call.ended(30)
    await until(lambda: outcomes(hotline) == ["served"])
    assert hotline.records()[0]["agent"] == "main:1001"


async def test_engine_killed_in_a_call_leaves_one_record_of_it_and_begins_a_pause_put_off(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    await seat_phone(hotline, rack, "desk-8001", RingOut())
    await agent_command(hotline, "sign-in", "1001")
    call = await ask_for(hotline, rack, CALLER, "10")
    await until(lambda: events(hotline, "DialDevice"))
    await agent_command(hotline, "pause", "1001", "--reason", "lunch", "--after-contact")
    assert (await _agent(hotline, "1001"))["presence"] == "available"
    await hotline.kill_engine()
    await hotline.start_engine()
    await until(lambda: len(outcomes(hotline)) == 1)
    assert hotline.records()[0]["reason"] == "engine_restarted"
    agent = await _agent(hotline, "1001")
    assert (agent["presence"], agent["reason"]) == ("on_break", "lunch")
    await call.hang_up()
    await until(lambda: len(outcomes(hotline)) == 2)  # taken in anew, and left


async def test_refused_command_is_one_sentence(hotline: LiveHotline) -> None:
    with pytest.raises(HotlineProblem, match="1091"):
        await agent_command(hotline, "sign-in", "1091")


async def test_scripted_expert_signs_in_and_serves_a_caller(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    expert = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.live.phone.expert", "desk-8001"),
        *("--server", hotline.sip_address, "--hang-up-after", "1.5"),
        f"--password={hotline.device('desk-8001').password}",
        stdout=asyncio.subprocess.PIPE,
        cwd=repository_root(),
    )
    await until(lambda: events(hotline, "RecordPresence"), seconds=20)
    call = await ask_for(hotline, rack, CALLER, "10")
    await call.ended(30)
    expert.send_signal(signal.SIGINT)
    said, _ = await asyncio.wait_for(expert.communicate(), 20)
    assert expert.returncode == 0
    assert f"rings: <sip:{CALLER}@" in said.decode()
    await until(lambda: outcomes(hotline) == ["served"])
