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
from ivr.flow.read_defaults import Defaults
from ivr.flow.read_names import KnownNames, NameReader
from ivr.flow.read_services import KnownServices
from ivr.flow.shape import Fields, Reader
from ivr.flow.values import Slot
from ivr.flow.written import CallPlaces, FlowHead, Jump
from ivr.flow.yaml_tree import Tree

Keyed = TypeVar("Keyed")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Edge:
    """That a node leads to another, and where that is written; perhaps in the file's defaults."""

    source: NodeName
    target: NodeName
    place: Place
    by_default: bool = False


@dataclass(slots=True)
class Draft:
    """A flow's nodes as far as they could be read; a node with problems has no value."""

    places: dict[NodeName, Place] = field(default_factory=dict[NodeName, Place])
    nodes: dict[NodeName, Node] = field(default_factory=dict[NodeName, Node])
    edges: list[Edge] = field(default_factory=list[Edge])
    jumps: dict[NodeName, Jump] = field(default_factory=dict[NodeName, Jump])
    calls: dict[NodeName, CallPlaces] = field(default_factory=dict[NodeName, CallPlaces])

    @property
    def is_readable(self) -> bool:
        """Whether every node could be read."""
        return len(self.nodes) + len(self.jumps) == len(self.places)


class NodeParts:
    """Reads what nodes are made of, and notes where they lead.

    ``variables`` are those the flow declares, by name; None when the declaration could not be
    read, so that one mistake there does not make every use look wrong. ``used`` gathers the names
    of those that nodes read or change. ``askable`` are all names that expressions may ask for.
    ``flows`` are those that may be called, by qualified name; ``home`` begins the names of this
    file's own.
    """

    def __init__(self, known: KnownNames, problems: Problems, draft: Draft) -> None:
        self.problems = problems
        self.read = Reader(problems)
        self.names = NameReader(known, problems)
        self.languages: tuple[Language, ...] | None = known.languages
        self.texts = known.texts
        self.services: KnownServices | None = known.services
        self.variables: Mapping[str, Slot] | None = {}
        self.askable: Mapping[str, Slot] = {}
        self.flows: Mapping[str, FlowHead] = {}
        self.home = ""
        self.defaults = Defaults()
        self.used: set[str] = set()
        self.flow = ""
        self.node = NodeName("")
        self._draft = draft

    def barge_in(self, fields: Fields) -> bool | None:
        """Whether a key cuts what is said; it does unless the author says otherwise."""
        written = fields.value("barge_in")
        return True if written is None else self.read.flag(written, "the value of barge_in")

    def asking_barge_in(self, fields: Fields) -> bool | None:
        """The same for what is asked, which the defaults may decide."""
        is_said = fields.value("barge_in") is not None
        return self.barge_in(fields) if is_said else self.defaults.barge_in

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

    def lead_by_default(self, target: NodeName, place: Place) -> NodeName:
        """This node leads there because the defaults of its file say so."""
        self._draft.edges.append(Edge(self.node, target, place, by_default=True))
        return target

    def note_call(self, places: CallPlaces) -> None:
        """This node calls a flow; its parts are written there."""
        self._draft.calls[self.node] = places

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
