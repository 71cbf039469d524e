"""What the flow says of a transfer outside, and what it is told of one that came to nothing.

A transfer that succeeds ends the contact, so that the flow hears no more of it.
"""

from dataclasses import dataclass

from ivr.flow.model import OutsideExit


@dataclass(frozen=True, slots=True)
class CallOutside:
    """Ring the outside number of this name, with music for the caller, and join the two.

    Comes back as ``OutsideFailed`` when nobody takes the call.
    """

    to: str
    ring_ms_max: int


@dataclass(frozen=True, slots=True)
class OutsideFailed:
    """Nobody outside took the call."""

    exit: OutsideExit
