"""Group commit under stress: a kill, a full disk, a held lock, a loop."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import WALL, entry, intent, record, store_in

from ivr.adapters.store.database import STORE_FILE
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.promises import PromisedOrders
from ivr.adapters.store.sites import StoredSite
from ivr.adapters.store.store import Store, StoreBeside, StoreSettings
from ivr.adapters.store.writer import Group, Work
from ivr.call.effects import PromiseCallback
from ivr.call.model import PartyRef
from router.model import AgentId, ContactId, Origin, Presence, PresenceRecord

pytestmark = pytest.mark.unit

APPENDS_FOR_EVER = """
import os, sys
from pathlib import Path
from ivr.adapters.store.store import Store, StoreSettings
from ivr.ports import Intent, JournalEntry
store = Store(StoreSettings(Path(sys.argv[1]), "main"))
told = 0
def tell(number):
    os.write(1, b"%d\\n" % number)
number = 0
while True:
    entry = JournalEntry("node:main", number, 0, "core", "Kind", bytes(200))
    intent = Intent(f"k{number}", "node:main", "Kind", b"", None)
    if store.journal.append([entry, entry], [intent], lambda number=number: tell(number)):
        number += 1
    if number % 50 == 0:
        store.journal.flush()
"""


def test_killed_amid_appends_it_loses_only_what_was_not_committed(tmp_path: Path) -> None:
    engine = subprocess.Popen(
        [sys.executable, "-c", APPENDS_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert engine.stdout is not None
    told = [int(engine.stdout.readline()) for _ in range(500)]
    os.kill(engine.pid, signal.SIGKILL)
    told += [int(line) for line in engine.stdout.read().split(b"\n")[:-1]]
    engine.stdout.close()
    engine.wait()
    assert told == list(range(len(told)))
    store = store_in(tmp_path)
    rows = list(store.journal.rows("node:main", after=0))
    intents = store.journal.open_intents()
    store.close()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.entry.at for row in rows] == [number // 2 for number in range(len(rows))]
    assert len(rows) == 2 * len(intents)
    assert len(rows) >= 2 * len(told)


def test_full_store_keeps_what_it_took_refuses_more_and_says_so_once(tmp_path: Path) -> None:
    news: list[StoreProblem | None] = []
    store = Store(
        StoreSettings(tmp_path, "main", file_bytes_max=600_000),
        trouble=news.append,
    )
    taken = 0
    while taken < 100 and store.journal.append([entry(taken, size=200_000)], [], lambda: None):
        taken += 1
    with pytest.raises(StoreProblem, match="cannot grow, the disk or the store's own limit"):
        store.journal.flush()
    assert len(news) == 1
    assert news[0] is not None
    assert news[0].code == "full"
    while taken < 500 and store.journal.append([entry(taken, size=200_000)], [], lambda: None):
        taken += 1
    assert taken < 200, "the bound of bytes was never reached"
    rows = list(store.journal.rows("node:main", after=0))
    assert len(rows) < taken
    with pytest.raises(StoreProblem, match=rf"^{taken - len(rows)} rows were not written: "):
        store.close()
    again = store_in(tmp_path)
    assert list(again.journal.rows("node:main", after=0)) == rows
    again.close()


DISK_FILLS_AND_EMPTIES = """
import resource, sys
from pathlib import Path
from ivr.adapters.store.problem import StoreProblem
from ivr.adapters.store.store import Store, StoreSettings
from ivr.ports import JournalEntry
news = []
store = Store(StoreSettings(Path(sys.argv[1]), "main"), trouble=news.append)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
for number in range(40):
    store.journal.append(
        [JournalEntry("node:main", number, 0, "core", "Kind", bytes(20_000))], [], lambda: None
    )
try:
    store.journal.flush()
except StoreProblem as problem:
    print(problem.code, problem.retry_safe)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.journal.flush()
rows = list(store.journal.rows("node:main", after=0))
print([(row.seq, row.entry.at) for row in rows] == [(at + 1, at) for at in range(40)])
print([None if each is None else each.code for each in news])
store.close()
"""


def test_disk_that_fills_and_empties_again_loses_nothing(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", DISK_FILLS_AND_EMPTIES, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.stderr == ""
    assert told.stdout.splitlines() == ["full True", "True", "['full', None]"]


def test_another_process_that_holds_the_file_delays_but_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.adapters.store.database.BUSY_MS_MAX", 20)
    store = store_in(tmp_path, retry_ms=5)
    other = sqlite3.connect(tmp_path / STORE_FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.journal.append([entry(1)], [], lambda: None)
    with pytest.raises(StoreProblem, match="is held by another process for too long"):
        store.journal.flush()
    other.execute("ROLLBACK")
    other.close()
    store.journal.flush()
    assert [row.seq for row in store.journal.rows("node:main", after=0)] == [1]
    assert store.writer.problem is None
    store.close()


async def test_on_a_loop_commits_are_told_there_in_order(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    store = Store(StoreSettings(tmp_path, "main"), loop=loop)
    told: list[int] = []
    all_told = asyncio.Event()

    def tell(number: int) -> None:
        assert asyncio.get_running_loop() is loop
        told.append(number)
        if number == 299:
            all_told.set()

    for number in range(300):
        store.journal.append([entry(number)], [], lambda number=number: tell(number))
        if number % 40 == 0:
            await asyncio.sleep(0)
    await asyncio.wait_for(all_told.wait(), timeout=10)
    assert told == list(range(300))
    assert store.writer.counters.commits < 300, "each append was a commit of its own"
    store.close()


def test_callback_that_fails_does_not_silence_the_others(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    told: list[int] = []

    def fail() -> None:
        raise LookupError("a core's bug")

    store.journal.append([entry(1)], [], fail)
    store.journal.append([entry(2)], [], lambda: told.append(2))
    with pytest.raises(LookupError):
        store.journal.flush()
    store.journal.flush()
    assert told == [2]
    store.close()


def test_work_that_is_wrong_in_itself_is_left_out_and_stops_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path)

    def wrong(group: Group) -> None:
        group.connection.exec_driver_sql("INSERT INTO meta (key, value) VALUES ('half', 1)")
        group.connection.exec_driver_sql("INSERT INTO meta (key, value) VALUES ('whole', NULL)")

    told: list[str] = []
    store.journal.append([entry(1)], [], lambda: told.append("before"))
    store.writer.push(Work(wrong, lambda: told.append("wrong"), guarded=True))
    store.journal.append([entry(2)], [intent("a")], lambda: told.append("after"))
    store.journal.flush()
    assert told == ["before", "after"]
    assert store.writer.counters.left_out == 1
    assert len(list(store.journal.rows("node:main", after=0))) == 2
    store.close()


def test_closed_store_takes_nothing_more(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.journal.append([entry(1)], [], lambda: None)
    store.close()
    assert not store.journal.append([entry(2)], [], lambda: None)
    again = store_in(tmp_path)
    assert len(list(again.journal.rows("node:main", after=0))) == 1
    again.close()


def test_record_and_its_mark_are_one_transaction(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.journal.append([entry(1)], [intent("record:c1")], lambda: None)
    store.records.write(record("c1"), wall=1, intent="record:c1")
    store.records.write(record("c1"), wall=1, intent="record:c1")
    store.journal.flush()
    assert store.journal.open_intents() == []
    counts = store.contacts.counts()
    assert (counts.records, counts.double) == (1, 0)
    store.close()


def test_order_and_its_mark_are_one_transaction(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    orders = PromisedOrders(store.orders)
    store.journal.append([entry(1)], [intent("order:o1")], lambda: None)
    promise = PromiseCallback(
        "o1", ContactId("c1"), PartyRef("party-1"), "data", "nobody", None, 60_000
    )
    orders.promise(promise, wall=1, intent="order:o1")
    orders.promise(promise, wall=1, intent="order:o1")
    store.journal.flush()
    assert store.journal.open_intents() == []
    beside = StoreBeside(tmp_path)
    (order,) = beside.orders.newest(limit=9)
    assert (order.order.order, order.order.asked) == ("o1", 1)
    beside.close()
    store.close()


def test_change_of_presence_and_its_mark_are_one_transaction(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    change = PresenceRecord(
        "main:lin.p1", AgentId("main:lin"), Presence.ON_BREAK, "lunch", None, Origin.COMMAND, 70
    )
    later = replace(change, at=90)
    for each in (change, later):
        key = f"presence:{each.key}@{each.at}"
        store.journal.append([entry(1)], [intent(key)], lambda: None)
        store.presences.keep(each, wall=WALL, intent=key)
        store.presences.keep(each, wall=WALL, intent=key)
    store.presences.keep(change, wall=WALL)
    store.journal.flush()
    assert store.journal.open_intents() == []
    store.close()
    with sqlite3.connect(tmp_path / STORE_FILE) as connection:
        rows = connection.execute(
            "SELECT key, agent, presence, reason, device, origin, at, wall FROM presence_log"
        ).fetchall()
    connection.close()
    assert rows == [
        (f"main:lin.p1@{at}", "main:lin", "on_break", "lunch", None, "command", at, WALL)
        for at in (70, 90)
    ]


def test_site_is_there_before_the_row_that_names_it(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    kept = StoredSite({"site.yaml": "agents: {}"}, {"zh-CN": ("welcome",)})
    seen: list[StoredSite | None] = []
    store.sites.keep("v1", kept, wall=WALL)
    store.sites.keep("v1", StoredSite({}, {}), wall=WALL)
    store.journal.append([entry(1)], [], lambda: seen.append(store.stored_sites.one("v1")))
    store.journal.flush()
    assert seen == [kept]
    assert store.stored_sites.one("v2") is None
    store.close()
