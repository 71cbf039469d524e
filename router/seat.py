"""One agent: what she says of herself, where she sits, what is in her hands."""

from dataclasses import dataclass, field

from router.agent_state import EngagementPhase
from router.day import Day
from router.hands import Chats
from router.matching import Line, Profile
from router.model import Agent, DeviceId, Millis, OfferId, Presence
from router.wrap_up import PutOff, WrapUp


@dataclass(slots=True, eq=False)
class Seat:
    """One agent as the router knows her now."""

    agent: Agent
    profile: Profile
    since: Millis
    presence: Presence = Presence.SIGNED_OUT
    reason: str | None = None
    phase: EngagementPhase = EngagementPhase.NONE
    device: DeviceId | None = None
    offer: OfferId | None = None
    misses: int = 0
    resting: bool = False
    taken_for_absent: bool = False
    """Paused by the router after misses, not by herself."""
    retired: bool = False
    """No longer in the site; here till what is in her hands is over."""
    counted: bool = False
    own: Line | None = None
    """Who waits for her alone, for a call; made when it is first needed."""
    own_chats: Line | None = None
    """The same for a chat."""
    wrap_up: WrapUp | None = None
    put_off: PutOff | None = None
    """The pause that begins when her hands are empty; she is available till then."""
    day: Day = field(default_factory=Day)
    chats: Chats = field(default_factory=Chats)
    """What is in her hands beside a call: ``phase``, ``offer`` and ``wrap_up`` are the call's."""
