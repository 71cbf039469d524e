"""Which nodes a caller passes and by which ways, seen from outside the interpreter.

The interpreter looks every node up by its name, also the silent ones it passes within one step, and
every choice by its key. Both tables are watched here, so that production's code is played as it is
and still each step of it is counted.
"""

from collections.abc import Callable, ItemsView, Iterator, Mapping, ValuesView
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, TypeVar, cast

from ivr.flow.model import AskQuestion, EnterQueue, Hotline, Node, NodeName
from ivr.flow.ways import NEXT, key_label, ways_out

NOMATCH = "nomatch"

UNKNOWN = "?"
"""The label of a way that a node does not have: whoever tells the ways left one out."""


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One way out of one node."""

    node: str
    label: str


class Footprints:
    """The path of one caller: her nodes in order, and the ways between them."""

    def __init__(self, nodes: Mapping[NodeName, Node]) -> None:
        self.nodes: list[str] = []
        self.edges: list[Edge] = []
        self._known = nodes
        self._looked_up: list[tuple[str, str | None]] = []
        self._keys = 0
        self._turn_begins = True

    def turn_begins(self) -> None:
        """What the interpreter looks at next is where the caller stands, wherever she was."""
        self._turn_begins = True

    def spoken_to(self) -> None:
        """Something is said to the caller from now on."""
        self._keys = 0

    def pressed(self) -> None:
        """The caller presses a key."""
        self._keys += 1

    def enter(self, name: NodeName) -> None:
        """The interpreter looked at this node; it is a step unless the caller stands there."""
        here = self.nodes[-1] if self.nodes else None
        asked, self._looked_up = self._looked_up, []
        begins, self._turn_begins = self._turn_begins, False
        if begins and here is not None:
            # An offer or the end of the wait called her back to the queue in which she had a place.
            if name != here:
                self.nodes.append(name)
            return
        if here is None:
            self.nodes.append(name)
        elif any(to == name for _, to in asked) or name != here:
            self.edges.append(Edge(here, self._label(NodeName(here), name, asked)))
            self.nodes.append(name)

    def look_up(self, label: str, to: str | None) -> None:
        """The interpreter asked the caller's node for the way of this label; None is no such."""
        self._looked_up.append((label, to))

    def _label(self, here: NodeName, to: NodeName, asked: list[tuple[str, str | None]]) -> str:
        for label, found in reversed(asked):
            if found == to:
                return label
        likely = [way.label for way in ways_out(self._known[here]) if way.to == to]
        tables = _labels_in_tables(self._known[here])
        others = [label for label in likely if label not in tables] or likely
        # Two ways to one node, and neither in a table: keys tell a wrong answer from none at all.
        if NOMATCH in others and self._keys:
            return NOMATCH
        return others[0] if others else UNKNOWN


def watched(hotline: Hotline, footprints: Footprints) -> Hotline:
    """The same hotline, whose nodes tell when they are come to."""
    seen = {name: _watched_node(node, footprints) for name, node in hotline.flow.nodes.items()}

    def come_to(name: NodeName, node: Node | None) -> None:
        if node is not None:
            footprints.enter(name)

    nodes = _Watched(seen, come_to)
    return replace(hotline, flow=replace(hotline.flow, nodes=nodes))


def _watched_node(node: Node, footprints: Footprints) -> Node:
    ways = {way.to for way in ways_out(node)}

    def asked_for(key: object, to: str | None) -> None:
        footprints.look_up(_label_of(node, key), to)

    tables = {
        name: _Watched(table, asked_for)
        for name, table in _tables(node)
        if ways.issuperset(table.values())
    }
    return replace(node, **cast("Any", tables)) if tables else node


def _tables(node: Node) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    for each in fields(node):
        value: object = getattr(node, each.name)
        if isinstance(value, Mapping):
            table = cast("Mapping[Any, Any]", value)
            if all(isinstance(to, str) for to in table.values()):
                yield each.name, table


def _labels_in_tables(node: Node) -> set[str]:
    return {_label_of(node, key) for _, table in _tables(node) for key in table}


def _label_of(node: Node, key: object) -> str:
    """The label of the way that is looked up by this key; all answers to a question are one way."""
    if isinstance(node, EnterQueue) and isinstance(key, str):
        return key_label(key)
    return NEXT if isinstance(node, AskQuestion) else _text(key)


def _text(key: object) -> str:
    return str(key.value) if isinstance(key, Enum) else str(key)


Key = TypeVar("Key")
Value = TypeVar("Value")


class _Watched(Mapping[Key, Value]):
    """A table that tells what is looked up in it; asking whether a key is there tells nothing."""

    def __init__(
        self, table: Mapping[Key, Value], tell: Callable[[Key, Value | None], None]
    ) -> None:
        self._table = table
        self._tell = tell

    def __getitem__(self, key: Key) -> Value:
        found = self._table.get(key)
        self._tell(key, found)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._table

    def items(self) -> ItemsView[Key, Value]:
        return self._table.items()

    def values(self) -> ValuesView[Value]:
        return self._table.values()

    def __iter__(self) -> Iterator[Key]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)
