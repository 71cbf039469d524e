"""The real Asterisk for acceptance tests: one a test, on ports of its own, nothing left behind."""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.adapters.conf.devices import Device
from ivr.provision.asterisk import AsteriskInstallation, locate
from ivr.provision.errors import ProvisionError
from simulator.live.asterisk_process import AsteriskProcess
from simulator.live.hotline import LiveHotline
from simulator.live.phone import PhoneRack
from simulator.live.stand import PortBlock, Stand, claim_ports, settings_on
from simulator.live.witness import NOTHING, count_by_console, processes_left

# An ended call's channels go within milliseconds; a loaded machine may need a little longer.
LEFT_BEHIND_S_MAX = 5.0
LEFT_BEHIND_POLL_S = 0.1
PROMPT_SAMPLES = 4_000  # half a second at 8 kHz

AsteriskStarter = Callable[..., Coroutine[None, None, Stand]]


@pytest.fixture(scope="session")
def installation() -> AsteriskInstallation:
    """The Asterisk of this checkout; its absence is a failure, never a skip."""
    try:
        return locate()
    except ProvisionError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def sample_audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of prompts and one of hold music, each a short hum in A-law and mu-law."""
    folder = tmp_path_factory.mktemp("audio")
    for name in ("prompts/zh-CN/fallback", "prompts/en-US/fallback", "moh/hum"):
        for ending, resting in (("alaw", 0xD5), ("ulaw", 0xFF)):
            path = folder / f"{name}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_hum(resting))
    return folder


def _hum(resting: int) -> bytes:
    # Any companded bytes will do: the sign bit turned over 400 times a second is a loud hum.
    return bytes(
        resting ^ (0x80 if math.sin(math.tau * 400 * n / 8_000) < 0 else 0x20)
        for n in range(PROMPT_SAMPLES)
    )


@pytest.fixture
def port_block() -> object:
    """A block of ports that no other worker and no other checkout uses."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    with claim_ports(prefer=int(worker) * 3) as block:
        yield block


@pytest.fixture
async def start_asterisk(
    installation: AsteriskInstallation,
    sample_audio: Path,
    port_block: PortBlock,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[AsteriskStarter]:
    """Starts an Asterisk with changed settings: `await start_asterisk(retry_seconds=1)`.

    After the test it demands that no channel and no bridge is left, stops it, and demands that
    no process is left either.
    """
    run_dir = tmp_path_factory.mktemp("ast", numbered=True)
    usual = settings_on(
        port_block,
        run_dir=run_dir,
        installation=installation,
        prompts_dir=sample_audio / "prompts",
        moh_dir=sample_audio / "moh",
    )
    async with AsyncExitStack() as stack:

        async def start(devices: tuple[Device, ...] = (), **changes: object) -> Stand:
            asterisk = AsteriskProcess(replace(usual, **changes), devices)  # pyright: ignore
            stand = Stand(await stack.enter_async_context(asterisk), port_block)
            stack.push_async_callback(_demand_nothing_left, stand)
            return stand

        yield start
    left = processes_left(marker=str(run_dir))
    assert not left, f"still running: {left}"


@pytest.fixture
async def asterisk_stand(start_asterisk: AsteriskStarter) -> Stand:
    """A running Asterisk with no devices, the usual settings and a witness port."""
    return await start_asterisk()


async def _demand_nothing_left(stand: Stand) -> None:
    if not stand.asterisk.running:
        return
    count = await count_by_console(stand.asterisk)
    for _ in range(int(LEFT_BEHIND_S_MAX / LEFT_BEHIND_POLL_S)):
        if count == NOTHING:
            return
        await asyncio.sleep(LEFT_BEHIND_POLL_S)
        count = await count_by_console(stand.asterisk)
    pytest.fail(f"left in Asterisk: {count}")


@pytest.fixture
async def hotline(tmp_path: Path) -> AsyncIterator[LiveHotline]:
    """The sample hotline, whole; after the test nothing of it may be left."""
    async with LiveHotline(tmp_path / "data") as up:
        yield up
        for _ in range(int(LEFT_BEHIND_S_MAX / LEFT_BEHIND_POLL_S) * 2):
            if await count_by_console(up.asterisk) == NOTHING:
                break
            await asyncio.sleep(LEFT_BEHIND_POLL_S)
        assert await count_by_console(up.asterisk) == NOTHING
        marker = str(up.run_dir)
    assert not processes_left(marker=marker)


@pytest.fixture
async def rack() -> AsyncIterator[PhoneRack]:
    """Test phones."""
    async with PhoneRack() as phones:
        yield phones
