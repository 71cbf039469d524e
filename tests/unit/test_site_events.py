"""What an author wrote reaches the router: each number of a queue, each agent, each fixed seat."""

import pytest

from ivr.flow.requirement import SkillRequirement
from ivr.flow.site import AgentEntry, DeviceEntry, Hold, QueueEntry, QueueStep, Site
from ivr.flow.site import WaitingLimit as WrittenLimit
from ivr.site_events import queue_of, site_events
from router.events import AgentChanged, AgentSignedIn, QueueChanged
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


def test_site_tells_queues_then_agents_and_seats_the_fixed_ones() -> None:
    fixed = AgentEntry("1003", "Data expert", {"data": 3}, "desk-8003")
    free = AgentEntry("1008", "Expert of all work", {"data": 1, "group": 2})
    site = Site(
        "main",
        hotlines={},
        queues={"10086/data": written()},
        agents={"1003": fixed, "1008": free},
        devices={"desk-8003": DeviceEntry("desk-8003")},
        skills=("data", "group"),
    )
    data_expert, of_all_work = AgentId("main:1003"), AgentId("main:1008")
    assert list(site_events(site)) == [
        QueueChanged(queue_of(written())),
        AgentChanged(Agent(data_expert, {DATA: 3})),
        AgentSignedIn(data_expert, DeviceId("main:desk-8003")),
        AgentChanged(Agent(of_all_work, {DATA: 1, GROUP: 2})),
    ]
