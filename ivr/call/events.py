"""What can happen to a contact. From Asterisk by the adapter, from the router as messages."""

from dataclasses import dataclass

from ivr.call.model import (
    BridgeId,
    CommandFailure,
    LegId,
    PartyRef,
    PlaybackId,
    PlaybackOutcome,
)
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    OverflowCause,
    Presence,
    PresenceAnswer,
    QueueId,
    RequestId,
    RescindReason,
)


@dataclass(frozen=True, slots=True)
class CallArrived:
    """Somebody dialled us; the leg is not answered yet. The id was drawn at the edge.

    ``device`` is set when the call comes from one of our own devices, which proved itself to
    Asterisk; such a call occupies it, and may be a feature code.
    """

    contact: ContactId
    leg: LegId
    dialled: str
    caller: PartyRef
    device: DeviceId | None = None


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """A leg is up: our answer took effect, or the agent picked up."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg is gone for good. ``cause`` is ITU-T Q.850, a hint only."""

    leg: LegId
    cause: int | None


@dataclass(frozen=True, slots=True)
class DigitReceived:
    """A party pressed a key (RFC 4733 or inband, as Asterisk decoded it)."""

    leg: LegId
    digit: str


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """A playback is over."""

    leg: LegId
    playback: PlaybackId
    outcome: PlaybackOutcome


@dataclass(frozen=True, slots=True)
class LegsBridged:
    """All legs asked for are in the bridge and hear each other."""

    bridge: BridgeId
    leg: LegId


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """An effect on this leg was not carried out. ``effect`` is its type's name."""

    leg: LegId
    effect: str
    failure: CommandFailure


@dataclass(frozen=True, slots=True)
class OfferMade:
    """The router reserved an agent: ring her device."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    device: DeviceId
    ring_ms_max: Millis


@dataclass(frozen=True, slots=True)
class OfferRescinded:
    """The router took the offer back: stop ringing."""

    offer: OfferId
    contact: ContactId
    reason: RescindReason


@dataclass(frozen=True, slots=True)
class ContactOverflowed:
    """The queue gave the contact up."""

    contact: ContactId
    queue: QueueId
    cause: OverflowCause


@dataclass(frozen=True, slots=True)
class PositionAnnounced:
    """The router says which place this waiting contact has in its queue; 1 is next."""

    contact: ContactId
    queue: QueueId
    position: int


@dataclass(frozen=True, slots=True)
class PresenceAnswered:
    """The router's answer to what was dialled on a device."""

    request: RequestId
    answer: PresenceAnswer
    agent: AgentId | None
    presence: Presence | None


@dataclass(frozen=True, slots=True)
class CallTimerFired:
    """The call core's next deadline has come."""


@dataclass(frozen=True, slots=True)
class EngineStopping:
    """The engine ends in order; Asterisk and the calls on it go on without it."""


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """The engine begins, with whatever the journal remembers of contacts an earlier one had.

    Till contacts are adopted after a crash (a later capability) such contacts are closed here, with
    their records, and the router is told.
    """


LegEvent = LegAnswered | LegEnded | DigitReceived | PlaybackFinished | LegsBridged | CommandFailed
TelephonyEvent = CallArrived | LegEvent
ContactMessage = OfferMade | OfferRescinded | ContactOverflowed | PositionAnnounced
RouterMessage = ContactMessage | PresenceAnswered
CallEvent = TelephonyEvent | RouterMessage | CallTimerFired | EngineStarted | EngineStopping
"""Everything that can happen to the contacts of a node; matched exhaustively."""
