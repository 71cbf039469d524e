"""The router's values: ids, agents, queues, requirements. All frozen; no behaviour but order.

Every id that an author chooses is *qualified*: ``<tenant>:<name>``, so that a second tenant can
never be mixed up with the first. A queue's name is ``<hotline>/<queue>`` or ``shared/<queue>``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NewType

Millis = int
"""Engine time in whole milliseconds since the journal's origin; never wall-clock time."""

ContactId = NewType("ContactId", str)
AgentId = NewType("AgentId", str)
DeviceId = NewType("DeviceId", str)
QueueId = NewType("QueueId", str)
OfferId = NewType("OfferId", str)
Skill = NewType("Skill", str)
RequestId = NewType("RequestId", str)
"""Names a question whose answer comes back as an effect; drawn by whoever asks."""
OwnCallId = NewType("OwnCallId", str)
"""Names a call that an agent's device makes by itself, whoever is at the other end."""

DEFAULT_TENANT = "main"

CLASS_DEFAULT = 5
"""The contact class of a queue that says none: there is room on both sides of it."""

PREFERRED_STEP = -1
"""Where a contact stands that waits for its preferred agent alone: before the first step."""


def qualified(name: str, *, tenant: str = DEFAULT_TENANT) -> str:
    """The id of an author's name within its tenant."""
    return f"{tenant}:{name}"


def as_qualified(name: str) -> str:
    """The id that people mean by a name, whether they wrote it with its tenant or without."""
    return name if ":" in name else qualified(name)


def local_name(identifier: str) -> str:
    """The author's name of a qualified id, for texts that people read."""
    return identifier.partition(":")[2] or identifier


class Presence(Enum):
    """What an agent says of herself; whether her device can be reached is kept apart."""

    SIGNED_OUT = "signed_out"
    AVAILABLE = "available"
    ON_BREAK = "on_break"


class PresenceChange(Enum):
    """What an agent can say of herself, or somebody for her."""

    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    PAUSE = "pause"
    RESUME = "resume"


class WrapUpChange(Enum):
    """What an agent can say of her wrap-up."""

    END = "end"
    EXTEND = "extend"


class PresenceAnswer(Enum):
    """What came of a change of presence that was asked for."""

    DONE = "done"
    ALREADY = "already"
    """It was so before; nothing changed."""
    UNKNOWN_AGENT = "unknown_agent"
    """The site has no agent of this name."""
    NOBODY_HERE = "nobody_here"
    """The device alone was named, and nobody sits there or has her seat there."""
    NOT_SIGNED_IN = "not_signed_in"
    """A pause, its end or a sign-out of somebody who is signed out."""
    NO_DEVICE = "no_device"
    """An agent of free seating must say where she sits."""
    NOT_HER_SEAT = "not_her_seat"
    """She has a fixed seat, and it is another one."""
    SEAT_OF_ANOTHER = "seat_of_another"
    """The device is somebody else's fixed seat."""
    NOT_IN_WRAP_UP = "not_in_wrap_up"
    """There is no after-contact work to end or to extend."""
    WRAP_UP_AT_MOST = "wrap_up_at_most"
    """Her wrap-up lasts as long as it may already."""


class Origin(Enum):
    """By which way a change of presence came."""

    PHONE = "phone"
    """A feature code, dialled on the device."""
    COMMAND = "command"
    """The command line, by whoever runs the centre."""
    ROUTER = "router"
    """The router itself: offers were missed, or the break that followed is over."""
    SITE = "site"
    """The site changed: the agent is no longer in it, or her seat is another one."""


class OverflowCause(Enum):
    """Why a queue gave a contact up."""

    NO_AGENTS = "no_agents"
    TIMED_OUT = "timed_out"
    FULL = "full"
    EXPECTED_WAIT = "expected_wait"
    """It would have to wait longer than the queue lets anybody expect to."""
    OVERLOAD = "overload"
    """The whole pool holds so many that contacts of this class are let in no more."""
    CRISIS = "crisis"
    """The queue was switched off for a crisis, with no other queue to go to."""


class Channel(Enum):
    """By what a contact and an agent talk. Voice fills an agent's hands; chats share them."""

    VOICE = "voice"
    CHAT = "chat"


class LevelOrder(Enum):
    """Which of several idle agents a queue prefers by how far they exceed what is required."""

    ANY = "any"
    LOWEST = "lowest"
    """Who only just suffices: scarce experts are spared for those who need them."""
    HIGHEST = "highest"


class AgentOrder(Enum):
    """Which of several idle agents of the same standing comes first."""

    LONGEST_IDLE = "longest_idle"
    FEWEST_TODAY = "fewest_today"
    LEAST_OCCUPIED = "least_occupied"

    # An enum's own hash is that of its name, made anew in Python each time; decisions look up the
    # order of each profile. The members are single, so their identity does as well.
    __hash__ = object.__hash__


class ContactOrder(Enum):
    """Whose turn it is when an agent frees whom several queues wait for."""

    OLDEST = "oldest"
    """Who waits longest, priority counted as waiting."""
    FAIR = "fair"
    """The queue that had the least of its share."""
    RATIO = "ratio"
    """The queue that is longest against its share of all who wait (queue-and-idleness ratio)."""


class OfferFailure(Enum):
    """How an offer ended without a conversation."""

    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    DROPPED = "dropped"
    """Her phone answered, and was gone before a conversation could begin."""


class RescindReason(Enum):
    """Why the router took an offer back."""

    TIMED_OUT = "timed_out"
    CONTACT_LEFT = "contact_left"
    AGENT_GONE = "agent_gone"
    QUEUE_RETIRED = "queue_retired"


def meets(skills: Mapping[Skill, int], levels: Mapping[Skill, int]) -> bool:
    """Whether these skills are all at these levels, or above."""
    return all(skills.get(skill, 0) >= level for skill, level in levels.items())


@dataclass(frozen=True, slots=True)
class Requirement:
    """Who may take a contact: whoever meets one alternative, each skill at its lowest level."""

    alternatives: tuple[Mapping[Skill, int], ...]

    def met_by(self, skills: Mapping[Skill, int]) -> bool:
        """Whether somebody with these skills may take the contact."""
        return any(meets(skills, levels) for levels in self.alternatives)


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes contacts: her skills with their levels.

    ``seat`` is the device of her fixed seat; None where seating is free.
    """

    id: AgentId
    skills: Mapping[Skill, int]
    seat: DeviceId | None = None
    chats_max: int = 0
    """Chats at once in her hands, while no call is."""


@dataclass(frozen=True, slots=True)
class Step:
    """A timed stage of waiting: who may take the contact, and how long till the next stage.

    Steps are timed from a contact's entry. The last one lasts whatever ``for_ms`` says.
    """

    requirement: Requirement
    for_ms: Millis | None = None


@dataclass(frozen=True, slots=True)
class WaitingLimit:
    """How many contacts may wait in a queue; None is no bound.

    For whom a phone rings does not wait, and who finds an agent at once is let in whatever the
    bound. So after rings that came to nothing more may wait than this, by at most one for each
    agent.
    """

    absolute: int | None = None
    per_agent: int | None = None

    def allows(self, waiting: int, *, staff: int) -> bool:
        """Whether one more may join those ``waiting``, with so many agents there to serve them."""
        # Asked for each arrival: two comparisons cost less than to work out the bound.
        fits = self.absolute is None or waiting < self.absolute
        return fits and (self.per_agent is None or waiting < self.per_agent * max(1, staff))

    def bound(self, *, staff: int) -> int | None:
        """How many may wait with so many agents there, the smaller bound of two; None is no bound.

        Where nobody serves any step, who is waited for by name counts as one.
        """
        if self.per_agent is None:
            return self.absolute
        by_agents = self.per_agent * max(1, staff)
        return by_agents if self.absolute is None else min(self.absolute, by_agents)


@dataclass(frozen=True, slots=True)
class Queue:
    """Waiting contacts with their steps, and the bounds of their waiting.

    ``misses_max`` offers missed one after another, and an agent is taken for absent. Every
    ``announce_every_ms`` of its wait a contact is told its position; None is never; with
    ``announce_expected`` also how long it may yet take.

    ``contact_class`` is strict: a smaller one is served first, and let in longer. ``share`` is the
    queue's weight among others, for the contact orders that know shares. ``wrap_up_ms_max`` is how
    long a wrap-up may be made by extending it; None is ``wrap_up_ms``, which is then all.
    """

    id: QueueId
    steps: tuple[Step, ...]
    ring_ms_max: Millis
    wait_ms_max: Millis
    wrap_up_ms: Millis
    misses_max: int
    waiting: WaitingLimit | None = None
    announce_every_ms: Millis | None = None
    channel: Channel = Channel.VOICE
    levels: LevelOrder = LevelOrder.ANY
    agents: AgentOrder = AgentOrder.LONGEST_IDLE
    contact_class: int = CLASS_DEFAULT
    share: int = 1
    expected_wait_ms_max: Millis | None = None
    announce_expected: bool = False
    wrap_up_ms_max: Millis | None = None


@dataclass(frozen=True, slots=True)
class Routing:
    """What holds for the whole pool.

    ``waiting_max`` contacts may wait in all queues together; None is no bound. Who would have to
    wait is let in while they are fewer than its contact class's percentage of that, ``admitted``,
    100 where it has none.
    """

    contacts: ContactOrder = ContactOrder.OLDEST
    waiting_max: int | None = None
    admitted: Mapping[int, int] = field(default_factory=dict[int, int])


@dataclass(frozen=True, slots=True)
class Crisis:
    """Nobody waits in a queue for now: all go ``to`` another, or are given back if None."""

    to: QueueId | None


@dataclass(frozen=True, slots=True)
class PresenceRecord:
    """One change of an agent's presence, for the audit: who became what, why, and by which way.

    ``key`` is used once; ``device`` is where she sits now, or sat till now.
    """

    key: str
    agent: AgentId
    presence: Presence
    reason: str | None
    device: DeviceId | None
    origin: Origin
    at: Millis
