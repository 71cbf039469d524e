"""Who is idle for what, and who waits for whom: the indexes, and nothing that decides.

Agents of equal skills share a *profile*, those who may have chats another one than those who may
not. A step of a queue is a *line*: the profiles that meet its requirement, of a queue of chats only
those with chats, are known before any contact comes, and each profile knows its lines. Idle agents
of a profile stand in the order in which they became idle; contacts in a line stand in the order of
their key, ``entered - priority``, which does not change with time, so that waiting longer needs no
re-sorting. A decision then looks at the heads of a few orders, however many agents or contacts
there are.

Profiles and lines are objects that know each other, as every decision goes from one to the other:
to look each up by its skills, or by its queue and number, took half of the time of a decision.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from router.chat_order import ChatOrder, Free
from router.day import Day
from router.expecting import Pace
from router.idle_order import MEASURES, IdleKey, IdleOrder
from router.line_order import (
    PROFILES_SCANNED_MAX,
    SIGNS,
    LineOrder,
    keep_order,
    leave,
    order_anew,
    stand,
)  # fmt: skip
from router.model import (
    Agent,
    AgentId,
    AgentOrder,
    Channel,
    ContactId,
    Crisis,
    LevelOrder,
    Millis,
    Queue,
    QueueId,
    Requirement,
    Skill,
    meets,
)
from router.ranking import Ranking, WaitingKey
from router.skill_index import SkillIndex, marks_of

ProfileId = tuple[tuple[Skill, int], ...]
"""Skills with their levels, independent of the order of writing."""


def profile_of(skills: Mapping[Skill, int]) -> ProfileId:
    """What tells the profile of agents of these skills from all others."""
    return tuple(sorted(skills.items()))


def grade_of(skills: Mapping[Skill, int], required: Requirement) -> int | None:
    """By how many levels these skills exceed the alternative they meet most narrowly; None if they
    meet none."""
    met = (each for each in required.alternatives if meets(skills, each))
    over = (sum(skills.get(skill, 0) - level for skill, level in each.items()) for each in met)
    return min(over, default=None)


OpenSteps = tuple[bool, ...]
"""For each step of a queue, whether somebody is there for it."""


@dataclass(slots=True, eq=False)
class Line:
    """One step of a queue: who waits at it, whose turn it is first, and which profiles serve it."""

    queue: QueueId
    step: int
    waiting: Ranking[WaitingKey] = field(default_factory=Ranking[WaitingKey])
    serving: list["Profile"] = field(default_factory=list["Profile"], repr=False)
    order: LineOrder | None = field(default=None, repr=False)
    """All who are idle for it, if many profiles serve it."""
    sign: int = SIGNS[LevelOrder.ANY]
    agents: AgentOrder = AgentOrder.LONGEST_IDLE
    channel: Channel = Channel.VOICE
    is_plain: bool = True
    """Whether of those who serve it simply the longest idle comes first."""
    grades: dict["Profile", int] = field(default_factory=dict["Profile", int], repr=False)
    """By how much each serving profile exceeds what is required here."""
    staffed: int = 0
    """How many agents of these profiles are there."""

    def set_order(self, rules: Queue) -> None:
        """Let agents be chosen for it as these rules say."""
        self.sign = SIGNS[rules.levels]
        self.agents, self.channel = rules.agents, rules.channel
        longest_idle = rules.agents is AgentOrder.LONGEST_IDLE and rules.channel is Channel.VOICE
        self.is_plain = longest_idle and rules.levels is LevelOrder.ANY


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
    open_steps: OpenSteps | None = None
    stands_at: tuple[int, ...] = ()
    """For each step whose time it is, the step at which a contact then stands."""
    step_ends: tuple[Millis, ...] = ()
    """After how much waiting each step is over, but for those that never are."""
    here: int = 0
    """Contacts in this queue, with an agent or not."""
    held: int = 0
    """Those of them that have not met an agent."""
    waits: int = 0
    """Those of these whom nobody's phone rings for."""
    pace: Pace = field(default_factory=Pace)
    crisis: Crisis | None = None
    displaced: dict[ContactId, None] = field(default_factory=dict[ContactId, None])
    """Who waits at another step than the time has come to, as nobody is there for that one."""
    aside: Ranking[WaitingKey] = field(default_factory=Ranking[WaitingKey])
    """Those who wait for one agent alone, in a line that is hers."""
    tag: int = 0
    """How far the queue was served, where queues share fairly; else nothing."""

    def set_rules(self, rules: Queue) -> None:
        """These are its rules from now on; which steps are open is to be found out anew."""
        self.rules = rules
        for number in range(len(self.lines), len(rules.steps)):
            self.lines.append(Line(rules.id, number))
        for line in self.lines:
            line.set_order(rules)
        ends: list[Millis] = []
        for step in rules.steps[:-1]:
            if step.for_ms is None:
                break
            ends.append((ends[-1] if ends else 0) + step.for_ms)
        self.step_ends = tuple(ends)
        self.set_open(None)

    def set_open(self, open_steps: OpenSteps | None) -> None:
        """Somebody is there for these steps and no others; None is not known, as for nobody."""
        self.open_steps = open_steps
        steps = range(len(self.rules.steps))
        is_open = open_steps or tuple(False for _ in steps)
        self.is_open = any(is_open)
        self.stands_at = tuple(_nearest_open(is_open, due) for due in steps)

    def is_served_by(self, profile: "Profile") -> bool:
        """Whether these agents meet what any of its steps requires, there or not."""
        return any(profile in line.grades for line in self.lines)

    def before(self, key: WaitingKey) -> int:
        """How many who wait in the queue, at whatever step, have their turn before this."""
        ahead = 0 if self.aside.first is None else self.aside.before(key)
        for line in self.lines:
            if line.waiting.first is not None:
                ahead += line.waiting.before(key)
        return ahead


def _nearest_open(is_open: tuple[bool, ...], due: int) -> int:
    later = (step for step in range(due, len(is_open)) if is_open[step])
    earlier = (step for step in reversed(range(due)) if is_open[step])
    return next(later, next(earlier, due))


@dataclass(slots=True, eq=False)
class Profile:
    """All agents who have exactly these skills, with chats or without, and what they serve."""

    skills: ProfileId
    takes_chats: bool = False
    agents: int = 0
    """How many the site has."""
    staffed: int = 0
    """How many of them are there."""
    # Not a plain dict: where many were taken from its front, that is slow to find its first.
    idle: OrderedDict[AgentId, int] = field(default_factory=OrderedDict[AgentId, int])
    chats: ChatOrder = field(default_factory=ChatOrder)
    """Those of them who have room for a chat."""
    lines: list[Line] = field(default_factory=list[Line])
    call_lines: list[Line] = field(default_factory=list[Line])
    """Those of them where calls wait, and chats: for who can take the one or the other only."""
    chat_lines: list[Line] = field(default_factory=list[Line])
    wide_calls: list[Line] = field(default_factory=list[Line], repr=False)
    """Those of these that keep an order, as many profiles serve them."""
    wide_chats: list[Line] = field(default_factory=list[Line], repr=False)
    rooms: list[Room] = field(default_factory=list[Room], repr=False)
    """Those that the lines are of, each once."""
    orders: dict[AgentOrder, IdleOrder] = field(default_factory=dict[AgentOrder, IdleOrder])
    """The idle agents in the other orders that any of these queues asks for."""

    def is_of(self, agent: Agent) -> bool:
        """Whether this agent, as she is here, is one of them."""
        takes_chats = agent.chats_max > 0
        return takes_chats is self.takes_chats and profile_of(agent.skills) == self.skills

    def join(self, room: Room, lines: list[Line]) -> None:
        """They serve these lines of a queue that they did not serve till now."""
        self.rooms.append(room)
        self.lines += lines
        if room.rules.channel is Channel.CHAT:
            self.chat_lines += lines
        else:
            self.call_lines += lines
        self.wide_lines(room.rules.channel).extend(each for each in lines if each.order is not None)

    def leave(self, room: Room) -> None:
        """They serve no line of this queue any more."""
        self.rooms.remove(room)
        wide = self.wide_lines(room.rules.channel)
        for lines in (self.lines, self.call_lines, self.chat_lines, wide):
            lines[:] = [each for each in lines if each.queue != room.rules.id]

    def keep_orders(self, days: Mapping[AgentId, Day]) -> None:
        """Have the orders that are asked for, and no others."""
        for order, measure in MEASURES.items():
            if not any(room.rules.agents is order for room in self.rooms):
                self.orders.pop(order, None)
            elif order not in self.orders:
                ranked = self.orders[order] = IdleOrder(measure)
                for agent, since in self.idle.items():
                    ranked.add(agent, since, days[agent])

    def rank(self, agent: AgentId, day: Day) -> None:
        """She became idle: give her her place in each order that is asked for, and to lines."""
        for order in self.orders.values():
            order.add(agent, self.idle[agent], day)
        if self.wide_calls:
            stand(self, agent, self.wide_calls)

    def unrank(self, agent: AgentId) -> None:
        """She is idle no longer."""
        for order in self.orders.values():
            order.discard(agent)
        leave(agent, self.wide_calls)

    def first_idle(self, order: AgentOrder, those: Collection[AgentId]) -> IdleKey | None:
        """Who of her idle agents comes first in this order, but those."""
        ranked = self.orders.get(order)
        if ranked is not None:
            return ranked.first_but(those)
        held = self.idle.items()
        return next(((0, since, agent) for agent, since in held if agent not in those), None)

    def wide_lines(self, channel: Channel) -> list[Line]:
        """Those of its lines that keep an order."""
        return self.wide_chats if channel is Channel.CHAT else self.wide_calls


def _by_since(free: Free) -> int:
    return free.since


class Profiles:
    """Which profile serves which step of which queue, and how many are there for it."""

    def __init__(self, scanned_max: int = PROFILES_SCANNED_MAX) -> None:
        self._scanned_max = scanned_max
        self._rooms: dict[QueueId, Room] = {}
        self.room = self._rooms.get
        """The queue of this id, as it is now."""
        self._profiles: dict[tuple[ProfileId, bool], Profile] = {}
        # The same in the same order, found by skills.
        self._rooms_by: SkillIndex[Room] = SkillIndex()
        self._profiles_by: SkillIndex[Profile] = SkillIndex()
        self.days: dict[AgentId, Day] = {}
        """What each agent of the site did today."""
        self.staffed = 0
        """How many agents are there, of all profiles."""
        self.idle = 0
        """How many of them are idle."""
        self.free = 0
        """How many of them have room for a chat."""

    def rooms(self) -> list[Room]:
        """All queues, the one that changed last at the end."""
        return list(self._rooms.values())

    def all_rooms(self) -> Iterable[Room]:
        """All queues, to be looked at now."""
        return self._rooms.values()

    def start_day(self) -> None:
        """All days are new: rank anew who is idle by them."""
        for profile in self._profiles.values():
            profile.orders.clear()
            profile.keep_orders(self.days)
            profile.chats.start_day()
        for line in (line for room in self._rooms.values() for line in room.lines):
            if line.order is not None:
                order_anew(line)

    def serve(self, room: Room, rules: Queue) -> None:
        """Know this queue from now on, or know what is new of it."""
        self.abandon(room)
        self._rooms[rules.id] = room
        room.set_rules(rules)
        asked = [step.requirement for step in rules.steps]
        self._rooms_by.put(room, self._rooms_by.rarest_of(asked))
        for profile in self._profiles_by.found(self._profiles_by.rarest_of(asked)):
            self._join(profile, room)
            profile.keep_orders(self.days)
        for line in room.lines:
            keep_order(line, self._scanned_max)

    def abandon(self, room: Room) -> None:
        """Nobody serves this queue any more; who still stands in its lines stays there."""
        if self._rooms.pop(room.rules.id, None) is None:
            return
        self._rooms_by.drop(room)
        room.staff = 0
        room.set_open(None)
        served_by = dict.fromkeys(profile for line in room.lines for profile in line.serving)
        for line in room.lines:
            line.serving.clear()
            line.grades.clear()
            line.order = None
            line.staffed = 0
        for profile in served_by:
            profile.leave(room)
            profile.keep_orders(self.days)

    def join(self, skills: Mapping[Skill, int], *, takes_chats: bool = False) -> Profile:
        """The profile of one more agent, who has these skills."""
        identity = profile_of(skills), takes_chats
        profile = self._profiles.get(identity)
        if profile is None:
            profile = self._profiles[identity] = Profile(*identity)
            marks = marks_of(skills)
            self._profiles_by.put(profile, marks)
            for room in self._rooms_by.found(marks):
                self._join(profile, room)
            profile.keep_orders(self.days)
            for line in profile.lines:
                keep_order(line, self._scanned_max)
        profile.agents += 1
        return profile

    def leave(self, profile: Profile) -> None:
        """An agent is of this profile no longer; a profile without agents is forgotten."""
        profile.agents -= 1
        if profile.agents:
            return
        for line in profile.lines:
            line.serving.remove(profile)
            del line.grades[profile]
            keep_order(line, self._scanned_max)
        del self._profiles[profile.skills, profile.takes_chats]
        self._profiles_by.drop(profile)

    def count(self, profile: Profile, more: int) -> None:
        """So many more (or, below zero, fewer) agents of this profile are there."""
        profile.staffed += more
        self.staffed += more
        for room in profile.rooms:
            room.staff += more
        for line in profile.lines:
            line.staffed += more

    def idle_in_order(self) -> list[AgentId]:
        """All idle agents, longest idle first."""
        held = [
            (since, agent)
            for profile in self._profiles.values()
            for agent, since in profile.idle.items()
        ]
        return [agent for _, agent in sorted(held)]

    def free_in_order(self) -> list[Free]:
        """All agents with room for a chat, who stands so longest first."""
        held = (each for profile in self._profiles.values() for each in profile.chats)
        return sorted(held, key=_by_since)

    def _join(self, profile: Profile, room: Room) -> None:
        if room.rules.channel is Channel.CHAT and not profile.takes_chats:
            return
        skills = dict(profile.skills)
        # A queue may have had more steps before: those lines are served no longer.
        both = zip(room.lines, room.rules.steps, strict=False)
        met: list[Line] = []
        for line, step in both:
            grade = grade_of(skills, step.requirement)
            if grade is not None:
                line.serving.append(profile)
                line.grades[profile] = grade
                line.staffed += profile.staffed
                met.append(line)
        if met:
            profile.join(room, met)
            room.staff += profile.staffed
