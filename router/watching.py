"""Who looks on while a router decides. Nobody does in a live engine: then it costs one test."""

from typing import Protocol

from router.events import RouterEvent
from router.model import Millis, OfferId
from router.place import Place
from router.seat import Seat


class Watcher(Protocol):
    """Hears of an event before and after it was handled, of each choice before it is made, and of
    what is forgotten by the end of the event.

    It may look at everything, however long that takes, and must change nothing.
    """

    def begin(self, event: RouterEvent, at: Millis) -> None:
        """This event is handled next."""
        ...

    def chosen(self, offer: OfferId, place: Place, seat: Seat, at: Millis) -> None:
        """This agent is about to be reserved for this contact, by this offer."""
        ...

    def missed(self, offer: OfferId, misses: int, misses_max: int) -> None:
        """This offer counts as a miss: so many she has in a row now, of so many that are enough."""
        ...

    def end(self, at: Millis) -> None:
        """The event is settled; its effects are the turn's."""
        ...
