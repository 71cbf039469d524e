"""What an agent is doing, in two small machines that never mix.

*Presence* is what she says of herself: signed out, available, on break. *Engagement* is the one
contact in her hands: none, reserved (an offer is on its way to her phone), connected, wrap-up.
A third fact, whether her device can be reached, is the device's and has no machine at all. She is
*idle for voice* only when all three agree; that is derived, never stored, so that it cannot be
wrong for longer than one event. Stuck agent states are the most reported class of fault in this
field, and nearly always a stored "idle" that nobody corrected.

Signing out or going on break does not touch an engagement: the conversation goes on, and no new
offer is made. An offer under way is rescinded by the router. A device's own calls, and another
agent's conversation that still goes on there, block offers without being any agent's state.

An engagement can be lost even when connected: the agent answered, and the line died before the
two could talk. The contact then goes back to its place as from any lost offer.

Each table names a verdict for every (state, happening): the next state, or ``None`` for "changes
nothing, and is counted" (late or doubled messages, requests that cannot be met). A pair that is
missing is a bug; a test walks all pairs.
"""

from collections.abc import Mapping
from enum import Enum

from router.model import Presence, PresenceChange


class EngagementPhase(Enum):
    """What the agent's hands hold."""

    NONE = "none"
    RESERVED = "reserved"
    CONNECTED = "connected"
    WRAP_UP = "wrap_up"

    # An enum's own hash is that of its name, made anew in Python each time; the table is asked
    # several times in each event. The members are single, so their identity does as well.
    __hash__ = object.__hash__


class EngagementStep(Enum):
    """What can happen to an engagement."""

    RESERVE = "reserve"
    ACCEPT = "accept"
    LOSE = "lose"
    END = "end"
    WRAP = "wrap"

    __hash__ = object.__hash__


_P, _E = EngagementPhase, EngagementStep

ENGAGEMENT: Mapping[tuple[EngagementPhase, EngagementStep], EngagementPhase | None] = {
    (_P.NONE, _E.RESERVE): _P.RESERVED,
    (_P.NONE, _E.ACCEPT): None,
    (_P.NONE, _E.LOSE): None,
    (_P.NONE, _E.END): None,
    (_P.NONE, _E.WRAP): None,
    (_P.RESERVED, _E.RESERVE): None,
    (_P.RESERVED, _E.ACCEPT): _P.CONNECTED,
    (_P.RESERVED, _E.LOSE): _P.NONE,
    (_P.RESERVED, _E.END): None,
    (_P.RESERVED, _E.WRAP): None,
    (_P.CONNECTED, _E.RESERVE): None,
    (_P.CONNECTED, _E.ACCEPT): None,
    (_P.CONNECTED, _E.LOSE): _P.NONE,
    (_P.CONNECTED, _E.END): _P.WRAP_UP,
    (_P.CONNECTED, _E.WRAP): None,
    (_P.WRAP_UP, _E.RESERVE): None,
    (_P.WRAP_UP, _E.ACCEPT): None,
    (_P.WRAP_UP, _E.LOSE): None,
    (_P.WRAP_UP, _E.END): None,
    (_P.WRAP_UP, _E.WRAP): _P.NONE,
}

_W, _C = Presence, PresenceChange

PRESENCE: Mapping[tuple[Presence, PresenceChange], Presence | None] = {
    (_W.SIGNED_OUT, _C.SIGN_IN): _W.AVAILABLE,
    (_W.SIGNED_OUT, _C.SIGN_OUT): None,
    (_W.SIGNED_OUT, _C.PAUSE): None,
    (_W.SIGNED_OUT, _C.RESUME): None,
    (_W.AVAILABLE, _C.SIGN_IN): _W.AVAILABLE,
    (_W.AVAILABLE, _C.SIGN_OUT): _W.SIGNED_OUT,
    (_W.AVAILABLE, _C.PAUSE): _W.ON_BREAK,
    (_W.AVAILABLE, _C.RESUME): _W.AVAILABLE,
    (_W.ON_BREAK, _C.SIGN_IN): _W.AVAILABLE,
    (_W.ON_BREAK, _C.SIGN_OUT): _W.SIGNED_OUT,
    (_W.ON_BREAK, _C.PAUSE): _W.ON_BREAK,
    (_W.ON_BREAK, _C.RESUME): _W.AVAILABLE,
}
"""``None`` is refused, as she is not signed in. The same presence again is news only if her device
or the reason of her pause is another one: a sign-in at another device is a move, and a sign-in
during a pause ends it, as who signs in says that she is there."""
