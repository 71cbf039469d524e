"""Telling those who wait which place they have: when, and how many are before them.

A contact hears its position at every multiple of the queue's interval since shortly after it
entered, so that an offer that came to nothing does not shift its rhythm; while it is offered
nothing is said, and what fell into that time is left out. Who enters together hears it one after
another: from one arrival to the next the rhythm begins somewhat later. When a queue's interval is
changed, all who wait there go over to the new one at once, still counted from their entry.
"""

from router.alarms import NEVER
from router.effects import AnnouncePosition
from router.model import Millis
from router.place import Place

STAGGER, STAGGER_PART = 64, 256
"""So many contacts in a row begin their rhythm one after another, this part of the interval apart:
those of a burst then do not all need their announcement at one moment."""


def next_telling(place: Place, at: Millis) -> Millis:
    """The next multiple of the interval after now; never where the queue announces nothing."""
    every = place.room.rules.announce_every_ms
    if every is None:
        return NEVER
    began = place.entered + place.key[2] % STAGGER * (every // STAGGER_PART)
    passed = max(0, (at - began) // every)
    return began + (passed + 1) * every


def telling_after(place: Place, at: Millis) -> Millis:
    """The same for a contact that is to be told now; mostly one interval after this telling."""
    every = place.room.rules.announce_every_ms
    if every is not None and place.tells_at <= at < place.tells_at + every:
        return place.tells_at + every
    return next_telling(place, at)


def announcement(place: Place) -> AnnouncePosition:
    """What this contact is told: its place in its queue over all steps, and the expected wait."""
    room, expected = place.room, None
    position = room.before(place.key) + 1
    if room.rules.announce_expected:
        expected = room.pace.expected_ms(position, staff=room.staff)
    return AnnouncePosition(place.contact, room.rules.id, position, expected)
