"""A router at rest, and one that goes on from there: all it holds as plain values, and back.

What is held is written down; how it decides, and what follows from what is held, is not: lines,
orders and counts are built up again as by the events that once led to them.
"""

from collections import Counter

from router.matching import Profiles
from router.offers import Offers
from router.places import Places
from router.policies import Policies
from router.seats import Seats
from router.snapshot import (
    IgnoredCount,
    RouterSnapshot,
    TimerSnapshot,
    routing_restored,
    routing_snapshot,
)
from router.turn import Timers


class Keeping:
    """Takes a snapshot of these, and fills them from one while they are still empty."""

    def __init__(  # noqa: PLR0913 - the rooms that hold something
        self,
        ignored: Counter[str],
        *,
        profiles: Profiles,
        policies: Policies,
        seats: Seats,
        places: Places,
        offers: Offers,
        timers: Timers,
    ) -> None:
        self.ignored = ignored
        self._profiles = profiles
        self._policies = policies
        self._seats = seats
        self._places = places
        self._offers = offers
        self._timers = timers

    def taken(self) -> RouterSnapshot:
        """All that is held now."""
        return RouterSnapshot(
            queues=self._places.taken_queues(),
            seats=self._seats.taken(),
            idle=tuple(self._profiles.idle_in_order()),
            devices=self._seats.devices.taken(),
            presence_counts=self._offers.log.taken(),
            places=self._places.taken(),
            offers=self._offers.taken(),
            timers=tuple(
                TimerSnapshot(kind, name, due) for (kind, name), due in self._timers.in_order()
            ),
            arrivals=self._places.arrivals,
            offers_made=self._offers.made,
            ignored=tuple(IgnoredCount(*each) for each in self.ignored.items()),
            routing=routing_snapshot(self._places.pool.routing),
            virtual=self._policies.virtual,
            free=self._seats.taken_free(),
        )

    def restore(self, snapshot: RouterSnapshot) -> None:
        """Hold all that again."""
        self._places.restore_routing(routing_restored(snapshot.routing), snapshot.virtual)
        self._places.restore_queues(snapshot.queues)
        self._seats.devices.restore(snapshot.devices)
        self._seats.restore(snapshot.seats, snapshot.idle, snapshot.free)
        self._places.restore(snapshot.places, own_line=self._seats.own_line)
        self._places.arrivals = snapshot.arrivals
        self._offers.restore(snapshot.offers)
        self._offers.after.restore()
        self._offers.made = snapshot.offers_made
        self._offers.log.restore(snapshot.presence_counts)
        for timer in snapshot.timers:
            self._timers.set((timer.kind, timer.name), timer.due)
        self.ignored.update({each.what: each.count for each in snapshot.ignored})
