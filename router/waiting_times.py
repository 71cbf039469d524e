"""When something is due for those who wait: a step is over, a position to be told, or the wait.

A contact has one timer, for the first of the three, and only while it waits. One whose phone rings
or who talks has none: whether its wait was over meanwhile is seen when it comes back.
"""

from collections.abc import Sequence

from router.alarms import NEVER, Alarms
from router.announcing import next_telling
from router.contact_state import ContactPhase
from router.model import Millis
from router.place import Place
from router.snapshot import TimesSnapshot


class WaitingTimes(Alarms[Place]):
    """One timer for each waiting contact, which holds it itself."""

    def begin(self, place: Place, at: Millis) -> None:
        """The contact waits (again), at a step. A moment that has passed is now."""
        place.wait_ends_at = max(at, place.entered + place.room.rules.wait_ms_max)
        place.tells_at = next_telling(place, at)
        self.begin_anew(place)

    def renew(self, place: Place) -> None:
        """One of its times is another one now."""
        alarm = place.alarm
        if alarm is not None:
            self.call_off(alarm)
        self.begin_anew(place)

    def begin_anew(self, place: Place) -> None:
        """The same for a contact without a timer: it waits from now on, or its own fell due."""
        due = place.wait_ends_at
        if place.step_ends_at < due:
            due = place.step_ends_at
        if place.tells_at < due:
            due = place.tells_at
        place.alarm = self.add(due, place)

    def end(self, place: Place) -> None:
        """The contact waits no longer."""
        alarm = place.alarm
        if alarm is not None:
            place.alarm = None
            self.call_off(alarm)

    def limit(self, place: Place, at: Millis) -> None:
        """Its queue has another limit now; a moment that has passed is now."""
        place.wait_ends_at = max(at, place.entered + place.room.rules.wait_ms_max)
        self.renew(place)

    def retell(self, place: Place, at: Millis) -> None:
        """Its queue has another rhythm now."""
        place.tells_at = next_telling(place, at)
        self.renew(place)

    def restore(self, place: Place, times: TimesSnapshot | None) -> None:
        """Know again what was due for a contact that waits."""
        if times is not None:
            place.wait_ends_at = times.wait_ends_at
            place.step_ends_at = _or_never(times.step_ends_at)
            place.tells_at = _or_never(times.tells_at)
            self.renew(place)

    def pop_due(self, at: Millis) -> Sequence[Place]:
        """For whom something is due, first come first; each needs to be renewed, or to go. There
        must be somebody.

        All at first: what is set anew to this very moment is the next timer's, never a loop.
        """
        first = self.pop()
        first.alarm = None
        if self.due > at:
            return (first,)
        places = [first]
        while self.due <= at:
            place = self.pop()
            place.alarm = None
            places.append(place)
        places.sort(key=_by_arrival)
        return places


def taken_times(place: Place) -> TimesSnapshot | None:
    """What is due for this contact, for a snapshot; None where it does not wait."""
    if place.phase is not ContactPhase.WAITING:
        return None
    step_ends_at, tells_at = _or_none(place.step_ends_at), _or_none(place.tells_at)
    return TimesSnapshot(place.wait_ends_at, step_ends_at, tells_at)


def _or_never(at: Millis | None) -> Millis:
    return NEVER if at is None else at


def _or_none(at: Millis) -> Millis | None:
    return None if at == NEVER else at


def _by_arrival(place: Place) -> int:
    return place.key[2]
