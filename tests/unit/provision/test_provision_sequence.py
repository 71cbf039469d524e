from __future__ import annotations

import io
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from scripted_runner import ScriptedRunner

from ivr.provision import sequence, service_guard
from ivr.provision.asterisk import AsteriskInstallation, Origin
from ivr.provision.errors import ProvisionError
from ivr.provision.report import Report, Step
from ivr.provision.runner import CommandResult, Runner, SystemRunner
from ivr.provision.sequence import SetUp
from ivr.provision.service_guard import MARK, TEXT, services_stay_down

pytestmark = pytest.mark.unit

INSTALLED = AsteriskInstallation(("/a",), "22.10.1", Path("/m"), Path("/d"), "package")
PACKAGE = "Candidate: 1:22.10.1-1"


def test_distributions_package_is_taken_before_a_private_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[AsteriskInstallation | None] = [None, INSTALLED]

    def next_found(_origin: Origin, _runner: Runner) -> AsteriskInstallation | None:
        return found.pop(0)

    def no_guard(_runner: Runner) -> AbstractContextManager[None]:
        return nullcontext()

    monkeypatch.setattr(sequence, "on_this_system", next_found)
    monkeypatch.setattr(service_guard, "services_stay_down", no_guard)
    runner = ScriptedRunner(
        programs={"apt-get": "/usr/bin/apt-get"},
        answers={"apt-cache policy": CommandResult(0, PACKAGE)},
    )
    assert set_up(tmp_path, runner).asterisk(a_step()) is INSTALLED
    assert runner.ran_any("apt-get install")
    assert not runner.ran_any("debootstrap")


def test_service_is_forbidden_only_while_apt_runs(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    runner = SystemRunner()
    if not runner.is_root():
        pytest.skip("writes as root would")
    with services_stay_down(runner, policy):
        assert runner.run([str(policy)]).status == 101
    assert not policy.exists()


def test_somebody_elses_policy_is_left_alone(tmp_path: Path) -> None:
    policy = tmp_path / "policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 0\n")
    with services_stay_down(SystemRunner(), policy):
        assert MARK not in policy.read_text()
    assert policy.exists()


def test_mark_is_in_the_policy_file() -> None:
    assert MARK in TEXT


def test_steps_say_what_why_and_how_long() -> None:
    said = io.StringIO()
    with Report(said).step("Asterisk") as step:
        step.works("building it", because="none is there")
        step.ends("22.10.1")
    first, last = said.getvalue().splitlines()
    assert first == "set-up: Asterisk: building it, because none is there"
    assert last.startswith("set-up: Asterisk: done in 0.0 s (22.10.1)")


def test_step_without_work_says_already_there() -> None:
    said = io.StringIO()
    with Report(said).step("Asterisk") as step:
        step.ends("22.10.1")
    assert said.getvalue().startswith("set-up: Asterisk: already there, 22.10.1 (0.0")


@pytest.mark.parametrize(
    ("raised", "status"), [(ProvisionError("no disk"), 2), (KeyboardInterrupt(), 130)]
)
def test_refusal_and_interrupt_have_their_status(
    raised: BaseException,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(_self: SetUp, _purpose: str) -> None:
        raise raised

    monkeypatch.setattr(SetUp, "run", refuse)
    monkeypatch.setattr(signal, "signal", leave_signals)
    assert sequence.main(["--for", "demo"]) == status
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.fixture
def heeding_interrupts() -> Iterator[None]:
    """As a program on a terminal; one that a shell began in the background ignores them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_interrupts")
def test_interrupt_ends_the_child_and_its_children(tmp_path: Path) -> None:
    held_open = tmp_path / "held-open"
    os.mkfifo(held_open)

    def interrupt_then_wait_for_the_last_holder() -> None:
        with held_open.open() as reader:
            reader.readline()
            os.kill(os.getpid(), signal.SIGINT)
            reader.read()

    watcher = threading.Thread(target=interrupt_then_wait_for_the_last_holder, daemon=True)
    watcher.start()
    with pytest.raises(KeyboardInterrupt):
        SystemRunner().run(["sh", "-c", f"exec 3> {held_open}; sleep 60 & echo up >&3; wait"])
    watcher.join(10)
    assert not watcher.is_alive()


@pytest.mark.usefixtures("heeding_interrupts")
def test_interrupt_while_the_child_is_being_started_ends_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class InterruptedPopen(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0)  # lets the interpreter take the signal here, within the start

    monkeypatch.setattr(subprocess, "Popen", InterruptedPopen)
    with pytest.raises(KeyboardInterrupt):
        SystemRunner().run(["sleep", "60"])
    (child,) = started
    assert child.wait(10) == -signal.SIGTERM
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied", "/c"), OSError(28, "x")]
)
def test_unwritable_place_is_one_sentence(
    error: OSError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_self: SetUp, _purpose: str) -> None:
        raise error

    monkeypatch.setattr(SetUp, "run", fail)
    monkeypatch.setattr(signal, "signal", leave_signals)
    assert sequence.main([]) == 2
    assert str(error.strerror) in capsys.readouterr().err


def leave_signals(_number: int, _handler: object) -> None:
    """Stands for `signal.signal`, so that a test does not change its own process."""


def a_step() -> Step:
    return Step(report=Report(io.StringIO()), name="step")


def set_up(checkout: Path, runner: ScriptedRunner) -> SetUp:
    return SetUp(
        checkout=checkout,
        cache=checkout / "cache",
        runner=runner,
        report=Report(io.StringIO()),
        offline_ok=False,
    )
