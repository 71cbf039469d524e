"""The promises of ``Outbox`` on the store and in memory, and `expertline outbox` beside it."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from store_samples import WALL, entry, intent, store_in
from typer.testing import CliRunner, Result

from ivr.adapters.store.database import STORE_FILE
from ivr.adapters.store.sites import SITES_LEFT_MAX, SITES_MAX, StoredSite
from ivr.adapters.store.store import Store, StoreBeside
from ivr.call.effects import PushMessage
from ivr.call.model import PartyRef
from ivr.cli import outbox
from ivr.flow.model import Language
from ivr.ports import Journal, Outbox
from router.model import ContactId
from simulator.memory_journal import MemoryDisk, MemoryJournal
from simulator.memory_keeper import KeptOnce, memory_keeper

pytestmark = pytest.mark.unit

MESSAGES = 'messages: {balance: {zh-CN: "余额{balance}元", en-US: "You have {balance} yuan"}}'

app = typer.Typer()
app.add_typer(outbox.app, name="outbox")


def push(number: int = 1, *, site: str = "v1", customer: str = "party-1") -> PushMessage:
    return PushMessage(
        message=f"c{number}.m1",
        contact=ContactId(f"c{number}"),
        customer=PartyRef(customer),
        site=site,
        hotline="10086",
        template="balance",
        language=Language("en-US"),
        values=(("balance", 42), ("vip", True), ("name", "Li")),
    )


@dataclass
class Kept:
    """An outbox with its journal, and how many texts it holds."""

    port: Outbox
    journal: Journal
    flush: Callable[[], None]
    count: Callable[[], int]


@pytest.fixture(params=["store", "memory"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    if request.param == "memory":
        done, journal = KeptOnce(), MemoryJournal(MemoryDisk())
        port = memory_keeper(journal, done).outbox
        yield Kept(port, journal, journal.flush, lambda: len(done.texts))
        return
    store = store_in(tmp_path)

    def count() -> int:
        with sqlite3.connect(tmp_path / STORE_FILE) as connection:
            return connection.execute("SELECT count(*) FROM text_messages").fetchone()[0]

    yield Kept(store.outbox, store.journal, store.journal.flush, count)
    store.close()


def test_text_and_its_mark_are_one(kept: Kept) -> None:
    kept.journal.append([entry(1)], [intent("message:c1.m1")], lambda: None)
    kept.flush()
    assert [each.key for each in kept.journal.open_intents()] == ["message:c1.m1"]
    for _ in range(2):
        kept.port.put(push(), wall=WALL, intent="message:c1.m1")
    kept.flush()
    assert kept.journal.open_intents() == []
    assert kept.count() == 1


def test_text_comes_back_as_it_was_put(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.outbox.put(push(), wall=WALL)
    store.journal.flush()
    beside = StoreBeside(tmp_path)
    found = beside.outbox.one("c1.m1")
    assert found is not None
    assert found.values == push().values
    assert (found.template, found.state, found.made_wall) == ("balance", "waiting", WALL)
    assert beside.outbox.one("c2.m1") is None
    beside.close()
    store.close()


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["outbox", *words, "--data-dir", str(folder)])


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Store]:
    store = store_in(tmp_path)
    caller = store.parties.refer("13800138001")
    store.sites.keep("v1", StoredSite({"10086/messages.yaml": MESSAGES}, {}), wall=WALL)
    store.outbox.put(push(1, customer=caller), wall=WALL)
    store.outbox.put(push(2, site="gone", customer="party-gone"), wall=WALL + 1)
    store.journal.flush()
    yield store
    store.close()


@pytest.mark.usefixtures("engine")
def test_texts_are_listed_newest_first_with_masked_numbers(tmp_path: Path) -> None:
    shown = run(tmp_path, "list")
    assert shown.exit_code == 0
    assert shown.stdout.index("c2.m1") < shown.stdout.index("c1.m1")
    assert "You have 42 yuan" in shown.stdout
    assert "138****8001" in shown.stdout
    assert "13800138001" not in shown.stdout
    assert "13800138001" in run(tmp_path, "list", "--reveal").stdout


@pytest.mark.usefixtures("engine")
def test_texts_come_as_json(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "list", "--format", "json").stdout)["messages"]
    assert [each["text"] for each in listed] == [None, "You have 42 yuan"]
    one = json.loads(run(tmp_path, "show", "c1.m1", "--format", "json").stdout)
    assert one["values"] == {"balance": 42, "vip": True, "name": "Li"}
    assert (one["parts"], one["customer"], one["state"]) == (1, "138****8001", "waiting")


@pytest.mark.usefixtures("engine")
def test_text_whose_site_is_gone_says_so(tmp_path: Path) -> None:
    shown = run(tmp_path, "show", "c2.m1")
    assert shown.exit_code == 0
    assert outbox.NOT_KEPT in shown.stdout


@pytest.mark.usefixtures("engine")
def test_unknown_text_is_refused_with_a_sentence(tmp_path: Path) -> None:
    shown = run(tmp_path, "show", "nothing")
    assert shown.exit_code == 1
    assert "expertline outbox list" in shown.stderr


def test_empty_outbox_says_so(tmp_path: Path) -> None:
    store_in(tmp_path).close()
    assert run(tmp_path, "list").stdout == "No text.\n"


@pytest.mark.usefixtures("engine")
def test_row_holds_no_text_and_no_number(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / STORE_FILE) as connection:
        rows = connection.execute("SELECT * FROM text_messages").fetchall()
    assert "yuan" not in str(rows)
    assert "13800138001" not in str(rows)


def test_site_of_a_text_is_kept_while_others_go(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    site = StoredSite({"10086/messages.yaml": MESSAGES}, {})
    store.sites.keep("v1", site, wall=WALL)
    store.outbox.put(push(), wall=WALL)
    for number in range(SITES_MAX):
        store.sites.keep(f"later-{number}", site, wall=WALL + 1 + number)
    store.journal.flush()
    store.close()
    with sqlite3.connect(tmp_path / STORE_FILE) as connection:
        left = {version for (version,) in connection.execute("SELECT version FROM sites")}
    assert "v1" in left
    assert len(left) == SITES_LEFT_MAX + 1
