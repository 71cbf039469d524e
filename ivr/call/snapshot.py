"""The call core as plain values: what a restart begins with.

Everything that can change a later effect is in it, live contacts and service calls included;
their order is that of their deadlines, so that ties are served as they would have been. A contact
names its site's version, and finds its hotline there again.
"""

from collections import deque
from dataclasses import dataclass

from ivr.call.contact import (
    KEYS_MAX,
    Announcement,
    Contact,
    Leg,
    LookupUnderWay,
    Milestones,
    Outside,
    Stay,
)
from ivr.call.model import BridgeId, LegId, Outcome, PartyRef, PlaybackId, Shielding
from ivr.call.phases import Phase
from ivr.call.queue_state import Queueing
from ivr.call.record import (
    Doing,
    Interval,
    LegRecord,
    NodeVisit,
    OfferRecord,
    QueueSegment,
    TransferRecord,
)
from ivr.call.service import ServiceCall
from ivr.call.speech import Speech
from ivr.call.story import Story
from ivr.call.transfer_state import Consultation, Handover, Offered, Typed
from ivr.call.voice import Recording
from ivr.flow.actions import FlowState
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.model import Hotline, NodeName
from ivr.flow.values import NO_SECRET, SecretRef
from router.model import AgentId, ContactId, DeviceId, Millis, OverflowCause, QueueId


@dataclass(frozen=True, slots=True)
class LiveLeg:
    """A leg with its id."""

    id: LegId
    leg: Leg


@dataclass(frozen=True, slots=True)
class StorySnapshot:
    """What was gathered for the record so far."""

    since: Millis
    doing: Doing
    visits: tuple[NodeVisit, ...]
    segments: tuple[QueueSegment, ...]
    offers: tuple[OfferRecord, ...]
    legs: tuple[LegRecord, ...]
    intervals: tuple[Interval, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class ContactSnapshot:
    """One live contact; field for field what ``Contact`` holds."""

    id: ContactId
    site: str
    hotline: str
    dialled: str
    caller: PartyRef
    caller_leg: LegId
    milestones: Milestones
    story: StorySnapshot
    occupied: DeviceId | None
    phase: Phase
    deadline: Millis
    legs: tuple[LiveLeg, ...]
    playbacks: tuple[PlaybackId, ...]
    cut: tuple[PlaybackId, ...]
    turned_away: tuple[LegId, ...]
    keys: tuple[str, ...]
    flow: FlowState | None
    speech: Speech | None
    speech_failed: bool
    holding: bool
    announcement: Announcement | None
    bridge: BridgeId | None
    offered: Offered | None
    queue: QueueId | None
    stay: Stay | None
    overflow: OverflowCause | None
    agent: AgentId | None
    outcome: Outcome | None
    reason: str
    wait_ms: Millis | None
    offers_made: int
    legs_made: int
    playbacks_made: int
    bridges_made: int
    orders_made: int
    shielding: Shielding = Shielding.OPEN
    secret: SecretRef = NO_SECRET
    secrets_made: int = 0
    lookup: LookupUnderWay | None = None
    lookups_made: int = 0
    texted: tuple[str, ...] = ()
    beside: NodeName | None = None
    context: str = ""
    outside: Outside | None = None
    recording: Recording | None = None
    recordings_made: int = 0
    voice_messages: int = 0
    caller_known: bool = True
    queueing: Queueing = Queueing()  # noqa: RUF009 - frozen
    consultation: Consultation | None = None
    handover: Handover | None = None
    routed: ContactId | None = None
    typed: Typed | None = None
    transfers_made: int = 0
    transfers: tuple[TransferRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """So many events of this kind meant nothing."""

    what: str
    times: int


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    """The whole call core. ``site`` is the version of the active one, None before the first."""

    site: str | None
    contacts: tuple[ContactSnapshot, ...]
    services: tuple[ServiceCall, ...]
    ignored: tuple[Ignored, ...]
    closed: tuple[ClosedByHand, ...] = ()


def contact_snapshot(contact: Contact) -> ContactSnapshot:
    """This contact as a value."""
    return ContactSnapshot(
        id=contact.id,
        site=contact.site,
        hotline=contact.hotline.name,
        dialled=contact.dialled,
        caller=contact.caller,
        caller_leg=contact.caller_leg,
        milestones=contact.milestones,
        story=_story_snapshot(contact.story),
        occupied=contact.occupied,
        phase=contact.phase,
        deadline=contact.deadline,
        legs=tuple(LiveLeg(leg, held) for leg, held in contact.legs.items()),
        playbacks=tuple(sorted(contact.playbacks)),
        cut=tuple(sorted(contact.cut)),
        turned_away=tuple(sorted(contact.turned_away)),
        keys=tuple(contact.keys),
        flow=contact.flow,
        speech=contact.speech,
        speech_failed=contact.speech_failed,
        holding=contact.holding,
        announcement=contact.announcement,
        bridge=contact.bridge,
        offered=contact.offered,
        queue=contact.queue,
        stay=contact.stay,
        overflow=contact.overflow,
        agent=contact.agent,
        outcome=contact.outcome,
        reason=contact.reason,
        wait_ms=contact.wait_ms,
        offers_made=contact.offers_made,
        legs_made=contact.legs_made,
        playbacks_made=contact.playbacks_made,
        bridges_made=contact.bridges_made,
        orders_made=contact.orders_made,
        shielding=contact.shielding,
        secret=contact.secret,
        secrets_made=contact.secrets_made,
        lookup=contact.lookup,
        lookups_made=contact.lookups_made,
        texted=contact.texted,
        beside=contact.beside,
        context=contact.context,
        outside=contact.outside,
        caller_known=contact.caller_known,
        recording=contact.recording,
        recordings_made=contact.recordings_made,
        voice_messages=contact.voice_messages,
        queueing=contact.queueing,
        consultation=contact.consultation,
        handover=contact.handover,
        routed=contact.routed,
        typed=contact.typed,
        transfers_made=contact.transfers_made,
        transfers=contact.transfers,
    )


def contact_restored(held: ContactSnapshot, hotline: Hotline) -> Contact:
    """The contact of a snapshot, with the hotline it began with."""
    return Contact(
        id=held.id,
        site=held.site,
        hotline=hotline,
        dialled=held.dialled,
        caller=held.caller,
        caller_leg=held.caller_leg,
        milestones=held.milestones,
        story=_story_restored(held.story),
        occupied=held.occupied,
        phase=held.phase,
        deadline=held.deadline,
        legs={each.id: each.leg for each in held.legs},
        playbacks=set(held.playbacks),
        cut=set(held.cut),
        turned_away=set(held.turned_away),
        keys=deque(held.keys, maxlen=KEYS_MAX),
        flow=held.flow,
        speech=held.speech,
        speech_failed=held.speech_failed,
        holding=held.holding,
        announcement=held.announcement,
        bridge=held.bridge,
        offered=held.offered,
        queue=held.queue,
        stay=held.stay,
        overflow=held.overflow,
        agent=held.agent,
        outcome=held.outcome,
        reason=held.reason,
        wait_ms=held.wait_ms,
        offers_made=held.offers_made,
        legs_made=held.legs_made,
        playbacks_made=held.playbacks_made,
        bridges_made=held.bridges_made,
        orders_made=held.orders_made,
        shielding=held.shielding,
        secret=held.secret,
        secrets_made=held.secrets_made,
        lookup=held.lookup,
        lookups_made=held.lookups_made,
        texted=held.texted,
        beside=held.beside,
        context=held.context,
        outside=held.outside,
        caller_known=held.caller_known,
        recording=held.recording,
        recordings_made=held.recordings_made,
        voice_messages=held.voice_messages,
        queueing=held.queueing,
        consultation=held.consultation,
        handover=held.handover,
        routed=held.routed,
        typed=held.typed,
        transfers_made=held.transfers_made,
        transfers=held.transfers,
    )


def _story_snapshot(story: Story) -> StorySnapshot:
    return StorySnapshot(
        since=story.since,
        doing=story.doing,
        visits=tuple(story.visits),
        segments=tuple(story.segments),
        offers=tuple(story.offers),
        legs=tuple(story.legs),
        intervals=tuple(story.intervals),
        left_out=story.left_out,
    )


def _story_restored(held: StorySnapshot) -> Story:
    return Story(
        since=held.since,
        doing=held.doing,
        visits=list(held.visits),
        segments=list(held.segments),
        offers=list(held.offers),
        legs=list(held.legs),
        intervals=list(held.intervals),
        left_out=held.left_out,
    )
