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
from router.seat import Seat
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
        must_serve = event.preferred_must_serve
        if not _may_have(room, seat, must_serve=must_serve):
            return None
        line = self._seats.own_line(event.preferred, channel)
        return Preference(event.preferred, line, at + event.preferred_ms, must_serve)

    def change_queue(self, room: Room, *, is_rechannelled: bool) -> None:
        """This queue has other rules: who is waited for there is judged anew. Of another channel
        than before are then also the lines of those who are."""
        for place in self._places.all_waiting(room):
            held = place.preference
            if held is None:
                continue
            self._turn.doubted.append(self._seats[held.agent])
            if is_rechannelled:
                held.line = self._seats.own_line(held.agent, room.rules.channel)
                self._places.stand_in_line(place)
                self._turn.seeking.append(place)

    def judge(self, at: Millis) -> None:
        """Of those who may have gone, or know less, in this event: who is gone is waited for no
        longer, and nobody waits for what she cannot do now."""
        for seat in self._turn.doubted:
            own, own_chats = seat.own, seat.own_chats
            if own is not None and not self._is_waited_for(seat, own, Channel.VOICE, at):
                seat.own = None
            if own_chats is not None and not self._is_waited_for(seat, own_chats, Channel.CHAT, at):
                seat.own_chats = None

    def _is_waited_for(self, seat: Seat, line: Line, channel: Channel, at: Millis) -> bool:
        """Whether she is there; who waits for her in vain begins its steps."""
        is_there = self._seats.can_wait_for(seat, channel)
        for *_, contact in list(line.waiting):
            place = self._places[contact]
            held = place.preference
            if is_there and (
                held is None or _may_have(place.room, seat, must_serve=held.must_serve)
            ):
                continue
            if held is not None:
                self._places.begin_steps(place, min(at, held.until))
            self._places.restand(place, at)
            self._turn.seeking.append(place)
        return is_there


def _may_have(room: Room, seat: Seat, *, must_serve: bool) -> bool:
    """Whether contacts of this queue may wait for her alone, as far as her skills go."""
    return not must_serve or room.is_served_by(seat.profile)
