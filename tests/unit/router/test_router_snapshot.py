"""What can be seen of a router, and a router that is written down and read back."""

import msgspec
import pytest
from router_pool import BILL, DATA, Pool, needs, queue

from router.agent_state import EngagementPhase
from router.core import Router
from router.events import QueueChanged
from router.model import AgentId, ContactId, DeviceId, Presence
from router.snapshot import RouterSnapshot
from router.views import AgentView, QueueView

pytestmark = pytest.mark.unit


def read_back(pool: Pool) -> Router:
    written = msgspec.json.encode(pool.router.snapshot())
    return Router.restored(msgspec.json.decode(written, type=RouterSnapshot))


def lively() -> Pool:
    """A pool in which something of every kind is under way."""
    pool = Pool(ann={"data": 1}, bob={"data": 1}, cat={"bill": 1}, dan={"data": 1}, eve={"data": 2})
    pool.skill("fay", seat="fay-desk", data=1)
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), announce_every_ms=7_000)))
    for name in ("c1", "c2", "c3", "c4"):
        pool.enter(name, at=1_000)
    pool.accept(pool.place("c1").offer, at=1_100)
    pool.retire("ann", at=1_200)
    pool.fail(pool.place("c2").offer, at=1_300)
    pool.enter("b1", BILL, at=1_400)
    pool.accept(pool.place("b1").offer, at=1_500)
    pool.close(BILL, at=1_600)
    pool.pause("dan", "lunch", at=1_700)
    pool.occupy("eve-desk", at=1_800)
    pool.occupy("elsewhere", at=1_800)
    pool.reach("fay-desk", up=False)
    return pool


def test_router_read_back_holds_the_same() -> None:
    pool = lively()
    again = read_back(pool)
    assert again.snapshot() == pool.router.snapshot()
    assert again.next_deadline() == pool.router.next_deadline()
    assert (again.agents(), again.queues()) == (pool.router.agents(), pool.router.queues())
    assert again.waiting_in(DATA) == pool.router.waiting_in(DATA)
    assert again.ignored == pool.router.ignored


def test_empty_router_is_read_back_empty() -> None:
    assert Router.restored(Router().snapshot()).snapshot() == Router().snapshot()


def test_router_read_back_never_uses_an_id_or_a_key_again() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    first = pool.offer()
    pool.leave("c1", at=1_100)
    pool.router = read_back(pool)
    pool.enter("c1", at=1_200)
    assert pool.offer() != first
    pool.sign_out("ann")
    assert [record.key for record in pool.records] == ["ann.p2"]


def test_router_read_back_keeps_who_is_idle_longest_and_who_comes_first_in_a_tie() -> None:
    pool = Pool("ann", "bob", "cat")
    pool.occupy("ann-desk", at=500)
    pool.vacate("ann-desk", at=600)
    pool.router = read_back(pool)
    offered: list[tuple[str, str]] = []
    for name in ("c1", "c2", "c3", "zed", "abe"):
        pool.enter(name, at=1_000)
        offered += pool.offers()
    assert [agent for _, agent in offered] == ["bob", "cat", "ann"]
    pool.router = read_back(pool)
    assert pool.router.waiting_in(DATA) == ["zed", "abe"]


def test_contact_waits_in_its_queue_unless_a_phone_rings_for_it() -> None:
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.enter("c2", at=1_100)
    waits = [pool.router.waits_in(ContactId(name)) for name in ("c1", "c2", "c3")]
    assert waits == [None, DATA, None]


def test_agent_view_tells_what_she_does_where_and_since_when() -> None:
    pool = Pool("ann")
    pool.sign_out("ann", at=500)
    pool.sign_in("ann", at=1_000)
    pool.enter("c1", at=2_000)
    pool.accept(pool.offer(), at=2_100)
    pool.pause("ann", "lunch", at=3_000)
    pool.occupy("ann-desk", at=3_500)
    assert pool.router.agents() == [
        AgentView(
            agent=AgentId("ann"),
            presence=Presence.ON_BREAK,
            reason="lunch",
            since=3_000,
            device=DeviceId("ann-desk"),
            reachable=True,
            engagement=EngagementPhase.CONNECTED,
            contact=ContactId("c1"),
            own_calls=1,
            taken_for_absent=False,
            accepted_today=1,
            idle_ms_today=500 + 1_000,
            busy_since=2_100,
        )
    ]


def test_agent_view_of_who_is_away_names_no_device() -> None:
    pool = Pool()
    pool.at = 700
    pool.skill("ann", data=1)
    (view,) = pool.router.agents()
    assert (view.presence, view.device, view.reachable) == (Presence.SIGNED_OUT, None, False)
    assert (view.since, view.contact, view.own_calls) == (700, None, 0)


def test_queue_view_counts_who_waits_who_rings_and_who_is_there() -> None:
    pool = Pool(ann={"data": 1}, bob={"data": 1, "bill": 1}, cat={"bill": 1})
    for number in range(4):
        pool.enter(f"c{number}", at=1_000 + number)
    pool.accept(pool.place("c0").offer, at=2_000)
    assert pool.router.queues() == [
        QueueView(DATA, waiting=2, offered=1, staffed=2),
        QueueView(BILL, waiting=0, offered=0, staffed=2),
    ]
