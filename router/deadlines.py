"""Alarms by name: one for each key, set anew and cleared by it."""

from collections.abc import Hashable, Iterator
from typing import TypeVar

from router.alarms import NEVER, Alarm, Alarms
from router.model import Millis

Key = TypeVar("Key", bound=Hashable)


class Deadlines(Alarms[Key]):
    """Keys with a due time each. Equal times come in the order in which they were set."""

    def __init__(self) -> None:
        super().__init__()
        self._by_key: dict[Key, Alarm[Key]] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def set(self, key: Key, due: Millis) -> None:
        """Let this key fall due at ``due``, instead of any earlier setting."""
        held = self._by_key
        before = held.get(key)
        if before is not None:
            self.call_off(before)
        held[key] = self.add(due, key)

    def clear(self, key: Key) -> None:
        """Forget this key; a key without a deadline is no error."""
        alarm = self._by_key.pop(key, None)
        if alarm is not None:
            self.call_off(alarm)

    def due_of(self, key: Key) -> Millis | None:
        """When this key falls due."""
        held = self._by_key.get(key)
        return None if held is None else held[0]

    def in_order(self) -> list[tuple[Key, Millis]]:
        """Each key with its due time, in the order in which they will fall due.

        Setting them anew in this order gives deadlines that fall due alike, ties included.
        """
        ordered = sorted(self._by_key.values(), key=lambda alarm: alarm[:2])
        return [(key, due) for due, _, key in ordered]

    def next_due(self) -> Millis | None:
        """The earliest due time of all keys."""
        return None if self.due == NEVER else self.due

    def pop_due(self, at: Millis) -> Iterator[Key]:
        """Each key due at or before ``at``, earliest first, forgotten as it is given."""
        while self.due <= at:
            yield self.pop_key()

    def pop_key(self) -> Key:
        """The key that falls due first, forgotten as it is given. There must be one."""
        key = self.pop()
        del self._by_key[key]
        return key
