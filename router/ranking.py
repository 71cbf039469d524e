"""How many stand before whom: an order that can be counted without walking it.

Keys stand in sorted blocks of bounded length. Adding or taking out one moves at most a block, and
counting who stands before one adds up the lengths of the blocks before its own: with ten thousand
waiting, some eighty numbers. Each line keeps one of who waits there, and each profile one of its
idle agents where they are ranked by what they did today.
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
    """Keys in their order; ``first`` is the smallest of them."""

    __slots__ = ("_blocks", "_lasts", "first")

    def __init__(self) -> None:
        self.first: Key | None = None
        self._blocks: list[list[Key]] = []
        self._lasts: list[Key] = []

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(self._blocks)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self)})"

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def add(self, key: Key) -> None:
        """This key is in the order from now on; keys are unique, so it was not before."""
        blocks, lasts = self._blocks, self._lasts
        if not blocks:
            blocks.append([key])
            lasts.append(key)
            self.first = key
            return
        if key > lasts[-1]:
            # As it is mostly: who came last.
            index = len(lasts) - 1
            block = blocks[index]
            block.append(key)
            lasts[index] = key
        else:
            index = bisect_left(lasts, key)
            block = blocks[index]
            insort(block, key)
            if not index:
                self.first = block[0]
        if len(block) > BLOCK_MAX:
            half = len(block) // 2
            blocks[index : index + 1] = [block[:half], block[half:]]
            lasts.insert(index, block[half - 1])

    def discard(self, key: Key) -> None:
        """This key is not in the order, whatever it was before."""
        blocks, lasts = self._blocks, self._lasts
        if key == self.first:
            # As it is mostly: whose turn it was.
            index = 0
            block = blocks[0]
            del block[0]
            if block and len(blocks) == 1:
                self.first = block[0]
                return
        else:
            index = self._block_of(key)
            within = bisect_left(blocks[index], key) if blocks else 0
            if not blocks or within == len(blocks[index]) or blocks[index][within] != key:
                return
            block = blocks[index]
            del block[within]
        if not block:
            del blocks[index], lasts[index]
        else:
            lasts[index] = block[-1]
            if len(blocks) > 1 and len(block) < BLOCK_MAX // 2:
                self._unite(index)
                self._unite(index - 1)
        if not index:
            self.first = blocks[0][0] if blocks else None

    def before(self, key: Key) -> int:
        """How many keys are smaller."""
        blocks = self._blocks
        if len(blocks) == 1:
            return bisect_left(blocks[0], key)
        if not blocks:
            return 0
        index = self._block_of(key)
        ahead = bisect_left(blocks[index], key)
        return ahead + sum(map(len, blocks[:index])) if index else ahead

    def _block_of(self, key: Key) -> int:
        """Which block this key would be in; the last one if it is larger than all."""
        last = len(self._lasts) - 1
        return bisect_left(self._lasts, key, 0, last) if last > 0 else 0

    def _unite(self, index: int) -> None:
        """Make this block and the next one, else many small blocks were left after a rush."""
        if not 0 <= index < len(self._blocks) - 1:
            return
        first, second = self._blocks[index : index + 2]
        if len(first) + len(second) < BLOCK_MAX // 2:
            self._blocks[index : index + 2] = [first + second]
            del self._lasts[index]
