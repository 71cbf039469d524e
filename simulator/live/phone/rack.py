"""The rack process: a few scripted phones in one single-threaded loop.

Started as `python -m simulator.live.phone.rack FOLDER`; commands come as JSON lines on
standard input, events leave as JSON lines on standard output (see `wire.py`). It ends, saying
goodbye to whoever it talks to, when standard input closes or on SIGTERM: so nothing is left
when its parent dies in any way.
"""

import os
import selectors
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO, Final

from simulator.live.phone import limits, wire
from simulator.live.phone.media import PhoneFault
from simulator.live.phone.switchboard import Switchboard

_MS: Final = 1_000_000
_TICK_NS: Final = limits.TICK_MS * _MS
_READ_BYTES: Final = 65536
_BLOCKED_NS_MIN: Final = 200_000
_EXIT_OK, _EXIT_USAGE, _EXIT_BROKEN_COMMAND = 0, 2, 3


class CommandLines:
    """Standard input as whole lines; knows when the parent has closed it."""

    def __init__(self, source: int) -> None:
        self._source = source
        self._rest = b""
        self.closed = False

    def fileno(self) -> int:
        """The pipe, for a selector."""
        return self._source

    def read(self) -> list[bytes]:
        """The complete lines that have arrived; an over-long line ends the process's input."""
        chunk = os.read(self._source, _READ_BYTES)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self.closed = not chunk or len(self._rest) > limits.COMMAND_BYTES_MAX
        return lines


class Loop:
    """Waits for sockets, commands, packets to send and timers, in one thread."""

    def __init__(self, board: Switchboard, commands: CommandLines) -> None:
        self._board = board
        self._commands = commands
        # poll, not epoll: standard input may be a file or /dev/null, which epoll refuses.
        self._selector = selectors.PollSelector()
        self._selector.register(commands, selectors.EVENT_READ, "command")
        for socket in board.sip_sockets:
            self._selector.register(socket, selectors.EVENT_READ, "sip")
        self._next_tick_ns = time.monotonic_ns()
        self._woke_ns = time.monotonic_ns()
        self.stopping = False

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """SIGTERM's handler: end after the current turn."""
        self.stopping = True

    def run(self) -> None:
        """Serve until told to stop, then say goodbye to all calls and registrars."""
        while not self.stopping and not self._commands.closed:
            self._turn()
        self._board.say_goodbye()
        give_up_ns = time.monotonic_ns() + limits.GOODBYE_MS_MAX * _MS
        while not self._board.quiet and time.monotonic_ns() < give_up_ns:
            self._turn(commands=False)

    def _turn(self, *, commands: bool = True) -> None:
        ready = self._wait(commands=commands)
        for kind in ready:
            if kind == "command" and commands:
                for line in self._commands.read():
                    self._board.command(wire.decode_command(line))
        self._board.turn()
        now_ns = time.monotonic_ns()
        if now_ns >= self._next_tick_ns:
            due = (now_ns - self._next_tick_ns) // _TICK_NS + 1
            self._board.tick(due)
            self._next_tick_ns += due * _TICK_NS

    def _wait(self, *, commands: bool) -> list[str]:
        self._follow_media()
        before_ns = time.monotonic_ns()
        if not commands and self._commands in self._selector.get_map():
            self._selector.unregister(self._commands)
        due_ns = min(self._next_tick_ns, self._board.next_timer_ns or self._next_tick_ns)
        ready = self._selector.select(max(due_ns - before_ns, 0) / 1e9)
        now_ns = time.monotonic_ns()
        # A SIP message found at once may have come at any time since the last look: take the
        # earliest, so that a busy process never makes the far end look faster than it was.
        waited = now_ns - before_ns > _BLOCKED_NS_MIN
        self._board.sip_seen_ns = now_ns if waited else self._woke_ns
        self._woke_ns = now_ns
        return [str(key.data) for key, _ in ready]

    def _follow_media(self) -> None:
        """Watch the RTP sockets of the calls that exist now."""
        wanted = self._board.media_sockets()
        watched = {k.fd for k in self._selector.get_map().values() if k.data == "media"}
        for gone in watched - wanted:
            self._selector.unregister(gone)
        for new in wanted - watched:
            self._selector.register(new, selectors.EVENT_READ, "media")


def _take_stdout() -> IO[bytes]:
    """Events go to the real standard output; what libraries print goes to standard error."""
    sys.stdout.flush()
    events = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return events


def main(arguments: list[str]) -> int:
    """Run one rack process; the exit status."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m simulator.live.phone.rack FOLDER-FOR-RECORDINGS", file=sys.stderr)
        return _EXIT_USAGE
    # Ctrl-C in a terminal reaches the whole group; the parent decides when the phones end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    events = _take_stdout()

    def say(event: wire.Event) -> None:
        events.write(wire.encode(event) + b"\n")

    board = Switchboard(say, Path(arguments[0]))
    loop = Loop(board, CommandLines(0))
    signal.signal(signal.SIGTERM, loop.stop)
    try:
        say(wire.Ready(sip_port=board.sip_port, library=board.library))
        loop.run()
    except BrokenPipeError:
        return _EXIT_OK
    except wire.DecodeError as error:
        print(f"a command from the parent cannot be read: {error}", file=sys.stderr)
        return _EXIT_BROKEN_COMMAND
    finally:
        board.close()
    return _EXIT_OK


if __name__ == "__main__":
    try:
        status = main(sys.argv[1:])
    except PhoneFault as fault:
        print(fault, file=sys.stderr)
        status = 1
    sys.exit(status)
