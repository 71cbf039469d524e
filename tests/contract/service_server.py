"""A real HTTP server on loopback, of which a test says what it answers."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PATIENCE_S = 5.0


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ServiceServer:
    """``handler`` answers; ``seen`` is what was asked."""

    url: str = ""
    handler: Handler | None = None
    seen: list[Seen] = field(default_factory=list[Seen])
    under_way_most: int = 0
    _under_way: int = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        seen = Seen(request.method, request.raw_path, dict(request.headers), await request.read())
        self.seen.append(seen)
        self._under_way += 1
        self.under_way_most = max(self.under_way_most, self._under_way)
        try:
            assert self.handler is not None
            return await self.handler(request)
        finally:
            self._under_way -= 1

    def says(self, *statuses: int, body: object = None) -> None:
        """These statuses one after the other, the last for ever."""
        left = list(statuses)

        async def handler(_request: web.Request) -> web.Response:
            status = left.pop(0) if len(left) > 1 else left[0]
            return web.json_response(body, status=status)

        self.handler = handler

    def never_answers(self) -> None:
        async def handler(_request: web.Request) -> web.Response:
            await asyncio.sleep(PATIENCE_S)
            return web.Response()

        self.handler = handler


@asynccontextmanager
async def serving() -> AsyncGenerator[ServiceServer]:
    """A server that lives as long as the test."""
    server = ServiceServer()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.serve)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}/customer"
    try:
        yield server
    finally:
        await runner.cleanup()
