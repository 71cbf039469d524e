"""One engine's line to one Asterisk: the event WebSocket, and a small warm HTTP pool beside it.

Requests that return at once travel over the WebSocket, where Asterisk executes them one after
another; those that join a channel travel over HTTP, where each waits alone. Both have deadlines.
"""

import asyncio
from dataclasses import dataclass, replace

import aiohttp
import msgspec

from ivr.adapters.ari.backoff import Backoff, Pace
from ivr.adapters.ari.line import Line, LineCallbacks, LineLostError, OwnFaultError
from ivr.adapters.ari.operations import Operation, Reply, asterisk_info
from ivr.adapters.ari.requests import (
    NO_REPLY,
    NOT_SENT,
    REQUESTS_PENDING_MAX,
    WS_DEADLINE_S,
    OnReply,
    PendingRequests,
    frame_of,
)
from ivr.adapters.ari.tasks import note_bug
from ivr.ports import PeerError

HTTP_DEADLINE_S = 10.0
"""How long a joining request may take before its channel counts as suspect."""

HTTP_POOL = 8
"""Kept-alive connections: Asterisk listens with a backlog of 10 (measured)."""

HTTP_KEEPALIVE_S = 10.0
"""Shorter than Asterisk's session_keep_alive of 15 s, or it closes a connection under us."""

JOINING_MAX = 6
"""Joining requests under way at once: fewer than the pool holds, so that a question after the
truth never waits behind channels that are stuck."""

HEARTBEAT_S = 10.0
"""WebSocket ping interval; a pong missing for half of it ends the connection."""

FRAME_BYTES_MAX = 1_048_576
"""The longest frame taken; the largest events of two-party calls have a few thousand."""


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


class AriConnection:
    """Connects, keeps connected, carries requests and hands events over in order."""

    def __init__(
        self, settings: AriSettings, callbacks: LineCallbacks, *, pace: Pace | None = None
    ) -> None:
        self._settings = settings
        self._callbacks = replace(callbacks, on_replaced=self._on_replaced)
        self._tell_replaced = callbacks.on_replaced
        self._pace = pace or Pace()
        self._pending = PendingRequests()
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(REQUESTS_PENDING_MAX)
        self._joining = asyncio.Semaphore(JOINING_MAX)
        self._session: aiohttp.ClientSession | None = None
        self._connected_at: float | None = None
        self._line: Line | None = None
        self._ceased = False
        self._told = ""

    @property
    def connected(self) -> bool:
        """Whether the event WebSocket is up."""
        return self._connected_at is not None

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
            how = f"status {reply.status}" if reply.status > 0 else "no connection"
            raise _unreachable(
                f"{where} does not answer ({how}). "
                "Is Asterisk running there, with http.conf enabled?"
            )
        try:
            info = msgspec.json.decode(reply.body, type=dict[str, dict[str, object]])
        except msgspec.DecodeError:
            raise _unreachable(
                f"{where} answers, but not as Asterisk does: is it another server's port?"
            ) from None
        return str(info.get("system", {}).get("version", "unknown"))

    async def run(self) -> None:
        """Stay connected until cancelled, or until another engine replaces us."""
        backoff = Backoff(self._pace.chance)
        while not self._ceased:
            reason = await self._attempt()
            held_s = 0.0
            if self._connected_at is not None:
                held_s = self._pace.clock() - self._connected_at
                self._connected_at = None
                self._callbacks.on_down(reason)
            elif reason != self._told:
                self._callbacks.note("asterisk_unreachable", {"reason": reason})
            self._told = reason
            self._pending.fail_all()
            if not self._ceased:
                await self._pace.sleep(backoff.next_delay_s(held_s=held_s))

    def cease(self) -> None:
        """Another engine acts in our place: send nothing and connect no more."""
        self._ceased = True
        if self._line is not None:
            self._line.replaced = True

    async def close(self) -> None:
        """Give the HTTP connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def send(self, operation: Operation, on_reply: OnReply) -> None:
        """Send over the WebSocket; ``on_reply`` is called exactly once, later or now."""
        if not self.connected or self._ceased or self._pending.full or self._outgoing.full():
            on_reply(NOT_SENT)
            return
        identifier = self._pending.register(on_reply, asyncio.get_running_loop().time())
        self._outgoing.put_nowait(frame_of(identifier, operation))

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
        if self._ceased:
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

    async def _attempt(self) -> str:
        """One connection from beginning to end; why it ended. Our own fault is noted."""
        attempt = asyncio.create_task(self._one_connection())
        try:
            await asyncio.wait([attempt])
        finally:
            attempt.cancel()
            await asyncio.gather(attempt, return_exceptions=True)
        error = attempt.exception()
        if error is None:
            return "replaced by another engine" if self._ceased else "closed by Asterisk"
        if not isinstance(error, LineLostError | aiohttp.ClientError | OSError | TimeoutError):
            bug = error.__cause__ if isinstance(error, OwnFaultError) else error
            note_bug(self._callbacks.note, bug or error, where="ari line")
            return f"our own fault: {error!r}"
        return str(error) or type(error).__name__

    async def _one_connection(self) -> None:
        query = {"app": self._settings.app}
        async with self._http().ws_connect(
            "/ari/events", params=query, heartbeat=HEARTBEAT_S, max_msg_size=FRAME_BYTES_MAX
        ) as socket:
            self._outgoing = asyncio.Queue(REQUESTS_PENDING_MAX)
            self._line = line = Line(socket, self._pending, self._outgoing, self._callbacks)
            self._connected_at = self._pace.clock()
            self._callbacks.on_up()
            await line.run()

    def _on_replaced(self) -> None:
        self.cease()
        self._tell_replaced()


def _unreachable(sentence: str) -> PeerError:
    return PeerError(sentence, peer="asterisk", operation="asterisk/info", retry_safe=True)
