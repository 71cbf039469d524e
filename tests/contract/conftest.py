"""One real Asterisk with its phones for all contract tests of a worker."""

import math
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from real_harness import (
    ABSENT_DEVICE,
    BEHAVIOURS,
    DEVICES,
    MUSIC_HZ,
    OUTSIDE_NUMBERS,
    PASSWORD,
    PROMPT_HZ,
    PROMPTS,
)
from telephony_harness import DeviceBehaviour

from ivr.adapters.conf.devices import Device
from ivr.provision.asterisk import locate
from ivr.provision.errors import ProvisionError
from simulator.live.asterisk_process import AsteriskProcess
from simulator.live.phone import Phone, PhoneRack
from simulator.live.stand import Stand, claim_ports, settings_on
from simulator.live.witness import processes_left

pytest.register_assert_rewrite(
    "telephony_steps",
    "scenarios_bridging",
    "scenarios_legs",
    "scenarios_outside",
    "scenarios_playing",
    "scenarios_recording",
    "scenarios_transferring",
    "scenarios_waiting",
)

SAMPLES_PER_MS = 8
HUM_MS = 500


@dataclass(frozen=True)
class RealWorld:
    """A running Asterisk and phones registered at it."""

    stand: Stand
    rack: PhoneRack
    phones: dict[str, Phone]


def hum(duration_ms: int, *, hz: int, resting: int) -> bytes:
    """Companded audio: the sign bit turned over at the hum's pace, no coder needed."""
    return bytes(
        resting ^ (0x80 if math.sin(math.tau * hz * n / 8_000) < 0 else 0x20)
        for n in range(duration_ms * SAMPLES_PER_MS)
    )


def write_audio(folder: Path) -> None:
    """The prompts the scenarios play, the fallback's, and hold music; the music by another tone."""
    durations = {
        f"prompts/en-US/{PROMPTS.short}": PROMPTS.short_ms,
        f"prompts/en-US/{PROMPTS.long}": PROMPTS.long_ms,
        "prompts/en-US/fallback": HUM_MS,
        "prompts/zh-CN/fallback": HUM_MS,
        "moh/hum": HUM_MS,
    }
    for name, duration_ms in durations.items():
        for ending, resting in (("alaw", 0xD5), ("ulaw", 0xFF)):
            path = folder / f"{name}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            hz = MUSIC_HZ if name.startswith("moh/") else PROMPT_HZ
            path.write_bytes(hum(duration_ms, hz=hz, resting=resting))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def real_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealWorld]:
    """An Asterisk of this worker's own; nothing of it is left afterwards."""
    try:
        installation = locate()
    except ProvisionError as error:
        pytest.fail(str(error), pytrace=False)
    audio = tmp_path_factory.mktemp("audio")
    write_audio(audio)
    run_dir = tmp_path_factory.mktemp("ast")
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    devices = tuple(Device(name, PASSWORD) for name in (*DEVICES, ABSENT_DEVICE))
    async with AsyncExitStack() as stack:
        block = stack.enter_context(claim_ports(prefer=int(worker) * 3 + 1))
        settings = settings_on(
            block,
            run_dir=run_dir,
            installation=installation,
            prompts_dir=audio / "prompts",
            moh_dir=audio / "moh",
        )
        rack = await stack.enter_async_context(PhoneRack())
        outside = {
            number: await rack.listen(number, behaviour=BEHAVIOURS[DeviceBehaviour[name.upper()]])
            for name, number in OUTSIDE_NUMBERS.items()
        }
        (trunk_peer,) = {phone.uri.partition("@")[2] for phone in outside.values()}
        settings = replace(settings, trunk_peer=trunk_peer)
        asterisk = await stack.enter_async_context(AsteriskProcess(settings, devices))
        registrar = f"127.0.0.1:{block.sip}"
        phones = {
            name: await rack.register(name, PASSWORD, registrar=registrar) for name in DEVICES
        }
        phones |= outside
        yield RealWorld(Stand(asterisk, block), rack, phones)
    assert not processes_left(marker=str(run_dir))
