import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.bench import __main__ as bench
from simulator.bench.report import SuiteResult, merged
from simulator.live.bench import replayed
from simulator.live.bench.call_suite import CallRun
from simulator.live.bench.commands import CommandAnswer
from simulator.live.bench.load import Load
from simulator.live.bench.measures import spread
from simulator.live.bench.replayed import ReplaySaid, no_proof, proof_of, understood
from simulator.live.demo.report import LeftBehind
from simulator.one_run import only_one

pytestmark = pytest.mark.unit

GOOD = ReplaySaid(from_seq=0, rows=9, same=9, differing=0, state_same=True)
KEYS = [
    *("calls", "failed", "records", "engine_cpu_ms_per_call", "asterisk_cpu_ms_per_call"),
    *("answer_to_first_prompt_ms_p95", "free_to_bridge_ms_p95", "left_behind"),
]


def good_run() -> CallRun:
    run = CallRun(Load(calls=10), records=10, engine_cpu_ms=125.0, asterisk_cpu_ms=500.0)
    run.first_sound = spread([1.0, 2.0])
    run.journal = proof_of([GOOD, GOOD], effects_same=True)
    return run


def test_row_has_just_the_keys_of_the_issue() -> None:
    assert list(good_run().row()) == KEYS


def test_costs_are_told_by_call_and_as_a_ratio() -> None:
    row, details = good_run().row(), good_run().details()
    assert (row["engine_cpu_ms_per_call"], row["asterisk_cpu_ms_per_call"]) == (12.5, 50.0)
    assert details["engine_cpu_to_asterisk_cpu"] == 0.25


def test_run_without_fault_has_none() -> None:
    assert good_run().faults() == []


def test_each_fault_is_named() -> None:
    run = good_run()
    run.failed, run.records, run.left = 2, 9, LeftBehind(channels=1)
    run.journal = proof_of([GOOD, GOOD], effects_same=False)
    words = [fault.split(":")[0] for fault in run.faults()]
    assert words == ["failed", "records", "left_behind", "journal"]


def test_bench_without_a_replay_fails() -> None:
    run = good_run()
    run.journal = no_proof("the disk is full")
    assert run.faults() == ["journal: it could not be replayed (the disk is full)"]


@pytest.mark.parametrize(
    "bad",
    [
        ReplaySaid(from_seq=0, rows=9, same=8, differing=1, state_same=True),
        ReplaySaid(from_seq=0, rows=9, same=8, differing=0, state_same=True),
        ReplaySaid(from_seq=0, rows=9, same=9, differing=0, state_same=False),
    ],
)
def test_one_bad_replay_of_two_is_a_fault(bad: ReplaySaid) -> None:
    assert proof_of([GOOD, bad], effects_same=True).faults() != []


def test_empty_journal_proves_nothing() -> None:
    empty = ReplaySaid(from_seq=0, rows=0, same=0, differing=0, state_same=True)
    assert proof_of([empty, empty], effects_same=True).faults() != []


@pytest.mark.parametrize("output", ["", "no JSON", "{}", '{"rows": "9"}', "[]"])
def test_replay_that_says_nothing_is_no_proof(output: str) -> None:
    assert understood(CommandAnswer(0, output, "")) is None


def test_differing_rows_are_counted_beyond_those_listed() -> None:
    said = {"from_seq": 2, "rows": 90, "same": 50, "differing": [{"seq": 3}], "state_same": None}
    assert understood(CommandAnswer(1, json.dumps(said), "")) == ReplaySaid(2, 90, 50, 40, False)


@pytest.mark.parametrize(("second", "same"), [("effects a", True), ("effects b", False)])
def test_effects_that_differ_by_a_byte_are_found(
    second: str, same: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = iter(["effects a", second])

    async def one_replay(arguments: list[str], **_: object) -> CommandAnswer:
        write(arguments[-1], next(outputs))
        said = {"from_seq": 0, "rows": 1, "same": 1, "state_same": True}
        return CommandAnswer(0, json.dumps(said), "")

    monkeypatch.setattr(replayed, "expertline", one_replay)
    proof = asyncio.run(replayed.replay_twice(tmp_path, tmp_path))
    assert proof.effects_same is same
    assert (proof.faults() == []) is same


def write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")


def test_keys_of_other_suites_stay() -> None:
    earlier = json.dumps({"replay": {"rows": 1}, "call": {"calls": 1}})
    assert merged(earlier, {"call": {"calls": 2}}) == {
        "replay": {"rows": 1},
        "call": {"calls": 2},
    }


@pytest.mark.parametrize("earlier", [None, "", "broken", "[1]"])
def test_report_that_cannot_be_read_is_begun_anew(earlier: str | None) -> None:
    assert merged(earlier, {"call": 1}) == {"call": 1}


def test_unknown_suite_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["cal", "--build", str(tmp_path)]) == 2
    (said,) = capsys.readouterr().out.splitlines()
    assert "no suite is called cal" in said
    assert "call" in said


@pytest.mark.parametrize(
    ("asked", "run"),
    [([], ["flow", "call"]), (["all"], ["flow", "router", "call"]), (["router"], ["router"])],
)
def test_router_suite_runs_only_when_asked_for(
    asked: list[str], run: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def noted(name: str) -> Callable[[Path], SuiteResult]:
        def suite(_: Path) -> SuiteResult:
            ran.append(name)
            return SuiteResult({}, {}, ())

        return suite

    def suites(_: int | None) -> dict[str, Callable[[Path], SuiteResult]]:
        return {name: noted(name) for name in ("flow", "router", "call")}

    monkeypatch.setattr(bench, "suites", suites)
    assert bench.main([*asked, "--build", str(tmp_path)]) == 0
    assert ran == run


def test_second_bench_in_the_same_place_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with only_one("bench", tmp_path):
        assert bench.main(["call", "--build", str(tmp_path)]) == 1
    assert "another bench runs" in capsys.readouterr().out
