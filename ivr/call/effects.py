"""What the call core asks for: of Asterisk, of the router, of the store.

*Reconcilable* effects may run before the event that caused them is committed: after a crash they
are found by asking Asterisk. *Once-only* effects run only after their intent is committed.
*Messages* go to the router in the same turn. *Edge* effects concern what this process alone holds
or asks of others; they are done right after the turn, and an engine that begins anew asks for none
of them again. An effect is of exactly one of these classes, and its type says which.

Of the reconcilable effects, those in ``JOINS_CHANNEL`` make Asterisk wait for the channel's own
thread; they must not be asked for while that channel plays something.
"""

from dataclasses import dataclass

from ivr.call.asked import ClosingAnswer as ClosingAnswer
from ivr.call.asked import TransferAnswer as TransferAnswer
from ivr.call.model import BridgeId, LegId, LookupId, PartyRef, PlaybackId, ReleaseReason
from ivr.call.record import ContactRecord
from ivr.call.voice import RecordingId, VoiceMessageId
from ivr.flow.collecting import DigitRules
from ivr.flow.model import Language, PromptKey
from ivr.flow.sending import Filling
from ivr.flow.services import Sent, Wanted
from ivr.flow.values import SecretRef
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
    WrapUpChange,
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
    context: str = ""
    """What the agent is shown of the caller."""


@dataclass(frozen=True, slots=True)
class DialOutside:
    """Ring the outside number of this name as leg ``leg``, if the site's allow-list has it.

    Comes back as ``LegAnswered`` or ``LegEnded``.
    """

    leg: LegId
    to: str
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
    """Message to the router: this contact waits, and waited so long elsewhere before.

    At first it waits for the ``preferred`` agent alone, if there is one; with
    ``preferred_must_serve`` only if the queue asks for nothing that she cannot do.
    """

    contact: ContactId
    queue: QueueId
    priority_ms: Millis
    waited_ms: Millis = 0
    preferred: AgentId | None = None
    preferred_ms: Millis = 0
    preferred_must_serve: bool = False


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
    after_contact: bool = False


@dataclass(frozen=True, slots=True)
class RequestWrapUp:
    """Message to the router: what an agent dialled about her wrap-up. Answered at once."""

    request: RequestId
    change: WrapUpChange
    device: DeviceId


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
class StartRecording:
    """Sound a beep, then record what the party says. Comes back as one ``RecordingFinished``.

    It ends by ``#``, by so much silence, after the longest time, with the leg, or when told to.
    """

    leg: LegId
    recording: RecordingId
    max_ms: Millis
    silence_ms: Millis


@dataclass(frozen=True, slots=True)
class StopRecording:
    """Record no longer. The ``RecordingFinished`` still comes."""

    leg: LegId
    recording: RecordingId


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


@dataclass(frozen=True, slots=True)
class KeepVoiceMessage:
    """Keep this recording as a message of the customer, once. ``message`` was never used before.

    ``duration_ms`` is how long there is speech in it; None when nobody could tell.
    """

    message: VoiceMessageId
    contact: ContactId
    customer: PartyRef
    hotline: str
    topic: str
    language: Language
    recording: RecordingId
    duration_ms: Millis | None


@dataclass(frozen=True, slots=True)
class RequestLookup:
    """Ask another system. Comes back as one ``LookupAnswered``, or as none: then time decides.

    ``wants`` are the declared fields of the answer that the flow has a use for.
    """

    contact: ContactId
    lookup: LookupId
    service: str
    sends: tuple[Sent, ...]
    wants: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class ShieldKeys:
    """Let no key of this leg be seen from now on. With ``rules`` they are those of ``secret``."""

    leg: LegId
    secret: SecretRef
    rules: DigitRules | None


@dataclass(frozen=True, slots=True)
class LiftShield:
    """Let the keys of this leg be seen again: ``at_once``, or when none came for a while."""

    leg: LegId
    at_once: bool


@dataclass(frozen=True, slots=True)
class AnswerClosing:
    """Tell who asked what became of it, once that is kept."""

    request: RequestId
    answer: ClosingAnswer


@dataclass(frozen=True, slots=True)
class AnswerTransfer:
    """Tell who asked for a transfer what became of it, once that is kept."""

    request: RequestId
    answer: TransferAnswer


@dataclass(frozen=True, slots=True)
class PushMessage:
    """Send the customer a text, once. ``message`` is an id never used before.

    The text is made where it is read, out of the template of this ``site`` and these values.
    """

    message: str
    contact: ContactId
    customer: PartyRef
    site: str
    hotline: str
    template: str
    language: Language
    values: Filling


TelephonyEffect = (
    AnswerLeg
    | PlayPrompts
    | StopPlayback
    | StartHoldMusic
    | StopHoldMusic
    | StartRecording
    | StopRecording
    | DialDevice
    | DialOutside
    | BridgeLegs
    | DestroyBridge
    | ReleaseLeg
)
"""Reconcilable: carried out by Asterisk."""

OnceOnlyEffect = WriteRecord | PromiseCallback | KeepVoiceMessage | PushMessage
"""Intent first, then done at most once."""

MessageToRouter = (
    QueueContact
    | WithdrawContact
    | AcceptOffer
    | FailOffer
    | EndEngagement
    | RequestPresence
    | RequestWrapUp
    | OccupyDevice
    | VacateDevice
)

EdgeEffect = RequestLookup | ShieldKeys | LiftShield
"""Done by this process beside Asterisk and the store, right after the turn."""

DeskAnswer = AnswerClosing | AnswerTransfer
"""For those who asked from outside."""

CallEffect = TelephonyEffect | OnceOnlyEffect | MessageToRouter | EdgeEffect | DeskAnswer

JOINS_CHANNEL = (AnswerLeg, BridgeLegs)
"""Effects for which Asterisk waits for the channel's thread (measured; docs/asterisk.md)."""
