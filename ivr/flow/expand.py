"""Lays flows that call one another out as one flat flow, which is all that the interpreter knows.

Each call opens a *frame*: a copy of the called flow, and of those that it goes to for good, under
the name of the call (node ``ask`` of a flow called at ``auth`` becomes ``auth/ask``), with places
of its own for its variables. Entering sets them, a return takes the results and goes on where the
call says. A flow gone to for good has one copy in each frame (``flow/node``). A caller's state is
then one node and one row of values, whatever she came through: nothing new to snapshot, to resume
or to bound. Pure; decision: docs/decisions/0016.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from ivr.flow.conditions import Expression
from ivr.flow.model import Change, Flow, Node, NodeName, SetVariables, Source
from ivr.flow.problems import Place
from ivr.flow.retarget import Slots, moved, retargeted
from ivr.flow.values import CALLER_KNOWN, Kind, Variable
from ivr.flow.ways import NEXT
from ivr.flow.written import (
    CallFlow,
    Goto,
    GotoFlow,
    Return,
    Written,
    WrittenFlow,
    flows_used,
)

DEPTH_MAX = 8
"""Calls within one another; nobody follows more."""

COPIED_NODES_MAX = 5_000
"""Nodes that calls add to a hotline: a flow that is called ten times is there ten times."""

ALL_VARIABLES_MAX = 256
"""Variables of a hotline's flow with all its frames; every contact carries their values."""

NOWHERE = NodeName("?")
"""Where a flow begins whose beginning is not known; no node is called so."""

CallSite = tuple[str, NodeName]
"""A flow, and the node in it that calls or goes to another."""


class Limit(Enum):
    """What there can be too much of."""

    DEPTH = "depth"
    NODES = "nodes"
    VARIABLES = "variables"


@dataclass(frozen=True, slots=True)
class TooMuch:
    """These flows come to more than a hotline may have; ``at`` is the call that goes beyond."""

    limit: Limit
    at: CallSite


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The flat flow, and where each of its nodes is written."""

    flow: Flow
    places: Mapping[NodeName, Place]


def laid_out(flows: Written, first: str, cut: Collection[CallSite] = ()) -> LaidOut | TooMuch:
    """All that a caller can come to who begins in the flow ``first``.

    Jumps in ``cut``, and those to flows that are not there, are left out, so that a node which
    can not be read is as absent here as it is anywhere.
    """
    layout = _Layout(flows, first, cut)
    try:
        layout.run()
    except _BeyondError as beyond:
        return TooMuch(beyond.limit, beyond.at)
    start = flows[first].start or NOWHERE
    variables = tuple(layout.variables)
    flow = Flow(first, start, layout.nodes, variables, layout.sources)
    return LaidOut(flow, layout.places)


class _BeyondError(Exception):
    def __init__(self, limit: Limit, at: CallSite) -> None:
        super().__init__(limit.value)
        self.limit = limit
        self.at = at


@dataclass(frozen=True, slots=True)
class _Instance:
    """One copy of a flow: how its nodes are called there, and where its variables lie."""

    flow: WrittenFlow
    prefix: str
    slots: Slots

    def named(self, name: NodeName | None) -> NodeName:
        return NodeName(f"{self.prefix}{name or NOWHERE}")


@dataclass(frozen=True, slots=True)
class _Called:
    """The call that opened a frame."""

    call: CallFlow
    caller: _Instance
    site: str


@dataclass(frozen=True, slots=True)
class _Frame:
    root: _Instance
    depth: int = 0
    called: _Called | None = None


class _Layout:
    def __init__(self, flows: Written, first: str, cut: Collection[CallSite]) -> None:
        self._flows = flows
        self._first = first
        self._cut = frozenset(cut)
        self.nodes: dict[NodeName, Node] = {}
        self.places: dict[NodeName, Place] = {}
        self.sources: dict[NodeName, Source] = {}
        self.variables: list[Variable] = []
        self._caller_known_at = len(flows[first].variables)
        self._prefixes: set[str] = set()
        self._copied = 0
        self._ahead: deque[_Frame] = deque()

    def run(self) -> None:
        root = self._instance(self._first, "", (self._first, NOWHERE))
        if any(self._flows[name].asks_caller for name in flows_used(self._flows, self._first)):
            self.variables.append(Variable(CALLER_KNOWN, Kind.BOOL, True))
        self._ahead.append(_Frame(root))
        while self._ahead:
            self._lay(self._ahead.popleft())

    def _instance(self, name: str, prefix: str, at: CallSite) -> _Instance:
        """A new copy of this flow; called so unless that is taken."""
        flow = self._flows[name]
        while prefix in self._prefixes:
            prefix = f"{prefix[:-1]}~/"
        if self._prefixes:
            self._copied += len(flow.places)
        if self._copied > COPIED_NODES_MAX:
            raise _BeyondError(Limit.NODES, at)
        self._prefixes.add(prefix)
        begin = len(self.variables)
        slots = {index: begin + index for index in range(len(flow.variables))}
        slots[len(flow.variables)] = self._caller_known_at
        self.variables += [replace(each, name=f"{prefix}{each.name}") for each in flow.variables]
        if len(self.variables) > ALL_VARIABLES_MAX:
            raise _BeyondError(Limit.VARIABLES, at)
        return _Instance(flow, prefix, slots)

    def _lay(self, frame: _Frame) -> None:
        """The flow that was called, then those that it goes to for good."""
        instances = {frame.root.flow.name: frame.root}
        ahead = deque([frame.root])
        while ahead:
            here = ahead.popleft()
            for name in here.flow.places:
                jump = here.flow.jumps.get(name)
                if not isinstance(jump, GotoFlow):
                    self._lay_node(frame, here, name)
                elif self._is_open(here, name, jump):
                    into = instances.get(jump.flow)
                    if into is None:
                        prefix = f"{frame.root.prefix}{self._flows[jump.flow].local()}/"
                        into = self._instance(jump.flow, prefix, (here.flow.name, name))
                        instances[jump.flow] = into
                        ahead.append(into)
                    self._put_entry(here, name, into, "goto", None)

    def _lay_node(self, frame: _Frame, here: _Instance, name: NodeName) -> None:
        node = here.flow.nodes.get(name)
        if node is not None:
            # The first flow's names and places are its own, so its nodes stand as they are.
            is_first = not here.prefix
            self._put(here, name, node if is_first else retargeted(node, here.named, here.slots))
            return
        match here.flow.jumps.get(name):
            case Goto(to):
                source = Source(self._written(here, name), "goto", to)
                self._put(here, name, SetVariables((), here.named(to)), source)
            case CallFlow() as call if self._is_open(here, name, call):
                self._lay_call(frame, here, name, call)
            case Return(exit) if frame.called is not None:
                self._lay_return(frame, frame.called, here, name, exit)
            case _:
                return

    def _lay_call(self, frame: _Frame, here: _Instance, name: NodeName, call: CallFlow) -> None:
        at = (here.flow.name, name)
        if frame.depth >= DEPTH_MAX:
            raise _BeyondError(Limit.DEPTH, at)
        root = self._instance(call.flow, f"{here.prefix}{name}/", at)
        self._put_entry(here, name, root, "subflow", call)
        called = _Called(call, here, self._written(here, name))
        self._ahead.append(_Frame(root, frame.depth + 1, called))

    def _lay_return(
        self, frame: _Frame, called: _Called, here: _Instance, name: NodeName, exit: str
    ) -> None:
        call, caller = called.call, called.caller
        following = call.on.get(exit) if exit else call.next
        if following is None:
            return
        results = tuple(
            Change(each.name, caller.slots[each.index], moved(each.to, frame.root.slots))
            for each in call.taken
            if not isinstance(each.to, Expression)
        )
        counted = {NEXT: (called.site, exit or NEXT)}
        source = Source(self._written(here, name), "return", exit, counted)
        self._put(here, name, SetVariables(results, caller.named(following)), source)

    def _put_entry(
        self, here: _Instance, name: NodeName, into: _Instance, kind: str, call: CallFlow | None
    ) -> None:
        """Come to the beginning of a flow, its variables as they are at first or as given."""
        given = () if call is None else call.given
        changes = tuple(_entry_changes(here, into, given))
        ways = None if call is None else dict[str, tuple[str, str]]()
        source = Source(self._written(here, name), kind, into.flow.name, ways)
        self._put(here, name, SetVariables(changes, into.named(into.flow.start)), source)

    def _put(
        self, here: _Instance, name: NodeName, node: Node, source: Source | None = None
    ) -> None:
        at = here.named(name)
        self.nodes[at] = node
        self.places[at] = here.flow.places[name]
        if source is None and here.prefix:
            source = Source(self._written(here, name))
        if source is not None:
            self.sources[at] = source

    def _written(self, here: _Instance, name: NodeName) -> str:
        flow = here.flow.name
        return name if flow == self._first else f"{flow}/{name}"

    def _is_open(self, here: _Instance, name: NodeName, jump: CallFlow | GotoFlow) -> bool:
        return jump.flow in self._flows and (here.flow.name, name) not in self._cut


def _entry_changes(here: _Instance, into: _Instance, given: Collection[Change]) -> Iterator[Change]:
    arguments = {each.index: each.to for each in given}
    for index, variable in enumerate(into.flow.variables):
        to = arguments.get(index, variable.default)
        slot = into.slots[index]
        if isinstance(to, Expression):
            # One that comes to nothing leaves its variable as it was: at its default, not at what
            # an earlier call left there.
            yield Change(variable.name, slot, variable.default)
            yield Change(variable.name, slot, to.moved(here.slots))
        else:
            yield Change(variable.name, slot, moved(to, here.slots))
