"""Flows as authors write them: nodes, and between them the jumps from flow to flow.

The interpreter knows one flat flow and no jump: ``ivr.flow.expand`` makes the one of the other
when a site is loaded. Decision: docs/decisions/0016.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.flow.model import Change, Node, NodeName
from ivr.flow.problems import Place
from ivr.flow.values import Slot, Variable


@dataclass(frozen=True, slots=True)
class Goto:
    """Go on at another node of this flow; silent."""

    to: NodeName


@dataclass(frozen=True, slots=True)
class GotoFlow:
    """Go on in another flow from its beginning, and never come back here; silent.

    ``flow`` is the qualified name, as everywhere: ``name``, or ``shared/name``.
    """

    flow: str


@dataclass(frozen=True, slots=True)
class CallFlow:
    """Go through another flow and come back; silent.

    ``given`` says what the called flow's variables begin with: places of its own, what stands
    there over the caller's. ``taken`` says what comes back: places of the caller's, from the
    called flow's. ``on`` leads on by the exit of the return, ``next`` by one without exit.
    """

    flow: str
    given: tuple[Change, ...] = ()
    taken: tuple[Change, ...] = ()
    on: Mapping[str, NodeName] = field(default_factory=dict[str, NodeName])
    next: NodeName | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Go back to where this flow was called, by this exit; silent."""

    exit: str = ""


Jump = Goto | GotoFlow | CallFlow | Return
"""A node that is there only while a flow is written down."""


@dataclass(frozen=True, slots=True)
class CallPlaces:
    """Where the parts of a ``subflow`` node are written, for checks that need the called flow.

    ``meant`` are exits whose way could not be read, and so is not missing.
    """

    node: Place
    next: Place | None
    on: Mapping[str, Place]
    meant: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WrittenFlow:
    """One flow as far as it could be read; ``places`` has each of its nodes, good or bad.

    ``start`` is None where it is missing or unknown. ``is_whole`` says that nothing in it is wrong
    by itself. ``asks_caller`` that an expression in it asks whether the caller is known, which
    then lies behind its last variable.
    """

    name: str
    place: Place
    start: NodeName | None
    nodes: Mapping[NodeName, Node]
    jumps: Mapping[NodeName, Jump]
    places: Mapping[NodeName, Place]
    calls: Mapping[NodeName, CallPlaces]
    variables: tuple[Variable, ...]
    asks_caller: bool
    is_whole: bool

    @property
    def is_readable(self) -> bool:
        """Whether every node of it says where it leads."""
        return len(self.nodes) + len(self.jumps) == len(self.places)

    def local(self) -> str:
        """Its name within its file."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class FlowHead:
    """What is known of a flow before its nodes are read: its variables, None if unreadable.

    One that is called ``shared/`` stands for all of a file that could not be read.
    """

    variables: Mapping[str, Slot] | None


Written = Mapping[str, WrittenFlow]
"""Flows by their qualified names."""


def flows_along(flows: Written, first: str) -> tuple[str, ...]:
    """This flow and those that it goes to for good, in the order of the jumps."""
    return _reached(flows, first, (GotoFlow,))


def flows_used(flows: Written, first: str) -> tuple[str, ...]:
    """This flow and all that a caller who begins in it can come to."""
    return _reached(flows, first, (GotoFlow, CallFlow))


def exits_of(flows: Written, along: Iterable[str]) -> tuple[str, ...]:
    """By which exits a call comes back that leads along these; the one without name is ``""``."""
    found: dict[str, None] = {}
    for name in along:
        for jump in flows[name].jumps.values():
            if isinstance(jump, Return):
                found[jump.exit] = None
    return tuple(found)


def _reached(
    flows: Written, first: str, kinds: tuple[type[GotoFlow | CallFlow], ...]
) -> tuple[str, ...]:
    reached: dict[str, None] = {first: None} if first in flows else {}
    ahead = list(reached)
    while ahead:
        for jump in flows[ahead.pop(0)].jumps.values():
            if isinstance(jump, kinds) and jump.flow in flows and jump.flow not in reached:
                reached[jump.flow] = None
                ahead.append(jump.flow)
    return tuple(reached)
