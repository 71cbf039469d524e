"""What the runtime needs of the world, as Protocols. No port knows who stands behind it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from ivr.call.effects import TelephonyEffect
from ivr.call.events import TelephonyEvent
from ivr.call.record import ContactRecord
from router.model import DeviceId, Millis

EventSink = Callable[[TelephonyEvent], None]
"""Takes one event; never waits, never raises."""

ReachabilitySink = Callable[[DeviceId, bool], None]
"""Takes the news that a device can, or can no longer, be reached."""


class PeerError(Exception):
    """Asterisk, a database or a gateway misbehaved; one sentence that says what to do.

    ``retry_safe`` tells whether the operation may be tried again without doing anything twice.
    """

    def __init__(self, sentence: str, *, peer: str, operation: str, retry_safe: bool) -> None:
        super().__init__(sentence)
        self.peer = peer
        self.operation = operation
        self.retry_safe = retry_safe


class Telephony(Protocol):
    """Something that answers, plays, rings and bridges.

    The promises, held by contract tests on the fake and on the real Asterisk alike:

    - ``perform`` returns at once and never raises for what Asterisk may do; a failure comes back
      as ``CommandFailed``, a success as the event named in the effect's docstring.
    - Events of one contact arrive in the order in which they happened.
    - A leg's ``LegEnded`` comes exactly once, and nothing of that leg after it.
    - Every ``PlayPrompts`` on a living leg gets exactly one ``PlaybackFinished``, the last
      before ``LegEnded`` when the leg ends first; also when the playback never began.
    - A joining effect (``JOINS_CHANNEL``) on a leg that plays waits till the playback ends, and
      delays no command of any other leg meanwhile.
    - ``StopPlayback`` of a finished playback, and ``ReleaseLeg`` of an ended leg, do nothing.
    """

    def perform(self, effect: TelephonyEffect) -> None:
        """Have this done; what came of it arrives at the sink."""
        ...


class Clock(Protocol):
    """Engine time and wall time."""

    def now(self) -> Millis:
        """Engine time, in milliseconds; follows the monotonic clock."""
        ...

    def wall(self) -> int:
        """UTC milliseconds since 1970; read by records and opening hours only."""
        ...


class Records(Protocol):
    """Keeps contact records."""

    def write(self, record: ContactRecord, *, wall: int) -> None:
        """Keep this record; ``wall`` is the UTC time of its end, in milliseconds."""
        ...


class Trace(Protocol):
    """Is told of each turn, for people and tools to read afterwards."""

    def turn(self, *, at: Millis, wall: int, event: object, effects: tuple[object, ...]) -> None:
        """One event went in and these effects came out."""
        ...

    def note(self, *, at: Millis, wall: int, kind: str, details: Mapping[str, str]) -> None:
        """Something worth a line that is no turn: a reconnect, an alarm."""
        ...
