"""The order that counts who is before whom, against a list that is searched."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.model import ContactId
from router.ranking import BLOCK_MAX, Ranking, WaitingKey

pytestmark = pytest.mark.property

NUMBERS = st.integers(0, 6)


def key_of(at: int, arrival: int) -> WaitingKey:
    return (0, at, arrival, ContactId(f"c{arrival}"))


KEYS = st.builds(key_of, NUMBERS, NUMBERS)


def blocks_of(ranking: Ranking[WaitingKey]) -> list[list[WaitingKey]]:
    return getattr(ranking, "_blocks")  # noqa: B009 - it has no ``vars``


@settings(max_examples=150, derandomize=True, deadline=None)
@given(steps=st.lists(st.tuples(st.booleans(), KEYS), max_size=60))
def test_ranking_counts_what_a_list_would(steps: list[tuple[bool, WaitingKey]]) -> None:
    ranking, naive = Ranking[WaitingKey](), set[WaitingKey]()
    for add, key in steps:
        if add and key not in naive:
            ranking.add(key)
            naive.add(key)
        elif not add:
            ranking.discard(key)
            naive.discard(key)
        assert len(ranking) == len(naive)
        for each in [*naive, key]:
            assert ranking.before(each) == sum(other < each for other in naive)


@pytest.mark.parametrize("seed", range(4))
def test_ranking_of_thousands_counts_right_in_bounded_blocks(seed: int) -> None:
    chance, ranking = random.Random(seed), Ranking[WaitingKey]()
    keys = [key_of(number * 10, number) for number in range(4_000)]
    chance.shuffle(keys)
    for key in keys:
        ranking.add(key)
    assert max(map(len, blocks_of(ranking))) <= BLOCK_MAX
    assert [ranking.before(key) for key in sorted(keys)] == list(range(len(keys)))
    gone, left = keys[:3_900], sorted(keys[3_900:])
    for key in gone:
        ranking.discard(key)
    assert [key for block in blocks_of(ranking) for key in block] == left
    assert [ranking.before(key) for key in left] == list(range(len(left)))
    assert len(blocks_of(ranking)) <= 4, "many small blocks were left after a rush"
    for key in left:
        ranking.discard(key)
    assert blocks_of(ranking) == []


@pytest.mark.parametrize("way", ["front", "back", "any"])
def test_blocks_that_empty_are_made_one_whichever_way_a_rush_leaves(way: str) -> None:
    ranking, keys = Ranking[WaitingKey](), [key_of(number, number) for number in range(1_200)]
    for key in keys:
        ranking.add(key)
    order = keys if way == "front" else keys[::-1]
    if way == "any":
        order = random.Random(1).sample(keys, len(keys))
    for key in order:
        ranking.discard(key)
        lengths = [len(block) for block in blocks_of(ranking)]
        assert all(one + other >= BLOCK_MAX // 2 for one, other in pairwise(lengths))
        assert max(lengths, default=0) <= BLOCK_MAX
