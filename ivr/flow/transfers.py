"""Transfers as queues: what ``transfer:`` to an expert or an agent comes to once it is loaded.

Such a transfer is a wait like any other, for whoever can do something or for one person. So the
loader makes a queue of one step for it, and the flow enters that queue by an ordinary queue node:
neither the router nor the call core knows of transfers. Names of authors have no ``:``, so that
none of them can be the name of the skill that is one agent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.flow.model import EnterQueue, Hotline
from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.queue_shapes import (
    MISSES_DEFAULT,
    MUSIC_DEFAULT,
    RING_MS_DEFAULT,
    WRAP_UP_MS_DEFAULT,
)
from ivr.flow.requirement import LEVEL_MIN, SkillRequirement, requirement_text
from ivr.flow.servable import Staff
from ivr.flow.site import Hold, OutsideNumber, QueueEntry, QueueStep
from ivr.flow.transfer_names import agent_waited_for

AGENT_WAIT_MS = 30_000
"""How long callers wait for one agent by name: she is there soon, or somebody else is better."""

_AGENT_SKILL = "agent:"


def agent_skill(agent: str) -> str:
    """The skill that only this agent has."""
    return f"{_AGENT_SKILL}{agent}"


def agent_requirement(agent: str) -> SkillRequirement:
    """What only this agent meets."""
    return SkillRequirement(({agent_skill(agent): LEVEL_MIN},))


def asked_text(requirement: SkillRequirement) -> str:
    """A requirement for people, who know of no skill that is an agent."""
    return requirement_text(requirement).replace(_AGENT_SKILL, "agent ")


def agents_asked_for(queues: Iterable[QueueEntry]) -> frozenset[str]:
    """The agents for whom one of these queues waits by name, but for ``agent_waited_for``."""
    return frozenset(
        skill.removeprefix(_AGENT_SKILL)
        for queue in queues
        if agent_waited_for(queue.name) is None
        for skill in queue.skills()
        if skill.startswith(_AGENT_SKILL)
    )


def transfer_queue(name: str, requirement: SkillRequirement, wait_ms_max: int) -> QueueEntry:
    """The queue of one step for whom a transfer asks."""
    return QueueEntry(
        name,
        (QueueStep(requirement),),
        ring_ms_max=RING_MS_DEFAULT,
        wait_ms_max=wait_ms_max,
        wrap_up_ms=WRAP_UP_MS_DEFAULT,
        misses_max=MISSES_DEFAULT,
        hold=Hold(MUSIC_DEFAULT),
    )


@dataclass(frozen=True, slots=True)
class TransferBook:
    """What transfers may name, None where it could not be read; and the queues made for them.

    ``places`` tells where each of these queues comes from. It is filled while flows are read.
    """

    agents: tuple[str, ...] | None = None
    outside: Mapping[str, OutsideNumber | None] | None = None
    queues: dict[str, QueueEntry] = field(default_factory=dict[str, QueueEntry])
    places: dict[str, Place] = field(default_factory=dict[str, Place])

    def check_servable(self, staff: Staff, skills: Iterable[str], problems: Problems) -> None:
        """Report the transfers that no agent of the site can ever take."""
        known = frozenset(skills)
        for name, queue in self.queues.items():
            wanted = queue.skills()
            if not wanted <= known or staff.can_serve(queue) or agents_asked_for([queue]):
                continue
            near = staff.nearest_text(queue)
            problems.error(
                Code.QUEUE_UNSERVABLE,
                self.places[name],
                "No agent of the site can ever take this transfer: none has "
                f"{quoted(asked_text(queue.steps[0].requirement))}.",
                f"Give an agent these skills, or ask for less; nearest: {near}."
                if near
                else "Add an agent with these skills to site.yaml.",
            )


def queues_in_use(book: TransferBook, hotlines: Iterable[Hotline]) -> Mapping[str, QueueEntry]:
    """The queues of those transfers that some caller can come to."""
    entered = {
        node.queue: None
        for hotline in hotlines
        for node in hotline.flow.nodes.values()
        if isinstance(node, EnterQueue)
    }
    return {name: book.queues[name] for name in entered if name in book.queues}
