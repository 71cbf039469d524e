"""The desk over a running engine: submits what is asked, and hands each answer to its asker."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from ivr.adapters.control.desk import DeskBusy
from ivr.adapters.control.wire import ReloadLine
from ivr.flow.site import Site
from ivr.ports import Clock
from router.effects import AnswerPresence
from router.events import PresenceRequested
from router.model import Millis, RequestId
from router.views import AgentView, QueueView

ASKED_MAX = 256
"""Requests that wait for their answers at once; the server's own limit is below it."""


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
        submit: Callable[[PresenceRequested], None],
        reload: Callable[[], Awaitable[ReloadLine]],
        clock: Clock,
    ) -> None:
        self._site = site
        self._agents = agents
        self._queues = queues
        self._submit = submit
        self._reload = reload
        self._clock = clock
        self._asked: dict[RequestId, asyncio.Future[AnswerPresence]] = {}

    def site(self) -> Site:
        """The site that new contacts get."""
        return self._site()

    def agents(self) -> Sequence[AgentView]:
        """All agents of the pool."""
        return self._agents()

    def queues(self) -> Sequence[QueueView]:
        """All queues of the pool."""
        return self._queues()

    def wall_of(self, at: Millis) -> int:
        """UTC milliseconds of an engine time, by how long ago it is."""
        return self._clock.wall() - (self._clock.now() - at)

    async def request(self, event: PresenceRequested) -> AnswerPresence:
        """Submit it and wait for its answer, for as long as the caller lets it. ``DeskBusy``."""
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

    def take_answer(self, answer: AnswerPresence) -> None:
        """Hand an answer to who waits for it."""
        waiting = self._asked.get(answer.request)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)
