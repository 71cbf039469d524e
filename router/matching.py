"""Who is idle for what, and who waits for whom: the indexes, and nothing that decides.

Agents of equal skills share a *profile*. For each queue the profiles that meet its requirement
are known before any contact comes, and for each profile the queues it serves. Idle agents of a
profile stand in the order in which they became idle; contacts of a queue stand in the order of
their key, ``entered - priority``, which does not change with time, so that waiting longer needs
no re-sorting. A decision then looks at the heads of a few orders, however many agents or
contacts there are.
"""

import heapq
from collections.abc import Iterator, Mapping
from typing import NewType

from router.model import AgentId, ContactId, Millis, Queue, QueueId, Skill

ProfileId = NewType("ProfileId", tuple[tuple[Skill, int], ...])

WaitingKey = tuple[Millis, int]
"""``(entered - priority, arrival number)``: total, and constant while the contact waits."""

COMPACT_AT = 64


def profile_of(skills: Mapping[Skill, int]) -> ProfileId:
    """The profile that agents of these skills share, independent of the order of writing."""
    return ProfileId(tuple(sorted(skills.items())))


class Profiles:
    """Which profile serves which queue."""

    def __init__(self) -> None:
        self._queues: dict[QueueId, Queue] = {}
        self._serving: dict[QueueId, list[ProfileId]] = {}
        self._served: dict[ProfileId, list[QueueId]] = {}

    def queue(self, queue: QueueId) -> Queue | None:
        """The queue of this id, as it is now."""
        return self._queues.get(queue)

    def add_queue(self, queue: Queue) -> None:
        """Know this queue from now on, or know its new numbers."""
        self._queues[queue.id] = queue
        self._serving[queue.id] = []
        for profile, served in self._served.items():
            if queue.id in served:
                served.remove(queue.id)
            self._join(profile, queue)

    def add_profile(self, profile: ProfileId) -> None:
        """Know that some agent has exactly these skills."""
        if profile in self._served:
            return
        self._served[profile] = []
        for queue in self._queues.values():
            self._join(profile, queue)

    def serving(self, queue: QueueId) -> list[ProfileId]:
        """The profiles that meet this queue's requirement."""
        return self._serving.get(queue, [])

    def served_by(self, profile: ProfileId) -> list[QueueId]:
        """The queues whose requirement this profile meets."""
        return self._served.get(profile, [])

    def _join(self, profile: ProfileId, queue: Queue) -> None:
        if queue.requirement.met_by(dict(profile)):
            self._serving[queue.id].append(profile)
            self._served[profile].append(queue.id)


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

    def longest_idle(self, profiles: list[ProfileId]) -> Iterator[AgentId]:
        """The idle agents of these profiles, longest idle first."""
        orders = (
            ((since, agent) for agent, since in self._by_profile.get(profile, {}).items())
            for profile in profiles
        )
        for _, agent in heapq.merge(*orders):
            yield agent


class WaitingContacts:
    """Waiting contacts by queue, smallest key first; who is taken out leaves a stale entry."""

    def __init__(self) -> None:
        self._heaps: dict[QueueId, list[tuple[WaitingKey, ContactId]]] = {}
        self._live: dict[QueueId, dict[ContactId, WaitingKey]] = {}

    def add(self, queue: QueueId, contact: ContactId, key: WaitingKey) -> None:
        """This contact waits in this queue, at the place its key gives it."""
        self._live.setdefault(queue, {})[contact] = key
        heapq.heappush(self._heaps.setdefault(queue, []), (key, contact))

    def discard(self, queue: QueueId, contact: ContactId) -> None:
        """This contact waits no longer."""
        live = self._live.get(queue, {})
        live.pop(contact, None)
        heap = self._heaps.get(queue, [])
        if len(heap) > COMPACT_AT + 2 * len(live):
            self._heaps[queue] = [(key, waiting) for waiting, key in live.items()]
            heapq.heapify(self._heaps[queue])

    def all_in(self, queue: QueueId) -> list[ContactId]:
        """Everybody in this queue, first come first."""
        live = self._live.get(queue, {})
        return sorted(live, key=live.__getitem__)

    def first(self, queue: QueueId) -> tuple[WaitingKey, ContactId] | None:
        """Whose turn it is in this queue."""
        live, heap = self._live.get(queue, {}), self._heaps.get(queue, [])
        while heap and live.get(heap[0][1]) != heap[0][0]:
            heapq.heappop(heap)
        return heap[0] if heap else None
