"""Background work of the adapter that cannot die unseen."""

import asyncio
from collections.abc import Callable, Coroutine

Note = Callable[[str, dict[str, str]], None]


class Tasks:
    """Tasks beside the line; one that fails is noted with its exception."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._running: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def spawn(self, work: Coroutine[None, None, None], *, name: str) -> asyncio.Task[None]:
        """Have this done beside everything else."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def stop(self) -> None:
        """Wait for nothing any more."""
        running = tuple(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            note_bug(self._note, bug, where=task.get_name())


def note_bug(note: Note, bug: BaseException, *, where: str) -> None:
    """Tell of our own mistake: what broke, and in which line of which file."""
    frame = bug.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    line = "" if frame is None else f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}"
    note("ari_bug", {"where": where, "bug": repr(bug), "line": line})
