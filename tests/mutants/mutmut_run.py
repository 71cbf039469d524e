"""Changes every operator, argument and value of the router in turn, and counts what is found.

For whoever has installed mutmut 3.8.1 beside the project's own tools: it is not among them, as a
run takes an hour. What it left, and why, is in docs/mutants.md.

    python tests/mutants/mutmut_run.py FOLDER ["router.hands*" ..]

The folder is kept: a second run tries what changed since, and `mutmut results`, given there, names
what was not found.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
DECIDING = (
    "admission", "after_contact", "agent_order", "alarms", "announcing", "chat_order",
    "contact_order", "core", "crisis", "day", "deadlines", "devices", "expecting", "hands",
    "idle_order", "matching", "model", "offers", "place", "place_snapshots", "places", "policies",
    "pool", "preferring", "presence", "presence_log", "ranking", "seat", "seats", "settling",
    "skill_index", "snapshot", "turn", "waiting_times", "wrap_up",
)  # fmt: skip
EXPLAINING = (
    "crowd", "door", "explain", "explaining", "grounds", "onlooker", "showing", "sight", "views",
)  # fmt: skip
COPIED = ("router", "simulator", "tests/unit/router")
COPIED_FILES = (
    "tests/conftest.py", "tests/kinds.py", "tests/property/test_deadlines_property.py",
    "tests/property/test_matching_property.py", "tests/property/test_ranking_property.py",
    "tests/property/test_router_counts.py",
)  # fmt: skip
EXPLAINED = ("ivr", "dialplans", "docs", "prompts", "asterisk-conf")
EXPLAINED_FILES = (
    "tests/property/test_explain_property.py", "tests/unit/engine/test_explain_command.py",
    "tests/unit/engine/test_explain_journal.py", "tests/unit/engine/written_life.py",
)  # fmt: skip
"""What explanations need beside: slow, and finds nothing in what decides that the oracle does not.
"""
POOLS = '''"""The router beside its oracle in this process: what the oracle sees counts as found."""

import pytest

from simulator.router_run import run_pools

pytestmark = pytest.mark.property


@pytest.mark.parametrize("seed", range(1, 25))
def test_pool_shows_no_difference(seed: int) -> None:
    assert run_pools([seed], events=500).events >= 500
'''
"""The command of the oracle is another process, which knows nothing of a mutant of this one."""


def _settings(*, explainers: bool) -> str:
    modules = EXPLAINING if explainers else DECIDING
    beside = ["simulator", *(EXPLAINED if explainers else ())]
    return (
        '\n[tool.mutmut]\nsource_paths = ["router"]\n'
        f"also_copy = {json.dumps(beside)}\n"
        f"only_mutate = {json.dumps([f'router/{name}.py' for name in modules])}\n"
        "use_git_change_detection = false\n"
        "timeout_multiplier = 10.0\ntimeout_constant = 2.0\n"
        'pytest_add_cli_args = ["-p", "no:cacheprovider"]\n'
        'pytest_add_cli_args_test_selection = ["tests"]\n'
    )


def copy(folder: Path, *, explainers: bool) -> None:
    """Lay out what is changed and what must find it; what is as it was keeps its time."""
    for name in (*COPIED, *(EXPLAINED if explainers else ())):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored, dirs_exist_ok=True)
    for name in (*COPIED_FILES, *(EXPLAINED_FILES if explainers else ())):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / "tests/property/test_pools_in_process.py").write_text(POOLS, encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(project + _settings(explainers=explainers), "utf-8")


def main(argv: Sequence[str]) -> int:
    """Copy, and let mutmut run over the copy, one mutant after the other."""
    parser = argparse.ArgumentParser(prog="mutmut_run.py", description=__doc__)
    parser.add_argument("--explainers", action="store_true", help="change what explains instead")
    parser.add_argument("folder", type=Path, help="is kept")
    parser.add_argument("names", nargs="*", help="these mutants only; all if left out")
    given = parser.parse_args(argv)
    folder = given.folder.resolve()
    copy(folder, explainers=given.explainers)
    mutmut = Path(sys.executable).with_name("mutmut")
    if not mutmut.exists():
        sys.stderr.write(f"{mutmut} is not there: pip install mutmut==3.8.1\n")
        return 2
    # Nothing of the checkout may come before the copy.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [mutmut, "run", "--max-children", "1", *given.names]
    return subprocess.run(command, cwd=folder, env=env, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
