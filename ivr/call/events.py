"""What can happen to a contact. From Asterisk by the adapter, from the router as messages."""

from dataclasses import dataclass

from ivr.call.asked import TransferOrder as TransferOrder
from ivr.call.model import (
    BridgeId,
    CommandFailure,
    LegId,
    LookupId,
    PartyRef,
    PlaybackId,
    PlaybackOutcome,
)
from ivr.call.voice import RecordingId, RecordingOutcome
from ivr.flow.secret_entry import SecretCame
from ivr.flow.services import LookupOutcome
from ivr.flow.values import SecretRef, Value
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
    Asterisk; such a call occupies it, and may be a feature code. ``caller_known`` is False where
    no number came with the call. ``taken_in`` tells that the call was up before we met it, with an
    engine or a connection before this one: its caller may be in the middle of anything.
    ``last_agent`` is who served this number last, and ``last_agent_ago_ms`` how long ago that
    ended; both None where nobody is known.
    """

    contact: ContactId
    leg: LegId
    dialled: str
    caller: PartyRef
    device: DeviceId | None = None
    caller_known: bool = True
    taken_in: bool = False
    last_agent: AgentId | None = None
    last_agent_ago_ms: Millis | None = None


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
class KeyHidden:
    """A party pressed a key that nobody may see and that belongs to nothing: kept nowhere."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class SecretKeyed:
    """A party pressed a key of a secret, which the vault has: what came of it, told without it.

    ``length`` is how many digits there are now, ``passes`` whether silence now would make them a
    right entry.
    """

    leg: LegId
    secret: SecretRef
    length: int
    came: SecretCame
    passes: bool


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """A playback is over."""

    leg: LegId
    playback: PlaybackId
    outcome: PlaybackOutcome


@dataclass(frozen=True, slots=True)
class RecordingFinished:
    """A recording is over. ``speech_ms`` is how long there is speech in it, where that is known.

    ``leg_is_ending`` tells that it is over because the call is: the leg's end follows.
    """

    leg: LegId
    recording: RecordingId
    outcome: RecordingOutcome
    speech_ms: Millis | None = None
    leg_is_ending: bool = False


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
    """The router says which place this waiting contact has in its queue; 1 is next.

    ``expected_ms`` is how long it may yet take; None where the queue does not say.
    """

    contact: ContactId
    queue: QueueId
    position: int
    expected_ms: Millis | None = None


@dataclass(frozen=True, slots=True)
class ContactMoved:
    """The router put this waiting contact into another queue."""

    contact: ContactId
    queue: QueueId


@dataclass(frozen=True, slots=True)
class PresenceAnswered:
    """The router's answer to what was dialled on a device."""

    request: RequestId
    answer: PresenceAnswer
    agent: AgentId | None
    presence: Presence | None


@dataclass(frozen=True, slots=True)
class LookupAnswered:
    """Another system answered, or could not be asked.

    ``values`` are the fields that were wanted, in that order; there are none unless it was found.
    """

    contact: ContactId
    lookup: LookupId
    outcome: LookupOutcome
    values: tuple[Value, ...] = ()


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


@dataclass(frozen=True, slots=True)
class HotlineClosed:
    """Somebody closes a hotline by hand: its hours nodes lead to ``emergency`` from now on."""

    request: RequestId
    hotline: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class HotlineOpened:
    """Somebody opens a hotline again that was closed by hand."""

    request: RequestId
    hotline: str
    by: str


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """Somebody asks from outside what an agent could ask by keys in her talk.

    ``queue`` is the one to consult or to transfer to; None for the orders that need none.
    """

    request: RequestId
    agent: AgentId
    order: TransferOrder
    queue: QueueId | None = None


HotlineEvent = HotlineClosed | HotlineOpened
LegEvent = (
    LegAnswered
    | LegEnded
    | DigitReceived
    | PlaybackFinished
    | RecordingFinished
    | LegsBridged
    | CommandFailed
)
HiddenKey = KeyHidden | SecretKeyed
"""What the vault makes of a key under the shield; Asterisk never says this."""

TelephonyEvent = CallArrived | LegEvent
ContactMessage = OfferMade | OfferRescinded | ContactOverflowed | PositionAnnounced | ContactMoved
RouterMessage = ContactMessage | PresenceAnswered
CallEvent = (
    TelephonyEvent
    | HiddenKey
    | RouterMessage
    | HotlineEvent
    | TransferRequested
    | LookupAnswered
    | CallTimerFired
    | EngineStarted
    | EngineStopping
)
"""Everything that can happen to the contacts of a node; matched exhaustively."""
