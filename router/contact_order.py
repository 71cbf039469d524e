"""Whose turn it is when an agent frees: who waits longest, or a queue that is behind its share.

The contact class comes before all of it: among the first of each line only those of the smallest
class are looked at. Whatever the order, within one queue it is always the first by turn.
"""

from collections.abc import Callable, Sequence

from router.matching import Line, Profile, Profiles, Room
from router.model import ContactId
from router.ranking import WaitingKey

STRIDE = 1_000_000
"""By how much a queue of share 1 moves on for each offer. Of a share of 100 a hundredth of it is
still exact enough that no rounding is ever seen."""

RoomOf = Callable[[ContactId], Room]
"""The queue that a contact is in."""


class _Uncounted:
    """An order that is worked out anew each time, from what waits then."""

    counts = False

    def added(self, room: Room) -> None:
        """Nothing is counted."""

    def entered(self, room: Room) -> None:
        """Nothing is counted."""

    def offered(self, room: Room) -> None:
        """Nothing is counted."""

    def returned(self, room: Room) -> None:
        """Nothing is counted."""


class Oldest(_Uncounted):
    """Who waits longest, priority counted as waiting."""

    def first(self, lines: Sequence[Line]) -> WaitingKey | None:
        """See ``ContactPolicy``."""
        first: WaitingKey | None = None
        for line in lines:
            head = line.waiting.first
            if head is not None and (first is None or head < first):
                first = head
        return first


class Fair:
    """Start-time fair queueing over the queues (Goyal, Vin, Cheng 1996), in contacts.

    Each offer moves its queue's tag on by a stride over the queue's share, and the queue with the
    smallest tag is served. Where nobody waited a queue begins at the pool's virtual time: what it
    did not use it cannot save up.
    """

    counts = True

    def __init__(self, room_of: RoomOf, *, virtual: int = 0) -> None:
        self.virtual = virtual
        self._room_of = room_of

    def first(self, lines: Sequence[Line]) -> WaitingKey | None:
        """See ``ContactPolicy``."""
        return _least(lines, self._room_of, _tag)

    def added(self, room: Room) -> None:
        """A new queue has nothing to catch up with."""
        room.tag = self.virtual

    def entered(self, room: Room) -> None:
        """Nor has one where nobody waited."""
        room.tag = max(room.tag, self.virtual)

    def offered(self, room: Room) -> None:
        """The pool's time is that of whoever is served."""
        self.virtual = max(self.virtual, room.tag)
        room.tag += STRIDE // room.rules.share

    def returned(self, room: Room) -> None:
        """What came to nothing is given back."""
        room.tag -= STRIDE // room.rules.share


class Ratio(_Uncounted):
    """The fixed queue-and-idleness ratio (Gurvich, Whitt 2009): lengths in proportion to shares.

    An agent takes the queue that is longest against its share of all who wait; a contact takes
    her whose profile has more idle agents than is its part of the staff.
    """

    def __init__(self, room_of: RoomOf, profiles: Profiles) -> None:
        self._room_of = room_of
        self._profiles = profiles

    def first(self, lines: Sequence[Line]) -> WaitingKey | None:
        """See ``ContactPolicy``."""
        waits = shares = 0
        for room in self._profiles.all_rooms():
            waits += room.waits
            shares += room.rules.share

        def shortage(room: Room) -> int:
            return room.rules.share * waits - room.waits * shares

        return _least(lines, self._room_of, shortage)

    def pressure(self, profile: Profile) -> int:
        """By how much this profile has more idle agents than its part of the staff."""
        pool = self._profiles
        return len(profile.idle) * pool.staffed - profile.staffed * pool.idle

    def chat_pressure(self, profile: Profile) -> int:
        """The same of those who have room for a chat."""
        pool = self._profiles
        return len(profile.chats) * pool.staffed - profile.staffed * pool.free


def _tag(room: Room) -> int:
    return room.tag


def _least(
    lines: Sequence[Line], room_of: RoomOf, rank: Callable[[Room], int]
) -> WaitingKey | None:
    """The head of the smallest class, then of the smallest rank of its queue, then of turn."""
    first: WaitingKey | None = None
    least = 0
    for line in lines:
        head = line.waiting.first
        if head is None or (first is not None and head[0] > first[0]):
            continue
        ranked = rank(room_of(head[3]))
        if first is None or (head[0], ranked, head) < (first[0], least, first):
            first, least = head, ranked
    return first
