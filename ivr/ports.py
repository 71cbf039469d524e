"""What the runtime needs of the world, as Protocols. No port knows who stands behind it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ivr.call.effects import (
    KeepVoiceMessage,
    PromiseCallback,
    PushMessage,
    RequestLookup,
    TelephonyEffect,
)
from ivr.call.events import TelephonyEvent
from ivr.call.record import ContactRecord
from ivr.call.vault import Vault
from ivr.engine.rows import Intent as Intent
from ivr.engine.rows import JournalEntry as JournalEntry
from ivr.engine.rows import JournalRow as JournalRow
from ivr.engine.rows import Snapshot as Snapshot
from ivr.peer_error import PeerError as PeerError
from router.model import DeviceId, Millis, PresenceRecord

EventSink = Callable[[TelephonyEvent], None]
"""Takes one event; never waits, never raises."""

ReachabilitySink = Callable[[DeviceId, bool], None]
"""Takes the news that a device can, or can no longer, be reached."""


class Telephony(Protocol):
    """Something that answers, plays, rings and bridges.

    The promises, held by contract tests on the fake and on the real Asterisk alike:

    - ``perform`` returns at once and never raises for what Asterisk may do; a failure comes back
      as ``CommandFailed``, a success as the event named in the effect's docstring.
    - Events of one contact arrive in the order in which they happened.
    - A leg's ``LegEnded`` comes exactly once, and nothing of that leg after it.
    - Every ``PlayPrompts`` on a living leg gets exactly one ``PlaybackFinished``, the last
      before ``LegEnded`` when the leg ends first; also when the playback never began.
    - Every ``StartRecording`` on a living leg gets exactly one ``RecordingFinished``, before
      ``LegEnded`` when the leg ends first; also when the recording never began. A party who hangs
      up in its midst has recorded what was said till then. The key that ends a recording is told
      before it ended. A leg that ends while its recording begins may take some seconds more.
    - A joining effect (``JOINS_CHANNEL``) on a leg that plays waits till the playback ends, and
      delays no command of any other leg meanwhile.
    - ``StopPlayback`` of a finished playback, ``StopRecording`` of a finished recording, and
      ``ReleaseLeg`` of an ended leg, do nothing.
    - An id is used once. ``DialDevice`` with the id of a living leg is answered with
      ``CommandFailed(REFUSED)`` and that leg stays as it is; so are ``PlayPrompts`` and
      ``BridgeLegs`` with the id of a living playback or bridge. An id of something that ended
      need not be remembered: never use one again.
    - What is asked of a leg right behind ``DestroyBridge`` is done once the leg has left that
      bridge, in the order asked; ``StopPlayback`` of what still waits ends it unheard.
    - The line to the node may break and come back: then a leg that ended meanwhile gets its
      ``LegEnded``, a playback its ``PlaybackFinished``, whoever arrived is announced, a release
      or a destroyed bridge that was asked for is done, and parties who talk are not touched.
      Keys pressed meanwhile are lost.
    """

    def perform(self, effect: TelephonyEffect) -> None:
        """Have this done; what came of it arrives at the sink."""
        ...


class Lookups(Protocol):
    """Asks other systems for callers.

    The promises, held by contract tests on the fake and on the real adapter alike:

    - ``request`` returns at once and never raises, however many are under way.
    - Each request is answered once, with ``LookupAnswered``, at the latest when the service's
      attempts and the pauses between them are over; also when nothing could be asked.
    - What is answered are the wanted fields, in the wanted order and each of its declared type;
      an answer that lacks one of them, or has another type there, has failed.
    """

    def request(self, request: RequestLookup) -> None:
        """Ask; the answer arrives as an event."""
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
    """Keeps contact records. With ``intent``, here and in the other keepers, the row and the mark
    of that intent are one: it is never done twice, however often it is asked for."""

    def write(self, record: ContactRecord, *, wall: int, intent: str | None = None) -> None:
        """Keep this record; ``wall`` is the UTC time of its end, in milliseconds."""
        ...


class Orders(Protocol):
    """Keeps the promises to call customers back."""

    def promise(self, effect: PromiseCallback, *, wall: int, intent: str | None = None) -> None:
        """Open a work order, or join the live one of the same customer and topic.

        ``wall`` is the UTC time of the promise, in milliseconds; the deadline counts from it.
        """
        ...


class Outbox(Protocol):
    """Keeps the texts that are to be sent to callers, for whoever sends them."""

    def put(self, message: PushMessage, *, wall: int, intent: str | None = None) -> None:
        """Keep this text; ``wall`` is the UTC time of its making, in milliseconds."""
        ...


class Presences(Protocol):
    """Keeps each change of an agent's presence, for the audit."""

    def keep(self, record: PresenceRecord, *, wall: int, intent: str | None = None) -> None:
        """Keep this change; ``wall`` is its UTC time, in milliseconds."""
        ...


class VoiceMessages(Protocol):
    """Keeps what callers said into recordings."""

    def keep_message(
        self, effect: KeepVoiceMessage, *, wall: int, intent: str | None = None
    ) -> None:
        """Keep this recording; ``wall`` is the UTC time of its end, in milliseconds.

        One that is not there any more, or can not be kept, is told of as lost, and nothing else
        comes of it: the caller has gone on.
        """
        ...


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where the once-only effects go."""

    records: Records
    orders: Orders
    presences: Presences
    voice_messages: VoiceMessages
    outbox: Outbox


class Trace(Protocol):
    """Is told of each turn, for people and tools to read afterwards."""

    def turn(self, *, at: Millis, wall: int, event: object, effects: tuple[object, ...]) -> None:
        """One event went in and these effects came out."""
        ...

    def note(self, *, at: Millis, wall: int, kind: str, details: Mapping[str, str]) -> None:
        """Something worth a line that is no turn: a reconnect, an alarm."""
        ...


class Journal(Protocol):
    """What went into the cores, in order, so that a restart forgets nothing.

    Promises, held by contract tests on every store:

    - ``append`` returns at once; ``committed`` is called once all of the entries and intents of
      that call are durable together (at most 20 ms later, many calls in one commit), in the order
      of the calls. When the bound of rows or bytes not yet committed is reached it returns False
      and writes nothing.
    - A row read back is equal to what was appended; ``seq`` has no gap; a killed process loses
      only what was not committed.
    - One writer: a second one on the same store is refused at opening with one sentence.
    - ``mark`` is idempotent; an intent's key is taken once, a second intent of that key changes
      nothing.
    """

    def append(
        self,
        entries: Sequence[JournalEntry],
        intents: Sequence[Intent],
        committed: Callable[[], None],
    ) -> bool:
        """Write these down together."""
        ...

    def mark(self, key: str, result: str) -> None:
        """The once-only effect of this key was done, with this result."""
        ...

    def rows(self, stream: str, *, after: int) -> Iterator[JournalRow]:
        """The committed rows of a stream behind ``after``, in order."""
        ...

    def open_intents(self) -> list[Intent]:
        """Intents that were committed and not marked, oldest first."""
        ...

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep this state; rows it covers may be dropped later, never before."""
        ...

    def snapshots(self, stream: str) -> list[Snapshot]:
        """The snapshots of a stream that are kept, oldest first."""
        ...

    def latest_snapshot(self, stream: str) -> Snapshot | None:
        """The newest snapshot of a stream."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that one engine needs of the world."""

    telephony: Telephony
    clock: Clock
    keeper: Keeper
    trace: Trace
    journal: Journal
    lookups: Lookups | None = None
    """None where nobody can be asked: then each lookup fails at once."""
    vault: Vault = field(default_factory=Vault)
