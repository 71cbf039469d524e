"""When Python's collector of cycles may look at all that an engine holds: seldom, at a quiet time.

What is no longer referred to is freed at once, as ever; the collector only looks for circles. By
itself it looks at everything whenever a quarter more has gathered: with 100,000 callers waiting,
that stops the engine for more than a tenth of a second, in the middle of the rush (measured; see
docs/bench.md). An engine's cores hold no circles that come and go with a contact, so looking at
what is young is enough by day, and the rest can wait for a quiet moment.

(CPython documentation: ``gc.set_threshold``, ``gc.freeze``.)
"""

import gc
from dataclasses import dataclass

YOUNG_OBJECTS = 10_000
"""So many new objects are looked at together: some tenths of a millisecond."""

MIDDLE_ROUNDS = 3
"""After so many such looks, what survived them is looked at once more: some milliseconds."""

NEVER_BY_ITSELF = 1_000_000_000
"""Rounds till Python would look at everything of its own accord: more than an engine lives."""

FULL_EVERY_MS = 3_600_000
"""At a quiet time everything is looked at so often."""

FULL_MS_MAX = 24 * 3_600_000
"""And after so long even if there is no quiet time: circles of what fails must not add up."""

QUIET_CONTACTS_MAX = 50
"""Live contacts up to which it is a quiet time."""


@dataclass(slots=True)
class CalmCollector:
    """The collector of one engine's process, from ``begin`` on."""

    looked_at: int = 0
    """When everything was looked at last, in milliseconds of whatever clock ``tend`` is given."""

    def begin(self, now: int) -> None:
        """Let what is there by now count as lasting, and the collector be calm from now on."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS, MIDDLE_ROUNDS, NEVER_BY_ITSELF)
        self.looked_at = now

    def tend(self, now: int, *, live_contacts: int) -> bool:
        """Look at everything if it is time to; whether that was done. To be asked now and then."""
        waited = now - self.looked_at
        is_quiet = live_contacts <= QUIET_CONTACTS_MAX
        if waited < (FULL_EVERY_MS if is_quiet else FULL_MS_MAX):
            return False
        gc.collect()
        self.looked_at = now
        return True
