"""``expertline call`` of a flow that asks another system: answered by options, else it fails."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ivr.cli.call import call

pytestmark = pytest.mark.unit

SITE = """\
skills: [general]
devices: {"d001": {}}
agents: {"1001": {name: One, skills: {general: 1}, device: "d001"}}
services:
  customer: {url: "http://127.0.0.1:9/", answers: {level: text, balance: int}}
"""
HOTLINE = """\
hotline: "10000"
numbers: ["10000"]
languages: [zh-CN]
timezone: Asia/Shanghai
flow: main
flows:
  main:
    start: customer
    vars: {level: {type: text}}
    nodes:
      customer:
        lookup: {service: customer, into: {level: level}}
        next: known
        on: {failed: away, not_found: new}
      known: {hangup: {prompt: welcome, reason: known}}
      new: {hangup: {prompt: welcome, reason: new}}
      away: {hangup: {prompt: goodbye, reason: away}}
"""

app = typer.Typer()
app.command()(call)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "10000").mkdir()
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "10000" / "hotline.yaml").write_text(HOTLINE, encoding="utf-8")
    return tmp_path


def dial(site: Path, *options: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["10000", "--site", str(site), *options], input="h\n")
    return done.exit_code, done.stdout, done.stderr


def test_service_without_an_answer_fails_and_it_is_said(site: Path) -> None:
    status, told, _ = dial(site)
    assert status == 0
    assert "nobody answers for the service customer" in told
    assert "hears goodbye" in told


@pytest.mark.parametrize(
    ("options", "heard"),
    [
        (("--lookup", "customer.level=gold"), 'answers found: level "gold")'),
        (("--lookup", "customer.level=gold", "--lookup", "customer.balance=3"), "answers found"),
        (("--lookup", "customer=not_found"), "answers not_found"),
        (("--lookup", "customer=failed"), "hears goodbye"),
        (("--lookup", "customer.balance=3"), 'answers, but without "level")'),
    ],
)
def test_option_answers(site: Path, options: tuple[str, ...], heard: str) -> None:
    status, told, _ = dial(site, *options)
    assert status == 0
    assert heard in told
    assert "nobody answers" not in told


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("custmer=failed", "there is no service 'custmer'; there are: customer."),
        ("customer.size=3", "does not answer 'size'; it can: level, balance, failed"),
        ("customer.balance=x", "balance of the service customer is int, which 'x' is not."),
        ("customer", "'customer' says no answer; write NAME.FIELD=VALUE or NAME=failed."),
    ],
)
def test_wrong_option_is_one_sentence(site: Path, option: str, said: str) -> None:
    status, _, told = dial(site, "--lookup", option)
    assert status == 2
    assert said in told
    assert told.count("\n") == 1
