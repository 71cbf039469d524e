"""`expertline agent transfer` as it is called, over a socket to a desk without an engine."""

from dataclasses import replace
from pathlib import Path

import pytest
from fake_desk import FakeDesk, queue, served, site, view
from typer.testing import CliRunner, Result

from ivr.adapters.control.client import ControlClient
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.server import ControlLimits
from ivr.call.effects import TransferAnswer
from ivr.call.events import TransferOrder
from ivr.cli.main import app
from ivr.flow.requirement import SkillRequirement
from ivr.flow.routing import QueueChannel
from ivr.flow.site import DeskTransfers, QueueStep, Site, TransferTarget
from router.model import Presence
from router.views import AgentView

pytestmark = pytest.mark.unit

EXPERT = "transfer/desk/targets/2"


def transferring_site() -> Site:
    plain = site()
    expert = replace(queue(EXPERT, "data"), steps=(QueueStep(SkillRequirement(({"data": 3},))),))
    agents = [queue(f"transfer/desk/agents/{name}", f"agent:{name}") for name in plain.agents]
    targets = {"1": TransferTarget("10086/data"), "2": TransferTarget(EXPERT)}
    return replace(
        plain,
        queues={**plain.queues, **{each.name: each for each in (expert, *agents)}},
        desk_transfers=DeskTransfers(targets=targets),
    )


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["agent", "transfer", *words, "--data-dir", str(folder)])


@pytest.mark.parametrize(
    ("words", "order", "queue_asked", "said"),
    [
        (("--queue", "10086/data"), TransferOrder.CONSULT, "main:10086/data", "waits with music"),
        (("--queue", "main:10086/data"), TransferOrder.CONSULT, "main:10086/data", "10086/data"),
        (
            *(("--to", "1002", "--blind"), TransferOrder.BLIND, "main:transfer/desk/agents/1002"),
            "1001: out of it; the caller waits for 1002.",
        ),
        (("--expert", "data>=3"), TransferOrder.CONSULT, f"main:{EXPERT}", "with data>=3 is"),
        (("--complete",), TransferOrder.COMPLETE, None, "goes on with whoever was asked"),
        (("--cancel",), TransferOrder.CANCEL, None, "back with the caller"),
    ],
)
def test_each_order_reaches_the_engine(
    tmp_path: Path,
    words: tuple[str, ...],
    order: TransferOrder,
    queue_asked: str | None,
    said: str,
) -> None:
    desk = FakeDesk(running=transferring_site())
    with served(tmp_path, desk):
        shown = run(tmp_path, "1001", *words)
    assert shown.exit_code == 0, shown.stderr
    assert said in shown.stdout
    assert "transfer/desk" not in shown.stdout
    (asked,) = desk.transfers
    assert (asked.agent, asked.order, asked.queue) == ("main:1001", order, queue_asked)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--queue", "10086/date"), 'Did you mean "10086/data"?'),
        (("--to", "1009"), 'no agent "1009"'),
        (("--expert", "data >= 4"), "there are: data >= 3"),
        (("--expert", "data >"), "can not be read"),
    ],
)
def test_unknown_target_is_one_sentence_and_wrong_use(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    desk = FakeDesk(running=transferring_site())
    with served(tmp_path, desk):
        shown = run(tmp_path, "1001", *words)
    assert shown.exit_code == 2
    assert said in shown.stderr
    assert len(shown.stderr.strip().splitlines()) == 1
    assert desk.transfers == []


def test_caller_is_not_transferred_into_a_queue_of_chats(tmp_path: Path) -> None:
    running = transferring_site()
    chats = replace(queue("10086/chats", "data"), channel=QueueChannel.CHAT)
    running = replace(running, queues={**running.queues, chats.name: chats})
    desk = FakeDesk(running=running)
    with served(tmp_path, desk):
        shown = run(tmp_path, "1001", "--queue", "10086/chats")
    assert (shown.exit_code, "is for chats" in shown.stderr) == (2, True)
    assert desk.transfers == []


def test_site_without_transfers_is_told_how_to_get_them(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        shown = run(tmp_path, "1001", "--queue", "10086/data")
    assert shown.exit_code == 2
    assert "write `transfers:` in site.yaml" in shown.stderr


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--blind",),
        ("--complete", "--cancel"),
        ("--complete", "--queue", "10086/data"),
        ("--cancel", "--blind"),
        ("--queue", "10086/data", "--to", "1002"),
        ("--queue", ""),
    ],
)
def test_two_wishes_or_none_are_wrong_use(tmp_path: Path, words: tuple[str, ...]) -> None:
    desk = FakeDesk(running=transferring_site())
    with served(tmp_path, desk):
        shown = run(tmp_path, "1001", *words)
    assert shown.exit_code == 2
    assert desk.transfers == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (TransferAnswer.NOT_TALKING, "talks to no caller"),
        (TransferAnswer.NO_SUCH_TARGET, "choose another target"),
        (TransferAnswer.ALREADY_CONSULTING, "--complete or --cancel"),
        (TransferAnswer.NOT_CONSULTING, "asks nobody"),
        (TransferAnswer.TOO_MANY, "too often"),
    ],
)
def test_what_is_refused_is_told_with_its_remedy(
    tmp_path: Path, answer: TransferAnswer, said: str
) -> None:
    desk = FakeDesk(running=transferring_site(), transferring=answer)
    with served(tmp_path, desk):
        shown = run(tmp_path, "1001", "--queue", "10086/data")
    assert shown.exit_code == 1
    assert said in shown.stderr


def test_agent_nobody_knows_is_wrong_use(tmp_path: Path) -> None:
    desk = FakeDesk(running=transferring_site(), transferring=TransferAnswer.UNKNOWN_AGENT)
    with served(tmp_path, desk):
        shown = run(tmp_path, "1009", "--queue", "10086/data")
    assert (shown.exit_code, 'has no agent "1009"' in shown.stderr) == (2, True)


def test_unknown_queue_lists_none_that_nobody_wrote(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk(running=transferring_site())):
        shown = run(tmp_path, "1001", "--queue", "nonsense")
    assert "Its queues: 10086/data, 10086/general." in shown.stderr


@pytest.mark.parametrize(
    ("meant", "said"),
    [
        (view("1002", Presence.SIGNED_OUT), "1002 is signed out"),
        (view("1002", Presence.ON_BREAK, reason="lunch"), "1002 is on break (lunch)"),
        (view("1002", reachable=False), "the phone of 1002 cannot be reached"),
    ],
)
def test_agent_who_is_not_there_is_told_with_what_becomes_of_the_caller(
    tmp_path: Path, meant: AgentView, said: str
) -> None:
    with served(tmp_path, FakeDesk(running=transferring_site(), views=[meant])):
        shown = run(tmp_path, "1001", "--to", "1002", "--blind")
    assert (shown.exit_code, shown.stdout) == (0, f"{said}: the caller goes back to 1001.\n")


def test_two_targets_on_the_wire_are_no_target(tmp_path: Path) -> None:
    with (
        served(tmp_path, FakeDesk(running=transferring_site())),
        ControlClient(tmp_path) as engine,
        pytest.raises(ControlProblem) as raised,
    ):
        engine.transfer(TransferOrder.BLIND, "1001", queue="10086/data", to="1002")
    assert raised.value.code is ControlCode.UNKNOWN_TARGET


def test_engine_that_does_not_decide_is_told_of(tmp_path: Path) -> None:
    desk = FakeDesk(running=transferring_site(), mute=True)
    with served(tmp_path, desk, limits=ControlLimits(request_s_max=0.2)):
        shown = run(tmp_path, "1001", "--cancel")
    assert shown.exit_code != 0
    assert "did not decide" in shown.stderr
