"""What a suite found, and ``build/bench.json``, where every suite keeps its own keys."""

import json
from collections.abc import Mapping
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
