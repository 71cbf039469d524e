"""`expertline reload` through a real socket: what a person and a program are told."""

import json
from pathlib import Path

import pytest
from fake_desk import FakeDesk, RawClient, served, unchanged
from typer.testing import CliRunner, Result

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.server import ControlLimits
from ivr.adapters.control.wire import ChangeLine, ReloadLine, ReloadResult
from ivr.cli.main import app
from ivr.cli.reload import CHANGES_SHOWN_MAX

pytestmark = pytest.mark.unit

CHANGED = ReloadLine(
    ReloadResult.ACTIVATED,
    "a" * 64,
    live_contacts=2,
    changes=(
        ChangeLine("node", "10086/menu", "changed", ("choices", "prompt")),
        ChangeLine("queue", "10086/data", "removed", ()),
    ),
    notices=("Queue 10086/data is gone: 3 who waited there go on.",),
)
REFUSED = ReloadLine(
    ReloadResult.REFUSED,
    "b" * 64,
    live_contacts=0,
    reasons=("10086/hotline.yaml:9:3: error unknown-node: No node. Did you mean it?", "two\x1b[2J"),
)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["reload", *words, "--data-dir", str(folder)])


def test_change_is_told_in_sentences(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(reloads=CHANGED)):
        done = run(tmp_path)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "The changed site serves new contacts from now on (version aaaaaaaaaaaa).",
        "  node 10086/menu changed: choices, prompt",
        "  queue 10086/data removed",
        "2 live contacts finish on the flow they began with.",
        "Queue 10086/data is gone: 3 who waited there go on.",
    ]


def test_refusal_tells_every_reason_and_is_status_1(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(reloads=REFUSED)):
        done = run(tmp_path)
    assert done.exit_code == 1
    first, *reasons = done.stdout.splitlines()
    assert first.startswith("The changed site is refused, and the one from before goes on (version")
    assert reasons[0] == f"  {REFUSED.reasons[0]}"
    assert "\x1b" not in done.stdout
    assert len(reasons) == 2


def test_nothing_changed_is_good(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        done = run(tmp_path)
    assert done.exit_code == 0
    assert done.stdout == "The files say what is served already (version v1).\n"


@pytest.mark.parametrize(("line", "status"), [(CHANGED, 0), (REFUSED, 1), (unchanged(), 0)])
def test_program_is_told_all_of_it(tmp_path: Path, line: ReloadLine, status: int) -> None:
    with served(tmp_path, FakeDesk(reloads=line)):
        done = run(tmp_path, "--format", "json")
    assert done.exit_code == status
    document = json.loads(done.stdout)
    assert document["result"] == line.result.value
    assert document["reasons"] == list(line.reasons)
    assert [each["name"] for each in document["changes"]] == [each.name for each in line.changes]


def test_many_changes_are_counted_for_a_person(tmp_path: Path) -> None:
    one = ChangeLine("agent", "1001", "added", ())
    line = ReloadLine(ReloadResult.ACTIVATED, "v2", 0, (one,) * (CHANGES_SHOWN_MAX + 7))
    with served(tmp_path, FakeDesk(reloads=line)):
        done = run(tmp_path)
    assert done.stdout.count("agent 1001 added") == CHANGES_SHOWN_MAX
    assert "and 7 more changes" in done.stdout


def test_no_engine_is_status_2(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.exit_code == 2
    assert "no engine runs on the data folder" in done.stderr


def test_reload_that_takes_too_long_is_told_and_others_are_served(tmp_path: Path) -> None:
    limits = ControlLimits(reload_s_max=0.05)
    with (
        served(tmp_path, FakeDesk(mute=True), limits=limits),
        ControlClient(tmp_path) as client,
    ):
        with pytest.raises(ControlProblem, match=r"goes on with it: .* site_reload") as told:
            client.reload()
        assert client.site().version
    assert told.value.code is ControlCode.NO_ANSWER


def test_reload_under_way_lets_another_line_be_answered(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(mute=True)):
        client = RawClient(tmp_path)
        client.send(b'{"v": 1, "id": "r", "do": "reload"}\n{"v": 1, "id": "s", "do": "queues"}\n')
        answer = client.answer()
        client.close()
    assert answer is not None
    assert answer["id"] == "s"
