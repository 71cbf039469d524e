"""`expertline agent` through a real socket to a real router: people are told what it did."""

import json
from pathlib import Path

import pytest
from fake_desk import no_change, served, site
from typer.testing import CliRunner, Result

from ivr.adapters.control.engine_desk import EngineDesk
from ivr.call.events import HotlineEvent, TransferRequested
from ivr.cli.main import app
from ivr.engine.by_command import QueueCommand
from ivr.engine.site_events import site_events
from router.core import Router
from router.effects import AnswerPresence
from router.events import DeviceOccupied, DeviceReachabilityChanged, RouterEvent
from router.model import DeviceId, OwnCallId

pytestmark = pytest.mark.unit


class Engine:
    """A router that knows the tests' site, its clock standing still."""

    def __init__(self) -> None:
        self._router = Router()
        self.desk = EngineDesk(
            site=site,
            agents=self._router.agents,
            queues=self._router.queues,
            submit=self.submit,
            reload=no_change,
            clock=self,
        )
        for event in site_events(None, site()):
            self.submit(event)

    def now(self) -> int:
        return 5_000

    def wall(self) -> int:
        return 1_767_225_605_000

    def submit(self, event: RouterEvent | HotlineEvent | TransferRequested | QueueCommand) -> None:
        assert not isinstance(event, HotlineEvent | TransferRequested | QueueCommand)
        for effect in self._router.handle(event, self.now()):
            if isinstance(effect, AnswerPresence):
                self.desk.take_answer(effect)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["agent", *words, "--data-dir", str(folder)])


def seen(folder: Path) -> dict[str, dict[str, object]]:
    agents = json.loads(run(folder, "list", "--format", "json").stdout)["agents"]
    return {each["agent"]: each for each in agents}


def test_a_shift_from_sign_in_to_sign_out(tmp_path: Path) -> None:
    engine = Engine()
    engine.submit(DeviceReachabilityChanged(DeviceId("main:desk-1"), reachable=True))
    with served(tmp_path, engine.desk):
        assert {each["presence"] for each in seen(tmp_path).values()} == {"signed_out"}
        assert run(tmp_path, "sign-in", "1001", "1002").exit_code == 0
        assert run(tmp_path, "sign-in", "1010", "--device", "desk-3").exit_code == 0
        there = seen(tmp_path)
        assert [there[name]["device"] for name in sorted(there)] == ["desk-1", "desk-2", "desk-3"]
        assert [there[name]["doing"] for name in sorted(there)] == ["idle", None, None]
        assert there["1001"]["since"] == "2026-01-01T00:00:05.000+00:00"
        assert run(tmp_path, "pause", "1001", "--reason", "meal").exit_code == 0
        assert seen(tmp_path)["1001"]["reason"] == "meal"
        assert run(tmp_path, "resume", "1001").exit_code == 0
        assert run(tmp_path, "sign-out", "1001", "1002", "1010").exit_code == 0
        assert {each["presence"] for each in seen(tmp_path).values()} == {"signed_out"}


def test_call_of_her_own_is_shown(tmp_path: Path) -> None:
    engine = Engine()
    desk_1 = DeviceId("main:desk-1")
    engine.submit(DeviceReachabilityChanged(desk_1, reachable=True))
    engine.submit(DeviceOccupied(desk_1, OwnCallId("x")))
    with served(tmp_path, engine.desk):
        run(tmp_path, "sign-in", "1001")
        assert seen(tmp_path)["1001"]["doing"] == "own call"


@pytest.mark.parametrize(
    ("before", "words", "status", "said"),
    [
        ((), ("sign-in", "1010"), 1, "--device desk-3"),
        ((), ("sign-in", "1001", "--device", "desk-3"), 1, "has her fixed seat at desk-1"),
        ((), ("sign-in", "1010", "--device", "desk-2"), 1, "desk-2 is the fixed seat of 1002"),
        ((), ("sign-in", "101"), 1, 'Did you mean "1010"?'),
        ((), ("resume", "1001"), 1, "1001 is not signed in"),
        ((), ("sign-out", "1001"), 0, "signed out already"),
        (("sign-in", "1001"), ("sign-in", "1001"), 0, "signed in there already"),
        (("sign-in", "1001"), ("resume", "1001"), 0, "available already"),
        (("sign-in", "1001"), ("end-wrap-up", "1001"), 0, "is in no wrap-up"),
        (("sign-in", "1001"), ("extend-wrap-up", "1001"), 1, "nothing to extend"),
        ((), ("end-wrap-up", "101"), 1, 'Did you mean "1010"?'),
        (
            ("sign-in", "1001"),
            ("pause", "1001", "--reason", "meal", "--after-contact"),
            0,
            "on break (meal)",
        ),
    ],
)
def test_router_and_command_line_agree(
    tmp_path: Path, before: tuple[str, ...], words: tuple[str, ...], status: int, said: str
) -> None:
    with served(tmp_path, Engine().desk):
        if before:
            run(tmp_path, *before)
        shown = run(tmp_path, *words)
    assert shown.exit_code == status
    assert said in shown.output
