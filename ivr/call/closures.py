"""Which hotlines are closed by hand, as the call core holds it."""

from collections.abc import Iterable
from typing import assert_never

from ivr.call.effects import AnswerClosing, ClosingAnswer
from ivr.call.events import HotlineClosed, HotlineEvent, HotlineOpened
from ivr.call.switchboard import Switchboard
from ivr.flow.by_hand import ClosedByHand, notices_closing
from ivr.flow.model import Hotline

CLOSED_MAX = 10_000
"""Hotlines closed at once: many times the hotlines of a large site."""


class Closures:
    """Hotlines closed by hand, by name.

    One that left the site stays closed: a site that is taken back for an hour must not open what
    was closed for a reason.
    """

    def __init__(self, held: Iterable[ClosedByHand] = ()) -> None:
        self._held = {each.hotline: each for each in held}
        self.names = frozenset(self._held)
        """The hotlines that are closed now."""

    def all(self) -> tuple[ClosedByHand, ...]:
        """Every closed hotline, by name."""
        return tuple(self._held[name] for name in sorted(self._held))

    def take(self, event: HotlineEvent, board: Switchboard | None, *, wall: int) -> AnswerClosing:
        """Close or open a hotline of the site that is switched by ``board``; what became of it."""
        served = board.hotlines.values() if board else ()
        hotline = next((each for each in served if each.name == event.hotline), None)
        match event:
            case HotlineClosed():
                answer = self._close(event, hotline, wall)
            case HotlineOpened():
                answer = self._open(event, hotline)
            case _:
                assert_never(event)
        self.names = frozenset(self._held)
        return AnswerClosing(event.request, answer)

    def _close(self, event: HotlineClosed, hotline: Hotline | None, wall: int) -> ClosingAnswer:
        held = self._held.get(event.hotline)
        if hotline is None:
            return ClosingAnswer.UNKNOWN_HOTLINE
        if not notices_closing(hotline):
            return ClosingAnswer.NO_HOURS
        if held is not None and held.reason == event.reason:
            return ClosingAnswer.UNCHANGED
        if held is None and len(self._held) >= CLOSED_MAX:
            return ClosingAnswer.TOO_MANY
        self._held[event.hotline] = ClosedByHand(event.hotline, event.reason, event.by, wall)
        return ClosingAnswer.DONE

    def _open(self, event: HotlineOpened, hotline: Hotline | None) -> ClosingAnswer:
        # Also one that left the site: else nobody could ever open it.
        if self._held.pop(event.hotline, None) is not None:
            return ClosingAnswer.DONE
        return ClosingAnswer.UNKNOWN_HOTLINE if hotline is None else ClosingAnswer.UNCHANGED
