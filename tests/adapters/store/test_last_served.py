"""Who served a number last is found among its latest calls, and only there."""

from pathlib import Path

import pytest
from store_samples import WALL, record, store_in

from ivr.adapters.store.last_served import CALLS_LOOKED_AT_MAX, Served
from ivr.adapters.store.store import Store
from router.model import AgentId

pytestmark = pytest.mark.unit

NUMBER = "13800138001"


def call(store: Store, contact: str, agent: str | None, *, wall: int, number: str = NUMBER) -> None:
    caller = store.parties.refer(number)
    by = None if agent is None else AgentId(agent)
    store.records.write(record(contact, caller=caller, agent=by), wall=wall)
    store.journal.flush()


def test_latest_of_those_who_served_the_number_is_found(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    call(store, "c1", "main:lin", wall=WALL - 9_000)
    call(store, "c2", "main:wang", wall=WALL - 5_000)
    call(store, "c3", None, wall=WALL - 4_000)
    call(store, "c4", "main:zhao", wall=WALL - 1_000, number="13900000000")
    found = store.last_served.of(NUMBER)
    assert found is not None
    assert found.agent == "main:wang"
    assert found.ago_ms >= 0
    store.close()


def test_number_that_nobody_served_has_nobody(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    call(store, "c1", None, wall=WALL)
    assert store.last_served.of(NUMBER) is None
    assert store.last_served.of("13700000000") is None
    store.close()


def test_only_the_latest_calls_of_a_number_are_looked_at(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    call(store, "c0", "main:lin", wall=WALL)
    for number in range(CALLS_LOOKED_AT_MAX - 1):
        call(store, f"n{number}", None, wall=WALL + number)
    assert isinstance(store.last_served.of(NUMBER), Served)
    call(store, "one more", None, wall=WALL + 100)
    assert store.last_served.of(NUMBER) is None
    store.close()


def test_store_that_can_not_be_read_costs_the_caller_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.close()
    for file in tmp_path.iterdir():
        file.unlink()
    assert store.last_served.of(NUMBER) is None
    assert store.last_served.failed == 1
