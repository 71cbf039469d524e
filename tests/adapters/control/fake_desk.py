"""A desk without an engine, and a server of it in a thread, for tests of either end."""

import asyncio
import json
import os
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ivr.adapters.control import place
from ivr.adapters.control.desk import Desk
from ivr.adapters.control.server import ControlLimits, ControlServer
from ivr.adapters.control.wire import ReloadLine, ReloadResult
from ivr.call.effects import AnswerClosing, AnswerTransfer, ClosingAnswer, TransferAnswer
from ivr.call.events import HotlineEvent, TransferRequested
from ivr.engine.by_command import AnswerCommand, CommandAnswer, QueueCommand
from ivr.engine.crises_declared import CrisisStarted
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.requirement import SkillRequirement
from ivr.flow.site import AgentEntry, DeviceEntry, Hold, QueueEntry, QueueStep, Site
from router.agent_state import EngagementPhase
from router.effects import AnswerPresence
from router.events import PresenceRequested, WrapUpRequested
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    Presence,
    PresenceAnswer,
    PresenceChange,
    QueueId,
)
from router.views import AgentView, QueueView, WaitingList

WALL_OF_ZERO = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""

ANSWER_S_MAX = 20.0
"""Of a test's own waiting: longer than anything here takes, unless it hangs."""

BECOMES = {
    PresenceChange.SIGN_IN: Presence.AVAILABLE,
    PresenceChange.RESUME: Presence.AVAILABLE,
    PresenceChange.PAUSE: Presence.ON_BREAK,
    PresenceChange.SIGN_OUT: Presence.SIGNED_OUT,
}


def queue(name: str, skill: str) -> QueueEntry:
    step = QueueStep(SkillRequirement(({skill: 2},)))
    return QueueEntry(name, (step,), 15_000, 60_000, 10_000, 2, Hold("hold"))


def site(*, reasons: Sequence[str] = ("meal", "training")) -> Site:
    agents = [
        AgentEntry("1001", "General expert 1", {"general": 2, "data": 1}, "desk-1"),
        AgentEntry("1002", "Data expert 1", {"data": 3}, "desk-2"),
        AgentEntry("1010", "Free seating", {"general": 2}),
    ]
    devices = [DeviceEntry(name) for name in ("desk-1", "desk-2", "desk-3")]
    queues = [queue("10086/data", "data"), queue("10086/general", "general")]
    return Site(
        tenant="main",
        hotlines={},
        queues={each.name: each for each in queues},
        agents={each.name: each for each in agents},
        devices={each.name: each for each in devices},
        skills=("general", "data"),
        pause_reasons={str(digit): name for digit, name in enumerate(reasons, start=1)},
    )


def view(
    agent: str,
    presence: Presence = Presence.AVAILABLE,
    *,
    engagement: EngagementPhase = EngagementPhase.NONE,
    reason: str | None = None,
    own_calls: int = 0,
    reachable: bool = True,
    taken_for_absent: bool = False,
    phone_in_use: bool = False,
    pausing_for: str | None = None,
    chats: int = 0,
) -> AgentView:
    here = presence is not Presence.SIGNED_OUT
    busy = engagement in (EngagementPhase.RESERVED, EngagementPhase.CONNECTED)
    return AgentView(
        agent=AgentId(f"main:{agent}"),
        presence=presence,
        reason=reason,
        since=1_500,
        device=DeviceId(f"main:desk-{agent[-1]}") if here else None,
        reachable=here and reachable,
        engagement=engagement,
        contact=ContactId("c77") if busy else None,
        own_calls=own_calls,
        taken_for_absent=taken_for_absent,
        phone_in_use=phone_in_use,
        pausing_for=pausing_for,
        chats=chats,
    )


def unchanged() -> ReloadLine:
    return ReloadLine(ReloadResult.UNCHANGED, "v1", 0)


async def no_change() -> ReloadLine:
    """For desks in tests that are not about reloads."""
    return unchanged()


@dataclass
class FakeDesk:
    """Answers as told by ``verdicts`` (agent -> answer), else DONE; or never, while ``mute``."""

    verdicts: dict[str, PresenceAnswer] = field(default_factory=dict[str, PresenceAnswer])
    views: list[AgentView] = field(default_factory=list[AgentView])
    running: Site = field(default_factory=site)
    mute: bool = False
    reloads: ReloadLine = field(default_factory=lambda: unchanged())
    asked: list[PresenceRequested] = field(default_factory=list[PresenceRequested])
    transferring: TransferAnswer = TransferAnswer.DONE
    transfers: list[TransferRequested] = field(default_factory=list[TransferRequested])
    contacts: WaitingList = field(default_factory=WaitingList)
    looked_at: list[QueueId | None] = field(default_factory=list[QueueId | None])
    wrap_ups: list[WrapUpRequested] = field(default_factory=list[WrapUpRequested])

    def site(self) -> Site:
        return self.running

    def agents(self) -> Sequence[AgentView]:
        return self.views

    def queues(self) -> Sequence[QueueView]:
        return [QueueView(QueueId("main:10086/data"), waiting=3, offered=1, staffed=2)]

    def crises(self) -> Sequence[CrisisStarted]:
        return ()

    def waiting(self, queue: QueueId | None) -> WaitingList:
        self.looked_at.append(queue)
        return self.contacts

    def wall_of(self, at: Millis) -> int:
        return WALL_OF_ZERO + at

    async def request(self, event: PresenceRequested | WrapUpRequested) -> AnswerPresence:
        if isinstance(event, WrapUpRequested):
            self.wrap_ups.append(event)
        else:
            self.asked.append(event)
        if self.mute:
            await asyncio.Event().wait()
        name = "" if event.agent is None else event.agent.removeprefix("main:")
        verdict = self.verdicts.get(name, PresenceAnswer.DONE)
        if verdict is PresenceAnswer.UNKNOWN_AGENT:
            return AnswerPresence(event.request, verdict, None, None)
        if isinstance(event, WrapUpRequested) or event.after_contact:
            return AnswerPresence(event.request, verdict, event.agent, Presence.AVAILABLE)
        return AnswerPresence(event.request, verdict, event.agent, BECOMES[event.change])

    def closed_by_hand(self) -> Sequence[ClosedByHand]:
        return ()

    async def close_or_open(self, event: HotlineEvent) -> AnswerClosing:
        return AnswerClosing(event.request, ClosingAnswer.DONE)

    async def transfer(self, event: TransferRequested) -> AnswerTransfer:
        self.transfers.append(event)
        if self.mute:
            await asyncio.Event().wait()
        return AnswerTransfer(event.request, self.transferring)

    async def command(self, event: QueueCommand) -> AnswerCommand:
        return AnswerCommand(event.request, CommandAnswer.DONE)

    async def reload(self) -> ReloadLine:
        if self.mute:
            await asyncio.Event().wait()
        return self.reloads


def whoever(_line: socket.socket) -> int:
    """The user of every connection in tests that are not about users."""
    return os.geteuid()


USUAL = ControlLimits()


@contextmanager
def served(
    folder: Path,
    desk: Desk,
    *,
    limits: ControlLimits = USUAL,
    uid_of: Callable[[socket.socket], int] = whoever,
) -> Generator[None]:
    """A server of this desk in a thread of its own, up while the block lasts."""
    loop = asyncio.new_event_loop()
    server = ControlServer(folder, desk, limits=limits, uid_of=uid_of)
    up = threading.Event()

    async def serve() -> None:
        await server.start()
        up.set()
        await ending.wait()
        await server.stop()

    ending = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert up.wait(ANSWER_S_MAX)
        yield
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(ANSWER_S_MAX)
        loop.close()


def bound(folder: Path) -> socket.socket:
    """A socket at the place of the control socket, as another program would make it."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with place.opened_folder(folder) as descriptor:
        line.bind(f"/proc/self/fd/{descriptor}/control.sock")
    return line


class RawClient:
    """Somebody who writes bytes to the socket, well-behaved or not."""

    def __init__(self, folder: Path) -> None:
        with place.opened_folder(folder) as descriptor:
            self._line = place.connected(descriptor, timeout_s=ANSWER_S_MAX)
        self._file = self._line.makefile("rb")

    def send(self, raw: bytes) -> None:
        self._line.sendall(raw)

    def send_all_there_is(self, raw: bytes) -> None:
        """The other end may stop reading on the way."""
        with suppress(BrokenPipeError, ConnectionResetError):
            self._line.sendall(raw)

    def end(self) -> None:
        self._line.shutdown(socket.SHUT_WR)

    def answer(self) -> dict[str, object] | None:
        """The next line; None where the other end has ended the connection."""
        try:
            line = self._file.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line else None

    def code(self) -> object:
        """The code of the trouble in the next line."""
        answer = self.answer()
        assert answer is not None
        error = answer["error"]
        assert isinstance(error, dict)
        assert "sentence" in error
        return error["code"]  # pyright: ignore[reportUnknownVariableType]

    def close(self) -> None:
        self._file.close()
        self._line.close()
