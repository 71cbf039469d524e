"""How contacts and agents find each other, as an author says it: of one queue, and of all together.

The words are those of the files; what they come to is the router's.
"""

from dataclasses import dataclass
from enum import Enum

CLASS_FIRST, CLASS_LAST, CLASS_USUAL = 0, 9, 5
"""Classes of contacts, from the one that is served first to the last; the usual has room about."""


class QueueChannel(Enum):
    """By what the contacts of a queue talk; the words under ``channel:``."""

    VOICE = "voice"
    CHAT = "chat"


class LevelFirst(Enum):
    """Who of those who suffice comes first, by level; the words under ``agents: {level:}``."""

    ANY = "any"
    LOWEST = "lowest"
    HIGHEST = "highest"


class AgentFirst(Enum):
    """Who comes first of agents of the same standing; the words under ``agents: {first:}``."""

    LONGEST_IDLE = "longest_idle"
    FEWEST_TODAY = "fewest_today"
    LEAST_OCCUPIED = "least_occupied"


class ContactFirst(Enum):
    """Whose turn it is when an agent frees; the words under ``routing: {contacts:}``."""

    OLDEST = "oldest"
    FAIR = "fair"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class AgentsOrder:
    """In which order a queue asks idle agents."""

    level: LevelFirst = LevelFirst.ANY
    first: AgentFirst = AgentFirst.LONGEST_IDLE


@dataclass(frozen=True, slots=True)
class RoutingRules:
    """What holds for all queues together.

    ``waiting`` is how many contacts may wait in all of them, None without a bound. Each class
    of ``admission`` has the percentage of it from which its contacts are let in no more.
    """

    contacts: ContactFirst = ContactFirst.OLDEST
    waiting: int | None = None
    admission: tuple[tuple[int, int], ...] = ()
