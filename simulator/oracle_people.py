"""The naive half of the oracle that knows agents and devices: lists, each searched from the front.

Written from ``docs/agents.md`` and the design alone, as a second opinion: whoever changes a rule
changes it here too, in other words.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from router.events import PresenceRequested
from router.model import (
    Agent,
    AgentId,
    DeviceId,
    OfferId,
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
class Person:
    """One agent: what she says, where she sits, what is in her hands."""

    agent: Agent
    presence: Presence = Presence.SIGNED_OUT
    reason: str | None = None
    device: DeviceId | None = None
    paused_by_router: bool = False
    misses: int = 0
    resting: bool = False
    wrapping: bool = False
    offer: OfferId | None = None
    has_left_the_site: bool = False


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

    def may_ring(self, person: Person) -> bool:
        """There, with nothing in her hands, and nothing going on at her phone."""
        busy = person.resting or person.wrapping or person.offer is not None
        phones = [device for device, _ in [*self.own_calls, *self.in_use]]
        return self.is_there(person) and not busy and person.device not in phones

    def has_own_call(self, device: DeviceId) -> bool:
        """Whether the phone is in a call of its own."""
        return any(each == device for each, _ in self.own_calls)

    def who_serves(self, requirement: Requirement) -> list[Person]:
        """Everybody there who meets it."""
        return [
            each
            for each in self.everybody
            if self.is_there(each) and meets(requirement, each.agent.skills)
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

    def meant_by(self, said: PresenceRequested) -> Person | None:
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
            nobody = PresenceAnswer.NOBODY_HERE
            return nobody if said.agent is None else PresenceAnswer.UNKNOWN_AGENT
        if said.change is PresenceChange.SIGN_IN:
            return self._verdict_on_sign_in(person, said.device)
        if person.presence is Presence.SIGNED_OUT:
            return PresenceAnswer.NOT_SIGNED_IN
        on_own_break = person.presence is Presence.ON_BREAK and not person.paused_by_router
        is_so = {
            PresenceChange.PAUSE: on_own_break and person.reason == said.reason,
            PresenceChange.RESUME: person.presence is Presence.AVAILABLE,
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


def meets(requirement: Requirement, skills: Mapping[Skill, int]) -> bool:
    """Whether these skills meet one alternative, each skill at its level or above."""
    for alternative in requirement.alternatives:
        for skill, least in alternative.items():
            if skills.get(skill, 0) < least:
                break
        else:
            return True
    return False
