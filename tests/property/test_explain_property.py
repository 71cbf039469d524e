"""A router that is looked at decides as one that is not, and what is told of it is what it did.

The pools are those of the oracle, which the watched router lives through beside it. Candidates and
rivals are told in the order of the rules as ``sight`` works them out by looking at everybody, so
that the first of them must be the one whom the router chose by its indexes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from router.core import Router
from router.effects import (
    AnnouncePosition,
    MoveContact,
    OfferContact,
    OverflowContact,
    RescindOffer,
)
from router.effects import RouterEffect as Effect
from router.events import OfferFailed, RouterEvent, TimerFired
from router.explain import (
    Announced,
    Chooser,
    Decision,
    Ended,
    LetIn,
    Moved,
    Offered,
    OfferLost,
    Overflowed,
    Refused,
    Waited,
    kind_of,
)
from router.explaining import Explainer
from router.grounds import Exclusion
from router.model import AgentId, ContactId, Millis, OfferFailure, OfferId, RescindReason
from simulator.router_pool import Pool

pytestmark = pytest.mark.property

POOLS, EVENTS = 24, 500
DECLINED, DROPPED = OfferFailure.DECLINED, OfferFailure.DROPPED
KINDS = {
    "announced", "answered", "change_refused", "ended", "left", "let_in", "moved", "offer_lost",
    "offered", "overflowed", "passed_by", "refused", "revalued", "stood", "waited",
    "wrap_up_changed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ring:
    """An offer under way: ``counts`` where it would be a miss, had nobody taken it."""

    offer: OfferId
    agent: AgentId
    misses_max: int
    counts: bool


class Watched(Router):
    """A router that is looked at, beside one that is not.

    One that is made from a snapshot tells nothing of the contacts that were there already.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.unwatched = Router(**given)
        self.explainer = Explainer()
        self.told: list[Decision] = []
        self.misses: Counter[str] = Counter()
        self.followed: set[ContactId] = set()
        self.watched_by(self.explainer)

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[Effect]:
        rings = [
            Ring(
                each.offer,
                each.agent,
                self._places[each.contact].room.rules.misses_max,
                counts=not self._seats.devices.own_calls(each.device),
            )
            for each in self._offers.taken()
        ]
        misses = {seat.agent.id: seat.misses for seat in self._seats.all()}
        effects = super().handle(event, at)
        assert self.unwatched.handle(event, at) == effects
        fresh = self.explainer.taken()
        self.followed |= {each.contact for each in fresh if isinstance(each, LetIn | Refused)}
        check_effects(fresh, [each for each in effects if self._tells_of(each)])
        check_choices(fresh, agents=len(self.agents()))
        self.misses.update(check_misses(fresh, missed_of(event, effects), rings, misses))
        ended = {each.agent for each in fresh if isinstance(each, Ended)}
        if isinstance(event, TimerFired):
            # Of who was there before a restart it is not told that a talk lasted too long.
            lasts = {each.offer for each in self._offers.taken()}
            lasts |= {each.offer for each in effects if isinstance(each, RescindOffer)}
            ended |= {each.agent for each in rings if each.offer not in lasts}
        for seat in self._seats.all():
            if seat.agent.id not in ended and isinstance(event, OfferFailed | TimerFired):
                assert seat.misses == misses.get(seat.agent.id, 0), "her misses are not those told"
        self.told += fresh
        return effects

    def _tells_of(self, effect: Effect) -> bool:
        return getattr(effect, "contact", None) in self.followed


class WatchedPool(Pool):
    """A pool whose router is looked at, also after it was written down and read again."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.told: Counter[str] = Counter()
        self.misses: Counter[str] = Counter()
        self.watched = self.router = Watched()

    def _restore(self) -> None:
        self.count()
        snapshot = self.watched.snapshot()
        assert self.watched.unwatched.snapshot() == snapshot
        self.watched = self.router = Watched.restored(snapshot)
        self.watched.unwatched = Router.restored(snapshot)

    def count(self) -> None:
        """Which kinds of decisions and of misses were told."""
        self.told.update(map(kind_of, self.watched.told))
        self.misses.update(self.watched.misses)


def check_effects(told: Sequence[Decision], effects: Sequence[Effect]) -> None:
    """All that the router asked for is told, and nothing else."""
    offers = [each for each in told if isinstance(each, Offered)]
    assert [(each.offer, each.contact, each.agent, each.device) for each in offers] == [
        (each.offer, each.contact, each.agent, each.device)
        for each in effects
        if isinstance(each, OfferContact)
    ]
    given_up = [each for each in told if isinstance(each, Overflowed | Refused)]
    assert [(each.contact, each.queue, each.cause) for each in given_up] == [
        (each.contact, each.queue, each.cause)
        for each in effects
        if isinstance(each, OverflowContact)
    ]
    announced = [each for each in told if isinstance(each, Announced)]
    assert [(each.contact, each.position, each.expected_ms) for each in announced] == [
        (each.contact, each.position, each.expected_ms)
        for each in effects
        if isinstance(each, AnnouncePosition)
    ]
    moved = [each for each in told if isinstance(each, Moved)]
    diverted = [each for each in told if isinstance(each, LetIn) and each.asked != each.queue]
    moves = [(each.contact, each.queue) for each in effects if isinstance(each, MoveContact)]
    assert sorted((each.contact, each.queue) for each in (*moved, *diverted)) == sorted(moves)


def missed_of(event: RouterEvent, effects: Sequence[Effect]) -> list[OfferId]:
    """The offers that were missed by this event, in order, if she could not help it."""
    if isinstance(event, OfferFailed):
        return [event.offer] if event.failure in (DECLINED, DROPPED) else []
    taken_back = [each for each in effects if isinstance(each, RescindOffer)]
    return [each.offer for each in taken_back if each.reason is RescindReason.TIMED_OUT]


def check_misses(
    told: Sequence[Decision],
    missed: Sequence[OfferId],
    rings: Sequence[Ring],
    misses: dict[AgentId, int],
) -> Iterator[str]:
    """What is told of misses is how many she has by then; ``misses`` goes along."""
    lost = {each.offer: each for each in told if isinstance(each, OfferLost)}
    by_offer = {each.offer: each for each in rings}
    for offer in missed:
        ring = by_offer.get(offer)
        if ring is None or not ring.counts:
            continue
        count = misses[ring.agent] = misses[ring.agent] + 1
        is_enough = count >= ring.misses_max
        if is_enough:
            misses[ring.agent] = 0
        loss = lost.pop(offer, None)
        if loss is not None:
            assert (loss.misses, loss.misses_max) == (count, ring.misses_max), loss
            assert is_enough or loss.absent_until_at is None, loss
            yield f"{loss.end.value} {'enough' if is_enough else 'more'}"
    assert all(each.misses is None for each in lost.values()), lost


def check_choices(told: Sequence[Decision], *, agents: int) -> None:
    """Who was chosen is the first by the rules, and who waits could be taken by nobody."""
    for each in told:
        if isinstance(each, Offered):
            assert each.candidates[0].agent == each.agent, each
            if each.by is Chooser.AGENT:
                assert len(each.candidates) == 1
                assert each.competitors[0].contact == each.contact, each
        elif isinstance(each, Waited):
            assert len(each.excluded) + each.left_out == agents, each
            assert all(one.rule is not Exclusion.JUST_FREED for one in each.excluded), each


def test_watched_router_decides_as_the_other_and_tells_what_it_did() -> None:
    told: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    for seed in range(1, 1 + POOLS):
        pool = WatchedPool(seed)
        pool.run(EVENTS)
        pool.count()
        told += pool.told
        misses += pool.misses
    assert told.keys() == KINDS
    ends = ("declined", "dropped", "timed_out")
    assert misses.keys() == {f"{end} {how}" for end in ends for how in ("enough", "more")}
