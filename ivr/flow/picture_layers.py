"""Which layer of the picture each thing stands in, and in which order within it.

The layered drawing of Sugiyama, Tagawa and Toda ("Methods for visual understanding of
hierarchical system structures", 1981) in the form of Gansner et al. ("A technique for drawing
directed graphs", 1993): ranks by the longest way, a stand-in on every layer that a line passes,
the order by barycentres swept down and up. Two things are ours. The label of a line is a thing
with a place of its own, in a layer between the ranks, so that nothing can be written over it; and
lines on their way to the same box share their stand-ins, so that many ways to one goodbye arrive
as one trunk.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 12
"""Passes down and up; the order hardly ever changes after the first few."""


@dataclass(frozen=True, slots=True)
class Link:
    """A line from a box through its label to another box; it ends at its label without one."""

    source: str
    target: str | None
    width: float
    height: float
    is_bare: bool = False
    """Nothing is written at it: the line may run straight."""


@dataclass(slots=True)
class Item:
    """What takes room in a layer: a box, a label, or the stand-in of a line that passes."""

    layer: int
    width: float
    height: float
    above: list[int] = field(default_factory=list[int])
    below: list[int] = field(default_factory=list[int])
    is_standin: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """All items, those of each layer from left to right, and which items each link goes through."""

    items: list[Item]
    layers: list[list[int]]
    of_box: Mapping[str, int]
    of_link: tuple[tuple[int, ...], ...]


def returning(names: Sequence[str], links: Sequence[tuple[str, str]], start: str) -> frozenset[int]:
    """The indexes of links that lead back to where a caller has come from, or on the spot."""
    leaving: dict[str, list[int]] = {name: [] for name in names}
    for index, (source, _) in enumerate(links):
        leaving[source].append(index)
    done: set[str] = set()
    back: set[int] = set()
    for root in (start, *names):
        on_way = {root}
        stack = [] if root in done else [(root, iter(leaving[root]))]
        while stack:
            name, rest = stack[-1]
            index = next(rest, None)
            if index is None:
                stack.pop()
                on_way.discard(name)
                done.add(name)
                continue
            target = links[index][1]
            if target in on_way:
                back.add(index)
            elif target not in done:
                on_way.add(target)
                stack.append((target, iter(leaving[target])))
    return frozenset(back)


def layers_of(
    sizes: Mapping[str, tuple[float, float]], links: Sequence[Link], *, standin_width: float
) -> Layers:
    """Everything in its layer and order; the links go round nowhere."""
    ranks = _ranks(list(sizes), links)
    items = [Item(2 * ranks[name], *size) for name, size in sizes.items()]
    of_box = {name: index for index, name in enumerate(sizes)}
    passing: dict[tuple[str, int], int] = {}
    of_link: list[tuple[int, ...]] = []

    def add(item: Item, above: int) -> int:
        items.append(item)
        _join(items, above, len(items) - 1)
        return len(items) - 1

    for link in links:
        layer = items[of_box[link.source]].layer + 1
        here = add(
            Item(layer, link.width, link.height, is_standin=link.is_bare), of_box[link.source]
        )
        way = [of_box[link.source], here]
        if link.target is not None:
            end = of_box[link.target]
            for between in range(layer + 1, items[end].layer):
                there = passing.get((link.target, between))
                if there is None:
                    there = add(Item(between, standin_width, 0, is_standin=True), here)
                    passing[link.target, between] = there
                else:
                    _join(items, here, there)
                here = there
                way.append(here)
            _join(items, here, end)
            way.append(end)
        of_link.append(tuple(way))
    return Layers(items, _ordered(items), of_box, tuple(of_link))


def _join(items: list[Item], above: int, below: int) -> None:
    if below not in items[above].below:
        items[above].below.append(below)
        items[below].above.append(above)


def _ranks(names: Sequence[str], links: Sequence[Link]) -> Mapping[str, int]:
    """How many steps the longest way to each box has."""
    leaving: dict[str, list[str]] = {name: [] for name in names}
    arriving = dict.fromkeys(names, 0)
    for link in links:
        if link.target is not None:
            leaving[link.source].append(link.target)
            arriving[link.target] += 1
    ranks = dict.fromkeys(names, 0)
    ready = [name for name in names if arriving[name] == 0]
    for name in ready:
        for target in leaving[name]:
            ranks[target] = max(ranks[target], ranks[name] + 1)
            arriving[target] -= 1
            if arriving[target] == 0:
                ready.append(target)
    return ranks


def _ordered(items: list[Item]) -> list[list[int]]:
    layers: list[list[int]] = [[] for _ in range(1 + max(item.layer for item in items))]
    for index in _first_order(items):
        layers[items[index].layer].append(index)
    best, fewest = [list(layer) for layer in layers], _crossings(items, layers)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        down = sweep % 2 == 0
        for layer in range(1, len(layers)) if down else range(len(layers) - 2, -1, -1):
            _by_barycentre(items, layers, layer, down=down)
        count = _crossings(items, layers)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    return best


def _first_order(items: list[Item]) -> list[int]:
    """As the author wrote them: depth first, so that the first choice stands on the left."""
    seen: set[int] = set()
    order: list[int] = []
    for root, item in enumerate(items):
        stack = [] if item.above else [root]
        while stack:
            index = stack.pop()
            if index not in seen:
                seen.add(index)
                order.append(index)
                stack.extend(reversed(items[index].below))
    return order


def _by_barycentre(items: list[Item], layers: list[list[int]], layer: int, *, down: bool) -> None:
    """Put each item to the middle of its neighbours; one without any stays where it was."""
    beside = layers[layer - 1 if down else layer + 1]
    at = {index: place for place, index in enumerate(beside)}
    size = max(1, len(layers[layer]))
    weights: dict[int, float] = {}
    for place, index in enumerate(layers[layer]):
        near = items[index].above if down else items[index].below
        own = place * len(beside) / size
        weights[index] = sum(at[each] for each in near) / len(near) if near else own
    layers[layer].sort(key=lambda index: weights[index])


def _crossings(items: list[Item], layers: list[list[int]]) -> int:
    count = 0
    for upper, lower in pairwise(layers):
        at = {index: place for place, index in enumerate(lower)}
        ends: list[int] = []
        for index in upper:
            arrived = sorted(at[each] for each in items[index].below)
            count += sum(len(ends) - bisect_left(ends, end + 1) for end in arrived)
            for end in arrived:
                insort(ends, end)
    return count
