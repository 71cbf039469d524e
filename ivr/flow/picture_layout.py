"""Where everything of the picture stands, in pixels, and along which points each line runs.

Within a layer the order is given; the places are those nearest to the middle of each item's
neighbours that keep the distances. That is a regression under an order, solved exactly by pooling
adjacent violators (Barlow et al., 1972), layer by layer, a few sweeps down and up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from ivr.flow.picture_layers import Item, Layers, Link, layers_of

GAP_X, GAP_Y = 22.0, 16.0
STANDIN_WIDTH = 8.0
PULLS, BALANCES = 8, 30
"""Passes in which items follow those above and below in turn, then passes that even out."""

STRAIGHT_WEIGHTS = (1.0, 2.0, 6.0)
"""How much a line wants to be straight: between two items, one of them a stand-in, or both."""

Point = tuple[float, float]


class Side(Enum):
    """Which neighbours an item follows."""

    ABOVE = "above"
    BELOW = "below"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Spot:
    """A rectangle by its centre line, its top, and its size."""

    x: float
    top: float
    width: float
    height: float

    @property
    def left(self) -> float:
        """The left edge."""
        return self.x - self.width / 2

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of boxes by name and of labels by link, and the points each line runs through.

    Points come in pairs, the top and the bottom of each layer that is passed: within a pair the
    line is straight, and it bends only between the layers, where nothing else stands.
    """

    boxes: Mapping[str, Spot]
    labels: tuple[Spot, ...]
    routes: tuple[tuple[Point, ...], ...]
    width: float
    height: float


def laid_out(sizes: Mapping[str, tuple[float, float]], links: Sequence[Link]) -> Layout:
    """The places of these boxes and links, which go round nowhere."""
    drawn = layers_of(sizes, links, standin_width=STANDIN_WIDTH)
    centres = _centres(drawn)
    tops, heights = _tops(drawn)
    left = min(x - item.width / 2 for x, item in zip(centres, drawn.items, strict=True))
    spots = [
        Spot(
            x - left,
            tops[item.layer] + (heights[item.layer] - item.height) / 2,
            item.width,
            item.height,
        )
        for x, item in zip(centres, drawn.items, strict=True)
    ]
    return Layout(
        boxes={name: spots[index] for name, index in drawn.of_box.items()},
        labels=tuple(spots[way[1]] for way in drawn.of_link),
        routes=_routes(drawn, spots, tops, heights),
        width=max(spot.left + spot.width for spot in spots),
        height=tops[-1] + heights[-1],
    )


def _tops(drawn: Layers) -> tuple[list[float], list[float]]:
    heights = [max(drawn.items[index].height for index in layer) for layer in drawn.layers]
    tops = [0.0]
    for height in heights[:-1]:
        tops.append(tops[-1] + height + GAP_Y)
    return tops, heights


def _centres(drawn: Layers) -> list[float]:
    items = drawn.items
    offsets = [0.0] * len(items)
    for layer in drawn.layers:
        at = 0.0
        for before, index in pairwise(layer):
            offsets[before] = at
            narrow = items[before].is_standin and items[index].is_standin
            gap = GAP_X / 2 if narrow else GAP_X
            at += (items[before].width + items[index].width) / 2 + gap
            offsets[index] = at
    centres = list(offsets)
    sides = [Side.ABOVE, Side.BELOW] * PULLS + [Side.BOTH] * BALANCES
    for side in sides:
        for layer in drawn.layers[::-1] if side is Side.BELOW else drawn.layers:
            _settle(
                [_wanted(each, items, centres, side) for each in layer], layer, centres, offsets
            )
    return centres


def _settle(
    wanted: Sequence[tuple[float, float]],
    layer: Sequence[int],
    centres: list[float],
    offsets: Sequence[float],
) -> None:
    """Move a layer's items to where they are wanted, keeping order and distance.

    Items that want to pass each other are pooled: they move as one, to where all want on average.
    """
    pools: list[tuple[float, float, int]] = []
    for index, (place, weight) in zip(layer, wanted, strict=True):
        pool = ((place - offsets[index]) * weight, weight, 1)
        while pools and pools[-1][0] / pools[-1][1] > pool[0] / pool[1]:
            last = pools.pop()
            pool = (last[0] + pool[0], last[1] + pool[1], last[2] + pool[2])
        pools.append(pool)
    at = 0
    for total, weight, count in pools:
        for index in layer[at : at + count]:
            centres[index] = total / weight + offsets[index]
        at += count


def _wanted(
    index: int, items: Sequence[Item], centres: Sequence[float], side: Side
) -> tuple[float, float]:
    """Where an item would stand best, and how much it minds."""
    above = () if side is Side.BELOW else items[index].above
    below = () if side is Side.ABOVE else items[index].below
    total = weight = 0.0
    for near in (*above, *below):
        pull = STRAIGHT_WEIGHTS[items[index].is_standin + items[near].is_standin]
        total += centres[near] * pull
        weight += pull
    return (total / weight, weight) if weight else (centres[index], 0.1)


def _routes(
    drawn: Layers, spots: Sequence[Spot], tops: Sequence[float], heights: Sequence[float]
) -> tuple[tuple[Point, ...], ...]:
    ports = _ports(drawn, spots)
    routes: list[tuple[Point, ...]] = []
    for first, *through in drawn.of_link:
        port, floor = ports[first, through[0]], drawn.items[first].layer
        points: list[Point] = [(port, spots[first].bottom), (port, tops[floor] + heights[floor])]
        for index in through:
            layer, x = drawn.items[index].layer, spots[index].x
            points.append((x, tops[layer]))
            points.append((x, tops[layer] + heights[layer]))
        points[-1] = (points[-1][0], spots[through[-1]].top)
        routes.append(tuple(points))
    return tuple(routes)


def _ports(drawn: Layers, spots: Sequence[Spot]) -> Mapping[tuple[int, int], float]:
    """Where each line leaves its box: side by side along the lower edge, in the labels' order."""
    ports: dict[tuple[int, int], float] = {}
    for index in drawn.of_box.values():
        below = sorted(drawn.items[index].below, key=lambda each: spots[each].x)
        room = spots[index].width / (len(below) + 1)
        for place, each in enumerate(below, start=1):
            ports[index, each] = spots[index].left + place * room
    return ports
