"""``expertline check --format sarif`` and ``--codes``: what a code host and a reader get."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from ivr.adapters.site_files import read_site_files
from ivr.cli.check import check
from ivr.cli.sarif import file_uri
from ivr.flow.code_meanings import MEANINGS

pytestmark = pytest.mark.unit

SHIPPED = Path(__file__).parents[3] / "dialplans"
LEVELS = {"none", "note", "warning", "error"}

app = typer.Typer()
app.command()(check)


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stdout


def sarif_of(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, printed = run(*arguments, "--format", "sarif")
    return status, json.loads(printed)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped site with a misspelt prompt, in the folder where the command runs."""
    for file, text in read_site_files(SHIPPED).texts.items():
        target = tmp_path / "a site" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        wrong = text.replace("play: welcome", "play: welcom", 1)
        is_hotline = file == "10086/hotline.yaml"
        target.write_text(wrong if is_hotline else text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a site"


def test_log_has_what_the_schema_requires(site: Path) -> None:
    status, log = sarif_of(str(site))
    assert status == 1
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run_,) = log["runs"]
    driver = run_["tool"]["driver"]
    assert driver["name"] == "expertline"
    for rule in driver["rules"]:
        assert rule["help"]["text"]
        assert rule["shortDescription"]["text"].endswith(".")
        assert rule["defaultConfiguration"]["level"] in LEVELS
    ids = [rule["id"] for rule in driver["rules"]]
    assert sorted(ids) == sorted(code.value for code in MEANINGS)


def test_result_has_rule_level_message_and_place(site: Path) -> None:
    _, log = sarif_of(str(site))
    (run_,) = log["runs"]
    (result,) = run_["results"]
    rules = run_["tool"]["driver"]["rules"]
    assert result["ruleId"] == rules[result["ruleIndex"]]["id"] == "unknown-prompt"
    assert result["level"] == "error"
    assert result["message"]["text"].startswith(
        'There is no prompt "welcom". Did you mean "welcome"? If not: add it to '
    )
    (location,) = result["locations"]
    physical = location["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "a%20site/10086/hotline.yaml"}
    assert physical["region"]["startLine"] > 1
    assert physical["region"]["startColumn"] == 23
    assert run_["columnKind"] == "unicodeCodePoints"


def test_good_site_has_a_run_without_results() -> None:
    status, log = sarif_of(str(SHIPPED))
    assert (status, log["runs"][0]["results"]) == (0, [])


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("dialplans/site.yaml", "dialplans/site.yaml"),
        ("a b/数.yaml", "a%20b/%E6%95%B0.yaml"),
        ("a:b.yaml", "a%3Ab.yaml"),
        ("caf\\xe9.yaml", "caf%5Cxe9.yaml"),
        ("/tmp/x y.yaml", "file:///tmp/x%20y.yaml"),  # noqa: S108 - no file is made
    ],
)
def test_path_is_written_as_a_uri(path: str, uri: str) -> None:
    assert file_uri(path) == uri


def test_codes_are_listed_with_severity_and_sentence() -> None:
    status, printed = run("--codes")
    rows = [line.split(maxsplit=2) for line in printed.splitlines()]
    assert status == 0
    assert {row[0] for row in rows} == {code.value for code in MEANINGS}
    assert {row[1] for row in rows} == {"error", "warning"}
    listed = json.loads(run("--codes", "--format", "json")[1])
    assert [(each["code"], each["severity"], each["meaning"]) for each in listed] == [
        (code, severity, sentence) for code, severity, sentence in rows
    ]


def test_codes_as_sarif_are_wrong_use() -> None:
    assert run("--codes", "--format", "sarif") == (2, "")
