"""Reads the flows of a file: each by itself, then what they come to together.

What one flow says is checked once, where it is written: its nodes, its variables, whether every
way leads somewhere and every node is met. What a caller can be led into is checked on the flat
flow that all of them come to (``ivr.flow.expand``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ivr.flow.check_flows import (
    check_alone,
    check_circles,
    check_exits,
    check_laid_out,
    check_returns,
)
from ivr.flow.check_ways import check_menus
from ivr.flow.keys import Inner, Key, Kinds, Name, Named, NameOf, Shape
from ivr.flow.misplaced import put_right
from ivr.flow.model import Flow, NodeName
from ivr.flow.node_parts import Draft
from ivr.flow.node_shapes import NODE_KINDS
from ivr.flow.problems import Code, Problems, closest, listing, quoted
from ivr.flow.read_defaults import DEFAULTS_KEY, Defaults, read_defaults
from ivr.flow.read_lookup import settle_lost
from ivr.flow.read_names import KnownNames, NameReader
from ivr.flow.read_nodes import NodeReader
from ivr.flow.read_variables import VARS, VariablesReader
from ivr.flow.secrets_sent import warn_unsent
from ivr.flow.shape import Fields, Reader
from ivr.flow.site import SHARED
from ivr.flow.values import CALLER_KNOWN, Kind, Slot, Variable
from ivr.flow.written import (
    CallFlow,
    FlowHead,
    GotoFlow,
    Written,
    WrittenFlow,
    flows_used,
)
from ivr.flow.yaml_tree import Entry, Scalar, Table, Tree

FLOWS_MAX = 300
"""Flows of one file; a hotline of more is several."""

FLOW = Shape(
    "a flow",
    (
        Key("start", "the node where a caller begins", required=True, value=Name(NameOf.NODE)),
        VARS,
        Key("nodes", "the nodes by name", required=True, value=Named(Kinds(NODE_KINDS))),
    ),
)
FLOWS_KEY = Key("flows", "the flows by name", required=True, value=Named(Inner(FLOW)))
FLOWS = Shape("a file of flows", (DEFAULTS_KEY, FLOWS_KEY))
"""Flows that every hotline may call, in ``shared/flows.yaml``."""


class FlowReader:
    """Reads one flow: its variables first, then its nodes, and whether the two go together."""

    def __init__(self, name: str, key: Scalar, known: KnownNames, problems: Problems) -> None:
        self._name = name
        self._place = key.place
        self._problems = problems
        self._read = Reader(problems)
        self._draft = Draft()
        self._nodes = NodeReader(known, problems, self._draft)
        self._nodes.parts.flow = name
        self._fields: Fields | None = None
        self._variables: Mapping[str, Slot] | None = None

    def declare(self, tree: Tree) -> FlowHead:
        """What others need to know of it before they are read."""
        self._fields = self._read.fields(tree, FLOW)
        if self._fields is not None:
            declared = self._fields.value("vars")
            self._variables = {}
            if declared is not None:
                self._variables = VariablesReader(self._problems).read(declared)
        return FlowHead(self._variables)

    def read(self, flows: Mapping[str, FlowHead], home: str, defaults: Defaults) -> WrittenFlow:
        """The flow as far as it can be read, once all of them have declared themselves."""
        parts = self._nodes.parts
        parts.flows, parts.home, parts.defaults = flows, home, defaults
        parts.variables = self._variables
        asked = Variable(CALLER_KNOWN, Kind.BOOL, True)
        held: Mapping[str, Slot] = self._variables or {}
        parts.askable = {**held, CALLER_KNOWN: Slot(asked, len(held))}
        start = self._graph() if self._fields is not None else None
        draft = self._draft
        return WrittenFlow(
            self._name,
            self._place,
            start,
            draft.nodes,
            draft.jumps,
            draft.places,
            draft.calls,
            tuple(slot.variable for slot in held.values()),
            CALLER_KNOWN in parts.used,
            draft.is_readable and start is not None and self._variables is not None,
        )

    def _graph(self) -> NodeName | None:
        """Read the nodes and see where they lead; gives the first one."""
        if self._fields is None:
            return None
        written, begun = self._fields.value("nodes"), self._fields.value("start")
        table = None if written is None else self._read.table(written, "nodes", keys=("welcome",))
        if table is None:
            return None
        for entry in put_right(table, self._problems).entries:
            name = self._read.name(entry.key, "the name of a node")
            if name is not None:
                self._nodes.read(NodeName(name), entry.key.place, entry.value)
        settle_lost(self._draft, self._problems)
        start = None if begun is None else self._read.name(begun, "the name of a node")
        leads = self._leads()
        check_menus(self._draft.nodes, self._draft.places, self._problems)
        if begun is None or start is None:
            return None
        first = NodeName(start)
        if first not in self._draft.places:
            self._unknown_node(first, begun)
            return None
        self._check_reached(first, leads)
        self._warn_unused()
        return first

    def _warn_unused(self) -> None:
        """Name the variables that no node reads or changes, unless a broken node may."""
        declared = None if self._fields is None else self._fields.value("vars")
        if not isinstance(declared, Table) or not self._draft.is_readable:
            return
        for entry in declared.entries:
            is_good = entry.key.text in (self._variables or {})
            if is_good and entry.key.text not in self._nodes.parts.used:
                self._problems.warn(
                    Code.UNUSED_VARIABLE,
                    entry.key.place,
                    f"No node uses the variable {quoted(entry.key.text)}.",
                    "Remove it, or use it in a node.",
                )

    def _leads(self) -> Mapping[NodeName, list[NodeName | None]]:
        """Where each node leads; None stands for a way whose end is not known."""
        draft = self._draft
        leads: dict[NodeName, list[NodeName | None]] = {
            name: [] if name in draft.nodes or name in draft.jumps else [None]
            for name in draft.places
        }
        for edge in draft.edges:
            if edge.target in draft.places:
                leads[edge.source].append(edge.target)
            else:
                written = Scalar(edge.target, True, edge.place)
                meant = self._unknown_node(edge.target, written, by_default=edge.by_default)
                leads[edge.source].append(meant)
        return leads

    def _unknown_node(
        self, name: NodeName, written: Tree, *, by_default: bool = False
    ) -> NodeName | None:
        if self._problems.full(written.place.file):
            return None
        names = tuple(self._draft.places)
        near = closest(name, names)
        otherwise = f"The nodes are: {listing(names)}."
        if by_default:
            otherwise = "That flow goes by these defaults: add the node there, or write a `then:` "
            otherwise += "of their own for its questions."
        self._problems.error(
            Code.UNKNOWN_NODE,
            written.place,
            f"There is no node {quoted(name)} in the flow {quoted(self._name)}.",
            otherwise if near is None else f"Did you mean {quoted(near)}?",
        )
        return None if near is None else NodeName(near)

    def _check_reached(
        self, start: NodeName, leads: Mapping[NodeName, list[NodeName | None]]
    ) -> None:
        """Report nodes no caller meets, unless a mistake on the way hides where it leads.

        A misspelt target counts as the node it resembles; so mending a reported mistake does not
        make the next one disappear.
        """
        reached = {start}
        ahead = [start]
        while ahead:
            for target in leads[ahead.pop()]:
                if target is None:
                    return
                if target not in reached:
                    reached.add(target)
                    ahead.append(target)
        for name, place in self._draft.places.items():
            if name not in reached:
                self._problems.error(
                    Code.UNREACHABLE_NODE,
                    place,
                    f"No way leads a caller to the node {quoted(name)}.",
                    "Lead to it from another node, or remove it.",
                )


@dataclass(slots=True)
class SharedFlows:
    """The flows that every hotline may call: read anew for each, since its languages count.

    ``used`` gathers what some hotline calls. Where ``is_known`` is False the file could not be
    read, and no name of it is unknown.
    """

    entries: Mapping[str, Entry] = field(default_factory=dict[str, Entry])
    fields: Fields | None = None
    used: set[str] = field(default_factory=set[str])
    is_known: bool = True

    def read(
        self, names: Iterable[str], known: KnownNames, problems: Problems
    ) -> dict[str, WrittenFlow]:
        """These flows and all they come to, for a hotline that knows these names."""
        heads = {
            name: FlowReader(name, entry.key, known, problems).declare(entry.value)
            for name, entry in self.entries.items()
        }
        defaults = _defaults(self.fields, known, problems)
        read: dict[str, WrittenFlow] = {}
        ahead = [name for name in names if name in self.entries]
        while ahead:
            name = ahead.pop()
            if name not in read:
                entry = self.entries[name]
                reader = FlowReader(name, entry.key, known, problems)
                reader.declare(entry.value)
                read[name] = reader.read(heads, f"{SHARED}/", defaults)
                ahead += _named_by(read[name])
        check_exits(read, read, problems)
        return read

    def heads(self, known: KnownNames) -> dict[str, FlowHead]:
        """What is known of all of them; their problems are told when they are read."""
        return {
            name: FlowReader(name, entry.key, known, Problems()).declare(entry.value)
            for name, entry in self.entries.items()
        }

    def check_unused(self, known: KnownNames, problems: Problems) -> int:
        """Say what is wrong with those nobody calls; gives how many nodes all of them have."""
        unused = [name for name in self.entries if name not in self.used]
        alone = self.read(unused, known, problems)
        check_circles(alone, problems)
        for name in unused:
            check_alone(alone[name], problems)
            _warn_unused(self.entries[name].key, problems, "Call it from a hotline, or remove it.")
        return sum(_count_nodes(entry.value) for entry in self.entries.values())


def read_shared_flows(tree: Tree | None, problems: Problems) -> SharedFlows:
    """The flows of ``shared/flows.yaml``, not yet looked into; None for a file that is no YAML."""
    read = Reader(problems)
    fields = None if tree is None else read.fields(tree, FLOWS)
    written = None if fields is None else fields.value(FLOWS_KEY.name)
    table = None if written is None else read.table(written, "flows", keys=("identify",))
    if table is not None and _is_crowd(table, problems):
        table = None
    entries: dict[str, Entry] = {}
    for entry in () if table is None else table.entries:
        read.name(entry.key, "the name of a flow")
        entries[f"{SHARED}/{entry.key.text}"] = entry
    return SharedFlows(entries, fields, is_known=table is not None)


@dataclass(frozen=True, slots=True)
class FlowsRead:
    """What came of a hotline's flows: the one a caller walks, if nothing in it is wrong."""

    flow: Flow | None
    node_count: int


def read_flows(
    fields: Fields,
    first: str | None,
    known: KnownNames,
    shared: SharedFlows,
    problems: Problems,
) -> FlowsRead:
    """The flows of a hotline, laid out from the one where a caller begins."""
    read = Reader(problems)
    written = fields.value(FLOWS_KEY.name)
    table = None if written is None else read.table(written, "flows", keys=("main",))
    if table is None or _is_crowd(table, problems):
        return FlowsRead(None, 0)
    readers: dict[str, FlowReader] = {}
    heads: dict[str, FlowHead] = {}
    for entry in table.entries:
        read.name(entry.key, "the name of a flow")
        name = entry.key.text
        readers[name] = FlowReader(name, entry.key, known, problems)
        heads[name] = readers[name].declare(entry.value)
    common = replace(known, hotline=SHARED)
    heads.update(shared.heads(common))
    defaults = _defaults(fields, known, problems)
    if not shared.is_known:
        heads[f"{SHARED}/"] = FlowHead(None)
    own = {name: reader.read(heads, "", defaults) for name, reader in readers.items()}
    named = {each for flow in own.values() for each in _named_by(flow)}
    flows = {**shared.read(sorted(named), common, problems), **own}
    shared.used.update(flows.keys() - own.keys())
    check_exits(flows, own, problems)
    warn_unsent(flows, problems)
    flow = _laid_out(flows, first, own, problems)
    return FlowsRead(flow, sum(len(each.places) for each in own.values()))


def _is_crowd(table: Table, problems: Problems) -> bool:
    if len(table.entries) <= FLOWS_MAX:
        return False
    problems.error(
        Code.OUT_OF_RANGE,
        table.place,
        f"This file has {len(table.entries)} flows; it goes up to {FLOWS_MAX}.",
        "Split the hotline, or move what several use into shared/flows.yaml.",
    )
    return True


def _laid_out(flows: Written, first: str | None, own: Written, problems: Problems) -> Flow | None:
    closing = check_circles(flows, problems)
    if first is None or first not in own:
        for flow in own.values():
            check_alone(flow, problems)
        return None
    check_returns(flows, first, problems)
    used = flows_used(flows, first)
    laid = check_laid_out(flows, first, closing, problems)
    for name, flow in own.items():
        if name not in used:
            check_alone(flow, problems)
            _warn_unused_own(flow, flows, used, problems)
        elif laid is None:
            check_alone(flow, problems)
    is_whole = not closing and all(flows[name].is_whole for name in used)
    return laid.flow if laid is not None and is_whole else None


def _warn_unused_own(
    flow: WrittenFlow, flows: Written, used: Iterable[str], problems: Problems
) -> None:
    """Unless a node that could not be read may be the one that enters it."""
    if all(flows[name].is_readable for name in used):
        key = Scalar(flow.name, True, flow.place)
        _warn_unused(key, problems, "Name it under `flow:`, call it, or remove it.")


def _warn_unused(name: Scalar, problems: Problems, remedy: str) -> None:
    problems.warn(
        Code.UNUSED_FLOW, name.place, f"No caller ever enters the flow {quoted(name.text)}.", remedy
    )


def _defaults(fields: Fields | None, known: KnownNames, problems: Problems) -> Defaults:
    if fields is None:
        return Defaults()
    return read_defaults(fields, NameReader(known, problems), Reader(problems))


def _named_by(flow: WrittenFlow) -> list[str]:
    return [each.flow for each in flow.jumps.values() if isinstance(each, CallFlow | GotoFlow)]


def _count_nodes(tree: Tree) -> int:
    flow = tree.entries if isinstance(tree, Table) else ()
    nodes = [each.value for each in flow if each.key.text == "nodes"]
    return sum(len(each.entries) for each in nodes if isinstance(each, Table))
