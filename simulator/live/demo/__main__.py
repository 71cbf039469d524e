"""Runs the demo: exit 0 only if every call did what it should and nothing is left behind."""

import argparse
import asyncio
import contextlib
import fcntl
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Coroutine, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp

from ivr.prompts.catalogue import load_catalogue
from ivr.settings import repository_root
from router.model import local_name
from simulator.live.demo.agent_calls import AgentCalls
from simulator.live.demo.contacts import channel_of, contact_on, playbacks_in
from simulator.live.demo.evidence import Judged, Prompts, judge, read_lines
from simulator.live.demo.judge import load_prompts
from simulator.live.demo.report import Audit, LeftBehind, Report
from simulator.live.demo.scenarios import SCENARIOS, Scenario, Stage
from simulator.live.demo.timeline import told
from simulator.live.hotline import HotlineProblem, LiveHotline
from simulator.live.phone import Phone, PhoneRack
from simulator.live.refusals import REFUSALS
from simulator.live.witness import Count, count_by_console, count_by_manager, processes_left

AGENT_DEVICES = ("desk-8001", "desk-8002")
GONE_S_MAX = 30.0
"""Nothing of a contact's telephony may be left this long after its end (design, invariant 13)."""
POLL_S = 0.25
REGISTERED_S_MAX = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked to do."""

    build: Path
    only: tuple[str, ...]
    mute_agent_in: str | None


async def run(options: Options) -> Report:
    """Bring the hotline up, play the scenarios, judge them, count what is left."""
    data_dir = options.build / "demo"
    if data_dir.exists():
        shutil.rmtree(data_dir)
    recordings = data_dir / "recordings"
    recordings.mkdir(parents=True)
    report = Report()
    catalogue = load_catalogue()
    audio = load_prompts(catalogue, repository_root() / "prompts" / "audio")
    began = time.monotonic()
    async with LiveHotline(data_dir) as hotline, PhoneRack(folder=recordings) as rack:
        report.asterisk_version = hotline.asterisk.version
        say(f"{hotline.ready} ({time.monotonic() - began:.1f} s)")
        phones = await _seat_phones(hotline, rack)
        stage = Stage(hotline, rack, phones, AgentCalls())
        async with stage.agent_calls.watching(phones.values()):
            for wave in _waves(options):
                report.judged += await _play_wave(wave, stage, Prompts(catalogue, audio), options)
        report.left = await _count_left(hotline)
        report.audit = _audit(hotline, report.judged)
        marker, pids = str(hotline.run_dir), [*rack.pids, hotline.engine_pid]
    report.left.processes = len(processes_left(marker=marker)) + sum(map(_is_alive, pids))
    return report


async def _seat_phones(hotline: LiveHotline, rack: PhoneRack) -> dict[str, Phone]:
    await rack.reserve(len(AGENT_DEVICES) + 1)
    phones = {
        name: await rack.register(
            name, hotline.device(name).password, registrar=hotline.sip_address
        )
        for name in AGENT_DEVICES
    }
    await demand_reachable(hotline, phones)
    say(f"Experts' phones registered: {', '.join(phones)}. Callers dial...")
    return phones


async def demand_reachable(hotline: LiveHotline, devices: Iterable[str]) -> None:
    """Wait until the engine sees these phones registered; ``HotlineProblem`` if it does not."""
    deadline = time.monotonic() + REGISTERED_S_MAX
    while missing := set(devices) - _reachable(hotline):
        if time.monotonic() >= deadline:
            raise HotlineProblem(
                f"the phone {', '.join(sorted(missing))} is not registered (waited "
                f"{REGISTERED_S_MAX:g} s): start it, or compare its account with the device's"
            )
        await asyncio.sleep(POLL_S)


def _reachable(hotline: LiveHotline) -> set[str]:
    found: set[str] = set()
    for event in _events(hotline, "DeviceReachabilityChanged"):
        device = local_name(str(event.get("device")))
        (found.add if event.get("reachable") is True else found.discard)(device)
    return found


def _events(hotline: LiveHotline, kind: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for line in read_lines(hotline.trace_file):
        event = line.get("event")
        if isinstance(event, dict) and event.get("type") == kind:  # pyright: ignore[reportUnknownMemberType]
            found.append(event)  # pyright: ignore[reportUnknownArgumentType]
    return found


def _waves(options: Options) -> list[list[Scenario]]:
    """The scenarios asked for, by wave; alone, each, when one of them is to be broken."""
    wanted = [one for one in SCENARIOS if not options.only or one.name in options.only]
    if options.mute_agent_in is not None:
        return [[scenario] for scenario in wanted]
    numbers = sorted({scenario.wave for scenario in wanted})
    return [[one for one in wanted if one.wave == number] for number in numbers]


async def _play_wave(
    wave: list[Scenario], stage: Stage, prompts: Prompts, options: Options
) -> list[Judged]:
    await stage.rack.reserve(len(wave))
    playing = [
        _play(one, replace(stage, muted=one.name == options.mute_agent_in), prompts) for one in wave
    ]
    judged = await asyncio.gather(*playing)
    for scenario, verdict in zip(wave, judged, strict=True):
        say(f"\n{scenario.name}: the caller {scenario.story}")
        _tell(verdict, stage.hotline)
    return judged


async def _play(scenario: Scenario, stage: Stage, prompts: Prompts) -> Judged:
    watching = asyncio.create_task(_watch_channel(stage.hotline, scenario.caller))
    try:
        played = await scenario.script(stage, scenario.caller)
    finally:
        watching.cancel()
        (channel,) = await asyncio.gather(watching, return_exceptions=True)
    record = await _record_of(stage.hotline, channel if isinstance(channel, str) else None)
    return judge(scenario, played, record, prompts)


async def _watch_channel(hotline: LiveHotline, number: str) -> str:
    while True:
        channel = await channel_of(hotline.asterisk, number)
        if channel is not None:
            return channel
        await asyncio.sleep(POLL_S)


async def _record_of(hotline: LiveHotline, channel: str | None) -> dict[str, object] | None:
    """The contact's record, or None when the engine writes none in time."""
    if channel is None:
        return None
    contact = contact_on(channel, read_lines(hotline.trace_file))
    deadline = time.monotonic() + GONE_S_MAX
    while contact is not None and time.monotonic() < deadline:
        for record in hotline.records():
            if record.get("contact") == contact:
                return record
        await asyncio.sleep(POLL_S)
    return None


def _tell(judged: Judged, hotline: LiveHotline) -> None:
    for line in told(str(judged.row["contact"]), read_lines(hotline.trace_file)):
        say(line)
    row, proof = judged.row, judged.proof
    verdict = "ok" if row["ok"] else "WRONG"
    heard = "heard" if proof.proven else "NOT heard"
    say(
        f"  {verdict}: {row['outcome']}, first sound {row['answer_to_first_prompt_ms']} ms after "
        f"the answer, {proof.expected} {heard} (likeness {proof.score}, "
        f"next {proof.runner_up} {proof.runner_up_score})"
    )
    if row["audio_agent_to_caller"] is not None:
        say(
            f"  the caller heard the expert: {row['audio_agent_to_caller']}, "
            f"the expert heard the caller: {row['audio_caller_to_agent']}"
        )
    for fault in judged.faults:
        say(f"  WRONG: {fault}")


async def _count_left(hotline: LiveHotline) -> LeftBehind:
    """Asked of Asterisk in three ways, none of them the engine."""
    deadline = time.monotonic() + GONE_S_MAX
    while True:
        by_console = await count_by_console(hotline.asterisk)
        by_manager = await _by_manager(hotline)
        playbacks = await _playbacks_left(hotline)
        left = LeftBehind(
            channels=max(by_console.channels, by_manager.channels),
            bridges=max(by_console.bridges, by_manager.bridges),
            playbacks=playbacks,
        )
        if left.nothing or time.monotonic() >= deadline:
            return left
        await asyncio.sleep(POLL_S)


def _audit(hotline: LiveHotline, judged: list[Judged]) -> Audit:
    counts = hotline.record_counts()
    missing = sum(one.row["contact"] is None for one in judged)
    return Audit(len(judged), counts.records, missing, counts.double)


async def _by_manager(hotline: LiveHotline) -> Count:
    password = hotline.asterisk.conf.secrets.witness_password
    return await count_by_manager(hotline.block.witness, password)


async def _playbacks_left(hotline: LiveHotline) -> int:
    """How many of the playback ids the engine ever used still exist in Asterisk."""
    settings = hotline.asterisk.settings
    login = aiohttp.encode_basic_auth(settings.ari_user, hotline.asterisk.conf.secrets.ari_password)
    base = f"http://127.0.0.1:{settings.http_port}/ari/playbacks/"
    left = 0
    async with aiohttp.ClientSession(headers={"Authorization": login}) as client:
        for playback in playbacks_in(read_lines(hotline.trace_file)):
            async with client.get(base + playback) as reply:
                left += reply.status != 404
    return left


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def say(line: str) -> None:
    """Tell the person who watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def parse(argv: Sequence[str]) -> Options:
    """The command line."""
    names = [scenario.name for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--build", type=Path, default=repository_root() / "build")
    parser.add_argument("--only", action="append", choices=names, default=[])
    parser.add_argument(
        "--mute-agent-in",
        choices=names,
        help="let the expert's phone send nothing in this call, to see the demo fail",
    )
    given = parser.parse_args(argv)
    return Options(given.build, tuple(given.only), given.mute_agent_in)


@contextlib.contextmanager
def only_one_demo(build: Path) -> Generator[None]:
    """Two demos in one checkout would take each other's evidence away."""
    build.mkdir(parents=True, exist_ok=True)
    with (build / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HotlineProblem(
                f"another demo runs with {build}: wait for it, or give --build another folder"
            ) from None
        yield


async def _until_ended(work: Coroutine[None, None, Report]) -> Report:
    """End in order also when the terminal is closed or somebody asks: nothing is left behind."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


def main(argv: Sequence[str]) -> int:
    """Run and report; the exit status."""
    options = parse(argv)
    try:
        with only_one_demo(options.build):
            report = asyncio.run(_until_ended(run(options)))
    except REFUSALS as refusal:
        say(f"make demo: {refusal}")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    path = options.build / "demo.json"
    path.write_text(json.dumps(report.document(), indent=2) + "\n", encoding="utf-8")
    left = report.document()["left_behind"]
    say(f"\nLeft behind: {left}")
    say(f"Recordings and the engine's trace: {options.build / 'demo'}; report: {path}")
    for fault in report.faults:
        say(f"FAILED {fault}")
    say("Every call did what it should, and nothing is left." if report.ok else "The demo FAILED.")
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
