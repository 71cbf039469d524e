"""The call suite: callers and agents on SIPp, a hotline of its own, and what it cost."""

import asyncio
import contextlib
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from simulator.live.bench import scenarios
from simulator.live.bench.load import Load, device_of
from simulator.live.bench.measures import (
    Spread,
    first_sound_ms,
    free_to_bridge_ms,
    read_callers_log,
    served,
    spread,
)
from simulator.live.bench.media import CallersMedia, Heard
from simulator.live.bench.processor import cpu_ms
from simulator.live.bench.replayed import JournalProof, replay_twice
from simulator.live.bench.sipp import Sipp, SippSeat
from simulator.live.bench.site import write_site
from simulator.live.demo.leftovers import count_processes, telephony_left
from simulator.live.demo.report import LeftBehind
from simulator.live.demo.stage import agent_command, demand_reachable
from simulator.live.hotline import HotlineProblem, LiveHotline
from simulator.live.trace_lines import read_lines

REGISTRATIONS_PER_SECOND = 100
REGISTERED_S_MAX = 10.0
AFTER_LAST_CALL_S_MAX = 45.0
RECORDS_S_MAX = 10.0
POLL_S = 0.2
SETTLED_S = 0.5
"""After the last wrap-up the engine has nothing left to do; then its processor time is read."""


@dataclass(slots=True)
class CallRun:
    """All that one run of the suite found out."""

    load: Load
    asterisk_version: str = ""
    failed: int = 0
    ended: int = 0
    "Calls that SIPp saw end in order."
    talked: int = 0
    "Callers whose talk carried audio both ways."
    records: int = 0
    engine_cpu_ms: float = 0.0
    asterisk_cpu_ms: float = 0.0
    took_s: float = 0.0
    first_sound: Spread = field(default_factory=lambda: spread([]))
    free_to_bridge: Spread = field(default_factory=lambda: spread([]))
    "Less the agent's own time to pick up."
    with_answering: Spread = field(default_factory=lambda: spread([]))
    left: LeftBehind = field(default_factory=LeftBehind)
    journal: JournalProof | None = None
    words: str = ""
    "What SIPp found unexpected at the callers' end, when a call failed."

    def row(self) -> dict[str, object]:
        """The public row: just the keys that the issue names."""
        return {
            "calls": self.load.calls,
            "failed": self.failed,
            "records": self.records,
            "engine_cpu_ms_per_call": round(self.engine_cpu_ms / self.load.calls, 2),
            "asterisk_cpu_ms_per_call": round(self.asterisk_cpu_ms / self.load.calls, 2),
            "answer_to_first_prompt_ms_p95": self.first_sound.p95,
            "free_to_bridge_ms_p95": self.free_to_bridge.p95,
            "left_behind": sum(asdict(self.left).values()),
        }

    def details(self) -> dict[str, object]:
        """What else is worth knowing of the same run."""
        ratio = self.engine_cpu_ms / self.asterisk_cpu_ms if self.asterisk_cpu_ms else None
        return {
            "load": asdict(self.load),
            "took_s": round(self.took_s, 1),
            "engine_cpu_to_asterisk_cpu": None if ratio is None else round(ratio, 2),
            "answer_to_first_prompt_ms": asdict(self.first_sound),
            "free_to_bridge_ms": asdict(self.free_to_bridge),
            "free_to_bridge_with_answering_ms": asdict(self.with_answering),
            "left_behind": asdict(self.left),
        }

    def faults(self) -> list[str]:
        """What must not be, in words; nothing when all is well."""
        calls = self.load.calls
        found = [
            (
                self.failed > 0,
                f"failed: {self.failed} of {calls} calls were not served ({self.ended} ended in "
                f"order, {self.talked} carried audio both ways)",
            ),
            (self.records != calls, f"records: {self.records} for {calls} calls"),
            (not self.left.nothing, f"left_behind: {asdict(self.left)}"),
        ]
        faults = [text for wrong, text in found if wrong]
        return faults if self.journal is None else faults + self.journal.faults()


async def run_calls(build: Path, load: Load, *, prefer_block: int = 0) -> CallRun:
    """Bring the hotline up, let SIPp call it, stop it, replay its journal, count what is left."""
    data_dir = build / "bench"
    if data_dir.exists():
        shutil.rmtree(data_dir)
    run = CallRun(load)
    with tempfile.TemporaryDirectory(prefix="expertline-bench-") as private:
        site = write_site(Path(private) / "site", load)
        async with LiveHotline(data_dir, site=site, prefer_block=prefer_block) as hotline:
            run.asterisk_version = hotline.asterisk.version
            await _load(hotline, Path(private) / "sipp", run)
            run.left = await telephony_left(hotline)
            run.records = hotline.record_counts().records
            marker, pids = str(hotline.run_dir), [hotline.engine_pid, hotline.asterisk.pid]
            await hotline.stop_engine()
            run.journal = await replay_twice(data_dir, Path(private))
        processes = count_processes(marker=marker, pids=pids)
        run.left.processes = processes + count_processes(marker=private, pids=[])
    return run


async def _load(hotline: LiveHotline, folder: Path, run: CallRun) -> None:
    load = run.load
    agents = Sipp("agents", _seat(hotline, folder, 0))
    callers = Sipp("callers", _seat(hotline, folder, 1))
    async with contextlib.AsyncExitStack() as stack:
        media = stack.enter_context(CallersMedia(load.callers, key_after_ms=load.key_after_ms))
        for one in (agents, callers):
            stack.push_async_callback(one.stop)
        await _register(hotline, folder, load)
        await agents.start(scenarios.agents(load), options=["-rtp_echo"])
        await demand_reachable(hotline, map(device_of, load.agent_names))
        await agent_command(hotline, "sign-in", *load.agent_names)
        agents.must_run()
        began = time.monotonic()
        before = _cpu(hotline)
        options = ["-m", load.calls, "-r", load.calls_per_second, "-l", load.calls]
        await callers.start(
            scenarios.callers(),
            injection=scenarios.callers_file(media.ports),
            options=[str(option) for option in options],
        )
        await _calls_over(callers, hotline, load)
        run.took_s = time.monotonic() - began
        await _records_written(hotline, load.calls)
        await asyncio.sleep(load.wrap_up_ms / 1000 + SETTLED_S)
        after = _cpu(hotline)
        run.engine_cpu_ms, run.asterisk_cpu_ms = (b - a for a, b in zip(before, after, strict=True))
        _judge(run, callers, media.heard(), hotline)


def _judge(run: CallRun, callers: Sipp, heard: Mapping[str, Heard], hotline: LiveHotline) -> None:
    load = run.load
    log = read_callers_log(callers.log.read_text(encoding="utf-8").splitlines())
    first = {n: one.first_packet_ns for n, one in heard.items() if one.first_packet_ns is not None}
    own = {number: one.own_packets for number, one in heard.items()}
    run.failed = load.calls - len(served(log.ended, own, talk_ms=load.talk_ms))
    run.words = callers.unexpected() if run.failed else ""
    run.ended = len(log.ended)
    run.talked = len(served(own, own, talk_ms=load.talk_ms))
    run.first_sound = spread(first_sound_ms(log.answered_ns, first))
    waited = free_to_bridge_ms(read_lines(hotline.trace_file), wrap_up_ms=load.wrap_up_ms)
    run.with_answering = spread(waited)
    run.free_to_bridge = spread([one - load.answer_after_ms for one in waited])


async def _register(hotline: LiveHotline, folder: Path, load: Load) -> None:
    """Register all phones from the agents' own port, which their SIPp takes over afterwards.

    Asterisk asks at once whether each phone is there, and again half a second later: by then the
    agents' SIPp answers.
    """
    passwords = {
        device_of(name): hotline.device(device_of(name)).password for name in load.agent_names
    }
    phones = Sipp("registration", _seat(hotline, folder, 0))
    try:
        await phones.start(
            scenarios.registration(),
            injection=scenarios.phones_file(passwords),
            options=["-m", str(load.agents), "-r", str(REGISTRATIONS_PER_SECOND)],
        )
        await phones.ended_or_stopped(REGISTERED_S_MAX)
    finally:
        await phones.stop()


async def _calls_over(callers: Sipp, hotline: LiveHotline, load: Load) -> None:
    """Wait till the last call is over; an engine that ends by itself ends the bench at once."""
    seconds_max = load.calls / load.calls_per_second + AFTER_LAST_CALL_S_MAX
    calling = asyncio.create_task(callers.ended_or_stopped(seconds_max))
    serving = asyncio.create_task(hotline.engine_ended())
    try:
        await asyncio.wait((calling, serving), return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            place = hotline.data_dir / "engine.log"
            raise HotlineProblem(f"the engine ended by itself: see {place}")
        await calling
    finally:
        for task in (calling, serving):
            task.cancel()


async def _records_written(hotline: LiveHotline, calls: int) -> None:
    """Wait for one record a call; the count itself is judged later."""
    deadline = time.monotonic() + RECORDS_S_MAX
    while time.monotonic() < deadline:
        if hotline.record_counts().records >= calls:
            return
        await asyncio.sleep(POLL_S)


def _seat(hotline: LiveHotline, folder: Path, index: int) -> SippSeat:
    """Ports of the hotline's own block: SIP, control, and four for media (SIPp takes two pairs)."""
    first = hotline.block.phones.start + 10 * index
    return SippSeat(
        folder=folder,
        remote=hotline.sip_address,
        port=first,
        control_port=first + 1,
        media_port=first + 2,
    )


def _cpu(hotline: LiveHotline) -> tuple[float, float]:
    return cpu_ms(hotline.engine_pid), cpu_ms(hotline.asterisk.pid)
