"""``expertline check``: what it prints, and its exit status."""

import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ivr.adapters.site_files import find_site, known_timezones, read_site_files
from ivr.cli.check import check
from ivr.cli.check_report import excerpt
from ivr.flow.problems import Place

pytestmark = pytest.mark.unit

SHIPPED = Path(__file__).parents[3] / "dialplans"

WELCOME = "play: welcome"


def line_of(part: str) -> int:
    """The line of the shipped hotline in which this stands first."""
    text = (SHIPPED / "10086" / "hotline.yaml").read_text(encoding="utf-8")
    return text[: text.index(part)].count("\n") + 1


app = typer.Typer()
app.command()(check)


def run(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the shipped site with a misspelt prompt in its hotline."""
    for file, text in read_site_files(SHIPPED).texts.items():
        target = tmp_path / "site" / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    hotline = tmp_path / "site" / "10086" / "hotline.yaml"
    text = hotline.read_text(encoding="utf-8")
    hotline.write_text(text.replace(WELCOME, "play: welcom", 1), encoding="utf-8")
    return tmp_path / "site"


def test_shipped_site_is_good() -> None:
    status, printed, _ = run(str(SHIPPED), "--format", "json")
    document = json.loads(printed)
    assert (status, document["problems"]) == (0, [])
    assert document["hotlines"] >= 1
    assert document["nodes"] >= 7


def test_problem_is_printed_with_place_caret_and_remedy(site: Path) -> None:
    status, printed, _ = run(str(site))
    assert status == 1
    first, line, caret, remedy, *_ = printed.splitlines()
    assert first.endswith(
        f"10086/hotline.yaml:{line_of(WELCOME)}:23: error unknown-prompt: "
        'There is no prompt "welcom".'
    )
    assert line[caret.index("^") :].startswith("welcom,")
    assert remedy.strip().startswith('remedy: Did you mean "welcome"? If not: add it to prompts/')


def test_json_is_one_document_with_every_field(site: Path) -> None:
    status, printed, _ = run(str(site), "--format", "json")
    document = json.loads(printed)
    assert status == 1
    assert set(document) == {"files", "hotlines", "nodes", "problems"}
    (problem,) = document["problems"]
    assert set(problem) == {"code", "severity", "file", "line", "column", "message", "remedy"}
    assert (problem["code"], problem["line"]) == ("unknown-prompt", line_of(WELCOME))


def mend(site: Path) -> None:
    """Spell the prompt right again."""
    hotline = site / "10086" / "hotline.yaml"
    text = hotline.read_text(encoding="utf-8")
    hotline.write_text(text.replace("play: welcom,", "play: welcome,"), encoding="utf-8")


def test_warnings_alone_leave_the_exit_status_at_zero(site: Path) -> None:
    mend(site)
    with (site / "10086" / "queues.yaml").open("a", encoding="utf-8") as file:
        file.write("    service_level: {answered: 80%, within: 20s}\n")
    status, printed, _ = run(str(site / "10086" / "queues.yaml"))
    assert status == 0
    assert "warning not-acted-upon-yet: `service_level` is read but not acted upon yet." in printed
    assert "0 errors, 1 warning" in printed


@pytest.mark.parametrize(
    ("part", "files"),
    [
        ("10086", sum(file.startswith("10086/") for file in read_site_files(SHIPPED).texts)),
        ("10086/hotline.yaml", 1),
        ("10086/queues.yaml", 1),
        ("site.yaml", 1),
    ],
)
def test_part_of_a_site_is_checked_within_its_site(site: Path, part: str, files: int) -> None:
    status, printed, _ = run(str(site / part), "--format", "json")
    assert (status, json.loads(printed)["files"]) == (1, files)


def test_error_elsewhere_in_the_site_is_told_behind_the_part_that_was_asked_for(
    site: Path,
) -> None:
    status, printed, _ = run(str(site / "10086" / "queues.yaml"))
    first, _, problem, *_ = printed.splitlines()
    assert status == 1
    assert first == "Elsewhere in the site:"
    assert "unknown-prompt" in problem


def test_warning_elsewhere_in_the_site_is_not_told(site: Path) -> None:
    mend(site)
    with (site / "10086" / "queues.yaml").open("a", encoding="utf-8") as file:
        file.write("    service_level: {answered: 80%, within: 20s}\n")
    status, printed, _ = run(str(site / "site.yaml"))
    assert status == 0
    assert "no problem" in printed


def test_path_without_a_site_is_wrong_use(tmp_path: Path) -> None:
    status, printed, said = run(str(tmp_path))
    assert (status, printed) == (2, "")
    assert said.count("\n") == 1
    assert run(str(tmp_path / "nowhere"))[0] == 2


def test_broken_catalogue_is_told_beside_the_rest(site: Path, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.yaml"
    catalogue.write_text("licence: [\n", encoding="utf-8")
    status, printed, _ = run(str(site), "--format", "json", "--catalogue", str(catalogue))
    codes = {each["code"] for each in json.loads(printed)["problems"]}
    assert status == 1
    assert {"prompts-unusable", "unknown-prompt"} <= codes


def test_bytes_that_are_no_utf8_are_told_with_their_line(site: Path) -> None:
    (site / "10086" / "queues.yaml").write_bytes(b"queues:\n  caf\xe9: {}\n")
    _, printed, _ = run(str(site / "10086" / "queues.yaml"), "--format", "json")
    problem = json.loads(printed)["problems"][0]
    assert (problem["code"], problem["line"], problem["column"]) == ("not-utf8", 2, 6)


def test_huge_and_hidden_files_are_not_swallowed(site: Path) -> None:
    (site / "10086" / "queues.yaml").write_bytes(b"#" * 5_000_000)
    (site / ".hidden.yaml").write_text("x", encoding="utf-8")
    _, printed, _ = run(str(site / "10086"), "--format", "json")
    assert "too-large" in {each["code"] for each in json.loads(printed)["problems"]}
    assert ".hidden.yaml" not in read_site_files(site).texts


def test_file_name_that_is_no_utf8_can_be_told(site: Path) -> None:
    with open(os.fsencode(site) + b"/caf\xe9.yaml", "wb"):  # noqa: PTH123 - Path takes no bytes
        pass
    status, printed, _ = run(str(site))
    assert status == 1
    assert "caf\\xe9.yaml:1:1: error unknown-file" in printed


def test_site_is_found_upward(site: Path) -> None:
    assert find_site(site / "10086" / "hotline.yaml") == site.resolve()


def test_time_zones_are_known() -> None:
    assert {"Asia/Shanghai", "UTC"} <= known_timezones().keys()


def test_caret_stands_below_wide_characters() -> None:
    line, caret = excerpt("名: 数据 x", Place("f", 1, 7))
    assert (line, caret) == ("名: 数据 x", " " * 9 + "^")


def test_caret_counts_no_column_for_a_combining_mark() -> None:
    assert excerpt("e\u0301: x", Place("f", 1, 5)) == ("e\u0301: x", " " * 3 + "^")


def test_long_line_is_cut_around_its_problem() -> None:
    line, caret = excerpt("a" * 5_000 + "!" + "b" * 5_000, Place("f", 1, 5_001))
    assert line[caret.index("^")] == "!"
    assert len(line) <= 100


def test_missing_line_has_no_excerpt() -> None:
    assert excerpt("", Place("f", 3, 1)) == ()
