"""Contacts and agents find each other, when all that an event changed is known.

Not before: an agent who changes her seat or skills is not gone, and who stands at which step must
be right for everybody ahead of the first choice.
"""

from router.announcing import announcement
from router.contact_state import ContactPhase
from router.crisis import Crises
from router.effects import OverflowContact
from router.errors import CoreBug
from router.matching import Profiles, Room
from router.model import AgentId, Millis, OverflowCause
from router.offers import Offers
from router.place import Place
from router.places import Places
from router.policies import Policies
from router.preferring import Preferring
from router.ranking import WaitingKey
from router.seat import Seat
from router.seats import Seats
from router.turn import Turn


class Settling:
    """What one event brought up is judged, and who fits is offered."""

    def __init__(  # noqa: PLR0913 - the rooms it goes through
        self,
        turn: Turn,
        *,
        profiles: Profiles,
        policies: Policies,
        seats: Seats,
        places: Places,
        offers: Offers,
        preferring: Preferring,
        crises: Crises,
    ) -> None:
        self._turn = turn
        self._profiles = profiles
        self._policies = policies
        self._seats = seats
        self._places = places
        self._offers = offers
        self._preferring = preferring
        self._crises = crises

    def give_up(self, place: Place, cause: OverflowCause) -> None:
        """Its queue has it no longer; what happens instead is the flow's to say."""
        self._places.remove(place)
        self._turn.effects.append(OverflowContact(place.contact, place.queue, cause))

    def settle(self, at: Millis) -> None:
        """Let contacts choose first, among the agents idle before; then who became idle takes whose
        turn it is."""
        turn = self._turn
        for queue in turn.unsettled:
            room = self._profiles.room(queue)
            if room is None:
                continue
            is_new = room.open_steps is None
            if self._places.renew(room):
                self._rearrange(room, at, is_new=is_new)
        if turn.diverted:
            self._crises.divert(at)
        if turn.doubted:
            self._preferring.judge(at)
        if len(turn.seeking) > 1:
            turn.seeking.sort(key=_by_key)
        for place in turn.seeking:
            if place.phase is ContactPhase.WAITING:
                self._seek_agent(place, at)
        for seat in turn.freed:
            self._seek_work(seat, at)

    def _rearrange(self, room: Room, at: Millis, *, is_new: bool) -> None:
        """Other steps of this queue can be served than before: judge anew whom that concerns.

        That is everybody where nobody is there any more, or the queue itself is another; else only
        who has to stand elsewhere, as for all others the same agents are there as before.
        """
        if room.crisis is not None:
            return  # Whoever came back to it goes on to another queue.
        if not room.is_open:
            for place in sorted(self._places.at_steps(room), key=_by_key):
                self.give_up(place, OverflowCause.NO_AGENTS)
        elif is_new:
            for place in self._places.at_steps(room):
                self._places.restand(place, at)
                self._turn.seeking.append(place)
        else:
            astray = self._places.astray(room)
            self._turn.seeking += [each for each in astray if self._places.restand(each, at)]

    def _seek_agent(self, place: Place, at: Millis) -> None:
        """Offer it to an idle agent, if there is one for its step; else it waits, if it may."""
        if place.preference is not None:
            self._seek_her(place, place.preference.agent, at)
            return
        if not place.room.is_open:
            self.give_up(place, OverflowCause.NO_AGENTS)
            return
        if place.overdue:
            self.give_up(place, OverflowCause.TIMED_OUT)
            return
        if place.line is None:
            raise CoreBug(f"contact {place.contact} waits in no line")
        seat = self._seats.best_idle(place.line, place.missed_by)
        if seat is not None:
            self._offers.offer(place, seat, at)

    def _seek_her(self, place: Place, agent: AgentId, at: Millis) -> None:
        """It waits for her alone. She may have room for it though she did nothing: if its queue
        is of another channel than before."""
        seat = self._seats.if_able(agent, place.room.rules.channel)
        if seat is not None:
            self._offers.offer(place, seat, at)

    def _seek_work(self, seat: Seat, at: Millis) -> None:
        """An agent may have become idle: give her the contact whose turn it is, or note her."""
        seats = self._seats
        # One who may have chats takes one after another.
        for _ in range(seat.agent.chats_max + 1):
            is_ready = seats.is_ready(seat)
            if not is_ready and not seats.has_room(seat):
                return
            first = self._policies.contacts.first(seats.lines_of(seat, is_ready=is_ready))
            if first is None:
                seats.stand(seat, is_ready=is_ready)
                return
            self._offers.offer(self._places[first[3]], seat, at)

    def tell_positions(self) -> None:
        """When all that is settled: to whom it is due, and who still waits, as it is now."""
        turn = self._turn
        for place in turn.told:
            if place.phase is ContactPhase.WAITING:
                turn.effects.append(announcement(place))
        turn.told.clear()


def _by_key(place: Place) -> WaitingKey:
    return place.key
