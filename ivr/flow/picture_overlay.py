"""How often each part of a flow was passed: by the caller tests, or by the contacts on record.

Both are counted once for each call, however often it came by: "so many callers went here" is what
a reader takes a number for.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ivr.flow.model import EnterQueue, Flow, NodeName, SetLanguage
from ivr.flow.picture import SERVED_BY, Overlay
from ivr.flow.ways import ways_out


@dataclass(frozen=True, slots=True)
class Passage:
    """One call's way through a flow: the nodes in order, silent ones perhaps left out."""

    nodes: Sequence[str]
    language: str | None = None
    served: bool = False
    """Whether an expert answered; in the queue that came last, then."""


def overlay_of(
    flow: Flow, passages: Iterable[Passage], *, title: str, counted: str, tells_served: bool
) -> Overlay:
    """How many of these calls passed each node and each pair of nodes.

    A record has no silent nodes, such as the setting of a language: between two nodes without a
    way the shortest one is taken, and none where there are several. Nodes that the flow no longer
    has are passed over.
    """
    nodes: Counter[str] = Counter()
    lines: Counter[tuple[str, str]] = Counter()
    for passage in passages:
        way = _filled(flow, passage)
        nodes.update(dict.fromkeys(way, 1))
        met = {(a, b) for a, b in pairwise(way) if _leads(flow, a, b)}
        queues = [name for name in way if isinstance(flow.nodes[NodeName(name)], EnterQueue)]
        if passage.served and queues:
            met.add((queues[-1], SERVED_BY))
        lines.update(met)
    if tells_served:
        for name, node in flow.nodes.items():
            if isinstance(node, EnterQueue):
                lines[name, SERVED_BY] += 0
    return Overlay(nodes, lines, title, counted)


def _leads(flow: Flow, source: str, target: str) -> bool:
    return any(way.to == target for way in ways_out(flow.nodes[NodeName(source)]))


def _filled(flow: Flow, passage: Passage) -> list[str]:
    known = [name for name in passage.nodes if name in flow.nodes]
    if not known:
        return []
    ways = _between(flow, flow.start, known[0], passage.language) if known else None
    way = [*(ways or []), known[0]]
    if known[0] != flow.start and ways is not None:
        way.insert(0, flow.start)
    for source, target in pairwise(known):
        way += [*(_between(flow, source, target, passage.language) or ()), target]
    return way


def _between(flow: Flow, source: str, target: str, language: str | None) -> Sequence[str] | None:
    """The nodes strictly between the two on the shortest way; None where no single one is."""
    if source == target:
        return ()
    before: dict[str, list[str]] = {source: []}
    depth = {source: 0}
    ahead = deque([source])
    while ahead:
        name = ahead.popleft()
        if target in depth and depth[name] >= depth[target]:
            break
        for to in dict.fromkeys(way.to for way in ways_out(flow.nodes[NodeName(name)])):
            if not _may_pass(flow, to, target, language):
                continue
            if to not in depth:
                depth[to] = depth[name] + 1
                before[to] = []
                ahead.append(to)
            if depth[to] == depth[name] + 1:
                before[to].append(name)
    return _only_way(before, source, target)


def _may_pass(flow: Flow, name: str, target: str, language: str | None) -> bool:
    """A caller who speaks Chinese did not come by the node that sets English."""
    node = flow.nodes[NodeName(name)]
    wrong = isinstance(node, SetLanguage) and language not in (None, node.language)
    return name == target or not wrong


def _only_way(before: Mapping[str, list[str]], source: str, target: str) -> Sequence[str] | None:
    way: list[str] = []
    here = target
    while here != source:
        if len(before.get(here, ())) != 1:
            return None
        here = before[here][0]
        way.append(here)
    return way[-2::-1]
