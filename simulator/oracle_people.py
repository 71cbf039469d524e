"""The naive half of the oracle that knows agents and devices: lists, each searched from the front.

Written from ``docs/agents.md`` and the design alone, as a second opinion: whoever changes a rule
changes it here too, in other words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.events import PresenceRequested, WrapUpRequested
from router.model import (
    Agent,
    AgentId,
    Channel,
    DeviceId,
    Millis,
    OfferId,
    Origin,
    OwnCallId,
    Presence,
    PresenceAnswer,
    PresenceChange,
    Requirement,
    Skill,
)

OWN_CALLS_MAX = 16
"""Own calls that one device is remembered to be in; one more is not."""


@dataclass(slots=True, eq=False)
class Hand:
    """One contact in somebody's hands: it rings, they talk, or its work is being finished."""

    person: "Person"
    offer: OfferId
    channel: Channel
    talks: bool = False
    wraps: bool = False
    begun: Millis = 0
    """When its wrap-up began."""
    ends: Millis = 0
    by_ms: Millis = 0
    """How much longer one extension makes it, and how long it is at most."""
    most_ms: Millis = 0


@dataclass(slots=True)
class Day:
    """What somebody did today."""

    accepted: int = 0
    busy_ms: Millis = 0
    idle_ms: Millis = 0
    busy_since: Millis | None = None
    idle_since: Millis | None = None

    @property
    def permille(self) -> int:
        """How much of her time she was busy, but for what still runs."""
        both = self.busy_ms + self.idle_ms
        return 1000 * self.busy_ms // both if both else 0


@dataclass(slots=True, eq=False)
class Person:
    """One agent: what she says, where she sits, what is in her hands."""

    agent: Agent
    presence: Presence = Presence.SIGNED_OUT
    reason: str | None = None
    device: DeviceId | None = None
    paused_by_router: bool = False
    pausing: tuple[str | None, Origin] | None = None
    """She will be on a break as soon as her hands are empty: why, and who said so."""
    misses: int = 0
    resting: bool = False
    hands: list[Hand] = field(default_factory=list[Hand])
    has_left_the_site: bool = False
    day: Day = field(default_factory=Day)

    @property
    def keeps_a_contact(self) -> bool:
        """Whether somebody rings for her or talks to her."""
        return any(not each.wraps for each in self.hands)


@dataclass(slots=True, eq=False)
class Standing:
    """Somebody idle for one channel, with her day as it was when she became so."""

    person: Person
    channel: Channel
    accepted: int
    permille: int


class People:
    """Everybody of the site, in no order that matters, and what their phones do."""

    def __init__(self) -> None:
        self.everybody: list[Person] = []
        self.reachable: list[tuple[DeviceId, bool]] = []
        self.own_calls: list[tuple[DeviceId, OwnCallId]] = []
        self.in_use: list[tuple[DeviceId, OfferId]] = []

    def named(self, agent: AgentId) -> Person | None:
        """Who has this name, even if she is about to leave."""
        return next((each for each in self.everybody if each.agent.id == agent), None)

    def of_the_site(self, agent: AgentId) -> Person | None:
        """Who has this name in the site."""
        person = self.named(agent)
        return None if person is None or person.has_left_the_site else person

    def at(self, device: DeviceId) -> Person | None:
        """Who sits there."""
        return next((each for each in self.everybody if each.device == device), None)

    def owner_of(self, device: DeviceId) -> Person | None:
        """Whose fixed seat it is; of two, whose name is first."""
        owners = [
            each
            for each in self.everybody
            if each.agent.seat == device and not each.has_left_the_site
        ]
        return min(owners, key=lambda each: each.agent.id, default=None)

    def is_there(self, person: Person) -> bool:
        """Available, at a device that can be reached."""
        return person.presence is Presence.AVAILABLE and (person.device, True) in self.reachable

    def may_ring(self, person: Person, channel: Channel) -> bool:
        """There, with room in her hands, and for a call with nothing going on at her phone."""
        if not self.is_there(person) or person.resting or person.pausing is not None:
            return False
        if channel is Channel.CHAT:
            calls = [each for each in person.hands if each.channel is Channel.VOICE]
            return not calls and len(person.hands) < person.agent.chats_max
        phones = [device for device, _ in [*self.own_calls, *self.in_use]]
        return not person.hands and person.device not in phones

    def has_own_call(self, device: DeviceId) -> bool:
        """Whether the phone is in a call of its own."""
        return any(each == device for each, _ in self.own_calls)

    def is_there_for(self, person: Person, channel: Channel) -> bool:
        """The same, and she is somebody who talks by this channel at all."""
        talks_so = channel is Channel.VOICE or may_chat(person.agent)
        return talks_so and self.is_there(person)

    def who_serves(self, requirement: Requirement, channel: Channel) -> list[Person]:
        """Everybody there for this channel who meets it."""
        return [
            each
            for each in self.everybody
            if self.is_there_for(each, channel) and meets(requirement, each.agent.skills)
        ]

    # What devices tell: whether it was news

    def note_reachable(self, device: DeviceId, *, reachable: bool) -> bool:
        """The phone registered, or is away."""
        if (device, reachable) in self.reachable:
            return False
        self.reachable = [each for each in self.reachable if each[0] != device]
        self.reachable.append((device, reachable))
        return True

    def note_own_call(self, device: DeviceId, call: OwnCallId) -> bool:
        """The phone makes a call of its own."""
        many = sum(each == device for each, _ in self.own_calls)
        if (device, call) in self.own_calls or many >= OWN_CALLS_MAX:
            return False
        self.own_calls.append((device, call))
        return True

    def note_own_call_over(self, device: DeviceId, call: OwnCallId) -> bool:
        """Such a call is over."""
        if (device, call) not in self.own_calls:
            return False
        self.own_calls.remove((device, call))
        return True

    # What somebody says

    def meant_by(self, said: PresenceRequested | WrapUpRequested) -> Person | None:
        """Who is named; else who sits at the device or, for a sign-in, has her seat there."""
        if said.agent is not None:
            return self.of_the_site(said.agent)
        if said.device is None:
            return None
        if said.change is PresenceChange.SIGN_IN:
            return self.owner_of(said.device)
        return self.at(said.device)

    def verdict(self, person: Person | None, said: PresenceRequested) -> PresenceAnswer:
        """What comes of it."""
        if person is None:
            return nobody_meant(said)
        if said.change is PresenceChange.SIGN_IN:
            return self._verdict_on_sign_in(person, said.device)
        if person.presence is Presence.SIGNED_OUT:
            return PresenceAnswer.NOT_SIGNED_IN
        on_own_break = person.presence is Presence.ON_BREAK and not person.paused_by_router
        pauses_so = on_own_break and person.reason == said.reason
        if puts_it_off(person, said):
            pauses_so = person.pausing is not None and person.pausing[0] == said.reason
        is_so = {
            PresenceChange.PAUSE: pauses_so,
            PresenceChange.RESUME: person.presence is Presence.AVAILABLE and not person.pausing,
        }
        return PresenceAnswer.ALREADY if is_so.get(said.change) else PresenceAnswer.DONE

    def _verdict_on_sign_in(self, person: Person, device: DeviceId | None) -> PresenceAnswer:
        where = device or person.agent.seat
        if where is None:
            return PresenceAnswer.NO_DEVICE
        if person.agent.seat is not None and person.agent.seat != where:
            return PresenceAnswer.NOT_HER_SEAT
        if self.owner_of(where) not in (None, person):
            return PresenceAnswer.SEAT_OF_ANOTHER
        if person.presence is Presence.AVAILABLE and person.device == where:
            return PresenceAnswer.ALREADY
        return PresenceAnswer.DONE


def nobody_meant(said: PresenceRequested | WrapUpRequested) -> PresenceAnswer:
    """What is said where nobody is meant."""
    nobody = PresenceAnswer.NOBODY_HERE
    return nobody if said.agent is None else PresenceAnswer.UNKNOWN_AGENT


def puts_it_off(person: Person, said: PresenceRequested) -> bool:
    """Whether this pause begins when her hands are empty, and they are not."""
    is_pause = said.change is PresenceChange.PAUSE and said.after_contact
    return is_pause and person.presence is Presence.AVAILABLE and person.hands != []


def may_chat(agent: Agent) -> bool:
    """Whether the site lets her have any chats."""
    return agent.chats_max >= 1


def are_alike(one: Agent, other: Agent) -> bool:
    """Whether these can do the same: they know the same, and both chat or neither does."""
    return one.skills == other.skills and may_chat(one) is may_chat(other)


def meets(requirement: Requirement, skills: Mapping[Skill, int]) -> bool:
    """Whether these skills meet one alternative, each skill at its level or above."""
    for alternative in requirement.alternatives:
        for skill, least in alternative.items():
            if skills.get(skill, 0) < least:
                break
        else:
            return True
    return False


def grade(requirement: Requirement, skills: Mapping[Skill, int]) -> int:
    """By how much these skills exceed the alternative that they exceed least."""
    sums: list[int] = []
    for alternative in requirement.alternatives:
        if meets(Requirement((alternative,)), skills):
            sums.append(sum(skills.get(skill, 0) - least for skill, least in alternative.items()))
    return min(sums)
