"""Work orders: the promise to call a customer back, by her flow or because nobody took her."""

from ivr.call.contact import Contact, Turn
from ivr.call.effects import PromiseCallback
from router.model import Millis


def promise(
    contact: Contact, turn: Turn, *, topic: str, reason: str, skill: str | None, within_ms: Millis
) -> None:
    """Promise this customer a call back, under an id of the contact's that is used once."""
    contact.orders_made += 1
    turn.emit(
        PromiseCallback(
            order=f"{contact.id}.w{contact.orders_made}",
            contact=contact.id,
            customer=contact.caller,
            topic=topic,
            reason=reason,
            skill=skill,
            within_ms=within_ms,
        )
    )
