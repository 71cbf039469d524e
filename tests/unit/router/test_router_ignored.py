"""What comes late or twice is counted each time, by state and happening, also over a restart."""

from collections.abc import Callable

import msgspec
import pytest
from chat_pool import begin, chatting
from router_pool import BILL, DATA, Pool

from router.core import Router
from router.model import OfferId, QueueId
from router.offers import ENGAGED_MS_MAX
from router.snapshot import RouterSnapshot

pytestmark = pytest.mark.unit

NOWHERE, GONE = QueueId("main:none"), OfferId("c9.o9")

LATE: dict[str, Callable[[Pool], object]] = {
    "unknown queue/QueueRetired": lambda pool: pool.close(NOWHERE),
    "unknown agent/AgentRetired": lambda pool: pool.retire("zoe"),
    "unknown offer/OfferAccepted": lambda pool: pool.accept(GONE),
    "unknown offer/OfferFailed": lambda pool: pool.fail(GONE),
    "unknown offer/EngagementEnded": lambda pool: pool.end(GONE),
    "contact/leave": lambda pool: pool.leave("c9"),
    "waiting/enqueue": lambda pool: pool.enter("c2"),
    "connected/enqueue": lambda pool: pool.enter("c1"),
    "connected/accept": lambda pool: pool.accept(OfferId("c1.o1")),
    "absent/ContactChanged": lambda pool: pool.change("c9", BILL),
    "connected/ContactChanged": lambda pool: pool.change("c1", BILL),
    "contact/no such queue": lambda pool: pool.change("c2", NOWHERE),
    "queue/CrisisDeclared": lambda pool: pool.declare(NOWHERE),
    "queue/CrisisEnded": lambda pool: pool.calm(DATA),
    "device/no change": lambda pool: pool.reach("ann-desk"),
    "device/vacated": lambda pool: pool.vacate("ann-desk"),
    "presence/unknown_agent": lambda pool: pool.sign_in("zoe"),
    "presence/already": lambda pool: pool.sign_in("ann"),
}


def busy() -> Pool:
    """ann talks to c1, and c2 waits."""
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c2", at=1_200)
    return pool


@pytest.mark.parametrize("what", LATE)
def test_each_late_message_is_counted_by_its_own_name(what: str) -> None:
    pool = busy()
    for _ in range(3):
        LATE[what](pool)
    assert pool.router.ignored == {what: 3}


def test_late_message_for_a_chat_is_counted_each_time() -> None:
    pool = chatting(ann=2)
    (offer,) = begin(pool, "t1")
    for _ in range(3):
        pool.accept(offer, at=2_000)
    assert pool.router.ignored == {"connected/accept": 3}


def test_each_conversation_whose_end_nobody_told_is_counted() -> None:
    pool = Pool("ann", "bob")
    for name in ("c1", "c2"):
        pool.enter(name, at=1_000)
        pool.accept(pool.offer())
    pool.tick(1_000 + ENGAGED_MS_MAX)
    assert pool.router.ignored == {"connected/overdue": 2}


def test_priority_without_another_queue_is_no_failed_move() -> None:
    pool = busy()
    pool.change("c2", priority_ms=5_000)
    assert pool.router.ignored == {}


def test_counts_go_on_after_a_restart() -> None:
    pool = busy()
    pool.leave("c9")
    written = msgspec.json.encode(pool.router.snapshot())
    pool.router = Router.restored(msgspec.json.decode(written, type=RouterSnapshot))
    pool.leave("c9")
    assert pool.router.ignored == {"contact/leave": 2}
