"""Voice messages: a row for each, and beside it a file as long as it is kept.

The file comes first, the row second. A crash in between leaves the file without a row and its
intent open; the next engine does it again, finds the file, and writes the row.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Engine, RowMapping, Select, select, update
from sqlalchemy.dialects.sqlite import insert

from ivr.adapters.store.journal import mark_intent
from ivr.adapters.store.reading import changing, columns_of, document_in, plain, reading
from ivr.adapters.store.schema import parties, voice_messages
from ivr.adapters.store.writer import Group, Work, Writer
from ivr.call.effects import KeepVoiceMessage
from ivr.call.voice import RecordingId, VoiceMessageId

MESSAGES_LISTED_MAX = 10_000
"""Messages given at once, whatever is asked for."""

_Query = Select[Any, Any]
_Note = Callable[[str, Mapping[str, str]], None]


class MessageState(Enum):
    """What became of a voice message."""

    KEPT = "kept"
    LOST = "lost"
    """Its recording was not there, or the disk did not take it."""
    DELETED = "deleted"


class Swept(Protocol):
    """What lay about that nobody asked for."""

    @property
    def removed(self) -> int:
        """Files that were old enough to be removed."""
        ...

    @property
    def younger(self) -> int:
        """Files that were not."""
        ...


class MessageFiles(Protocol):
    """Where the voices are."""

    def take_over(self, recording: RecordingId, message: VoiceMessageId) -> None:
        """Move a recording to where messages are kept; done before, it is done. Raises OSError."""
        ...

    def sweep(self) -> Swept:
        """Remove recordings that nobody asked for."""
        ...


class SqlVoiceMessages:
    """The ``VoiceMessages`` port on the store's file. For one thread, the loop's.

    Files are moved by the writer's thread, so that no disk keeps the calls waiting. ``note`` hears
    of messages that were lost and of files that were removed.
    """

    def __init__(self, writer: Writer, files: MessageFiles, *, note: _Note) -> None:
        self._writer = writer
        self._files = files
        self._note = note

    def keep_message(
        self, effect: KeepVoiceMessage, *, wall: int, intent: str | None = None
    ) -> None:
        """Keep this recording; ``wall`` is the UTC time of its end, in milliseconds.

        With ``intent`` the intent of that key is marked in the same transaction; when it is
        marked already, nothing happens.
        """
        lost: list[str] = []

        def tell() -> None:
            for why in lost:
                self._note("voice_message_lost", {"message": effect.message, "problem": why})

        run = partial(_keep, self._files, effect, wall, intent, lost)
        self._writer.push(Work(run, tell, guarded=True))

    def sweep(self) -> None:
        """Remove recordings that nobody asked for, after all that was promised before is kept."""
        swept: list[Swept] = []

        def run(_group: Group) -> None:
            swept.append(self._files.sweep())

        def tell() -> None:
            for each in swept:
                if each.removed or each.younger:
                    counts = {"removed": str(each.removed), "younger": str(each.younger)}
                    self._note("recordings_left", counts)

        self._writer.push(Work(run, tell, rows=0))


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A voice message with its customer's number; None when that was erased or withheld."""

    message: VoiceMessageId
    contact: str
    hotline: str
    topic: str
    language: str
    state: MessageState
    duration_ms: int | None
    wall: int
    number: str | None


class MessageDesk:
    """Looks voice messages up and marks them as deleted, also beside a running engine."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    def newest(
        self, *, hotline: str | None = None, deleted_too: bool = False, limit: int
    ) -> list[StoredMessage]:
        """The latest messages, latest first."""
        table = voice_messages.c
        query = _with_number()
        if hotline is not None:
            query = query.where(table.hotline == hotline)
        if not deleted_too:
            query = query.where(table.state != MessageState.DELETED.value)
        return self._found(query.order_by(table.wall.desc(), table.message), limit)

    def one(self, message: str) -> StoredMessage | None:
        """This message."""
        found = self._found(_with_number().where(voice_messages.c.message == message), 1)
        return found[0] if found else None

    def mark_deleted(self, message: VoiceMessageId) -> None:
        """Its file is gone, because somebody wanted that."""
        table = voice_messages.c
        with changing(self._engine, self._path) as connection:
            connection.execute(
                update(voice_messages)
                .where(table.message == message)
                .values(state=MessageState.DELETED.value)
            )

    def _found(self, query: _Query, limit: int) -> list[StoredMessage]:
        with reading(self._engine, self._path) as connection:
            rows = connection.execute(query.limit(min(limit, MESSAGES_LISTED_MAX)))
            return [_stored(row) for row in rows.mappings()]


def _with_number() -> _Query:
    return select(voice_messages, parties.c.number).outerjoin(
        parties, parties.c.ref == voice_messages.c.customer
    )


def _stored(row: RowMapping) -> StoredMessage:
    duration_ms = document_in(row["document"]).get("duration_ms")
    return StoredMessage(
        message=VoiceMessageId(row["message"]),
        contact=row["contact"],
        hotline=row["hotline"],
        topic=row["topic"],
        language=str(document_in(row["document"]).get("language") or ""),
        state=MessageState(row["state"]),
        duration_ms=duration_ms if isinstance(duration_ms, int) else None,
        wall=row["wall"],
        number=row["number"],
    )


def _keep(
    files: MessageFiles,
    effect: KeepVoiceMessage,
    wall: int,
    intent: str | None,
    lost: list[str],
    group: Group,
) -> None:
    lost.clear()
    connection = group.connection
    state = MessageState.KEPT
    if intent is not None and not mark_intent(connection, intent, state.value):
        return
    try:
        files.take_over(effect.recording, effect.message)
    except OSError as error:
        state = MessageState.LOST
        lost.append(error.strerror or type(error).__name__)
    values = {**columns_of(voice_messages, plain(effect)), "state": state.value, "wall": wall}
    connection.execute(insert(voice_messages).values(values).on_conflict_do_nothing())
