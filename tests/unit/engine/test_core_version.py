"""The version of the deciding code changes with that code and with nothing else."""

import shutil
from pathlib import Path

import pytest

from ivr.adapters.core_version import DECIDING, ROOT, core_version

pytestmark = pytest.mark.unit


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for place in DECIDING:
        source, target = ROOT / place, tmp_path / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tmp_path


def test_equal_code_has_one_version_wherever_it_lies(copied: Path) -> None:
    assert len(core_version()) == 16
    version = core_version(copied)
    (copied / "ivr" / "runtime.py").write_text("decides nothing")
    (copied / "router" / "notes.txt").write_text("no code")
    assert core_version(copied) == version


@pytest.mark.parametrize("place", ["router/core.py", "ivr/call/core.py", "ivr/engine/driver.py"])
def test_changed_code_is_another_version(copied: Path, place: str) -> None:
    version = core_version(copied)
    with (copied / place).open("a") as source:
        source.write("# another thought\n")
    changed = core_version(copied)
    assert changed != version
    (copied / place).rename((copied / place).with_name("moved.py"))
    assert core_version(copied) not in (version, changed)
