"""What a watcher may see of a router: where a contact stands, and who could take it, now.

Who was chosen is looked for anew among everybody: see ``crowd``.
"""

from collections.abc import Collection
from dataclasses import dataclass

from router.alarms import NEVER
from router.crowd import Crowd, Muster, not_there
from router.grounds import Competitor, Excluded, Exclusion, Standing
from router.matching import Line, Profiles, Room
from router.model import PREFERRED_STEP, AgentId, Channel, ContactOrder, Millis, Queue
from router.offers import Offers
from router.place import Place
from router.places import Places
from router.seats import Seat, Seats
from router.turn import Timers, Turn


@dataclass(frozen=True, slots=True)
class Sight:
    """The rooms of a router, to look at."""

    turn: Turn
    seats: Seats
    profiles: Profiles
    places: Places
    offers: Offers
    timers: Timers

    @property
    def order(self) -> ContactOrder:
        """The order of contacts that holds now."""
        return self.places.pool.routing.contacts

    # Where a contact stands

    def standing(self, place: Place, at: Millis) -> Standing:
        """The contact's step, and what was passed over on the way to it."""
        room, rules, held = place.room, place.room.rules, place.preference
        if held is not None:
            staffed = int(self.not_there(held.agent, rules.channel) is None)
            return Standing(
                rules.id, PREFERRED_STEP, None, held.agent, staffed=staffed, ends_at=held.until
            )
        step, due = place.step, due_step(place, at)
        passed_over = range(due, step) if step >= due else range(step + 1, due + 1)
        lasting = due >= len(room.step_ends)
        return Standing(
            queue=rules.id,
            step=step,
            requirement=rules.steps[step].requirement,
            skipped=tuple(rules.steps[each].requirement for each in passed_over),
            staffed=sum(profile.staffed for profile in room.lines[step].serving),
            ends_at=None if lasting else place.steps_from + room.step_ends[due],
        )

    def position(self, place: Place) -> int:
        """How manieth it is of those who wait in its queue; 1 is next."""
        return 1 + sum(each.key < place.key for each in self.places.all_waiting(place.room))

    def tells_at(self, place: Place) -> Millis | None:
        """When it is told its position next; None is never."""
        return None if place.tells_at == NEVER else place.tells_at

    def ahead_in_line(self, place: Place) -> int:
        """How many of its own line have their turn before it."""
        line = place.line
        return 0 if line is None else sum(key < place.key for key in line.waiting)

    # Agents

    def crowd(
        self,
        rules: Queue,
        standing: Standing,
        *,
        missed_by: Collection[AgentId] = (),
        freed: Seat | None = None,
    ) -> Crowd:
        """Who could take a contact that stands there; ``freed`` is an agent who chooses."""
        muster = Muster(self.seats, self.offers, rules=rules, standing=standing, order=self.order)
        return muster.crowd(missed_by, freed=freed)

    def not_there(self, agent: AgentId, channel: Channel) -> Excluded | None:
        """Why no contact of this channel can wait for her; None if she is there, busy or not."""
        seat = self.seats.get(agent)
        if seat is None:
            return Excluded(agent, Exclusion.RETIRED)
        rule = not_there(self.seats, seat, channel)
        return None if rule is None else Excluded(agent, rule, reason=seat.reason)

    # Contacts

    def competitors(self, seat: Seat, at: Millis) -> list[Competitor]:
        """Who is first in a line that this agent serves, whose turn it is first."""
        heads = [place for line in self.lines(seat) if (place := self._head(line))]
        heads.sort(key=self._turn_of)
        return [self.competitor(place, at) for place in heads]

    def lines(self, seat: Seat) -> list[Line]:
        """Whose contacts she could take now."""
        return self.seats.lines_of(seat, is_ready=self.seats.is_ready(seat))

    def competitor(self, place: Place, at: Millis) -> Competitor:
        """This contact as it competes for an agent who frees."""
        contact_class, turn_ms, arrival, _ = place.key
        rules, order = place.room.rules, self.order
        return Competitor(
            place.contact,
            rules.id,
            place.step,
            contact_class,
            at - turn_ms,
            arrival,
            rules.share,
            passed=place.room.tag if order is ContactOrder.FAIR else None,
            imbalance=self._imbalance(place.room) if order is ContactOrder.RATIO else None,
        )

    def _turn_of(self, place: Place) -> tuple[int, int, tuple[object, ...]]:
        ranked = 0
        if self.order is ContactOrder.FAIR:
            ranked = place.room.tag
        elif self.order is ContactOrder.RATIO:
            ranked = -self._imbalance(place.room)
        return place.key[0], ranked, place.key

    def _imbalance(self, room: Room) -> int:
        """By how much the queue is longer than its share of all who wait."""
        rooms = self.profiles.rooms()
        waits = sum(each.waits for each in rooms)
        return room.waits * sum(each.rules.share for each in rooms) - room.rules.share * waits

    def _head(self, line: Line) -> Place | None:
        keys = list(line.waiting)
        return self.places[min(keys)[3]] if keys else None


def due_step(place: Place, at: Millis) -> int:
    """The step that a contact's time has come to, whether or not anybody is there for it."""
    return sum(at - place.steps_from >= ends for ends in place.room.step_ends)
