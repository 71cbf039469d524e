"""Whether a service is asked at all: one that does not answer must not cost every caller a wait.

*Closed*, every question goes out. After some failures in a row it is *open*: for a while every
question fails at once. Then one is let through to probe; its answer closes the circuit, its failure
opens it for as long again.
"""

from dataclasses import dataclass

FAILURES_MAX = 5
"""Failures in a row after which a service is not asked for a while."""

OPEN_S = 10.0
"""How long that while is."""


@dataclass(slots=True)
class Circuit:
    """The circuit of one service. Times are those of one monotonic clock, in seconds."""

    failures: int = 0
    open_until: float | None = None
    probing: bool = False

    def lets_through(self, now: float) -> bool:
        """Whether a question may go out now; if it is the probe, whoever asks must tell its end."""
        if self.open_until is None:
            return True
        if self.probing or now < self.open_until:
            return False
        self.probing = True
        return True

    def answered(self) -> bool:
        """The service answered, whatever it said; whether it was away before."""
        was_away = self.open_until is not None
        self.failures, self.open_until, self.probing = 0, None, False
        return was_away

    def failed(self, now: float) -> bool:
        """The service did not answer; whether it counts as away from now on, and did not before."""
        self.failures += 1
        was_away = self.open_until is not None
        if was_away and not self.probing:
            return False  # sent out before the circuit opened
        self.probing = False
        if was_away or self.failures >= FAILURES_MAX:
            self.open_until = now + OPEN_S
        return self.open_until is not None and not was_away

    def gave_up(self) -> None:
        """The probe came to no end: the next question may be one."""
        self.probing = False
