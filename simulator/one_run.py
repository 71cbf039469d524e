"""What a long run from the command line owes to others and to whoever started it."""

import asyncio
import contextlib
import fcntl
import signal
from collections.abc import Coroutine, Generator
from pathlib import Path
from typing import TypeVar

Outcome = TypeVar("Outcome")


class AlreadyRunningError(Exception):
    """Another run of the same kind has the folder; one sentence."""


@contextlib.contextmanager
def only_one(kind: str, build: Path) -> Generator[None]:
    """Two runs in one checkout would take each other's evidence away: refuse the second.

    Raises ``AlreadyRunningError``. The kernel drops the lock of a run that died.
    """
    build.mkdir(parents=True, exist_ok=True)
    with (build / f"{kind}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(
                f"another {kind} runs with {build}: wait for it, or give --build another folder"
            ) from None
        yield


async def until_ended(work: Coroutine[None, None, Outcome]) -> Outcome:
    """End in order also when the terminal is closed or somebody asks: nothing is left behind."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task
