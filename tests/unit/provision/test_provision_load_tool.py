from __future__ import annotations

import io

import pytest
from scripted_runner import ScriptedRunner

from ivr.provision.errors import ProvisionError
from ivr.provision.load_tool import ensure, installed_version, new_enough
from ivr.provision.packages import Apt
from ivr.provision.report import Report
from ivr.provision.runner import CommandResult

pytestmark = pytest.mark.unit

# `sipp -v` of Debian 12; its status is that of a failure.
TELLS_3_6 = CommandResult(99, "\n SIPp v3.6.1-SCTP-PCAP-RTPSTREAM.\n\n This program is free.\n")
TELLS_3_4 = CommandResult(99, "\n SIPp v3.4.1-TLS.\n")
SIPP = {"sipp": "/usr/bin/sipp", "apt-get": "/usr/bin/apt-get"}


def said_by(runner: ScriptedRunner) -> str:
    stream = io.StringIO()
    with Report(stream).step("SIPp") as step:
        ensure(step, runner=runner, apt=Apt(runner))
    return stream.getvalue()


def test_installed_one_is_used_and_nothing_is_changed() -> None:
    runner = ScriptedRunner(programs=SIPP, answers={"sipp -v": TELLS_3_6})
    assert "already there, SIPp 3.6.1" in said_by(runner)
    assert not runner.ran_any("apt-get")


def test_missing_one_is_installed_from_the_distribution() -> None:
    programs = {"apt-get": "/usr/bin/apt-get"}
    runner = ScriptedRunner(programs=programs, answers={"sipp -v": TELLS_3_6})

    def install(_argv: object) -> CommandResult:
        programs["sipp"] = "/usr/bin/sipp"
        return CommandResult(0, "")

    runner.answers = {"install --yes": install, "sipp -v": TELLS_3_6}
    said = said_by(runner)
    assert "because none is installed" in said
    assert "SIPp 3.6.1" in said
    assert runner.ran_any("sip-tester")


def test_too_old_one_that_stays_is_refused_in_one_sentence() -> None:
    runner = ScriptedRunner(programs=SIPP, answers={"sipp -v": TELLS_3_4})
    with pytest.raises(ProvisionError, match=r"SIPp 3\.4\.1, and 3\.6 or newer"):
        said_by(runner)


def test_without_root_the_command_is_named() -> None:
    runner = ScriptedRunner(programs={"apt-get": "/usr/bin/apt-get"}, root=False)
    with pytest.raises(ProvisionError, match="install --no-install-recommends sip-tester"):
        said_by(runner)


def test_program_that_tells_no_version_counts_as_none() -> None:
    runner = ScriptedRunner(programs=SIPP, answers={"sipp -v": CommandResult(1, "no such option")})
    assert installed_version(runner) is None


@pytest.mark.parametrize(
    ("version", "serves"),
    [(None, False), ("3.4.1", False), ("3.5.2", False), ("3.6.0", True), ("3.8.0", True)],
)
def test_version_from_3_6_serves(version: str | None, serves: bool) -> None:
    assert new_enough(version) is serves
