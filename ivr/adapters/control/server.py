"""The engine's end of the control socket: takes connections, bounds them, answers each line."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path

from ivr.adapters.control import place
from ivr.adapters.control.desk import Desk
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.replies import DeskReplies
from ivr.adapters.control.wire import REQUEST_BYTES_MAX, trouble_line


@dataclass(frozen=True, slots=True)
class ControlLimits:
    """What the server allows its clients, all together and each; past it a client is told."""

    connections_max: int = 16
    under_way_max: int = 64
    """Requests of all connections together."""
    line_bytes_max: int = REQUEST_BYTES_MAX
    request_s_max: float = 5.0
    reload_s_max: float = 30.0
    """A site of 20,000 nodes takes ten seconds to read and check."""
    idle_s_max: float = 60.0
    """How long a connection may bring no whole line."""
    write_s_max: float = 5.0
    """How long a client may take to read what it was sent; then it is cut off."""


class ControlServer:
    """Serves one desk on ``control.sock`` in the engine's data folder.

    It belongs to one event loop; ``start`` and ``stop`` once each, in this order.
    """

    def __init__(
        self,
        folder: Path,
        desk: Desk,
        *,
        limits: ControlLimits = ControlLimits(),
        uid_of: Callable[[socket.socket], int] = place.peer_uid,
    ) -> None:
        self._folder = folder
        self._limits = limits
        self._uid_of = uid_of
        self._replies = DeskReplies(
            desk, request_s_max=limits.request_s_max, reload_s_max=limits.reload_s_max
        )
        self._server: asyncio.Server | None = None
        self._inode: int | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._under_way = 0

    async def start(self) -> None:
        """Listen from now on. Raises ``ControlProblem`` in one sentence."""
        try:
            with place.opened_folder(self._folder) as folder:
                listener = place.listening(
                    folder, self._folder, backlog=self._limits.connections_max
                )
                self._inode = place.inode_of(folder)
        except OSError as error:
            raise ControlProblem(
                f"cannot make the control socket in the data folder {self._folder} "
                f"({error.strerror}): it must be a folder on a local disk that the engine's user "
                "may write to",
                code=ControlCode.FAILED,
                operation="listen",
            ) from error
        self._server = await asyncio.start_unix_server(
            self._accept, sock=listener, limit=self._limits.line_bytes_max
        )

    async def stop(self) -> None:
        """Cut every connection off and take the socket away, unless it is another one by now."""
        if self._server is None:
            return
        # The name before the listener: as long as that is open, no other file can get its inode.
        with contextlib.suppress(OSError), place.opened_folder(self._folder) as folder:
            if place.inode_of(folder) == self._inode:
                place.remove(folder)
        self._server.close()
        self._server = None
        for connection in self._connections:
            connection.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._serve(reader, writer), name="control connection")
        self._connections.add(connection)
        connection.add_done_callback(self._gone)

    def _gone(self, connection: asyncio.Task[None]) -> None:
        self._connections.discard(connection)
        bug = None if connection.cancelled() else connection.exception()
        if bug is not None:
            context = {"message": "a control connection ended by a bug", "exception": bug}
            connection.get_loop().call_exception_handler(context)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(reader, writer, self._limits)
        try:
            refusal = self._refusal(writer)
            if refusal is None:
                async with asyncio.TaskGroup() as requests:
                    await self._read_requests(line, requests)
            else:
                await line.send(trouble_line(None, *refusal))
            await line.close()
        except* ConnectionError:
            # The client went away, which a request under way may notice: nobody is left to tell.
            pass
        finally:
            line.cut()

    def _refusal(self, writer: asyncio.StreamWriter) -> tuple[ControlCode, str] | None:
        uid = self._uid_of(writer.get_extra_info("socket"))
        if uid not in (os.geteuid(), place.ROOT_UID):
            sentence = f"this engine takes requests of its own user and of root, not of uid {uid}"
            return ControlCode.NOT_ALLOWED, sentence
        if len(self._connections) > self._limits.connections_max:
            return ControlCode.BUSY, (
                f"{self._limits.connections_max} others are connected to this engine, and more it "
                "does not take: try again when one of them is done"
            )
        return None

    async def _read_requests(self, line: "_Line", requests: asyncio.TaskGroup) -> None:
        while (raw := await line.read()) is not None:
            if self._under_way >= self._limits.under_way_max:
                await line.send(self._replies.busy(raw))
                continue
            self._under_way += 1
            # Not in the request itself: one that is cancelled before it began frees its place too.
            requests.create_task(self._answer(line, raw)).add_done_callback(self._answered)

    async def _answer(self, line: "_Line", raw: bytes) -> None:
        await line.send(await self._replies.reply(raw))

    def _answered(self, _request: asyncio.Task[None]) -> None:
        self._under_way -= 1


class _Line:
    """One connection, read and written line by line within the limits.

    What a client did wrong for good is told to it as the last line it gets.
    """

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: ControlLimits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._writing = asyncio.Lock()

    async def read(self) -> bytes | None:
        """The next line, or None when no more are taken."""
        try:
            async with asyncio.timeout(self._limits.idle_s_max):
                return await self._reader.readuntil(b"\n")
        except asyncio.IncompleteReadError as error:
            if error.partial:
                sentence = "the last line has no end: send every request as one whole line"
                await self.send(trouble_line(None, ControlCode.NOT_UNDERSTOOD, sentence))
        except asyncio.LimitOverrunError:
            sentence = f"a line is longer than {self._limits.line_bytes_max} bytes"
            await self.send(trouble_line(None, ControlCode.TOO_LONG, sentence))
        except TimeoutError:
            sentence = f"no whole line came for {self._limits.idle_s_max:g} s: connect again"
            await self.send(trouble_line(None, ControlCode.TOO_SLOW, sentence))
        return None

    async def send(self, line: bytes) -> None:
        """Send a whole line; a client that does not read is cut off, ``ConnectionError``."""
        async with self._writing:
            self._writer.write(line)
            await self._within_write_time(self._writer.drain())

    async def close(self) -> None:
        """Let what was sent arrive, then end the connection."""
        self._writer.close()
        await self._within_write_time(self._writer.wait_closed())

    def cut(self) -> None:
        """End the connection at once; nothing if it has ended."""
        self._writer.transport.abort()

    async def _within_write_time(self, work: Coroutine[object, object, None]) -> None:
        try:
            async with asyncio.timeout(self._limits.write_s_max):
                await work
        except TimeoutError as error:
            self.cut()
            raise ConnectionAbortedError("the client does not read") from error
