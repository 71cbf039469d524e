"""The repository as the tidy tests read it: its files, and the names that its code defines."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("ivr", "router", "simulator")
TEXT_BYTES_MAX = 2_000_000
"""A file larger than this is no source."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True, order=True)
class Defined:
    """One name that we gave to something."""

    file: str
    name: str
    line: int

    @property
    def words(self) -> list[str]:
        """The words it is made of, in lower case: ``_FooBar`` and ``foo_bar`` are both two."""
        return [word.lower() for word in _WORDS.findall(self.name)]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name}"


def demand_none(found: Iterable[str]) -> None:
    """Fail with all that was found, a line each; pytest would cut the list."""
    lines = list(found)
    assert not lines, "\n  ".join(["", *lines])


@cache
def files() -> tuple[str, ...]:
    """Every file that is in the repository or about to be, by its path within it."""
    listed = subprocess.run(
        [
            *("git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"),
            *("--cached", "--others", "--exclude-standard"),
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return tuple(sorted(name for name in listed.stdout.split("\0") if (ROOT / name).is_file()))


def texts() -> Iterator[tuple[str, str]]:
    """Every text file with its text."""
    for name in files():
        content = (ROOT / name).read_bytes()
        if len(content) <= TEXT_BYTES_MAX and b"\0" not in content:
            yield name, content.decode("utf-8", errors="replace")


def python(*folders: str) -> list[str]:
    """The Python files below these top-level folders."""
    return [name for name in files() if name.endswith(".py") and name.split("/")[0] in folders]


def markdown() -> list[str]:
    """The pages."""
    return [name for name in files() if name.endswith(".md")]


@cache
def text_of(name: str) -> str:
    """The text of one file."""
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tree_of(name: str) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(text_of(name), filename=name)


def defined_in(name: str) -> Iterator[Defined]:
    """The names that a file gives: its own, its classes, functions, parameters and variables.

    Names that are only imported or used are another's choice.
    """
    yield Defined(name, Path(name).stem, 1)
    for node in ast.walk(tree_of(name)):
        match node:
            case (
                ast.FunctionDef(name=own) | ast.AsyncFunctionDef(name=own) | ast.ClassDef(name=own)
            ):
                yield Defined(name, own, node.lineno)
            case ast.arg(arg=own):
                yield Defined(name, own, node.lineno)
            case ast.Name(id=own, ctx=ast.Store()):
                yield Defined(name, own, node.lineno)
            case ast.Attribute(attr=own, ctx=ast.Store()):
                yield Defined(name, own, node.lineno)
            case ast.alias(asname=str() as own):
                yield Defined(name, own, node.lineno)
            case _:
                pass
