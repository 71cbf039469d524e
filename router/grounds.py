"""What is weighed in a decision about a contact, as plain values: agents, steps, rival contacts.

What is decided with them is in ``explain``. Times that end in ``_at`` are engine time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from router.model import AgentId, ContactId, Millis, QueueId, Requirement, Skill


class Exclusion(Enum):
    """The rule by which an agent was no candidate; the first that holds, in this order."""

    LEVEL = "level"
    """She lacks a skill of the step, or has too little of it."""
    NO_CHATS = "no_chats"
    """She takes calls only."""
    RETIRED = "retired"
    """She is in the site no longer."""
    SIGNED_OUT = "signed_out"
    ON_BREAK = "on_break"
    UNREACHABLE = "unreachable"
    """Her phone cannot be reached."""
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    RESTING = "resting"
    """Just after an offer that came to nothing."""
    CHATTING = "chatting"
    """She chats, and a call needs her hands empty."""
    PAUSING = "pausing"
    """She asked for a pause after what is in her hands."""
    CHATS_FULL = "chats_full"
    """She has as many chats as she may."""
    OWN_CALL = "own_call"
    PHONE_IN_USE = "phone_in_use"
    """Another agent's conversation still goes on at the phone that she took over."""
    JUST_FREED = "just_freed"
    """She becomes free in this very moment: who was idle before comes first."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A skill of which an agent has too little."""

    skill: Skill
    has: int
    needs: int


@dataclass(frozen=True, slots=True)
class Excluded:
    """An agent who was no candidate, and by which rule.

    ``reason`` is that of a break, ``contact`` what she has in her hands, ``lacks`` the alternative
    of the requirement that she comes nearest to.
    """

    agent: AgentId
    rule: Exclusion
    reason: str | None = None
    contact: ContactId | None = None
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """An idle agent who could have been chosen, with all that ranks her.

    ``grade`` is how far her levels exceed what is asked, ``levels`` are hers of the skills asked.
    """

    agent: AgentId
    levels: Mapping[Skill, int]
    missed_before: bool = False
    grade: int = 0
    imbalance: int | None = None
    chats: int = 0
    accepted_today: int | None = None
    occupancy_permille: int | None = None
    idle_since_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contact stands in its queue; ``step`` counts from 0, -1 is its preferred agent alone.

    ``skipped`` are the steps passed over as nobody is there for them; ``staffed`` how many agents
    are there for this one, busy or not. At ``ends_at`` the time of another step begins; None is
    never.
    """

    queue: QueueId
    step: int
    requirement: Requirement | None
    preferred: AgentId | None = None
    skipped: tuple[Requirement, ...] = ()
    staffed: int = 0
    ends_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Competitor:
    """A contact that was first in its line, with all that ranks it when an agent frees.

    ``waiting_ms`` is its wait so far, with what it waited elsewhere and what its priority is worth.
    ``passed`` is how far its queue has come under the order ``fair``.
    """

    contact: ContactId
    queue: QueueId
    step: int
    contact_class: int
    waiting_ms: Millis
    arrival: int
    share: int = 1
    passed: int | None = None
    imbalance: int | None = None
