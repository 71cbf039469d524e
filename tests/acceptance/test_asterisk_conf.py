"""The rendered configuration on the real Asterisk: whole, closed to the outside, and alterable."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import aiohttp
import pytest

from ivr.adapters.conf.devices import Device
from ivr.adapters.conf.render import DEVICES_MODULE, write_devices
from ivr.provision.asterisk import AsteriskInstallation
from simulator.live.asterisk_process import AsteriskProcess
from simulator.live.preflight import AsteriskProblem
from simulator.live.sockets import listening_sockets
from simulator.live.stand import PortBlock, Stand
from simulator.live.witness import Count, count_by_console, count_by_manager, processes_left
from tests.acceptance.conftest import AsteriskStarter

pytestmark = pytest.mark.acceptance

BOOT_S_MAX = 10.0
EVENT_S_MAX = 10.0
DEVICES = 3_000
RELOAD_S_MAX = 30.0
POLL_S = 0.05


@asynccontextmanager
async def ari(
    stand: Stand, *, password: str | None = None
) -> AsyncGenerator[aiohttp.ClientSession]:
    """A client of the REST interface, nothing of the product's own adapter in it."""
    word = stand.ari_password if password is None else password
    header = aiohttp.encode_basic_auth(stand.settings.ari_user, word)
    async with aiohttp.ClientSession(headers={"Authorization": header}) as client:
        yield client


async def place_call(client: aiohttp.ClientSession, stand: Stand, *, number: str) -> None:
    """One call into the trunk's dialplan; its own near end goes to the fallback when answered."""
    query = {
        "endpoint": f"Local/{number}@from-trunk",
        "context": "fallback",
        "extension": "s",
        "priority": "1",
        "channelId": f"caller-{number}.1",
        "otherChannelId": f"caller-{number}.2",
        "timeout": "20",
        # What a phone brings; else Asterisk offers a format that only codec_resample can make.
        "formats": "alaw",
    }
    async with client.post(f"{stand.ari_url}/channels", params=query) as answer:
        assert answer.status == 200, await answer.text()


async def hang_up(client: aiohttp.ClientSession, stand: Stand, *, number: str) -> None:
    """Ends the call of `place_call`."""
    async with client.delete(f"{stand.ari_url}/channels/caller-{number}.1") as answer:
        assert answer.status == 204


async def event(stream: aiohttp.ClientWebSocketResponse, kind: str) -> dict[str, object]:
    """The next event of a kind; the others are passed over."""
    async with asyncio.timeout(EVENT_S_MAX):
        while True:
            row = cast("dict[str, object]", await stream.receive_json())
            if row["type"] == kind:
                return row


async def dialplan_of(stand: Stand, channel: str) -> str:
    """Where a channel is in the dialplan, as `context application state`; empty when it is gone."""
    listed = await stand.asterisk.console("core show channels concise")
    for line in listed.splitlines():
        fields = line.split("!")
        if fields[-1] == channel:
            return f"{fields[1]} {fields[5]} {fields[4]}"
    return ""


async def test_boots_in_seconds_whole_and_closed_to_the_outside(
    start_asterisk: AsteriskStarter,
) -> None:
    begun = time.monotonic()
    stand = await start_asterisk()
    assert time.monotonic() - begun < BOOT_S_MAX
    assert stand.asterisk.version.startswith("22.")
    exposed = [s for s in listening_sockets([stand.asterisk.pid]) if not s.is_loopback]
    assert exposed == []
    assert stand.asterisk.warnings == ()
    log = (stand.settings.log_dir / "messages.log").read_text()
    errors = [line for line in log.splitlines() if "ERROR" in line or "WARNING" in line]
    # The one error is wanted: it says that the DNS client (with its open ports) was refused.
    assert all("Could not create DNS resolver" in line for line in errors), errors


async def test_right_password_is_let_in_and_wrong_one_is_not(asterisk_stand: Stand) -> None:
    url = f"{asterisk_stand.ari_url}/asterisk/info"
    async with ari(asterisk_stand) as client, client.get(url) as answer:
        assert answer.status == 200
    async with ari(asterisk_stand, password="wrong") as client, client.get(url) as answer:
        assert answer.status == 401


async def test_both_witnesses_count_a_call_and_its_end(asterisk_stand: Stand) -> None:
    port = asterisk_stand.block.witness
    secret = asterisk_stand.asterisk.conf.secrets.witness_password
    async with (
        ari(asterisk_stand) as client,
        client.ws_connect(f"{asterisk_stand.ari_url}/events?app=expertline") as stream,
    ):
        await place_call(client, asterisk_stand, number="10086")
        started = await event(stream, "StasisStart")
        assert started["args"] == ["inbound", "10086"]
        async with client.post(f"{asterisk_stand.ari_url}/bridges/b.1") as answer:
            assert answer.status == 200
        seen = Count(channels=2, bridges=1)
        assert await count_by_console(asterisk_stand.asterisk) == seen
        assert await count_by_manager(port, secret) == seen
        async with client.delete(f"{asterisk_stand.ari_url}/bridges/b.1") as answer:
            assert answer.status == 204
        await hang_up(client, asterisk_stand, number="10086")
        await event(stream, "StasisEnd")
    with pytest.raises(AsteriskProblem, match="Authentication failed"):
        await count_by_manager(port, "wrong")


async def test_application_that_comes_back_takes_the_ringing_call(asterisk_stand: Stand) -> None:
    async with ari(asterisk_stand) as client:
        await place_call(client, asterisk_stand, number="10086")
        await asyncio.sleep(1.2)  # real seconds: the first tries find nobody
        assert await dialplan_of(asterisk_stand, "caller-10086.2") == "into-application Wait Ring"
        url = f"{asterisk_stand.ari_url}/events?app=expertline"
        async with client.ws_connect(url) as stream:
            started = await event(stream, "StasisStart")
            channel = cast("dict[str, object]", started["channel"])
            assert channel["state"] == "Ring"
            await hang_up(client, asterisk_stand, number="10086")


async def test_application_that_stays_away_leaves_a_caller_who_hears_the_fallback(
    start_asterisk: AsteriskStarter,
) -> None:
    stand = await start_asterisk(retry_seconds=1)
    async with ari(stand) as client:
        await place_call(client, stand, number="10086")
        begun = time.monotonic()
        met: list[str] = []
        while time.monotonic() - begun < EVENT_S_MAX:
            place = await dialplan_of(stand, "caller-10086.2")
            if place and place not in met:
                met.append(place)
            if met and not place:
                break
            await asyncio.sleep(POLL_S)
    assert "into-application Wait Ring" in met
    assert "fallback Playback Up" in met
    assert met.index("into-application Wait Ring") < met.index("fallback Playback Up")
    # One second of ringing, then two prompts of two half seconds and a breath before them.
    assert 3.0 < time.monotonic() - begun < EVENT_S_MAX
    log = (stand.settings.log_dir / "messages.log").read_text()
    assert "does not exist" not in log


async def test_devices_change_by_reload_while_a_call_stays_up(
    start_asterisk: AsteriskStarter, record_property: Callable[[str, object], None]
) -> None:
    devices = [Device(f"seat-{n}", f"first-password-{n}") for n in range(DEVICES)]
    stand = await start_asterisk(devices=tuple(devices))
    console = stand.asterisk.console
    async with (
        ari(stand) as client,
        client.ws_connect(f"{stand.ari_url}/events?app=expertline") as stream,
    ):
        await place_call(client, stand, number="10086")
        await event(stream, "StasisStart")
        changed = [
            Device("seat-0", "second-password-0"),
            *devices[2:],
            Device("seat-new", "n" * 20),
        ]
        write_devices(stand.settings, changed)
        begun = time.monotonic()
        await console(f"module reload {DEVICES_MODULE}")
        while "seat-new" not in await console("pjsip show endpoint seat-new"):
            assert time.monotonic() - begun < RELOAD_S_MAX
            await asyncio.sleep(POLL_S)
        took_ms = round((time.monotonic() - begun) * 1000)
        assert "Unable to find object seat-1." in await console("pjsip show endpoint seat-1")
        assert "second-password-0" in await console("pjsip show auth seat-0")
        aor = await console("pjsip show aor seat-new")
        assert re.search(r"max_contacts +: 1\n", aor)
        assert re.search(r"remove_existing +: true\n", aor)
        assert re.search(r"qualify_frequency +: 60\n", aor)
        assert (await console("pjsip list endpoints")).count("seat-") == DEVICES
        assert (await count_by_console(stand.asterisk)).channels == 2
        await hang_up(client, stand, number="10086")
    record_property("reload_ms", took_ms)
    print(f"{DEVICES} devices: reload took {took_ms} ms with a call up")
    assert took_ms < RELOAD_S_MAX * 1000


async def test_port_taken_is_one_sentence_and_nothing_starts(asterisk_stand: Stand) -> None:
    second = replace(asterisk_stand.settings, run_dir=asterisk_stand.settings.run_dir / "second")
    with pytest.raises(AsteriskProblem) as caught:
        await AsteriskProcess(second).start()
    told = str(caught.value)
    assert f"port {second.http_port} on 127.0.0.1 is held by process" in told
    assert "(asterisk)" in told
    assert processes_left(marker=str(second.run_dir)) == ()


async def test_missing_modules_are_named_in_one_sentence(
    start_asterisk: AsteriskStarter, installation: AsteriskInstallation, tmp_path: Path
) -> None:
    kept_back = {"res_stasis_answer.so", "res_pjsip_rfc3326.so"}
    for module in installation.modules_dir.glob("*.so"):
        if module.name not in kept_back:
            (tmp_path / module.name).symlink_to(module)
    with pytest.raises(AsteriskProblem) as caught:
        await start_asterisk(installation=replace(installation, modules_dir=tmp_path))
    told = str(caught.value)
    assert all(name in told for name in kept_back)
    assert "make setup" in told
    assert "\n" not in told


async def test_asterisk_too_old_is_one_sentence(
    start_asterisk: AsteriskStarter, installation: AsteriskInstallation, tmp_path: Path
) -> None:
    old = tmp_path / "asterisk"
    old.write_text("#!/bin/sh\necho 'Asterisk 20.6.0~dfsg+~cs6.13.40431414-2build5'\n")
    old.chmod(0o700)
    with pytest.raises(AsteriskProblem, match=r"Asterisk 20\.6\.0 .* is too old.*make setup"):
        await start_asterisk(installation=replace(installation, argv=(str(old),)))


async def test_asterisk_that_ends_while_starting_is_one_sentence(
    start_asterisk: AsteriskStarter, tmp_path: Path
) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    usual = Path(__file__).parents[2] / "asterisk-conf"
    for template in usual.glob("*.conf"):
        text = template.read_text()
        if template.name == "modules.conf":
            text += "\nrequire = res_absent.so\n"
        (templates / template.name).write_text(text)
    with pytest.raises(AsteriskProblem, match=r"ended while starting .*res_absent"):
        await start_asterisk(templates_dir=templates)


async def test_asterisk_dies_with_the_process_that_started_it(
    sample_audio: Path,
    port_block: PortBlock,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run_dir = tmp_path_factory.mktemp("orphan")
    program = (
        "import asyncio, sys, pathlib\n"
        "from ivr.provision.asterisk import locate\n"
        "from simulator.live.asterisk_process import AsteriskProcess\n"
        "from simulator.live.stand import PortBlock, settings_on\n"
        "import socket\n"
        "async def main():\n"
        "    run, audio = map(pathlib.Path, sys.argv[1:3])\n"
        "    block = PortBlock(int(sys.argv[3]), socket.socket())\n"
        "    settings = settings_on(block, run_dir=run, installation=locate(),\n"
        "        prompts_dir=audio / 'prompts', moh_dir=audio / 'moh')\n"
        "    await AsteriskProcess(settings).start()\n"
        "    print('started', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(run_dir), str(sample_audio), str(port_block.first)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert starter.stdout is not None
    assert await asyncio.wait_for(starter.stdout.readline(), BOOT_S_MAX) == b"started\n"
    assert len(processes_left(marker=str(run_dir))) == 2
    os.kill(starter.pid, signal.SIGKILL)
    await starter.communicate()
    for _ in range(int(EVENT_S_MAX / POLL_S)):
        if not processes_left(marker=str(run_dir)):
            return
        await asyncio.sleep(POLL_S)
    pytest.fail("Asterisk outlived the process that started it")
