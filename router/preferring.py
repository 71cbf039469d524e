"""Waiting for one agent alone, before the first step: whoever knows the caller takes her.

Each agent whom somebody wants has a line of her own, made when it is first needed. A contact stands
there for a while, and nobody else is offered it; then its queue's steps begin, as if it had entered
at that moment. They begin earlier if she goes, or an offer of it to her comes to nothing; the time
does not end while her phone rings.
"""

from router.events import ContactQueued
from router.matching import Line, Room
from router.model import Channel, Millis
from router.place import Preference
from router.places import Places
from router.seats import Seats
from router.turn import Turn


class Preferring:
    """Who is wanted by whom."""

    def __init__(self, turn: Turn, *, seats: Seats, places: Places) -> None:
        self._turn = turn
        self._seats = seats
        self._places = places

    def preference(self, event: ContactQueued, room: Room, at: Millis) -> Preference | None:
        """For whom this contact waits first in this queue; None if for nobody, or she is not
        there for its channel."""
        if event.preferred is None or event.preferred_ms <= 0:
            return None
        seat = self._seats.get(event.preferred)
        channel = room.rules.channel
        if seat is None or not self._seats.can_wait_for(seat, channel):
            return None
        line = self._seats.own_line(event.preferred, channel)
        return Preference(event.preferred, line, at + event.preferred_ms)

    def rechannel(self, room: Room) -> None:
        """The contacts of this queue are of another channel than before: so are the lines of who
        is waited for, and of whom it is may be judged anew."""
        for place in self._places.all_waiting(room):
            held = place.preference
            if held is not None:
                held.line = self._seats.own_line(held.agent, room.rules.channel)
                self._places.stand_in_line(place)
                self._turn.seeking.append(place)
                self._turn.doubted.append(self._seats[held.agent])

    def judge(self, at: Millis) -> None:
        """Of those who may have gone in this event: who is gone is waited for no longer."""
        for seat in self._turn.doubted:
            own, own_chats = seat.own, seat.own_chats
            if own is not None and not self._seats.can_wait_for(seat, Channel.VOICE):
                seat.own = None
                self._leave(own, at)
            if own_chats is not None and not self._seats.can_wait_for(seat, Channel.CHAT):
                seat.own_chats = None
                self._leave(own_chats, at)

    def _leave(self, line: Line, at: Millis) -> None:
        for *_, contact in list(line.waiting):
            place = self._places[contact]
            if place.preference is not None:
                self._places.begin_steps(place, min(at, place.preference.until))
            self._places.restand(place, at)
            self._turn.seeking.append(place)
