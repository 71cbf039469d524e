"""A router that is looked at decides as one that is not, and what is told of it is what it did.

The pools are those of the oracle, which the watched router lives through beside it. Candidates and
rivals are told in the order of the rules as ``sight`` works them out by looking at everybody, so
that the first of them must be the one whom the router chose by its indexes.
"""

from collections import Counter
from collections.abc import Sequence

import pytest

from router.core import Router
from router.effects import AnnouncePosition, MoveContact, OfferContact, OverflowContact
from router.effects import RouterEffect as Effect
from router.events import RouterEvent
from router.explain import (
    Announced,
    Chooser,
    Decision,
    LetIn,
    Moved,
    Offered,
    Overflowed,
    Refused,
    Waited,
    kind_of,
)
from router.explaining import Explainer
from router.grounds import Exclusion
from router.line_order import PROFILES_SCANNED_MAX
from router.model import ContactId, Millis
from simulator.router_pool import Pool

pytestmark = pytest.mark.property

POOLS, EVENTS = 24, 500
KINDS = {
    "announced", "answered", "change_refused", "ended", "left", "let_in", "moved", "offer_lost",
    "offered", "overflowed", "passed_by", "refused", "revalued", "stood", "waited",
    "wrap_up_changed",
}  # fmt: skip


class Watched(Router):
    """A router that is looked at, beside one that is not.

    One that is made from a snapshot tells nothing of the contacts that were there already.
    """

    def __init__(self, *, scanned_max: int = PROFILES_SCANNED_MAX) -> None:
        super().__init__(scanned_max=scanned_max)
        self.unwatched = Router(scanned_max=scanned_max)
        self.explainer = Explainer()
        self.told: list[Decision] = []
        self.followed: set[ContactId] = set()
        self.watched_by(self.explainer)

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[Effect]:
        effects = super().handle(event, at)
        assert self.unwatched.handle(event, at) == effects
        fresh = self.explainer.taken()
        self.followed |= {each.contact for each in fresh if isinstance(each, LetIn | Refused)}
        check_effects(fresh, [each for each in effects if self._tells_of(each)])
        check_choices(fresh, agents=len(self.agents()))
        self.told += fresh
        return effects

    def _tells_of(self, effect: Effect) -> bool:
        return getattr(effect, "contact", None) in self.followed


class WatchedPool(Pool):
    """A pool whose router is looked at, also after it was written down and read again."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.told: Counter[str] = Counter()
        self.watched = self.router = Watched()

    def _restore(self) -> None:
        self.count()
        snapshot = self.watched.snapshot()
        assert self.watched.unwatched.snapshot() == snapshot
        self.watched = self.router = Watched.restored(snapshot)
        self.watched.unwatched = Router.restored(snapshot)

    def count(self) -> None:
        """Which kinds of decisions were told."""
        self.told.update(map(kind_of, self.watched.told))


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
    for seed in range(1, 1 + POOLS):
        pool = WatchedPool(seed)
        pool.run(EVENTS)
        pool.count()
        told += pool.told
    assert told.keys() == KINDS
