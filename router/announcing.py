"""Telling those who wait which place they have: when, and how many are before them.

A contact hears its position at every multiple of the queue's interval since it entered, so that an
offer that came to nothing does not shift its rhythm; while it is offered nothing is said, and what
fell into that time is left out. When a queue's interval is changed, all who wait there go over to
the new one at once, still counted from their entry.
"""

from collections.abc import Iterable

from router.errors import CoreBug
from router.matching import Room
from router.model import Millis
from router.place import Place
from router.ranking import Ranking
from router.turn import Timers


class Announcer:
    """One timer for each contact waiting in a queue that announces, and the orders to count in."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers

    def joined(self, place: Place, at: Millis) -> None:
        """The contact waits (again)."""
        if place.room.rules.announce_every_ms is not None:
            self.rank(place)
            self.arm(place, at)

    def left(self, place: Place) -> None:
        """The contact waits no longer."""
        ranking = place.room.ranking
        if ranking is not None:
            ranking.discard(place.key)
            self._timers.clear(("announce", place.contact))

    def retime(self, room: Room, waiting: Iterable[Place], at: Millis) -> None:
        """The queue's interval is another one now."""
        for place in waiting:
            self.left(place)
            self.joined(place, at)
        if room.rules.announce_every_ms is None:
            room.ranking = None

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
            passed = (at - place.entered) // every
            self._timers.set(("announce", place.contact), place.entered + (passed + 1) * every)

    def position(self, place: Place) -> int:
        """The contact's place in its queue over all steps; 1 is next."""
        ranking = place.room.ranking
        if ranking is None:
            raise CoreBug(f"queue {place.queue} announces positions that nobody counts")
        return ranking.before(place.key) + 1
