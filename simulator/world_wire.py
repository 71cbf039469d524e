"""The wire between the call side and the router, as between two nodes: it delays, doubles, loses.

Messages of one contact or one device keep their order, unless a fault says otherwise; those of
different ones overtake each other as it comes.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from router.model import Millis
from simulator.virtual_time import VirtualTime
from simulator.world_draws import WireFaults

STALE_MS: Final = 20_000
"""How much later the copy of a message may come that is heard once more."""

Message = TypeVar("Message")


def subject_of(name: str) -> str:
    """The contact or device that this id belongs to: of offers and consultations their contact."""
    return name.partition(".")[0]


class Wire(Generic[Message]):
    """One direction of it. ``seen`` counts what became of its messages."""

    def __init__(
        self,
        time: VirtualTime,
        chance: random.Random,
        faults: WireFaults,
        deliver: Callable[[str, Message], None],
    ) -> None:
        self.under_way = 0
        self.seen: Counter[str] = Counter()
        self._time = time
        self._chance = chance
        self._faults = faults
        self._deliver = deliver
        self._last: dict[str, Millis] = {}

    def heal(self) -> None:
        """No fault from now on; what is under way arrives as it would have."""
        self._faults = WireFaults()

    def send(self, subject: str, message: Message, *, nameless: bool = False) -> None:
        """Bring this message over, sooner or later, once or more often, or never.

        A ``nameless`` one cannot be told from its copy: an orderly wire brings it once.
        """
        faults, now = self._faults, self._time.now()
        late_ms, slow, kept, twice, stale, swap = (self._chance.random() for _ in range(6))
        due = now + int(late_ms * faults.delay_ms)
        if slow < faults.slow:
            self._see("slow")
            due = now + int(slow / faults.slow * faults.slow_ms)
        if kept < faults.lost:
            self._see("lost")
            return
        if swap < faults.swapped:
            self._see("swapped")
        else:
            due = self._last[subject] = max(due, self._last.get(subject, 0))
        self._bring(due, subject, message)
        if twice < faults.doubled and not (nameless and faults.orderly):
            self._see("doubled")
            self._bring(due, subject, message)
        if stale < faults.stale:
            self._see("stale")
            self._bring(due + int(stale / faults.stale * STALE_MS), subject, message)

    def _see(self, what: str) -> None:
        self.seen[what] += 1

    def _bring(self, due: Millis, subject: str, message: Message) -> None:
        self.under_way += 1
        self._time.at(due, lambda: self._arrive(subject, message))

    def _arrive(self, subject: str, message: Message) -> None:
        self.under_way -= 1
        self._deliver(subject, message)
