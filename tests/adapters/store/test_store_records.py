"""One record for each contact, numbers in one table, orders changed from two sides."""

from pathlib import Path

import pytest
from store_samples import WALL, intent, later, promise, record, store_in

from ivr.adapters.store.records import ContactFilter
from ivr.adapters.store.store import StoreBeside
from ivr.call.model import PartyRef
from ivr.orders.events import (
    AttemptMade,
    Changed,
    Decision,
    Ignored,
    OrderClaimed,
    OrderSettled,
    Refusal,
    Refused,
)
from ivr.orders.model import CustomerRef, OrderId, OrderPhase
from router.model import AgentId

pytestmark = pytest.mark.unit

LIN, WANG = AgentId("main:lin"), AgentId("main:wang")


def test_record_is_found_again_with_its_wall_times_and_number(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    caller = store.parties.refer("13800138001")
    store.records.write(record("c1", caller=caller), wall=WALL)
    store.journal.flush()
    found = store.contacts.one("c1")
    store.close()
    assert found is not None
    assert (found.arrived_wall, found.ended_wall, found.site) == (WALL - 60_000, WALL, "v1")
    assert found.number == "13800138001"
    assert found.record["nodes"] == ["greet", "menu"]
    assert found.record["outcome"] == "served"
    assert found.record["caller"] == caller


def test_second_record_of_a_contact_is_counted_and_changes_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.records.write(record("c1"), wall=WALL)
    store.records.write(record("c1", agent=None), wall=WALL + 5)
    store.records.write(record("c2"), wall=WALL)
    store.journal.flush()
    counts, first = store.contacts.counts(), store.contacts.one("c1")
    store.close()
    assert (counts.records, counts.double) == (2, 1)
    assert first is not None
    assert first.record["agent"] == "main:lin"
    assert first.ended_wall == WALL


def test_record_with_half_a_character_from_a_foreign_end_is_kept(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.records.write(record("c1", caller="\ud800"), wall=WALL)
    assert store.parties.number(store.parties.refer("\ud83d12")) == "?12"
    store.journal.flush()
    assert store.contacts.counts().records == 1
    assert store.writer.counters.left_out == 0
    store.close()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (ContactFilter(), ["c3", "c2", "c1"]),
        (ContactFilter(since=WALL - 60_000 + 2), ["c3", "c2"]),
        (ContactFilter(outcome="abandoned"), ["c2"]),
        (ContactFilter(agent="main:lin"), ["c3", "c1"]),
        (ContactFilter(queue="main:10086/nobody"), []),
        (ContactFilter(queue="main:10086/data", agent="main:wang"), []),
    ],
)
def test_contacts_are_found_latest_first(
    tmp_path: Path, wanted: ContactFilter, found: list[str]
) -> None:
    store = store_in(tmp_path)
    for number, agent in ((1, "main:lin"), (2, None), (3, "main:lin")):
        store.records.write(record(f"c{number}", agent=agent), wall=WALL + number)
    store.journal.flush()
    names = [each.record["contact"] for each in store.contacts.newest(wanted, limit=10)]
    limited = store.contacts.newest(wanted, limit=1)
    store.close()
    assert names == found
    assert len(limited) == min(1, len(found))


def test_number_is_known_at_once_survives_a_restart_and_can_be_erased(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    party, other = store.parties.refer("13800138001"), store.parties.refer("13900139002")
    again = store.parties.refer("13800138001")
    assert len({party, other, again}) == 3
    assert "138" not in party
    assert store.parties.number(party) == "13800138001"
    store.close()
    store = store_in(tmp_path)
    assert store.parties.number(party) == "13800138001"
    store.parties.erase("13800138001")
    store.journal.flush()
    numbers = [store.parties.number(each) for each in (party, again, other, PartyRef("party-x"))]
    store.close()
    assert numbers == [None, None, "13900139002", None]
    assert b"13800138001" not in (tmp_path / "expertline.db").read_bytes()


def test_promise_to_the_same_number_joins_whatever_its_reference(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    first, second = store.parties.refer("13800138001"), store.parties.refer("13800138001")
    stranger = store.parties.refer("13900139002")
    told: list[Decision] = []
    for event in (
        promise(1, customer=first),
        later(promise(2, customer=second), 60_000),
        promise(3, customer=stranger),
        promise(4, customer=second, topic="bill"),
    ):
        store.orders.promise(event, at=WALL, told=told.append)
    store.journal.flush()
    orders = [each.order for each in told if isinstance(each, Changed)]
    store.close()
    assert [(each.order, each.asked) for each in orders] == [
        ("o1", 1),
        ("o1", 2),
        ("o3", 1),
        ("o4", 1),
    ]
    assert orders[1].deadline == orders[0].deadline


@pytest.mark.parametrize("withheld", ["", "?"])
def test_callers_without_a_number_never_join(tmp_path: Path, withheld: str) -> None:
    store = store_in(tmp_path)
    for number in (1, 2):
        party = CustomerRef(store.parties.refer(withheld))
        store.orders.promise(promise(number, customer=party), at=WALL)
    store.journal.flush()
    store.close()
    beside = StoreBeside(tmp_path)
    assert len(beside.orders.live(overdue_at=None, limit=10)) == 2
    beside.close()


def test_promise_replayed_with_its_intent_happens_once(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    told: list[Decision] = []
    for _ in range(2):
        store.journal.append([], [intent("order:c1")], lambda: None)
        store.orders.promise(promise(1), at=WALL, intent="order:c1", told=told.append)
        store.journal.flush()
    assert len(told) == 1
    assert store.journal.open_intents() == []
    store.close()


def test_orders_are_changed_beside_the_running_engine(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.orders.promise(promise(1), at=WALL)
    store.journal.flush()
    desk = StoreBeside(tmp_path, writing=True)
    order = OrderId("o1")
    assert isinstance(desk.orders.change(order, OrderClaimed(LIN), at=WALL), Changed)
    assert isinstance(desk.orders.change(order, OrderClaimed(LIN), at=WALL), Ignored)
    refused = desk.orders.change(order, OrderClaimed(WANG), at=WALL)
    assert refused == Refused(Refusal.OTHER_OWNER)
    desk.orders.change(order, AttemptMade("no answer"), at=WALL + 1)
    store.orders.promise(promise(2), at=WALL + 2)
    store.journal.flush()
    desk.orders.change(order, OrderSettled("explained"), at=WALL + 3)
    found = desk.orders.one(order)
    missing = desk.orders.change(OrderId("o9"), OrderSettled("x"), at=WALL)
    desk.close()
    store.close()
    assert missing == Refused(Refusal.UNKNOWN)
    assert found is not None
    closed = found.order
    assert (closed.phase, closed.asked, closed.result) == (OrderPhase.CLOSED, 2, "explained")
    assert [attempt.result for attempt in closed.attempts] == ["no answer"]


def test_deadlines_are_worked_once_and_the_next_is_known(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.orders.promise(promise(1), at=WALL)
    store.orders.promise(later(promise(2, topic="bill"), 1_000), at=WALL)
    store.journal.flush()
    due = promise(1).deadline
    assert store.orders.next_deadline() == due
    for _ in range(2):
        store.orders.work_due(due)
        store.journal.flush()
    assert store.orders.next_deadline() == due + 1_000
    store.close()
    beside = StoreBeside(tmp_path)
    overdue = beside.orders.live(overdue_at=due, limit=10)
    beside.close()
    assert [(each.order.order, each.order.overdue_at) for each in overdue] == [("o1", due)]
