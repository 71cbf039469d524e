"""The collector of cycles: calm by day, thorough at a quiet time."""

import gc
from collections.abc import Iterator

import pytest

from ivr.calm_collector import (
    FULL_EVERY_MS,
    FULL_MS_MAX,
    NEVER_BY_ITSELF,
    QUIET_CONTACTS_MAX,
    CalmCollector,
)

pytestmark = pytest.mark.unit

RUSH = QUIET_CONTACTS_MAX + 1


class Circle:
    """Refers to itself: only the collector can free it."""

    alive = 0

    def __init__(self) -> None:
        self.itself = self
        Circle.alive += 1

    def __del__(self) -> None:
        Circle.alive -= 1


@pytest.fixture
def collector() -> Iterator[CalmCollector]:
    thresholds = gc.get_threshold()
    calm = CalmCollector()
    calm.begin(1_000)
    yield calm
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    gc.collect()


def test_python_never_looks_at_everything_by_itself(collector: CalmCollector) -> None:
    assert gc.isenabled()
    assert gc.get_threshold()[2] == NEVER_BY_ITSELF
    assert not collector.tend(1_000 + FULL_EVERY_MS - 1, live_contacts=0)


def test_old_circle_is_freed_at_the_first_quiet_moment_after_an_hour(
    collector: CalmCollector,
) -> None:
    Circle()
    assert not collector.tend(1_000 + FULL_EVERY_MS, live_contacts=RUSH)
    assert Circle.alive == 1
    assert collector.tend(1_000 + FULL_EVERY_MS, live_contacts=QUIET_CONTACTS_MAX)
    assert Circle.alive == 0
    assert not collector.tend(1_001 + FULL_EVERY_MS, live_contacts=0), "and not again at once"


def test_rush_without_end_puts_it_off_for_a_day_at_most(collector: CalmCollector) -> None:
    assert not collector.tend(1_000 + FULL_MS_MAX - 1, live_contacts=RUSH)
    assert collector.tend(1_000 + FULL_MS_MAX, live_contacts=RUSH)
