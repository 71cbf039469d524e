"""From what the journal kept to a driver that goes on, or to one sentence why it cannot.

Pure: whoever calls reads the journal. A journal is believed only as a whole. Each row is given to
the cores again, and what they answer is compared with what the row says they answered then; with
the first difference the state is some other engine's than the one whose callers and agents are out
there, and it is not used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ivr.engine.codec import ANCHORED, UnknownKindError, decode, decode_state, was_at_rest
from ivr.engine.driver import Driver
from ivr.engine.rows import JournalRow, Snapshot
from ivr.engine.turn import Met, attempt, take
from ivr.flow.site import Site
from router.model import Millis

RESUME_MS_MAX = 24 * 3_600_000
"""How much engine time can pass while no engine runs: beyond it, clocks are not believed."""

FORGET = (
    "start with `expertline serve --forget`: nobody is signed in then and no hotline is closed by "
    "hand, records, work orders and numbers stay, and what was promised is still done"
)


class RecoveryRefused(Exception):
    """The journal cannot be gone on from; one sentence with the remedy."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem} {FORGET}")
        self.problem = problem.rstrip(":")
        """What is wrong, without the remedy."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A driver as it was after row ``seq``; ``at`` and ``wall`` are of the last that is known."""

    driver: Driver
    seq: int
    at: Millis
    wall: int | None
    """None where nothing was ever written."""
    at_rest: bool
    """Whether an engine ended in order with this state, and nothing came after."""
    replayed: int = 0
    """Rows that were given to the cores again."""
    unreadable: int = 0
    """Snapshots that could not be read; an older one and more rows stood in."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the journal has of one stream: its snapshots, oldest first, and its rows by place."""

    snapshots: Sequence[Snapshot]
    rows_after: Callable[[int], Iterable[JournalRow]]


@dataclass(frozen=True, slots=True)
class Replayed:
    """One row, given to the cores again."""

    row: JournalRow
    digest: str
    effects: bytes

    @property
    def same(self) -> bool:
        """Whether it led to what it led to then."""
        return self.digest == self.row.entry.effects


def recover(kept: Kept, *, core: str, sites: Mapping[str, Site]) -> Recovered:
    """The state after the last row. Raises ``RecoveryRefused``."""
    newest = kept.snapshots[-1] if kept.snapshots else None
    _refuse_other_code(kept, newest, core)
    driver, begin, unreadable = _begin(kept.snapshots, sites)
    if newest is not None and newest.core != core and unreadable:
        raise RecoveryRefused(
            "another version of this program wrote the journal, and this one cannot read its last "
            "state: run that version on, or"
        )
    seq = 0 if begin is None else begin.seq
    at, wall = (0, None) if begin is None else (begin.at, begin.wall)
    replay = Replay(driver, sites, seq)
    for replayed in replay.run(_of_this_code(kept.rows_after(seq), core)):
        if not replayed.same:
            raise RecoveryRefused(
                f"row {replayed.row.seq} of the journal ({replayed.row.entry.kind}) leads to "
                "something else than it did when it was written:"
            )
        at, wall = replayed.row.entry.at, replayed.row.entry.wall
    if newest is not None and replay.seq < newest.seq:
        raise RecoveryRefused(
            f"the journal ends at row {replay.seq}, before its newest state, of row {newest.seq}, "
            "which cannot be read:"
        )
    at_rest = replay.seq == seq and (begin is None or was_at_rest(begin.body))
    return Recovered(replay.driver, replay.seq, at, wall, at_rest, replay.seq - seq, unreadable)


def forgotten(kept: Kept, *, driver: Driver) -> Recovered:
    """This driver behind all that the journal has: its place and its time, not its state.

    Its time is later than all that was: what it counts anew is told apart by it.
    """
    newest = kept.snapshots[-1] if kept.snapshots else None
    seq, at, wall = (0, 0, None) if newest is None else (newest.seq, newest.at, newest.wall)
    for row in kept.rows_after(seq):
        seq, at, wall = row.seq, max(at, row.entry.at), row.entry.wall
    return Recovered(driver, seq, at + 1, wall, at_rest=True)


def resumed_at(recovered: Recovered, wall_now: int) -> tuple[Millis, bool]:
    """The engine time to go on at, and whether the clock on the wall was not believed."""
    if recovered.wall is None:
        return 0, False
    passed = wall_now - recovered.wall
    believed = min(max(passed, 0), RESUME_MS_MAX)
    return recovered.at + believed, believed != passed


class Replay:
    """Gives rows to a driver again, one after another, and stands at ``seq``."""

    def __init__(self, driver: Driver, sites: Mapping[str, Site], seq: int) -> None:
        self.driver = driver
        self.seq = seq
        self._sites = sites

    def run(self, rows: Iterable[JournalRow]) -> Iterator[Replayed]:
        """Each row with what it leads to. Raises ``RecoveryRefused`` where it cannot go on."""
        for row in rows:
            if row.seq != self.seq + 1:
                raise RecoveryRefused(
                    f"the journal has no row {self.seq + 1}, the next one is row {row.seq}:"
                )
            replayed = self._one(row)
            self.seq = row.seq
            yield replayed

    def _one(self, row: JournalRow) -> Replayed:
        entry = row.entry
        if entry.kind == ANCHORED:
            driver = restored(entry.body, self._sites)
            if driver is None:
                raise RecoveryRefused(f"the state in row {row.seq} of the journal cannot be read:")
            self.driver = driver
            return Replayed(row, entry.effects, b"[]")
        try:
            event = decode(entry.kind, entry.body)
        except (UnknownKindError, msgspec.DecodeError) as error:
            raise RecoveryRefused(
                f"row {row.seq} of the journal ({entry.kind}) cannot be read ({error}):"
            ) from error
        taken = take(self.driver, event, entry.at, wall=entry.wall)
        return Replayed(row, taken.digest, taken.effects)


def _begin(
    snapshots: Sequence[Snapshot], sites: Mapping[str, Site]
) -> tuple[Driver, Snapshot | None, int]:
    """The newest state that can be read, else that of an engine that never ran."""
    for unreadable, snapshot in enumerate(reversed(snapshots)):
        driver = restored(snapshot.body, sites)
        if driver is not None:
            return driver, snapshot, unreadable
    return Driver(sites), None, len(snapshots)


def restored(body: bytes, sites: Mapping[str, Site]) -> Driver | None:
    """The driver of a state that was kept; None where it cannot be read by this code."""
    # What is damaged enough to break a core is unreadable, like what is no JSON.
    made = attempt(lambda: Driver.restored(decode_state(body), sites))
    return None if isinstance(made, Met) else made


def _refuse_other_code(kept: Kept, newest: Snapshot | None, core: str) -> None:
    """Other code starts only from the state of an engine that ended in order, if it can read it."""
    if newest is None or newest.core == core:
        return
    if not was_at_rest(newest.body) or any(True for _ in kept.rows_after(newest.seq)):
        raise RecoveryRefused(
            "another version of this program wrote the journal and did not end in order, so what "
            "it knew cannot be gone on with: start that version once more and stop it with "
            "SIGTERM, or, if you have it no more,"
        )


def _of_this_code(rows: Iterable[JournalRow], core: str) -> Iterator[JournalRow]:
    for row in rows:
        if row.entry.core != core:
            raise RecoveryRefused(
                f"another version of this program wrote row {row.seq} of the journal and did not "
                "end in order: start that version once more and stop it with SIGTERM, or, if you "
                "have it no more,"
            )
        yield row
