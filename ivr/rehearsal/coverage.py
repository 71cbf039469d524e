"""How much of the flows some calls have been through: nodes come to, and ways taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ivr.flow.model import Hotline
from ivr.flow.ways import ways_out
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
    again is no way.
    """
    nodes = edges = 0
    nodes_left: list[tuple[str, str]] = []
    edges_left: list[tuple[str, Edge]] = []
    for hotline in hotlines:
        walked = tuple(calls.get(hotline.name, ()))
        seen = {node for each in walked for node in each.nodes}
        taken = {edge for each in walked for edge in each.edges}
        every = hotline.flow.nodes
        ways = [Edge(name, way.label) for name, node in every.items() for way in ways_out(node)]
        nodes, edges = nodes + len(every), edges + len(ways)
        nodes_left += [(hotline.name, name) for name in every if name not in seen]
        edges_left += [(hotline.name, edge) for edge in ways if edge not in taken]
    return Coverage(nodes, edges, tuple(nodes_left), tuple(edges_left))


def _share(total: int, left: int) -> float:
    # Rounded down, so that 1.0 means all of them.
    return 1.0 if total == 0 else (total - left) * PARTS // total / PARTS
