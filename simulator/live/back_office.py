"""The systems that a hotline asks, played on loopback: customers, accounts, orders.

``make run`` has one up, so that a caller of the sample hotlines is known; the acceptance tests turn
the same one slow, wrong and deaf. A system is a table from what is asked to what is answered; what
was asked is kept, for a test that must know what left the engine.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

from aiohttp import web

LOOPBACK = "127.0.0.1"
ASKED_MAX = 1_000
"""Requests kept; of more, the oldest are forgotten."""

SLOW_S = 30.0
"""Longer than any hotline waits."""

Answers = Callable[[Mapping[str, object]], Mapping[str, object] | None]
"""From what is asked to what is answered; None when nobody of that name is known."""


class Mood(Enum):
    """How a system is today."""

    WELL = "well"
    SLOW = "slow"
    """Takes the request and answers long after everybody gave up."""
    WRONG = "wrong"
    """Answers, but with something else than was agreed."""
    BROKEN = "broken"
    """Answers that it can not."""


@dataclass
class System:
    """One system: its path is its name."""

    name: str
    answers: Answers
    mood: Mood = Mood.WELL
    asked: list[Mapping[str, object]] = field(default_factory=list[Mapping[str, object]])


class BackOffice:
    """Use as ``async with BackOffice(systems) as office``; it listens at ``office.url_of(name)``.

    ``port`` 0 takes a free one. ``await office.close()`` in the midst of a test makes all of it
    refuse connections, as a system does that is down.
    """

    def __init__(self, systems: tuple[System, ...], *, port: int = 0) -> None:
        self.systems = {system.name: system for system in systems}
        self.port = port
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Take requests. Raises ``OSError`` when somebody else has the port."""
        app = web.Application()
        app.router.add_route("*", "/{system}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self.port)
        try:
            await site.start()
        except OSError:
            await self.close()
            raise
        self.port = self._runner.addresses[0][1]

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def url_of(self, name: str) -> str:
        """Where this system is asked."""
        return f"http://{LOOPBACK}:{self.port}/{name}"

    def asked(self, name: str) -> list[Mapping[str, object]]:
        """What this system was asked, oldest first."""
        return self.systems[name].asked

    async def close(self) -> None:
        """Be down."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        system = self.systems.get(request.match_info["system"])
        if system is None:
            raise web.HTTPNotFound
        asked = await request.json() if request.can_read_body else dict(request.query)
        system.asked.append(asked)
        del system.asked[:-ASKED_MAX]
        match system.mood:
            case Mood.SLOW:
                await asyncio.sleep(SLOW_S)
            case Mood.WRONG:
                return web.Response(text="<html>Service temporarily unavailable</html>")
            case Mood.BROKEN:
                raise web.HTTPServiceUnavailable
            case Mood.WELL:
                pass
        answered = system.answers(asked)
        if answered is None:
            raise web.HTTPNotFound
        return web.json_response(answered)
