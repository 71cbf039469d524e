"""Every (state, happening) of the router's tables is there, and the core does what it says."""

from collections.abc import Callable
from typing import Any

import pytest
from router_pool import DATA, MISSES, WAIT_MS, Pool, needs, queue

from router.agent_state import (
    ENGAGEMENT,
    PRESENCE,
    EngagementPhase,
    EngagementStep,
    PresenceStep,
)
from router.contact_state import CONTACT, ContactPhase, ContactStep
from router.core import MISS_REST_MS
from router.events import QueueChanged
from router.model import OfferFailure, OfferId, Presence

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("table", "states", "steps"),
    [
        (ENGAGEMENT, EngagementPhase, EngagementStep),
        (PRESENCE, Presence, PresenceStep),
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


# Presence


def present(presence: Presence) -> Pool:
    pool = Pool("ann")
    match presence:
        case Presence.AVAILABLE:
            pass
        case Presence.SIGNED_OUT:
            pool.sign_out("ann", at=500)
        case Presence.ON_BREAK:
            miss_until_paused(pool)
    return pool


def miss_until_paused(pool: Pool) -> None:
    at = pool.at
    for miss in range(MISSES):
        pool.enter(f"missed{miss}", at=at)
        pool.fail(pool.offer(), at=at)
        pool.leave(f"missed{miss}", at=at)
        at += MISS_REST_MS
        pool.tick(at)


PRESENCE_EVENTS: dict[PresenceStep, Callable[[Pool], object]] = {
    PresenceStep.SIGN_IN: lambda pool: pool.sign_in("ann"),
    PresenceStep.SIGN_OUT: lambda pool: pool.sign_out("ann"),
    PresenceStep.PAUSE: miss_until_paused,
}


@pytest.mark.parametrize("step", [PresenceStep.SIGN_IN, PresenceStep.SIGN_OUT])
@pytest.mark.parametrize("presence", Presence)
def test_presence_follows_its_table(presence: Presence, step: PresenceStep) -> None:
    pool = present(presence)
    assert pool.presence("ann") is presence
    before, ignored = pool.snapshot(), sum(pool.router.ignored.values())
    PRESENCE_EVENTS[step](pool)
    following = PRESENCE[presence, step]
    assert pool.presence("ann") is (following or presence)
    assert pool.last == []
    if following is None:
        assert pool.snapshot() == before
        assert sum(pool.router.ignored.values()) == ignored + 1


def test_only_who_is_available_can_be_paused() -> None:
    """The router alone pauses, after an offer; nobody else is ever offered anything."""
    pool = present(Presence.AVAILABLE)
    miss_until_paused(pool)
    assert pool.presence("ann") is PRESENCE[Presence.AVAILABLE, PresenceStep.PAUSE]
    for presence in (Presence.SIGNED_OUT, Presence.ON_BREAK):
        pool = present(presence)
        assert pool.enter("c9") != []
        assert pool.offers() == []
        assert pool.presence("ann") is presence


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
