"""The other end of the control socket, for the command line: plain blocking calls with limits."""

import os
import socket
import time
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from ivr.adapters.control import place
from ivr.adapters.control.problem import ControlCode, ControlProblem
from ivr.adapters.control.wire import (
    ANSWER_BYTES_MAX,
    VERSION,
    AgentLine,
    Answer,
    Ask,
    AskAgents,
    AskClose,
    AskClosed,
    AskCrisisEnd,
    AskCrisisStart,
    AskMove,
    AskOpen,
    AskPauseAfter,
    AskPresence,
    AskQueues,
    AskReload,
    AskSite,
    AskTransfer,
    AskWaiting,
    AskWrapUp,
    ClosedLine,
    ClosureLine,
    CommandLine,
    PresenceLine,
    QueueLine,
    ReloadLine,
    SiteLine,
    TransferLine,
    WaitingLine,
    ask_line,
)
from ivr.call.asked import TransferOrder
from ivr.engine.command_answer import CommandAnswer
from router.model import PresenceChange, WrapUpChange

ANSWER_S_MAX = 10.0
"""How long to wait for an answer: twice what the engine itself allows a request."""

RELOAD_S_MAX = 40.0
"""How long to wait for a reload: the engine allows it 30 s."""

READ_BYTES = 65_536

T = TypeVar("T")

_answers = msgspec.json.Decoder(Answer)


class _Agents(msgspec.Struct, frozen=True):
    agents: list[AgentLine]


class _Queues(msgspec.Struct, frozen=True):
    queues: list[QueueLine]


class _Hotlines(msgspec.Struct, frozen=True):
    hotlines: list[ClosedLine]


class ControlClient:
    """One connection to the engine of a data folder; every call raises ``ControlProblem``."""

    def __init__(self, folder: Path, *, timeout_s: float = ANSWER_S_MAX) -> None:
        self._folder = folder
        self._timeout_s = timeout_s
        self._asked = 0
        self._read = bytearray()
        self._line = _connected(folder, timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._line.close()

    def site(self) -> SiteLine:
        """The names of the running site."""
        return self._ask(AskSite(VERSION, self._next_id()), SiteLine)

    def agents(self) -> list[AgentLine]:
        """All agents as they are now."""
        return self._ask(AskAgents(VERSION, self._next_id()), _Agents).agents

    def queues(self) -> list[QueueLine]:
        """All queues as they are now."""
        return self._ask(AskQueues(VERSION, self._next_id()), _Queues).queues

    def waiting(self, queue: str | None = None) -> WaitingLine:
        """Who waits in this queue or any now."""
        return self._ask(AskWaiting(VERSION, self._next_id(), queue), WaitingLine)

    def presence(
        self,
        change: PresenceChange,
        agent: str,
        *,
        device: str | None = None,
        reason: str | None = None,
    ) -> PresenceLine:
        """Ask for a change; what came of it."""
        ask = AskPresence(VERSION, self._next_id(), change, agent, device, reason)
        return self._ask(ask, PresenceLine)

    def pause_after(self, agent: str, *, reason: str) -> PresenceLine:
        """Ask for a pause after this contact; what came of it."""
        return self._ask(AskPauseAfter(VERSION, self._next_id(), agent, reason), PresenceLine)

    def wrap_up(self, change: WrapUpChange, agent: str) -> PresenceLine:
        """Ask for a wrap-up to end or to last longer; what came of it."""
        return self._ask(AskWrapUp(VERSION, self._next_id(), change, agent), PresenceLine)

    def transfer(
        self,
        order: TransferOrder,
        agent: str,
        *,
        queue: str | None = None,
        expert: str | None = None,
        to: str | None = None,
    ) -> TransferLine:
        """Ask for a transfer by this agent; what came of it."""
        ask = AskTransfer(VERSION, self._next_id(), order, agent, queue, expert, to)
        return self._ask(ask, TransferLine)

    def start_crisis(self, queue: str, *, to: str | None, by: str) -> CommandAnswer:
        """Switch a queue off; what came of it."""
        ask = AskCrisisStart(VERSION, self._next_id(), queue, by, to)
        return self._ask(ask, CommandLine).answer

    def end_crisis(self, queue: str, *, by: str) -> CommandAnswer:
        """Let a queue be as it was; what came of it."""
        return self._ask(AskCrisisEnd(VERSION, self._next_id(), queue, by), CommandLine).answer

    def move_contact(
        self, contact: str, *, queue: str | None, priority_ms: int | None, by: str
    ) -> CommandAnswer:
        """Move a waiting contact; what came of it."""
        ask = AskMove(VERSION, self._next_id(), contact, by, queue, priority_ms)
        return self._ask(ask, CommandLine).answer

    def close_hotline(self, hotline: str, *, reason: str, by: str) -> ClosureLine:
        """Close a hotline by hand; what came of it."""
        return self._ask(AskClose(VERSION, self._next_id(), hotline, reason, by), ClosureLine)

    def open_hotline(self, hotline: str, *, by: str) -> ClosureLine:
        """Open a hotline again; what came of it."""
        return self._ask(AskOpen(VERSION, self._next_id(), hotline, by), ClosureLine)

    def closed_hotlines(self) -> list[ClosedLine]:
        """All hotlines that are closed, by hand or by their files."""
        return self._ask(AskClosed(VERSION, self._next_id()), _Hotlines).hotlines

    def reload(self) -> ReloadLine:
        """Have the engine serve by the site's files as they are now; what came of it."""
        ask = AskReload(VERSION, self._next_id())
        return self._ask(ask, ReloadLine, timeout_s=RELOAD_S_MAX)

    def _next_id(self) -> str:
        self._asked += 1
        return str(self._asked)

    def _ask(self, ask: Ask, kind: type[T], *, timeout_s: float | None = None) -> T:
        try:
            answer = self._exchange(ask, timeout_s or self._timeout_s)
            if answer.error is None and answer.ok is not msgspec.UNSET:
                return msgspec.json.decode(answer.ok, type=kind)
        except TimeoutError as error:
            raise self._problem(
                f"the engine on {self._folder} does not answer; whether it did what was asked is "
                "not known: look whether its process hangs, then ask again",
                ControlCode.NO_ANSWER,
            ) from error
        except ConnectionError as error:
            raise self._problem(
                f"the engine on {self._folder} ended the connection; whether it did what was asked "
                "is not known: see whether it still runs, then ask again",
                ControlCode.NO_ANSWER,
            ) from error
        except ValueError as error:
            raise self._problem(
                f"the engine on {self._folder} answers in a form that this command does not know: "
                "use the command line of the engine's own release",
                ControlCode.OTHER_VERSION,
            ) from error
        trouble = answer.error
        if trouble is None:
            raise self._problem("the engine's answer is empty", ControlCode.OTHER_VERSION)
        raise self._problem(trouble.sentence, trouble.code)

    def _exchange(self, ask: Ask, timeout_s: float) -> Answer:
        due = time.monotonic() + timeout_s
        try:
            self._line.sendall(ask_line(ask))
        except (BrokenPipeError, ConnectionResetError):
            # Refused at the door: why stands in what can still be read.
            return _answers.decode(self._line_before(due))
        while True:
            answer = _answers.decode(self._line_before(due))
            if answer.id in (None, ask.id):
                return answer

    def _line_before(self, due: float) -> bytes:
        while (end := self._read.find(b"\n")) < 0:
            left = due - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._line.settimeout(left)
            more = self._line.recv(READ_BYTES)
            if not more:
                raise ConnectionResetError
            self._read += more
            if len(self._read) > ANSWER_BYTES_MAX:
                raise ValueError("the answer is too long")
        line = bytes(self._read[:end])
        del self._read[: end + 1]
        return line

    def _problem(self, sentence: str, code: ControlCode) -> ControlProblem:
        return ControlProblem(sentence, code=code, operation="ask")


def _connected(folder: Path, timeout_s: float) -> socket.socket:
    try:
        with place.opened_folder(folder) as descriptor:
            return place.connected(descriptor, timeout_s=timeout_s)
    except PermissionError as error:
        raise ControlProblem(
            f"the engine on {folder} belongs to another user{_owner(folder)}: run this as that "
            "user or as root",
            code=ControlCode.NOT_ALLOWED,
            operation="connect",
        ) from error
    except BlockingIOError as error:
        raise ControlProblem(
            f"the engine on {folder} takes no connection: look whether its process hangs, then ask "
            "again",
            code=ControlCode.BUSY,
            operation="connect",
        ) from error
    except OSError as error:
        raise ControlProblem(
            f"no engine runs on the data folder {folder}: start one with `make run` or `expertline "
            "serve`, or name the folder of the one that runs with --data-dir",
            code=ControlCode.NOT_RUNNING,
            operation="connect",
        ) from error


def _owner(folder: Path) -> str:
    try:
        return f" (uid {os.stat(folder).st_uid})"  # noqa: PTH116 - of a folder we may not enter
    except OSError:
        return ""
