"""A policy of one's own in place of those that come with the router."""

from collections.abc import Collection, Sequence

import pytest
from router_pool import BILL, DATA, Pool, needs, queue

from router.core import Router
from router.events import QueueChanged, RoutingChanged
from router.matching import Line, Room
from router.model import AgentId, ContactOrder, OfferFailure, Routing
from router.offers import MISS_REST_MS
from router.ranking import WaitingKey

pytestmark = pytest.mark.unit


class Youngest:
    """Of the first in each line, the one who came last; and it keeps an account."""

    counts = True

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def first(self, lines: Sequence[Line]) -> WaitingKey | None:
        heads = [line.waiting.first for line in lines]
        return max((head for head in heads if head is not None), default=None)

    def added(self, room: Room) -> None:
        self.heard.append(("added", room.rules.id))

    def entered(self, room: Room) -> None:
        self.heard.append(("entered", room.rules.id))

    def offered(self, room: Room) -> None:
        self.heard.append(("offered", room.rules.id))

    def returned(self, room: Room) -> None:
        self.heard.append(("returned", room.rules.id))


class ByName:
    """The last by name, and nobody twice for the same contact."""

    def best(self, line: Line, missed_by: Collection[AgentId]) -> AgentId | None:
        idle = [agent for profile in line.serving for agent in profile.idle]
        return max((agent for agent in idle if agent not in missed_by), default=None)


def pool_of(router: Router, *agents: str) -> Pool:
    """A pool of this router, whose agents serve data and bills."""
    pool = Pool()
    pool.router = router
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}))))
    pool.give(QueueChanged(queue(BILL, needs({"bill": 1}))))
    for agent in agents:
        pool.skill(agent, data=1, bill=1)
        pool.reach(f"{agent}-desk")
        pool.sign_in(agent)
    return pool


def who_is_next(pool: Pool, *, at: int) -> list[tuple[str, str]]:
    pool.end(pool.place("c0").offer, at=at)
    pool.tick(at + 10_000)
    return pool.offers()


def busy(router: Router) -> Pool:
    """ann talks to c0; c1 waits for data and b1, who came later, for bills."""
    pool = pool_of(router, "ann")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("c1", at=2_000)
    pool.enter("b1", BILL, at=3_000)
    return pool


@pytest.mark.parametrize("order", list(ContactOrder))
def test_own_order_of_contacts_is_asked_whatever_the_routing_says(order: ContactOrder) -> None:
    assert who_is_next(busy(Router()), at=4_000) == [("c1", "ann")]
    pool = busy(Router(contacts=Youngest()))
    pool.give(RoutingChanged(Routing(order)))
    assert who_is_next(pool, at=4_000) == [("b1", "ann")]


def test_own_order_of_contacts_that_counts_hears_what_happens() -> None:
    own = Youngest()
    pool = busy(Router(contacts=own))
    pool.fail(pool.place("c0").offer, OfferFailure.FAILED, at=4_000)
    assert own.heard == [
        ("added", DATA),
        ("added", BILL),
        ("entered", DATA),
        ("offered", DATA),
        ("entered", DATA),
        ("entered", BILL),
        ("returned", DATA),
    ]


def test_own_order_of_contacts_holds_after_a_restart_that_is_given_it() -> None:
    pool = busy(Router(contacts=Youngest()))
    pool.router = Router.restored(pool.router.snapshot(), contacts=Youngest())
    assert who_is_next(pool, at=4_000) == [("b1", "ann")]


@pytest.mark.parametrize("order", list(ContactOrder))
def test_own_order_of_agents_is_asked_whatever_the_routing_says(order: ContactOrder) -> None:
    pool = pool_of(Router(agents=ByName()), "ann", "cat", "bob")
    pool.give(RoutingChanged(Routing(order)))
    rung: list[tuple[str, str]] = []
    for number in range(3):
        pool.enter(f"c{number}", at=1_000)
        rung += pool.offers()
    assert rung == [("c0", "cat"), ("c1", "bob"), ("c2", "ann")]
    pool.fail(pool.place("c0").offer, OfferFailure.FAILED, at=2_000)
    pool.tick(2_000 + MISS_REST_MS)
    assert pool.offers() == [("c0", "cat")]  # By becoming idle: it is the agent who chooses.
