"""Feeds the journal, turn by turn, and does what may be done only once a turn is committed.

Everything that one process's cores are given goes into one stream, in the order of the turns.
Three states follow each other when a disk does not keep up:

*Fed.* Each turn is appended as it is taken. What it promised is done when the commit is told.
While the oldest append waits for its commit longer than ``COMMIT_LATE_MS_MAX``, no new contact is
taken in: a kill would lose what happened to it. Those who are here go on.

*Held back.* The journal's bound is reached. Turns wait here in their order, and so does all that is
to be done once; no new contact is taken in, so what waits belongs to those who are here.

*Adrift.* This bound is reached too. Those who talk go on talking, with no row of it. What is owed
once is kept, and nothing else. When the journal takes rows again, one row with the whole state
anchors the stream anew, together with the intents of all that is owed.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from ivr.call.effects import KeepVoiceMessage, PromiseCallback, PushMessage, WriteRecord
from ivr.engine.codec import ANCHORED, encode_state
from ivr.engine.driver import Answer, DriverSnapshot
from ivr.engine.once_only import Planned, UnknownIntentError, intent_of, planned_of
from ivr.engine.rows import JournalEntry, Snapshot
from ivr.engine.turn import BUG, Met, attempt
from ivr.ports import Clock, Journal, Keeper
from router.effects import RecordPresence
from router.model import Millis

BACKLOG_ROWS_MAX = 5_000
"""Turns held back while the journal takes none: some minutes of the contacts that are here."""

OWED_MAX = 20_000
"""Once-only effects kept while adrift. Records and orders are fewer than that by far, for no new
contact comes in; of changes of presence the later ones are left out, and counted."""

COMMIT_LATE_MS_MAX = 5_000
"""How long an append may wait for its commit while new contacts still come in. The port promises
20 ms; a disk that is only busy is back well within this."""

RETRY_MS = 500
"""How often the journal is asked whether it takes rows again."""

SNAPSHOT_ROWS = 20_000
"""Rows from one snapshot to the next: about a second of replay."""


@dataclass(frozen=True, slots=True)
class StreamPlace:
    """Where in which stream an engine goes on: after row ``seq``, as this version of the code."""

    stream: str
    core: str
    seq: int


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn to be written down, and what is to be done once it is."""

    entry: JournalEntry
    planned: tuple[Planned, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedHooks:
    """What the feed needs of the runtime it serves."""

    state: Callable[[], DriverSnapshot]
    answer: Callable[[Answer], None]
    note: Callable[[str, Mapping[str, str]], None]
    later: Callable[[int, Callable[[], None]], object]
    """Calls back so many milliseconds later."""


class JournalFeed:
    """One stream of the journal, fed by one engine."""

    def __init__(
        self, journal: Journal, keeper: Keeper, place: StreamPlace, clock: Clock, hooks: FeedHooks
    ) -> None:
        self.seq = place.seq
        """The last row that the journal accepted."""
        self.left_out = 0
        """Changes of presence that were not kept while adrift."""
        self._journal = journal
        self._keeper = keeper
        self._place = place
        self._clock = clock
        self._hooks = hooks
        self._snapshot_seq = place.seq
        self._backlog: deque[TurnRow] = deque()
        self._owed: list[Planned] = []
        self._unanswered: list[Answer] = []
        self._uncommitted: deque[Millis] = deque()
        """When each append was made that is not committed yet. No longer than what the journal
        takes in before it refuses."""
        self._waked = False
        self._watching = False
        self.late = False
        """Whether the oldest append waits longer than ``COMMIT_LATE_MS_MAX`` for its commit."""
        self.adrift = False
        """Whether turns are taken without being written down."""

    @property
    def takes_calls(self) -> bool:
        """Whether a new contact can be taken in: its turns are soon where a kill leaves them."""
        return not self._backlog and not self.adrift and not self.late

    def begin(self, *, at_rest: bool, anchor: bool = False) -> None:
        """Do what was committed to and not done, then keep the state that the engine begins with.

        With ``anchor`` the state does not follow from the rows before it, and a row says so.
        """
        self._carry_out_open()
        if anchor and not self._anchor(at_rest=at_rest):
            self.adrift = True
            self._wake()
        elif not anchor:
            self._keep_state(at_rest=at_rest)

    def take(self, row: TurnRow) -> None:
        """Write this turn down, now or as soon as the journal takes it."""
        if self.adrift:
            self._owe(row)
        elif self._backlog:
            self._backlog.append(row)
            self._catch_up()
        elif not self._append([row.entry], row.planned, row.answers):
            self._backlog.append(row)
            self._hooks.note("journal_full", {"seq": str(self.seq)})
            self._wake()
        if len(self._backlog) > BACKLOG_ROWS_MAX:
            self._drift()
        # A bug may leave in the cores what the next event is to clear: no state to go on from.
        if not row.entry.effects.startswith(BUG):
            self._keep_state_if_due()

    def finish(self) -> None:
        """Nothing follows: keep the state as one to start from, if all before it is written."""
        self._catch_up()
        if self.adrift:
            self._anchor()
        if self._backlog or self.adrift:
            once = sum(len(row.planned) for row in self._backlog) + len(self._owed)
            waiting = {"turns": str(len(self._backlog)), "once_only": str(once)}
            self._hooks.note("journal_unfinished", waiting)
            return
        self._keep_state(at_rest=True)

    def _append(
        self,
        entries: Sequence[JournalEntry],
        planned: Sequence[Planned],
        answers: Sequence[Answer],
    ) -> bool:
        def committed() -> None:
            self._uncommitted.popleft()
            self._be_in_time()
            for each in planned:
                carry_out(self._keeper, each)
            for answer in answers:
                self._hooks.answer(answer)
            self._catch_up()

        intents = [intent_of(each, stream=self._place.stream) for each in planned]
        if not self._journal.append(entries, intents, committed):
            return False
        self._uncommitted.append(self._clock.now())
        self._watch(COMMIT_LATE_MS_MAX)
        self.seq += len(entries)
        return True

    def _watch(self, delay_ms: Millis) -> None:
        """Look after the oldest append then: a disk that hangs gives no sign of its own."""
        if not self._watching and not self.late:
            self._watching = True
            self._hooks.later(delay_ms, self._look)

    def _look(self) -> None:
        self._watching = False
        if not self._uncommitted:
            return
        waited_ms = self._clock.now() - self._uncommitted[0]
        if waited_ms < COMMIT_LATE_MS_MAX:
            self._watch(COMMIT_LATE_MS_MAX - waited_ms)
            return
        self.late = True
        waiting = {"appends": str(len(self._uncommitted)), "waited_ms": str(waited_ms)}
        self._hooks.note("journal_late", {"seq": str(self.seq), **waiting})

    def _be_in_time(self) -> None:
        """After a commit: a late journal is in time again once nothing old waits any more."""
        if not self.late:
            return
        now = self._clock.now()
        if not self._uncommitted or now - self._uncommitted[0] < COMMIT_LATE_MS_MAX:
            self.late = False
            self._hooks.note("journal_in_time", {"seq": str(self.seq)})
            if self._uncommitted:
                self._watch(COMMIT_LATE_MS_MAX - (now - self._uncommitted[0]))

    def _catch_up(self) -> None:
        """Hand over what was held back, as far as the journal takes it."""
        if not self._backlog:
            return
        while self._backlog:
            row = self._backlog[0]
            if not self._append([row.entry], row.planned, row.answers):
                self._wake()
                return
            self._backlog.popleft()
        self._hooks.note("journal_caught_up", {"seq": str(self.seq)})

    def _drift(self) -> None:
        held, self._backlog = self._backlog, deque()
        self.adrift = True
        for row in held:
            self._owe(row)
        self._hooks.note("journal_lost", {"seq": str(self.seq), "turns": str(len(held))})
        self._wake()

    def _owe(self, row: TurnRow) -> None:
        self._unanswered += row.answers
        for planned in row.planned:
            if isinstance(planned.effect, RecordPresence) and len(self._owed) >= OWED_MAX:
                self.left_out += 1
            else:
                self._owed.append(planned)

    def _anchor(self, *, at_rest: bool = False) -> bool:
        """Begin the stream anew with the state as it is; False when the journal takes no rows."""
        body = self._state(at_rest=at_rest)
        if body is None:
            return False
        place, clock = self._place, self._clock
        entry = JournalEntry(place.stream, clock.now(), clock.wall(), place.core, ANCHORED, body)
        if not self._append([entry], self._owed, self._unanswered):
            return False
        self._owed, self._unanswered = [], []
        self.adrift = False
        left_out = str(self.left_out)
        self._hooks.note("journal_anchored", {"seq": str(self.seq), "left_out": left_out})
        # Snapshots of before are of a state that leads nowhere: this one stands in their place.
        self._keep_state(at_rest=at_rest)
        return True

    def _wake(self) -> None:
        if not self._waked:
            self._waked = True
            self._hooks.later(RETRY_MS, self._retry)

    def _retry(self) -> None:
        self._waked = False
        if not self.adrift:
            self._catch_up()
        elif self._uncommitted or not self._anchor():
            self._wake()

    def _keep_state_if_due(self) -> None:
        # With turns held back the state is ahead of the rows. Late, it is put off: it would wait
        # behind the rows, in the room that the rows of those who are here need.
        if self.takes_calls and self.seq - self._snapshot_seq >= SNAPSHOT_ROWS:
            self._keep_state(at_rest=False)

    def _keep_state(self, *, at_rest: bool) -> None:
        self._snapshot_seq = self.seq
        body = self._state(at_rest=at_rest)
        if body is not None:
            place, clock = self._place, self._clock
            self._journal.save_snapshot(
                Snapshot(place.stream, self.seq, clock.now(), clock.wall(), place.core, body)
            )

    def _state(self, *, at_rest: bool) -> bytes | None:
        body = attempt(lambda: encode_state(self._hooks.state(), at_rest=at_rest))
        if isinstance(body, Met):
            self._hooks.note("core_bug", {"event": "snapshot", "bug": repr(body.bug)})
            return None
        return body

    def _carry_out_open(self) -> None:
        for intent in self._journal.open_intents():
            try:
                planned = planned_of(intent)
            except UnknownIntentError as error:
                self._hooks.note("intent_unreadable", {"key": intent.key, "problem": str(error)})
            else:
                carry_out(self._keeper, planned)


def carry_out(keeper: Keeper, planned: Planned) -> None:
    """Have a once-only effect done whose intent is committed; asked for again, it does nothing."""
    match planned.effect:
        case WriteRecord(record):
            keeper.records.write(record, wall=planned.wall, intent=planned.key)
        case PromiseCallback() as promise:
            keeper.orders.promise(promise, wall=planned.wall, intent=planned.key)
        case KeepVoiceMessage() as message:
            keeper.voice_messages.keep_message(message, wall=planned.wall, intent=planned.key)
        case PushMessage() as message:
            keeper.outbox.put(message, wall=planned.wall, intent=planned.key)
        case RecordPresence(record):
            keeper.presences.keep(record, wall=planned.wall, intent=planned.key)
        case _:
            assert_never(planned.effect)
