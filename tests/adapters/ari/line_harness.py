"""What the tests of the line share: callbacks that remember, and sleeps that take no time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fake_ari import FakeAri

from ivr.adapters.ari.backoff import Pace
from ivr.adapters.ari.connection import AriConnection
from ivr.adapters.ari.events import AriEvent
from ivr.adapters.ari.line import LineCallbacks


@dataclass
class Heard:
    """What the callbacks were told."""

    events: list[AriEvent] = field(default_factory=list[AriEvent])
    ups: int = 0
    downs: list[str] = field(default_factory=list[str])
    replaced: int = 0
    notes: list[tuple[str, dict[str, str]]] = field(
        default_factory=lambda: list[tuple[str, dict[str, str]]]()
    )
    work: Callable[[AriEvent], None] | None = None

    def callbacks(self) -> LineCallbacks:
        return LineCallbacks(
            on_event=self._event,
            on_up=self._up,
            on_down=self.downs.append,
            on_replaced=self._replaced,
            note=lambda kind, details: self.notes.append((kind, details)),
        )

    def noted(self, kind: str) -> list[dict[str, str]]:
        return [details for seen, details in self.notes if seen == kind]

    def _event(self, event: AriEvent) -> None:
        self.events.append(event)
        if self.work is not None:
            self.work(event)

    def _up(self) -> None:
        self.ups += 1

    def _replaced(self) -> None:
        self.replaced += 1


class Pacing:
    """Sleeps that take no time and are remembered."""

    def __init__(self, *, chance: float = 0.5, naps_max: int = 10_000) -> None:
        self.naps: list[float] = []
        self.enough = asyncio.Event()
        self._chance = chance
        self._naps_max = naps_max

    async def sleep(self, duration_s: float) -> None:
        self.naps.append(duration_s)
        if len(self.naps) >= self._naps_max:
            self.enough.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    def pace(self) -> Pace:
        return Pace(clock=lambda: 0.0, sleep=self.sleep, chance=lambda: self._chance)


@asynccontextmanager
async def connected(
    server: FakeAri, heard: Heard, *, pace: Pace | None = None
) -> AsyncGenerator[AriConnection]:
    connection = AriConnection(server.settings(), heard.callbacks(), pace=pace)
    running = asyncio.create_task(connection.run())
    try:
        await server.until(lambda: connection.connected and bool(server.lines))
        yield connection
        if running.done():
            running.result()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await connection.close()
