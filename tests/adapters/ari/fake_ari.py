"""A server that speaks as much ARI as the adapter's tests need: JSON on loopback, no telephony."""

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import WSMsgType, web

from ivr.adapters.ari.connection import AriSettings

USER, PASSWORD, APP = "engine", "engine-password", "hotline"
WAIT_S_MAX = 5.0

Reply = tuple[int, Any]
Answerer = Callable[[str, str, dict[str, str]], Awaitable[Reply | None]]


class FakeAri:
    """Remembers what it was asked; answers as told; says what it is told to say.

    ``answers`` decides about each request by method, path and query; None is no answer at all.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], str]] = []
        self.lines: list[web.WebSocketResponse] = []
        self.device_lines: list[web.WebSocketResponse] = []
        self.bodies: list[Any] = []
        self.connects = 0
        self.close_at_once = False
        self.refuse_lines = False
        self.cut_http = False
        """Break the connection of the next request that is no question, unanswered."""
        self.http_now = 0
        self.http_most = 0
        self.answers: Answerer = _all_well
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/ari/events", self._events)
        app.router.add_route("*", "/ari/{path:.*}", self._http)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for line in (*self.lines, *self.device_lines):
            await line.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def settings(self, *, password: str = PASSWORD) -> AriSettings:
        return AriSettings("127.0.0.1", self.port, APP, USER, password)

    def when(self, method: str, ending: str, *replies: Reply) -> None:
        """Answer such a request with these in turn, the last for ever; others as before."""
        before, left = self.answers, list(replies)

        async def answer(asked: str, path: str, query: dict[str, str]) -> Reply | None:
            if asked == method and path.endswith(ending):
                return left.pop(0) if len(left) > 1 else left[0]
            return await before(asked, path, query)

        self.answers = answer

    def holding(self, method: str, ending: str) -> asyncio.Event:
        """Answer such a request only once the event is set."""
        before, gate = self.answers, asyncio.Event()

        async def answer(asked: str, path: str, query: dict[str, str]) -> Reply | None:
            if asked == method and path.endswith(ending):
                await gate.wait()
            return await before(asked, path, query)

        self.answers = answer
        return gate

    async def say(self, *events: dict[str, Any]) -> None:
        """Send these events on the newest line."""
        for event in events:
            await self.say_raw(json.dumps(event))

    async def say_raw(self, frame: str) -> None:
        """Send this text on the newest line, whatever it is."""
        await self.lines[-1].send_str(frame)

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait until this holds; looked at whenever something reached the server, or soon."""
        async with asyncio.timeout(WAIT_S_MAX):
            while not what():
                self._changed.clear()
                try:
                    async with asyncio.timeout(0.01):
                        await self._changed.wait()
                except TimeoutError:
                    continue

    def paths(self, method: str) -> list[str]:
        """The paths asked for with this method, in order."""
        return [path for asked, path, _, _ in self.asked if asked == method]

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if not _is_known(request):
            return web.Response(status=401)
        line = web.WebSocketResponse()
        await line.prepare(request)
        if self.refuse_lines:
            await line.close()
        elif request.query["app"] == APP:
            self.connects += 1
            if self.close_at_once:
                await line.close()
                return line
            self.lines.append(line)
        else:
            self.device_lines.append(line)
        self._changed.set()
        async for message in line:
            if message.type is WSMsgType.TEXT:
                await self._over_line(line, json.loads(message.data))
        return line

    async def _over_line(self, line: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        query = {pair["name"]: pair["value"] for pair in frame["query_strings"]}
        reply = await self._answer(frame["method"], frame["uri"], query, via="ws")
        if reply is not None and not line.closed:
            status, body = reply
            answer = {
                "type": "RESTResponse",
                "request_id": frame["request_id"],
                "status_code": status,
                "message_body": json.dumps(body),
            }
            await line.send_str(json.dumps(answer))

    async def _http(self, request: web.Request) -> web.StreamResponse:
        if not _is_known(request):
            return web.Response(status=401)
        if self.cut_http and request.method != "GET" and request.transport is not None:
            self.cut_http = False
            request.transport.close()
        if request.can_read_body:
            self.bodies.append(await request.json())
        self.http_now += 1
        self.http_most = max(self.http_most, self.http_now)
        try:
            path = request.raw_path.removeprefix("/ari/").partition("?")[0]
            reply = await self._answer(request.method, path, dict(request.query), via="http")
        finally:
            self.http_now -= 1
        status, body = reply if reply is not None else (503, None)
        return web.json_response(body, status=status)

    async def _answer(
        self, method: str, path: str, query: dict[str, str], *, via: str
    ) -> Reply | None:
        self.asked.append((method, path, query, via))
        self._changed.set()
        return await self.answers(method, path, query)


async def _all_well(method: str, path: str, query: dict[str, str]) -> Reply | None:
    del query
    if path == "asterisk/info":
        return 200, {"system": {"version": "22.10.1"}}
    if method == "GET":
        return 200, []
    return 204, None


all_well: Answerer = _all_well


def _is_known(request: web.Request) -> bool:
    expected = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return request.headers.get("Authorization") == f"Basic {expected}"


def channel(name: str, *, state: str = "Ring", number: str = "13900000001") -> dict[str, Any]:
    """A channel as events carry it."""
    return {"id": name, "name": f"PJSIP/trunk-{name}", "state": state, "caller": {"number": number}}


def stasis_start(name: str, *args: str, number: str = "13900000001") -> dict[str, Any]:
    """A channel enters the application."""
    return {"type": "StasisStart", "channel": channel(name, number=number), "args": list(args)}


def about_channel(kind: str, name: str, **fields: Any) -> dict[str, Any]:
    """Any event about one channel."""
    return {"type": kind, "channel": channel(name), **fields}


def about_bridge(kind: str, bridge: str, name: str) -> dict[str, Any]:
    """A channel enters or leaves a bridge."""
    return {"type": kind, "bridge": {"id": bridge, "channels": []}, "channel": channel(name)}
