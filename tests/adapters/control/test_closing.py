"""`expertline close` and `open` through a real socket to the real cores."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fake_desk import FakeDesk, no_change, served, site
from typer.testing import CliRunner, Result

from ivr.adapters.control.engine_desk import Asked, EngineDesk
from ivr.adapters.control.wire import REASON_CHARS_MAX
from ivr.call.events import CallArrived, LegAnswered
from ivr.call.model import LegId, PartyRef
from ivr.cli.main import app
from ivr.engine.codec import decode, decode_state, encode, encode_state
from ivr.engine.driver import Driver, SiteActivated
from ivr.flow.model import Flow, HangUp, Hotline, Hours, Language, NodeName
from ivr.flow.opening import Calendar, Opening, Span
from ivr.flow.site import Site
from ivr.flow.zone import Zone
from router.model import ContactId

pytestmark = pytest.mark.unit

N = NodeName
ALWAYS = Calendar("always", Zone("UTC", (0,)), ((Span(0, 1_440),),) * 7, {})
WAYS = {Opening.OPEN: N("open"), Opening.CLOSED: N("shut"), Opening.EMERGENCY: N("emergency")}
ENDS = {N(name): HangUp((), reason=name) for name in ("open", "shut", "emergency")}


def line(name: str, *, hours: bool = True, closed: str | None = None) -> Hotline:
    nodes = {N("hours"): Hours(ALWAYS, WAYS), **ENDS} if hours else {N("hours"): HangUp(())}
    flow = Flow("main", N("hours"), nodes)
    return Hotline(name, (name,), (Language("en-US"),), "UTC", flow, closed)


def two_lines(*, closed: str | None = None) -> Site:
    lines = (line("10086", closed=closed), line("12580", hours=False))
    return replace(site(), hotlines={each.name: each for each in lines})


class Engine:
    """The cores behind a desk, their clock standing still; ``restart`` goes by their state."""

    def __init__(self, *sites: Site) -> None:
        self.sites = {each.version: each for each in sites}
        self.running = sites[0]
        self.driver = Driver(self.sites)
        self.callers = 0
        self.driver.handle(SiteActivated(self.running.version), 0, wall=0)
        self.desk = EngineDesk(
            site=lambda: self.running,
            agents=list,
            queues=list,
            submit=self.submit,
            reload=no_change,
            clock=self,
        )
        self.desk.closed = lambda: self.driver.calls.closed_by_hand()

    def now(self) -> int:
        return 5_000

    def wall(self) -> int:
        return 1_767_225_605_000

    def submit(self, event: Asked) -> None:
        written = decode(*encode(event))
        for answer in self.driver.handle(written, self.now(), wall=self.wall()).answers:
            self.desk.take_answer(answer)

    def restart(self) -> None:
        state = encode_state(self.driver.snapshot(), at_rest=True)
        self.driver = Driver.restored(decode_state(state), self.sites)

    def change_site(self, new: Site) -> None:
        self.running = new
        self.driver.handle(SiteActivated(new.version), self.now(), wall=self.wall())

    def comes_to(self) -> str:
        """Where a caller of 10086 is led."""
        self.callers += 1
        contact = ContactId(f"c{self.callers}")
        leg = LegId(f"{contact}.0")
        call = CallArrived(contact, leg, "10086", PartyRef("party-1"))
        for event in (call, LegAnswered(leg)):
            self.driver.handle(event, self.now(), wall=self.wall())
        (met,) = (c.flow for c in self.driver.calls.snapshot().contacts if c.id == contact)
        assert met is not None
        return met.node


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--data-dir", str(folder)])


def test_close_is_met_at_once_and_open_ends_it(tmp_path: Path) -> None:
    engine = Engine(two_lines())
    with served(tmp_path, engine.desk):
        assert engine.comes_to() == "open"
        done = run(tmp_path, "close", "10086", "--reason", "storm")
        assert (done.exit_code, engine.comes_to()) == (0, "emergency")
        assert done.stdout.startswith("Hotline 10086 is closed by hand (storm): ")
        assert "`expertline open 10086`" in done.stdout
        done = run(tmp_path, "open", "10086")
        assert (done.exit_code, engine.comes_to()) == (0, "open")
        assert done.stdout == "Hotline 10086 is open again: its opening hours hold.\n"


def test_closure_outlives_a_restart_and_a_changed_site(tmp_path: Path) -> None:
    gone = replace(two_lines(), hotlines={"12580": line("12580", hours=False)})
    engine = Engine(two_lines(), gone, changed := replace(two_lines(), skills=("other",)))
    with served(tmp_path, engine.desk):
        assert run(tmp_path, "close", "10086", "--reason", "storm").exit_code == 0
        engine.restart()
        assert engine.comes_to() == "emergency"
        for new in (gone, changed):
            engine.change_site(new)
            assert [each.hotline for each in engine.driver.calls.closed_by_hand()] == ["10086"]
        assert engine.comes_to() == "emergency"


def test_list_tells_why_since_when_and_by_whom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "shift-lead")
    engine = Engine(two_lines(closed="moving"))
    with served(tmp_path, engine.desk):
        run(tmp_path, "close", "10086", "--reason", "storm")
        shown = json.loads(run(tmp_path, "close", "--list", "--format", "json").stdout)
        table = run(tmp_path, "close", "--list").stdout
    by_hand, by_file = shown["closed"]
    assert by_hand == {
        "hotline": "10086",
        "reason": "storm",
        "by": "shift-lead",
        "since": "2026-01-01T00:00:05.000+00:00",
        "noticed": True,
    }
    assert (by_file["reason"], by_file["by"], by_file["since"]) == ("moving", None, None)
    assert "its hotline.yaml" in table
    assert "shift-lead" in table


def test_nothing_closed_is_one_sentence(tmp_path: Path) -> None:
    with served(tmp_path, Engine(two_lines()).desk):
        assert run(tmp_path, "close", "--list").stdout == "No hotline is closed.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("close", "12580", "--reason", "storm"), "its flow has no hours node"),
        (("close", "10068", "--reason", "storm"), 'no hotline 10068. Did you mean "10086"?'),
        (("open", "shop"), "no hotline shop. Its hotlines are: 10086, 12580."),
    ],
)
def test_what_cannot_be_closed_is_refused_in_a_sentence_and_nothing_changes(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    engine = Engine(two_lines())
    with served(tmp_path, engine.desk):
        refused = run(tmp_path, *words)
    assert refused.exit_code == 1
    assert said in refused.output
    assert engine.driver.calls.closed_by_hand() == ()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("close",), "name a hotline"),
        (("close", "10086"), "takes a reason"),
        (("close", "10086", "--reason", " "), "takes a reason"),
        (("close", "10086", "--reason", "x" * (REASON_CHARS_MAX + 1)), "takes a reason"),
        (("close", "10086", "--reason", "a\nb"), "takes a reason"),
        (("close", "10086", "--reason", "storm"), "no engine runs"),
        (("close", "", "--reason", "storm"), "a hotline's name has"),
        (("close", "1" * 5_000, "--reason", "storm"), "a hotline's name has"),
        (("close", "\udcff\udcfe", "--reason", "storm"), "a hotline's name has"),
        (("open", ""), "a hotline's name has"),
        (("open", "1" * 5_000), "a hotline's name has"),
        (("open", "\udcff\udcfe"), "a hotline's name has"),
    ],
)
def test_wrong_use_is_one_sentence(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    refused = run(tmp_path, *words)
    assert refused.exit_code == 2
    assert said in refused.output


def test_asked_twice_is_good_and_another_reason_takes_the_first_ones_place(tmp_path: Path) -> None:
    engine = Engine(two_lines())
    with served(tmp_path, engine.desk):
        assert run(tmp_path, "open", "10086").stdout.startswith("Hotline 10086 was not closed by")
        run(tmp_path, "close", "10086", "--reason", "storm")
        assert "closed by hand already (storm)" in (
            run(tmp_path, "close", "10086", "--reason", "storm").stdout
        )
        run(tmp_path, "close", "10086", "--reason", "flood")
    assert [each.reason for each in engine.driver.calls.closed_by_hand()] == ["flood"]


def test_opening_does_not_hide_that_the_file_closes_it(tmp_path: Path) -> None:
    with served(tmp_path, Engine(two_lines(closed="moving")).desk):
        still = run(tmp_path, "open", "10086")
    assert still.exit_code == 1
    assert "still closed, by its hotline.yaml (moving): remove `closed:` there" in still.output


def test_desk_of_no_hotline_has_none_closed(tmp_path: Path) -> None:
    with served(tmp_path, FakeDesk()):
        assert json.loads(run(tmp_path, "close", "--list", "--format", "json").stdout) == {
            "closed": []
        }
