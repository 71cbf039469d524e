"""The contact record: our CDR, exactly one per contact, and the story it tells.

Times are engine time, ``None`` where it never happened. Everything in it is plain data, so that a
record that waits to be written outlives a restart. Each list has a limit; what is beyond it is
counted in ``left_out``, and the last entry is always the latest.
"""

from dataclasses import dataclass
from enum import Enum

from ivr.call.model import LegId, LegRole, Outcome, PartyRef
from ivr.call.voice import VoiceMessageId
from ivr.flow.asking import Answers
from router.model import AgentId, ContactId, DeviceId, Millis, OfferId, QueueId

VISITS_MAX = 200
"""Nodes told of one contact."""

SEGMENTS_MAX = 50
"""Stays in queues told of one contact."""

OFFERS_MAX = 100
"""Offers told of one contact."""

LEGS_MAX = 101
"""Legs told of one contact: the caller's, and one for each offer."""

TRANSFERS_MAX = 10
"""Transfers of one contact; whoever has it then keeps it."""

INTERVALS_MAX = 300
"""Intervals told of one contact; beyond it the last one goes on as ``SEVERAL`` till the end."""


class Doing(Enum):
    """What a caller was doing for a while."""

    ANSWERING = "answering"
    IN_FLOW = "in_flow"
    """Hearing or being asked something."""
    WAITING = "waiting"
    ALERTING = "alerting"
    """Waiting on, while an agent's phone rings."""
    JOINING = "joining"
    TALKING = "talking"
    ON_HOLD = "on_hold"
    """Hearing music, while her agent asks somebody, or hears why she cannot."""
    LEAVING = "leaving"
    SEVERAL = "several"
    """One thing after another, too often to tell each."""


class SegmentExit(Enum):
    """By which door a contact left a queue."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    NO_AGENTS = "no_agents"
    TIMED_OUT = "timed_out"
    FULL = "full"
    EXPECTED_WAIT = "expected_wait"
    OVERLOAD = "overload"
    CRISIS = "crisis"
    MOVED = "moved"
    """Into another queue, by the router or by hand."""
    LEFT_BY_KEY = "left_by_key"
    """The caller pressed a key that led out of the queue."""
    ENGINE_STOPPED = "engine_stopped"
    ENGINE_RESTARTED = "engine_restarted"


class OfferResult(Enum):
    """What came of an offer."""

    CONNECTED = "connected"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    """Our fault, or the line died before there was a conversation."""
    WITHDRAWN = "withdrawn"
    """The caller left, the agent went, or the engine stopped."""
    CONSULTED = "consulted"
    """Talked to the agent who asked, and not to the caller."""


class TransferKind(Enum):
    """How an agent gave her caller away, or meant to."""

    CONSULTED = "consulted"
    """She asked somebody first."""
    BLIND = "blind"


class TransferResult(Enum):
    """What came of a transfer."""

    COMPLETED = "completed"
    """Somebody else talked to the caller."""
    CANCELLED = "cancelled"
    """Whoever asked went back to the caller."""
    FAILED = "failed"
    """Nobody was there for it, or who was left again."""
    ENDED = "ended"
    """The contact was over first."""


@dataclass(frozen=True, slots=True)
class NodeVisit:
    """The flow came to this node."""

    node: str
    at: Millis


@dataclass(frozen=True, slots=True)
class QueueSegment:
    """One stay in one queue; the ring of the agent who answered is part of the wait."""

    queue: QueueId
    entered_at: Millis
    left_at: Millis
    exit: SegmentExit
    wait_ms: Millis


@dataclass(frozen=True, slots=True)
class OfferRecord:
    """One agent asked; one who talked to the caller was in the offer till the talk's end."""

    offer: OfferId
    agent: AgentId
    device: DeviceId
    made_at: Millis
    answered_at: Millis | None
    ended_at: Millis
    result: OfferResult


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One party's connection; ``ended_at`` is None when it was never seen to go.

    ``device`` is None for a caller from outside. ``cause`` is ITU-T Q.850, a hint only.
    """

    leg: LegId
    role: LegRole
    device: DeviceId | None
    began_at: Millis
    answered_at: Millis | None
    ended_at: Millis | None
    cause: int | None


@dataclass(frozen=True, slots=True)
class TransferRecord:
    """An agent asked for a transfer to a queue at ``asked_at``; at ``over_at`` it was settled."""

    kind: TransferKind
    by: AgentId
    queue: QueueId
    asked_at: Millis
    over_at: Millis
    result: TransferResult


@dataclass(frozen=True, slots=True)
class Interval:
    """The caller did this from then till then."""

    what: Doing
    began_at: Millis
    ended_at: Millis


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """One contact from arrival to end.

    ``wait_ms`` is from the first entry into a queue to the first answer of an agent, ring included;
    without an answer till the last queue was left, and None when there was none. ``agent`` is who
    was responsible last: who talked to the caller, of several the latest. ``connected_at`` is when
    the first of them did. ``intervals`` follow each
    other without a gap from ``arrived_at`` to ``ended_at``. ``nodes`` are the names in ``visits``;
    ``offers_made`` counts also those beyond the limit of ``offers``. ``site`` is the version of
    the site whose ``flow`` the caller heard. ``voice_messages`` are those that the caller left.
    ``context`` is what the expert was shown of her, or would have been; ``transferred_to`` the
    outside number, by its name, that she talked to.
    """

    contact: ContactId
    site: str
    hotline: str
    flow: str
    dialled: str
    caller: PartyRef
    language: str | None
    outcome: Outcome
    reason: str
    queue: QueueId | None
    agent: AgentId | None
    nodes: tuple[str, ...]
    offers_made: int
    arrived_at: Millis
    answered_at: Millis | None
    queued_at: Millis | None
    connected_at: Millis | None
    ended_at: Millis
    wait_ms: Millis | None
    visits: tuple[NodeVisit, ...]
    segments: tuple[QueueSegment, ...]
    offers: tuple[OfferRecord, ...]
    legs: tuple[LegRecord, ...]
    intervals: tuple[Interval, ...]
    left_out: int
    messages: tuple[str, ...] = ()
    """The texts that were sent, by the names of their templates."""
    answers: Answers = ()
    context: str = ""
    transferred_to: str | None = None
    voice_messages: tuple[VoiceMessageId, ...] = ()
    transfers: tuple[TransferRecord, ...] = ()
