"""Who is idle for what, and who waits for whom: the indexes, and nothing that decides.

Agents of equal skills share a *profile*. A step of a queue is a *line*: the profiles that meet its
requirement are known before any contact comes, and each profile knows its lines. Idle agents of a
profile stand in the order in which they became idle; contacts in a line stand in the order of their
key, ``entered - priority``, which does not change with time, so that waiting longer needs no
re-sorting. A decision then looks at the heads of a few orders, however many agents or contacts
there are.

Profiles and lines are objects that know each other, as every decision goes from one to the other:
to look each up by its skills, or by its queue and number, took half of the time of a decision.
"""

import heapq
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from router.model import AgentId, ContactId, Millis, Queue, QueueId, Skill
from router.ranking import Ranking, WaitingKey

ProfileId = tuple[tuple[Skill, int], ...]
"""Skills with their levels, independent of the order of writing."""

COMPACT_AT = 64


def profile_of(skills: Mapping[Skill, int]) -> ProfileId:
    """What tells the profile of agents of these skills from all others."""
    return tuple(sorted(skills.items()))


@dataclass(slots=True, eq=False)
class Line:
    """One step of a queue: who waits at it, smallest key first, and which profiles serve it.

    Who is taken out leaves a stale entry in the heap, till it surfaces or there are too many.
    """

    queue: QueueId
    step: int
    live: dict[ContactId, WaitingKey] = field(default_factory=dict[ContactId, WaitingKey])
    serving: list["Profile"] = field(default_factory=list["Profile"], repr=False)
    heap: list[WaitingKey] = field(default_factory=list[WaitingKey], repr=False)

    def add(self, key: WaitingKey) -> None:
        """This contact waits here, at the place its key gives it."""
        self.live[key[2]] = key
        heapq.heappush(self.heap, key)

    def discard(self, contact: ContactId) -> None:
        """This contact waits here no longer."""
        self.live.pop(contact, None)
        if len(self.heap) > COMPACT_AT + 2 * len(self.live):
            self.heap = list(self.live.values())
            heapq.heapify(self.heap)

    def first(self) -> WaitingKey | None:
        """Whose turn it is here."""
        heap, live = self.heap, self.live
        while heap:
            key = heap[0]
            if live.get(key[2]) is key:
                return key
            heapq.heappop(heap)
        return None


@dataclass(slots=True, eq=False)
class Room:
    """One queue as it is now: its rules, its lines, who serves them, how many contacts are in it.

    What follows from the rules, and from which steps are open, is worked out when these change.
    """

    rules: Queue
    lines: list[Line] = field(default_factory=list[Line])
    """By step; after a change also those that it had more before."""
    staff: int = 0
    """How many agents are there for any step, each counted once."""
    is_open: bool = False
    """Whether somebody is there for any step, as far as is renewed."""
    open_steps: tuple[bool, ...] | None = None
    stands_at: tuple[int, ...] = ()
    """For each step whose time it is, the step at which a contact then stands."""
    step_ends: tuple[Millis, ...] = ()
    """After how much waiting each step is over, but for those that never are."""
    here: int = 0
    """Contacts in this queue, with an agent or not."""
    held: int = 0
    """Those of them that have not met an agent."""
    ranking: Ranking | None = None

    def set_rules(self, rules: Queue) -> None:
        """These are its rules from now on; which steps are open is to be found out anew."""
        self.rules = rules
        for number in range(len(self.lines), len(rules.steps)):
            self.lines.append(Line(rules.id, number))
        ends: list[Millis] = []
        for step in rules.steps[:-1]:
            if step.for_ms is None:
                break
            ends.append((ends[-1] if ends else 0) + step.for_ms)
        self.step_ends = tuple(ends)
        self.set_open(None)

    def set_open(self, open_steps: tuple[bool, ...] | None) -> None:
        """Somebody is there for these steps and no others; None is not known, as for nobody."""
        self.open_steps = open_steps
        steps = range(len(self.rules.steps))
        is_open = open_steps or tuple(False for _ in steps)
        self.is_open = any(is_open)
        self.stands_at = tuple(_nearest_open(is_open, due) for due in steps)

    def waiting(self) -> list[ContactId]:
        """Who waits in its lines, first come first."""
        keys = (key for line in self.lines for key in line.live.values())
        return [contact for _, _, contact in sorted(keys)]

    def count_waiting(self) -> int:
        """How many wait in its lines."""
        return sum(len(line.live) for line in self.lines)


def _nearest_open(is_open: tuple[bool, ...], due: int) -> int:
    later = (step for step in range(due, len(is_open)) if is_open[step])
    earlier = (step for step in reversed(range(due)) if is_open[step])
    return next(later, next(earlier, due))


@dataclass(slots=True, eq=False)
class Profile:
    """All agents who have exactly these skills, and what they serve."""

    skills: ProfileId
    agents: int = 0
    """How many the site has."""
    staffed: int = 0
    """How many of them are there."""
    # Not a plain dict: where many were taken from its front, that is slow to find its first.
    idle: OrderedDict[AgentId, int] = field(default_factory=OrderedDict[AgentId, int])
    lines: list[Line] = field(default_factory=list[Line])
    rooms: list[Room] = field(default_factory=list[Room], repr=False)
    """Those that the lines are of, each once."""


class Profiles:
    """Which profile serves which step of which queue, and how many are there for it."""

    def __init__(self) -> None:
        self._rooms: dict[QueueId, Room] = {}
        self._profiles: dict[ProfileId, Profile] = {}

    def room(self, queue: QueueId) -> Room | None:
        """The queue of this id, as it is now."""
        return self._rooms.get(queue)

    def rooms(self) -> list[Room]:
        """All queues, the one that changed last at the end."""
        return list(self._rooms.values())

    def serve(self, room: Room, rules: Queue) -> None:
        """Know this queue from now on, or know what is new of it."""
        self.abandon(room)
        self._rooms[rules.id] = room
        room.set_rules(rules)
        for profile in self._profiles.values():
            self._join(profile, room)

    def abandon(self, room: Room) -> None:
        """Nobody serves this queue any more; who still stands in its lines stays there."""
        if self._rooms.pop(room.rules.id, None) is None:
            return
        room.staff = 0
        room.set_open(None)
        for line in room.lines:
            line.serving.clear()
        for profile in self._profiles.values():
            if room in profile.rooms:
                profile.rooms.remove(room)
                profile.lines[:] = [each for each in profile.lines if each not in room.lines]

    def join(self, skills: Mapping[Skill, int]) -> Profile:
        """The profile of one more agent, who has these skills."""
        identity = profile_of(skills)
        profile = self._profiles.get(identity)
        if profile is None:
            profile = self._profiles[identity] = Profile(identity)
            for room in self._rooms.values():
                self._join(profile, room)
        profile.agents += 1
        return profile

    def leave(self, profile: Profile) -> None:
        """An agent has these skills no longer; a profile without agents is forgotten."""
        profile.agents -= 1
        if profile.agents:
            return
        for line in profile.lines:
            line.serving.remove(profile)
        del self._profiles[profile.skills]

    def count(self, profile: Profile, more: int) -> None:
        """So many more (or, below zero, fewer) agents of this profile are there."""
        profile.staffed += more
        for room in profile.rooms:
            room.staff += more

    def idle_in_order(self) -> list[AgentId]:
        """All idle agents, longest idle first."""
        held = [
            (since, agent)
            for profile in self._profiles.values()
            for agent, since in profile.idle.items()
        ]
        return [agent for _, agent in sorted(held)]

    def _join(self, profile: Profile, room: Room) -> None:
        skills = dict(profile.skills)
        # A queue may have had more steps before: those lines are served no longer.
        both = zip(room.lines, room.rules.steps, strict=False)
        met = [line for line, step in both if step.requirement.met_by(skills)]
        for line in met:
            line.serving.append(profile)
        if met:
            profile.lines += met
            profile.rooms.append(room)
            room.staff += profile.staffed


def longest_idle(profiles: Iterable[Profile]) -> Iterator[AgentId]:
    """The idle agents of these profiles, longest idle first."""
    orders = (
        ((since, agent) for agent, since in profile.idle.items())
        for profile in profiles
        if profile.idle
    )
    for _, agent in heapq.merge(*orders):
        yield agent
