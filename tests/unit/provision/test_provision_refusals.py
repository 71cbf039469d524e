from __future__ import annotations

import ast
import io
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from scripted_runner import ScriptedRunner

from ivr.provision import environment, private_root
from ivr.provision.__main__ import old_python_refusal
from ivr.provision.errors import ProvisionError
from ivr.provision.packages import Apt
from ivr.provision.private_root import PrivateRoot
from ivr.provision.report import Report, Step
from ivr.provision.runner import CommandResult
from ivr.provision.sequence import SetUp

pytestmark = pytest.mark.unit

DEBIAN = {"apt-get": "/usr/bin/apt-get"}
MIRROR = "http://archive.example.org/debian"


class Disk(NamedTuple):
    total: int
    used: int
    free: int


def a_step() -> Step:
    return Step(report=Report(io.StringIO()), name="step")


def refusal_of(action: Callable[[], object]) -> str:
    with pytest.raises(ProvisionError) as caught:
        action()
    return str(caught.value)


@pytest.mark.parametrize(
    ("version", "refused"), [((3, 7), True), ((3, 10), True), ((3, 11), False)]
)
def test_old_python_is_one_sentence(version: tuple[int, ...], refused: bool) -> None:
    sentence = old_python_refusal(version)
    assert (sentence is not None) is refused
    if sentence is not None:
        assert "3.11 or newer is needed" in sentence
        assert f"this is Python {version[0]}.{version[1]}" in sentence


def test_entry_parses_on_python_3_7() -> None:
    package = Path(environment.__file__).parent
    for name in ("__init__.py", "__main__.py"):
        ast.parse((package / name).read_text(), feature_version=(3, 7))


def test_entry_imports_nothing_before_it_has_checked_the_version() -> None:
    code = (
        "import sys, ivr.provision.__main__ as entry; sys.version_info = (3, 9, 0);"
        "status = entry.start();"
        "print(status, 'ivr.provision.sequence' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 False"
    assert len(done.stderr.strip().splitlines()) == 1


def test_no_root_names_the_command_to_run() -> None:
    runner = ScriptedRunner(programs=DEBIAN, root=False)
    sentence = refusal_of(lambda: Apt(runner).install(["espeak-ng"], a_step()))
    assert sentence.endswith("sudo apt-get install --no-install-recommends espeak-ng")
    assert not runner.ran_any("apt-get")


def test_sudo_that_asks_for_a_password_is_no_root() -> None:
    runner = ScriptedRunner(
        programs={**DEBIAN, "sudo": "/usr/bin/sudo"},
        root=False,
        answers={"sudo -n true": CommandResult(1, "sudo: a password is required")},
    )
    assert "root is needed" in refusal_of(lambda: Apt(runner).install(["espeak-ng"], a_step()))


def test_sudo_without_password_is_used() -> None:
    runner = ScriptedRunner(programs={**DEBIAN, "sudo": "/usr/bin/sudo"}, root=False)
    Apt(runner).install(["espeak-ng"], a_step())
    assert runner.ran_any(
        "/usr/bin/sudo -n env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get inst"
    )


def test_not_debian_names_what_to_install() -> None:
    sentence = refusal_of(lambda: Apt(ScriptedRunner()).install(["espeak-ng"], a_step()))
    assert "no apt-get" in sentence
    assert "espeak-ng" in sentence


def test_failed_installation_shows_apts_last_lines() -> None:
    failed = CommandResult(100, "reading\nE: Unable to locate package espeak-ng\n")
    runner = ScriptedRunner(programs=DEBIAN, answers={"apt-get install": failed})
    assert "Unable to locate" in refusal_of(lambda: Apt(runner).install(["espeak-ng"], a_step()))


def test_lists_are_fetched_once_a_run() -> None:
    runner = ScriptedRunner(programs=DEBIAN)
    apt = Apt(runner)
    apt.install(["espeak-ng"], a_step())
    apt.install(["debootstrap"], a_step())
    assert sum("apt-get update" in command for command in runner.ran) == 1


def test_missing_packages_come_from_dpkgs_records() -> None:
    records = (
        "espeak-ng install ok installed\nold deinstall ok config-files\n"
        "dpkg-query: no packages found matching debootstrap\n"
    )
    runner = ScriptedRunner(programs=DEBIAN, answers={"dpkg-query": CommandResult(1, records)})
    assert Apt(runner).missing(["espeak-ng", "old", "debootstrap"]) == ["old", "debootstrap"]


def test_no_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small_disk(_path: object) -> Disk:
        return Disk(10, 10, 100 * 1024**2)

    monkeypatch.setattr(shutil, "disk_usage", small_disk)
    root = PrivateRoot(cache=tmp_path, runner=ScriptedRunner())
    sentence = refusal_of(lambda: root.must_be_buildable(MIRROR, missing=[]))
    assert "has 100 MB free" in sentence
    assert "needs 2048 MB" in sentence


def test_no_root_names_the_debootstrap_command(tmp_path: Path) -> None:
    root = PrivateRoot(cache=tmp_path / "cache", runner=ScriptedRunner(root=False))
    sentence = refusal_of(lambda: root.must_be_buildable(MIRROR, missing=["debootstrap"]))
    assert "sudo apt-get install debootstrap && sudo debootstrap --variant=minbase" in sentence
    assert str(root.folder) in sentence


def set_up_on(checkout: Path, runner: ScriptedRunner) -> SetUp:
    return SetUp(
        checkout=checkout,
        cache=checkout / "cache",
        runner=runner,
        report=Report(io.StringIO()),
        offline_ok=False,
    )


def test_too_old_asterisk_without_apt_is_one_sentence(tmp_path: Path) -> None:
    runner = ScriptedRunner(
        programs={"asterisk": "/usr/sbin/asterisk"},
        answers={"asterisk -V": CommandResult(0, "Asterisk 20.6.0~dfsg")},
    )
    sentence = refusal_of(lambda: set_up_on(tmp_path, runner).asterisk(a_step()))
    assert sentence.startswith("/usr/sbin/asterisk is 20.6.0, older than 22.5")
    assert "by hand" in sentence


def test_interpreter_that_stays_unable_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "can_make_environments", lambda: False)
    runner = ScriptedRunner(programs=DEBIAN)
    sentence = refusal_of(lambda: set_up_on(tmp_path, runner).packages(a_step()))
    assert "PYTHON=/usr/bin/python3" in sentence
    assert runner.ran_any("espeak-ng python3-venv")


def test_failed_prompts_show_their_reason(tmp_path: Path) -> None:
    runner = ScriptedRunner(answers={"prompts build": CommandResult(1, "welcome: too quiet")})
    sentence = refusal_of(lambda: set_up_on(tmp_path, runner).prompts(a_step()))
    assert "welcome: too quiet" in sentence


def test_signature_must_verify() -> None:
    command = private_root.Recipe().command(target=Path("/t"), mirror=MIRROR)
    assert "--force-check-gpg" in command
    assert "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg" in command
