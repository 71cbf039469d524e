"""``expertline call``: a call by hand, with keys from a pipe."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ivr.cli.call import call

pytestmark = pytest.mark.unit

SECONDS_MAX = 60
SHIPPED = str(Path(__file__).parents[3] / "dialplans")

app = typer.Typer()
app.command()(call)


def dial(*arguments: str, keys: str = "") -> tuple[int, list[str], str]:
    done = CliRunner().invoke(app, [*arguments, "--site", SHIPPED], input=keys)
    return done.exit_code, [line.strip() for line in done.stdout.splitlines()], done.stderr


def told(lines: list[str], words: str) -> bool:
    return any(words in line for line in lines)


def test_prompts_are_shown_in_both_languages_and_keys_lead_on() -> None:
    status, lines, _ = dial("10086", keys="2\nh\n")
    assert status == 0
    at = lines.index("0:04.1  hears welcome (en-US)")
    assert lines[at + 1].startswith("Hello")
    assert lines[at + 2].startswith("您好")
    assert lines[-1].endswith(": left_in_flow.")


def test_expert_answers_talks_and_hangs_up() -> None:
    _, lines, _ = dial("10086", "--experts", "1003", keys="1\n1\na\nx\n")
    assert told(lines, "(the phone of expert 1003 rings)")
    assert told(lines, "talks to expert 1003")
    assert lines[-2].endswith("the expert hangs up")
    assert lines[-1].endswith(": served.")


def test_keys_may_stand_in_one_line() -> None:
    assert dial("10086", keys="10ah")[1][-1].endswith(": served.")


def test_time_is_skipped_to_what_the_caller_notices() -> None:
    _, lines, _ = dial("10086", "--experts", "none", keys="s s s\n")
    assert told(lines, "hears work-order-made + goodbye (zh-CN)")
    assert lines[-1].endswith(": work_order.")


def test_expert_can_reject() -> None:
    _, lines, _ = dial("10086", "--experts", "1003,1007", keys="11r")
    assert told(lines, "(the phone of expert 1003 rings no more)")
    assert told(lines, "(the phone of expert 1007 rings)")


def test_end_of_the_keys_hangs_up() -> None:
    assert dial("10086")[1][-1].endswith(": left_in_flow.")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("a", "(no expert's phone rings)"),
        ("r", "(no expert's phone rings)"),
        ("x", "(no expert talks to the caller)"),
        ("k", "(there is no key 'k'; ? lists what there is)"),
        ("?", "a        the expert answers      s  skip time till something happens"),
    ],
)
def test_letter_without_a_meaning_is_told(keys: str, said: str) -> None:
    assert said in dial("10086", keys=keys)[1]


@pytest.mark.parametrize("target", ["10086", "+8610086", "main"])
def test_hotline_is_found_by_number_name_and_flow(target: str) -> None:
    assert dial(target)[0] == 0


def test_real_time_takes_keys_from_a_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ivr.cli", "call", "10086", "--real-time", "--site", SHIPPED],
        input="2h\n",
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=True,
    )
    assert "hears welcome (en-US)" in done.stdout
    assert done.stdout.splitlines()[-1].endswith(": left_in_flow.")


def test_unknown_target_is_wrong_use_and_names_the_nearest() -> None:
    status, _, error = dial("10085")
    assert status == 2
    assert 'Did you mean "10086"?' in error


def test_unknown_expert_is_wrong_use() -> None:
    status, _, error = dial("10086", "--experts", "9999")
    assert status == 2
    assert "9999" in error
