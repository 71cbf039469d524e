"""`make fuzz`: any bytes to what reads bytes, for as long as told; the same seed, the same inputs.

Exit status: 0 nothing was found, 1 something was, and its input is in `build/fuzz`.
"""

import argparse
import random
import secrets
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fuzz_mutation import mutated
from fuzz_targets import ROOT, Target, all_targets

FOUND = ROOT / "build" / "fuzz"
SECONDS = 60.0
FINDINGS_MAX = 5
"""Of one target; then the next one has its turn: they are mostly the same."""

GROWN_SHARE = 0.01
"""How many of the changed inputs are made from large ones."""

TIMED = 3
"""Times that an input is run before it counts as slow: others work on this machine, too."""

HANG_FACTOR = 10
"""So many times its CPU time an input may take before it is cut off."""

SHARES = {"site": 8, "control": 1, "ari": 1}
"""How the time is divided: the site's reader is by far the largest."""


class TookTooLongError(Exception):
    """An input was worked at for longer than it may be."""


@dataclass
class Run:
    """What came of giving one target its inputs."""

    target: str
    inputs: int = 0
    slowest_s: float = 0.0
    findings: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Inputs:
    """The inputs of one target, by number: first what they are made from, then what is made."""

    target: str
    seed: int
    seeds: Sequence[bytes]
    grown: Sequence[bytes]

    def number(self, number: int) -> tuple[bytes, random.Random]:
        """This input, and the chance that what is done with it may go by."""
        chance = random.Random(f"{self.seed}/{self.target}/{number}")
        first = (*self.seeds, *self.grown)
        if number < len(first):
            return first[number], chance
        pool = self.grown if self.grown and chance.random() < GROWN_SHARE else self.seeds
        return mutated(chance.choice(pool), self.seeds, chance), chance


def fuzz(target: Target, *, seed: int, seconds: float, first: int = 0, folder: Path = FOUND) -> Run:
    """Give a target inputs until the time is over, one at least; findings go into ``folder``."""
    run, number = Run(target.name), first
    inputs = Inputs(target.name, seed, target.seeds(), target.grown())
    until = time.monotonic() + seconds
    while not run.inputs or (time.monotonic() < until and len(run.findings) < FINDINGS_MAX):
        data, chance = inputs.number(number)
        try:
            took_s = _took(target, data, chance)
        except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
            folder.mkdir(parents=True, exist_ok=True)
            kept = folder / f"{target.name}-{seed}-{number}"
            kept.with_suffix(".input").write_bytes(data)
            told = traceback.format_exc()
            kept.with_suffix(".txt").write_text(told, encoding="utf-8", errors="replace")
            run.findings.append(f"{kept}.input: {told.strip().splitlines()[-1][:300]}")
        else:
            run.slowest_s = max(run.slowest_s, took_s)
        run.inputs += 1
        number += 1
    return run


def _took(target: Target, data: bytes, chance: random.Random) -> float:
    """The CPU time of this input, the least of some runs where it is long; it must be short."""
    state, took_s = chance.getstate(), 0.0
    for _ in range(TIMED):
        chance.setstate(state)
        begun = time.process_time()
        with _Limit(target.seconds_max * HANG_FACTOR):
            target.run(data, chance)
        took_s = time.process_time() - begun
        if took_s <= target.seconds_max:
            return took_s
    raise TookTooLongError(f"{took_s:.2f} s of CPU time, {target.seconds_max:g} s allowed")


class _Limit:
    """Cuts work off that never ends, by CPU time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.signal(signal.SIGVTALRM, self._over)
        signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _over(self, _number: int, _frame: object) -> None:
        raise TookTooLongError(f"still at it after {self._seconds:g} s of CPU time")


def main(words: Sequence[str] | None = None) -> int:
    """Fuzz all targets, or one; the exit status."""
    told = _asked(words)
    targets = [each for each in all_targets() if told.target in (None, each.name)]
    shares = sum(SHARES[each.name] for each in targets)
    print(f"seed {told.seed}, {told.seconds:g} s")
    found = 0
    for target in targets:
        seconds = 0.0 if told.number is not None else told.seconds * SHARES[target.name] / shares
        run = fuzz(target, seed=told.seed, seconds=seconds, first=told.number or 0)
        found += len(run.findings)
        print(
            f"{run.target}: {run.inputs:,} inputs, slowest {run.slowest_s * 1000:.0f} ms, "
            f"{len(run.findings)} findings"
        )
        for each in run.findings:
            print(f"  {each}")
    if found:
        print(
            f"Run one again: python {Path(__file__).relative_to(ROOT)} --seed {told.seed} --target "
            "TARGET --number NUMBER, as the file's name says."
        )
    return 1 if found else 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long, all together")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**9), help="which inputs")
    parser.add_argument("--target", choices=sorted(SHARES), help="only this one")
    parser.add_argument("--number", type=int, help="only this one of a target's inputs")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
