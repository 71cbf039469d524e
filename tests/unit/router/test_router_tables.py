"""Every (state, happening) of the router's tables is there, and the core does what it says."""

from collections.abc import Callable
from typing import Any

import pytest
from router_pool import DATA, MISSES, WAIT_MS, Pool, needs, queue

from router.agent_state import ENGAGEMENT, PRESENCE, EngagementPhase, EngagementStep
from router.contact_state import CONTACT, ContactPhase, ContactStep
from router.events import QueueChanged
from router.model import OfferFailure, OfferId, Presence, PresenceAnswer, PresenceChange
from router.offers import MISS_REST_MS

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("table", "states", "steps"),
    [
        (ENGAGEMENT, EngagementPhase, EngagementStep),
        (PRESENCE, Presence, PresenceChange),
        (CONTACT, ContactPhase, ContactStep),
    ],
)
def test_table_names_every_pair(table: Any, states: Any, steps: Any) -> None:
    assert set(table) == {(state, step) for state in states for step in steps}


# Engagement: ``ann`` is driven into each phase, then each happening is tried on her.


def engaged(phase: EngagementPhase) -> tuple[Pool, OfferId]:
    """A pool in which ann is in this phase, and the offer that brought her there."""
    pool = Pool("ann")
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    match phase:
        case EngagementPhase.NONE:
            pool.leave("c1", at=1_100)
        case EngagementPhase.RESERVED:
            pass
        case EngagementPhase.CONNECTED:
            pool.accept(offer, at=2_000)
        case EngagementPhase.WRAP_UP:
            pool.accept(offer, at=2_000)
            pool.end(offer, at=3_000)
    return pool, offer


ENGAGEMENT_EVENTS: dict[EngagementStep, Callable[[Pool, OfferId], object]] = {
    EngagementStep.RESERVE: lambda pool, _: pool.enter("c2"),
    EngagementStep.ACCEPT: lambda pool, offer: pool.accept(offer),
    EngagementStep.LOSE: lambda pool, offer: pool.fail(offer, OfferFailure.FAILED),
    EngagementStep.END: lambda pool, offer: pool.end(offer),
    EngagementStep.WRAP: lambda pool, _: pool.tick(3_000 + 10_000),
}


@pytest.mark.parametrize("step", EngagementStep)
@pytest.mark.parametrize("phase", EngagementPhase)
def test_engagement_follows_its_table(phase: EngagementPhase, step: EngagementStep) -> None:
    pool, offer = engaged(phase)
    assert pool.seat("ann").phase is phase
    before, ignored = pool.snapshot(), sum(pool.router.ignored.values())
    ENGAGEMENT_EVENTS[step](pool, offer)
    following = ENGAGEMENT[phase, step]
    assert pool.seat("ann").phase is (following or phase)
    if following is None and step is EngagementStep.RESERVE:
        assert pool.offers() == []  # The contact is new, so it waits: that is its own machine.
        assert pool.router.waiting_in(DATA)[-1] == "c2"
    elif following is None and step is EngagementStep.WRAP:
        assert pool.snapshot() == before
        assert pool.last == []
    elif following is None:
        assert pool.snapshot() == before
        assert pool.last == []
        assert sum(pool.router.ignored.values()) == ignored + 1


# Presence: what the same change finds and leaves, at the same device and with another.


def present(presence: Presence) -> Pool:
    """A pool in which ann is this; a pause of hers is for lunch."""
    pool = Pool("ann")
    pool.reach("spare")
    match presence:
        case Presence.AVAILABLE:
            pass
        case Presence.SIGNED_OUT:
            pool.sign_out("ann", at=500)
        case Presence.ON_BREAK:
            pool.pause("ann", at=500)
    return pool


DONE, ALREADY = PresenceAnswer.DONE, PresenceAnswer.ALREADY
NOT_SIGNED_IN = PresenceAnswer.NOT_SIGNED_IN
SIGN_IN, SIGN_OUT = PresenceChange.SIGN_IN, PresenceChange.SIGN_OUT
PAUSE, RESUME = PresenceChange.PAUSE, PresenceChange.RESUME

NO_NEWS = {
    (Presence.AVAILABLE, SIGN_IN, "ann-desk", None),
    (Presence.AVAILABLE, RESUME, "ann-desk", None),
    (Presence.ON_BREAK, PAUSE, "ann-desk", "lunch"),
}
"""It was so already: the same presence, at the same device and for the same reason."""


@pytest.mark.parametrize("device", ["ann-desk", "spare"])
@pytest.mark.parametrize("reason", ["lunch", "meeting"])
@pytest.mark.parametrize("change", PresenceChange)
@pytest.mark.parametrize("presence", Presence)
def test_presence_follows_its_table(
    presence: Presence, change: PresenceChange, reason: str, device: str
) -> None:
    pool = present(presence)
    assert pool.presence("ann") is presence
    before, ignored = pool.snapshot(), sum(pool.router.ignored.values())
    said = reason if change is PAUSE else None
    where = device if change is SIGN_IN else "ann-desk"
    answer = pool.ask(change, "ann", where, reason=said, at=1_000)
    following = PRESENCE[presence, change]
    assert pool.last == []
    assert pool.presence("ann") is (following or presence)
    if following is None:
        assert answer is NOT_SIGNED_IN
    else:
        assert answer is (ALREADY if (presence, change, where, said) in NO_NEWS else DONE)
    if answer is DONE:
        assert pool.recorded()[0][:3] == ("ann", following, said)
        assert len(pool.records) == 1
        assert sum(pool.router.ignored.values()) == ignored
    else:
        assert pool.records == []
        assert pool.snapshot() == before
        assert sum(pool.router.ignored.values()) == ignored + 1


@pytest.mark.parametrize("change", PresenceChange)
def test_pause_that_the_router_began_ends_as_any_other(change: PresenceChange) -> None:
    pool = Pool("ann")
    for miss in range(MISSES):
        pool.enter(f"missed{miss}", at=miss * 5_000)
        pool.fail(pool.offer(), at=miss * 5_000)
        pool.leave(f"missed{miss}", at=miss * 5_000)
        pool.tick(miss * 5_000 + MISS_REST_MS)
    assert pool.seat("ann").taken_for_absent
    assert pool.ask(change, "ann", "ann-desk", reason="missed_offers") is DONE
    assert pool.presence("ann") is PRESENCE[Presence.ON_BREAK, change]
    assert not pool.seat("ann").taken_for_absent
    assert pool.router.next_deadline() is None


# Contact: ``c1`` is driven into each phase, then each happening is tried on it.


def standing(phase: ContactPhase, *, wait_ms_max: int = WAIT_MS) -> tuple[Pool, OfferId]:
    """A pool in which c1 is in this phase, and an offer that is or was c1's."""
    pool = Pool("ann")
    pool.give(QueueChanged(queue(DATA, needs({"data": 1}), wait_ms_max=wait_ms_max)))
    pool.enter("c1", at=1_000)
    offer = pool.offer()
    match phase:
        case ContactPhase.ABSENT:
            pool.leave("c1", at=1_100)
        case ContactPhase.WAITING:
            pool.fail(offer, at=1_100)
        case ContactPhase.OFFERED:
            pass
        case ContactPhase.CONNECTED:
            pool.accept(offer, at=1_100)
    return pool, offer


SHORT_WAIT_MS = 2_000
"""Over before an offer or an agent's rest is."""

CONTACT_EVENTS: dict[ContactStep, Callable[[Pool, OfferId], object]] = {
    ContactStep.ENQUEUE: lambda pool, _: pool.enter("c1"),
    ContactStep.OFFER: lambda pool, _: pool.tick(pool.at + MISS_REST_MS),
    ContactStep.RETURN: lambda pool, offer: pool.fail(offer, OfferFailure.FAILED),
    ContactStep.ACCEPT: lambda pool, offer: pool.accept(offer),
    ContactStep.LEAVE: lambda pool, _: pool.leave("c1"),
    ContactStep.OVERFLOW: lambda pool, _: pool.tick(1_000 + SHORT_WAIT_MS),
    ContactStep.END: lambda pool, offer: pool.end(offer),
}

QUIET = (ContactStep.OFFER, ContactStep.OVERFLOW)
"""The router's own doing: there is no message whose lateness could be counted."""


@pytest.mark.parametrize("step", ContactStep)
@pytest.mark.parametrize("phase", ContactPhase)
def test_contact_follows_its_table(phase: ContactPhase, step: ContactStep) -> None:
    waits_long = step is not ContactStep.OVERFLOW
    pool, offer = standing(phase, wait_ms_max=WAIT_MS if waits_long else SHORT_WAIT_MS)
    assert phase_of(pool) is phase
    before, ignored = pool.snapshot(), sum(pool.router.ignored.values())
    CONTACT_EVENTS[step](pool, offer)
    following = CONTACT[phase, step]
    if (phase, step) == (ContactPhase.ABSENT, ContactStep.ENQUEUE):
        # Ann is idle, so the same turn goes one step further.
        assert following is ContactPhase.WAITING
        following = ContactPhase.OFFERED
    assert phase_of(pool) is (following or phase)
    if following is None:
        assert pool.last == []
    if following is None and step not in QUIET:
        assert pool.snapshot() == before
        assert sum(pool.router.ignored.values()) == ignored + 1


def phase_of(pool: Pool) -> ContactPhase:
    place = pool.place("c1")
    return ContactPhase.ABSENT if place is None else place.phase
