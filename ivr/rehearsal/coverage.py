"""How much of the flows some calls have been through: nodes come to, and ways taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.flow.model import Flow, Hotline, NodeName
from ivr.flow.ways import ways_out, written_node, written_way
from ivr.rehearsal.footprints import Edge, Footprints

PARTS = 10_000
"""A share is told in so many parts."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one hotline or several: how many there are, and which were left out, by hotline."""

    nodes: int
    edges: int
    nodes_left: tuple[tuple[str, str], ...]
    """Hotline and node."""
    edges_left: tuple[tuple[str, Edge], ...]

    @property
    def node_coverage(self) -> float:
        """The share of nodes that some call came to; of no nodes, all."""
        return _share(self.nodes, len(self.nodes_left))

    @property
    def edge_coverage(self) -> float:
        """The share of ways that some call took; of no ways, all."""
        return _share(self.edges, len(self.edges_left))


def coverage(hotlines: Iterable[Hotline], calls: Mapping[str, Iterable[Footprints]]) -> Coverage:
    """What these calls, by hotline, leave out.

    The way ``noinput`` or ``nomatch`` of a menu is taken when its tries are used up; to be asked
    again is no way. What an author wrote once counts once, in however many calls of a subflow it
    stands: a node as ``flow/node``, a return as the way by which its call goes on.
    """
    nodes = edges = 0
    nodes_left: list[tuple[str, str]] = []
    edges_left: list[tuple[str, Edge]] = []
    for hotline in hotlines:
        walked = tuple(calls.get(hotline.name, ()))
        seen = {node for each in walked for node in each.nodes}
        taken = {edge for each in walked for edge in each.edges}
        flow = hotline.flow
        every = dict.fromkeys(written_node(flow, name) for name in flow.nodes)
        met = {written_node(flow, NodeName(name)) for name in seen}
        ways = _written_ways(
            flow,
            (Edge(name, way.label) for name, node in flow.nodes.items() for way in ways_out(node)),
        )
        gone = _written_ways(flow, taken)
        nodes, edges = nodes + len(every), edges + len(ways)
        nodes_left += [(hotline.name, name) for name in every if name not in met]
        edges_left += [(hotline.name, edge) for edge in ways if edge not in gone]
    return Coverage(nodes, edges, tuple(nodes_left), tuple(edges_left))


def _written_ways(flow: Flow, edges: Iterable[Edge]) -> dict[Edge, None]:
    """These ways as they are written, each once, in their order."""
    written = (written_way(flow, NodeName(edge.node), edge.label) for edge in edges)
    return {Edge(*way): None for way in written if way is not None}


def _share(total: int, left: int) -> float:
    # Rounded down, so that 1.0 means all of them.
    return 1.0 if total == 0 else (total - left) * PARTS // total / PARTS
