"""One engine's line to one Asterisk: the event WebSocket, and a small warm HTTP pool beside it.

Requests that return at once travel over the WebSocket, where Asterisk executes them one after
another; those that join a channel travel over HTTP, where each waits alone. Both have deadlines.
The reader only parses and enqueues: a client that reads slowly is cut off by Asterisk.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import aiohttp
import msgspec

from ivr.adapters.ari.backoff import Backoff
from ivr.adapters.ari.events import (
    ApplicationReplaced,
    AriEvent,
    OtherEvent,
    RestResponse,
    decode,
)
from ivr.adapters.ari.operations import Operation, Reply, asterisk_info
from ivr.ports import PeerError

WS_DEADLINE_S = 5.0
"""How long a request over the WebSocket may take; Asterisk answers these in milliseconds."""

HTTP_DEADLINE_S = 10.0
"""How long a joining request may take before its channel counts as suspect."""

HTTP_POOL = 8
"""Kept-alive connections: Asterisk listens with a backlog of 10 (measured)."""

HTTP_KEEPALIVE_S = 10.0
"""Shorter than Asterisk's session_keep_alive of 15 s, or it closes a connection under us."""

JOINING_MAX = 16
"""Joining requests under way at once."""

HEARTBEAT_S = 10.0
"""WebSocket ping interval; a pong missing for half of it ends the connection."""

REQUESTS_PENDING_MAX = 5_000
"""Requests over the WebSocket without an answer yet; one more fails at once."""

EVENTS_PENDING_MAX = 20_000
"""Events read but not worked; more means we have lost the pace, and the line is reset."""

SWEEP_S = 1.0
"""How often requests without an answer are looked for."""

FRAME_BYTES_MAX = 1_048_576

NO_REPLY = Reply(0)
"""Given to a request whose answer did not come in time, or whose line broke."""

NOT_SENT = Reply(-1)
"""Given to a request that never left: the line is down, or too many are under way."""

OnReply = Callable[[Reply], None]


@dataclass(frozen=True, slots=True)
class AriSettings:
    """Where Asterisk is and who we are there."""

    host: str
    port: int
    app: str
    user: str
    password: str
    joining_over_websocket: bool = False
    """Only for the contract test that shows what this costs."""

    def __repr__(self) -> str:
        return f"AriSettings({self.user}@{self.host}:{self.port}, app={self.app})"


@dataclass(frozen=True, slots=True)
class _Pending:
    on_reply: OnReply
    due: float


class AriConnection:
    """Connects, keeps connected, carries requests and hands events over in order.

    ``on_up`` runs after each (re)connection and before any event of it is handed over;
    ``on_replaced`` when another engine took the application: then nothing is sent any more.
    """

    def __init__(
        self,
        settings: AriSettings,
        *,
        on_event: Callable[[AriEvent], None],
        on_up: Callable[[], None],
        on_down: Callable[[str], None],
        on_replaced: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._on_event = on_event
        self._on_up = on_up
        self._on_down = on_down
        self._on_replaced = on_replaced
        self._ids = count(1)
        self._pending: OrderedDict[str, _Pending] = OrderedDict()
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(REQUESTS_PENDING_MAX)
        self._joining = asyncio.Semaphore(JOINING_MAX)
        self._session: aiohttp.ClientSession | None = None
        self._connected = False
        self._replaced = False

    @property
    def connected(self) -> bool:
        """Whether the event WebSocket is up."""
        return self._connected

    async def open(self) -> str:
        """Check address, password and version once; the version. Raises ``PeerError``."""
        reply = await self.over_http(asterisk_info())
        where = f"Asterisk's ARI at {self._settings.host}:{self._settings.port}"
        if reply.status in (401, 403):
            raise _unreachable(
                f"{where} refuses the user {self._settings.user!r}: the password is wrong. "
                "Compare ari.conf with the secrets file of the run folder."
            )
        if not reply.ok:
            raise _unreachable(
                f"{where} does not answer (status {reply.status}). "
                "Is Asterisk running there, with http.conf enabled?"
            )
        info = msgspec.json.decode(reply.body, type=dict[str, dict[str, object]])
        return str(info.get("system", {}).get("version", "unknown"))

    async def run(self) -> None:
        """Stay connected until cancelled, or until another engine replaces us."""
        backoff = Backoff(random.random)
        while not self._replaced:
            try:
                await self._one_connection(backoff)
                reason = "closed by Asterisk"
            except (aiohttp.ClientError, OSError, TimeoutError) as lost:
                reason = f"{type(lost).__name__}: {lost}"
            self._fail_pending()
            if self._connected:
                self._connected = False
                self._on_down(reason)
            if not self._replaced:
                await asyncio.sleep(backoff.next_delay_s())

    async def close(self) -> None:
        """Give the HTTP connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def send(self, operation: Operation, on_reply: OnReply) -> None:
        """Send over the WebSocket; ``on_reply`` is called exactly once, later or now."""
        loop = asyncio.get_running_loop()
        self._expire(loop.time())
        if not self._connected or self._replaced or len(self._pending) >= REQUESTS_PENDING_MAX:
            on_reply(NOT_SENT)
            return
        identifier = str(next(self._ids))
        self._pending[identifier] = _Pending(on_reply, loop.time() + WS_DEADLINE_S)
        self._outgoing.put_nowait(_frame(identifier, operation))

    async def join(self, operation: Operation) -> Reply:
        """Carry out a joining operation, few at a time."""
        async with self._joining:
            if self._settings.joining_over_websocket:
                return await self.ask(operation)
            return await self.over_http(operation)

    async def ask(self, operation: Operation) -> Reply:
        """Send over the WebSocket and wait for the answer."""
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def settle(reply: Reply) -> None:
            if not answered.done():
                answered.set_result(reply)

        self.send(operation, settle)
        try:
            async with asyncio.timeout(WS_DEADLINE_S):
                return await answered
        except TimeoutError:
            return NO_REPLY

    async def over_http(self, operation: Operation) -> Reply:
        """Carry out over HTTP; a broken line or a late answer is ``NO_REPLY``."""
        if self._replaced:
            return NOT_SENT
        body = None if operation.body is None else msgspec.json.encode(operation.body)
        try:
            async with self._http().request(
                operation.method,
                f"/ari/{operation.path}",
                params=operation.query,
                data=body,
                headers={"Content-Type": "application/json"} if body else None,
            ) as response:
                return Reply(response.status, await response.read())
        except (aiohttp.ClientError, OSError, TimeoutError):
            return NO_REPLY

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            settings = self._settings
            credentials = aiohttp.encode_basic_auth(settings.user, settings.password)
            self._session = aiohttp.ClientSession(
                base_url=f"http://{settings.host}:{settings.port}",
                headers={"Authorization": credentials},
                timeout=aiohttp.ClientTimeout(total=HTTP_DEADLINE_S),
                connector=aiohttp.TCPConnector(limit=HTTP_POOL, keepalive_timeout=HTTP_KEEPALIVE_S),
            )
        return self._session

    async def _one_connection(self, backoff: Backoff) -> None:
        query = {"app": self._settings.app}
        async with self._http().ws_connect(
            "/ari/events", params=query, heartbeat=HEARTBEAT_S, max_msg_size=FRAME_BYTES_MAX
        ) as socket:
            backoff.reset()
            self._outgoing = asyncio.Queue(REQUESTS_PENDING_MAX)
            self._connected = True
            events: asyncio.Queue[AriEvent] = asyncio.Queue(EVENTS_PENDING_MAX)
            self._on_up()
            parts = [
                asyncio.create_task(part)
                for part in (
                    self._read(socket, events),
                    self._write(socket),
                    self._work(events),
                    self._sweep(),
                )
            ]
            try:
                # The first part to end ends the line, loudly: a dead reader must not go unseen.
                ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
                for part in ended:
                    part.result()
            finally:
                for part in parts:
                    part.cancel()
                await asyncio.gather(*parts, return_exceptions=True)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            self._expire(loop.time())

    async def _write(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            frame = await self._outgoing.get()
            try:
                await socket.send_str(frame)
            except (aiohttp.ClientError, OSError):
                return  # the reader sees the same break and ends the connection

    async def _work(self, events: asyncio.Queue[AriEvent]) -> None:
        while True:
            self._on_event(await events.get())

    async def _read(
        self, socket: aiohttp.ClientWebSocketResponse, events: asyncio.Queue[AriEvent]
    ) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            match decode(message.data):
                case RestResponse() as response:
                    self._on_response(response)
                case ApplicationReplaced():
                    self._replaced = True
                    self._on_replaced()
                    return
                case OtherEvent():
                    continue
                case event:
                    if events.full():
                        raise OSError("events come faster than they are worked")
                    events.put_nowait(event)

    def _on_response(self, response: RestResponse) -> None:
        pending = self._pending.pop(response.request_id, None)
        if pending is not None:
            pending.on_reply(Reply(response.status_code, response.message_body.encode()))

    def _expire(self, now: float) -> None:
        while self._pending:
            identifier, pending = next(iter(self._pending.items()))
            if pending.due > now:
                return
            del self._pending[identifier]
            pending.on_reply(NO_REPLY)

    def _fail_pending(self) -> None:
        pending, self._pending = self._pending, OrderedDict()
        for request in pending.values():
            request.on_reply(NO_REPLY)


def _frame(identifier: str, operation: Operation) -> str:
    request: dict[str, object] = {
        "type": "RESTRequest",
        "request_id": identifier,
        "method": operation.method,
        "uri": operation.path,
        "query_strings": [{"name": k, "value": v} for k, v in operation.query.items()],
    }
    if operation.body is not None:
        request["content_type"] = "application/json"
        request["message_body"] = msgspec.json.encode(operation.body).decode()
    return msgspec.json.encode(request).decode()


def _unreachable(sentence: str) -> PeerError:
    return PeerError(sentence, peer="asterisk", operation="asterisk/info", retry_safe=True)
