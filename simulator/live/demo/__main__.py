"""Runs the demo: exit 0 only if every call did what it should and nothing is left behind."""

import argparse
import asyncio
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.prompts.catalogue import load_catalogue
from ivr.settings import repository_root
from simulator.live.demo.agent_calls import AgentCalls
from simulator.live.demo.evidence import Judged, Prompts
from simulator.live.demo.judge import load_prompts
from simulator.live.demo.leftovers import count_processes, telephony_left
from simulator.live.demo.play import play_all
from simulator.live.demo.report import Audit, Report
from simulator.live.demo.scenarios import SCENARIOS, Scenario
from simulator.live.demo.stage import BY_PHONE, Stage, by_command, open_seats
from simulator.live.demo.timeline import told
from simulator.live.hotline import LiveHotline
from simulator.live.phone import PhoneRack
from simulator.live.refusals import REFUSALS
from simulator.live.trace_lines import read_lines
from simulator.one_run import AlreadyRunningError, only_one, until_ended


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
    wanted = [one for one in SCENARIOS if not options.only or one.name in options.only]
    began = time.monotonic()
    async with LiveHotline(data_dir) as hotline, PhoneRack(folder=recordings) as rack:
        report.asterisk_version = hotline.asterisk.version
        say(f"{hotline.ready} ({time.monotonic() - began:.1f} s)")
        phones = await open_seats(hotline, rack)
        stage = Stage(hotline, rack, phones, AgentCalls(), asyncio.Event())
        _tell_shift(began)
        async with stage.agent_calls.watching(stage.phones.values()):
            report.judged = await play_all(
                wanted,
                stage,
                Prompts(catalogue, audio),
                mute_in=options.mute_agent_in,
                told=lambda scenario, judged: _tell(scenario, judged, hotline),
            )
        report.left = await telephony_left(hotline)
        report.audit = _audit(hotline, report.judged)
        marker, pids = str(hotline.run_dir), [*rack.pids, hotline.engine_pid]
    report.left.processes = count_processes(marker=marker, pids=pids)
    return report


def _tell_shift(began: float) -> None:
    say(
        f"Phones registered ({time.monotonic() - began:.1f} s). Experts {', '.join(BY_PHONE)} "
        f"sign in at their phones, {', '.join(by_command())} by `expertline agent`. Callers dial..."
    )


def _tell(scenario: Scenario, judged: Judged, hotline: LiveHotline) -> None:
    say(f"\n{scenario.name}: the caller {scenario.story}")
    for line in told(str(judged.row["contact"]), read_lines(hotline.trace_file)):
        say(line)
    row, proof = judged.row, judged.proof
    verdict = "ok" if row["ok"] else "WRONG"
    heard = "heard" if proof.proven else "NOT heard"
    say(
        f"  {verdict}: {row['outcome']}, first sound {row['answer_to_first_prompt_ms']} ms after "
        f"the answer, {proof.expected} {heard} (likeness {proof.score}, "
        f"next {proof.runner_up} {proof.runner_up_score}), never silent for longer than "
        f"{judged.silence_ms} ms"
    )
    if row["audio_agent_to_caller"] is not None:
        say(
            f"  the caller heard the expert: {row['audio_agent_to_caller']}, "
            f"the expert heard the caller: {row['audio_caller_to_agent']}"
        )
    if row.get("audio_between_agents") is not None:
        say(f"  the two agents heard each other meanwhile: {row['audio_between_agents']}")
    for fault in judged.faults:
        say(f"  WRONG: {fault}")


def _audit(hotline: LiveHotline, judged: list[Judged]) -> Audit:
    counts = hotline.record_counts()
    missing = sum(one.row["contact"] is None for one in judged)
    return Audit(len(judged), counts.records, missing, counts.double)


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
        help="let the experts' phones send nothing in this call, to see the demo fail",
    )
    given = parser.parse_args(argv)
    return Options(given.build, tuple(given.only), given.mute_agent_in)


def main(argv: Sequence[str]) -> int:
    """Run and report; the exit status."""
    options = parse(argv)
    try:
        with only_one("demo", options.build):
            report = asyncio.run(until_ended(run(options)))
    except (AlreadyRunningError, *REFUSALS) as refusal:
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
