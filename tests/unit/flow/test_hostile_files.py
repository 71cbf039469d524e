"""Files that no author means: each is a named error at its place, and soon."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from site_samples import GOOD, broken_site, codes_of, load, texts_of
from typer.testing import CliRunner

from ivr.adapters.site_files import read_site_files
from ivr.cli.check import check
from ivr.flow.problems import PROBLEMS_MAX_PER_FILE
from ivr.flow.yaml_tree import DEPTH_MAX, FILE_BYTES_MAX

pytestmark = pytest.mark.unit

SHIPPED = Path(__file__).parents[3] / "dialplans"
HOTLINE = (SHIPPED / "10086" / "hotline.yaml").read_text(encoding="utf-8")
GUARD_S = 5.0
"""Not how fast it is, which the bench measures, but that nothing of it grows out of hand."""

app = typer.Typer()
app.command()(check)

Check = Callable[[bytes], list[dict[str, object]]]


@pytest.fixture
def problems_of(tmp_path: Path) -> Check:
    """Checks the shipped site with its hotline.yaml replaced by these bytes."""
    for file, text in read_site_files(SHIPPED).texts.items():
        target = tmp_path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def checked(content: bytes) -> list[dict[str, object]]:
        (tmp_path / "10086" / "hotline.yaml").write_bytes(content)
        for form in ("text", "sarif", "json"):
            begun = time.process_time()
            done = CliRunner().invoke(app, [str(tmp_path), "--format", form])
            assert time.process_time() - begun < GUARD_S
            assert done.exit_code in (0, 1)
            assert done.exception is None or isinstance(done.exception, SystemExit)
        return json.loads(done.stdout)["problems"]

    return checked


def bomb(levels: int) -> bytes:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, levels):
        inner = ", ".join([f"*a{level - 1}"] * 9)
        rows.append(f"a{level}: &a{level} [{inner}]")
    return "\n".join(rows).encode()


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (HOTLINE.encode("utf-16"), "not-utf8", 1),
        (b"hotline: x\n" + "名".encode("gbk"), "not-utf8", 2),
        (b"hotline: x\ncaf\xe9: y\n", "not-utf8", 2),
        (HOTLINE.encode("utf-16-le")[:100], "bad-character", 1),
        (b"hotline: x\nflow: a\x00b\n", "bad-character", 2),
        (b"x" * 5_000_000, "too-large", 1),
        (b"a: " + b"x" * FILE_BYTES_MAX, "too-large", 1),
        (b"[" * 100_000, "too-deep", 1),
        (b"\n".join(b" " * at + b"a:" for at in range(DEPTH_MAX + 2)), "too-deep", DEPTH_MAX + 1),
        (bomb(12), "yaml-alias-limit", 6),
        (b"hotline: !!python/object/apply:os.system [id]\n", "yaml-tag", 1),
        (b"hotline: a\nflow: a\nhotline: b\n", "yaml-duplicate-key", 3),
        (b"hotline: &a [*a]\n", "yaml-alias-unknown", 1),
        (b"? {a: b}\n: c\n", "yaml-key-not-text", 1),
        (b"hotline: a\n---\nhotline: b\n", "yaml-several-documents", 2),
        (b"hotline: no\n", "yaml-11-trap", 1),
        (b"hotline: 08\n", "yaml-11-trap", 1),
        (b"timezone: 1:30\n", "yaml-11-trap", 1),
        (b"\xff\xfe\x00\x00", "not-utf8", 1),
        (b"", "empty", 1),
        (b"\xef\xbb\xbf", "empty", 1),
    ],
)
def test_hostile_file_is_named(problems_of: Check, content: bytes, code: str, line: int) -> None:
    found = [(each["code"], each["line"]) for each in problems_of(content)]
    assert (code, line) in found


def test_huge_line_full_of_mistakes_is_told_in_part(problems_of: Check) -> None:
    keys = ", ".join(f"key{number}: 数{number}" for number in range(20_000))
    found = problems_of(f"{{{keys}}}".encode())
    assert len(found) == PROBLEMS_MAX_PER_FILE + 1
    assert "too-many-problems" in [each["code"] for each in found]
    assert {each["line"] for each in found} == {1}


def test_mark_and_carriage_returns_of_another_editor_do_no_harm(problems_of: Check) -> None:
    other = problems_of(b"\xef\xbb\xbf" + HOTLINE.replace("\n", "\r\n").encode())
    assert "error" not in [each["severity"] for each in other]
    assert other == problems_of(HOTLINE.encode())


@pytest.mark.parametrize("name", ["unknown_nodes", "trap_octal_number", "caller_trap"])
def test_place_does_not_depend_on_the_line_ends(name: str) -> None:
    files = broken_site(name).files
    other = {file: text.replace("\n", "\r\n") for file, text in files.items()}
    assert load(other).problems == load(files).problems


def test_problems_come_by_file_and_place() -> None:
    files = {**texts_of(GOOD), **broken_site("unknown_skills").files}
    files["10086/hotline.yaml"] = broken_site("unknown_nodes").files["10086/hotline.yaml"]
    places = [each.place for each in load(files).problems]
    assert places == sorted(places)
    assert len(codes_of(load(files))) > 2


def leaves_of_one_long_circle(length: int) -> str:
    """Nodes in a row that end in some hundred ways, each of which leads back to the first."""
    head, _, _ = HOTLINE.partition("flows:")
    row = "".join(
        f"      a{at}: {{set: {{language: zh-CN}}, next: a{at + 1}}}\n" for at in range(length)
    )
    ways = [", ".join(f'{{if: "n > {at}", then: {to}{at}}}' for at in range(30)) for to in "bc"]
    forks = "".join(
        f"      b{at}: {{branch: {{when: [{ways[1]}], else: a0}}}}\n"
        f"      c{at}: {{set: {{language: zh-CN}}, next: a0}}\n"
        for at in range(30)
    )
    return (
        f"{head}flows:\n  main:\n    vars: {{n: {{type: int}}}}\n    start: a0\n    nodes:\n{row}"
        f"      a{length}: {{branch: {{when: [{ways[0]}], else: a0}}}}\n{forks}"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (leaves_of_one_long_circle(2_000), "silent-cycle"),
        (
            HOTLINE.partition("flows:")[0]
            + "flows:\n"
            + "".join(
                f"  f{at}: {{start: a, nodes: {{a: {{hangup: {{}}}}}}}}\n" for at in range(5_000)
            ),
            "unknown-flow",
        ),
    ],
)
def test_crowd_of_cycles_or_flows_is_told_soon(problems_of: Check, content: str, code: str) -> None:
    assert code in [each["code"] for each in problems_of(content.encode())]
