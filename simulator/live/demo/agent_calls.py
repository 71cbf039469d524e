"""Which agent's phone rings for which caller: by the number that the phone is shown."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Iterable

from simulator.live.phone import Phone, PhoneRackError, ReceivedCall

WATCH_S_MAX = 600.0
"""The longest a demo may take; a phone without a call for so long ends its watch."""

CALLS_WAITING_MAX = 20
"""Calls of one caller that no script has asked for yet; a rejecting phone makes some."""

_SHOWN_NUMBER = re.compile(r"sips?:([^@>;]+)@")


class AgentCalls:
    """Takes every call at the agents' phones, and hands each to the script of its caller."""

    def __init__(self) -> None:
        self._arrived: dict[str, asyncio.Queue[ReceivedCall]] = {}

    async def of(self, caller: str, *, within_s: float) -> ReceivedCall:
        """The next call of this caller at any agent's phone."""
        try:
            return await asyncio.wait_for(self._queue(caller).get(), within_s)
        except TimeoutError:
            raise PhoneRackError(
                f"no expert's phone rang for the caller {caller} within {within_s:g} s"
            ) from None

    @contextlib.asynccontextmanager
    async def watching(self, phones: Iterable[Phone]) -> AsyncGenerator[None]:
        """Take the calls of these phones meanwhile."""
        watches = [asyncio.create_task(self._watch(phone)) for phone in phones]
        try:
            yield
        finally:
            for watch in watches:
                watch.cancel()
            await asyncio.gather(*watches, return_exceptions=True)

    async def _watch(self, phone: Phone) -> None:
        while True:
            call = await phone.next_call(WATCH_S_MAX)
            shown = _SHOWN_NUMBER.search(call.from_uri)
            queue = self._queue(shown.group(1) if shown else "")
            if not queue.full():
                queue.put_nowait(call)

    def _queue(self, caller: str) -> asyncio.Queue[ReceivedCall]:
        return self._arrived.setdefault(caller, asyncio.Queue(CALLS_WAITING_MAX))
