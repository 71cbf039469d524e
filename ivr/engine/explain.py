"""One contact's way, from the journal: given to the cores again, with somebody watching.

Nothing of it is kept while calls are live. The rows are those from the last state before the
contact's arrival to its record, or to the last one where it is not over; what they lead to is
compared with what they led to then, so that no other way than the one it went is told.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile

import msgspec

from ivr.call.effects import WriteRecord
from ivr.call.events import CallArrived
from ivr.call.model import Outcome
from ivr.engine.by_command import ContactMoveAsked, CrisisStartAsked
from ivr.engine.codec import UnknownKindError, decode
from ivr.engine.driver import Driver
from ivr.engine.recover import Kept, RecoveryRefused, Replay, Replayed, restored
from ivr.engine.rows import JournalEntry, JournalRow, Snapshot
from ivr.engine.turn import BUG
from ivr.flow.site import Site
from router.explain import (
    ChangeRefused,
    Decision,
    Ended,
    Moved,
    Overflowed,
    Revalued,
    WrapUpChanged,
)
from router.explaining import Explainer
from router.model import ContactId, Millis, OfferId, OverflowCause

ROWS_REPLAYED_MAX = 500_000
"""Rows given to the cores for one contact; more than the journal of an engine keeps."""

ARRIVALS_REMEMBERED_MAX = 2_000
"""Late arrivals, among which the one is sought that was meant by an id nobody has."""

_COMMANDS = (ContactMoveAsked.__name__, CrisisStartAsked.__name__)

NEAR = 0.8
"""How alike two ids must be for the one to be taken for a slip of the other."""


class ContactNotFound(Exception):
    """The journal holds no arrival of this contact; ``near`` is the id that may be meant."""

    def __init__(self, near: str | None, begins_wall: int | None) -> None:
        super().__init__("the journal holds no arrival of this contact")
        self.near = near
        self.begins_wall = begins_wall
        """When the first row was written that is kept; None where there is none."""


class ExplainRefused(Exception):
    """The journal cannot be told from; one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class ToldDecision:
    """A decision, with the UTC milliseconds of its event.

    ``asked_by`` is who asked for just this by a command, as the machine knows them; None where
    nobody did.
    """

    decision: Decision
    wall: int
    asked_by: str | None = None


@dataclass(frozen=True, slots=True)
class Over:
    """How a contact ended: so much of its record as tells that."""

    contact: str
    outcome: Outcome
    reason: str
    agent: str | None
    transferred_to: str | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that was decided about a contact; ``site`` is the version that held last."""

    contact: ContactId
    arrived_at: Millis
    arrived_wall: int
    over: Over | None
    """How it ended, once its record was written; else it is told up to the last row."""
    rows: int
    cut: bool
    """Whether the limit of rows ended it."""
    left_out: int
    """Decisions beyond the explainer's limit."""
    site: Site | None
    decisions: tuple[ToldDecision, ...]


def explain(contact: ContactId, kept: Kept, *, core: str, sites: Mapping[str, Site]) -> Explanation:
    """Why this contact went where it went.

    Raises ``ContactNotFound``, ``ExplainRefused``.
    """
    arrival = _arrival_of(contact, kept)
    _refuse_other_code(arrival, core, contact)
    driver, begin_seq = _before(arrival, kept, sites)
    run = Replay(driver, sites, begin_seq)
    watch = _Watch(contact, run)
    try:
        for replayed in run.run(_bounded(kept.rows_after(begin_seq), watch, core=core)):
            if watch.over and not replayed.same:
                break
            _refuse_another_way(replayed)
            watch.take(replayed)
            if watch.is_done:
                break
    except RecoveryRefused as problem:
        if not watch.over:
            raise ExplainRefused(_not_readable(contact, problem.problem)) from problem
    return Explanation(
        contact,
        arrival.entry.at,
        arrival.entry.wall,
        over=watch.over,
        rows=watch.rows,
        cut=watch.cut,
        left_out=watch.explainer.left_out,
        site=None if run.driver.site is None else sites.get(run.driver.site),
        decisions=tuple(watch.told),
    )


@dataclass(frozen=True, slots=True)
class _Written:
    """So much of a ``WriteRecord``."""

    record: Over


class _Watch:
    """Looks over the router's shoulder from the arrival on, and stamps what it decides.

    The contact is ``over`` with its record. It goes on till the wrap-ups after it are over, as far
    as the rows do: by then all is told that has to be.
    """

    def __init__(self, contact: ContactId, run: Replay) -> None:
        self.explainer = Explainer(contact)
        self.told: list[ToldDecision] = []
        self.rows = 0
        self.over: Over | None = None
        self.cut = self.is_done = False
        self.contact = contact
        self._wrap_ups: dict[OfferId, Millis] = {}
        """When those under way are over."""
        self._run = run
        self._watched = run.driver
        self._watched.router.watched_by(self.explainer)

    def take(self, replayed: Replayed) -> None:
        """This row was given to the cores."""
        self.rows += 1
        entry = replayed.row.entry
        asked = _command_of(entry)
        for decision in self.explainer.taken():
            self.told.append(ToldDecision(decision, entry.wall, _asked_by(asked, decision)))
            if isinstance(decision, Ended) and decision.wrap_up_ends_at is not None:
                self._wrap_ups[decision.offer] = decision.wrap_up_ends_at
            elif isinstance(decision, WrapUpChanged):
                self._wrap_ups[decision.offer] = decision.ends_at or entry.at
        self.over = self.over or _record_in(replayed, self.contact)
        wraps_up = any(ends > entry.at for ends in self._wrap_ups.values())
        self.is_done = self.over is not None and not wraps_up
        # Behind an anchored row the router is another one, which nobody watches yet.
        if self._watched is not self._run.driver:
            self._watched = self._run.driver
            self._watched.router.watched_by(self.explainer)


def _bounded(rows: Iterable[JournalRow], watch: _Watch, *, core: str) -> Iterator[JournalRow]:
    """So many rows of this code as one contact is worth."""
    for row in rows:
        if watch.rows >= ROWS_REPLAYED_MAX:
            watch.cut = watch.over is None
            return
        if watch.over and row.entry.core != core:
            return
        _refuse_other_code(row, core, watch.contact)
        yield row


def _arrival_of(contact: ContactId, kept: Kept) -> JournalRow:
    """The row by which the contact arrived, sought from the newest state back to the oldest."""
    named = contact.encode()
    others: list[JournalRow] = []
    begins_wall: int | None = None
    end: int | None = None
    for begin in (*(each.seq for each in reversed(kept.snapshots)), 0):
        for row in _between(kept, begin, end):
            begins_wall = min(row.entry.wall, begins_wall or row.entry.wall)
            if row.entry.kind != CallArrived.__name__:
                continue
            if named in row.entry.body and _who_arrived(row) == contact:
                return row
            if len(others) < ARRIVALS_REMEMBERED_MAX:
                others.append(row)
        end = begin
    known = [name for row in others if (name := _who_arrived(row)) is not None]
    raise ContactNotFound(_meant(contact, known), begins_wall)


def _between(kept: Kept, begin: int, end: int | None) -> Iterator[JournalRow]:
    """The rows behind one place, up to another one."""
    rows = kept.rows_after(begin)
    return takewhile(lambda row: end is None or row.seq <= end, rows)


def _meant(contact: str, known: list[str]) -> str | None:
    """Whose id begins so, if only one does; else the one most like it."""
    begun = [name for name in known if contact and name.startswith(contact)]
    if len(begun) == 1:
        return begun[0]
    near = get_close_matches(contact, known, n=1, cutoff=NEAR)
    return near[0] if near else None


def _who_arrived(row: JournalRow) -> str | None:
    try:
        event = decode(row.entry.kind, row.entry.body)
    except (UnknownKindError, msgspec.DecodeError):
        return None
    return event.contact if isinstance(event, CallArrived) else None


def _before(arrival: JournalRow, kept: Kept, sites: Mapping[str, Site]) -> tuple[Driver, int]:
    """The newest state before the arrival that can be read, else that of an engine that never ran.

    The arrival's own row is always given to the cores, so that they know of it.
    """
    earlier: list[Snapshot] = [each for each in kept.snapshots if each.seq < arrival.seq]
    for snapshot in reversed(earlier):
        driver = restored(snapshot.body, sites)
        if driver is not None:
            return driver, snapshot.seq
    return Driver(sites), 0


def _record_in(replayed: Replayed, contact: ContactId) -> Over | None:
    """What this row's record of the contact tells, if it led to one: that is the end of it."""
    effects = replayed.effects
    if replayed.digest.startswith(BUG):
        return None
    if WriteRecord.__name__.encode() not in effects or contact.encode() not in effects:
        return None
    kinds = msgspec.json.decode(effects, type=list[tuple[str, msgspec.Raw]])
    written = (
        msgspec.json.decode(body, type=_Written).record
        for kind, body in kinds
        if kind == WriteRecord.__name__
    )
    return next((record for record in written if record.contact == contact), None)


def _refuse_other_code(row: JournalRow, core: str, contact: ContactId) -> None:
    if row.entry.core != core:
        raise ExplainRefused(
            f"another version of this program routed the contact {contact}, and this one cannot "
            "repeat what that one decided: run `expertline explain` of the version that ran then "
            f"on this data folder, or see `expertline contacts show {contact}`"
        )


def _command_of(entry: JournalEntry) -> ContactMoveAsked | CrisisStartAsked | None:
    if entry.kind not in _COMMANDS:
        return None
    event = decode(entry.kind, entry.body)
    return event if isinstance(event, ContactMoveAsked | CrisisStartAsked) else None


def _asked_by(asked: ContactMoveAsked | CrisisStartAsked | None, decision: Decision) -> str | None:
    """Who asked for this; what else the same event brought about was nobody's wish."""
    match asked, decision:
        case CrisisStartAsked(), Moved(by_crisis=True) | Overflowed(cause=OverflowCause.CRISIS):
            return asked.by
        case ContactMoveAsked(), Moved(by_crisis=False) | Revalued() | ChangeRefused():
            return asked.by
        case _:
            return None


def _refuse_another_way(replayed: Replayed) -> None:
    if not replayed.same:
        row = replayed.row
        raise ExplainRefused(
            f"row {row.seq} of the journal ({row.entry.kind}) leads to something else than it did "
            "when it was written, so what is told from there on would not be what happened: "
            "`expertline replay` names all such rows"
        )


def _not_readable(contact: ContactId, problem: str) -> str:
    return (
        f"the way of the contact {contact} cannot be gone through again, as {problem}: see "
        f"`expertline contacts show {contact}`"
    )
