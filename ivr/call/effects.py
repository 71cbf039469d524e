"""What the call core asks for: of Asterisk, of the router, of the store.

*Reconcilable* effects may run before the event that caused them is committed: after a crash they
are found by asking Asterisk. *Once-only* effects run only after their intent is committed.
*Messages* go to the router in the same turn. An effect is of exactly one of these classes, and
its type says which.

Of the reconcilable effects, those in ``JOINS_CHANNEL`` make Asterisk wait for the channel's own
thread; they must not be asked for while that channel plays something.
"""

from dataclasses import dataclass

from ivr.call.model import BridgeId, LegId, PartyRef, PlaybackId, ReleaseReason
from ivr.call.record import ContactRecord
from ivr.flow.model import Language, PromptKey
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferFailure,
    OfferId,
    OwnCallId,
    PresenceChange,
    QueueId,
    RequestId,
)


@dataclass(frozen=True, slots=True)
class AnswerLeg:
    """Answer the caller. Comes back as ``LegAnswered``."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class PlayPrompts:
    """Play these prompts one after another. Comes back as one ``PlaybackFinished``."""

    leg: LegId
    playback: PlaybackId
    prompts: tuple[PromptKey, ...]
    language: Language


@dataclass(frozen=True, slots=True)
class StopPlayback:
    """Cut a playback. Its ``PlaybackFinished`` still comes."""

    leg: LegId
    playback: PlaybackId


@dataclass(frozen=True, slots=True)
class StartHoldMusic:
    """Music until told otherwise."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class StopHoldMusic:
    """No more music."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class DialDevice:
    """Ring an agent's device as leg ``leg``. Comes back as ``LegAnswered`` or ``LegEnded``."""

    leg: LegId
    device: DeviceId
    contact: ContactId
    caller: PartyRef
    ring_ms_max: Millis


@dataclass(frozen=True, slots=True)
class BridgeLegs:
    """Let these legs hear each other. Comes back as ``LegsBridged`` for the first leg."""

    bridge: BridgeId
    legs: tuple[LegId, ...]


@dataclass(frozen=True, slots=True)
class DestroyBridge:
    """Take the bridge down; its legs stay."""

    bridge: BridgeId
    leg: LegId


@dataclass(frozen=True, slots=True)
class ReleaseLeg:
    """Hang this leg up. Comes back as ``LegEnded``."""

    leg: LegId
    reason: ReleaseReason


@dataclass(frozen=True, slots=True)
class QueueContact:
    """Message to the router: this contact waits."""

    contact: ContactId
    queue: QueueId
    priority_ms: Millis


@dataclass(frozen=True, slots=True)
class WithdrawContact:
    """Message to the router: this contact does not wait any more."""

    contact: ContactId


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """Message to the router: the agent answered."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class FailOffer:
    """Message to the router: the offer came to nothing."""

    offer: OfferId
    failure: OfferFailure


@dataclass(frozen=True, slots=True)
class EndEngagement:
    """Message to the router: the conversation is over."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class RequestPresence:
    """Message to the router: what an agent dialled on her device. Answered at once."""

    request: RequestId
    change: PresenceChange
    agent: AgentId | None
    device: DeviceId
    reason: str | None


@dataclass(frozen=True, slots=True)
class OccupyDevice:
    """Message to the router: a device of ours makes a call of its own."""

    device: DeviceId
    call: OwnCallId


@dataclass(frozen=True, slots=True)
class VacateDevice:
    """Message to the router: that call is over."""

    device: DeviceId
    call: OwnCallId


@dataclass(frozen=True, slots=True)
class WriteRecord:
    """Keep this record, once."""

    record: ContactRecord


@dataclass(frozen=True, slots=True)
class PromiseCallback:
    """Open a work order to call this customer back, once. ``order`` is an id never used before."""

    order: str
    contact: ContactId
    customer: PartyRef
    topic: str
    reason: str
    skill: str | None
    within_ms: int


TelephonyEffect = (
    AnswerLeg
    | PlayPrompts
    | StopPlayback
    | StartHoldMusic
    | StopHoldMusic
    | DialDevice
    | BridgeLegs
    | DestroyBridge
    | ReleaseLeg
)
"""Reconcilable: carried out by Asterisk."""

OnceOnlyEffect = WriteRecord | PromiseCallback
"""Intent first, then done at most once."""

MessageToRouter = (
    QueueContact
    | WithdrawContact
    | AcceptOffer
    | FailOffer
    | EndEngagement
    | RequestPresence
    | OccupyDevice
    | VacateDevice
)

CallEffect = TelephonyEffect | OnceOnlyEffect | MessageToRouter

JOINS_CHANNEL = (AnswerLeg, BridgeLegs)
"""Effects for which Asterisk waits for the channel's thread (measured; docs/asterisk.md)."""
