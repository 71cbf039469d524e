"""What an agent has yet to do or to take when a contact is over, as plain values."""

from dataclasses import dataclass

from router.model import Millis, Origin, Queue


# Not frozen, as one is made for each contact, and freezing doubles what that costs.
@dataclass(slots=True)
class WrapUp:
    """A wrap-up under way, by the rules of its queue as they were when it began; never changed."""

    more_ms: Millis
    """From the moment it is extended it lasts so long anew."""
    latest: Millis
    """It never lasts beyond this moment."""

    def extended(self, at: Millis) -> Millis:
        """When it would be over if it were extended now."""
        return min(at + self.more_ms, self.latest)


@dataclass(frozen=True, slots=True)
class PutOff:
    """A pause that begins when the agent's hands are empty."""

    reason: str | None
    origin: Origin


def wrap_up_begun(rules: Queue, at: Millis) -> WrapUp:
    """The wrap-up after a contact of this queue that ended now.

    Whoever may not extend it has all of it from the start: it lasts ``wrap_up_ms`` and no longer.
    """
    lasts_ms = rules.wrap_up_ms
    longest_ms = lasts_ms if rules.wrap_up_ms_max is None else rules.wrap_up_ms_max
    return WrapUp(lasts_ms, at + longest_ms)
