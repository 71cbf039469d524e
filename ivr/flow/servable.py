"""Whether anybody at all could ever serve a queue, and who comes nearest."""

from collections.abc import Collection, Mapping

from ivr.flow.problems import listing
from ivr.flow.requirement import Levels, SkillRequirement
from ivr.flow.routing import QueueChannel
from ivr.flow.site import AgentEntry, QueueEntry

NEAREST_MAX = 3
"""Agents named in a remedy; more would not be read."""


class Staff:
    """The agents of a site, by what they can do; queues of chats are served by those with chats."""

    def __init__(self, agents: Mapping[str, AgentEntry]) -> None:
        self._agents = agents
        chatting = {name: each for name, each in agents.items() if each.chats}
        self._chatting = self if len(chatting) == len(agents) else Staff(chatting)
        # Many agents have the same skills; each combination is looked at once.
        self._combinations = {
            tuple(sorted(agent.skills.items())): agent.skills for agent in agents.values()
        }
        self._best: dict[str, int] = {}
        for skills in self._combinations.values():
            for skill, level in skills.items():
                self._best[skill] = max(level, self._best.get(skill, 0))

    def can_serve(self, queue: QueueEntry) -> bool:
        """Whether in some step some agent may take a contact of this queue."""
        those = self if queue.channel is QueueChannel.VOICE else self._chatting
        return any(those._can_meet(step.requirement) for step in queue.steps)

    def _can_meet(self, requirement: SkillRequirement) -> bool:
        for levels in requirement.alternatives:
            if any(self._best.get(skill, 0) < level for skill, level in levels.items()):
                continue
            only = SkillRequirement((levels,))
            if len(levels) == 1 or any(map(only.met_by, self._combinations.values())):
                return True
        return False

    def nearest(self, queue: QueueEntry) -> tuple[AgentEntry, ...]:
        """The agents who lack the fewest levels for this queue."""
        wanted = [levels for step in queue.steps for levels in step.requirement.alternatives]
        ranked = sorted(self._agents.values(), key=lambda each: (_lack(each, wanted), each.name))
        return tuple(ranked[:NEAREST_MAX])

    def nearest_text(self, queue: QueueEntry) -> str:
        """These agents and what they can do, as remedies name them; empty if there is nobody."""
        return "; ".join(
            f"agent {agent.name} has {_levels_text(agent)}" for agent in self.nearest(queue)
        )


def _levels_text(agent: AgentEntry) -> str:
    return listing(f"{skill} {level}" for skill, level in agent.skills.items())


def _lack(agent: AgentEntry, wanted: Collection[Levels]) -> int:
    return min(
        sum(max(0, level - agent.skills.get(skill, 0)) for skill, level in levels.items())
        for levels in wanted
    )
