"""What a waiting caller hears on the real Asterisk: music, its place in the queue, music again."""

import asyncio
import shutil
from pathlib import Path

import pytest
from hotline_watch import AUDIO, ask_for, events, outcomes, seat_phone, until

from ivr.settings import repository_root
from simulator.live import hearing
from simulator.live.demo.evidence import longest_silence_ms
from simulator.live.demo.stage import agent_command
from simulator.live.hotline import LiveHotline
from simulator.live.phone import PhoneRack

pytestmark = pytest.mark.acceptance

ANNOUNCED_EVERY_S = 10


@pytest.fixture
def talkative_site(tmp_path: Path) -> Path:
    """The sample site, announcing the place in the queue as often as it may."""
    site = tmp_path / "site"
    shutil.copytree(repository_root() / "dialplans", site)
    queues = site / "10086" / "queues.yaml"
    text = queues.read_text(encoding="utf-8")
    assert "every: 30s" in text
    queues.write_text(text.replace("every: 30s", f"every: {ANNOUNCED_EVERY_S}s"), encoding="utf-8")
    return site


async def test_waiting_caller_hears_the_place_in_the_queue_between_music(
    talkative_site: Path, tmp_path: Path
) -> None:
    async with LiveHotline(tmp_path / "data", site=talkative_site) as hotline, PhoneRack() as rack:
        phone = await seat_phone(hotline, rack, "desk-8001")
        await agent_command(hotline, "sign-in", "1001")
        own = await rack.dial(phone, hotline.uri_of("10086"))
        await own.answered()
        call = await ask_for(hotline, rack, "13800138000", "10")
        await until(lambda: len(events(hotline, "PositionAnnounced")) == 2, seconds=40)
        await asyncio.sleep(4)
        await call.hang_up()
        await call.ended()
        await own.hang_up()
        await until(lambda: len(outcomes(hotline)) == 2)
        recording = hearing.read_wav(call.recording)
        lead = hearing.read_alaw(AUDIO / "zh-CN" / "position" / "lead.alaw")
        assert hearing.normalised_correlation(recording, lead).score > 0.8
        assert longest_silence_ms(recording) < 2_000
