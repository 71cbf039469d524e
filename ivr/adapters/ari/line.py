"""One event WebSocket from its opening to its end: read, write, work, and look for lost answers.

The reader only parses and enqueues: a client that reads slowly is cut off by Asterisk. Answers
stand in the same queue as events, so everything is worked in the order of the wire: an answer
cannot overtake the news that came before it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from ivr.adapters.ari.events import (
    KNOWN_TYPES,
    ApplicationReplaced,
    AriEvent,
    OddFrameError,
    OtherEvent,
    RestResponse,
    decode,
)
from ivr.adapters.ari.requests import PendingRequests
from ivr.adapters.ari.tasks import Note

EVENTS_PENDING_MAX = 20_000
"""Frames read but not worked; more means we have lost the pace, and the line is reset."""

ODD_FRAMES_NOTED_MAX = 10
"""Odd frames told of on one line; further ones are only counted."""

SWEEP_S = 1.0
"""How often requests without an answer are looked for."""

_LOST = (aiohttp.ClientError, OSError, TimeoutError)


class LineLostError(Exception):
    """The line to Asterisk broke, or was never made; the text says how."""


class OwnFaultError(Exception):
    """Our own code failed on what Asterisk sent; its cause is the exception."""


@dataclass(frozen=True, slots=True)
class LineCallbacks:
    """Whom the line tells what.

    ``on_up`` runs after each (re)connection and before any event of it is handed over;
    ``on_replaced`` when another engine took the application: then nothing is sent any more.
    """

    on_event: Callable[[AriEvent], None]
    on_up: Callable[[], None]
    on_down: Callable[[str], None]
    on_replaced: Callable[[], None]
    note: Note


class Line:
    """One WebSocket, with its queues."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        pending: PendingRequests,
        outgoing: asyncio.Queue[str],
        callbacks: LineCallbacks,
    ) -> None:
        self._socket = socket
        self._pending = pending
        self._outgoing = outgoing
        self._callbacks = callbacks
        self._incoming: asyncio.Queue[AriEvent | RestResponse] = asyncio.Queue(EVENTS_PENDING_MAX)
        self.odd_frames = 0
        self.replaced = False

    async def run(self) -> None:
        """Serve until the line ends. Raises ``LineLostError`` or ``OwnFaultError``.

        The first part to end ends the line, loudly: a dead reader must not go unseen.
        """
        ours = [asyncio.create_task(part) for part in (self._work(), self._sweep())]
        wire = [asyncio.create_task(part) for part in (self._read(), self._write())]
        try:
            ended, _ = await asyncio.wait([*ours, *wire], return_when=asyncio.FIRST_COMPLETED)
            for part in ended:
                _raise_what_ended(part, by_wire=part in wire)
        finally:
            for part in (*ours, *wire):
                part.cancel()
            await asyncio.gather(*ours, *wire, return_exceptions=True)

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                self._odd(f"a frame of kind {message.type.name}")
                continue
            try:
                event = decode(message.data)
            except OddFrameError as odd:
                self._odd(str(odd))
                continue
            if isinstance(event, ApplicationReplaced):
                self.replaced = True
                self._callbacks.on_replaced()  # at once: what waits to be sent must not leave
                return
            self._enqueue(event)

    def _enqueue(self, event: AriEvent | RestResponse | OtherEvent) -> None:
        if isinstance(event, OtherEvent):
            if event.type in KNOWN_TYPES:
                self._odd(f"{event.type} with a field of another type than published")
            return
        if self._incoming.full():
            raise LineLostError(f"{EVENTS_PENDING_MAX} events wait: they come faster than we work")
        self._incoming.put_nowait(event)

    def _odd(self, what: str) -> None:
        self.odd_frames += 1
        if self.odd_frames <= ODD_FRAMES_NOTED_MAX:
            self._callbacks.note("odd_frame", {"what": what, "count": str(self.odd_frames)})

    async def _write(self) -> None:
        while not self.replaced:
            frame = await self._outgoing.get()
            if not self.replaced:
                await self._socket.send_str(frame)

    async def _work(self) -> None:
        while True:
            event = await self._incoming.get()
            if isinstance(event, RestResponse):
                self._pending.answer(event)
            else:
                self._callbacks.on_event(event)

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_S)
            self._pending.expire(loop.time())


def _raise_what_ended(part: asyncio.Task[None], *, by_wire: bool) -> None:
    error = part.exception()
    if error is None or isinstance(error, LineLostError):
        part.result()
    elif by_wire and isinstance(error, _LOST):
        raise LineLostError(f"{type(error).__name__}: {error}") from error
    else:
        raise OwnFaultError(repr(error)) from error
