"""Who waits, as people who ask are told: places, steps, how long, and whose phone rings."""

import pytest
from router_pool import BILL, DATA, RING_MS, Pool, needs, queue

from router import showing
from router.core import Router
from router.events import QueueChanged
from router.model import PREFERRED_STEP, AgentId, ContactId, QueueId, Step
from router.views import WaitingView

pytestmark = pytest.mark.unit


def view(
    contact: str,
    *,
    to: QueueId = DATA,
    step: int = 0,
    since: int,
    position: int | None = None,
    rings: str | None = None,
) -> WaitingView:
    by = None if rings is None else AgentId(rings)
    return WaitingView(ContactId(contact), to, step, since, position, by)


def told(pool: Pool, queue: QueueId | None = None) -> list[str]:
    return [each.contact for each in pool.router.waiting(queue).contacts]


def test_empty_pool_has_nobody_waiting() -> None:
    assert Router().waiting().contacts == ()


def test_each_contact_is_told_with_its_place_or_whose_phone_rings() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.enter("c1", at=1_000)
    pool.enter("c2", at=2_000)
    pool.enter("c3", priority_ms=60_000, at=3_000)
    pool.enter("b1", BILL, at=3_500)
    pool.enter("b2", BILL, waited_ms=3_000, at=4_000)
    assert pool.router.waiting().contacts == (
        view("c1", since=1_000, rings="ann"),
        view("b2", to=BILL, since=1_000, position=1),
        view("c2", since=2_000, position=2),
        view("c3", since=3_000, position=1),
        view("b1", to=BILL, since=3_500, rings="cat"),
    )
    assert told(pool, BILL) == ["b2", "b1"]
    assert told(pool, QueueId("main:none")) == []


def test_who_talks_or_left_does_not_wait_and_who_comes_back_does() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    pool.enter("c2", at=2_000)
    pool.enter("c3", at=3_000)
    pool.accept(offer, at=4_000)
    pool.leave("c2", at=5_000)
    assert pool.router.waiting().contacts == (view("c3", since=3_000, position=1),)
    pool.end(offer, at=6_000)
    pool.tick(20_000)
    assert pool.router.waiting().contacts == (view("c3", since=3_000, rings="ann"),)
    pool.tick(20_000 + RING_MS)
    assert pool.router.waiting().contacts == (view("c3", since=3_000, position=1),)


def test_step_is_told_and_so_is_waiting_for_one_agent_alone() -> None:
    pool = Pool("ann", cat={"bill": 1})
    high = Step(needs({"data": 1}), for_ms=5_000)
    pool.give(QueueChanged(queue(DATA, high, needs({"data": 1}, {"bill": 1}))))
    pool.enter("a1", at=500)
    pool.enter("k0", BILL, at=1_000)
    pool.enter("c1", prefer=("cat", 30_000), at=2_000)
    pool.enter("c2", at=3_000)
    pool.tick(8_000)
    held = pool.router.waiting(DATA).contacts
    assert [(each.contact, each.step, each.position) for each in held] == [
        ("a1", 0, None),
        ("c1", PREFERRED_STEP, 1),
        ("c2", 1, 2),
    ]


def test_more_than_are_told_are_counted_and_the_longest_waiting_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(showing, "WAITING_TOLD_MAX", 2)
    pool = Pool("ann")
    for number in range(5):
        pool.enter(f"c{number}", at=1_000 + number)
    found = pool.router.waiting()
    assert [each.contact for each in found.contacts] == ["c0", "c1"]
    assert found.left_out == 3


def test_looking_changes_nothing() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.enter("c2", at=2_000)
    before = pool.snapshot()
    pool.router.waiting()
    assert pool.snapshot() == before


def test_restored_router_tells_the_same() -> None:
    pool = Pool("ann", cat={"bill": 1})
    pool.enter("c1", at=1_000)
    pool.enter("c2", priority_ms=1_000, at=2_000)
    pool.enter("b1", BILL, at=2_500)
    pool.enter("b2", BILL, prefer=("cat", 9_000), at=3_000)
    assert Router.restored(pool.router.snapshot()).waiting() == pool.router.waiting()
