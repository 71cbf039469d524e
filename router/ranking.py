"""How many stand before whom: an order that can be counted without walking it.

Keys stand in sorted blocks of bounded length. Adding or taking out one moves at most a block, and
counting who stands before one adds up the lengths of the blocks before its own: with ten thousand
waiting, some eighty numbers. Only queues that announce positions keep one, and profiles whose
idle agents are ranked by what they did today.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from itertools import chain
from typing import Any, Generic, TypeVar

from router.model import ContactId, Millis

WaitingKey = tuple[int, Millis, int, ContactId]
"""A contact's turn: ``(class of its queue, entered - waited before - priority, arrival number,
who)``: total, and constant while neither the queue nor the priority is another one."""

BLOCK_MAX = 256
"""Longer blocks are halved; two neighbours of together less than half of it become one."""


Key = TypeVar("Key", bound=tuple[Any, ...])


class Ranking(Generic[Key]):
    """Keys in their order."""

    def __init__(self) -> None:
        self._blocks: list[list[Key]] = []
        self._lasts: list[Key] = []

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(self._blocks)

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def add(self, key: Key) -> None:
        """This key is in the order from now on; keys are unique, so it was not before."""
        if not self._blocks:
            self._blocks.append([])
            self._lasts.append(key)
        index = min(bisect_left(self._lasts, key), len(self._blocks) - 1)
        block = self._blocks[index]
        insort(block, key)
        self._lasts[index] = block[-1]
        if len(block) > BLOCK_MAX:
            half = len(block) // 2
            self._blocks[index : index + 1] = [block[:half], block[half:]]
            self._lasts.insert(index, block[half - 1])

    def discard(self, key: Key) -> None:
        """This key is not in the order, whatever it was before."""
        index = bisect_left(self._lasts, key)
        if index == len(self._blocks):
            return
        block = self._blocks[index]
        within = bisect_left(block, key)
        if block[within] != key:
            return
        del block[within]
        if block:
            self._lasts[index] = block[-1]
            self._unite(index)
            self._unite(index - 1)
        else:
            del self._blocks[index], self._lasts[index]

    def before(self, key: Key) -> int:
        """How many keys are smaller."""
        index = bisect_left(self._lasts, key)
        ahead = sum(map(len, self._blocks[:index]))
        if index == len(self._blocks):
            return ahead
        return ahead + bisect_left(self._blocks[index], key)

    def _unite(self, index: int) -> None:
        """Make this block and the next one, else many small blocks were left after a rush."""
        if not 0 <= index < len(self._blocks) - 1:
            return
        first, second = self._blocks[index : index + 2]
        if len(first) + len(second) < BLOCK_MAX // 2:
            self._blocks[index : index + 2] = [first + second]
            del self._lasts[index]
