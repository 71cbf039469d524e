"""What stands one level too deep in a flow: told once, and read as if it stood right.

Indentation is where people who write YAML by hand go wrong most. Read as it stands, one such slip
gives an unknown key, a missing one, and all the nodes that nobody leads to any more.
"""

from collections.abc import Collection, Iterator

from ivr.flow.keys import Either, Inner, Shape, Value
from ivr.flow.node_shapes import NODE_KINDS
from ivr.flow.problems import Code, Problems, quoted
from ivr.flow.yaml_tree import Entry, Table

_LEADS_ON = ("next", "on")


def put_right(nodes: Table, problems: Problems) -> Table:
    """The nodes of a flow, with what stands too deep moved to where it belongs."""
    names = {entry.key.text for entry in nodes.entries}
    entries: list[Entry] = []
    for entry in nodes.entries:
        waiting = [entry]
        while waiting:
            node = waiting.pop(0)
            if not isinstance(node.value, Table):
                entries.append(node)
                continue
            inner = tuple(_nodes_within(node.value))
            for each in inner:
                problems.error(
                    Code.NODE_WITHIN_NODE,
                    each.key.place,
                    f"The node {quoted(each.key.text)} stands within the node "
                    f"{quoted(node.key.text)}.",
                    f"Make two nodes: indent {quoted(each.key.text)} as far as "
                    f"{quoted(node.key.text)} is.",
                )
            rest = tuple(each for each in node.value.entries if each not in inner)
            table = _led_on(Table(rest, node.value.place), problems)
            entries.append(Entry(node.key, table))
            # One whose name is taken was told; which of the two is meant is not for us to say.
            waiting[:0] = [each for each in inner if each.key.text not in names]
            names.update(each.key.text for each in inner)
    return Table(tuple(entries), nodes.place)


def _nodes_within(node: Table) -> Iterator[Entry]:
    """The entries of a node that are nodes themselves."""
    kind = next((each.key.text for each in node.entries if each.key.text in NODE_KINDS), None)
    allowed = () if kind is None else NODE_KINDS[kind].names()
    for entry in node.entries:
        value = entry.value
        if entry.key.text in allowed or entry.key.text in _LEADS_ON:
            continue
        if isinstance(value, Table) and _is_node(value):
            yield entry


def _is_node(table: Table) -> bool:
    return any(each.key.text in NODE_KINDS for each in table.entries)


def _led_on(node: Table, problems: Problems) -> Table:
    """The node with its ``next`` or ``on`` beside its kind, where they were written within."""
    kinds = [entry for entry in node.entries if entry.key.text in NODE_KINDS]
    if len(kinds) != 1:
        return node
    (kind,) = kinds
    shape = NODE_KINDS[kind.key.text]
    within = _too_deep(kind, shape)
    if not within or not isinstance(kind.value, Table):
        return node
    beside = {entry.key.text for entry in node.entries}
    for each in within:
        key = each.key.text
        problems.error(
            Code.UNKNOWN_KEY,
            each.key.place,
            f"`{key}` stands within `{kind.key.text}`, but belongs to the node.",
            f"Remove it: the node has its `{key}` already."
            if key in beside
            else f"Move `{key}` one level out, beside `{kind.key.text}`.",
        )
    left = tuple(each for each in kind.value.entries if each not in within)
    mended = Entry(kind.key, Table(left, kind.value.place))
    moved = tuple(each for each in within if each.key.text not in beside)
    kept = tuple(mended if each is kind else each for each in node.entries)
    return Table((*kept, *moved), node.place)


def _too_deep(kind: Entry, shape: Shape) -> list[Entry]:
    value = next(each.value for each in shape.keys if each.name == kind.key.text)
    allowed = _names_within(value)
    if allowed is None or not isinstance(kind.value, Table):
        return []
    movable = [each for each in _LEADS_ON if each in shape.names() and each not in allowed]
    return [entry for entry in kind.value.entries if entry.key.text in movable]


def _names_within(value: Value) -> Collection[str] | None:
    """The keys that may stand within a kind; None where they are the author's own."""
    match value:
        case Inner(shape):
            return shape.names()
        case Either(ways):
            found = [names for each in ways if (names := _names_within(each)) is not None]
            return [name for names in found for name in names] if found else None
        case _:
            return None
