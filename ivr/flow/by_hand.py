"""Hotlines closed by hand while the engine runs: an emergency, and nobody edits files for it.

What was closed so stays closed over restarts and changes of the site, till somebody opens it. It
is met like ``closed:`` in hotline.yaml, at the next hours node of whoever comes there.
"""

from dataclasses import dataclass

from ivr.flow.model import Hotline, Hours


@dataclass(frozen=True, slots=True)
class ClosedByHand:
    """A hotline that somebody closed: why, who, and when in UTC milliseconds.

    ``by`` is who asked, as the one who asked called himself; the socket's owner vouches for him.
    """

    hotline: str
    reason: str
    by: str
    since: int


def notices_closing(hotline: Hotline) -> bool:
    """Whether a caller would notice that this hotline is closed by hand: it has an hours node."""
    return any(isinstance(node, Hours) for node in hotline.flow.nodes.values())
