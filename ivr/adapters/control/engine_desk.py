"""The desk over a running engine: submits what is asked, and hands each answer to its asker."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ivr.adapters.control.desk import DeskBusy
from ivr.adapters.control.wire import ReloadLine
from ivr.call.effects import AnswerClosing, AnswerTransfer
from ivr.call.events import HotlineEvent, TransferRequested
from ivr.engine.by_command import AnswerCommand, QueueCommand
from ivr.engine.crises_declared import CrisisStarted
from ivr.engine.driver import Answer
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.site import Site
from ivr.ports import Clock
from router.effects import AnswerPresence
from router.events import PresenceRequested, WrapUpRequested
from router.model import Millis, QueueId, RequestId
from router.views import AgentView, QueueView, WaitingList

ASKED_MAX = 256
"""Requests that wait for their answers at once; the server's own limit is below it."""


Asked = PresenceRequested | WrapUpRequested | HotlineEvent | TransferRequested | QueueCommand
"""What a desk submits to an engine; each carries the request that its answer names."""


class ForeignAnswer(Exception):
    """A bug: an answer of one kind named a request of the other."""


class EngineDesk:
    """Ties the control server to a runtime, by its functions only.

    ``take_answer`` is to be the runtime's sink of answers; one that nobody waits for any more is
    dropped, for its asker was told so. All of it belongs to the event loop's thread.
    """

    def __init__(
        self,
        *,
        site: Callable[[], Site],
        agents: Callable[[], Sequence[AgentView]],
        queues: Callable[[], Sequence[QueueView]],
        submit: Callable[[Asked], None],
        reload: Callable[[], Awaitable[ReloadLine]],
        clock: Clock,
    ) -> None:
        self._site = site
        self._agents = agents
        self._queues = queues
        self._submit = submit
        self._reload = reload
        self._clock = clock
        self.closed: Callable[[], Sequence[ClosedByHand]] = tuple
        """Who knows the hotlines that are closed by hand; till it is told, none are."""
        self.switched_off: Callable[[], Sequence[CrisisStarted]] = tuple
        """Who knows since when queues are switched off, and by whom; till it is told, nobody."""
        self.waits: Callable[[QueueId | None], WaitingList] = _nobody
        """Who knows the contacts in a queue, or in all; till it is told, nobody waits."""
        self._asked: dict[RequestId, asyncio.Future[Answer]] = {}

    def site(self) -> Site:
        """The site that new contacts get."""
        return self._site()

    def agents(self) -> Sequence[AgentView]:
        """All agents of the pool."""
        return self._agents()

    def queues(self) -> Sequence[QueueView]:
        """All queues of the pool."""
        return self._queues()

    def crises(self) -> Sequence[CrisisStarted]:
        """All queues that somebody switched off."""
        return self.switched_off()

    def waiting(self, queue: QueueId | None) -> WaitingList:
        """Who has met no agent yet, in this queue or any, longest waiting first."""
        return self.waits(queue)

    def wall_of(self, at: Millis) -> int:
        """UTC milliseconds of an engine time, by how long ago it is."""
        return self._clock.wall() - (self._clock.now() - at)

    async def request(self, event: PresenceRequested | WrapUpRequested) -> AnswerPresence:
        """Submit it and wait for its answer, for as long as the caller lets it. ``DeskBusy``."""
        answer = await self._answered(event)
        if isinstance(answer, AnswerPresence):
            return answer
        raise ForeignAnswer

    def closed_by_hand(self) -> Sequence[ClosedByHand]:
        """All hotlines that somebody closed while engines ran."""
        return self.closed()

    async def close_or_open(self, event: HotlineEvent) -> AnswerClosing:
        """The same for closing a hotline by hand, and for opening it again."""
        answer = await self._answered(event)
        if isinstance(answer, AnswerClosing):
            return answer
        raise ForeignAnswer

    async def transfer(self, event: TransferRequested) -> AnswerTransfer:
        """The same for a transfer of the caller whom an agent talks to."""
        answer = await self._answered(event)
        if isinstance(answer, AnswerTransfer):
            return answer
        raise ForeignAnswer

    async def command(self, event: QueueCommand) -> AnswerCommand:
        """The same for a command about queues and who waits in them."""
        answer = await self._answered(event)
        if isinstance(answer, AnswerCommand):
            return answer
        raise ForeignAnswer

    async def _answered(self, event: Asked) -> Answer:
        if len(self._asked) >= ASKED_MAX:
            raise DeskBusy
        answer = asyncio.get_running_loop().create_future()
        self._asked[event.request] = answer
        try:
            self._submit(event)
            return await answer
        finally:
            del self._asked[event.request]

    async def reload(self) -> ReloadLine:
        """Serve by the site's files as they are now; what came of it."""
        return await self._reload()

    def take_answer(self, answer: Answer) -> None:
        """Hand an answer to who waits for it."""
        waiting = self._asked.get(answer.request)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def _nobody(_queue: QueueId | None) -> WaitingList:
    return WaitingList()
