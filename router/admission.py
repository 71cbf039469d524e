"""Who comes in: the one place that refuses a contact, and by which of the reasons first.

A crisis of the queue is asked first: who switched it off wants nobody to wait there, whoever is
there. It may lead to another queue; the rest is judged there. Where nobody is there for any step,
no limit is asked. Limits are of waiting: whoever finds an idle agent at once is let in whatever
they are. Of who would have to wait, first what the pool as a whole lets in of the queue's class is
asked, then how many wait in the queue, and last how long the contact would have to wait: so that of
two reasons the one is told that concerns more contacts.

Where nobody waits and the queue was not measured of late, the expected wait refuses nobody: else a
queue that refuses everybody would learn nothing, and refuse for ever.
"""

from router.contact_state import ContactStep
from router.crisis import Crises
from router.effects import MoveContact, OverflowContact
from router.events import ContactQueued
from router.matching import Room
from router.model import Millis, OverflowCause
from router.offers import Offers
from router.place import Preference
from router.places import Places
from router.preferring import Preferring
from router.seats import Seats
from router.turn import Turn


class Admission:
    """The door of all queues."""

    def __init__(
        self,
        turn: Turn,
        *,
        seats: Seats,
        places: Places,
        offers: Offers,
        preferring: Preferring,
        crises: Crises,
    ) -> None:
        self._turn = turn
        self._seats = seats
        self._places = places
        self._offers = offers
        self._preferring = preferring
        self._crises = crises

    def admit(self, event: ContactQueued, at: Millis) -> None:
        """Let a contact in, and offer it if somebody is idle for it; or refuse it."""
        here = self._places.get(event.contact)
        if here is not None:
            self._seats.ignored[f"{here.phase.value}/{ContactStep.ENQUEUE.value}"] += 1
            return
        room = self._places.room(event.queue)
        if room is None:
            self._refuse(event, OverflowCause.NO_AGENTS)
            return
        nobody = OverflowCause.NO_AGENTS
        if room.crisis is not None:
            way, nobody = self._crises.way_from(room), OverflowCause.CRISIS
            if way is None:
                self._refuse(event, nobody)
                return
            room = way
        wanted = event.preferred
        preference = None if wanted is None else self._preferring.preference(event, room, at)
        if not (room.is_open or preference):
            self._refuse(event, nobody)
            return
        self._judge(event, room, preference, at)

    def _judge(
        self, event: ContactQueued, room: Room, preference: Preference | None, at: Millis
    ) -> None:
        if preference is None:
            seat = self._seats.best_idle(room.lines[room.stands_at[0]])
        else:
            seat = self._seats.if_able(preference.agent, room.rules.channel)
        cause = None if seat is not None else self._refusal(event, room, at)
        if cause is not None:
            self._refuse(event, cause)
            return
        if room.rules.id != event.queue:
            self._turn.effects.append(MoveContact(event.contact, room.rules.id))
        place = self._places.enter(event, room, preference, at)
        # Nothing else is unsettled by this event. Who finds an agent at once stands in no line:
        # to put her in, with her timers, and take her out again would cost as much as the offer.
        if seat is None:
            self._places.wait(place, at)
        else:
            self._offers.offer(place, seat, at)

    def _refusal(self, event: ContactQueued, room: Room, at: Millis) -> OverflowCause | None:
        """Why it may not wait there; None if it may."""
        rules, pool = room.rules, self._places.pool
        if pool.routing.waiting_max is not None and not pool.lets_in(rules.contact_class):
            return OverflowCause.OVERLOAD
        limit = rules.waiting
        if limit is not None and not limit.allows(room.waits, staff=room.staff):
            return OverflowCause.FULL
        if rules.expected_wait_ms_max is None:
            return None
        if not room.waits and not room.pace.is_fresh(at):
            return None
        position = self._places.position_of_next(event, room, at)
        is_too_long = room.pace.expected_ms(position, staff=room.staff) > rules.expected_wait_ms_max
        return OverflowCause.EXPECTED_WAIT if is_too_long else None

    def _refuse(self, event: ContactQueued, cause: OverflowCause) -> None:
        self._turn.effects.append(OverflowContact(event.contact, event.queue, cause))
