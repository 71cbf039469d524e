"""Collection fails for a test module without exactly one kind, alone and under xdist."""

import subprocess
import sys
from pathlib import Path

import pytest
from kinds import KINDS
from sources import ROOT

pytestmark = pytest.mark.tidy

SECONDS_MAX = 60
BODY = "def test_it() -> None:\n    pass\n"


def run_pytest(folder: Path, module: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Pytest over one module beside copies of our own two files, in a process of its own."""
    for ours in ("conftest.py", "kinds.py"):
        (folder / ours).write_text((ROOT / "tests" / ours).read_text())
    (folder / "test_one.py").write_text("import pytest\n\n" + module + BODY)
    markers = "".join(f"    {kind}: one kind\n" for kind in KINDS)
    (folder / "pytest.ini").write_text(f"[pytest]\nmarkers =\n{markers}")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            *options,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )


def demand_stopped(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode != 0
    assert "test_one.py must set pytestmark to exactly one of" in done.stdout
    assert "1 passed" not in done.stdout


@pytest.mark.parametrize(
    "module",
    [
        "",
        "pytestmark = [pytest.mark.unit, pytest.mark.tidy]\n",
        "pytestmark = pytest.mark.unit\n\n@pytest.mark.tidy\n",
    ],
    ids=["no kind", "two kinds", "a function's own kind"],
)
def test_module_without_exactly_one_kind_stops_the_run(tmp_path: Path, module: str) -> None:
    demand_stopped(run_pytest(tmp_path, module))


def test_module_without_a_kind_stops_a_run_of_several_workers_and_is_named(tmp_path: Path) -> None:
    demand_stopped(run_pytest(tmp_path, "", "-n", "2"))


def test_module_of_one_kind_runs(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "pytestmark = pytest.mark.unit\n")
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
