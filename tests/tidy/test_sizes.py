"""Nothing grows beyond what a reader holds in mind. `pytest tests/tidy -rP` shows the warnings."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sources import CODE, demand_none, python, text_of, tree_of

pytestmark = pytest.mark.tidy

FUNCTION_LINES_WARN, FUNCTION_LINES_MAX = 40, 60
FILE_LINES_WARN, FILE_LINES_MAX = 400, 500
DOCSTRING_CHARS_MIN = 10

LONGER_FILES: dict[str, str] = {
    # "path": "why it may be longer", one line each
}
LONGER_FUNCTIONS: dict[str, str] = {
    # "path:name": "why it may be longer", one line each
}


@dataclass(frozen=True)
class Sized:
    """A function and its length."""

    place: str
    lines: int


def functions_of(name: str) -> Iterator[Sized]:
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            yield Sized(f"{name}:{node.name}", last - node.lineno + 1)


def longest_first(sized: list[Sized]) -> list[str]:
    return [f"{each.lines} {each.place}" for each in sorted(sized, key=lambda each: -each.lines)]


def test_functions_fit_on_a_screen() -> None:
    sized = [each for name in python(*CODE, "tests") for each in functions_of(name)]
    over = [each for each in sized if each.lines > FUNCTION_LINES_WARN]
    print("functions to shorten:", *longest_first(over), sep="\n  ")
    too_long = [
        each
        for each in over
        if each.lines > FUNCTION_LINES_MAX and each.place not in LONGER_FUNCTIONS
    ]
    demand_none(longest_first(too_long))


def test_files_fit_in_a_head() -> None:
    sized = [Sized(name, text_of(name).count("\n")) for name in python(*CODE, "tests")]
    over = [each for each in sized if each.lines > FILE_LINES_WARN]
    print("files to divide:", *longest_first(over), sep="\n  ")
    too_long = [
        each for each in over if each.lines > FILE_LINES_MAX and each.place not in LONGER_FILES
    ]
    demand_none(longest_first(too_long))


def test_exceptions_are_still_needed() -> None:
    long_files = {n for n in python(*CODE, "tests") if text_of(n).count("\n") > FILE_LINES_MAX}
    long_functions = {
        each.place
        for name in python(*CODE, "tests")
        for each in functions_of(name)
        if each.lines > FUNCTION_LINES_MAX
    }
    assert set(LONGER_FILES) <= long_files
    assert set(LONGER_FUNCTIONS) <= long_functions


def test_every_module_says_what_it_is() -> None:
    silent = [
        name
        for name in python(*CODE)
        if text_of(name).strip()
        and len(ast.get_docstring(tree_of(name)) or "") < DOCSTRING_CHARS_MIN
    ]
    demand_none(silent)
