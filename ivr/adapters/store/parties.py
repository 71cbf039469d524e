"""The one table of numbers: everything else holds a reference into it.

Erasing a person is deleting a row here. A reference is drawn at random, so that it tells nothing
of the number, and is used for one contact only.
"""

import secrets
from collections import OrderedDict

from ivr.call.model import PartyRef

PARTIES_MAX = 100_000
"""Numbers held in memory; the oldest is forgotten first."""

NUMBER_CHARS_MAX = 40
"""A caller's number is whatever the far end claims; more than this is no number."""


class MemoryParties:
    """Numbers by reference, as long as this engine runs."""

    def __init__(self) -> None:
        self._numbers: OrderedDict[PartyRef, str] = OrderedDict()

    def refer(self, number: str) -> PartyRef:
        """A new reference that stands for this number."""
        party = PartyRef(f"party-{secrets.token_hex(8)}")
        self._numbers[party] = number[:NUMBER_CHARS_MAX]
        if len(self._numbers) > PARTIES_MAX:
            self._numbers.popitem(last=False)
        return party

    def number(self, party: PartyRef) -> str | None:
        """The number, for whoever has a right to see it; None when it is forgotten."""
        return self._numbers.get(party)
