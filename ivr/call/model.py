"""The call core's ids and closed sets of words."""

from enum import Enum
from typing import NewType

LegId = NewType("LegId", str)
"""``<contact>.<n>``: ours, used once, registered before it is sent anywhere."""

PlaybackId = NewType("PlaybackId", str)
BridgeId = NewType("BridgeId", str)

LookupId = NewType("LookupId", str)
"""``<contact>.l<n>``: one question to another system, used once."""


class Shielding(Enum):
    """What becomes of a caller's keys (``ivr.call.shield``)."""

    OPEN = "open"
    """They come as they are."""
    DROPS = "drops"
    """That one was pressed is told, and no more."""
    TAKES = "takes"
    """They are of a secret that is being entered."""
    FADES = "fades"
    """They may come again, once the vault sees that those of a secret are over."""


PartyRef = NewType("PartyRef", str)
"""Stands for a party's number; the number itself stays at the edge, in one table."""


class LegRole(Enum):
    """Whose connection a leg is."""

    CALLER = "caller"
    AGENT = "agent"
    OUTSIDE = "outside"
    """Somebody to whom the caller is put through, who is no agent."""


class PlaybackOutcome(Enum):
    """How a playback ended."""

    PLAYED = "played"
    STOPPED = "stopped"
    FAILED = "failed"


class CommandFailure(Enum):
    """Why Asterisk did not do what was asked, as far as it matters to a decision."""

    GONE = "gone"
    """The leg, bridge or playback exists no more."""
    REFUSED = "refused"
    """The state of the channel, or the request, forbade it."""
    TIMED_OUT = "timed_out"
    """No answer in time; what became of it was asked for and is still unknown."""
    OVERLOADED = "overloaded"
    """Never sent: too many commands were under way."""


class ReleaseReason(Enum):
    """What a party is told when we release its leg."""

    NORMAL = "normal"
    NO_ANSWER = "no_answer"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    FAILURE = "failure"
    UNKNOWN_NUMBER = "unknown_number"
    CONGESTION = "congestion"


class Outcome(Enum):
    """How a contact ended."""

    SERVED = "served"
    """Talked to an agent."""
    ABANDONED = "abandoned"
    """The caller left the queue before an agent answered."""
    LEFT_IN_FLOW = "left_in_flow"
    """The caller hung up while hearing or being asked something."""
    TRANSFERRED = "transferred"
    """Put through to a number outside."""
    WORK_ORDER = "work_order"
    """Met no agent, or nobody to whom one had transferred her, and was promised a call."""
    VOICE_MESSAGE = "voice_message"
    """Met no agent, and left a message."""
    UNSERVED = "unserved"
    """Asked for an agent, met none, and the flow ended."""
    FLOW_ENDED = "flow_ended"
    """The flow ended without having asked for an agent."""
    PLATFORM_FAILURE = "platform_failure"
    """Ended by a fault of ours or of a system we depend on."""
