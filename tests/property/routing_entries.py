"""The entries of the second book: one contact, one wrap-up, as events and effects tell of them."""

from dataclasses import dataclass
from typing import NamedTuple

from router.events import ContactQueued
from router.model import (
    AgentId,
    Channel,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    Queue,
    QueueId,
    WaitingLimit,
)

ENGAGED_MS_MAX = (4 * 60 + 5) * 60_000


@dataclass
class Entry:
    """One contact in the book."""

    queue: QueueId
    entered: Millis
    place: tuple[Millis, int]
    waits_since: Millis
    came: Millis
    waited_ms: Millis
    steps_from: Millis
    prefers: AgentId | None = None
    prefers_until: Millis = 0
    offer: OfferId | None = None
    connected: bool = False
    connected_at: Millis = 0
    told: Millis | None = None

    def begin_steps(self, at: Millis) -> None:
        """It waits for nobody alone any more."""
        if self.prefers is not None:
            self.prefers, self.steps_from = None, at

    def move(self, queue: QueueId, at: Millis) -> None:
        """It waits somewhere else, as long as it has."""
        self.prefers, self.told = None, None
        self.queue, self.entered, self.steps_from, self.waits_since = queue, at, at, at


def entry_of(event: ContactQueued, number: int, at: Millis) -> Entry:
    """Who comes now, as the contact of this number."""
    place = (at - event.priority_ms - event.waited_ms, number)
    entry = Entry(event.queue, at, place, at, at, event.waited_ms, at)
    if event.preferred_ms > 0:
        entry.prefers, entry.prefers_until = event.preferred, at + event.preferred_ms
    return entry


class Given(NamedTuple):
    """An offer: whom it is for, to whom it went, where, and as what."""

    contact: ContactId
    agent: AgentId
    device: DeviceId
    channel: Channel


@dataclass
class WrapUp:
    """What somebody has left to do after a contact."""

    agent: AgentId
    channel: Channel
    begun: Millis
    until: Millis
    by_ms: Millis
    most_ms: Millis

    def is_longer(self, at: Millis) -> bool:
        """Make it longer, if it may be."""
        until = min(at + self.by_ms, self.begun + self.most_ms)
        if until <= self.until:
            return False
        self.until = until
        return True


def wrap_up_after(given: Given, rules: Queue, at: Millis) -> WrapUp:
    """What is left to do after a contact of this queue."""
    most = rules.wrap_up_ms if rules.wrap_up_ms_max is None else rules.wrap_up_ms_max
    until = at + rules.wrap_up_ms
    return WrapUp(given.agent, given.channel, at, until, rules.wrap_up_ms, most)


def is_too_many(limit: WaitingLimit | None, waiting: int, *, staff: int) -> bool:
    """Whether so many are as many as may be, or more."""
    bounds: list[int | None] = []
    if limit is not None:
        bounds = [limit.absolute, None if limit.per_agent is None else limit.per_agent * staff]
    return any(bound is not None and waiting >= bound for bound in bounds)
