"""`make mutants`: plants one bug after another in a copy of the cores, and wants each found.

Exit status: 0 each was found, 1 one was not, or the cores as they are fail. A bug that is not found
is a hole in the suite: mend the suite.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from planted_bugs import CALL, PLANTED, ROUTER, PlantedBug

ROOT = Path(__file__).parents[2]
COPIED = ("router", "ivr", "simulator", "tests/unit/router", "tests/unit/call", "tests/property")
COPIED_FILES = ("tests/conftest.py", "tests/kinds.py", "pyproject.toml")
SECONDS_MAX = 120
"""A bug may be an endless loop: that is found, too."""
PYTEST = ("-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider")
ORACLE = (
    "-m", "simulator.router_run", "--pools", "60", "--events", "700", "--processes", "1",
)  # fmt: skip
WORLDS = ("-m", "simulator.world", "--seed", "100", "--worlds", "15")
WAYS = {
    "unit": (*PYTEST, "tests/unit/router"),
    "oracle": ORACLE,
    "property": (
        *PYTEST,
        "tests/property/test_deadlines_property.py",
        "tests/property/test_explain_property.py",
        "tests/property/test_matching_property.py",
        "tests/property/test_ranking_property.py",
        "tests/property/test_router_property.py",
    ),
    "call": (*PYTEST, "tests/unit/call"),
    "worlds": WORLDS,
}
WAYS_IN = {ROUTER: ("unit", "oracle", "property", "worlds"), CALL: ("call", "worlds")}
"""What may find a bug that is planted there, in this order: the quick ones first."""


def copied(folder: Path) -> Path:
    """All that the suite of the router needs, to be changed at will."""
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


def plant(bug: PlantedBug, folder: Path) -> None:
    """Put it into the copy."""
    path = folder / bug.path
    text = path.read_text(encoding="utf-8")
    if text.count(bug.right) != 1:
        raise SystemExit(f"{bug.name}: {bug.path} has its place {text.count(bug.right)} times")
    path.write_text(text.replace(bug.right, bug.wrong), encoding="utf-8")


def fails(way: Sequence[str], folder: Path) -> bool:
    """Whether this part of the suite fails over the copy, or does not end."""
    # The rest of the repository comes after the copy, which hides the cores as they are.
    paths = os.pathsep.join([str(folder), str(ROOT)])
    env = {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, *way],
            cwd=folder, env=env, capture_output=True, timeout=SECONDS_MAX, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def found_by(bug: PlantedBug | None, *, ways: Sequence[str], stops: bool) -> list[str]:
    """Which parts of the suite find it; None is no bug at all, which nobody may find."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = copied(Path(name))
        if bug is not None:
            plant(bug, folder)
        found: list[str] = []
        there = WAYS if bug is None else WAYS_IN[bug.folder]
        for way in (each for each in there if each in ways):
            if fails(WAYS[way], folder):
                found.append(way)
                if stops:
                    break
        return found


def main(argv: Sequence[str]) -> int:
    """Plant and find."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these; all if left out")
    parser.add_argument("--by", choices=WAYS, action="append", help="try this part only")
    parser.add_argument("--each", action="store_true", help="try every part, not till the first")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args(argv)
    bugs = [bug for bug in PLANTED if not given.names or bug.name in given.names]
    ways = given.by or list(WAYS)
    begun = time.monotonic()
    if found := found_by(None, ways=ways, stops=True):
        sys.stdout.write(f"the cores as they are fail: {found[0]}\n")
        return 1
    missed: list[str] = []
    with ThreadPoolExecutor(given.jobs) as pool:
        running = [pool.submit(found_by, bug, ways=ways, stops=not given.each) for bug in bugs]
        for bug, one in zip(bugs, running, strict=True):
            found = one.result()
            sys.stdout.write(f"  {bug.name:<32} {', '.join(found) or 'NOT FOUND'}\n")
            sys.stdout.flush()
            missed += [] if found else [bug.name]
    took_s = time.monotonic() - begun
    sys.stdout.write(f"{len(bugs) - len(missed)} of {len(bugs)} found, in {took_s:.0f} s\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
