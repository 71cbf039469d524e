"""Where a flow is about to ask for a secret: callers who know it type ahead there.

What is typed into a prompt before a sensitive ``collect`` would be journalled like any other key.
So the nodes from which one is reached without asking the caller for anything else first are found
when the flow is loaded, and keys are shielded there already.
"""

from collections.abc import Mapping
from dataclasses import replace

from ivr.flow.model import (
    AskQuestion,
    Collect,
    EnterQueue,
    Flow,
    Menu,
    Node,
    NodeName,
    TransferOutside,
)
from ivr.flow.ways import ways_out

TAKES_INPUT = (Menu, Collect, AskQuestion, EnterQueue, TransferOutside)
"""Kinds of nodes in which a key, or a long wait, comes before what follows. A kind that is not
listed counts as passed through: in doubt keys are shielded."""


def with_hushed(flow: Flow) -> Flow:
    """This flow with the nodes marked in which keys may be those of a secret."""
    return replace(flow, hushed=hushed_nodes(flow.nodes))


def asks_for_secrets(flow: Flow) -> bool:
    """Whether a caller of this flow may ever be asked for one."""
    return any(isinstance(node, Collect) and node.sensitive for node in flow.nodes.values())


def hushed_nodes(nodes: Mapping[NodeName, Node]) -> frozenset[NodeName]:
    """The nodes that lead to a sensitive ``collect`` without other input. Linear in the ways."""
    behind: dict[NodeName, list[NodeName]] = {}
    ahead: list[NodeName] = []
    for name, node in nodes.items():
        if isinstance(node, Collect) and node.sensitive:
            ahead.append(name)
        for way in ways_out(node):
            behind.setdefault(way.to, []).append(name)
    found: set[NodeName] = set()
    while ahead:
        for name in behind.get(ahead.pop(), ()):
            if name not in found and not isinstance(nodes[name], TAKES_INPUT):
                found.add(name)
                ahead.append(name)
    return frozenset(found)
