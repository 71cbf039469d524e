"""The whole hotline on a real Asterisk with real phones: what callers meet, also when it fails."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hotline_watch import events, heard, outcomes, until

from ivr.adapters.conf.secret_file import load_secrets
from ivr.settings import repository_root
from simulator.live.demo.scenarios import SCENARIOS
from simulator.live.demo.scripts import GENERAL_SEATS
from simulator.live.demo.stage import agent_command, demand_reachable
from simulator.live.hotline import HotlineProblem, LiveHotline
from simulator.live.phone import Answer, PhoneRack
from simulator.live.sockets import listening_sockets
from simulator.live.trace_lines import read_lines
from simulator.live.witness import count_by_console, count_by_manager
from simulator.one_run import AlreadyRunningError, only_one

pytestmark = pytest.mark.acceptance

CALLER = "13800138000"
CALL_KEYS = {
    "scenario",
    "ok",
    "outcome",
    "agent",
    "heard_prompt",
    "audio_caller_to_agent",
    "audio_agent_to_caller",
    "answer_to_first_prompt_ms",
    "contact",
    "wait_ms",
}
KEYS_OF_A_TRANSFER = {"transfers", "audio_between_agents"}


async def test_demo_proves_its_calls_and_leaves_nothing(tmp_path: Path) -> None:
    status, printed = await _demo("--build", str(tmp_path))
    report = json.loads((tmp_path / "demo.json").read_text())
    assert status == 0, printed
    assert set(report) == {"asterisk_version", "calls", "left_behind", "records", "ok"}
    calls = len(report["calls"])
    assert report["records"] == {"contacts": calls, "records": calls, "missing": 0, "double": 0}
    assert report["ok"] is True
    assert report["left_behind"] == {"channels": 0, "bridges": 0, "playbacks": 0, "processes": 0}
    for call in report["calls"]:
        assert set(call) == CALL_KEYS | (KEYS_OF_A_TRANSFER if "transfers" in call else set())
    handed_on = [call["scenario"] for call in report["calls"] if "transfers" in call]
    assert handed_on == ["consulted_transfer", "consulted_in_vain"]
    assert [(call["scenario"], call["ok"]) for call in report["calls"]] == [
        (scenario.name, True) for scenario in SCENARIOS
    ]
    served = report["calls"][0]
    assert served["outcome"] == "served"
    assert served["agent"] in GENERAL_SEATS
    assert served["heard_prompt"] == "zh-CN/welcome"
    assert served["audio_caller_to_agent"] is True
    assert served["audio_agent_to_caller"] is True
    assert 0 < served["answer_to_first_prompt_ms"] < 2_000


async def test_demo_with_a_mute_expert_fails_and_names_the_call(tmp_path: Path) -> None:
    status, printed = await _demo(
        *("--build", str(tmp_path), "--only", "served_in_english"),
        *("--mute-agent-in", "served_in_english"),
    )
    report = json.loads((tmp_path / "demo.json").read_text())
    assert status == 1
    assert "FAILED served_in_english: the caller did not hear the expert" in printed
    assert report["ok"] is False
    assert report["calls"][0]["audio_agent_to_caller"] is False
    assert report["calls"][0]["audio_caller_to_agent"] is True


async def _demo(*arguments: str) -> tuple[int | None, str]:
    demo = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.live.demo", *arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=repository_root(),
    )
    printed, _ = await asyncio.wait_for(demo.communicate(), 110)
    return demo.returncode, printed.decode()


async def test_everything_listens_on_loopback_only(hotline: LiveHotline, rack: PhoneRack) -> None:
    device = hotline.device("desk-8001")
    await rack.register(device.name, device.password, registrar=hotline.sip_address)
    pids = [hotline.asterisk.pid, hotline.engine_pid, *rack.pids]
    sockets = listening_sockets(pids)
    assert len(sockets) >= 4
    assert {socket.address for socket in sockets} == {"127.0.0.1"}


async def test_two_witnesses_count_a_live_call_alike(hotline: LiveHotline, rack: PhoneRack) -> None:
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered()
    by_console = await count_by_console(hotline.asterisk)
    password = hotline.asterisk.conf.secrets.witness_password
    by_manager = await count_by_manager(hotline.block.witness, password)
    await call.hang_up()
    assert by_console.channels == by_manager.channels == 1


async def test_unknown_number_is_refused_without_an_answer(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    call = await rack.place(CALLER, hotline.uri_of("99999"))
    end = await call.ended()
    assert end.status == 404
    assert call.answered_at_ns is None


async def test_engine_killed_while_a_menu_plays_asks_the_caller_again(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered()
    await hotline.kill_engine()
    await hotline.start_engine()
    await until(lambda: len(events(hotline, "PlayPrompts")) >= 2)
    await call.press("1")
    await until(lambda: "welcome" in json.dumps(events(hotline, "PlayPrompts")))
    await call.hang_up()
    # The first contact has a record too, if its arrival was in the journal before the kill.
    await until(lambda: "left_in_flow" in outcomes(hotline))


async def test_engine_killed_in_a_long_prompt_asks_the_caller_again_at_once(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered()
    await call.press("1")
    await until(lambda: "services" in json.dumps(events(hotline, "PlayPrompts")))
    asked = len(events(hotline, "PlayPrompts"))
    await hotline.kill_engine()
    await hotline.start_engine()
    ended = len(events(hotline, "PlaybackFinished"))
    await until(lambda: len(events(hotline, "PlayPrompts")) > asked, seconds=3)
    # The menu takes 4.2 s; behind the rest of the old engine's prompt it would take 11 s.
    await until(lambda: len(events(hotline, "PlaybackFinished")) > ended, seconds=7)
    assert "choose-language" in json.dumps(events(hotline, "PlayPrompts")[asked])
    await call.press("1")
    await until(lambda: len(events(hotline, "PlayPrompts")) > asked + 1)
    await call.hang_up()
    expected = ["left_in_flow", "platform_failure"]
    await until(lambda: sorted(map(str, outcomes(hotline))) == expected)


async def test_engine_stopped_in_order_leaves_a_record_of_each_live_contact(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered()
    assert await hotline.stop_engine() == 0
    assert [(one["outcome"], one["reason"]) for one in hotline.records()] == [
        ("platform_failure", "engine_stopped")
    ]
    await call.hang_up()


async def test_engine_back_within_seconds_takes_the_ringing_caller(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    await hotline.stop_engine()
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await asyncio.sleep(1.5)
    assert call.answered_at_ns is None
    await hotline.start_engine()
    await call.answered(timeout_s=10)
    await asyncio.sleep(6)
    await call.hang_up()
    await call.ended()
    assert heard(call, "mul/choose-language") > 0.8


async def test_engine_away_for_good_lets_the_fallback_speak(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    await hotline.stop_engine()
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered(timeout_s=15)
    await call.ended(timeout_s=60)
    assert heard(call, "mul/fallback") > 0.8


async def test_phone_that_goes_away_is_offered_nothing(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    device = hotline.device("desk-8001")
    phone = await rack.register(
        device.name, device.password, registrar=hotline.sip_address, behaviour=Answer()
    )
    await until(lambda: '"reachable": true' in json.dumps(events(hotline, "main:desk-8001")[-1:]))
    await phone.unregister()
    await until(lambda: '"reachable": false' in json.dumps(read_lines(hotline.trace_file)[-1]))
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered()
    await call.press("1")
    await call.press("0")  # cuts the welcome and answers the menu after it
    await call.ended(timeout_s=40)
    await until(lambda: outcomes(hotline) == ["work_order"])
    assert not events(hotline, "OfferMade")
    assert heard(call, "zh-CN/work-order-made") > 0.8


async def test_phone_that_died_and_registers_anew_is_rung(
    hotline: LiveHotline, rack: PhoneRack
) -> None:
    device = hotline.device("desk-8001")
    async with PhoneRack() as doomed:
        await doomed.register(device.name, device.password, registrar=hotline.sip_address)
        await demand_reachable(hotline, [device.name])
        await agent_command(hotline, "sign-in", "1001")
        for pid in doomed.pids:
            os.kill(pid, signal.SIGKILL)  # no farewell: the old contact stays till the new comes
    phone = await rack.register(device.name, device.password, registrar=hotline.sip_address)
    call = await rack.place(CALLER, hotline.uri_of("10086"))
    await call.answered()
    for key in "1", "0":
        await call.press(key)
        await asyncio.sleep(0.3)
    agent_call = await phone.next_call(20)
    await agent_call.answered()
    await call.hang_up()
    await until(lambda: outcomes(hotline) in (["served"], ["abandoned"]))


async def test_unregistered_phone_is_one_sentence(hotline: LiveHotline, rack: PhoneRack) -> None:
    device = hotline.device("desk-8001")
    await rack.register(device.name, device.password, registrar=hotline.sip_address)
    await demand_reachable(hotline, ["desk-8001"])
    with pytest.raises(
        HotlineProblem, match=r"^the phone desk-8002 is not registered .*: start it"
    ):
        await demand_reachable(hotline, ["desk-8001", "desk-8002"])


async def test_run_keeps_the_hotline_up_until_interrupted() -> None:
    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "simulator.live.run"),
        stdout=asyncio.subprocess.PIPE,
        cwd=repository_root(),
    )
    assert run.stdout is not None
    printed = ""
    while "Ctrl-C stops everything" not in printed:
        line = await asyncio.wait_for(run.stdout.readline(), 30)
        assert line, printed
        printed += line.decode()
    assert "user visitor" in printed
    run.send_signal(signal.SIGINT)
    rest, _ = await asyncio.wait_for(run.communicate(), 20)
    assert run.returncode == 0
    assert "0 processes left" in rest.decode()


def _serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivr.cli", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=repository_root(),
        env={**os.environ, "COLUMNS": "200"},
    )


async def test_wrong_ari_password_is_one_sentence(hotline: LiveHotline, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other"
    load_secrets(elsewhere)  # a run folder with secrets of its own
    done = await asyncio.to_thread(
        _serve,
        *("--run-dir", str(elsewhere), "--ari-port", str(hotline.block.http)),
        *("--data-dir", str(tmp_path / "d")),
    )
    assert done.returncode == 1
    assert "refuses the user 'expertline': the password is wrong" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


async def test_second_engine_makes_the_first_stop_acting(
    hotline: LiveHotline, tmp_path: Path
) -> None:
    second = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli", "serve"),
        *("--run-dir", str(hotline.asterisk.settings.run_dir)),
        *("--ari-port", str(hotline.block.http), "--data-dir", str(tmp_path / "second")),
        stdout=asyncio.subprocess.PIPE,
        cwd=repository_root(),
    )
    try:
        assert await asyncio.wait_for(hotline.engine_ended(), 20) == 1
        words = (tmp_path / "data" / "engine.log").read_text()
        assert "another engine took the application over" in words
    finally:
        second.terminate()
        await second.wait()


def test_wrong_run_dir_is_one_sentence_and_makes_nothing(tmp_path: Path) -> None:
    done = _serve(
        *("--run-dir", str(tmp_path / "nowhere"), "--ari-port", "1"),
        *("--data-dir", str(tmp_path / "d")),
    )
    assert done.returncode == 1
    assert "there is no secrets.json in" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_second_demo_in_one_folder_is_refused(tmp_path: Path) -> None:
    with (
        only_one("demo", tmp_path),
        pytest.raises(AlreadyRunningError, match="another demo runs"),
        only_one("demo", tmp_path),
    ):
        pytest.fail("two demos at once")
    with only_one("demo", tmp_path):
        assert (tmp_path / "demo.lock").exists()


def test_no_asterisk_is_one_sentence(tmp_path: Path) -> None:
    load_secrets(tmp_path)
    done = _serve("--run-dir", str(tmp_path), "--ari-port", "1", "--data-dir", str(tmp_path / "d"))
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_missing_prompt_audio_is_one_sentence(tmp_path: Path) -> None:
    done = _serve(
        *("--run-dir", str(tmp_path), "--ari-port", "1"),
        *("--data-dir", str(tmp_path / "d"), "--audio", str(tmp_path / "none")),
    )
    assert done.returncode == 1
    assert "audio is missing" in done.stderr
    assert "expertline prompts build" in done.stderr


def test_broken_site_names_every_place(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("tenant: main\nskills: [general]\nagentz: {}\n")
    done = _serve(
        *("--run-dir", str(tmp_path / "r"), "--ari-port", "1"),
        *("--data-dir", str(tmp_path / "d"), "--site", str(tmp_path)),
    )
    assert done.returncode == 1
    assert "site.yaml:3:1" in done.stderr
