"""What the readers of all kinds of nodes share: the draft of the flow, and a node's common parts.

A reader of one kind is a function ``(parts, fields, inner) -> Node | None``: ``fields`` are the
keys of the node, ``inner`` is what stands under the key that says its kind. None means that it
has reported a problem.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ivr.flow.model import Language, Node, NodeName, PromptKey
from ivr.flow.problems import Place, Problems
from ivr.flow.read_names import KnownNames, NameReader
from ivr.flow.shape import Fields, Reader
from ivr.flow.values import Slot
from ivr.flow.yaml_tree import Tree

Keyed = TypeVar("Keyed")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Edge:
    """That a node leads to another, and where that is written."""

    source: NodeName
    target: NodeName
    place: Place


@dataclass(slots=True)
class Draft:
    """A flow's nodes as far as they could be read; a node with problems has no value."""

    places: dict[NodeName, Place] = field(default_factory=dict[NodeName, Place])
    nodes: dict[NodeName, Node] = field(default_factory=dict[NodeName, Node])
    edges: list[Edge] = field(default_factory=list[Edge])


class NodeParts:
    """Reads what nodes are made of, and notes where they lead.

    ``variables`` are those the flow declares, by name; None when the declaration could not be
    read, so that one mistake there does not make every use look wrong. ``used`` gathers the names
    of those that nodes read or change.
    """

    def __init__(self, known: KnownNames, problems: Problems, draft: Draft) -> None:
        self.problems = problems
        self.read = Reader(problems)
        self.names = NameReader(known, problems)
        self.languages: tuple[Language, ...] | None = known.languages
        self.variables: Mapping[str, Slot] | None = {}
        self.used: set[str] = set()
        self.node = NodeName("")
        self._draft = draft

    def barge_in(self, fields: Fields) -> bool | None:
        """Whether a key cuts what is said; it does unless the author says otherwise."""
        written = fields.value("barge_in")
        return True if written is None else self.read.flag(written, "the value of barge_in")

    def target(self, fields: Fields, key: str) -> NodeName | None:
        """The node that this key leads to."""
        written = fields.value(key)
        return None if written is None else self.node_name(written, key)

    def node_name(self, written: Tree, what: str) -> NodeName | None:
        """The node that ``what`` leads to."""
        name = self.read.name(written, f"the node that {what} leads to")
        if name is None:
            return None
        self._draft.edges.append(Edge(self.node, NodeName(name), written.place))
        return NodeName(name)

    def prompts_of(
        self, fields: Fields, key: str, *, default: tuple[PromptKey, ...] | None = None
    ) -> tuple[PromptKey, ...] | None:
        """The prompts under this key."""
        written = fields.value(key)
        return default if written is None else self.names.prompt_keys(written)


def all_values(values: Mapping[Keyed, Value | None]) -> Mapping[Keyed, Value] | None:
    """The mapping, or None when one of its values could not be read."""
    kept = {key: value for key, value in values.items() if value is not None}
    return kept if len(kept) == len(values) else None
