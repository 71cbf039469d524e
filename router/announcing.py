"""Telling those who wait which place they have: when, and how many are before them.

A contact hears its position at every multiple of the queue's interval since shortly after it
entered, so that an offer that came to nothing does not shift its rhythm; while it is offered
nothing is said, and what fell into that time is left out. Who enters together hears it one after
another: from one arrival to the next the rhythm begins somewhat later. When a queue's interval is
changed, all who wait there go over to the new one at once, still counted from their entry.
"""

from collections.abc import Iterable

from router.effects import AnnouncePosition
from router.errors import CoreBug
from router.matching import Room
from router.model import Millis, Queue
from router.place import Place
from router.ranking import Ranking
from router.turn import Timers

STAGGER, STAGGER_PART = 8, 32
"""So many contacts in a row begin their rhythm one after another, this part of the interval apart:
those of a burst then do not all need their announcement at one moment."""


class Announcer:
    """One timer for each contact waiting in a queue that announces, and the orders to count in."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    def joined(self, place: Place, at: Millis) -> None:
        """The contact waits (again)."""
        if is_ranked(place.room.rules):
            self.rank(place)
            self.arm(place, at)

    def left(self, place: Place) -> None:
        """The contact waits no longer."""
        ranking = place.room.ranking
        if ranking is not None:
            ranking.discard(place.key)
            self._timers.clear(("announce", place.contact))

    def retime(self, waiting: Iterable[Place], at: Millis) -> None:
        """The queue's interval is another one now."""
        for place in waiting:
            self._timers.clear(("announce", place.contact))
            self.arm(place, at)

    def rerank(self, room: Room, waiting: Iterable[Place]) -> None:
        """The queue needs positions from now on, or needs them no longer."""
        room.ranking = None
        if is_ranked(room.rules):
            for place in waiting:
                self.rank(place)

    def rank(self, place: Place) -> None:
        """Count this contact among those who wait in its queue."""
        ranking = place.room.ranking
        if ranking is None:
            ranking = place.room.ranking = Ranking()
        ranking.add(place.key)

    def arm(self, place: Place, at: Millis) -> None:
        """Let the next multiple of the interval be the contact's next time."""
        every = place.room.rules.announce_every_ms
        if every is not None:
            began = place.entered + place.key[2] % STAGGER * (every // STAGGER_PART)
            passed = max(0, (at - began) // every)
            self._timers.set(("announce", place.contact), began + (passed + 1) * every)


def announcement(place: Place) -> AnnouncePosition:
    """What this contact is told: its place in its queue over all steps, and the expected wait."""
    room, expected = place.room, None
    if room.ranking is None:
        raise CoreBug(f"queue {place.queue} announces positions that nobody counts")
    position = room.ranking.before(place.key) + 1
    if room.rules.announce_expected:
        expected = room.pace.expected_ms(position, staff=room.staff)
    return AnnouncePosition(place.contact, place.queue, position, expected)


def is_ranked(rules: Queue) -> bool:
    """Whether positions in this queue are asked for."""
    return rules.announce_every_ms is not None or rules.expected_wait_ms_max is not None
