"""Who switched which queue off, and when: for people only.

Where the contacts of a queue go in its crisis is the router's. Nothing is decided by what stands
here, so the router need not know of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ivr.engine.by_command import CommandAnswer, CrisisEndAsked, CrisisStartAsked, QueueCommand
from router.model import QueueId
from router.views import QueueView


@dataclass(frozen=True, slots=True)
class CrisisStarted:
    """A queue was switched off: by whom, and when in UTC milliseconds.

    ``by`` is who asked, as the one who asked called himself; the socket's owner vouches for him.
    """

    queue: QueueId
    by: str
    since: int


class CrisesDeclared:
    """The crises that last, one for each queue at most."""

    def __init__(self, held: Iterable[CrisisStarted] = ()) -> None:
        self._held = {each.queue: each for each in held}

    def all(self) -> tuple[CrisisStarted, ...]:
        """Every crisis, by the name of its queue."""
        return tuple(self._held[queue] for queue in sorted(self._held))

    def take(self, command: QueueCommand, answer: CommandAnswer, *, wall: int) -> None:
        """This came of a command."""
        if answer is not CommandAnswer.DONE:
            return
        match command:
            case CrisisStartAsked(queue=queue, by=by):
                # Led elsewhere, it is still the crisis that began then.
                self._held.setdefault(queue, CrisisStarted(queue, by, wall))
            case CrisisEndAsked(queue=queue):
                self._held.pop(queue, None)
            case _:
                pass

    def forget_ended(self, queues: Iterable[QueueView]) -> None:
        """The site is another one: a queue that left it has no crisis any more."""
        lasting = {each.queue for each in queues if each.crisis is not None}
        self._held = {queue: held for queue, held in self._held.items() if queue in lasting}
