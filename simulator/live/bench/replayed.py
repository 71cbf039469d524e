"""The journal of a run, replayed: the same state and the same effects, under two hash seeds.

Python orders sets of texts by a seed that differs from process to process; whoever lets such an
order reach an effect is found out by two replays under two seeds.
"""

import filecmp
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from simulator.live.bench.commands import CommandAnswer, expertline

HASH_SEEDS = (0, 4242)
REPLAY_S_MAX = 60.0
"""One replay of one bench's journal; it takes about a second."""


@dataclass(frozen=True, slots=True)
class ReplaySaid:
    """What one ``expertline replay --format json`` says."""

    from_seq: int
    rows: int
    same: int
    differing: int
    state_same: bool


@dataclass(frozen=True, slots=True)
class JournalProof:
    """What the replays together prove; of the counts, the worst of all replays."""

    rows: int
    "Rows of the journal that could be replayed: those after its oldest state."
    replayed: int
    "Rows that gave the effects that were written then."
    differing: int
    state_same: bool
    "Every replay ended in the state that the engine left."
    effects_same: bool
    "The replays' files of effects are equal byte for byte."
    from_seq: int = 0
    "The row of the oldest state, which the replay begins with."
    hash_seeds: tuple[int, ...] = HASH_SEEDS
    problem: str | None = None
    "Why there was no replay, when there was none."

    def row(self) -> dict[str, object]:
        """The public form."""
        return asdict(self)

    def faults(self) -> list[str]:
        """What must not be, in words."""
        if self.problem is not None:
            return [f"journal: it could not be replayed ({self.problem})"]
        found = [
            (self.rows == 0, "it has no rows"),
            (self.replayed != self.rows or self.differing > 0, self._rows_in_words()),
            (not self.state_same, "its newest state did not come out again"),
            (not self.effects_same, f"its effects differ under the hash seeds {self.hash_seeds}"),
        ]
        return [f"journal: {text}" for wrong, text in found if wrong]

    def _rows_in_words(self) -> str:
        return f"{self.differing} of {self.rows} rows differ, {self.replayed} are the same"


async def replay_twice(data_dir: Path, folder: Path) -> JournalProof:
    """Replay the journal of a stopped engine once for each hash seed, into a folder that exists."""
    said: list[ReplaySaid] = []
    files = [folder / f"effects-{seed}" for seed in HASH_SEEDS]
    for seed, effects in zip(HASH_SEEDS, files, strict=True):
        asked = ["replay", "--data-dir", str(data_dir), "--format", "json"]
        answer = await expertline(
            [*asked, "--effects", str(effects)],
            seconds_max=REPLAY_S_MAX,
            environ={"PYTHONHASHSEED": str(seed)},
        )
        one = understood(answer)
        if one is None:
            return no_proof(answer.last_words)
        said.append(one)
    try:
        effects_same = all(filecmp.cmp(files[0], other, shallow=False) for other in files[1:])
    except OSError as error:
        return no_proof(f"{error.filename}: {error.strerror}")
    return proof_of(said, effects_same=effects_same)


def understood(answer: CommandAnswer) -> ReplaySaid | None:
    """What a replay said; None when it said nothing of the kind."""
    try:
        row = cast("dict[str, object]", json.loads(answer.output))
        from_seq, rows, same = (row[key] for key in ("from_seq", "rows", "same"))
        state_same = row["state_same"]
    except (ValueError, KeyError, TypeError):
        return None
    if not (isinstance(from_seq, int) and isinstance(rows, int) and isinstance(same, int)):
        return None
    # The list of differing rows is cut; the counts are not.
    return ReplaySaid(from_seq, rows, same, rows - same, state_same is True)


def proof_of(said: Sequence[ReplaySaid], *, effects_same: bool) -> JournalProof:
    """The proof that several replays make."""
    return JournalProof(
        rows=max(one.rows for one in said),
        replayed=min(one.same for one in said),
        differing=max(one.differing for one in said),
        state_same=all(one.state_same for one in said),
        effects_same=effects_same,
        from_seq=max(one.from_seq for one in said),
    )


def no_proof(problem: str) -> JournalProof:
    """What stands in place of a proof when a replay could not be had."""
    return JournalProof(0, 0, 0, state_same=False, effects_same=False, problem=problem)
