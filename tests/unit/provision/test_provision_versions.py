from __future__ import annotations

from pathlib import Path

import pytest

from ivr.provision.asterisk import AsteriskInstallation, locate, new_enough, version_numbers
from ivr.provision.errors import ProvisionError
from ivr.provision.packages import candidate_version

pytestmark = pytest.mark.unit

POLICY_WITH_CANDIDATE = """asterisk:
  Installed: (none)
  Candidate: 1:22.10.1+dfsg+~cs6.17.60671434-1
  Version table:
     1:22.10.1+dfsg+~cs6.17.60671434-1 500
        500 http://archive.example.org/debian forky/main amd64 Packages
"""
POLICY_WITHOUT_CANDIDATE = """asterisk:
  Installed: (none)
  Candidate: (none)
  Version table:
"""


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("1:20.6.0~dfsg+~cs6.13.40431414-2build5", (20, 6, 0)),
        ("Asterisk 23.0", (23, 0, 0)),
        ("Asterisk certified/20.7-cert3", (20, 7, 0)),
        ("Asterisk GIT-master-0123abc", None),
        ("", None),
    ],
)
def test_version_is_read_without_epoch(text: str, numbers: tuple[int, int, int] | None) -> None:
    assert version_numbers(text) == numbers


@pytest.mark.parametrize(
    ("version", "enough"),
    [
        ("22.5.0", True),
        ("22.10.1", True),
        ("23.0.0", True),
        ("22.4.9", False),
        ("9.9.9", False),
        ("1:22.4.1-1", False),
        (None, False),
    ],
)
def test_new_enough_counts_numbers_not_letters(version: str | None, enough: bool) -> None:
    assert new_enough(version) is enough


def test_candidate_is_read_from_policy() -> None:
    assert candidate_version(POLICY_WITH_CANDIDATE) == "1:22.10.1+dfsg+~cs6.17.60671434-1"


@pytest.mark.parametrize("policy", [POLICY_WITHOUT_CANDIDATE, ""])
def test_no_candidate_is_none(policy: str) -> None:
    assert candidate_version(policy) is None


def installation_of(argv: tuple[str, ...]) -> AsteriskInstallation:
    return AsteriskInstallation(argv, "22.10.1", Path("/m"), Path("/d"), "private root")


def test_saved_installation_is_located_again(tmp_path: Path) -> None:
    program = tmp_path / "asterisk"
    program.touch()
    saved = installation_of((str(program), "--library-path", "/l"))
    saved.save(tmp_path / "build/asterisk.json")
    assert locate(tmp_path) == saved


def test_missing_file_says_run_make_setup(tmp_path: Path) -> None:
    with pytest.raises(ProvisionError, match=r"asterisk\.json is missing.*run make setup$"):
        locate(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"argv": 3}', "null"])
def test_broken_file_says_run_make_setup(tmp_path: Path, text: str) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build/asterisk.json").write_text(text)
    with pytest.raises(ProvisionError, match=r"cannot be read.*make setup$"):
        locate(tmp_path)


def test_removed_asterisk_says_run_make_setup(tmp_path: Path) -> None:
    installation_of((str(tmp_path / "gone"),)).save(tmp_path / "build/asterisk.json")
    with pytest.raises(ProvisionError, match=r"is gone: run make setup$"):
        locate(tmp_path)
