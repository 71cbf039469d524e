"""What an author wrote reaches the router: each number of a queue, each agent, each fixed seat."""

from dataclasses import replace

import pytest

from ivr.engine.site_events import queue_of, site_events
from ivr.flow.requirement import SkillRequirement
from ivr.flow.site import AgentEntry, Announce, DeviceEntry, Hold, QueueEntry, QueueStep, Site
from ivr.flow.site import WaitingLimit as WrittenLimit
from router.events import AgentChanged, AgentRetired, QueueChanged, QueueRetired
from router.model import (
    Agent,
    AgentId,
    DeviceId,
    Queue,
    QueueId,
    Requirement,
    Skill,
    Step,
    WaitingLimit,
)

pytestmark = pytest.mark.unit

DATA, GROUP = Skill("data"), Skill("group")


def written(limit: WrittenLimit | None = None) -> QueueEntry:
    return QueueEntry(
        "10086/data",
        (
            QueueStep(SkillRequirement(({"data": 3}, {"group": 2})), 20_000),
            QueueStep(SkillRequirement(({"data": 1},))),
        ),
        ring_ms_max=15_000,
        wait_ms_max=120_000,
        wrap_up_ms=10_000,
        misses_max=3,
        hold=Hold("hold"),
        waiting=limit,
    )


def test_queue_keeps_its_steps_and_all_its_numbers() -> None:
    assert queue_of(written()) == Queue(
        QueueId("main:10086/data"),
        (
            Step(Requirement(({DATA: 3}, {GROUP: 2})), 20_000),
            Step(Requirement(({DATA: 1},)), None),
        ),
        ring_ms_max=15_000,
        wait_ms_max=120_000,
        wrap_up_ms=10_000,
        misses_max=3,
        waiting=None,
    )


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (WrittenLimit(absolute=20), WaitingLimit(20, None)),
        (WrittenLimit(per_agent=2), WaitingLimit(None, 2)),
    ],
)
def test_limit_of_waiting_keeps_its_kind(limit: WrittenLimit, expected: WaitingLimit) -> None:
    assert queue_of(written(limit)).waiting == expected


def built(
    *names: str, queues: tuple[str, ...] = ("10086/data",), ring_ms_max: int = 15_000
) -> Site:
    """A site with these agents, the first of them at a fixed seat."""
    agents = {
        name: AgentEntry(name, "Expert", {"data": 3}, None if number else "desk-8003")
        for number, name in enumerate(names)
    }
    return Site(
        "main",
        hotlines={},
        queues={name: replace(written(), name=name, ring_ms_max=ring_ms_max) for name in queues},
        agents=agents,
        devices={"desk-8003": DeviceEntry("desk-8003")},
        skills=("data", "group"),
    )


def test_first_site_tells_queues_then_agents_and_signs_nobody_in() -> None:
    assert list(site_events(None, built("1003", "1008"))) == [
        QueueChanged(queue_of(written())),
        AgentChanged(Agent(AgentId("main:1003"), {DATA: 3}, seat=DeviceId("main:desk-8003"))),
        AgentChanged(Agent(AgentId("main:1008"), {DATA: 3})),
    ]


def test_equal_sites_tell_nothing() -> None:
    assert list(site_events(built("1003"), built("1003"))) == []


def test_what_is_gone_is_told_after_what_is_new() -> None:
    old = built("1003", "1008", queues=("10086/data", "10086/old"))
    new = built("1003", "1009", queues=("10086/data", "10086/new"))
    assert list(site_events(old, new)) == [
        QueueChanged(queue_of(replace(written(), name="10086/new"))),
        AgentChanged(Agent(AgentId("main:1009"), {DATA: 3})),
        QueueRetired(QueueId("main:10086/old")),
        AgentRetired(AgentId("main:1008")),
    ]


def test_changed_queue_and_moved_seat_are_told_and_nothing_else() -> None:
    old, new = built("1003", "1008"), built("1008", "1003", ring_ms_max=9_000)
    assert list(site_events(old, new)) == [
        QueueChanged(queue_of(replace(written(), ring_ms_max=9_000))),
        AgentChanged(Agent(AgentId("main:1008"), {DATA: 3}, seat=DeviceId("main:desk-8003"))),
        AgentChanged(Agent(AgentId("main:1003"), {DATA: 3})),
    ]


@pytest.mark.parametrize(
    ("announce", "expected"),
    [(None, None), (Announce(True, 30_000), 30_000), (Announce(False, 30_000), None)],
)
def test_position_is_announced_where_the_author_wants_it(
    announce: Announce | None, expected: int | None
) -> None:
    entry = replace(written(), hold=Hold("hold", announce))
    assert queue_of(entry).announce_every_ms == expected
