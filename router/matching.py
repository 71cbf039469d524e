"""Who is idle for what, and who waits for whom: the indexes, and nothing that decides.

Agents of equal skills share a *profile*. For each step of a queue the profiles that meet its
requirement are known before any contact comes, and for each profile the steps it serves. Idle
agents of a profile stand in the order in which they became idle; contacts at a step of a queue
stand in the order of their key, ``entered - priority``, which does not change with time, so that
waiting longer needs no re-sorting. A decision then looks at the heads of a few orders, however
many agents or contacts there are.
"""

import heapq
from collections.abc import Iterator, Mapping
from typing import NewType

from router.model import AgentId, ContactId, Millis, Queue, QueueId, Skill

ProfileId = NewType("ProfileId", tuple[tuple[Skill, int], ...])

WaitingKey = tuple[Millis, int]
"""``(entered - priority, arrival number)``: total, and constant while the contact waits."""

StepKey = tuple[QueueId, int]
"""A step of a queue, by its index."""

COMPACT_AT = 64


def profile_of(skills: Mapping[Skill, int]) -> ProfileId:
    """The profile that agents of these skills share, independent of the order of writing."""
    return ProfileId(tuple(sorted(skills.items())))


class Profiles:
    """Which profile serves which step of which queue."""

    def __init__(self) -> None:
        self._queues: dict[QueueId, Queue] = {}
        self._serving: dict[QueueId, list[list[ProfileId]]] = {}
        self._served: dict[ProfileId, list[StepKey]] = {}

    def queue(self, queue: QueueId) -> Queue | None:
        """The queue of this id, as it is now."""
        return self._queues.get(queue)

    def add_queue(self, queue: Queue) -> bool:
        """Know this queue from now on, or know what is new of it; False when nothing is."""
        if self._queues.get(queue.id) == queue:
            return False
        self.drop_queue(queue.id)
        self._queues[queue.id] = queue
        self._serving[queue.id] = [[] for _ in queue.steps]
        for profile in self._served:
            self._join(profile, queue)
        return True

    def drop_queue(self, queue: QueueId) -> None:
        """Know this queue no longer."""
        if self._queues.pop(queue, None) is None:
            return
        del self._serving[queue]
        for served in self._served.values():
            served[:] = [(name, step) for name, step in served if name != queue]

    def queues(self) -> list[Queue]:
        """All queues, the one that changed last at the end."""
        return list(self._queues.values())

    def add_profile(self, profile: ProfileId) -> None:
        """Know that some agent has exactly these skills."""
        if profile in self._served:
            return
        self._served[profile] = []
        for queue in self._queues.values():
            self._join(profile, queue)

    def drop_profile(self, profile: ProfileId) -> None:
        """Know that no agent has exactly these skills any more."""
        for queue, step in self._served.pop(profile, ()):
            self._serving[queue][step].remove(profile)

    def serving(self, queue: QueueId, step: int) -> list[ProfileId]:
        """The profiles that meet the requirement of this step of the queue."""
        return self._serving[queue][step]

    def served_by(self, profile: ProfileId) -> list[StepKey]:
        """The steps whose requirement this profile meets."""
        return self._served.get(profile, [])

    def _join(self, profile: ProfileId, queue: Queue) -> None:
        skills = dict(profile)
        for number, step in enumerate(queue.steps):
            if step.requirement.met_by(skills):
                self._serving[queue.id][number].append(profile)
                self._served[profile].append((queue.id, number))


class IdleAgents:
    """Idle agents by profile, longest idle first."""

    def __init__(self) -> None:
        self._by_profile: dict[ProfileId, dict[AgentId, int]] = {}
        self._count = 0

    def add(self, agent: AgentId, profile: ProfileId) -> None:
        """This agent is idle from now on, behind all who are; who already is keeps her place."""
        self._count += 1
        self._by_profile.setdefault(profile, {}).setdefault(agent, self._count)

    def discard(self, agent: AgentId, profile: ProfileId) -> None:
        """This agent is not idle, whatever she was before."""
        self._by_profile.get(profile, {}).pop(agent, None)

    def in_order(self) -> list[AgentId]:
        """All idle agents, longest idle first."""
        held = [
            (since, agent) for each in self._by_profile.values() for agent, since in each.items()
        ]
        return [agent for _, agent in sorted(held)]

    def drop_profile(self, profile: ProfileId) -> None:
        """Nobody is of this profile any more."""
        self._by_profile.pop(profile, None)

    def longest_idle(self, profiles: list[ProfileId]) -> Iterator[AgentId]:
        """The idle agents of these profiles, longest idle first."""
        orders = (
            ((since, agent) for agent, since in self._by_profile.get(profile, {}).items())
            for profile in profiles
        )
        for _, agent in heapq.merge(*orders):
            yield agent


class WaitingContacts:
    """Waiting contacts by step, smallest key first; who is taken out leaves a stale entry."""

    def __init__(self) -> None:
        self._heaps: dict[StepKey, list[tuple[WaitingKey, ContactId]]] = {}
        self._live: dict[QueueId, dict[int, dict[ContactId, WaitingKey]]] = {}

    def add(self, at: StepKey, contact: ContactId, key: WaitingKey) -> None:
        """This contact waits at this step, at the place its key gives it."""
        queue, step = at
        self._live.setdefault(queue, {}).setdefault(step, {})[contact] = key
        heapq.heappush(self._heaps.setdefault(at, []), (key, contact))

    def discard(self, at: StepKey, contact: ContactId) -> None:
        """This contact waits at this step no longer."""
        live = self._live_at(at)
        live.pop(contact, None)
        heap = self._heaps.get(at, [])
        if len(heap) > COMPACT_AT + 2 * len(live):
            self._heaps[at] = [(key, waiting) for waiting, key in live.items()]
            heapq.heapify(self._heaps[at])

    def all_in(self, queue: QueueId) -> list[ContactId]:
        """Everybody in this queue, at whichever step, first come first."""
        standing = self._live.get(queue, {}).values()
        ordered = sorted((key, contact) for live in standing for contact, key in live.items())
        return [contact for _, contact in ordered]

    def count_in(self, queue: QueueId) -> int:
        """How many wait in this queue, at whichever step."""
        return sum(map(len, self._live.get(queue, {}).values()))

    def drop_queue(self, queue: QueueId) -> None:
        """Nobody waits in this queue any more, nor will."""
        for step in self._live.pop(queue, {}):
            del self._heaps[queue, step]

    def first(self, at: StepKey) -> tuple[WaitingKey, ContactId] | None:
        """Whose turn it is at this step."""
        live, heap = self._live_at(at), self._heaps.get(at, [])
        while heap and live.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0] if heap else None

    def _live_at(self, at: StepKey) -> dict[ContactId, WaitingKey]:
        queue, step = at
        return self._live.get(queue, {}).get(step, {})
