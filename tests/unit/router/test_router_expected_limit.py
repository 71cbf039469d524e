"""Nobody is let in who would wait too long; and a queue that refuses comes back."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

import pytest
from pace_pool import TOO_LONG, limited, measured, pace_of, serve
from router_pool import DATA, Pool, needs, queue

from router.core import Router
from router.effects import OfferContact, OverflowContact, RouterEffect
from router.events import QueueChanged
from router.expecting import MEASURE_FRESH_MS
from router.model import OfferId, Step

pytestmark = pytest.mark.unit

# The limit


def test_contact_that_would_wait_too_long_is_refused() -> None:
    pool = limited(360_000)
    assert pool.enter("c1", at=2_000) == []
    assert pool.enter("c2", at=2_000) == []
    pool.enter("c3", at=2_000)
    assert pool.overflowed() == [("c3", TOO_LONG)]


def test_priority_and_what_was_waited_before_make_the_wait_shorter() -> None:
    pool = limited(180_000)
    pool.enter("c1", at=2_000)
    pool.enter("late", at=3_000)
    assert pool.overflowed() == [("late", TOO_LONG)]
    assert pool.enter("c2", priority_ms=1_001, at=3_000) == []
    pool.enter("equal", priority_ms=1_001, at=3_000)
    assert pool.overflowed() == [("equal", TOO_LONG)]
    assert pool.enter("c3", waited_ms=1_002, at=3_000) == []


def test_only_who_would_wait_is_asked_for_the_wait() -> None:
    pool = measured(limited(0))
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    pool.sign_in("bob")
    pool.enter("c1", at=2_000)
    assert pool.offers() == [("c1", "bob")]
    pool.enter("c2", at=2_000)
    assert pool.overflowed() == [("c2", TOO_LONG)]


def test_idle_agent_of_a_later_step_does_not_help() -> None:
    pool = Pool(eve={"data": 3}, ann={"data": 1})
    steps = Step(needs({"data": 3}), 20_000), Step(needs({"data": 1}))
    pool.give(QueueChanged(replace(queue(DATA, *steps), expected_wait_ms_max=0)))
    measured(pool).enter("c0", at=1_000)
    assert pool.offers() == [("c0", "eve")]
    pool.enter("c1", at=1_000)
    assert pool.overflowed() == [("c1", TOO_LONG)]


def test_who_waits_for_one_busy_agent_is_judged_though_another_is_idle() -> None:
    pool = measured(limited(0))
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    pool.sign_in("bob")
    pool.enter("c1", prefer=("ann", 9_000), at=2_000)
    assert pool.overflowed() == [("c1", TOO_LONG)]
    pool.enter("c2", prefer=("bob", 9_000), at=2_000)
    assert pool.offers() == [("c2", "bob")]


def test_who_waits_for_one_agent_alone_is_counted_and_who_rings_is_not() -> None:
    pool = limited(180_000)
    pool.enter("c1", prefer=("ann", 9_000), at=2_000)
    pool.enter("c2", at=2_000)
    assert pool.overflowed() == [("c2", TOO_LONG)]
    pool.skill("bob", data=1)
    pool.reach("bob-desk")
    pool.tick(11_000)
    pool.sign_in("bob", at=11_500)
    assert pool.offers() == [("c1", "bob")]
    assert pool.enter("c3", at=12_000) == []


def test_limit_that_comes_later_counts_who_waits_already() -> None:
    pool = limited(None)
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_000)
    rules = replace(queue(DATA, needs({"data": 1})), expected_wait_ms_max=359_999)
    pool.give(QueueChanged(rules), at=3_000)
    pool.enter("c3", at=4_000)
    assert pool.overflowed() == [("c3", TOO_LONG)]
    pool.leave("c1", at=5_000)
    pool.leave("c2", at=5_000)
    assert pool.enter("c4", at=6_000) == []
    pool.give(QueueChanged(replace(rules, expected_wait_ms_max=None)), at=7_000)
    assert pool.enter("c5", at=8_000) == []


def test_read_back_router_counts_who_waits_before() -> None:
    pool = limited(360_000)
    pool.enter("c1", at=2_000)
    pool.enter("c2", at=2_000)
    pool.router = Router.restored(pool.router.snapshot())
    pool.enter("c3", at=3_000)
    assert pool.overflowed() == [("c3", TOO_LONG)]


# A refusing queue comes back


def test_where_nothing_was_measured_of_late_one_is_let_in_to_measure() -> None:
    pool = limited(0)
    assert pool.enter("c1", at=2_000) == []
    pool.enter("c2", at=3_000)
    assert pool.overflowed() == [("c2", TOO_LONG)], "one is measured by already"
    pool.leave("c1", at=4_000)
    assert pool.enter("c3", at=5_000) == []
    serve(pool, OfferId("c0.o1"), end=6_000, answer=17_000)
    pool.enter("c4", at=18_000)
    assert pool.overflowed() == [("c4", TOO_LONG)]
    pool.enter("c5", at=17_000 + MEASURE_FRESH_MS - 1)
    assert pool.overflowed() == [("c5", TOO_LONG)]
    assert pool.enter("c6", at=17_000 + MEASURE_FRESH_MS) == []


def test_one_long_talk_counts_for_nothing_when_a_whole_shift_signs_in() -> None:
    pool = limited(300_000, wait_ms_max=3_600_000)
    pool.enter("c1", at=2_000)
    serve(pool, OfferId("c0.o1"), end=601_100, answer=611_100)
    assert pace_of(pool).handling_ms == 394_550
    pool.enter("no", at=612_000)
    assert pool.overflowed() == [("no", TOO_LONG)]
    for number in range(50):
        pool.skill(f"a{number}", data=1)
        pool.reach(f"a{number}-desk")
        pool.sign_in(f"a{number}", at=613_000)
    for number in range(50):
        pool.enter(f"d{number}", at=614_000)
        pool.accept(pool.offer(), at=614_000)
    for number in range(38):
        assert pool.enter(f"w{number}", at=615_000) == [], "394 550 ms for each, of 51 agents"
    pool.enter("w38", at=615_000)
    assert pool.overflowed() == [("w38", TOO_LONG)]


@dataclass
class Day:
    """A pool on virtual time: callers come and talk as they do, by chance."""

    pool: Pool
    chance: random.Random
    talk_ms: int
    every_ms: int
    due: list[tuple[int, str, str]] = field(default_factory=list[tuple[int, str, str]])
    entered_at: dict[str, int] = field(default_factory=dict[str, int])
    refused_at: list[int] = field(default_factory=list[int])
    waits: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        self._later(0, "comes", "k0")

    def run(self, *, until: int) -> None:
        """Somebody comes every so often; whoever is rung answers after two seconds."""
        while self.due[0][0] < until:
            at, what, who = heappop(self.due)
            while (deadline := self.pool.router.next_deadline()) is not None and deadline <= at:
                self._follow(self.pool.tick(deadline))
            if what == "comes":
                self.entered_at[who] = at
                self._follow(self.pool.enter(who, at=at))
                following = at + 1 + int(self.chance.expovariate(1 / self.every_ms))
                self._later(following, "comes", f"k{len(self.entered_at)}")
            elif what == "answers":
                self.waits.append(at - self.entered_at[who.partition(".")[0]])
                self.pool.accept(OfferId(who), at=at)
                talk_ms = int(self.chance.expovariate(1 / self.talk_ms))
                self._later(at + talk_ms, "ends", who)
            else:
                self._follow(self.pool.end(OfferId(who), at=at))

    def _follow(self, effects: Sequence[RouterEffect]) -> None:
        for effect in effects:
            if isinstance(effect, OfferContact):
                self._later(self.pool.at + 2_000, "answers", effect.offer)
            elif isinstance(effect, OverflowContact):
                assert effect.cause is TOO_LONG
                self.refused_at.append(self.pool.at)

    def _later(self, at: int, what: str, who: str) -> None:
        heappush(self.due, (at, what, who))


def test_busy_day_refuses_few_and_no_longer_than_it_is_busy() -> None:
    """50 erlang for 51 agents: with talk, wrap-up and ringing a contact takes 180 s of each."""
    pool = Pool(*(f"a{number}" for number in range(51)))
    rules = queue(DATA, needs({"data": 1}), wait_ms_max=3_600_000)
    pool.give(QueueChanged(replace(rules, expected_wait_ms_max=120_000)))
    day = Day(pool, random.Random(7), talk_ms=168_000, every_ms=3_600)
    hour = 3_600_000
    day.run(until=6 * hour)
    assert 0.005 < len(day.refused_at) / len(day.entered_at) < 0.03
    assert 120_000 < max(day.waits) < 150_000, "whoever is let in waits about as long as was said"
    day.every_ms = 4_000
    day.run(until=7 * hour)
    assert max(day.refused_at) < 6 * hour + hour // 4


def test_wait_for_one_agent_alone_measures_nothing() -> None:
    pool = Pool("ann", "bob")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("k1", prefer=("ann", 50_000), at=2_000)
    pool.end(OfferId("c0.o1"), at=20_000)
    pool.tick(30_000)
    pool.accept(pool.offer(), at=31_000)
    assert (pace_of(pool).measured_at, pace_of(pool).waits_since) == (None, None)


def test_whoever_waits_on_for_anybody_is_measured_from_then() -> None:
    pool = Pool("ann")
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    pool.enter("k1", prefer=("ann", 5_000), at=2_000)
    assert pace_of(pool).waits_since is None
    pool.tick(7_000)
    assert pace_of(pool).waits_since == 7_000
