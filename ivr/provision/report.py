"""What a person sees of set-up: each step, why it is taken, and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO


class Report:
    """Writes set-up's lines to standard error, so a command's own output stays its own."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream

    def say(self, sentence: str) -> None:
        """Prints one line at once."""
        print(f"set-up: {sentence}", file=self._stream, flush=True)

    @contextmanager
    def step(self, name: str) -> Generator[Step]:
        """One step: whatever it says while it works, then one line with its time."""
        step = Step(report=self, name=name)
        begun = time.monotonic()
        yield step
        took_s = time.monotonic() - begun
        if step.worked:
            self.say(f"{name}: done in {took_s:.1f} s ({step.result})")
        else:
            self.say(f"{name}: {step.result} ({took_s:.2f} s)")


class Step:
    """One step under way."""

    def __init__(self, *, report: Report, name: str) -> None:
        self._report = report
        self._name = name
        self.worked = False
        self.result = ""

    def works(self, what: str, *, because: str) -> None:
        """Announces work before it is done: what, and why it is needed."""
        self.worked = True
        self._report.say(f"{self._name}: {what}, because {because}")

    def note(self, sentence: str) -> None:
        """One more line about this step."""
        self._report.say(f"{self._name}: {sentence}")

    def ends(self, result: str, *, already: bool = True) -> None:
        """Keeps what the closing line tells: what is there now, and that it was there before."""
        self.result = f"already there, {result}" if already and not self.worked else result
