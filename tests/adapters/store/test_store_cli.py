"""`expertline contacts` and `expertline orders` as they are called, beside a running engine."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import typer
from store_samples import promise, record, store_in
from typer.testing import CliRunner, Result

from ivr.adapters.store.store import Store, utc_millis
from ivr.cli import contacts, orders
from ivr.cli.listing import shown_number

pytestmark = pytest.mark.unit

app = typer.Typer()
app.add_typer(contacts.app, name="contacts")
app.add_typer(orders.app, name="orders")


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--data-dir", str(folder)])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Store]:
    store = store_in(tmp_path)
    now = utc_millis()
    caller = store.parties.refer("13800138001")
    store.records.write(record("c1", caller=caller), wall=now - 7_200_000)
    store.records.write(record("c2", caller="party-gone", agent=None), wall=now)
    store.orders.promise(promise(1, customer=caller), at=now)
    store.journal.flush()
    yield store
    store.close()


@pytest.mark.usefixtures("engine")
def test_contacts_are_listed_with_masked_numbers(tmp_path: Path) -> None:
    shown = run(tmp_path, "contacts", "list")
    assert shown.exit_code == 0
    assert shown.stdout.index("c2") < shown.stdout.index("c1")
    assert "138****8001" in shown.stdout
    assert "13800138001" not in shown.stdout
    assert "13800138001" in run(tmp_path, "contacts", "list", "--reveal").stdout


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), ["c2", "c1"]),
        (("--since", "1h"), ["c2"]),
        (("--since", "2020-01-01"), ["c2", "c1"]),
        (("--outcome", "abandoned"), ["c2"]),
        (("--agent", "lin"), ["c1"]),
        (("--queue", "10086/data", "--limit", "1"), ["c2"]),
        (("--queue", "shared/none"), []),
    ],
)
def test_contacts_that_fit_come_as_json(
    tmp_path: Path, options: tuple[str, ...], found: list[str]
) -> None:
    shown = run(tmp_path, "contacts", "list", "--format", "json", *options)
    assert shown.exit_code == 0
    assert [each["contact"] for each in json.loads(shown.stdout)["contacts"]] == found


@pytest.mark.usefixtures("engine")
def test_one_contact_is_shown_whole(tmp_path: Path) -> None:
    document = json.loads(run(tmp_path, "contacts", "show", "c1", "--format", "json").stdout)
    assert document["caller"] == "138****8001"
    assert document["nodes"] == ["greet", "menu"]
    assert document["site"] == "v1"


@pytest.mark.usefixtures("engine")
def test_one_contact_is_told_as_a_story(tmp_path: Path) -> None:
    told = run(tmp_path, "contacts", "show", "c1").stdout
    header, line, ids = told.split("\n\n")
    assert "138****8001, dialled 10086" in header
    assert "talked to lin; the flow's reason: agent_released" in header
    assert line.splitlines() == ["     0.0 s  arrived", "    60.0 s  over"]
    assert "c1" in ids
    assert "v1" in ids
    assert "party-" not in told
    assert "13800138001" not in told
    assert "13800138001" in run(tmp_path, "contacts", "show", "c1", "--reveal").stdout


@pytest.mark.usefixtures("engine")
def test_list_tells_waiting_talking_and_the_whole(tmp_path: Path) -> None:
    shown = run(tmp_path, "contacts", "list").stdout.splitlines()
    (headings,) = (each.split() for each in shown if "outcome" in each)
    (row,) = (each.split() for each in shown if " c2 " in each)
    assert headings[-4:] == ["outcome", "waited", "talked", "lasted"]
    assert " ".join(row).endswith("abandoned - - 1 min 0 s")


def test_record_of_another_form_is_listed_but_cannot_be_told(tmp_path: Path, engine: Store) -> None:
    odd = replace(record("c3"), visits=cast("Any", ("greet",)))
    engine.records.write(odd, wall=utc_millis())
    engine.journal.flush()
    assert "c3" in run(tmp_path, "contacts", "list").stdout
    shown = run(tmp_path, "contacts", "show", "c3")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert shown.stderr.startswith("expertline: the record of c3 is of a form that cannot be told ")
    assert len(shown.stderr.splitlines()) == 1
    assert run(tmp_path, "contacts", "show", "c3", "--format", "json").exit_code == 0


@pytest.mark.usefixtures("engine")
def test_unknown_contact_is_status_1(tmp_path: Path) -> None:
    shown = run(tmp_path, "contacts", "show", "c9")
    assert shown.exit_code == 1
    assert shown.stderr.startswith("expertline: there is no record of a contact 'c9': ")


@pytest.mark.parametrize("command", [("contacts", "list"), ("orders", "list")])
def test_no_store_is_status_2(tmp_path: Path, command: tuple[str, ...]) -> None:
    shown = run(tmp_path, *command)
    assert shown.exit_code == 2
    assert shown.stderr.startswith("expertline: there is no store at ")
    assert len(shown.stderr.splitlines()) == 1


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("since", ["yesterday", "-1h", "99999999-01-01", "1w"])
def test_no_time_is_status_2(tmp_path: Path, since: str) -> None:
    shown = run(tmp_path, "contacts", "list", f"--since={since}")
    assert shown.exit_code == 2
    assert "is no time: write 30m" in shown.stderr


@pytest.mark.usefixtures("engine")
def test_an_order_goes_from_promise_to_result(tmp_path: Path) -> None:
    # Its deadline, like all of the samples, is long past.
    listed = run(tmp_path, "orders", "list", "--overdue")
    assert "OVERDUE" in listed.stdout
    assert "138****8001" in listed.stdout
    assert run(tmp_path, "orders", "attempt", "o1", "--result", "no answer").exit_code == 1
    claimed = run(tmp_path, "orders", "claim", "o1", "--agent", "lin")
    assert (claimed.exit_code, claimed.stdout) == (0, "o1: claimed for lin.\n")
    again = run(tmp_path, "orders", "claim", "o1", "--agent", "lin")
    assert (again.exit_code, again.stdout) == (0, "o1: nothing to change, it is so already.\n")
    assert run(tmp_path, "orders", "attempt", "o1", "--result", "no answer").exit_code == 0
    assert run(tmp_path, "orders", "close", "o1").exit_code == 2
    empty = run(tmp_path, "orders", "close", "o1", "--result", " ")
    assert (empty.exit_code, empty.stderr) == (
        1,
        "expertline: o1: a result is needed: say in words what came of it\n",
    )
    assert run(tmp_path, "orders", "close", "o1", "--result", "explained").exit_code == 0
    assert run(tmp_path, "orders", "list").stdout == "No order.\n"
    document = json.loads(run(tmp_path, "orders", "show", "o1", "--format", "json").stdout)
    assert (document["phase"], document["result"]) == ("closed", "explained")
    assert document["closed_by"] == "main:lin"
    assert document["attempts"][0]["result"] == "no answer"
    assert "no answer" in run(tmp_path, "orders", "show", "o1").stdout
    assert "o1" in run(tmp_path, "orders", "list", "--all").stdout


@pytest.mark.usefixtures("engine")
def test_unknown_order_is_status_1(tmp_path: Path) -> None:
    for words in (("show", "o9"), ("claim", "o9", "--agent", "lin")):
        shown = run(tmp_path, "orders", *words)
        assert shown.exit_code == 1
        assert "there is no such work order" in shown.stderr


def test_what_a_caller_claims_to_be_cannot_command_a_terminal(
    tmp_path: Path, engine: Store
) -> None:
    caller = engine.parties.refer("\x1b]0;owned\x07[red]13800138001")
    engine.records.write(record("c3", caller=caller), wall=utc_millis())
    engine.journal.flush()
    for words in (("list",), ("show", "c3"), ("list", "--format", "json")):
        shown = run(tmp_path, "contacts", *words, "--reveal").stdout
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "[red]13800138001" in shown


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("13800138001", "138****8001"),
        ("+8613800138001", "+86*******8001"),
        ("12345678", "12****78"),
        ("10086", "****6"),
        ("8001", "****"),
        ("", "-"),
        (None, "-"),
    ],
)
def test_masked_number_hides_at_least_four(number: str | None, masked: str) -> None:
    assert shown_number(number, reveal=False) == masked
