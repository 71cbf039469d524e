"""One flow of a hotline as its author wrote it, cut out of the picture of all that callers meet.

A flow that is called at three places is there three times for a caller, and once for its author:
its copies fall together here, and a call is one box with the ways that lead on from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ivr.flow.model import Flow, Node, NodeName
from ivr.flow.picture import CALLER, Box, Line, LineKind, Picture, ways_text
from ivr.flow.picture_layers import returning
from ivr.flow.ways import written_node, written_way

Pairs = Mapping[tuple[str, str], Sequence[str]]


def flows_drawn(flow: Flow) -> tuple[str, ...]:
    """The names of the flows that callers of this hotline can come to, the first one first."""
    found = dict.fromkeys(_flow_of(flow, written_node(flow, name)) for name in flow.nodes)
    return tuple(dict.fromkeys((flow.name, *found)))


def picture_of_flow(picture: Picture, flow: Flow, name: str) -> Picture:
    """The part of a hotline's picture that is this flow; ``name`` is one of ``flows_drawn``."""
    local = {
        each: written_node(flow, each).rpartition("/")[2]
        for each in flow.nodes
        if _flow_of(flow, written_node(flow, each)) == name
    }
    boxes: dict[str, Box] = {}
    for box in picture.boxes:
        own = local.get(NodeName(box.name))
        if own is not None and own not in boxes:
            boxes[own] = replace(box, name=own, title=own)
    begins, callers = _entry(picture, flow, local, name)
    lines = [Line(CALLER, begins, LineKind.ARRIVAL, "", "")] if begins else []
    nodes = {own: flow.nodes[each] for each, own in local.items()}
    lines += _lines({own: nodes[own] for own in boxes}, _pairs(picture, flow, local, name), begins)
    served = (
        replace(line, source=local[NodeName(line.source)])
        for line in picture.lines
        if line.kind is LineKind.SERVED and line.source in local
    )
    head = Box(CALLER, "caller", f"Flow {name} begins", callers, "")
    drawn = (head, *boxes.values())
    kinds = tuple(dict.fromkeys(box.kind for box in drawn))
    title = f"{picture.title.partition(',')[0]}, flow {name}"
    return Picture(title, drawn, (*lines, *dict.fromkeys(served)), None, kinds)


def _flow_of(flow: Flow, written: str) -> str:
    return written.rpartition("/")[0] or flow.name


def _entry(
    picture: Picture, flow: Flow, local: Mapping[NodeName, str], name: str
) -> tuple[str, tuple[str, ...]]:
    """The node where the flow begins, and who leads there from outside."""
    if name == flow.name:
        return local.get(flow.start, ""), ()
    begins, callers = "", dict[str, None]()
    for line in picture.lines:
        source = flow.sources.get(NodeName(line.source))
        jumps = source is not None and source.kind in ("subflow", "goto")
        if source is not None and jumps and line.target in local and line.source not in local:
            begins = begins or local[NodeName(line.target)]
            callers[f"from {source.node}"] = None
    return begins, tuple(callers)[:3]


def _pairs(picture: Picture, flow: Flow, local: Mapping[NodeName, str], name: str) -> Pairs:
    """What leads from node to node of the flow, a call's exits among it."""
    pairs: dict[tuple[str, str], dict[str, None]] = {}
    for line in picture.lines:
        target = local.get(NodeName(line.target))
        for label in line.labels if target is not None else ():
            way = written_way(flow, NodeName(line.source), label)
            if target is not None and way is not None and _flow_of(flow, way[0]) == name:
                source = way[0].rpartition("/")[2]
                pairs.setdefault((source, target), {})[way[1]] = None
    return {pair: tuple(labels) for pair, labels in pairs.items()}


def _lines(nodes: Mapping[str, Node], pairs: Pairs, begins: str) -> list[Line]:
    back = returning(list(nodes), list(pairs), begins) if begins else set[int]()
    lines: list[Line] = []
    for index, ((source, target), labels) in enumerate(pairs.items()):
        text, kind = ways_text(nodes[source], labels), LineKind.WAY
        if index in back:
            text, kind = f"{text} ↩ {target}".strip(), LineKind.BACK
        tooltip = f"{', '.join(labels)}: from {source} to {target}"
        lines.append(Line(source, target, kind, text, tooltip, tuple(labels)))
    return lines
