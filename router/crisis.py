"""Waiting contacts that go to another queue unasked: one by hand, or all of a queue in a crisis.

A crisis is declared for a queue and lasts till it is ended, or the queue retired. Nobody waits
there meanwhile: all go to another queue, or are given back where none is named. That is one hop: if
the other queue is in a crisis itself, or of another channel, or nobody is there, they are given
back as well. Whose phone rings just then rings on, and who talks talks on; only when an offer or a
conversation is lost its contact goes the same way. Declared again with another queue to go to, a
crisis leads there from then on: who must decide in a hurry may have chosen wrong, and between its
end and another one contacts would wait here.

Neither is asked the limits of the queue it comes to: it waits already, and to be turned away now,
by a limit that was not asked when it was let in, would break what a queue promises.

Who is moved keeps its arrival and how long it has waited in the order, but is judged by the class
of the new queue; its steps, the limit of its wait and its announcements begin anew.
"""

from collections import Counter

from router.contact_state import ContactPhase
from router.effects import MoveContact, OverflowContact
from router.events import ContactChanged, CrisisDeclared, CrisisEnded
from router.matching import Room
from router.model import Crisis, Millis, OverflowCause, QueueId
from router.place import Place
from router.places import Places
from router.ranking import WaitingKey
from router.turn import Turn


class Crises:
    """Where contacts are moved, and why. ``ignored`` counts what changes nothing."""

    def __init__(self, turn: Turn, *, places: Places, ignored: Counter[str]) -> None:
        self._turn = turn
        self._places = places
        self.ignored = ignored

    def way_from(self, room: Room) -> Room | None:
        """To which queue the contacts of this one go in its crisis; None if they are given back."""
        to = None if room.crisis is None else room.crisis.to
        target = None if to is None else self._places.room(to)
        if target is None or target.crisis is not None:
            return None
        # A call that counted as a chat would ring a phone in the middle of another call.
        return target if target.rules.channel is room.rules.channel else None

    def take(self, event: ContactChanged | CrisisDeclared | CrisisEnded, at: Millis) -> None:
        """Carry out what somebody decided about waiting contacts."""
        match event:
            case ContactChanged():
                self._change(event, at)
            case CrisisDeclared():
                self._declare(event, at)
            case CrisisEnded(queue):
                self._end(queue)

    def divert(self, at: Millis) -> None:
        """Who came back in this event to a queue in a crisis goes the way of the others."""
        self._turn.diverted.sort(key=_by_key)
        for place in self._turn.diverted:
            if place.phase is ContactPhase.WAITING and place.room.crisis is not None:
                self._send(place, place.room, at)

    def _change(self, event: ContactChanged, at: Millis) -> None:
        place = self._places.get(event.contact)
        if place is None or place.phase is not ContactPhase.WAITING:
            phase = ContactPhase.ABSENT if place is None else place.phase
            self.ignored[f"{phase.value}/ContactChanged"] += 1
            return
        if event.priority_ms is not None:
            contact_class, _, arrival, contact = place.key
            turn_ms = place.turn_from - event.priority_ms
            self._places.rekey(place, (contact_class, turn_ms, arrival, contact))
        if event.queue is not None and event.queue != place.queue:
            self._move_by_hand(place, event.queue, at)

    def _move_by_hand(self, place: Place, queue: QueueId, at: Millis) -> None:
        """Nobody is thrown out by this: where no way leads there, the contact stays."""
        room = self._places.room(queue)
        if room is not None and room.crisis is not None:
            room = self.way_from(room)
        if room is None or not room.is_open or room.rules.channel is not place.room.rules.channel:
            self.ignored["contact/no such queue"] += 1
        elif room is not place.room:
            self._move(place, room, at)

    def _declare(self, declared: CrisisDeclared, at: Millis) -> None:
        room, to = self._places.room(declared.queue), declared.to
        is_way = to is None or (to != declared.queue and self._places.room(to) is not None)
        if room is None or room.crisis == Crisis(to) or not is_way:
            self.ignored["queue/CrisisDeclared"] += 1
            return
        room.crisis = Crisis(to)
        for place in self._places.all_waiting(room):
            self._send(place, room, at)

    def _end(self, queue: QueueId) -> None:
        room = self._places.room(queue)
        if room is None or room.crisis is None:
            self.ignored["queue/CrisisEnded"] += 1
            return
        room.crisis = None

    def _send(self, place: Place, room: Room, at: Millis) -> None:
        """Let a contact go the way that the crisis of this queue leads."""
        target = self.way_from(room)
        if target is None or not target.is_open:
            self._places.remove(place)
            given_up = OverflowContact(place.contact, place.queue, OverflowCause.CRISIS)
            self._turn.effects.append(given_up)
        elif target is not place.room:
            self._move(place, target, at)

    def _move(self, place: Place, room: Room, at: Millis) -> None:
        self._places.move(place, room, at)
        self._turn.effects.append(MoveContact(place.contact, place.queue))
        self._turn.seeking.append(place)


def _by_key(place: Place) -> WaitingKey:
    return place.key
