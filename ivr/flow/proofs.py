"""Proves that every caller comes to an end: who chooses, who presses nothing, who errs always.

A flow is walked by the ways of ``ivr.flow.ways``, never played. Of the ways out of a node that
asks the caller, the silent caller takes only ``noinput`` and the erring one only ``nomatch``;
neither ever presses a key that a queue offers, for who waits is taken, or sent on, by the queue.
Where the world decides (a queue's exits, the hour, an answer from outside) she takes the worst,
for that is the evening on which she calls. Only a branch is trusted, in a flow that changes what
a branch can ask: counting to three is how an author ends a loop.

From the ends backwards, a node leads to an end when its worst way does. The others hold a caller;
among them one way each is followed until it closes: that circle is what the author is shown. Not
every circle of a tangle is told at once. All is linear in the number of ways.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ivr.flow.model import (
    Branch,
    EnterQueue,
    HangUp,
    MakeWorkOrder,
    Node,
    NodeName,
    QueueExit,
    TransferOutside,
)
from ivr.flow.ways import Way, is_waiting_key, ways_out

NOINPUT, NOMATCH = "noinput", "nomatch"
"""The labels of a way that a caller takes who presses nothing, or nothing that fits."""

WAITED = QueueExit.TIMED_OUT.value
"""The label of a way with a wait for a human before it."""

OUTCOMES = (HangUp, EnterQueue, MakeWorkOrder, TransferOutside)
"""What a call is for: a human, the promise of one, or a goodbye."""

Ways = Mapping[NodeName, Sequence[NodeName]]
"""For each node those it may lead to, as one kind of caller takes them."""


class Hold(Enum):
    """In which manner a flow never lets go of a caller."""

    NO_WAY_OUT = "no_way_out"
    PLAYED_TO = "played_to"
    SILENT = "silent"
    ERRING = "erring"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Circle:
    """Nodes that lead to one another for ever, in the order in which the caller meets them."""

    hold: Hold
    nodes: tuple[NodeName, ...]


def circles(nodes: Mapping[NodeName, Node], trusted: Collection[NodeName] = ()) -> list[Circle]:
    """Where these nodes hold a caller for ever; ``trusted`` are those that do lead out if they can.

    A node that is not there (misspelt, unreadable) counts as an end, so that one mistake is not
    told as another. A circle is told by its gravest name, but for one in which both the silent
    and the erring caller are held: there two ways are to be mended.
    """
    walk = _Walk({name: _ways(node) for name, node in nodes.items()})
    every = walk.every()
    if not _held(every):
        return []
    outcomes = {name for name, node in nodes.items() if isinstance(node, OUTCOMES)}
    unasked, silent, erring, patient = walk.each_caller()
    played_to = _closed(Hold.PLAYED_TO, unasked, _held(unasked, trusted))
    lost = _closed(Hold.NO_WAY_OUT, every, _held(every, every, outcomes))
    graver = [*played_to, *_apart(lost, played_to)]
    silenced = _apart(_closed(Hold.SILENT, silent, _held(silent, trusted)), graver)
    erred = _apart(_closed(Hold.ERRING, erring, _held(erring, trusted)), graver)
    waiting = _closed(Hold.WAITING, patient, _held(patient, trusted))
    return [*graver, *silenced, *erred, *_apart(waiting, [*graver, *silenced])]


@dataclass(frozen=True, slots=True)
class _Walk:
    """The ways of a flow, as different callers take them."""

    ways: Mapping[NodeName, Sequence[Way]]

    def every(self) -> Ways:
        """All there are."""
        return {name: [way.to for way in ways] for name, ways in self.ways.items()}

    def each_caller(self) -> tuple[Ways, Ways, Ways, Ways]:
        """Of a caller who is only played to; the silent; the erring; the silent who waits too.

        For the first a node that asks is an end, for the first three a wait is one.
        """
        return (
            self._taken(lambda ways: () if _asks(ways) else _without_wait(ways)),
            self._taken(lambda ways: _answered(ways, NOINPUT) or _without_wait(ways)),
            self._taken(lambda ways: _answered(ways, NOMATCH) or _without_wait(ways)),
            self._taken(lambda ways: _answered(ways, NOINPUT) or ways),
        )

    def _taken(self, choice: Callable[[Sequence[Way]], Sequence[Way]]) -> Ways:
        waits = {
            name: [way for way in ways if not is_waiting_key(way.label)]
            for name, ways in self.ways.items()
        }
        return {name: [way.to for way in choice(ways)] for name, ways in waits.items()}


def _ways(node: Node) -> Sequence[Way]:
    """The ways out of a node; those of a branch bear an author's words, which mean nothing here."""
    ways = ways_out(node)
    return [Way("", way.to) for way in ways] if isinstance(node, Branch) else ways


def _asks(ways: Sequence[Way]) -> bool:
    return any(way.label in (NOINPUT, NOMATCH) for way in ways)


def _answered(ways: Sequence[Way], answer: str) -> Sequence[Way]:
    """The way of this answer; of the other one where a node has no such."""
    given = [way for way in ways if way.label == answer]
    return given or [way for way in ways if way.label in (NOINPUT, NOMATCH)]


def _without_wait(ways: Sequence[Way]) -> Sequence[Way]:
    return [way for way in ways if way.label != WAITED]


def _held(
    follow: Ways, trusted: Collection[NodeName] = (), ends: Collection[NodeName] = ()
) -> set[NodeName]:
    """The nodes from which no end is sure; one way to an end does where a node is trusted."""
    behind: dict[NodeName, list[NodeName]] = {}
    open_ways: dict[NodeName, int] = {}
    ahead: list[NodeName] = []
    for name, targets in follow.items():
        known = [target for target in targets if target in follow]
        is_end = name in ends or not known or (name in trusted and len(known) < len(targets))
        open_ways[name] = 0 if is_end else 1 if name in trusted else len(known)
        if is_end:
            ahead.append(name)
            continue
        for target in known:
            behind.setdefault(target, []).append(name)
    while ahead:
        for name in behind.get(ahead.pop(), ()):
            open_ways[name] -= 1
            if open_ways[name] == 0:
                ahead.append(name)
    return {name for name, left in open_ways.items() if left > 0}


def _closed(hold: Hold, follow: Ways, held: Collection[NodeName]) -> list[Circle]:
    """The circles that come of following, from each held node, its first way to a held one."""
    found: list[Circle] = []
    seen: set[NodeName] = set()
    for start in follow:
        way: dict[NodeName, None] = {}
        here = start
        while here in held and here not in seen:
            seen.add(here)
            way[here] = None
            here = next(target for target in follow[here] if target in held)
        if here in way:
            names = list(way)
            found.append(Circle(hold, tuple(names[names.index(here) :])))
    return found


def _apart(circles: Iterable[Circle], graver: Iterable[Circle]) -> list[Circle]:
    """The circles that share no node with one already named."""
    named = {name for circle in graver for name in circle.nodes}
    return [circle for circle in circles if named.isdisjoint(circle.nodes)]
