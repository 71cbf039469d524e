"""Why a contact went where it went: each decision about it, with what decided, as plain values.

Each value holds the numbers of that very moment, so that nobody needs the state of then to read
it. Times that end in ``_at`` and ``at`` itself are engine time. What is weighed in them is in
``grounds``; who makes them, and when, in ``onlooker``; the words are the command line's.
"""

from dataclasses import dataclass
from enum import Enum

from router.grounds import Candidate, Competitor, Excluded, Standing
from router.model import (
    AgentId,
    AgentOrder,
    ContactId,
    ContactOrder,
    DeviceId,
    LevelOrder,
    Millis,
    OfferFailure,
    OfferId,
    Origin,
    OverflowCause,
    QueueId,
    RescindReason,
)


class Chooser(Enum):
    """Who chose: a contact among idle agents, or an agent who freed among waiting contacts."""

    CONTACT = "contact"
    AGENT = "agent"


class StandReason(Enum):
    """Why a contact stands at another step than before."""

    STEP_OVER = "step_over"
    """The time of the step before was over."""
    PREFERRED_OVER = "preferred_over"
    """Its preferred agent is waited for no longer."""
    STAFF = "staff"
    """Somebody came or went, so that other steps have anybody to serve them."""
    RULES = "rules"
    """The queue's steps are other ones now."""


class NoWay(Enum):
    """Why a contact does not come into another queue, by a crisis or because somebody asked."""

    LEFT_SITE = "left_site"
    """That queue is in the site no longer."""
    CRISIS = "crisis"
    """It is in a crisis itself."""
    CHANNEL = "channel"
    """It is of another channel."""
    NOBODY = "nobody"
    """Nobody is there for any of its steps."""


class Unchanged(Enum):
    """Why a change that somebody asked for changed nothing."""

    NOT_WAITING = "not_waiting"
    """The contact is with an agent, or one is rung for it."""
    SAME = "same"
    """It is in that queue, or has that priority, already."""
    NO_WAY = "no_way"
    """No way leads to that queue."""


class OfferEnd(Enum):
    """How an offer, or what came of it, ended without a conversation brought to its end."""

    TIMED_OUT = RescindReason.TIMED_OUT.value
    CONTACT_LEFT = RescindReason.CONTACT_LEFT.value
    AGENT_GONE = RescindReason.AGENT_GONE.value
    QUEUE_RETIRED = RescindReason.QUEUE_RETIRED.value
    DECLINED = OfferFailure.DECLINED.value
    UNREACHABLE = OfferFailure.UNREACHABLE.value
    FAILED = OfferFailure.FAILED.value
    DROPPED = OfferFailure.DROPPED.value


@dataclass(frozen=True, slots=True)
class LetIn:
    """The queue took the contact in, as its ``position``-th; ``waiting`` others wait there.

    ``asked`` is the queue that was asked for, where a crisis made another one of it. ``preferred``
    is its preferred agent and why she is not waited for, where she was not there.

    ``expected_ms`` comes of ``handling_ms``, what a contact takes of an agent's time, as it was
    ``measured_at`` last; None is guessed, as nothing was. Where it exceeds ``expected_ms_max`` and
    ``measures``, the contact is let in all the same, as its wait is the next measure.
    """

    contact: ContactId
    at: Millis
    queue: QueueId
    asked: QueueId
    position: int
    waiting: int
    waiting_max: int | None
    staff: int
    contact_class: int
    priority_ms: Millis
    waited_ms: Millis
    wait_ends_at: Millis
    expected_ms: Millis | None = None
    expected_ms_max: Millis | None = None
    handling_ms: Millis | None = None
    measured_at: Millis | None = None
    measures: bool = False
    preferred: Excluded | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The queue did not take the contact in; ``to`` is where a crisis would have sent it.

    That queue's are the limits that refused it and all numbers then, unless there is ``no_way`` to
    it. A queue that ``left_site`` takes nobody in, whoever is there.

    ``waiting`` others wait there, ``pool_waiting`` in all queues; nobody is idle for it where a
    limit refused it. Its expected wait is as in ``LetIn``.

    ``preferred`` is its preferred agent and why she is not waited for, where she was not there.
    """

    contact: ContactId
    at: Millis
    queue: QueueId
    cause: OverflowCause
    waiting: int = 0
    waiting_max: int | None = None
    staff: int = 0
    pool_waiting: int = 0
    pool_waiting_max: int | None = None
    contact_class: int = 0
    admitted_percent: int = 100
    position: int = 0
    expected_ms: Millis | None = None
    expected_ms_max: Millis | None = None
    handling_ms: Millis | None = None
    measured_at: Millis | None = None
    to: QueueId | None = None
    no_way: NoWay | None = None
    left_site: bool = False
    excluded: tuple[Excluded, ...] = ()
    left_out: int = 0
    preferred: Excluded | None = None


@dataclass(frozen=True, slots=True)
class Stood:
    """The contact stands at another step from now on, after ``since_ms`` at the one ``before``.

    ``was_offered`` tells that an agent was found at that one, in vain. ``excluded`` are all who
    cannot serve it there now.
    """

    contact: ContactId
    at: Millis
    reason: StandReason
    before: Standing
    now: Standing
    since_ms: Millis
    was_offered: bool
    excluded: tuple[Excluded, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class Waited:
    """Nobody was idle for the contact, so it waits; ``excluded`` is everybody, and why."""

    contact: ContactId
    at: Millis
    standing: Standing
    position: int
    excluded: tuple[Excluded, ...]
    left_out: int
    """More of the pool, who have none of the skills asked, or are beyond what is told."""
    wait_ends_at: Millis | None
    announced_at: Millis | None


@dataclass(frozen=True, slots=True)
class Offered:
    """An agent was chosen for the contact, and her phone rings.

    ``candidates`` are all who were idle for it, in the order of the rule, she first. Where she
    became free and chose, they are she alone and ``competitors`` are the contacts she could have
    taken, this one first.
    """

    contact: ContactId
    at: Millis
    offer: OfferId
    agent: AgentId
    device: DeviceId
    by: Chooser
    standing: Standing
    levels: LevelOrder
    agents: AgentOrder
    contacts: ContactOrder
    candidates: tuple[Candidate, ...]
    competitors: tuple[Competitor, ...]
    excluded: tuple[Excluded, ...]
    left_out: int
    ring_ends_at: Millis


@dataclass(frozen=True, slots=True)
class PassedBy:
    """An agent who could serve the contact became free, and took another one.

    ``own`` is this contact and ``taken`` the one she took; ``ahead`` is how many of this contact's
    own line have their turn before it.
    """

    contact: ContactId
    at: Millis
    agent: AgentId
    contacts: ContactOrder
    own: Competitor
    taken: Competitor
    ahead: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The agent took the contact."""

    contact: ContactId
    at: Millis
    offer: OfferId
    agent: AgentId
    rang_ms: Millis
    waited_ms: Millis


@dataclass(frozen=True, slots=True)
class OfferLost:
    """The offer came to nothing, and what that means for its agent.

    ``lasted_ms`` is how long it rang, or was a talk if ``was_connected``.
    ``misses`` is how many she has missed one after another, of ``misses_max`` that make her taken
    for absent; None where this is no miss of hers.
    """

    contact: ContactId
    at: Millis
    offer: OfferId
    agent: AgentId
    end: OfferEnd
    lasted_ms: Millis
    was_connected: bool = False
    misses: int | None = None
    misses_max: int = 0
    rests_until_at: Millis | None = None
    absent_until_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Announced:
    """The contact was told its place, and where the queue says so how long it may yet take."""

    contact: ContactId
    at: Millis
    queue: QueueId
    position: int
    expected_ms: Millis | None
    next_at: Millis | None


@dataclass(frozen=True, slots=True)
class Overflowed:
    """The queue gave the contact up after it had let it in; a crisis had ``no_way`` to lead on."""

    contact: ContactId
    at: Millis
    queue: QueueId
    cause: OverflowCause
    waited_ms: Millis
    wait_ms_max: Millis
    excluded: tuple[Excluded, ...] = ()
    left_out: int = 0
    to: QueueId | None = None
    no_way: NoWay | None = None
    left_site: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The contact waits in another queue from now on, by a crisis or because somebody asked.

    ``asked`` is the queue that somebody asked for; a crisis may have made another one of it.
    """

    contact: ContactId
    at: Millis
    before: QueueId
    queue: QueueId
    by_crisis: bool
    wait_ends_at: Millis
    asked: QueueId | None = None


@dataclass(frozen=True, slots=True)
class Revalued:
    """The contact's priority is another one: it counts as if it had waited ``waiting_ms``."""

    contact: ContactId
    at: Millis
    priority_ms: Millis
    waiting_ms: Millis
    position: int


@dataclass(frozen=True, slots=True)
class ChangeRefused:
    """Somebody asked for another queue or priority, in vain; ``no_way`` leads to that queue."""

    contact: ContactId
    at: Millis
    queue: QueueId | None
    reason: Unchanged
    no_way: NoWay | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """The contact stopped waiting by itself."""

    contact: ContactId
    at: Millis
    queue: QueueId
    waited_ms: Millis


@dataclass(frozen=True, slots=True)
class Ended:
    """The conversation is over; ``overdue`` tells that it had lasted as long as any may."""

    contact: ContactId
    at: Millis
    offer: OfferId
    agent: AgentId
    talked_ms: Millis
    wrap_up_ends_at: Millis | None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class WrapUpChanged:
    """The wrap-up after the conversation was ended before its time, or made longer, by hand.

    ``ends_at`` is when it is over now; None tells that it is. ``lasted_ms`` is its time so far.
    """

    contact: ContactId
    at: Millis
    offer: OfferId
    agent: AgentId
    origin: Origin
    lasted_ms: Millis
    ends_at: Millis | None


Decision = (
    LetIn
    | Refused
    | Stood
    | Waited
    | Offered
    | PassedBy
    | Answered
    | OfferLost
    | Announced
    | Overflowed
    | Moved
    | Revalued
    | ChangeRefused
    | Left
    | Ended
    | WrapUpChanged
)
"""Everything that can be told of a contact; matched exhaustively."""


def kind_of(decision: Decision) -> str:
    """The name of this decision's type in documents: ``offered``, ``passed_by``."""
    name = type(decision).__name__
    return "".join(f"_{each.lower()}" if each.isupper() else each for each in name).strip("_")
