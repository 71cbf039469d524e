"""A pool whose queue is measured: by its answers, or as a test says."""

from dataclasses import replace

from router_pool import DATA, Pool, needs, queue

from router.events import QueueChanged
from router.expecting import HANDLING_MS, Pace
from router.model import OfferId, OverflowCause

TOO_LONG = OverflowCause.EXPECTED_WAIT


def limited(
    expected_wait_ms_max: int | None,
    *agents: str,
    announce_every_ms: int | None = None,
    wait_ms_max: int = 60_000,
) -> Pool:
    """ann, the only one, talks to c0 since 1 100; or ann and these."""
    pool = Pool("ann", *agents)
    rules = queue(
        DATA, needs({"data": 1}), announce_every_ms=announce_every_ms, wait_ms_max=wait_ms_max
    )
    rules = replace(rules, expected_wait_ms_max=expected_wait_ms_max, announce_expected=True)
    pool.give(QueueChanged(rules))
    pool.enter("c0", at=1_000)
    pool.accept(pool.offer(), at=1_100)
    return pool


def measured(pool: Pool, handling_ms: int = HANDLING_MS) -> Pool:
    """The same, measured just now."""
    pace = pace_of(pool)
    pace.handling_ms, pace.measured_at = handling_ms, pool.at
    return pool


def pace_of(pool: Pool) -> Pace:
    room = vars(pool.router)["_places"].room(DATA)
    assert isinstance(room.pace, Pace)
    return room.pace


def serve(pool: Pool, offer: OfferId, *, end: int, answer: int) -> OfferId:
    """ann ends a talk, and answers the next contact then."""
    pool.end(offer, at=end)
    pool.tick(end + 10_000)
    following = pool.offer()
    pool.accept(following, at=answer)
    return following
