"""Who serves whom, in which order: what is found by skills, against a look at everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.idle_order import MEASURES
from router.matching import Line, Profile, Profiles, Room
from router.model import AgentOrder, Channel, Queue, QueueId, Requirement, Skill, Step

pytestmark = pytest.mark.property

Levels = dict[Skill, int]

SKILLS, QUEUES = tuple(map(Skill, ("data", "bill", "vip"))), tuple(map(QueueId, ("q0", "q1", "q2")))
LEVELS = st.dictionaries(st.sampled_from(SKILLS), st.integers(-1, 3), max_size=3)
REQUIREMENTS = st.lists(LEVELS, max_size=3).map(lambda each: Requirement(tuple(each)))


def rules_of(
    queue: QueueId, steps: Sequence[Requirement], channel: Channel, agents: AgentOrder
) -> Queue:
    return Queue(
        queue,
        tuple(map(Step, steps)),
        ring_ms_max=8_000,
        wait_ms_max=40_000,
        wrap_up_ms=3_000,
        misses_max=2,
        channel=channel,
        agents=agents,
    )


RULES = st.builds(
    rules_of,
    st.sampled_from(QUEUES),
    st.lists(REQUIREMENTS, min_size=1, max_size=3),
    st.sampled_from(Channel),
    st.sampled_from(AgentOrder),
)


@dataclass
class Everybody:
    """Queues in the order of their last change, profiles in that of their first agent."""

    profiles: Profiles
    scanned_max: int
    rooms: dict[QueueId, Room] = field(default_factory=dict[QueueId, Room])
    joined: list[Profile] = field(default_factory=list[Profile])

    def serve(self, rules: Queue) -> None:
        room = self.rooms.pop(rules.id, None) or Room(rules)
        self.rooms[rules.id] = room
        self.profiles.serve(room, rules)

    def abandon(self, queue: QueueId) -> None:
        room = self.rooms.pop(queue, None)
        if room is not None:
            self.profiles.abandon(room)
            assert (room.staff, [each for line in room.lines for each in line.serving]) == (0, [])

    def join(self, skills: Levels, *, takes_chats: bool) -> None:
        profile = self.profiles.join(skills, takes_chats=takes_chats)
        if profile not in self.joined:
            self.joined.append(profile)

    def leave(self, which: int) -> None:
        if self.joined:
            profile = self.joined[which % len(self.joined)]
            if profile.agents == 1:
                self.profiles.count(profile, -profile.staffed)
                self.joined.remove(profile)
            self.profiles.leave(profile)

    def come(self, which: int) -> None:
        if self.joined:
            self.profiles.count(self.joined[which % len(self.joined)], 1)

    def check(self) -> None:
        """All that is held is what comes of a look at everybody."""
        assert self.profiles.rooms() == list(self.rooms.values())
        for room in self.rooms.values():
            steps = room.rules.steps
            for line in room.lines[: len(steps)]:
                assert line.serving == list(line.grades) == self.who_meets(line, room)
                serving = len(line.serving)
                assert line.order is not None or serving <= self.scanned_max
                assert line.order is None or serving > self.scanned_max // 2
                assert line.staffed == sum(each.staffed for each in line.serving)
            assert not any(line.serving or line.order for line in room.lines[len(steps) :])
            here = dict.fromkeys(each for line in room.lines for each in line.serving)
            assert room.staff == sum(each.staffed for each in here)
        for profile in self.joined:
            self.check_profile(profile)

    def who_meets(self, line: Line, room: Room) -> list[Profile]:
        rules = room.rules
        asked = rules.steps[line.step].requirement
        calls = rules.channel is Channel.VOICE
        able = (each for each in self.joined if calls or each.takes_chats)
        return [each for each in able if asked.met_by(dict(each.skills))]

    def check_profile(self, profile: Profile) -> None:
        lines = [
            line for room in self.rooms.values() for line in room.lines if profile in line.serving
        ]
        assert profile.lines == lines
        assert profile.call_lines == [each for each in lines if each.channel is Channel.VOICE]
        assert profile.chat_lines == [each for each in lines if each.channel is Channel.CHAT]
        wide = [each for each in lines if each.order is not None]
        for channel, kept in zip(Channel, (profile.wide_calls, profile.wide_chats), strict=True):
            wanted = [each for each in wide if each.channel is channel]
            assert len(kept) == len(wanted)
            assert set(map(id, kept)) == set(map(id, wanted))
        queues = dict.fromkeys(each.queue for each in lines)
        assert profile.rooms == [self.rooms[each] for each in queues]
        asked = {room.rules.agents for room in profile.rooms}
        assert profile.orders.keys() == asked & MEASURES.keys()


NUMBERS = st.integers(0, 9)
Deed = Queue | tuple[Levels, bool] | tuple[str, int]
"""A queue to be served, an agent who joins, or something that one of those who are here does."""
DEEDS: st.SearchStrategy[Deed] = st.one_of(
    RULES,
    st.tuples(LEVELS, st.booleans()),
    st.tuples(st.sampled_from(("abandon", "leave", "come")), NUMBERS),
)


def do(deed: Deed, world: Everybody) -> None:
    match deed:
        case Queue():
            world.serve(deed)
        case (dict() as skills, takes_chats):
            world.join(skills, takes_chats=bool(takes_chats))
        case ("abandon", which):
            world.abandon(QUEUES[which % len(QUEUES)])
        case ("leave", which):
            world.leave(which)
        case (_, which):
            world.come(which)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(deeds=st.lists(DEEDS, max_size=25), scanned_max=st.integers(0, 4))
def test_who_is_found_by_skills_is_whoever_a_look_at_everybody_finds(
    deeds: list[Deed], scanned_max: int
) -> None:
    world = Everybody(Profiles(scanned_max), scanned_max)
    for deed in deeds:
        do(deed, world)
        world.check()
