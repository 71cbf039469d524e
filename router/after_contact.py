"""What comes when a contact is out of an agent's hands: her wrap-up, and the pause she put off.

A wrap-up lasts as long as the queue says. The agent may end it sooner, and extend it as often as
she likes, but never beyond the queue's longest; one of no length is over in the same event, and so
can be neither. A pause that was put off begins when her hands are empty, by whichever way: after
the wrap-up, or at once where an offer or a connection came to nothing. It begins before anything is
offered to her. She is available till then, and so every change of her presence takes it back; but
she is offered nothing more, as of several chats the last one would never be over.
"""

from collections.abc import Callable, Sequence

from router.agent_state import EngagementPhase, EngagementStep
from router.events import PresenceRequested
from router.hands import in_phase
from router.model import Millis, OfferId, Presence, PresenceAnswer, Queue, WrapUpChange
from router.presence_log import PresenceLog
from router.seat import Seat
from router.seats import Seats
from router.turn import TimerKey, Timers, Turn
from router.wrap_up import PutOff, WrapUp, wrap_up_begun


class AfterContact:
    """Wrap-ups of the pool's agents, and pauses put off.

    ``attend`` draws what follows from an agent having gone.
    """

    def __init__(
        self,
        turn: Turn,
        *,
        seats: Seats,
        timers: Timers,
        log: PresenceLog,
        attend: Callable[[Seat, Millis], None],
    ) -> None:
        self._turn = turn
        self._seats = seats
        self._timers = timers
        self._log = log
        self._attend = attend
        self._chats: dict[OfferId, Seat] = {}
        """Whose chat is in wrap-up."""

    def wrap_up(self, seat: Seat, rules: Queue, at: Millis) -> None:
        """Her conversation is over; her after-contact work begins."""
        if rules.wrap_up_ms <= 0:
            self.end_wrap_up(seat, at)
            return
        seat.wrap_up = wrap_up_begun(rules, at)
        self._timers.set(("wrap", seat.agent.id), at + rules.wrap_up_ms)

    def end_wrap_up(self, seat: Seat, at: Millis) -> None:
        """Her after-contact work is over."""
        if not self._seats.step_engagement(seat, EngagementStep.WRAP):
            return
        seat.wrap_up = None
        self.emptied(seat, at)
        self._turn.freed.append(seat)

    def wrap_up_chat(self, seat: Seat, offer: OfferId, rules: Queue, at: Millis) -> None:
        """The same after one of her chats."""
        self._chats[offer] = seat
        if rules.wrap_up_ms <= 0:
            self.end_chat_wrap_up(offer, at)
            return
        seat.chats[offer].wrap_up = wrap_up_begun(rules, at)
        self._timers.set(("chat_wrap", offer), at + rules.wrap_up_ms)

    def end_chat_wrap_up(self, offer: OfferId, at: Millis) -> None:
        """Her after-contact work for one of her chats is over."""
        seat = self._chats.pop(offer)
        if not self._seats.step_chat(seat, offer, EngagementStep.WRAP):
            return
        self.emptied(seat, at)
        self._turn.freed.append(seat)

    def forget(self, seat: Seat) -> None:
        """She is nobody from now on, and has nothing to finish."""
        for offer in seat.chats:
            if self._chats.pop(offer, None) is not None:
                self._timers.clear(("chat_wrap", offer))

    def restore(self) -> None:
        """Know again whose chats are in wrap-up; the timers are set after it."""
        for seat in self._seats.all():
            for offer in in_phase(seat.chats, EngagementPhase.WRAP_UP):
                self._chats[offer] = seat

    def emptied(self, seat: Seat, at: Millis) -> None:
        """If her hands are empty the pause that she put off begins, if there is one."""
        pause = seat.put_off
        if pause is not None and not _is_busy(seat):
            reason, origin = pause.reason, pause.origin
            self._log.change(seat, Presence.ON_BREAK, reason=reason, origin=origin, at=at)
            self._attend(seat, at)

    def change_wrap_up(self, seat: Seat, change: WrapUpChange, at: Millis) -> PresenceAnswer:
        """She has done her after-contact work, or needs longer."""
        chats = in_phase(seat.chats, EngagementPhase.WRAP_UP)
        if seat.phase is not EngagementPhase.WRAP_UP and not chats:
            return PresenceAnswer.NOT_IN_WRAP_UP
        if change is WrapUpChange.END:
            self._end_all(seat, chats, at)
            return PresenceAnswer.DONE
        under_way = [
            self._is_extended(("chat_wrap", offer), seat.chats[offer].wrap_up, at)
            for offer in chats
        ]
        under_way.append(self._is_extended(("wrap", seat.agent.id), seat.wrap_up, at))
        return PresenceAnswer.DONE if any(under_way) else PresenceAnswer.WRAP_UP_AT_MOST

    def _end_all(self, seat: Seat, chats: Sequence[OfferId], at: Millis) -> None:
        for offer in chats:
            self._timers.clear(("chat_wrap", offer))
            self.end_chat_wrap_up(offer, at)
        if seat.phase is EngagementPhase.WRAP_UP:
            self._timers.clear(("wrap", seat.agent.id))
            self.end_wrap_up(seat, at)

    def _is_extended(self, timer: TimerKey, wrap_up: WrapUp | None, at: Millis) -> bool:
        ends = self._timers.due_of(timer)
        later = None if wrap_up is None else wrap_up.extended(at)
        if ends is None or later is None or later <= ends:
            return False
        self._timers.set(timer, later)
        return True

    def is_put_off(self, seat: Seat, asked: PresenceRequested) -> bool:
        """Whether the pause asked for has to wait; one who is not available is on break at once."""
        is_available = seat.presence is Presence.AVAILABLE
        return asked.after_contact and is_available and _is_busy(seat)

    def put_off(self, seat: Seat, asked: PresenceRequested) -> PresenceAnswer:
        """Let this pause begin when her hands are empty, instead of any put off before."""
        before = seat.put_off
        if before is not None and before.reason == asked.reason:
            return PresenceAnswer.ALREADY
        seat.put_off = PutOff(asked.reason, asked.origin)
        self._seats.take_out(seat)
        return PresenceAnswer.DONE


def _is_busy(seat: Seat) -> bool:
    return seat.phase is not EngagementPhase.NONE or bool(seat.chats)
