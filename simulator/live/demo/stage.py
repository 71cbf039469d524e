"""Where the demo's scripts play: the hotline, its experts' phones, and who is signed in."""

import asyncio
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from router.model import local_name
from simulator.live.demo.agent_calls import AgentCalls
from simulator.live.demo.judge import AGENT_TONE_HZ, CALLER_TONE_HZ
from simulator.live.hotline import HotlineProblem, LiveHotline
from simulator.live.phone import Answer, Behaviour, Phone, PhoneRack, PlacedCall
from simulator.live.trace_lines import read_lines

NUMBER = "10086"
POLL_S = 0.25
REGISTERED_S_MAX = 5.0
ANSWER_S_MAX = 10.0
"""How long an answer is waited for: generous for a loaded machine."""
FEATURE_CODE_S_MAX = 15.0
"""A feature code is answered, carried out, confirmed in words and hung up within this time."""
COMMAND_S_MAX = 60.0
"""Starting Python takes a loaded machine its time, and explaining replays the journal."""
AGENT_ANSWERS_AFTER_MS = 600

SEATS: Mapping[str, str] = {
    "1001": "desk-8001",
    "1002": "desk-8002",
    "1003": "desk-8003",
    "1004": "desk-8004",
    "1005": "desk-8005",
    "1006": "desk-8006",
    "1007": "desk-8007",
    "1011": "desk-8010",
}
"""The experts of the sample site who come to work today, and where they sit."""
LATE = ("1004",)
"""Who of them signs in only when a scenario says so."""
BY_PHONE: Mapping[str, str] = {"1001": "*11", "1011": "*111011"}
"""Who signs in at the phone, and what she dials: at her fixed seat, and at a free one with her
own number behind the code. The others are signed in from the command line."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a script can reach."""

    hotline: LiveHotline
    rack: PhoneRack
    phones: Mapping[str, Phone]
    """By agent."""
    agent_calls: AgentCalls
    shift: asyncio.Event
    """Set once the experts have signed in."""
    muted: bool = False
    """The agents' phones send nothing: for the test that breaks a call on purpose."""

    @property
    def answering(self) -> Answer:
        """What a phone does whose agent takes calls."""
        return Answer(
            after_ms=AGENT_ANSWERS_AFTER_MS, tone_hz=None if self.muted else AGENT_TONE_HZ
        )

    async def behave(self, behaviour: Behaviour, agents: Iterable[str]) -> None:
        """Let the phones of these agents behave so from now on."""
        for agent in agents:
            await self.phones[agent].behave(behaviour)

    async def place(self, caller: str) -> PlacedCall:
        """Dial the hotline; the caller's own tone begins only when told."""
        call = await self.rack.place(
            caller, self.hotline.uri_of(NUMBER), tone_hz=CALLER_TONE_HZ, tone_from="command"
        )
        await call.answered(ANSWER_S_MAX)
        return call

    async def dial_code(self, agent: str, code: str) -> PlacedCall:
        """An agent dials a feature code on her phone and hears it out."""
        call = await self.rack.dial(self.phones[agent], self.hotline.uri_of(code))
        await call.ended(FEATURE_CODE_S_MAX)
        return call

    async def command(self, *words: str) -> str:
        """``expertline agent ...`` as an operator types it; ``HotlineProblem`` if it fails."""
        return await agent_command(self.hotline, *words)


async def agent_command(hotline: LiveHotline, *words: str) -> str:
    """Run ``expertline agent`` against this hotline's engine; what it printed."""
    return await typed_command(hotline, "agent", *words)


async def typed_command(hotline: LiveHotline, *words: str) -> str:
    """Run any ``expertline`` command that asks this hotline's engine; what it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli", *words),
        *("--data-dir", str(hotline.data_dir)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await asyncio.wait_for(process.communicate(), COMMAND_S_MAX)
    except TimeoutError:
        process.kill()
        raise HotlineProblem(
            f"`expertline {' '.join(words)}` did not end within {COMMAND_S_MAX:g} s: see "
            "whether the engine hangs, or the machine is overloaded"
        ) from None
    if process.returncode != 0:
        said = printed.decode().strip()
        raise HotlineProblem(f"`expertline {' '.join(words)}` failed: {said}")
    return printed.decode()


async def open_seats(hotline: LiveHotline, rack: PhoneRack) -> dict[str, Phone]:
    """Register the experts' phones, by agent."""
    await rack.reserve(len(SEATS))

    async def register(device: str) -> Phone:
        password = hotline.device(device).password
        return await rack.register(device, password, registrar=hotline.sip_address)

    registered = await asyncio.gather(*map(register, SEATS.values()))
    await demand_reachable(hotline, SEATS.values())
    return dict(zip(SEATS, registered, strict=True))


def by_command() -> list[str]:
    """Who is signed in from the command line as the shift begins."""
    return [agent for agent in SEATS if agent not in (*BY_PHONE, *LATE)]


async def begin_shift(stage: Stage) -> None:
    """Sign everybody in: some at their phones, the others from the command line."""
    await stage.behave(stage.answering, SEATS)
    await asyncio.gather(
        stage.command("sign-in", *by_command()),
        *(stage.dial_code(agent, code) for agent, code in BY_PHONE.items()),
    )
    stage.shift.set()


async def demand_reachable(hotline: LiveHotline, devices: Iterable[str]) -> None:
    """Wait until the engine sees these phones registered; ``HotlineProblem`` if it does not."""
    wanted = set(devices)
    deadline = time.monotonic() + REGISTERED_S_MAX
    while missing := wanted - _reachable(hotline):
        if time.monotonic() >= deadline:
            raise HotlineProblem(
                f"the phone {', '.join(sorted(missing))} is not registered (waited "
                f"{REGISTERED_S_MAX:g} s): start it, or compare its account with the device's"
            )
        await asyncio.sleep(POLL_S)


def _reachable(hotline: LiveHotline) -> set[str]:
    found: set[str] = set()
    for line in read_lines(hotline.trace_file):
        event = line.get("event")
        if not isinstance(event, dict):
            continue
        told: dict[str, object] = event  # pyright: ignore[reportUnknownVariableType]
        if told.get("type") == "DeviceReachabilityChanged":
            device = local_name(str(told.get("device")))
            (found.add if told.get("reachable") is True else found.discard)(device)
    return found
