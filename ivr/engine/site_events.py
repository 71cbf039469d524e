"""A site as the router's events: its queues, its agents, and what an earlier site had besides.

Pure, so that what an author wrote can be followed into the router without an engine. Names become
qualified ids here, and nowhere later. Nobody is signed in by a site: agents do that themselves.
"""

from collections.abc import Iterator

from ivr.flow.requirement import LEVEL_MIN
from ivr.flow.routing import RoutingRules
from ivr.flow.site import AgentEntry, QueueEntry, QueueStep, Site
from ivr.flow.transfers import agent_skill, agents_asked_for
from router.events import (
    AgentChanged,
    AgentRetired,
    QueueChanged,
    QueueRetired,
    RoutingChanged,
)
from router.model import (
    Agent,
    AgentId,
    AgentOrder,
    Channel,
    ContactOrder,
    DeviceId,
    LevelOrder,
    Millis,
    Queue,
    QueueId,
    Requirement,
    Routing,
    Skill,
    Step,
    WaitingLimit,
    qualified,
)

SiteEvent = RoutingChanged | QueueChanged | AgentChanged | QueueRetired | AgentRetired
"""What a site can tell the router."""


def site_events(old: Site | None, new: Site) -> Iterator[SiteEvent]:
    """What the router must be told when ``new`` takes the place of ``old``, in this order.

    What is new or different comes first and what is gone last, so that a contact given back by a
    retired queue finds the queues and agents of today. Of two equal sites nothing is told.
    """
    if new.routing != (RoutingRules() if old is None else old.routing):
        yield RoutingChanged(routing_of(new.routing))
    queues = {} if old is None else {each.name: queue_of(each) for each in old.queues.values()}
    agents = {} if old is None else _agents_of(old)
    for entry in new.queues.values():
        if (queue := queue_of(entry)) != queues.pop(entry.name, None):
            yield QueueChanged(queue)
    for name, agent in _agents_of(new).items():
        if agent != agents.pop(name, None):
            yield AgentChanged(agent)
    for queue in queues.values():
        yield QueueRetired(queue.id)
    for agent in agents.values():
        yield AgentRetired(agent.id)


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
        announce_every_ms=_announce_every_ms(entry),
        channel=Channel(entry.channel.value),
        levels=LevelOrder(entry.agents.level.value),
        agents=AgentOrder(entry.agents.first.value),
        contact_class=entry.contact_class,
        share=entry.share,
        expected_wait_ms_max=entry.expected_wait_ms_max,
        announce_expected=entry.hold.announce is not None and entry.hold.announce.expected_wait,
        wrap_up_ms_max=entry.wrap_up_ms_max,
    )


def routing_of(rules: RoutingRules) -> Routing:
    """The router's rules of the whole pool for an author's ones."""
    return Routing(ContactOrder(rules.contacts.value), rules.waiting, dict(rules.admission))


def _agents_of(site: Site) -> dict[str, Agent]:
    asked_for = agents_asked_for(site.queues.values())
    return {
        each.name: agent_of(each, by_name=each.name in asked_for) for each in site.agents.values()
    }


def agent_of(entry: AgentEntry, *, by_name: bool = False) -> Agent:
    """The router's agent for an author's one.

    ``by_name`` is for an agent whom some transfer means: she has a skill that is herself. Nobody
    else gets one, since agents of equal skills share their place in the router's indexes.
    """
    own = {Skill(agent_skill(entry.name)): LEVEL_MIN} if by_name else {}
    return Agent(
        AgentId(qualified(entry.name)),
        {Skill(name): level for name, level in entry.skills.items()} | own,
        seat=None if entry.device is None else DeviceId(qualified(entry.device)),
        chats_max=entry.chats,
    )


def _announce_every_ms(entry: QueueEntry) -> Millis | None:
    announce = entry.hold.announce
    says_something = announce is not None and (announce.position or announce.expected_wait)
    return announce.every_ms if announce is not None and says_something else None


def _step_of(step: QueueStep) -> Step:
    alternatives = tuple(
        {Skill(name): level for name, level in levels.items()}
        for levels in step.requirement.alternatives
    )
    return Step(Requirement(alternatives), step.for_ms)
