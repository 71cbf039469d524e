"""Lines, rooms and profiles: whose turn it is, who serves what, and nothing that stays behind."""

import pytest
from router_pool import DATA, needs, queue

from router.matching import Line, Profiles, Room, grade_of
from router.model import AgentId, ContactId, Skill, Step
from router.ranking import BLOCK_MAX, WaitingKey

pytestmark = pytest.mark.unit

LEVEL_1, LEVEL_2 = {Skill("data"): 1}, {Skill("data"): 2}
STEPS = (Step(needs({"data": 2}), 1_000), Step(needs({"data": 1})))


def key(number: int, entered: int = 0) -> WaitingKey:
    return (0, entered, number, ContactId(f"c{number}"))


def served() -> tuple[Profiles, Room]:
    profiles, rules = Profiles(), queue(DATA, *STEPS)
    room = Room(rules)
    profiles.serve(room, rules)
    return profiles, room


def test_smallest_key_is_first_whatever_came_when() -> None:
    line = Line(DATA, 0)
    for each in (key(1, 500), key(2, 100), key(3, 900)):
        line.waiting.add(each)
    assert line.waiting.first == key(2, 100)
    line.waiting.discard(key(2, 100))
    assert line.waiting.first == key(1, 500)


def test_line_that_was_long_keeps_its_order_as_it_empties() -> None:
    line, many = Line(DATA, 0), 5 * BLOCK_MAX
    for number in range(many):
        line.waiting.add(key(number))
    for number in range(many):
        assert line.waiting.first == key(number)
        line.waiting.discard(key(number))
    assert line.waiting.first is None


def test_who_waits_for_one_agent_alone_counts_among_those_before() -> None:
    _, room = served()
    room.lines[0].waiting.add(key(1, 100))
    room.lines[1].waiting.add(key(2, 300))
    room.aside.add(key(3, 200))
    assert [room.before(key(4, at)) for at in (50, 150, 250, 350)] == [0, 1, 2, 3]


def test_profile_serves_the_steps_it_meets_and_counts_once_as_staff() -> None:
    profiles, room = served()
    novice, expert = profiles.join(LEVEL_1), profiles.join(LEVEL_2)
    assert novice.lines == room.lines[1:]
    assert expert.lines == room.lines
    profiles.count(expert, 1)
    assert room.staff == 1


def test_skill_she_has_nothing_of_exceeds_no_requirement() -> None:
    asks_none = needs({"data": 1, "bill": 0})
    assert grade_of(LEVEL_2, asks_none) == 1
    assert grade_of({Skill("bill"): 1}, asks_none) is None


def test_profile_without_agents_is_left_in_no_line() -> None:
    profiles, room = served()
    profiles.leave(profiles.join(LEVEL_2))
    assert [line.serving for line in room.lines] == [[], []]
    assert profiles.join(LEVEL_2).agents == 1


def test_changed_queue_is_served_once_and_its_former_lines_by_nobody() -> None:
    profiles, room = served()
    expert = profiles.join(LEVEL_2)
    profiles.count(expert, 3)
    profiles.serve(room, queue(DATA, needs({"data": 1})))
    assert (expert.lines, expert.rooms) == (room.lines[:1], [room])
    assert [line.serving for line in room.lines] == [[expert], []]
    assert room.staff == 3


def test_queue_whose_first_step_lasts_for_ever_now_forgets_when_it_was_over() -> None:
    profiles, room = served()
    assert room.step_ends == (1_000,)
    profiles.serve(room, queue(DATA, needs({"data": 2}), needs({"data": 1})))
    assert (room.step_ends, room.open_steps) == ((), None)


def test_abandoned_queue_has_no_staff_and_is_in_no_profile() -> None:
    profiles, room = served()
    expert = profiles.join(LEVEL_2)
    profiles.count(expert, 1)
    profiles.abandon(room)
    assert (room.staff, room.is_open, expert.lines, expert.rooms) == (0, False, [], [])


def test_idle_agents_of_all_profiles_are_told_longest_idle_first() -> None:
    profiles, _ = served()
    novice, expert = profiles.join(LEVEL_1), profiles.join(LEVEL_2)
    novice.idle[AgentId("late")] = 3
    expert.idle[AgentId("early")] = 1
    novice.idle[AgentId("later")] = 4
    assert profiles.idle_in_order() == ["early", "late", "later"]


@pytest.mark.parametrize(
    ("is_open", "stands_at"),
    [((True, True), (0, 1)), ((False, True), (1, 1)), ((True, False), (0, 0)), (None, (0, 1))],
)
def test_contact_stands_at_the_next_open_step_else_the_last_before(
    is_open: tuple[bool, ...] | None, stands_at: tuple[int, ...]
) -> None:
    _, room = served()
    room.set_open(is_open)
    assert room.stands_at == stands_at
