"""One contact's state, and the few moves that every phase makes with it.

Its parts are frozen values, so that a snapshot can hold them as they are.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ivr.call.effects import (
    BridgeLegs,
    CallEffect,
    DestroyBridge,
    PlayPrompts,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
    VacateDevice,
)
from ivr.call.model import (
    BridgeId,
    LegId,
    LegRole,
    LookupId,
    Outcome,
    PartyRef,
    PlaybackId,
    ReleaseReason,
    Shielding,
)
from ivr.call.phases import DOING, Phase
from ivr.call.queue_state import Queueing, Stay
from ivr.call.record import (
    LegRecord,
    OfferRecord,
    OfferResult,
    QueueSegment,
    SegmentExit,
    TransferRecord,
)
from ivr.call.speech import Speech
from ivr.call.story import Story
from ivr.call.transfer_state import Consultation, Handover, Offered, Typed
from ivr.call.voice import Recording
from ivr.flow.actions import FlowState
from ivr.flow.looking_up import LookupReturned
from ivr.flow.model import EnterQueue, Hotline, Language, NodeName, PromptKey
from ivr.flow.site import DeskTransfers
from ivr.flow.values import NO_SECRET, SecretRef
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OverflowCause,
    OwnCallId,
    QueueId,
)

ANSWER_MS_MAX = 5_000
"""How long our own answer may take."""

PLAYBACK_MS_MAX = 120_000
"""The longest a list of prompts may play before we cut it."""

FAILED_PLAYBACK_GRACE_MS = 500
"""A failed playback is a missing file or a hang-up; the hang-up shows within this time."""

WAITING_MS_MAX = 2 * 3_600_000
"""Backstop behind the router's own limit of waiting."""

ALERTING_GRACE_MS = 5_000
"""Backstop behind the router's own ring time."""

JOINING_MS_MAX = 5_000
"""From the agent's answer to both hearing each other."""

TALK_MS_MAX = 4 * 3_600_000
"""The longest conversation."""

LEAVING_MS_MAX = 5_000
"""How long released legs may take to go before the contact is closed without them."""

PLAYBACKS_UNWRITTEN_MAX = 2
"""Playbacks of one contact that may have begun in the moment that a killed engine did not write."""

KEYS_MAX = 10
"""Keys kept from before a menu listens (VoiceXML 2.1 calls it type-ahead)."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A leg that lives, as far as we know."""

    role: LegRole
    device: DeviceId | None
    began_at: Millis
    answered_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is said into the music, and when it counts as lost."""

    playback: PlaybackId
    until: Millis


@dataclass(frozen=True, slots=True)
class LookupUnderWay:
    """What another system is asked; ``returned`` once its answer waits for a prompt to end."""

    id: LookupId
    returned: LookupReturned | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """A call to an outside number, by its name: how far it is."""

    to: str
    leg: LegId
    answered_at: Millis | None = None
    joined_at: Millis | None = None


@dataclass(frozen=True, slots=True)
class Milestones:
    """When things happened first, for the record."""

    arrived_at: Millis
    answered_at: Millis | None = None
    queued_at: Millis | None = None
    connected_at: Millis | None = None


@dataclass(slots=True)
class Contact:
    """Everything the call core knows of one contact.

    ``site`` is the version its ``hotline`` belongs to. ``occupied`` is the device of ours that
    the caller uses, till the router has been told that the call is over. ``offered`` is the agent
    of the offer or conversation under way, ``agent`` who talked to the caller last.
    """

    id: ContactId
    site: str
    hotline: Hotline
    dialled: str
    caller: PartyRef
    caller_leg: LegId
    milestones: Milestones
    story: Story
    occupied: DeviceId | None = None
    phase: Phase = Phase.ANSWERING
    deadline: Millis = 0
    legs: dict[LegId, Leg] = field(default_factory=lambda: dict[LegId, Leg]())
    playbacks: set[PlaybackId] = field(default_factory=lambda: set[PlaybackId]())
    cut: set[PlaybackId] = field(default_factory=lambda: set[PlaybackId]())
    turned_away: set[LegId] = field(default_factory=lambda: set[LegId]())
    keys: deque[str] = field(default_factory=lambda: deque[str](maxlen=KEYS_MAX))
    flow: FlowState | None = None
    speech: Speech | None = None
    speech_failed: bool = False
    holding: bool = False
    announcement: Announcement | None = None
    bridge: BridgeId | None = None
    offered: Offered | None = None
    queue: QueueId | None = None
    stay: Stay | None = None
    overflow: OverflowCause | None = None
    agent: AgentId | None = None
    outcome: Outcome | None = None
    reason: str = ""
    wait_ms: Millis | None = None
    offers_made: int = 0
    legs_made: int = 1
    playbacks_made: int = 0
    bridges_made: int = 0
    orders_made: int = 0
    shielding: Shielding = Shielding.OPEN
    secret: SecretRef = NO_SECRET
    secrets_made: int = 0
    recording: Recording | None = None
    recordings_made: int = 0
    voice_messages: int = 0
    lookup: LookupUnderWay | None = None
    lookups_made: int = 0
    texted: tuple[str, ...] = ()
    beside: NodeName | None = None
    """The queue's node at which the caller waits while the flow goes on elsewhere."""
    context: str = ""
    outside: Outside | None = None
    caller_known: bool = True
    consultation: Consultation | None = None
    handover: Handover | None = None
    routed: ContactId | None = None
    """What the router knows it by, if it took over the place of a consultation."""
    typed: Typed | None = None
    transfers_made: int = 0
    transfers: tuple[TransferRecord, ...] = ()
    queueing: Queueing = Queueing()  # noqa: RUF009 - frozen

    @property
    def place(self) -> ContactId:
        """What the router knows it by."""
        return self.id if self.routed is None else self.routed

    @property
    def due(self) -> Millis:
        """When something must happen with this contact, at the latest."""
        lost_at = self.announcement.until if self.announcement else self.deadline
        return min(self.deadline, lost_at)

    @property
    def queue_node(self) -> EnterQueue | None:
        """The queue node at which its flow stands, if it is one."""
        node = None if self.flow is None else self.hotline.flow.nodes[self.flow.node]
        return node if isinstance(node, EnterQueue) else None

    @property
    def keys_offered(self) -> Mapping[str, NodeName]:
        """The keys that lead on while she waits; none once an agent gave her away."""
        node = self.queue_node
        return {} if node is None or self.handover is not None else node.keys


@dataclass(slots=True)
class Turn:
    """One run to completion: its time, and the effects so far.

    ``wall`` is UTC milliseconds, for what hangs on the clock on the wall: opening hours.
    ``closed`` are the hotlines that are closed by hand, ``placeless`` the queues that tell nobody
    her place, ``desk`` what agents may transfer to today.
    """

    at: Millis
    wall: int
    effects: list[CallEffect] = field(default_factory=lambda: list[CallEffect]())
    closed: frozenset[str] = frozenset()
    placeless: frozenset[QueueId] = frozenset()
    desk: DeskTransfers | None = None

    def emit(self, effect: CallEffect) -> None:
        """Ask for this."""
        self.effects.append(effect)


def enter(contact: Contact, phase: Phase, *, at: Millis, for_ms: Millis) -> None:
    """Be in this phase, for at most this long."""
    contact.phase = phase
    contact.deadline = at + for_ms
    contact.story.turn_to(DOING[phase], at)


def playback_of(contact: Contact, number: int, leg: LegId | None = None) -> PlaybackId:
    """The id of the contact's playback of this number, counted from 1; to the caller if to none."""
    return PlaybackId(f"{leg or contact.caller_leg}.p{number}")


def _hearer(playback: PlaybackId) -> LegId:
    return LegId(playback.rpartition(".p")[0])


def left_playing(contact: Contact) -> tuple[PlaybackId, ...]:
    """What has not been told to have ended, then the next few: perhaps begun, but not written."""
    made = contact.playbacks_made
    coming = range(made + 1, made + 1 + PLAYBACKS_UNWRITTEN_MAX)
    hearers = [contact.caller_leg]
    if contact.offered is not None and contact.offered.answered_at is not None:
        hearers.append(contact.offered.leg)
    unwritten = (playback_of(contact, number, leg) for leg in hearers for number in coming)
    return (*sorted(contact.playbacks), *unwritten)


def play(
    contact: Contact,
    turn: Turn,
    prompts: tuple[PromptKey, ...],
    language: Language,
    *,
    to: LegId | None = None,
) -> None:
    """Play prompts, to the caller or to another leg, under a new id."""
    contact.playbacks_made += 1
    playback = playback_of(contact, contact.playbacks_made, to)
    contact.playbacks.add(playback)
    contact.speech_failed = False
    turn.emit(PlayPrompts(_hearer(playback), playback, prompts, language))


def silence(contact: Contact, turn: Turn) -> None:
    """Cut whatever plays; each cut playback still reports its end."""
    contact.announcement = None
    for playback in sorted(contact.playbacks - contact.cut):
        contact.cut.add(playback)
        turn.emit(StopPlayback(_hearer(playback), playback))


def start_hold(contact: Contact, turn: Turn) -> None:
    """Music for the caller, unless it plays already or follows what is being said into it."""
    if not contact.holding and contact.announcement is None:
        contact.holding = True
        turn.emit(StartHoldMusic(contact.caller_leg))


def stop_hold(contact: Contact, turn: Turn) -> None:
    """No music, if there was any."""
    if contact.holding:
        contact.holding = False
        turn.emit(StopHoldMusic(contact.caller_leg))


def dial_leg(
    contact: Contact, device: DeviceId | None, *, at: Millis, role: LegRole = LegRole.AGENT
) -> LegId:
    """Register the leg of whom we ring under an id that was never used before."""
    leg = LegId(f"{contact.id}.{contact.legs_made}")
    contact.legs_made += 1
    contact.legs[leg] = Leg(role, device, at)
    return leg


def bridge_with(contact: Contact, turn: Turn, leg: LegId, *, first: LegId | None = None) -> None:
    """Let the caller, or that ``first`` leg, and this one hear each other in a new bridge."""
    contact.bridges_made += 1
    contact.bridge = BridgeId(f"{contact.id}.b{contact.bridges_made}")
    turn.emit(BridgeLegs(contact.bridge, (first or contact.caller_leg, leg)))


def part(contact: Contact, turn: Turn) -> None:
    """Take the bridge down, if there is one."""
    if contact.bridge is not None:
        turn.emit(DestroyBridge(contact.bridge, contact.caller_leg))
        contact.bridge = None


def note_leg_answered(contact: Contact, leg: LegId, *, at: Millis) -> None:
    """A leg is up, wanted or not."""
    held = contact.legs.get(leg)
    if held is not None and held.answered_at is None:
        contact.legs[leg] = replace(held, answered_at=at)


def note_leg_gone(contact: Contact, leg: LegId, *, at: Millis | None, cause: int | None) -> None:
    """A leg ended, or is given up (``at`` None)."""
    held = contact.legs.pop(leg, None)
    if held is not None:
        contact.story.leg(leg_record(leg, held, ended_at=at, cause=cause))


def leg_record(leg: LegId, held: Leg, *, ended_at: Millis | None, cause: int | None) -> LegRecord:
    """What the contact's record says of this leg."""
    began_at, answered_at = held.began_at, held.answered_at
    return LegRecord(leg, held.role, held.device, began_at, answered_at, ended_at, cause)


def release(contact: Contact, turn: Turn, leg: LegId, reason: ReleaseReason) -> None:
    """Hang a leg up, if it still lives."""
    if leg in contact.legs:
        turn.emit(ReleaseLeg(leg, reason))


def vacate(contact: Contact, turn: Turn) -> None:
    """The device of ours that called is free again, if it was one; told once."""
    if contact.occupied is not None:
        turn.emit(VacateDevice(contact.occupied, OwnCallId(contact.caller_leg)))
        contact.occupied = None


def end_offer(contact: Contact, result: OfferResult, *, at: Millis) -> None:
    """Nobody is being asked any more, or the talk is over."""
    held, contact.offered = contact.offered, None
    if held is not None:
        contact.story.offer(offer_record(held, result, at=at))


def offer_record(held: Offered, result: OfferResult, *, at: Millis) -> OfferRecord:
    """What the contact's record says of this offer."""
    rang = (held.offer, held.agent, held.device, held.made_at, held.answered_at)
    return OfferRecord(*rang, at, result)


def end_stay(contact: Contact, exit: SegmentExit, *, at: Millis) -> None:
    """The contact left its queue for good, at ``at``."""
    stay, contact.stay = contact.stay, None
    if stay is None:
        return
    wait_ms = at - stay.entered_at
    contact.queueing = contact.queueing.after(wait_ms, answered=exit is SegmentExit.ANSWERED)
    was_answered = any(each.exit is SegmentExit.ANSWERED for each in contact.story.segments)
    contact.story.segment(QueueSegment(stay.queue, stay.entered_at, at, exit, wait_ms))
    queued_at = contact.milestones.queued_at
    if queued_at is not None and not was_answered:
        contact.wait_ms = at - queued_at
