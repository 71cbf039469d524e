"""What of a router and its oracle must be the same: what they ask for, and what may be seen."""

from collections.abc import Sequence

from router.core import Router
from router.effects import (
    AnnouncePosition,
    MoveContact,
    OfferContact,
    OverflowContact,
    RescindOffer,
    RouterEffect,
)
from router.events import RouterEvent
from router.model import AgentId, ContactId, QueueId


def kind_of(each: RouterEvent | RouterEffect) -> str:
    """What is counted in the summary."""
    cause = f" {each.cause.value}" if isinstance(each, OverflowContact) else ""
    return type(each).__name__ + cause


_OF_A_CONTACT = (OfferContact, MoveContact, OverflowContact, RescindOffer, AnnouncePosition)


def seen_agents(router: Router) -> dict[AgentId, object]:
    """What the router shows of each agent that the oracle knows too."""
    return {
        view.agent: (
            view.presence,
            view.reason,
            view.device,
            view.chats,
            view.pausing_for,
            view.accepted_today,
            (view.busy_ms_today, view.busy_since),
            (view.idle_ms_today, view.idle_since),
        )
        for view in router.agents()
    }


def seen_queues(router: Router) -> dict[QueueId, object]:
    """What the router shows of each queue that the oracle knows too."""
    return {
        view.queue: (
            view.waiting,
            view.offered,
            view.staffed,
            [] if view.crisis is None else [view.crisis.to],
        )
        for view in router.queues()
    }


def same(done: Sequence[RouterEffect], wanted: Sequence[RouterEffect]) -> bool:
    """Whether both ask for the same: offers in the same order, and what is about one contact too.

    The order of all else is free.
    """
    return done == wanted or _compared(done) == _compared(wanted)


def _compared(effects: Sequence[RouterEffect]) -> object:
    offers = [each for each in effects if isinstance(each, OfferContact)]
    of_each: dict[ContactId, list[RouterEffect]] = {}
    for each in effects:
        if isinstance(each, _OF_A_CONTACT):
            of_each.setdefault(each.contact, []).append(each)
    return offers, of_each, sorted(map(repr, effects))
