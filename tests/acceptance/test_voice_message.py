"""Voice messages on the real Asterisk, from a real phone's voice to the exported file."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hotline_watch import events, outcomes, until

from ivr.adapters.voice_files import SPOOL
from simulator.live import hearing
from simulator.live.hotline import LiveHotline
from simulator.live.phone import PhoneRack, PlacedCall
from simulator.live.witness import NOTHING, count_by_console

pytestmark = pytest.mark.acceptance

CALLER = "13800138000"
VOICE_HZ, OTHER_HZ = 600, 1_000
"""The caller's tone, and the beep's, which must not be on the recording."""

SITE = """\
tenant: main
skills: [general]
devices: {desk-8001: {label: Seat}}
agents: {"1001": {name: Expert, skills: {general: 1}, device: desk-8001}}
"""

HOTLINE = """\
hotline: "10086"
numbers: ["10086"]
languages: [zh-CN, en-US]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: voice
    nodes:
      voice:
        record: {prompt: welcome, topic: complaint, max: 30s, silence: 3s}
        next: thanks
        on: {empty: nothing, failed: broken}
      thanks:
        menu:
          prompt: goodbye
          choices: {"#": taken, "1": left}
          noinput: {after: 1s, times: 0, then: left}
          nomatch: {times: 0, then: left}
      left: {hangup: {reason: message_left}}
      taken: {hangup: {reason: key_was_taken_twice}}
      nothing: {hangup: {reason: silent}}
      broken: {hangup: {reason: broken}}
"""


@pytest.fixture
async def hotline(tmp_path: Path) -> AsyncIterator[LiveHotline]:
    """A hotline that takes messages; nothing of its telephony may be left afterwards."""
    site = tmp_path / "site"
    (site / "10086").mkdir(parents=True)
    (site / "site.yaml").write_text(SITE)
    (site / "10086" / "hotline.yaml").write_text(HOTLINE)
    async with LiveHotline(tmp_path / "data", site=site) as up:
        yield up
        for _ in range(50):
            if await count_by_console(up.asterisk) == NOTHING:
                break
            await asyncio.sleep(0.1)
        assert await count_by_console(up.asterisk) == NOTHING


async def messages(hotline: LiveHotline, *words: str) -> str:
    """`expertline messages` as its user runs it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli", "messages", *words),
        *("--data-dir", str(hotline.data_dir)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 30)
    assert (process.returncode, err) == (0, b""), err
    return out.decode()


async def listed(hotline: LiveHotline) -> list[dict[str, object]]:
    """The messages, latest first."""
    return json.loads(await messages(hotline, "list", "--format", "json"))["messages"]


def spooled(hotline: LiveHotline) -> list[Path]:
    """What lies where Asterisk writes."""
    return list((hotline.asterisk.settings.run_dir / SPOOL).iterdir())


async def at_the_beep(hotline: LiveHotline, rack: PhoneRack) -> PlacedCall:
    """A caller who skips the prompt, and hears the beep out."""
    recorded = len(events(hotline, "StartRecording"))
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered()
    await asyncio.sleep(0.3)
    await call.press("5")
    await until(lambda: len(events(hotline, "StartRecording")) > recorded)
    await asyncio.sleep(0.7)
    return call


async def test_messages_are_kept_as_they_were_spoken(
    hotline: LiveHotline, rack: PhoneRack, tmp_path: Path
) -> None:
    # The first speaks for three seconds and ends it by the key.
    call = await at_the_beep(hotline, rack)
    await call.tone(VOICE_HZ)
    await asyncio.sleep(3)
    await call.tone(None)
    await call.press("#")
    await call.ended(timeout_s=20)
    await until(lambda: outcomes(hotline) == ["voice_message"])
    assert hotline.records()[0]["reason"] == "message_left"
    (first,) = await listed(hotline)
    assert first["state"] == "kept"
    assert first["topic"] == "complaint"
    assert first["customer"] == "138****8000"
    assert hotline.records()[0]["voice_messages"] == [first["message"]]
    to = tmp_path / "first.wav"
    await messages(hotline, "export", str(first["message"]), "--to", str(to))
    sound = hearing.read_wav(to)
    assert hearing.heard_tone(sound, VOICE_HZ, other_hz=OTHER_HZ, min_ms=2_700)
    assert 2_700 <= int(str(first["speech_ms"])) <= 3_300

    # The second hangs up in the midst of it.
    call = await at_the_beep(hotline, rack)
    await call.tone(VOICE_HZ)
    await asyncio.sleep(2)
    await call.hang_up()
    await until(lambda: outcomes(hotline) == ["voice_message"] * 2)
    assert hotline.records()[0]["reason"] == "caller_hung_up"
    second = (await listed(hotline))[0]
    to = tmp_path / "second.wav"
    await messages(hotline, "export", str(second["message"]), "--to", str(to))
    assert hearing.heard_tone(hearing.read_wav(to), VOICE_HZ, other_hz=OTHER_HZ, min_ms=1_700)

    # The third says nothing.
    call = await at_the_beep(hotline, rack)
    await call.ended(timeout_s=20)
    await until(lambda: len(outcomes(hotline)) == 3)
    assert (hotline.records()[0]["outcome"], hotline.records()[0]["reason"]) == (
        "flow_ended",
        "silent",
    )
    assert len(await listed(hotline)) == 2
    assert spooled(hotline) == []

    assert "deleted" in await messages(hotline, "delete", str(first["message"]))
    assert [each["message"] for each in await listed(hotline)] == [second["message"]]
    kept = hotline.data_dir / "messages"
    assert [path.stem for path in kept.iterdir()] == [second["message"]]


async def test_engine_killed_while_it_records_takes_the_caller_in_at_once(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    call = await at_the_beep(hotline, rack)
    await call.tone(VOICE_HZ)
    await asyncio.sleep(1)
    await hotline.kill_engine()
    asked = len(events(hotline, "PlayPrompts"))
    await hotline.start_engine()
    await until(lambda: len(events(hotline, "PlayPrompts")) > asked, seconds=5)
    # The caller goes on speaking; behind the old recording nothing would be heard for 30 s.
    finished = len(events(hotline, "PlaybackFinished"))
    await call.press("5")
    await until(lambda: len(events(hotline, "PlaybackFinished")) > finished, seconds=5)
    await call.hang_up()
    await until(lambda: len(outcomes(hotline)) == 2)
    assert "platform_failure" in outcomes(hotline)
