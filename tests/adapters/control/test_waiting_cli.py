"""`expertline contacts list --waiting` through a real socket: what people and programs get."""

import json
from pathlib import Path

import pytest
from fake_desk import WALL_OF_ZERO, FakeDesk, served
from typer.testing import CliRunner, Result

from ivr.cli import waiting
from ivr.cli.main import app
from router.model import PREFERRED_STEP, AgentId, ContactId, QueueId
from router.views import WaitingList, WaitingView

pytestmark = pytest.mark.unit

DATA = QueueId("main:10086/data")

SEVERAL = WaitingList(
    (
        WaitingView(ContactId("c5"), DATA, 1, 1_000, None, AgentId("main:1002")),
        WaitingView(ContactId("c7"), DATA, 0, 2_000, 1, None),
        WaitingView(ContactId("c8"), DATA, PREFERRED_STEP, 70_000, 2, None),
    )
)


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "utc_millis", lambda: WALL_OF_ZERO + 80_400)


def run(folder: Path, *words: str) -> Result:
    line = ["contacts", "list", "--waiting", *words, "--data-dir", str(folder)]
    return CliRunner().invoke(app, line)


def rows(shown: Result) -> list[list[str]]:
    """The cells of each row under the headings."""
    lines = [each.strip() for each in shown.stdout.splitlines() if each.strip().startswith("c")]
    return [[cell.strip() for cell in each.split("  ") if cell.strip()] for each in lines[1:]]


def test_people_get_a_row_for_each_who_waits(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(contacts=SEVERAL)):
        shown = run(tmp_path)
    assert shown.exit_code == 0
    assert rows(shown) == [
        ["c5", "10086/data", "-", "2", "1 min 19 s", "1002"],
        ["c7", "10086/data", "1", "1", "1 min 18 s", "-"],
        ["c8", "10086/data", "2", "preferred agent", "10.0 s", "-"],
    ]
    assert "more" not in shown.stdout


def test_programs_get_ids_numbers_and_times(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(contacts=SEVERAL)):
        document = json.loads(run(tmp_path, "--format", "json").stdout)
    assert document["more"] == 0
    assert document["waiting"][0] == {
        "contact": "c5",
        "queue": "10086/data",
        "position": None,
        "step": 2,
        "since": "2026-01-01T00:00:01.000+00:00",
        "waited_ms": 79_400,
        "rings": "1002",
    }
    kept = [(each["step"], each["position"], each["rings"]) for each in document["waiting"]]
    assert kept == [(2, None, "1002"), (1, 1, None), (None, 2, None)]


def test_limit_and_the_engines_own_are_told_as_more(tmp_path: Path) -> None:
    crowd = WaitingList(SEVERAL.contacts, left_out=40)
    with served(tmp_path, FakeDesk(contacts=crowd)):
        shown = run(tmp_path, "--limit", "2")
        document = json.loads(run(tmp_path, "--limit", "1", "--format", "json").stdout)
    assert [each[0] for each in rows(shown)] == ["c5", "c7"]
    assert shown.stdout.endswith("... and 41 more.\n")
    assert ([each["contact"] for each in document["waiting"]], document["more"]) == (["c5"], 42)


def test_nobody_waiting_is_said(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        assert run(tmp_path).stdout == "Nobody waits.\n"
        assert run(tmp_path, "--queue", "main:10086/data").stdout == "Nobody waits.\n"
        assert json.loads(run(tmp_path, "--format", "json").stdout) == {"waiting": [], "more": 0}


def test_queue_is_asked_for_by_its_whole_name(tmp_path: Path) -> None:
    desk = FakeDesk(contacts=SEVERAL)
    with served(tmp_path, desk):
        assert run(tmp_path, "--queue", "10086/data").exit_code == 0
        assert run(tmp_path).exit_code == 0
    assert desk.looked_at == [DATA, None]


def test_unknown_queue_is_one_sentence(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        refused = run(tmp_path, "--queue", "10086/dat")
    assert refused.exit_code == 1
    assert 'Did you mean "10086/data"?' in refused.stderr


@pytest.mark.parametrize(
    "words",
    [("--since", "1h"), ("--outcome", "abandoned"), ("--agent", "1001"), ("--reveal",)],
)
def test_what_only_records_know_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    refused = run(tmp_path, *words)
    assert refused.exit_code == 2
    assert "--waiting goes with --queue, --limit and --format only" in refused.stderr


def test_without_an_engine_it_is_said(tmp_path: Path) -> None:
    refused = run(tmp_path)
    assert refused.exit_code == 2
    assert "no engine runs" in refused.stderr
