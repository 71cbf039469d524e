"""`expertline crisis` and `contacts move` through a real socket to the real cores."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fake_desk import no_change, served, site
from typer.testing import CliRunner, Result

from ivr.adapters.control.engine_desk import Asked, EngineDesk
from ivr.call.events import CallArrived, LegAnswered
from ivr.call.model import LegId, PartyRef
from ivr.cli.listing import iso_time, shown_time
from ivr.cli.main import app
from ivr.cli.whoever import whoever
from ivr.engine.codec import decode, decode_state, encode, encode_state
from ivr.engine.driver import Driver, EngineEvent, SiteActivated
from ivr.flow.model import EnterQueue, Flow, HangUp, Hotline, Language, NodeName, QueueExit
from ivr.flow.routing import QueueChannel
from ivr.flow.site import Site
from router.events import DeviceReachabilityChanged, PresenceRequested
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Origin,
    PresenceChange,
    QueueId,
    RequestId,
)

pytestmark = pytest.mark.unit

N = NodeName
DATA, GENERAL = QueueId("main:10086/data"), QueueId("main:10086/general")


def line() -> Hotline:
    exits = dict.fromkeys(QueueExit, N("bye")) | {QueueExit.CRISIS: N("sorry")}
    nodes = {
        N("data"): EnterQueue("10086/data", 0, exits),
        N("bye"): HangUp((), reason="bye"),
        N("sorry"): HangUp((), reason="crisis"),
    }
    flow = Flow("main", N("data"), nodes)
    return Hotline("10086", ("10086",), (Language("en-US"),), "UTC", flow)


def with_line() -> Site:
    return replace(site(), hotlines={"10086": line()})


class Engine:
    """The cores behind a desk; 1001 and 1002 sit at their desks, and 1002 is rung by nobody."""

    def __init__(self) -> None:
        self.running = with_line()
        self.sites = {self.running.version: self.running}
        self.driver = Driver(self.sites)
        self.at = 5_000
        self.give(SiteActivated(self.running.version))
        for number in ("1", "2"):
            desk, agent = DeviceId(f"main:desk-{number}"), AgentId(f"main:100{number}")
            self.give(DeviceReachabilityChanged(desk, reachable=True))
            for change in (PresenceChange.SIGN_IN, PresenceChange.PAUSE):
                request = RequestId(f"{change.value}-{number}")
                asked = PresenceRequested(request, change, agent, desk, "meal", Origin.COMMAND)
                if number == "1" or change is PresenceChange.SIGN_IN:
                    self.give(asked)
        self.desk = EngineDesk(
            site=lambda: self.running,
            agents=lambda: self.driver.router.agents(),
            queues=lambda: self.driver.router.queues(),
            submit=self.submit,
            reload=no_change,
            clock=self,
        )
        self.desk.switched_off = lambda: self.driver.crises.all()
        self.desk.waits = lambda queue: self.driver.router.waiting(queue)

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return 1_767_225_600_000 + self.at

    def give(self, event: EngineEvent) -> None:
        self.driver.handle(event, self.at, wall=self.wall())

    def submit(self, event: Asked) -> None:
        written = decode(*encode(event))
        for answer in self.driver.handle(written, self.at, wall=self.wall()).answers:
            self.desk.take_answer(answer)

    def resume_general(self) -> None:
        """1001 is there again."""
        request, general = RequestId("resume"), AgentId("main:1001")
        back = PresenceChange.RESUME
        self.give(PresenceRequested(request, back, general, None, None, Origin.COMMAND))

    def restart(self) -> None:
        state = encode_state(self.driver.snapshot(), at_rest=False)
        self.driver = Driver.restored(decode_state(state), self.sites)

    def call(self, name: str) -> ContactId:
        contact = ContactId(name)
        leg = LegId(f"{contact}.0")
        self.give(CallArrived(contact, leg, "10086", PartyRef("party-1")))
        self.give(LegAnswered(leg))
        return contact

    def waiting(self, queue: QueueId) -> Sequence[ContactId]:
        return self.driver.router.waiting_in(queue)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--data-dir", str(folder)])


def listed_crises(folder: Path) -> list[dict[str, object]]:
    return json.loads(run(folder, "crisis", "list", "--format", "json").stdout)["crises"]


def crises(folder: Path) -> list[dict[str, object]]:
    return [{"queue": each["queue"], "to": each["to"]} for each in listed_crises(folder)]


def test_crisis_is_listed_till_it_ends_and_outlives_a_restart(tmp_path: Path) -> None:
    engine = Engine()
    with served(tmp_path, engine.desk):
        assert run(tmp_path, "crisis", "list").stdout == "No queue is switched off.\n"
        done = run(tmp_path, "crisis", "start", "10086/data", "--to", "10086/general")
        assert done.exit_code == 0
        assert "10086/data is switched off" in done.stdout
        engine.restart()
        assert crises(tmp_path) == [{"queue": "10086/data", "to": "10086/general"}]
        assert run(tmp_path, "crisis", "start", "10086/data").exit_code == 0
        assert crises(tmp_path) == [{"queue": "10086/data", "to": None}]
        assert run(tmp_path, "crisis", "end", "10086/data").stdout == (
            "10086/data takes contacts again.\n"
        )
        assert crises(tmp_path) == []
        assert "was not switched off" in run(tmp_path, "crisis", "end", "10086/data").stdout


def test_crisis_without_another_queue_sends_callers_on_by_their_flow(tmp_path: Path) -> None:
    engine = Engine()
    with served(tmp_path, engine.desk):
        first, second = engine.call("c1"), engine.call("c2")
        assert engine.driver.calls.phase_of(first) is not None
        assert list(engine.waiting(DATA)) == [second]
        run(tmp_path, "crisis", "start", "10086/data", "10086/general")
    held = {each.id: each for each in engine.driver.calls.snapshot().contacts}
    assert held[second].reason == "crisis"
    assert held[first].reason == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("start", "10086/dat"), 'no queue "10086/dat". Did you mean "10086/data"?'),
        (("start", "10086/data", "--to", "shop"), 'no queue "shop". Its queues: 10086/data, '),
        (("end", "10086/dat"), 'Did you mean "10086/data"?'),
    ],
)
def test_wrong_name_is_one_sentence_and_changes_nothing(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    engine = Engine()
    with served(tmp_path, engine.desk):
        refused = run(tmp_path, "crisis", *words)
        assert refused.exit_code == 2
        assert said in refused.output
        assert crises(tmp_path) == []


def test_queue_is_not_switched_off_to_itself(tmp_path: Path) -> None:
    with served(tmp_path, Engine().desk):
        refused = run(tmp_path, "crisis", "start", "10086/data", "--to", "10086/data")
        assert (refused.exit_code, refused.stderr) == (
            1,
            "expertline: a queue cannot be switched off to itself: choose another --to\n",
        )
        assert crises(tmp_path) == []


def test_second_start_with_another_destination_leads_there_and_the_same_one_changes_nothing(
    tmp_path: Path,
) -> None:
    engine = Engine()
    engine.resume_general()
    with served(tmp_path, engine.desk):
        first = ("crisis", "start", "main:10086/data", "--to", "main:10086/general")
        assert run(tmp_path, "crisis", "start", "10086/data").exit_code == 0
        (begun,) = listed_crises(tmp_path)
        engine.at += 60_000
        another = run(tmp_path, *first)
        off = "main:10086/data is switched off: its contacts, and whoever comes, go to "
        assert (another.exit_code, another.stdout) == (0, f"{off}main:10086/general.\n")
        assert listed_crises(tmp_path) == [begun | {"to": "10086/general"}]
        same = run(tmp_path, *first)
        assert (same.exit_code, same.stdout) == (
            0,
            "main:10086/data was switched off before: its callers go to 10086/general.\n",
        )


def test_list_tells_since_when_and_by_whom_also_after_a_restart(tmp_path: Path) -> None:
    engine = Engine()
    with served(tmp_path, engine.desk):
        run(tmp_path, "crisis", "start", "10086/data", "--to", "10086/general")
        since = iso_time(engine.wall())
        engine.at += 60_000
        engine.restart()
        (line,) = listed_crises(tmp_path)
        assert (line["since"], line["by"]) == (since, whoever())
        shown = run(tmp_path, "crisis", "list").stdout
        assert whoever() in shown
        assert shown_time(engine.wall() - 60_000) in shown
        run(tmp_path, "crisis", "end", "10086/data")
        run(tmp_path, "crisis", "start", "10086/data")
        (line,) = listed_crises(tmp_path)
        assert line["since"] == iso_time(engine.wall())


def test_whoever_starts_a_crisis_hears_where_the_contacts_really_go(tmp_path: Path) -> None:
    engine = Engine()
    off = "is switched off: its contacts, and whoever comes, go"
    with served(tmp_path, engine.desk):
        started = run(tmp_path, "crisis", "start", "10086/data", "--to", "10086/general")
        nobody = "on by their flows as long as nobody is there for 10086/general"
        assert started.stdout == f"10086/data {off} {nobody}.\n"
        assert nobody in run(tmp_path, "crisis", "list").stdout
        engine.resume_general()
        assert " to 10086/general" in run(tmp_path, "crisis", "list").stdout
        second = run(tmp_path, "crisis", "start", "10086/general")
        assert second.stdout == (
            f"10086/general {off} on by their flows. Those of 10086/data, which came here, go on "
            "by their flows.\n"
        )
        run(tmp_path, "crisis", "end", "10086/data")
        again = run(tmp_path, "crisis", "start", "10086/data", "--to", "10086/general")
        really = "on by their flows as long as 10086/general is switched off too"
        assert (again.exit_code, again.stdout) == (0, f"10086/data {off} {really}.\n")
        assert really in run(tmp_path, "crisis", "list").stdout


def test_one_wrong_name_of_several_keeps_none_of_the_others_back(tmp_path: Path) -> None:
    with served(tmp_path, Engine().desk):
        assert run(tmp_path, "crisis", "start", "nothing", "10086/data").exit_code == 2
        assert crises(tmp_path) == [{"queue": "10086/data", "to": None}]


def test_waiting_contact_moves_ahead_and_into_another_queue(tmp_path: Path) -> None:
    engine = Engine()
    rung, first, second = (engine.call(f"c{number}") for number in (1, 2, 3))
    with served(tmp_path, engine.desk):
        assert list(engine.waiting(DATA)) == [first, second]
        assert run(tmp_path, "contacts", "move", second, "--priority", "60s").exit_code == 0
        assert list(engine.waiting(DATA)) == [second, first]
        nobody = run(tmp_path, "contacts", "move", first, "--queue", "10086/general")
        assert (nobody.exit_code, "no agent is there" in nobody.output) == (1, True)
        rings = run(tmp_path, "contacts", "move", rung, "--priority", "60s")
        assert (rings.exit_code, "an agent's phone rings" in rings.output) == (1, True)
        engine.resume_general()
        run(tmp_path, "crisis", "start", "10086/general")
        off = run(tmp_path, "contacts", "move", first, "--queue", "10086/general")
        assert (off.exit_code, "is switched off" in off.output) == (1, True)
        run(tmp_path, "crisis", "end", "10086/general")
        moved = run(tmp_path, "contacts", "move", first, "--queue", "10086/general")
    assert moved.stdout == f"Contact {first} waits in 10086/general.\n"
    assert list(engine.waiting(DATA)) == [second]
    # Somebody is idle there, so the phone rings at once.
    held = {each.id: each for each in engine.driver.calls.snapshot().contacts}
    assert held[first].queue == GENERAL


def test_id_of_a_waiting_contact_is_found_and_moves_it(tmp_path: Path) -> None:
    engine = Engine()
    rung, first, second = (engine.call(f"c{number}") for number in (1, 2, 3))
    with served(tmp_path, engine.desk):
        listed = ("contacts", "list", "--waiting", "--queue", "10086/data", "--format", "json")
        held = json.loads(run(tmp_path, *listed).stdout)["waiting"]
        assert [(each["contact"], each["position"], each["rings"]) for each in held] == [
            (rung, None, "1002"),
            (first, 1, None),
            (second, 2, None),
        ]
        run(tmp_path, "contacts", "move", held[2]["contact"], "--priority", "60s")
        moved = json.loads(run(tmp_path, *listed).stdout)["waiting"]
    assert {each["contact"]: each["position"] for each in moved} == {
        rung: None,
        first: 2,
        second: 1,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("move", "c1"), "give --queue, --priority or both"),
        (("move", "c1", "--priority", "fast"), "no head start"),
        (("move", "c1", "--queue", ""), "a queue's name has"),
    ],
)
def test_wrong_use_of_move_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    refused = run(tmp_path, "contacts", *words)
    assert refused.exit_code == 2
    assert said in refused.output


@pytest.mark.parametrize(
    "words",
    [
        ("crisis", "start", "10086/data", "--to", "10086/chats"),
        ("contacts", "move", "c1", "--queue", "main:10086/chats"),
    ],
)
def test_calls_are_not_sent_into_a_queue_of_chats(tmp_path: Path, words: tuple[str, ...]) -> None:
    engine = Engine()
    chats = replace(engine.running.queues["10086/data"], name="10086/chats")
    chats = replace(chats, channel=QueueChannel.CHAT)
    engine.running = replace(engine.running, queues={**engine.running.queues, chats.name: chats})
    with served(tmp_path, engine.desk):
        refused = run(tmp_path, *words)
        assert (refused.exit_code, "is for chats" in refused.output) == (2, True)
        assert crises(tmp_path) == []


def test_unknown_queue_or_contact_of_a_move_is_one_sentence(tmp_path: Path) -> None:
    with served(tmp_path, Engine().desk):
        unknown = run(tmp_path, "contacts", "move", "c9", "--queue", "10086/dat")
        gone = run(tmp_path, "contacts", "move", "c9", "--priority", "1m")
    assert (unknown.exit_code, gone.exit_code) == (2, 1)
    assert 'Did you mean "10086/data"?' in unknown.output
    assert 'there is no contact "c9" waiting: it has ended or never was' in gone.output
