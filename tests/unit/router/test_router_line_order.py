"""A line that many profiles serve: what is looked at for a contact, and who stands in its order."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from chat_pool import TEXT, chat_queue, chatting, of
from router_pool import BILL, DATA, Pool, needs, queue

from router.core import Router
from router.events import AgentChanged, DayStarted, QueueChanged, RoutingChanged
from router.line_order import PROFILES_SCANNED_MAX, ByRank, ByTurn
from router.matching import Line, Profile
from router.model import (
    AgentOrder,
    ContactOrder,
    LevelOrder,
    OfferFailure,
    Queue,
    Routing,
)

pytestmark = pytest.mark.unit

MANY = 3_000
LOOKED_AT_IN_TURN = 1 + PROFILES_SCANNED_MAX


class Looked(list[Profile]):
    """The profiles of a line; counts those that anybody looks at."""

    looks = 0

    def __iter__(self) -> Iterator[Profile]:
        for profile in super().__iter__():
            Looked.looks += 1
            yield profile


class Told:
    """Counts what is told to any order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        for kind in (ByTurn, ByRank):
            for name in ("add", "discard"):
                self._watch(monkeypatch, kind, name)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, kind: type, name: str) -> None:
        as_it_is = getattr(kind, name)

        def counted(order: object, *given: object) -> None:
            self.times += 1
            as_it_is(order, *given)

        monkeypatch.setattr(kind, name, counted)


def lines_of(pool: Pool) -> list[Line]:
    profile = pool.seat("a0").profile
    return profile.lines


def site_of(agents: int, rules: Queue) -> Pool:
    """Each agent has skills of her own; the first is idle longest."""
    skilled = {f"a{number}": {"data": 1, f"own-{number}": 1} for number in range(agents)}
    pool = Pool(**skilled)
    pool.give(QueueChanged(rules))
    return pool


RULES = queue(DATA, needs({"data": 1}))
ORDERS = [
    RULES,
    replace(RULES, levels=LevelOrder.LOWEST),
    replace(RULES, agents=AgentOrder.FEWEST_TODAY),
]


@pytest.mark.parametrize("rules", ORDERS, ids=["plain", "levels", "today"])
def test_of_3000_profiles_none_is_looked_at_however_often_it_was_missed(
    rules: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = site_of(MANY, rules)
    for line in lines_of(pool):
        line.serving = Looked(line.serving)
    Looked.looks, told = 0, Told(monkeypatch)
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "a0")]
    for number in range(1, 4):
        pool.fail(pool.offer(), OfferFailure.FAILED, at=1_000 + number)
        assert pool.offers() == [("c1", f"a{number}")]
    pool.tick(10_000)
    # Four were taken, three are idle again, and all of them serve one line.
    assert (Looked.looks, told.times) == (0, 4 + 3)


def test_few_profiles_are_looked_at_in_turn_and_nothing_is_kept() -> None:
    pool = site_of(PROFILES_SCANNED_MAX, RULES)
    (line,) = lines_of(pool)
    assert line.order is None
    line.serving = Looked(line.serving)
    Looked.looks = 0
    pool.enter("c1", at=1_000)
    assert Looked.looks == PROFILES_SCANNED_MAX


def test_one_profile_more_has_them_in_order_and_half_of_them_have_none() -> None:
    pool = site_of(LOOKED_AT_IN_TURN, replace(RULES, levels=LevelOrder.HIGHEST))
    (line,) = lines_of(pool)
    assert isinstance(line.order, ByRank)
    pool.retire("a5")
    assert isinstance(line.order, ByRank)  # Nor is it made anew for one who changes her skills.
    gone = [f"a{number}" for number in range(6, 6 + PROFILES_SCANNED_MAX // 2)]
    for name in gone:
        pool.retire(name)
    assert line.order is None
    assert pool.seat("a0").profile.wide_calls == []
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "a0")]
    # Who comes now is first by her level, and known to an order that is made anew.
    pool.skill("new", data=4)
    pool.reach("new-desk")
    pool.sign_in("new")
    for name in gone:
        pool.skill(name, seat=None, **{"data": 1, f"own-{name}": 1})
    assert isinstance(line.order, ByRank)
    pool.enter("c2", at=2_000)
    assert pool.offers() == [("c2", "new")]
    pool.enter("c3", at=2_001)
    assert pool.offers() == [("c3", "a1")]


def test_ratio_weighs_each_profile_by_all_others_and_looks_at_each() -> None:
    pool = site_of(LOOKED_AT_IN_TURN, RULES)
    pool.give(RoutingChanged(Routing(contacts=ContactOrder.RATIO)))
    (line,) = lines_of(pool)
    line.serving = Looked(line.serving)
    Looked.looks = 0
    pool.enter("c1", at=1_000)
    assert (pool.offers(), Looked.looks) == ([("c1", "a0")], LOOKED_AT_IN_TURN)


@pytest.fixture
def _many_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pool, "scanned_max", 0)


@pytest.mark.usefixtures("_many_serve")
def test_agent_with_another_skill_leaves_the_lines_of_the_old_one() -> None:
    pool = Pool("ann", "bob")
    pool.skill("ann", bill=1)
    pool.enter("c1", at=1_000)
    assert pool.offers() == [("c1", "bob")]
    pool.enter("c2", BILL, at=1_001)
    assert pool.offers() == [("c2", "ann")]


@pytest.mark.usefixtures("_many_serve")
def test_closed_queue_is_told_nothing_and_opened_again_it_knows_who_is_idle() -> None:
    pool = Pool("ann", "bob")
    (line,) = pool.seat("ann").profile.lines
    pool.close(DATA)
    assert (line.order, pool.seat("ann").profile.wide_calls) == (None, [])
    pool.pause("ann", at=1_000)
    pool.resume("ann", at=2_000)
    pool.give(QueueChanged(RULES))
    pool.enter("c1", at=3_000)
    assert pool.offers() == [("c1", "bob")]


@pytest.mark.usefixtures("_many_serve")
def test_new_day_ranks_anew_for_calls_and_for_chats() -> None:
    pool = chatting(ann=1, bob=1)
    today = replace(chat_queue(0), agents=AgentOrder.FEWEST_TODAY)
    pool.give(QueueChanged(today))
    for number, asked in enumerate(("ann", "bob", "ann")):
        pool.enter(f"t{number}", TEXT, at=1_000 * (number + 1))
        ((_, agent),) = pool.offers()
        assert agent == asked
        offer = pool.offer()
        pool.accept(offer, at=1_000 * (number + 1))
        pool.end(offer, at=1_000 * (number + 1) + 500)
    # Ann had two, bob one; but then it is he who came last.
    pool.pause("bob", at=5_000)
    pool.resume("bob", at=5_001)
    pool.give(DayStarted(), at=6_000)
    pool.enter("t9", TEXT, at=7_000)
    assert pool.offers() == [("t9", "ann")]


@pytest.mark.usefixtures("_many_serve")
def test_chats_go_round_and_calls_take_who_is_idle_longest() -> None:
    pool = chatting(ann=2, bob=2)
    asked: list[str] = []
    for number in range(4):
        pool.enter(f"t{number}", TEXT, at=1_000 + number)
        ((_, agent),) = pool.offers()
        asked.append(agent)
        pool.accept(pool.offer(), at=1_000 + number)
    assert asked == ["ann", "bob", "ann", "bob"]
    assert pool.enter("t9", TEXT, at=2_000) == []


@pytest.mark.usefixtures("_many_serve")
def test_restored_router_has_the_same_in_order_for_calls_and_for_chats() -> None:
    pool = chatting(ann=2, bob=2)
    pool.give(AgentChanged(of("cat", 0)))
    pool.reach("cat-desk")
    pool.sign_in("cat")
    pool.enter("t1", TEXT, at=1_000)
    pool.accept(pool.offer(), at=1_000)
    taken = pool.router.snapshot()
    pool.router = Router.restored(taken, scanned_max=0)
    assert pool.router.snapshot() == taken
    pool.enter("t2", TEXT, at=2_000)
    assert pool.offers() == [("t2", "bob")]
    pool.enter("c1", at=2_001)
    assert pool.offers() == [("c1", "cat")]


@pytest.mark.usefixtures("_many_serve")
def test_agent_stands_in_each_queue_by_its_own_order() -> None:
    pool = Pool(ann={"data": 1, "bill": 1}, bob={"data": 1, "bill": 1})
    pool.give(QueueChanged(replace(RULES, agents=AgentOrder.FEWEST_TODAY)))
    by_time = replace(queue(BILL, needs({"bill": 1})), agents=AgentOrder.LEAST_OCCUPIED)
    pool.give(QueueChanged(by_time))
    pool.enter("c1", at=1_000)
    long_talk = pool.offer()
    pool.accept(long_talk, at=1_000)
    for name, at in (("c2", 490_000), ("c3", 500_200)):
        pool.enter(name, at=at)
        short_talk = pool.offer()
        pool.accept(short_talk, at=at)
        pool.end(short_talk, at=at + 50)
        if name == "c2":
            pool.end(long_talk, at=500_000)
            pool.tick(500_100)
    pool.tick(510_000)
    pool.tick(510_300)
    # ann: one contact, hardly idle; bob: two, and idle nearly all day.
    taken = pool.router.snapshot()
    pool.enter("b1", BILL, at=600_000)
    assert pool.offers() == [("b1", "bob")]
    pool.router = Router.restored(taken, scanned_max=0)
    pool.enter("d1", at=600_000)
    assert pool.offers() == [("d1", "ann")]
