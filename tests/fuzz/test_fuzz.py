"""The fuzzer itself: it finds what is there, keeps it, and makes the same inputs again."""

import random
from pathlib import Path

import pytest
from fuzz_mutation import BYTES_MAX, mutated
from fuzz_run import fuzz
from fuzz_targets import Target, all_targets

pytestmark = pytest.mark.property

SEED = 20_261_122
INPUTS = 25


class Fragile:
    """Falls over where told."""

    name = "fragile"
    seconds_max = 0.05

    def __init__(self, *, hangs: bool = False) -> None:
        self.hangs = hangs
        self.given: list[bytes] = []

    def seeds(self) -> list[bytes]:
        return [b"a: 1\n", b"b: [1, 2]\n"]

    def grown(self) -> list[bytes]:
        return []

    def run(self, data: bytes, chance: random.Random) -> None:
        del chance
        self.given.append(data)
        while self.hangs:
            pass
        if b"[" in data:
            raise KeyError("found it")


def test_finding_is_kept_with_its_input_and_made_again_from_its_number(tmp_path: Path) -> None:
    first = Fragile()
    run = fuzz(first, seed=SEED, seconds=5.0, folder=tmp_path)
    assert len(run.findings) == 5
    kept = sorted(tmp_path.glob("*.input"))
    assert len(kept) == 5
    assert all("KeyError: 'found it'" in each for each in run.findings)
    number = int(kept[0].stem.rpartition("-")[2])
    again = Fragile()
    fuzz(again, seed=SEED, seconds=0, first=number, folder=tmp_path)
    assert again.given == [kept[0].read_bytes()] == [first.given[number]]


def test_input_that_never_ends_is_cut_off_and_kept(tmp_path: Path) -> None:
    run = fuzz(Fragile(hangs=True), seed=SEED, seconds=0, folder=tmp_path)
    (told,) = run.findings
    assert "TookTooLongError: still at it after 0.5 s" in told


def test_inputs_are_bounded_and_many_kinds() -> None:
    chance, seeds = random.Random(SEED), [b"a: b\n" * 50]
    made = {mutated(seeds[0], seeds, chance) for _ in range(300)}
    assert max(map(len, made)) <= BYTES_MAX
    assert max(map(len, made)) > 100_000
    assert len(made) > 200


@pytest.mark.parametrize("target", all_targets(), ids=lambda each: each.name)
def test_some_inputs_to_each_target_find_nothing(target: Target, tmp_path: Path) -> None:
    made = len(target.seeds()) + len(target.grown())
    assert made > 5
    for number in range(made, made + INPUTS):
        run = fuzz(target, seed=SEED, seconds=0, first=number, folder=tmp_path)
        assert run.findings == []
