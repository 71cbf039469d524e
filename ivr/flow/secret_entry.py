"""An entry of sensitive digits as the flow sees it: how far it has come, never what it is.

The digits are in the vault at the edge (``ivr.call.vault``), which does to them what
``ivr.flow.collecting`` does to all others, and says what came of each key. So that no question goes
back to it when the caller stops, it says with each key what silence would make of the entry.
"""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from ivr.flow.collecting import Entered, Entry, Failed, Going
from ivr.flow.values import SecretRef


class SecretCame(Enum):
    """What came of a key of a sensitive entry."""

    GOING = "going"
    FULL = "full"
    """Nothing but the terminator may follow."""
    ENTERED = "entered"
    NOMATCH = "nomatch"


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """An entry under way: how many digits, and whether silence now would make it a right one."""

    secret: SecretRef
    length: int
    passes: bool


@dataclass(frozen=True, slots=True)
class SecretKey:
    """One more key of a sensitive entry, and what came of it."""

    entry: SecretEntry
    came: SecretCame


def entry_after(key: SecretKey) -> Entry:
    """The same as of digits that may be seen; the reference stands for them."""
    match key.came:
        case SecretCame.GOING:
            return Going("", is_full=False)
        case SecretCame.FULL:
            return Going("", is_full=True)
        case SecretCame.ENTERED:
            return Entered(key.entry.secret)
        case SecretCame.NOMATCH:
            return Failed.NOMATCH
        case _:
            assert_never(key.came)


def entry_in_silence(entry: SecretEntry | None) -> Entry:
    """No key came in time; ``entry`` is what is under way, if anything is."""
    if entry is None:
        return Failed.NOINPUT
    return Entered(entry.secret) if entry.passes else Failed.NOMATCH
