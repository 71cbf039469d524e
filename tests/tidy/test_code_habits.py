"""Habits no linter knows: limits say why, skips say why, one place catches everything."""

import ast
import re

import pytest
from sources import CODE, demand_none, python, text_of, tree_of

pytestmark = pytest.mark.tidy

LIMIT_NAME = re.compile(r"_MAX(_PER_[A-Z]+)?$|^MAX_")
CATCHES_EVERYTHING = "ivr/engine/turn.py"
TODO_WITHOUT_ISSUE = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))")
OWN_FILE = "tests/tidy/test_code_habits.py"


def limits_of(tree: ast.Module) -> dict[str, int]:
    """Module-level limits with the line each is named on."""
    found: dict[str, int] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=targets):
                named = [name for target in targets for name in ast.walk(target)]
            case ast.AnnAssign(target=target):
                named = [target]
            case _:
                continue
        for name in named:
            if isinstance(name, ast.Name) and LIMIT_NAME.search(name.id):
                found[name.id] = node.lineno
    return found


def silent_limits(source: str) -> list[str]:
    """Limits in a block of lines without a word: no comment in it, no string after it."""
    lines = source.splitlines()
    silent: list[str] = []
    for name, line in limits_of(ast.parse(source)).items():
        first = last = line - 1
        while first > 0 and lines[first - 1].strip():
            first -= 1
        while last + 1 < len(lines) and lines[last + 1].strip():
            last += 1
        block = lines[first : last + 1]
        if not any("#" in each or '"""' in each for each in block):
            silent.append(f"{line} {name}")
    return silent


def test_limit_without_a_word_is_found() -> None:
    assert silent_limits("import os\n\nROWS_MAX = 3\nB = 1\n") == ["3 ROWS_MAX"]
    assert silent_limits('ROWS_MAX = 3\n"""Why."""\n') == []
    assert silent_limits("# Why.\nROWS_MAX = 3\n") == []


def test_every_limit_says_what_it_bounds() -> None:
    silent = [f"{name}:{each}" for name in python(*CODE) for each in silent_limits(text_of(name))]
    demand_none(silent)


MARKS_THAT_SKIP = {"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}
CALLS_THAT_SKIP = {"pytest.skip", "pytest.xfail", "pytest.importorskip"}


def skips_without_reason(source: str) -> list[int]:
    """Lines of skips and expected failures that do not say why."""
    nodes = list(ast.walk(ast.parse(source)))
    calls = {id(node.func): node for node in nodes if isinstance(node, ast.Call)}
    wrong: list[int] = []
    for node in (each for each in nodes if isinstance(each, ast.Attribute)):
        name = ast.unparse(node)
        if name not in MARKS_THAT_SKIP | CALLS_THAT_SKIP:
            continue
        call = calls.get(id(node))
        said = call is not None and any(word.arg == "reason" for word in call.keywords)
        if name == "pytest.skip" and call is not None and call.args:
            said = True
        if not said:
            wrong.append(node.lineno)
    return wrong


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.skip\ndef f(): ...",
        "pytest.mark.skipif(x)",
        "pytest.skip()",
        "pytest.mark.xfail",
    ],
)
def test_skip_without_a_reason_is_found(source: str) -> None:
    assert skips_without_reason(source) == [1]


@pytest.mark.parametrize("source", ["pytest.skip('why')", "pytest.mark.skipif(x, reason='why')"])
def test_skip_with_a_reason_is_fine(source: str) -> None:
    assert skips_without_reason(source) == []


def test_no_test_is_skipped_without_a_reason() -> None:
    wrong = [f"{name}:{n}" for name in python("tests") for n in skips_without_reason(text_of(name))]
    demand_none(wrong)


def catches_of_everything(name: str) -> list[str]:
    """Where a file catches every exception and does not raise it again."""
    return [
        f"{name}:{node.lineno}"
        for node in ast.walk(tree_of(name))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and not any(isinstance(each, ast.Raise) and each.exc is None for each in node.body)
    ]


def test_one_place_catches_every_exception() -> None:
    places = [each for name in python(*CODE) for each in catches_of_everything(name)]
    assert [each.partition(":")[0] for each in places] == [CATCHES_EVERYTHING]


def test_no_note_to_self_without_an_issue() -> None:
    noted = [
        f"{name}:{number}"
        for name in python(*CODE, "tests")
        if name != OWN_FILE
        for number, line in enumerate(text_of(name).splitlines(), start=1)
        if TODO_WITHOUT_ISSUE.search(line)
    ]
    demand_none(noted)
