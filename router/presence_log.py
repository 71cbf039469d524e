"""Each change of an agent's presence, made and recorded in one act: none goes unrecorded."""

from collections import Counter
from collections.abc import Iterable

from router.effects import RecordPresence
from router.model import AgentId, Millis, Origin, Presence, PresenceRecord
from router.seat import Seat
from router.seats import Seats
from router.snapshot import PresenceCount
from router.turn import Turn


class PresenceLog:
    """Numbers the changes of each agent for ever, also over her leaving the site and coming back.

    The number makes a record's key, which the store takes once: it must never be given twice.
    """

    def __init__(self, seats: Seats, turn: Turn) -> None:
        self._seats = seats
        self._turn = turn
        self._recorded: Counter[AgentId] = Counter()

    def change(
        self, seat: Seat, presence: Presence, *, reason: str | None, origin: Origin, at: Millis
    ) -> None:
        """She is this from now on. What follows from it for contacts is yet to be drawn."""
        agent = seat.agent.id
        before = seat.device
        self._seats.set_presence(seat, presence, reason if presence is Presence.ON_BREAK else None)
        seat.since = at
        self._recorded[agent] += 1
        key = f"{agent}.p{self._recorded[agent]}"
        device = seat.device or before
        record = PresenceRecord(key, agent, presence, reason, device, origin, at)
        self._turn.effects.append(RecordPresence(record))

    def taken(self) -> tuple[PresenceCount, ...]:
        """How far each agent's numbers have come, for a snapshot."""
        return tuple(PresenceCount(agent, made) for agent, made in self._recorded.items())

    def restore(self, counts: Iterable[PresenceCount]) -> None:
        """Go on counting from there."""
        self._recorded.update({each.agent: each.recorded for each in counts})
