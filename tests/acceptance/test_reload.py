"""A site changed while calls go on, on the real Asterisk: who came before keeps the old one."""

import asyncio
import json
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hotline_watch import AUDIO, ask_for, events, outcomes, until

from ivr.adapters.control.client import ControlClient
from ivr.settings import repository_root
from router.model import Presence
from simulator.live import hearing
from simulator.live.demo.stage import agent_command
from simulator.live.hotline import LiveHotline
from simulator.live.phone import Answer, PhoneRack

pytestmark = pytest.mark.acceptance

COMMAND_S_MAX = 30.0


@dataclass(frozen=True)
class Said:
    """What the command answered."""

    status: int | None
    document: Any


async def reload(hotline: LiveHotline) -> Said:
    """`expertline reload` as its user runs it."""
    words = (sys.executable, "-m", "ivr.cli", "reload", "--format", "json", "--data-dir")
    process = await asyncio.create_subprocess_exec(
        *words,
        str(hotline.data_dir),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), COMMAND_S_MAX)
    assert err == b"", err
    return Said(process.returncode, json.loads(out))


def change(file: Path, old: str, new: str) -> None:
    """As an author does with an editor."""
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is not once in {file}"
    file.write_text(text.replace(old, new), encoding="utf-8")


def add_seat(file: Path) -> None:
    """A phone that Asterisk was not started with, and who sits there."""
    change(file, "  visitor: {", "  desk-9000: {label: New seat}\n  visitor: {")
    person = "name: New expert, skills: {general: 2}, device: desk-9000"
    change(file, "agents:\n", f'agents:\n  "1099": {{{person}}}\n')


async def seat_new_phone(hotline: LiveHotline, rack: PhoneRack) -> None:
    """Register it with the password that the reload gave it."""
    secrets = json.loads((hotline.run_dir / "node" / "secrets.json").read_text("utf-8"))
    await rack.register(
        "desk-9000",
        secrets["device_passwords"]["desk-9000"],
        registrar=hotline.sip_address,
        behaviour=Answer(),
    )
    await until(lambda: "desk-9000" in str(events(hotline, "DeviceReachabilityChanged")[-1:]))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The sample site, to be changed."""
    copied = tmp_path / "site"
    shutil.copytree(repository_root() / "dialplans", copied)
    return copied


async def test_live_caller_keeps_the_old_flow_and_the_next_has_the_new_one(
    site: Path, tmp_path: Path
) -> None:
    file = site / "10086" / "hotline.yaml"
    async with LiveHotline(tmp_path / "data", site=site) as hotline, PhoneRack() as rack:
        early = await ask_for(hotline, rack, "13800138000", "1")
        # Key 6 means nothing; changed, it says goodbye at once. Nobody is there to take 4.
        change(file, '"5": bill', '"5": bill, "6": farewell')
        change(
            file,
            "      promised:\n",
            "      farewell: {hangup: {prompt: goodbye, reason: test}}\n      promised:\n",
        )
        said = await reload(hotline)
        assert (said.status, said.document["result"]) == (0, "activated"), said
        assert said.document["live_contacts"] == 1
        told = [(each["name"], each["how"]) for each in said.document["changes"]]
        assert ("10086/farewell", "added") in told
        assert ("10086/services", "changed") in told
        late = await ask_for(hotline, rack, "13800138001", "1")
        for call in (early, late):
            await asyncio.sleep(0.5)
            await call.press("6")
        await late.ended()
        await asyncio.sleep(0.5)
        await early.press("4")
        await until(lambda: events(hotline, "PromiseCallback"))
        await early.hang_up()
        await early.ended()
        await until(lambda: len(outcomes(hotline)) == 2)
        by_version = {str(each["site"]): each for each in hotline.records()}
        assert len(by_version) == 2
        new = by_version.pop(said.document["version"])
        (old,) = by_version.values()
        assert new["reason"] == "test"
        assert "farewell" in str(new["visits"])
        assert "farewell" not in str(old["visits"])
        assert "promised" in str(old["visits"])
        goodbye = hearing.read_alaw(AUDIO / "zh-CN" / "goodbye.alaw")
        said_last = hearing.read_wav(late.recording)
        assert hearing.normalised_correlation(said_last, goodbye).score > 0.8
        assert (await reload(hotline)).document["result"] == "unchanged"


async def test_hotline_goes_on_after_a_broken_change_and_takes_a_good_one(
    site: Path, tmp_path: Path
) -> None:
    file = site / "10086" / "hotline.yaml"
    async with LiveHotline(tmp_path / "data", site=site) as hotline, PhoneRack() as rack:
        good = file.read_text(encoding="utf-8")
        change(file, "welcome: {play: welcome", "welcome: {play: welcomed")
        queues = site / "10086" / "queues.yaml"
        told = queues.read_text(encoding="utf-8")
        queues.unlink()
        said = await reload(hotline)
        assert (said.status, said.document["result"]) == (1, "refused"), said
        reasons = said.document["reasons"]
        line = next(n for n, each in enumerate(good.splitlines(), 1) if "play: welcome" in each)
        assert any(each.startswith(f"10086/hotline.yaml:{line}:") for each in reasons), reasons
        assert any("Did you mean" in each and "welcome" in each for each in reasons)
        assert len(reasons) > 2
        call = await ask_for(hotline, rack, "13800138000", "1")
        await asyncio.sleep(0.5)
        await call.press("4")
        await until(lambda: events(hotline, "PromiseCallback"))
        await call.hang_up()
        await call.ended()
        # By signal, which answers nobody: the trace tells.
        os.kill(hotline.engine_pid, signal.SIGHUP)
        await until(lambda: len(events(hotline, "site_reload")) == 2)
        # Mended, and with a new seat: Asterisk gets to know its phone.
        file.write_text(good, encoding="utf-8")
        queues.write_text(told, encoding="utf-8")
        add_seat(site / "site.yaml")
        said = await reload(hotline)
        assert (said.status, said.document["result"]) == (0, "activated"), said
        (notice,) = said.document["notices"]
        assert "desk-9000" in notice
        await seat_new_phone(hotline, rack)
        await agent_command(hotline, "sign-in", "1099")
        call = await ask_for(hotline, rack, "13800138000", "10")
        await until(lambda: events(hotline, "LegsBridged"), seconds=15)
        await call.hang_up()
        await call.ended()
        await until(lambda: len(outcomes(hotline)) == 2)
        assert hotline.records()[0]["agent"] == "main:1099"
        # A killed engine goes on with the changed site: she is still there, at the new seat.
        await hotline.kill_engine()
        await hotline.start_engine()
        agents = await asyncio.to_thread(agents_of, hotline)
        assert agents["1099"] == ("desk-9000", Presence.AVAILABLE)


def agents_of(hotline: LiveHotline) -> dict[str, tuple[str | None, Presence]]:
    """Where the agents are and what they do, as the engine sees it."""
    with ControlClient(hotline.data_dir) as engine:
        return {each.agent: (each.device, each.presence) for each in engine.agents()}
