"""What the router keeps count of is what counting everybody would give, after each event.

The oracle sees a wrong count only where it decides something just then; most never do in a short
life, and would in a long one.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from router.agent_state import EngagementPhase
from router.contact_state import ContactPhase
from router.core import Router
from router.effects import RouterEffect
from router.events import RouterEvent
from router.matching import Profile, Room
from router.model import PREFERRED_STEP, Millis
from router.place import Place, timed_step
from simulator import router_pool

pytestmark = pytest.mark.property

SEEDS, EVENTS = range(1, 9), 250


class Counted(Router):
    """Counts all that there is after each event, and compares."""

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        effects = super().handle(event, at)
        self._count_agents()
        self._count_contacts()
        return effects

    def _count_agents(self) -> None:
        held: Any = vars(self._profiles)
        profiles: list[Profile] = list(held["_profiles"].values())
        seats = [each for each in self._seats.all() if not each.retired]
        for profile in profiles:
            hers = [each for each in seats if each.profile is profile]
            assert profile.agents == len(hers) > 0
            assert profile.staffed == sum(map(self._seats.is_staffed, hers))
            idle = {each.agent.id for each in hers if self._seats.is_ready(each)}
            assert profile.idle.keys() == idle
            room = {each.agent.id for each in hers if self._seats.has_room(each)}
            assert {free.agent for free in profile.chats} == room
        assert self._profiles.staffed == sum(each.staffed for each in profiles)
        assert self._profiles.idle == sum(len(each.idle) for each in profiles)
        assert self._profiles.free == sum(len(each.chats) for each in profiles)
        for seat in self._seats.all():
            assert (seat.wrap_up is None) is (seat.phase is not EngagementPhase.WRAP_UP)

    def _count_contacts(self) -> None:
        rooms = self._profiles.rooms()
        retired: Any = vars(self._places)["_retired"]
        places = list(self._places.all())
        for room in rooms:
            self._count_room(room, [each for each in places if each.room is room])
            served_by = {profile for line in room.lines for profile in line.serving}
            assert room.staff == sum(each.staffed for each in served_by)
            for line in room.lines:
                assert line.staffed == sum(each.staffed for each in line.serving)
        for room in retired.values():
            here = [each for each in places if each.room is room]
            assert here
            self._count_room(room, here)
        assert {id(each.room) for each in places} <= {
            id(room) for room in (*rooms, *retired.values())
        }
        waits = sum(each.phase is ContactPhase.WAITING for each in places)
        assert self._places.pool.waits == waits

    def _count_room(self, room: Room, here: list[Place]) -> None:
        assert room.here == len(here)
        waiting = [each for each in here if each.phase is ContactPhase.WAITING]
        assert room.waits == len(waiting)
        rings = [each for each in here if each.phase is ContactPhase.OFFERED]
        assert room.held == len(waiting) + len(rings)
        alone = [each for each in waiting if each.step == PREFERRED_STEP]
        assert list(room.aside) == sorted(each.key for each in alone)
        at_steps = [each for each in waiting if each.step != PREFERRED_STEP]
        in_lines = sorted(key for line in room.lines for key in line.waiting)
        assert in_lines == sorted(each.key for each in at_steps)
        astray = {each.contact for each in at_steps if each.step != timed_step(each)}
        assert set(room.displaced) == astray
        assert isinstance(room.tag, int)


@pytest.mark.parametrize("seed", SEEDS)
def test_counts_are_what_counting_everybody_gives(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router_pool, "Router", Counted)
    router_pool.Pool(seed).run(EVENTS)
