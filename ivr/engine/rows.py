"""What the journal holds, as values: entries, rows, snapshots, intents.

They stand here and not beside the port, because what is read back is judged by pure code.
"""

from dataclasses import dataclass

from router.model import Millis

ANCHORED = "StateAnchored"
"""The kind of a row that carries a state instead of an event: what led to it is not in the journal.
Whoever replays goes on from there."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that went into a core, as it is written down.

    ``stream`` is ``pool:<id>`` or ``node:<id>``; order is promised within a stream only. ``at`` is
    engine time, ``wall`` UTC milliseconds. ``core`` is the version of the code that took it, for
    rows of other code are never replayed. ``kind`` is the message's type, ``body`` its plain data
    as JSON. ``effects`` is the digest of all that it led to: a replay must come to the same.
    """

    stream: str
    at: Millis
    wall: int
    core: str
    kind: str
    body: bytes
    effects: str = ""


@dataclass(frozen=True, slots=True)
class JournalRow:
    """An entry with its place: ``seq`` counts from 1 in its stream without a gap."""

    seq: int
    epoch: int
    node: str
    entry: JournalEntry


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of a stream's cores after row ``seq``, as plain data in JSON."""

    stream: str
    seq: int
    at: Millis
    wall: int
    core: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Intent:
    """A once-only effect that was committed to: its key is used once, ``done`` tells its result."""

    key: str
    stream: str
    kind: str
    body: bytes
    done: str | None
