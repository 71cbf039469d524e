"""A site as the router's events: its queues, its agents, and who has a fixed seat.

Pure, so that what an author wrote can be followed into the router without an engine. Names become
qualified ids here, and nowhere later.
"""

from collections.abc import Iterator

from ivr.flow.site import AgentEntry, QueueEntry, QueueStep, Site
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
    qualified,
)

SiteEvent = QueueChanged | AgentChanged | AgentSignedIn
"""What a site can tell the router."""


def site_events(site: Site) -> Iterator[SiteEvent]:
    """All that the router must know of this site, in the order in which to tell it."""
    for queue in site.queues.values():
        yield QueueChanged(queue_of(queue))
    for agent in site.agents.values():
        yield from _events_of(agent)


def queue_of(entry: QueueEntry) -> Queue:
    """The router's queue for an author's one."""
    limit = entry.waiting
    return Queue(
        QueueId(qualified(entry.name)),
        tuple(map(_step_of, entry.steps)),
        ring_ms_max=entry.ring_ms_max,
        wait_ms_max=entry.wait_ms_max,
        wrap_up_ms=entry.wrap_up_ms,
        misses_max=entry.misses_max,
        waiting=None if limit is None else WaitingLimit(limit.absolute, limit.per_agent),
    )


def _step_of(step: QueueStep) -> Step:
    alternatives = tuple(
        {Skill(name): level for name, level in levels.items()}
        for levels in step.requirement.alternatives
    )
    return Step(Requirement(alternatives), step.for_ms)


def _events_of(agent: AgentEntry) -> Iterator[SiteEvent]:
    identifier = AgentId(qualified(agent.name))
    skills = {Skill(name): level for name, level in agent.skills.items()}
    yield AgentChanged(Agent(identifier, skills))
    if agent.device is not None:
        yield AgentSignedIn(identifier, DeviceId(qualified(agent.device)))
