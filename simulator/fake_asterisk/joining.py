"""A joining command under way: it is answered once, and not waited for beyond its deadline."""

from collections.abc import Callable

from ivr.call.model import CommandFailure
from router.model import Millis
from simulator.virtual_time import VirtualTime


class JoiningRequest:
    """One request over HTTP that waits for a channel's thread.

    ``answer`` is called exactly once: with None when all was done, else with what went wrong.
    """

    def __init__(
        self,
        time: VirtualTime,
        deadline_ms: Millis,
        answer: Callable[[CommandFailure | None], None],
    ) -> None:
        self._answer = answer
        self._over = False
        self._deadline = time.after(deadline_ms, lambda: self.fail(CommandFailure.TIMED_OUT))

    def succeed(self) -> None:
        """All was done."""
        self._end(None)

    def fail(self, failure: CommandFailure) -> None:
        """It will not be done, or nobody waits for it any more."""
        self._end(failure)

    def _end(self, failure: CommandFailure | None) -> None:
        if not self._over:
            self._over = True
            self._deadline.cancel()
            self._answer(failure)
