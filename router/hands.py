"""What an agent has in her hands: one call, or as many chats as she may have, never both.

The call is so common that a seat holds it itself; each chat is an object of its own, from the offer
to the end of its wrap-up. All of them go through the same table of an engagement.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from router.agent_state import EngagementPhase
from router.model import OfferId
from router.wrap_up import WrapUp

_ACCEPTED = (EngagementPhase.CONNECTED, EngagementPhase.WRAP_UP)

_SHOWN_FIRST = (EngagementPhase.CONNECTED, EngagementPhase.RESERVED, EngagementPhase.WRAP_UP)


@dataclass(slots=True, eq=False)
class Chat:
    """One chat in somebody's hands."""

    phase: EngagementPhase = EngagementPhase.NONE
    wrap_up: WrapUp | None = None


Chats = dict[OfferId, Chat]
"""An agent's chats by the offer that each began with, the oldest first."""


def is_any_accepted(chats: Mapping[OfferId, Chat]) -> bool:
    """Whether any of them was answered and is not wholly over."""
    return any(chat.phase in _ACCEPTED for chat in chats.values())


def in_phase(chats: Mapping[OfferId, Chat], phase: EngagementPhase) -> list[OfferId]:
    """Those of them that are in this phase, the oldest first."""
    return [offer for offer, chat in chats.items() if chat.phase is phase]


def shown_first(chats: Mapping[OfferId, Chat]) -> tuple[EngagementPhase, OfferId | None]:
    """What stands for all of them where only one can be shown, and its offer if that lasts."""
    for phase in _SHOWN_FIRST:
        for offer in in_phase(chats, phase):
            return phase, None if phase is EngagementPhase.WRAP_UP else offer
    return EngagementPhase.NONE, None
