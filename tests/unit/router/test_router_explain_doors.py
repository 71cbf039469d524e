"""What an explainer tells of the ways in and out: doors, crises, moves and steps, by literals."""

from dataclasses import replace

import pytest
from router_pool import DATA, needs, queue
from told_pool import Told, only

from router.explain import StandReason, Stood
from router.model import Queue, Step

pytestmark = pytest.mark.unit

TWO_STEPS = queue(DATA, Step(needs({"data": 2}), 5_000), Step(needs({"data": 1}), None))


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (replace(TWO_STEPS, wrap_up_ms=9_000), StandReason.STEP_OVER),
        (
            replace(TWO_STEPS, steps=(Step(needs({"data": 3}), 5_000), TWO_STEPS.steps[1])),
            StandReason.RULES,
        ),
    ],
)
def test_step_that_is_over_after_a_ring_is_told_as_that_if_its_steps_are_as_before(
    now: Queue, reason: StandReason
) -> None:
    pool = Told(ann={"data": 3}, bob={"data": 3}, cy={"data": 1})
    pool.occupy("bob-desk")
    pool.occupy("cy-desk")
    pool.rule(TWO_STEPS)
    pool.enter("c1", at=0)
    pool.rule(now)
    pool.told()
    pool.tick(15_000)
    assert only(pool.told(), Stood).reason is reason
