"""What the control server needs of an engine."""

from collections.abc import Sequence
from typing import Protocol

from ivr.adapters.control.wire import ReloadLine
from ivr.call.effects import AnswerClosing, AnswerTransfer
from ivr.call.events import HotlineEvent, TransferRequested
from ivr.engine.by_command import AnswerCommand, QueueCommand
from ivr.engine.crises_declared import CrisisStarted
from ivr.flow.by_hand import ClosedByHand
from ivr.flow.site import Site
from router.effects import AnswerPresence
from router.events import PresenceRequested, WrapUpRequested
from router.model import Millis, QueueId
from router.views import AgentView, QueueView, WaitingList


class DeskBusy(Exception):
    """So many requests wait for their answers that this one was not taken."""


class Desk(Protocol):
    """A running engine, as who steers it sees it.

    All that is not awaited returns at once.
    """

    def site(self) -> Site:
        """The site that new contacts get."""
        ...

    def agents(self) -> Sequence[AgentView]:
        """All agents of the pool."""
        ...

    def queues(self) -> Sequence[QueueView]:
        """All queues of the pool."""
        ...

    def crises(self) -> Sequence[CrisisStarted]:
        """All queues that somebody switched off."""
        ...

    def waiting(self, queue: QueueId | None) -> WaitingList:
        """Who has met no agent yet, in this queue or any, longest waiting first."""
        ...

    def wall_of(self, at: Millis) -> int:
        """UTC milliseconds of an engine time not far from now."""
        ...

    async def request(self, event: PresenceRequested | WrapUpRequested) -> AnswerPresence:
        """Have the router decide; returns when it did and that is kept. Raises ``DeskBusy``.

        May never return where the engine is stopping or cannot write: the caller sets the limit,
        and cancelling takes no change back.
        """
        ...

    def closed_by_hand(self) -> Sequence[ClosedByHand]:
        """All hotlines that somebody closed while engines ran."""
        ...

    async def close_or_open(self, event: HotlineEvent) -> AnswerClosing:
        """Have the call core decide; otherwise like ``request``."""
        ...

    async def transfer(self, event: TransferRequested) -> AnswerTransfer:
        """Have the call core decide; otherwise like ``request``."""
        ...

    async def command(self, event: QueueCommand) -> AnswerCommand:
        """Have the router told of it, if it makes sense; otherwise like ``request``."""
        ...

    async def reload(self) -> ReloadLine:
        """Read the site's files anew and serve by them, if they are whole; what came of it.

        Takes as long as reading them does. Cancelling ends the waiting only.
        """
        ...
