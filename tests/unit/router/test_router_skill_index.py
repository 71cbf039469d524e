"""Finding by skills: how little is looked at, in which order it is found, and nothing stays."""

from collections.abc import Sequence

import pytest
from router_pool import needs, queue

from router import matching
from router.matching import Profiles, Room
from router.model import QueueId, Requirement, Skill
from router.skill_index import ANYBODY, SkillIndex, marks_of

pytestmark = pytest.mark.unit

MANY = 300
LOOKED_AT_MAX = 3
"""However many queues and profiles there are."""
INDEXES = ("_rooms_by", "_profiles_by")


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Requirement]:
    """Each requirement that the skills of any profile were held against."""
    seen: list[Requirement] = []
    as_it_is = matching.grade_of

    def counted(skills: dict[Skill, int], required: Requirement) -> int | None:
        seen.append(required)
        return as_it_is(skills, required)

    monkeypatch.setattr(matching, "grade_of", counted)
    return seen


def levels(**each: int) -> dict[Skill, int]:
    return {Skill(name): level for name, level in each.items()}


def serve(profiles: Profiles, name: str, *alternatives: dict[str, int]) -> Room:
    rules = queue(QueueId(name), needs(*alternatives))
    room = profiles.room(rules.id) or Room(rules)
    profiles.serve(room, rules)
    return room


def names(rooms: Sequence[Room]) -> list[str]:
    return [room.rules.id for room in rooms]


def test_new_profile_looks_at_the_queues_that_ask_for_its_skills(looks: list[Requirement]) -> None:
    profiles = Profiles()
    rooms = [serve(profiles, f"q{each}", {f"s{each}": 1}) for each in range(MANY)]
    for each in range(MANY):
        assert profiles.join(levels(**{f"s{each}": 2})).rooms == [rooms[each]]
    assert len(looks) == MANY


def test_skill_that_all_ask_for_does_not_make_all_look_at_all(looks: list[Requirement]) -> None:
    profiles = Profiles()
    for each in range(MANY):
        serve(profiles, f"q{each}", {"german": 1, f"s{each}": 1})
    for each in range(MANY):
        expert = profiles.join(levels(german=3, **{f"s{each}": 1}))
        assert names(expert.rooms) == [f"q{each}"]
    assert len(looks) <= LOOKED_AT_MAX * MANY


def test_changed_queue_looks_at_who_has_its_rarest_skill(looks: list[Requirement]) -> None:
    profiles = Profiles()
    for each in range(MANY):
        profiles.join(levels(german=3, **{f"s{each}": 1}))
    room = serve(profiles, "q", {"german": 1, "s7": 1}, {"s9": 1, "german": 2})
    assert len(looks) == len(room.lines[0].serving) == 2
    looks.clear()
    profiles.abandon(room)
    assert looks == []


@pytest.mark.parametrize("asked", [{}, {"data": 0}, {"data": -1}])
def test_queue_that_asks_for_nothing_is_served_by_everybody(asked: dict[str, int]) -> None:
    profiles = Profiles()
    early = profiles.join(levels(bill=1))
    room = serve(profiles, "q", {"vip": 1}, asked)
    late = profiles.join({})
    assert room.lines[0].serving == [early, late]


def test_queue_without_any_alternative_is_served_by_nobody() -> None:
    profiles = Profiles()
    profiles.join(levels(data=1))
    assert serve(profiles, "q").lines[0].serving == []


def test_what_is_found_stands_in_the_order_of_putting_in_each_once() -> None:
    index: SkillIndex[str] = SkillIndex()
    data, bill = Skill("data"), Skill("bill")
    for each in map(str, range(20)):
        index.put(each, [data, bill] if int(each) % 3 else [ANYBODY])
    index.drop("4")
    index.put("4", [bill, bill])
    every_mark = [bill, data, ANYBODY, Skill("nobody-asks")]
    assert index.found(every_mark) == [*map(str, range(4)), *map(str, range(5, 20)), "4"]
    assert index.found([ANYBODY]) == [str(each) for each in range(0, 20, 3)]
    assert marks_of([data]) == (ANYBODY, data)


def held(profiles: Profiles) -> list[object]:
    """What both indexes hold, but how many things were ever put in."""
    indexes: list[SkillIndex[object]] = [vars(profiles)[each] for each in INDEXES]
    parts = (part for index in indexes for part in vars(index).items())
    return [each for name, each in parts if name != "_count"]


def test_nothing_stays_of_queues_and_profiles_that_are_gone() -> None:
    profiles = Profiles()
    for _ in range(3):
        room = serve(profiles, "q", {"data": 1}, {"data": 2, "bill": 1}, {})
        profile = profiles.join(levels(data=1, bill=1))
        profiles.abandon(room)
        profiles.leave(profile)
    assert held(profiles) == [{}, {}, {}] * len(INDEXES)
