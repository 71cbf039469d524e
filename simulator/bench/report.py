"""What a suite found, and ``build/bench.json``, where every suite keeps its own keys."""

import fcntl
import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

REPORT = "bench.json"


class BenchProblem(Exception):
    """A bench could not be run or not be judged; its text is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """What one suite found: keys for the report, a row to show, and what must not be."""

    keys: Mapping[str, object]
    row: Mapping[str, object]
    faults: tuple[str, ...] = ()
    words: str = ""
    "What else helps to understand a fault."


def merged(earlier: str | None, found: Mapping[str, object]) -> dict[str, object]:
    """What the report says after this run: the keys of other suites stay as they were."""
    try:
        before: object = json.loads(earlier or "{}")
    except ValueError:
        before = {}
    kept = cast("dict[str, object]", before) if isinstance(before, dict) else {}
    return {**kept, **found}


def write_report(build: Path, found: Mapping[str, object]) -> Path:
    """Put what was found into the report of this folder, and say where that is."""
    path = build / REPORT
    earlier = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(json.dumps(merged(earlier, found), indent=2) + "\n", encoding="utf-8")
    return path


@contextmanager
def only_one_bench(build: Path) -> Generator[None]:
    """Two benches in one checkout would measure each other and take each other's evidence away."""
    build.mkdir(parents=True, exist_ok=True)
    with (build / "bench.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BenchProblem(
                f"another bench runs with {build}: wait for it, or give --build another folder"
            ) from None
        yield
