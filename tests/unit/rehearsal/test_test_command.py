"""``expertline test``: what it prints, and its exit status."""

import json
import re
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ivr.adapters.site_files import read_site_files
from ivr.adapters.time_zones import known_timezones
from ivr.cli.run_tests import run_caller_tests
from ivr.flow.load import load_site
from ivr.prompts.catalogue import load_catalogue

pytestmark = pytest.mark.unit

SHIPPED = Path(__file__).parents[3] / "dialplans"
PAGE = SHIPPED.parent / "docs" / "testing-dialplans.md"
WRONG = "tests:\n  a wrong test:\n    steps:\n      - hear: welcome\n    outcome: served\n"

app = typer.Typer()
app.command()(run_caller_tests)


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the shipped site that has one wrong test and no other."""
    copy = tmp_path / "site"
    shutil.copytree(SHIPPED, copy)
    for file in copy.glob("*/tests/*.yaml"):
        file.unlink()
    (copy / "10086" / "tests" / "wrong.yaml").write_text(WRONG)
    return copy


def test_shipped_site_passes_and_every_node_is_gone_through() -> None:
    status, printed, _ = run(str(SHIPPED), "--format", "json")
    document = json.loads(printed)
    assert set(document) == {"passed", "failed", "tests", "node_coverage", "edge_coverage"}
    assert (status, document["failed"], document["node_coverage"]) == (0, 0, 1.0)
    # Six ways need what no caller test can say yet: a hotline closed by hand, a line that fails.
    assert document["edge_coverage"] > 0.97
    assert document["passed"] == len(document["tests"])
    for test in document["tests"]:
        assert test["ok"]
        assert Path(test["file"]).is_file()
        assert test["line"] > 1


def test_failure_shows_the_call_its_place_and_both_sides(site: Path) -> None:
    status, printed, _ = run(str(site))
    assert status == 1
    lines = [line.strip() for line in printed.splitlines()]
    assert lines[0].startswith("FAILED a wrong test")
    assert "0:00.0  dials 10086" in lines
    at = next(n for n, line in enumerate(lines) if line.endswith("wrong.yaml:4:15"))
    assert lines[at + 1] == "- hear: welcome"
    assert lines[at + 2] == "^"
    assert lines[at + 3] == "- expected: hears welcome"
    assert lines[at + 4].startswith("+ happened: hears choose-language")
    assert "10086: welcome" in lines
    assert "10086: language by noinput" in lines


def test_failure_in_json_has_place_and_transcript(site: Path) -> None:
    status, printed, _ = run(str(site), "--format", "json")
    (test,) = json.loads(printed)["tests"]
    assert (status, test["ok"], test["line"]) == (1, False, 2)
    (failure,) = test["failures"]
    assert (failure["line"], failure["column"]) == (4, 15)
    assert test["transcript"][0].endswith("dials 10086")


def test_mistake_in_a_test_plays_nothing(site: Path) -> None:
    (site / "10086" / "tests" / "bad.yaml").write_text(WRONG.replace("welcome", "welcom"))
    status, printed, told = run(str(site), "--format", "json")
    assert (status, printed) == (1, "")
    assert 'bad.yaml:4:15: unknown-prompt: There is no prompt "welcom".' in told
    assert 'remedy: Did you mean "welcome"?' in told


def test_mistake_in_the_site_plays_nothing(site: Path) -> None:
    file = site / "10086" / "hotline.yaml"
    file.write_text(file.read_text().replace("play: welcome", "play: welcom"))
    status, _, told = run(str(site))
    assert status == 1
    assert "unknown-prompt" in told


@pytest.mark.parametrize("part", ["10086", "10086/tests", "10086/tests/wrong.yaml", "site.yaml"])
def test_part_of_a_site_can_be_named(site: Path, part: str) -> None:
    assert "1 call, 1 went otherwise" in run(str(site / part))[1]


def test_part_of_a_hotline_tells_no_coverage(site: Path) -> None:
    whole, part = (run(str(site / each))[1] for each in ("10086", "10086/tests/wrong.yaml"))
    assert "nodes and" in whole
    assert "nodes and" not in part
    assert "is told of whole hotlines only" in part


def test_filter_plays_the_named_ones_only() -> None:
    status, printed, _ = run(str(SHIPPED), "--filter", "knows what she wants")
    assert status == 0
    assert printed.startswith("ok     a caller who knows what she wants")
    assert "1 call, " in printed


@pytest.mark.parametrize("arguments", [("--filter", "no such test"), ()])
def test_nothing_to_play_is_wrong_use(site: Path, arguments: tuple[str, ...]) -> None:
    if not arguments:
        (site / "10086" / "tests" / "wrong.yaml").unlink()
    status, _, told = run(str(site), *arguments)
    assert status == 2
    assert told.startswith("There is no caller test")


def test_examples_of_the_page_pass(site: Path) -> None:
    examples = re.findall(r"```yaml\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(examples) == 2
    for name, example in zip(("wrong", "other"), examples, strict=True):
        (site / "10086" / "tests" / f"{name}.yaml").write_text(example, encoding="utf-8")
    status, printed, _ = run(str(site))
    assert status == 0, printed
    assert "ok     a caller who wants a data expert" in printed


def test_path_without_a_site_is_wrong_use(tmp_path: Path) -> None:
    assert run(str(tmp_path / "nowhere"))[0] == 2


def test_tests_are_no_part_of_the_site(site: Path) -> None:
    def version() -> str:
        loaded = load_site(
            read_site_files(site).texts,
            prompts=load_catalogue().playable(),
            timezones=known_timezones(),
        )
        assert loaded.site is not None
        return loaded.site.version

    before = version()
    assert not any("/tests/" in file for file in read_site_files(site).texts)
    (site / "10086" / "tests" / "more.yaml").write_text("tests: {}\n")
    assert version() == before
