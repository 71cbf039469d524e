"""One contact's state, and the few moves that every phase makes with it."""

from collections import deque
from dataclasses import dataclass, field

from ivr.call.effects import (
    CallEffect,
    PlayPrompts,
    ReleaseLeg,
    StartHoldMusic,
    StopHoldMusic,
    StopPlayback,
)
from ivr.call.model import (
    BridgeId,
    LegId,
    LegRole,
    Outcome,
    PartyRef,
    PlaybackId,
    ReleaseReason,
)
from ivr.call.phases import Phase
from ivr.flow.interpreter import Action, FlowState
from ivr.flow.model import Hotline, Language, PromptKey
from router.model import AgentId, ContactId, Millis, OfferId, OverflowCause, QueueId

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

KEYS_MAX = 10
"""Keys kept from before a menu listens (VoiceXML 2.1 calls it type-ahead)."""


@dataclass(slots=True)
class Offered:
    """The agent of the offer or conversation under way, and her leg."""

    offer: OfferId
    agent: AgentId
    leg: LegId
    answered: bool = False


@dataclass(slots=True)
class Milestones:
    """When things happened first, for the record."""

    arrived_at: Millis
    answered_at: Millis | None = None
    queued_at: Millis | None = None
    connected_at: Millis | None = None


@dataclass(slots=True)
class Contact:
    """Everything the call core knows of one contact."""

    id: ContactId
    hotline: Hotline
    dialled: str
    caller: PartyRef
    caller_leg: LegId
    milestones: Milestones
    phase: Phase = Phase.ANSWERING
    deadline: Millis = 0
    legs: dict[LegId, LegRole] = field(default_factory=lambda: dict[LegId, LegRole]())
    playbacks: set[PlaybackId] = field(default_factory=lambda: set[PlaybackId]())
    cut: set[PlaybackId] = field(default_factory=lambda: set[PlaybackId]())
    turned_away: set[LegId] = field(default_factory=lambda: set[LegId]())
    keys: deque[str] = field(default_factory=lambda: deque[str](maxlen=KEYS_MAX))
    flow: FlowState | None = None
    action: Action | None = None
    speech_failed: bool = False
    holding: bool = False
    bridge: BridgeId | None = None
    offered: Offered | None = None
    queue: QueueId | None = None
    in_queue: bool = False
    overflow: OverflowCause | None = None
    agent: AgentId | None = None
    outcome: Outcome | None = None
    reason: str = ""
    nodes: list[str] = field(default_factory=lambda: list[str]())
    offers: int = 0
    legs_made: int = 1
    playbacks_made: int = 0
    bridges_made: int = 0
    orders_made: int = 0

    @property
    def caller_is_here(self) -> bool:
        """Whether the caller's leg still lives."""
        return self.caller_leg in self.legs


@dataclass(slots=True)
class Turn:
    """One run to completion: its time, and the effects so far."""

    at: Millis
    effects: list[CallEffect] = field(default_factory=lambda: list[CallEffect]())

    def emit(self, effect: CallEffect) -> None:
        """Ask for this."""
        self.effects.append(effect)


def enter(contact: Contact, phase: Phase, *, at: Millis, for_ms: Millis) -> None:
    """Be in this phase, for at most this long."""
    contact.phase = phase
    contact.deadline = at + for_ms


def play(contact: Contact, turn: Turn, prompts: tuple[PromptKey, ...], language: Language) -> None:
    """Play prompts to the caller under a new id."""
    contact.playbacks_made += 1
    playback = PlaybackId(f"{contact.caller_leg}.p{contact.playbacks_made}")
    contact.playbacks.add(playback)
    contact.speech_failed = False
    turn.emit(PlayPrompts(contact.caller_leg, playback, prompts, language))


def silence(contact: Contact, turn: Turn) -> None:
    """Cut whatever plays to the caller; each cut playback still reports its end."""
    for playback in sorted(contact.playbacks - contact.cut):
        contact.cut.add(playback)
        turn.emit(StopPlayback(contact.caller_leg, playback))


def start_hold(contact: Contact, turn: Turn) -> None:
    """Music for the caller, unless it plays already."""
    if not contact.holding:
        contact.holding = True
        turn.emit(StartHoldMusic(contact.caller_leg))


def stop_hold(contact: Contact, turn: Turn) -> None:
    """No music, if there was any."""
    if contact.holding:
        contact.holding = False
        turn.emit(StopHoldMusic(contact.caller_leg))


def new_leg(contact: Contact, role: LegRole) -> LegId:
    """Register a leg under an id that was never used before."""
    leg = LegId(f"{contact.id}.{contact.legs_made}")
    contact.legs_made += 1
    contact.legs[leg] = role
    return leg


def release(contact: Contact, turn: Turn, leg: LegId, reason: ReleaseReason) -> None:
    """Hang a leg up, if it still lives."""
    if leg in contact.legs:
        turn.emit(ReleaseLeg(leg, reason))
