"""A floor that is up for all routing scenarios: callers, agents' phones, and why each was rung."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotline_watch import AUDIO, until
from routing_site import AGENTS, SAID, SIGN_IN_ORDER, write_site
from typer.testing import CliRunner

from ivr.cli.main import app
from simulator.live import hearing
from simulator.live.demo.stage import demand_reachable, typed_command
from simulator.live.hotline import LiveHotline
from simulator.live.phone import Answer, Phone, PhoneRack, PlacedCall
from simulator.live.trace_lines import read_lines
from simulator.live.witness import NOTHING, count_by_console

PATIENCE_S = 30.0
"""How long a loaded machine may take to whatever must come."""
CALLS_AT_ONCE = 8
LIKENESS_MIN = 0.8
LEFT_POLL_S = 0.2

_SHOWN = re.compile(r"sip:([0-9]+)@")


def was_told(call: PlacedCall, prompt: str) -> bool:
    """Whether these words were heard there in full."""
    audio = hearing.read_alaw(AUDIO / "zh-CN" / f"{prompt}.alaw")
    recording = hearing.read_wav(call.recording)
    return hearing.normalised_correlation(recording, audio).score > LIKENESS_MIN


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, by which contact of the engine."""

    number: str
    contact: str
    call: PlacedCall

    def heard(self, cause: str) -> bool:
        """Whether she heard the words of this exit, and those of no other one."""
        told = [each for each, prompt in SAID.items() if was_told(self.call, prompt)]
        return told == [cause]


@dataclass
class Floor:
    """What a scenario can do and see."""

    hotline: LiveHotline
    rack: PhoneRack
    phones: dict[str, Phone]
    told: Path
    """Every explanation that a scenario asked for, for people to read."""
    _placing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _placed: int = 0
    _known: set[str] = field(default_factory=set[str])
    """The contacts of all calls placed so far."""

    async def call(self, to: str, *, number: str | None = None) -> Caller:
        """Somebody calls; back when the engine has taken her in."""
        async with self._placing:
            self._placed += 1
            number = number or f"139{self._placed:08d}"
            call = await self.rack.place(number, self.hotline.uri_of(to))
            await call.answered(PATIENCE_S)
            # By its arrival, not by its number: one caller may be on two lines at a time.
            await self.until(lambda: self._arrived(to) - self._known)
            (contact,) = self._arrived(to) - self._known
            self._known.add(contact)
            await self.until(lambda: self.traced("QueueContact", contact))
            return Caller(number, contact, call)

    def _arrived(self, dialled: str) -> set[str]:
        """The contacts of all calls to this number."""
        events: list[Any] = [line.get("event") for line in read_lines(self.hotline.trace_file)]
        calls = [each for each in events if each and each["type"] == "CallArrived"]
        return {str(each["contact"]) for each in calls if each["dialled"] == dialled}

    async def until(self, condition: Any) -> None:
        """Wait until this holds."""
        await until(condition, seconds=PATIENCE_S)

    def traced(self, kind: str, contact: str) -> list[dict[str, Any]]:
        """The messages of this kind about this contact, that the engine got or sent."""
        found: list[dict[str, Any]] = []
        for line in read_lines(self.hotline.trace_file):
            document: dict[str, Any] = line
            messages: list[dict[str, Any] | None] = [document.get("event")]
            messages += document.get("effects") or []
            found += [each for each in messages if each and _is_about(each, kind, contact)]
        return found

    async def talks(self, agent: str, caller: Caller) -> None:
        """The next call that reaches her phone is this caller's, and the two are put together."""
        call = await self.phones[agent].next_call(PATIENCE_S)
        assert _SHOWN.findall(call.from_uri) == [caller.number], call.from_uri
        await self.until(lambda: self.traced("LegsBridged", caller.contact))

    async def busy(self, agent: str, to: str, *, number: str | None = None) -> Caller:
        """Somebody calls and is connected with this agent."""
        caller = await self.call(to, number=number)
        await self.talks(agent, caller)
        return caller

    async def serves(self, agent: str, *callers: Caller) -> None:
        """She gets these callers in this order; each hangs up once they talk."""
        for caller in callers:
            await self.talks(agent, caller)
            await self.leave(caller)
            await self.served(caller, by=agent)

    def rang(self, agent: str) -> list[str]:
        """Who rang at her phone, in this order."""
        return [_SHOWN.findall(call.from_uri)[0] for call in self.phones[agent].calls]

    async def record(self, caller: Caller) -> dict[str, Any]:
        """The record of her contact, once it is over."""

        def found() -> list[dict[str, Any]]:
            return [one for one in self.hotline.records() if one["contact"] == caller.contact]

        await self.until(found)
        (record,) = found()
        return record

    async def served(self, caller: Caller, *, by: str) -> None:
        """Her record says that this agent served her."""
        record = await self.record(caller)
        assert (record["outcome"], record["agent"]) == ("served", f"main:{by}"), record

    async def leave(self, *callers: Caller) -> None:
        """These callers hang up, at once, and their records are written."""
        await asyncio.gather(*(each.call.hang_up() for each in callers))
        await asyncio.gather(*(self.record(each) for each in callers))

    async def agent(self, name: str) -> dict[str, Any]:
        """The agent as `agent list` shows her."""
        listed = json.loads(await self.command("agent", "list", "--format", "json"))
        (one,) = [each for each in listed["agents"] if each["agent"] == name]
        return one

    async def command(self, *words: str) -> str:
        """`expertline ...` as its user types it, which must succeed; what it printed."""
        return await typed_command(self.hotline, *words)

    async def why(self, case: str, caller: Caller) -> str:
        """What `expertline explain` tells of her contact; kept for people to read.

        In this process: to load Python and the cores anew for each would be most of its time.
        """
        words = ("explain", caller.contact, "--data-dir", str(self.hotline.data_dir))
        async with self._asking:  # while it runs, all that this process prints is its own
            asked = await asyncio.to_thread(CliRunner().invoke, app, words)
        assert asked.exit_code == 0, asked.output
        told = asked.stdout
        with self.told.open("a", encoding="utf-8") as file:
            file.write(f"## {case}\n\n{told}\n")
        return told


@asynccontextmanager
async def open_floor(folder: Path) -> AsyncGenerator[Floor]:
    """The whole site on a real Asterisk, with everybody signed in who comes to work."""
    site = write_site(folder / "site")
    async with LiveHotline(folder / "data", site=site) as hotline:
        async with PhoneRack() as rack:
            await rack.reserve(len(AGENTS) + CALLS_AT_ONCE)
            phones = await asyncio.gather(*(_seat(hotline, rack, name) for name in AGENTS))
            floor = Floor(hotline, rack, dict(zip(AGENTS, phones, strict=True)), folder / "told.md")
            await demand_reachable(hotline, hotline.site.devices)
            await floor.command("agent", "sign-in", *SIGN_IN_ORDER)
            yield floor
        await _demand_nothing_left(hotline)


async def _seat(hotline: LiveHotline, rack: PhoneRack, agent: str) -> Phone:
    device = hotline.device(f"desk-{agent}")
    return await rack.register(
        device.name,
        device.password,
        registrar=hotline.sip_address,
        behaviour=Answer(after_ms=100),
        timeout_s=PATIENCE_S,
    )


def _is_about(message: dict[str, Any], kind: str, contact: str) -> bool:
    leg = str(message.get("leg")).rpartition(".")[0]
    return message["type"] == kind and contact in (message.get("contact"), leg)


async def _demand_nothing_left(hotline: LiveHotline) -> None:
    for _ in range(int(PATIENCE_S / LEFT_POLL_S)):
        if await count_by_console(hotline.asterisk) == NOTHING:
            return
        await asyncio.sleep(LEFT_POLL_S)
    assert await count_by_console(hotline.asterisk) == NOTHING
