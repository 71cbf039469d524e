"""An event loop on a clock of its own: waiting moves the clock instead of taking time."""

import asyncio
import selectors
from collections.abc import Callable


class LeapingSelector(selectors.DefaultSelector):
    """Instead of waiting lets the time be over."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "the loop would wait for ever"
            self.now_s += max(0.0, timeout)
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop on a clock of its own."""

    def __init__(self) -> None:
        self.leaping = LeapingSelector()
        super().__init__(self.leaping)

    def time(self) -> float:
        return self.leaping.now_s

    def after_ms(self, delay_ms: int, call: Callable[[], None]) -> object:
        return self.call_later(delay_ms / 1000, call)
