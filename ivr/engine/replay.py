"""A whole stream given to the cores again, to see whether it leads to the same. Changes nothing.

Recovery believes or refuses; this reports. It goes on after a difference, so that a change of the
code can be judged by all that it would have done otherwise, and it begins with the oldest state
that can be read, for the more rows the better.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ivr.engine.codec import encode_state, was_at_rest
from ivr.engine.driver import Driver
from ivr.engine.recover import Kept, Replay, Replayed, restored
from ivr.engine.rows import Snapshot
from ivr.engine.turn import attempt
from ivr.flow.site import Site

DIFFERING_MAX = 20
"""Differing rows named in a report; the others are only counted."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A row that leads to something else now."""

    seq: int
    kind: str


@dataclass(slots=True)
class ReplayReport:
    """What came of giving a stream to the cores again."""

    stream: str
    from_seq: int
    core_same: bool
    """Whether this very code wrote all of it."""
    rows: int = 0
    same: int = 0
    differing: list[Differing] = field(default_factory=list[Differing])
    state_same: bool | None = None
    """Whether the newest state that was kept came out again; None where no row leads to it."""

    @property
    def good(self) -> bool:
        """Whether nothing differs."""
        return self.rows == self.same and self.state_same is not False


def replay(
    stream: str,
    kept: Kept,
    *,
    core: str,
    sites: Mapping[str, Site],
    hear: Callable[[Replayed], None],
) -> ReplayReport:
    """Give every row that is kept to the cores again; ``hear`` is told of each.

    Raises ``RecoveryRefused`` where the rows cannot be gone through at all.
    """
    driver, begin = _oldest(kept, sites)
    from_seq = 0 if begin is None else begin.seq
    newest = kept.snapshots[-1] if kept.snapshots else None
    report = ReplayReport(stream, from_seq, begin is None or begin.core == core)
    run = Replay(driver, sites, from_seq)
    for replayed in run.run(kept.rows_after(from_seq)):
        _count(report, replayed, core)
        hear(replayed)
        if newest is not None and run.seq == newest.seq:
            report.state_same = _is_state(run.driver, newest)
    return report


def _count(report: ReplayReport, replayed: Replayed, core: str) -> None:
    report.rows += 1
    report.same += replayed.same
    report.core_same = report.core_same and replayed.row.entry.core == core
    if not replayed.same and len(report.differing) < DIFFERING_MAX:
        report.differing.append(Differing(replayed.row.seq, replayed.row.entry.kind))


def _is_state(driver: Driver, kept: Snapshot) -> bool:
    at_rest = was_at_rest(kept.body)
    written = attempt(lambda: encode_state(driver.snapshot(), at_rest=at_rest))
    return written == kept.body


def _oldest(kept: Kept, sites: Mapping[str, Site]) -> tuple[Driver, Snapshot | None]:
    for snapshot in kept.snapshots:
        driver = restored(snapshot.body, sites)
        if driver is not None:
            return driver, snapshot
    return Driver(sites), None
