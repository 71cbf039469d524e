"""The router beside its oracle, over many small seeded pools: ``python -m simulator.router_run``.

Each pool draws its own queues, agents and habits, and lives through some thousand events; after
every one of them both must have asked for the same, and be due at the same time. The first
difference ends the run, with the seed and the step that show it again. Pools are dealt out to
several processes; what comes of them is the same with one.
"""

import argparse
import hashlib
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from simulator.router_pool import Difference, Pool

EVENTS, EVENTS_OF_A_POOL = 1_000_000, 2_000
PROCESSES = 2
POOLS_OF_A_HAND = 10
"""What one process is given at a time."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run went through; ``difference`` is the first one, if there was any."""

    pools: int = 0
    events: int = 0
    seen: Counter[str] = field(default_factory=Counter[str])
    trace: str = ""
    difference: str | None = None

    def with_more(self, more: "Summary") -> "Summary":
        """This and what came after it; the trace is of all, in the order of seeds."""
        trace = hashlib.sha256(f"{self.trace} {more.trace}".encode()).hexdigest()
        pools, events = self.pools + more.pools, self.events + more.events
        return Summary(pools, events, self.seen + more.seen, trace, more.difference)


def run_pools(seeds: Sequence[int], *, events: int) -> Summary:
    """One pool for each seed; a :class:`Difference` at the first one."""
    summary = Summary()
    for seed in seeds:
        pool = Pool(seed)
        pool.run(events)
        summary = summary.with_more(Summary(1, pool.events, pool.seen, pool.trace.hexdigest()))
    return summary


def _hand(given: tuple[Sequence[int], int]) -> Summary:
    """What one process does of it; a difference is told, as it must go from there to here."""
    seeds, events = given
    try:
        return run_pools(seeds, events=events)
    except Difference as difference:
        return Summary(difference=str(difference))


def run_hands(
    seeds: range, *, events: int, processes: int, tell: Callable[[Summary], None]
) -> Summary:
    """All pools, by so many processes; ``tell`` hears how far it is."""
    dealt = [
        (seeds[first : first + POOLS_OF_A_HAND], events)
        for first in range(0, len(seeds), POOLS_OF_A_HAND)
    ]
    summary = Summary()
    with ExitStack() as stack:
        for done in _done(dealt, processes=min(processes, len(dealt)), stack=stack):
            summary = summary.with_more(done)
            if summary.difference is not None:
                break
            tell(summary)
    return summary


def _done(
    dealt: Sequence[tuple[Sequence[int], int]], *, processes: int, stack: ExitStack
) -> Iterator[Summary]:
    if processes <= 1:
        return map(_hand, dealt)
    # Made anew, not forked: nothing of this process has a say in what a pool does.
    anew = multiprocessing.get_context("spawn")
    executor = stack.enter_context(ProcessPoolExecutor(processes, mp_context=anew))
    stack.callback(executor.shutdown, cancel_futures=True)
    return executor.map(_hand, dealt)


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the first pool")
    parser.add_argument("--pools", type=int, default=EVENTS // EVENTS_OF_A_POOL)
    parser.add_argument("--events", type=int, default=EVENTS_OF_A_POOL, help="in each pool")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Run; the exit status: 0 no difference, 1 one that is shown."""
    given = _arguments(argv)
    begun = time.monotonic()

    def tell(so_far: Summary) -> None:
        took_s = time.monotonic() - begun
        line = f"{so_far.events:,} events in {so_far.pools:,} of {given.pools:,} pools"
        sys.stderr.write(f"  {line}, {took_s:.0f} s\n")

    seeds = range(given.seed, given.seed + given.pools)
    summary = run_hands(seeds, events=given.events, processes=given.processes, tell=tell)
    took_s = round(time.monotonic() - begun, 1)
    if given.format == "json":
        sys.stdout.write(json.dumps(_as_json(summary) | {"seconds": took_s}) + "\n")
    else:
        _write(summary, took_s)
    return 0 if summary.difference is None else 1


def _as_json(summary: Summary) -> dict[str, object]:
    return {
        "pools": summary.pools,
        "events": summary.events,
        "seen": dict(sorted(summary.seen.items())),
        "trace": summary.trace,
        "difference": summary.difference,
    }


def _write(summary: Summary, took_s: float) -> None:
    if summary.difference is not None:
        sys.stdout.write(f"{summary.difference}\n")
        return
    for what, number in sorted(summary.seen.items()):
        sys.stdout.write(f"  {what:<28} {number:>9,}\n")
    sys.stdout.write(
        f"{summary.events:,} events in {summary.pools:,} pools, no difference, "
        f"in {took_s:.0f} s; trace {summary.trace[:16]}\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
