"""What happened in a world, line by line: a hash of all, and the last lines of each contact."""

import hashlib
from collections import deque
from typing import Final, NoReturn

from router.model import Millis

LINES_MAX: Final = 40
"""What is shown of one contact, or of all where no contact is meant."""
STORIES_MAX: Final = 5_000
"""Contacts and devices of one world; far more than it has callers."""


class WorldFailure(Exception):
    """An invariant does not hold; the text says where, and how to see it again."""


class Story:
    """The trace of one world."""

    def __init__(self, seed: int, *, flags: str = "") -> None:
        self.seed, self._flags = seed, flags
        self.step = 0
        self.hash = hashlib.sha256()
        self._all: deque[str] = deque(maxlen=LINES_MAX)
        self._of: dict[str, deque[str]] = {}

    def tell(self, subject: str, at: Millis, what: object) -> None:
        """One more step: this was heard or done, about this contact or device."""
        self.step += 1
        line = f"{self.step:>6} {at:>9} ms  {what}"
        self.hash.update(line.encode())
        self._all.append(line)
        if subject in self._of or len(self._of) < STORIES_MAX:
            self._of.setdefault(subject, deque(maxlen=LINES_MAX)).append(line)

    def demand(self, holds: object, invariant: str, subject: str = "") -> None:
        """Raise :class:`WorldFailure` unless this holds."""
        if not holds:
            self.fail(invariant, subject)

    def fail(self, invariant: str, subject: str = "") -> NoReturn:
        """Raise :class:`WorldFailure` with the last lines of this subject."""
        lines = "\n".join(self._of.get(subject, self._all))
        raise WorldFailure(
            f"{lines}\nseed {self.seed}, step {self.step}, {subject or 'all'}: {invariant}\n"
            f"Again: python -m simulator.world --seed {self.seed}{self._flags}"
        )
