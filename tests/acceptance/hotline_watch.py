"""How an acceptance test watches a live hotline: by its trace, its store and what phones heard."""

import asyncio
import json
from collections.abc import Callable

import pytest

from ivr.prompts.catalogue import load_catalogue
from ivr.settings import repository_root
from simulator.live import hearing
from simulator.live.demo.judge import load_prompts, prove_prompt
from simulator.live.demo.stage import demand_reachable
from simulator.live.hotline import LiveHotline
from simulator.live.phone import Answer, Behaviour, Phone, PhoneRack, PlacedCall
from simulator.live.trace_lines import read_lines

AUDIO = repository_root() / "prompts" / "audio"
POLL_S = 0.05


async def until(condition: Callable[[], object], *, seconds: float = 10.0) -> None:
    """Wait until this holds; the test fails if it does not come to hold in time."""
    for _ in range(int(seconds / POLL_S)):
        if condition():
            return
        await asyncio.sleep(POLL_S)
    pytest.fail("what the test waits for did not come")


def outcomes(hotline: LiveHotline) -> list[object]:
    """How the contacts ended that have a record, latest arrival first."""
    return [record["outcome"] for record in hotline.records()]


def events(hotline: LiveHotline, kind: str) -> list[object]:
    """The lines of the trace that speak of this."""
    return [one for one in read_lines(hotline.trace_file) if f'"{kind}"' in json.dumps(one)]


def heard(call: PlacedCall, expected: str) -> float:
    """How alike this prompt and its best place in what the caller heard are."""
    prompts = load_prompts(load_catalogue(), AUDIO)
    return prove_prompt(hearing.read_wav(call.recording), prompts, expected).score


async def seat_phone(
    hotline: LiveHotline, rack: PhoneRack, name: str, behaviour: Behaviour | None = None
) -> Phone:
    """A device's phone, registered and known to the engine as reachable."""
    device = hotline.device(name)
    phone = await rack.register(
        device.name,
        device.password,
        registrar=hotline.sip_address,
        behaviour=behaviour or Answer(),
    )
    await demand_reachable(hotline, [name])
    return phone


async def ask_for(
    hotline: LiveHotline, rack: PhoneRack, caller: str, keys: str, *, number: str = "10086"
) -> PlacedCall:
    """Dial the hotline and press one key after the other, without hearing the prompts out."""
    call = await rack.place(caller, hotline.uri_of(number))
    await call.answered()
    for key in keys:
        await asyncio.sleep(0.4)
        await call.press(key)
    return call
