"""Looks on at the wrap-ups of talks that were told, to tell which of them were not left to time.

The router keeps only when a wrap-up is over. So who is to hear that an agent, or somebody for her,
ended one or made it longer has to compare that before and after each event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from router.events import RouterEvent, WrapUpRequested
from router.explain import Ended, WrapUpChanged
from router.model import Millis
from router.turn import TimerKey, Timers


@dataclass(frozen=True, slots=True)
class _Followed:
    told: Ended
    timer: TimerKey
    ends_at: Millis


class WrapUpsTold:
    """The wrap-ups under way after talks that were told."""

    def __init__(self, timers: Timers) -> None:
        self._timers = timers
        self._under_way: list[_Followed] = []

    def ends_at(self, offer: str, agent: str) -> Millis | None:
        """When the wrap-up after this offer's talk is over, a chat or a call; None without one."""
        return self._due(self._timer(offer, agent))

    def begin(self, told: Ended) -> None:
        """This talk was told to be over."""
        if told.wrap_up_ends_at is not None:
            timer = self._timer(told.offer, told.agent)
            self._under_way.append(_Followed(told, timer, told.wrap_up_ends_at))

    def changed(self, event: RouterEvent | None, at: Millis) -> Iterator[WrapUpChanged]:
        """What this event did to them by somebody's hand; all that is over is forgotten."""
        before, self._under_way = self._under_way, []
        for followed in before:
            ends_at = self._due(followed.timer)
            if ends_at is not None:
                self._under_way.append(replace(followed, ends_at=ends_at))
            if isinstance(event, WrapUpRequested) and ends_at != followed.ends_at:
                told = followed.told
                whose, lasted_ms = (told.contact, at, told.offer, told.agent), at - told.at
                yield WrapUpChanged(*whose, event.origin, lasted_ms, ends_at)

    def _timer(self, offer: str, agent: str) -> TimerKey:
        of_chat = ("chat_wrap", offer)
        return ("wrap", agent) if self._due(of_chat) is None else of_chat

    def _due(self, timer: TimerKey) -> Millis | None:
        return self._timers.due_of(timer)
