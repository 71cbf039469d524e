"""Runs ``expertline`` as an operator would, in a process of its own, and reads what it says."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from simulator.live.hotline import HotlineProblem

LAST_WORDS_MAX = 1_000
"""Characters of the command's own words that go into our sentence."""


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """What a finished command left."""

    status: int
    output: str
    errors: str

    @property
    def last_words(self) -> str:
        """The end of what it said was wrong, or else of what it said."""
        return (self.errors.strip() or self.output.strip() or "no word")[-LAST_WORDS_MAX:]


async def expertline(
    arguments: Sequence[str], *, seconds_max: float, environ: Mapping[str, str] | None = None
) -> CommandAnswer:
    """The answer of one command of ours; ``HotlineProblem`` when it does not end in time."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ivr.cli", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **(environ or {})},
    )
    try:
        output, errors = await asyncio.wait_for(child.communicate(), seconds_max)
    except TimeoutError:
        said = f"expertline {' '.join(arguments[:2])} did not end within {seconds_max:g} s"
        raise HotlineProblem(said) from None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    status = child.returncode if child.returncode is not None else -1
    return CommandAnswer(status, output.decode(errors="replace"), errors.decode(errors="replace"))
