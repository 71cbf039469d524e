"""Telling those who wait which place they have: when, and how many are before them.

A contact hears its position at every multiple of the queue's interval since it entered, so that an
offer that came to nothing does not shift its rhythm; while it is offered nothing is said, and what
fell into that time is left out. When a queue's interval is changed, all who wait there go over to
the new one at once, still counted from their entry.
"""

from collections.abc import Iterable

from router.model import Millis, Queue, QueueId
from router.place import Place
from router.ranking import Ranking
from router.turn import Timers


class Announcer:
    """One timer for each contact waiting in a queue that announces, and the orders to count in."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._rankings: dict[QueueId, Ranking] = {}

    def joined(self, place: Place, rules: Queue, at: Millis) -> None:
        """The contact waits (again)."""
        if rules.announce_every_ms is not None:
            self.rank(place)
            self.arm(place, rules, at)

    def left(self, place: Place) -> None:
        """The contact waits no longer."""
        ranking = self._rankings.get(place.queue)
        if ranking is not None:
            ranking.discard(place.key)
            self._timers.clear(("announce", place.contact))

    def retime(self, rules: Queue, waiting: Iterable[Place], at: Millis) -> None:
        """The queue's interval is another one now."""
        for place in waiting:
            self.left(place)
            self.joined(place, rules, at)
        if rules.announce_every_ms is None:
            self.drop_queue(rules.id)

    def drop_queue(self, queue: QueueId) -> None:
        """Nobody waits there any more who is to hear a position."""
        self._rankings.pop(queue, None)

    def rank(self, place: Place) -> None:
        """Count this contact among those who wait in its queue."""
        self._rankings.setdefault(place.queue, Ranking()).add(place.key)

    def arm(self, place: Place, rules: Queue, at: Millis) -> None:
        """Let the next multiple of the interval be the contact's next time."""
        every = rules.announce_every_ms
        if every is not None:
            passed = (at - place.entered) // every
            self._timers.set(("announce", place.contact), place.entered + (passed + 1) * every)

    def position(self, place: Place) -> int:
        """The contact's place in its queue over all steps; 1 is next."""
        return self._rankings[place.queue].before(place.key) + 1
