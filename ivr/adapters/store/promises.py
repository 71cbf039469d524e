"""The ``Orders`` port on the table of work orders."""

from ivr.adapters.store.orders import SqlOrders
from ivr.call.effects import PromiseCallback
from ivr.orders.events import CallbackPromised
from ivr.orders.model import CustomerRef, OrderId
from router.model import Skill

TRIES_MAX = 3
"""Calls to a customer who does not answer, before a person must decide what becomes of it."""


class PromisedOrders:
    """Opens a work order for each promise; a customer's second one on a topic joins the first."""

    def __init__(self, orders: SqlOrders) -> None:
        self._orders = orders

    def promise(self, effect: PromiseCallback, *, wall: int, intent: str | None = None) -> None:
        """Open a work order, or join the live one of the same customer and topic."""
        promised = CallbackPromised(
            order=OrderId(effect.order),
            contact=effect.contact,
            customer=CustomerRef(effect.customer),
            topic=effect.topic,
            reason=effect.reason,
            skill=None if effect.skill is None else Skill(effect.skill),
            deadline=wall + effect.within_ms,
            tries_max=TRIES_MAX,
        )
        self._orders.promise(promised, at=wall, intent=intent)
