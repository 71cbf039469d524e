"""What a contact holds of a transfer by its agent: who is asked, who handed over, what is keyed."""

from dataclasses import dataclass
from enum import Enum

from ivr.call.model import LegId
from ivr.call.record import TransferKind
from router.model import AgentId, ContactId, DeviceId, Millis, OfferId, OverflowCause, QueueId


@dataclass(frozen=True, slots=True)
class Offered:
    """An agent who is asked or talks, and her leg.

    ``joined_at`` is when she and the caller heard each other first; it stays while the caller is
    on hold.
    """

    offer: OfferId
    agent: AgentId
    device: DeviceId
    leg: LegId
    made_at: Millis
    answered_at: Millis | None = None
    joined_at: Millis | None = None


class Stage(Enum):
    """How far a consultation is."""

    SEEKING = "seeking"
    """An expert is looked for."""
    ALERTING = "alerting"
    """Her phone rings."""
    JOINING = "joining"
    """She answered; the two agents are being put into one bridge."""
    TALKING = "talking"
    """The two agents talk."""


@dataclass(frozen=True, slots=True)
class Consultation:
    """An expert is asked by the agent of this contact, whose caller waits with music.

    ``name`` is what the router knows it by: for it, it is one more contact that waits in ``queue``.
    """

    name: ContactId
    queue: QueueId
    since: Millis
    offered: Offered | None = None
    talking_since: Millis | None = None

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.offered is None:
            return Stage.SEEKING
        if self.offered.answered_at is None:
            return Stage.ALERTING
        return Stage.JOINING if self.talking_since is None else Stage.TALKING


@dataclass(frozen=True, slots=True)
class Handover:
    """An agent gave this caller away, who is in the flow's hands no more.

    Is nobody there for her she goes back to the ``first`` agent; ``failed`` is why, once that was
    so. ``settled`` tells that the record has what came of it.
    """

    first: AgentId
    kind: TransferKind
    queue: QueueId
    since: Millis
    failed: OverflowCause | None = None
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What the agent keyed in her talk so far; nothing of it counts from ``until`` on."""

    keys: str
    until: Millis
