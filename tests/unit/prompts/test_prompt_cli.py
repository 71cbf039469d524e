"""`expertline prompts` as it is called: exit status, sentences, JSON."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli.prompts import app

pytestmark = pytest.mark.unit

NEEDS_ESPEAK = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed"
)


def run(catalogue: Path, command: str, *options: str) -> Result:
    places = ["--catalogue", str(catalogue), "--out", str(catalogue.with_name("audio"))]
    return CliRunner().invoke(app, [command, *places, *options])


def test_missing_voice_is_one_sentence_and_status_2(
    small_catalogue: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(small_catalogue.parent))
    result = run(small_catalogue, "build")
    assert result.exit_code == 2
    assert result.stderr == (
        "espeak-ng is not installed, so no prompt can be spoken; run `apt-get install espeak-ng`.\n"
    )
    assert not small_catalogue.with_name("audio").exists()


@NEEDS_ESPEAK
def test_build_then_check_is_good_once_durations_are_written(small_catalogue: Path) -> None:
    built = run(small_catalogue, "build", "--format", "json")
    assert built.exit_code == 0
    assert json.loads(built.stdout)["placeholders"] == 3
    assert not small_catalogue.with_name("durations.json").exists()
    unagreed = run(small_catalogue, "check", "--format", "json")
    assert unagreed.exit_code == 1
    codes = {problem["code"] for problem in json.loads(unagreed.stdout)["problems"]}
    assert codes == {"duration-missing"}
    assert run(small_catalogue, "build", "--write-durations").exit_code == 0
    agreed = run(small_catalogue, "check")
    assert (agreed.exit_code, agreed.stdout) == (0, "3 sounds checked, no problem.\n")


@NEEDS_ESPEAK
def test_folder_that_can_not_be_written_is_one_sentence(small_catalogue: Path) -> None:
    small_catalogue.with_name("audio").write_text("a file where the folder should be")
    result = run(small_catalogue, "build")
    assert result.exit_code == 1
    assert "can not be written" in result.stderr
    assert result.stderr.count("\n") == 1


def test_check_tells_mistakes_of_text_and_audio_in_one_run(small_catalogue: Path) -> None:
    small_catalogue.write_text(small_catalogue.read_text() + "  half: {zh-CN: 好}\n")
    result = run(small_catalogue, "check", "--format", "json")
    assert result.exit_code == 1
    problems = json.loads(result.stdout)["problems"]
    assert [problem["code"] for problem in problems] == ["language-missing", "audio-unbuilt"]


def test_check_says_each_problem_on_a_line(small_catalogue: Path) -> None:
    result = run(small_catalogue, "check")
    assert result.exit_code == 1
    assert result.stderr.endswith("no built audio at all; run `expertline prompts build`.\n")


def test_bad_catalogue_stops_the_build_with_status_1(small_catalogue: Path) -> None:
    small_catalogue.write_text("prompts: [\n")
    result = run(small_catalogue, "build")
    assert result.exit_code == 1
    assert "is no YAML" in result.stderr
    as_json = run(small_catalogue, "build", "--format", "json")
    assert json.loads(as_json.stdout)["ok"] is False


def test_script_is_printed_before_anything_was_built(small_catalogue: Path) -> None:
    result = run(small_catalogue, "script", "--format", "markdown")
    assert result.exit_code == 0
    assert "| mul/choose.wav | choose | mul | 请按1 Press 2 | yes |" in result.stdout
