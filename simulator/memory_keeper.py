"""Where once-only effects go in a world on virtual time: kept in the commit that marks them."""

from dataclasses import dataclass, field

from ivr.call.effects import KeepVoiceMessage, PromiseCallback, PushMessage
from ivr.call.record import ContactRecord
from ivr.ports import Keeper
from router.model import PresenceRecord
from simulator.memory_journal import MemoryJournal


@dataclass(slots=True)
class KeptOnce:
    """All that was ever done once, by the key of its intent; it outlives the engines.

    A key that is done a second time stands in its list twice.
    """

    records: list[tuple[str, ContactRecord]] = field(
        default_factory=list[tuple[str, ContactRecord]]
    )
    orders: list[tuple[str, PromiseCallback]] = field(
        default_factory=list[tuple[str, PromiseCallback]]
    )
    presences: list[tuple[str, PresenceRecord]] = field(
        default_factory=list[tuple[str, PresenceRecord]]
    )
    texts: list[tuple[str, PushMessage]] = field(default_factory=list[tuple[str, PushMessage]])
    voice_messages: list[tuple[str, KeepVoiceMessage]] = field(
        default_factory=list[tuple[str, KeepVoiceMessage]]
    )

    def keys(self) -> list[str]:
        """The keys of all that was done, sorted; what was done twice twice."""
        done = (*self.records, *self.orders, *self.presences, *self.voice_messages, *self.texts)
        return sorted(key for key, _ in done)


class MemoryKeeper:
    """The keepers of one engine, on the disk of its journal."""

    def __init__(self, journal: MemoryJournal, kept: KeptOnce) -> None:
        self._journal = journal
        self._kept = kept

    def write(self, record: ContactRecord, *, wall: int, intent: str | None = None) -> None:
        """Keep this record."""
        del wall
        key = intent or ""
        self._journal.once(key, "written", lambda: self._kept.records.append((key, record)))

    def promise(self, effect: PromiseCallback, *, wall: int, intent: str | None = None) -> None:
        """Keep this promise."""
        del wall
        key = intent or ""
        self._journal.once(key, "opened", lambda: self._kept.orders.append((key, effect)))

    def keep(self, record: PresenceRecord, *, wall: int, intent: str | None = None) -> None:
        """Keep this change."""
        del wall
        key = intent or ""
        self._journal.once(key, "kept", lambda: self._kept.presences.append((key, record)))

    def put(self, message: PushMessage, *, wall: int, intent: str | None = None) -> None:
        """Keep this text."""
        del wall
        key = intent or ""
        self._journal.once(key, "put", lambda: self._kept.texts.append((key, message)))

    def keep_message(
        self, effect: KeepVoiceMessage, *, wall: int, intent: str | None = None
    ) -> None:
        """Keep this message."""
        del wall
        key = intent or ""
        done = self._kept.voice_messages
        self._journal.once(key, "kept", lambda: done.append((key, effect)))


def memory_keeper(journal: MemoryJournal, kept: KeptOnce) -> Keeper:
    """Where this engine's once-only effects go."""
    keeper = MemoryKeeper(journal, kept)
    return Keeper(keeper, keeper, keeper, keeper, keeper)
