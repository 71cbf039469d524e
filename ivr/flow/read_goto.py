"""Reads the jumps that carry nothing with them: ``goto``, and the ``return`` of a subflow."""

from ivr.flow.keys import Either, Form, Inner, Key, Name, NameOf, Nothing, Shape
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, did_you_mean, listing, quoted
from ivr.flow.shape import NAME_PATTERN, Fields, is_nothing
from ivr.flow.site import SHARED
from ivr.flow.written import Goto, GotoFlow, Jump, Return
from ivr.flow.yaml_tree import Table, Tree

FLOW_NAME = Either(
    (Name(NameOf.FLOW), Form(rf"{SHARED}/{NAME_PATTERN}", f"`{SHARED}/` and a shared flow"))
)
"""How a node names another flow."""

GOTO = Shape("goto", (Key("flow", "where to go on, for good", required=True, value=FLOW_NAME),))
GOTO_NODE = Shape(
    "a goto node",
    (
        Key(
            "goto",
            "the node that follows, or another flow",
            value=Either((Name(NameOf.NODE), Inner(GOTO))),
        ),
    ),
)
RETURN = Shape(
    "return", (Key("exit", "what came of the subflow, in a word; none if left out", value=Name()),)
)
RETURN_NODE = Shape(
    "a return node",
    (
        Key(
            "return",
            "goes back to where this flow was called",
            value=Either((Inner(RETURN), Nothing())),
        ),
    ),
)


def read_goto(parts: NodeParts, _fields: Fields, inner: Tree) -> Jump | None:
    """A ``goto`` node."""
    if not isinstance(inner, Table):
        to = parts.node_name(inner, "goto")
        return None if to is None else Goto(to)
    asked = parts.read.fields(inner, GOTO)
    written = None if asked is None else asked.value("flow")
    flow = None if written is None else flow_named(parts, written)
    return None if flow is None else GotoFlow(flow)


def read_return(parts: NodeParts, _fields: Fields, inner: Tree) -> Jump | None:
    """A ``return`` node."""
    if is_nothing(inner):
        return Return()
    told = parts.read.fields(inner, RETURN)
    if told is None:
        return None
    written = told.value("exit")
    if written is None:
        return Return()
    exit = parts.read.name(written, "the exit of a return")
    return None if exit is None else Return(exit)


def flow_named(parts: NodeParts, written: Tree) -> str | None:
    """The qualified name of the flow an author means: of her own file, else a shared one."""
    name = parts.read.text(written, "the name of a flow")
    if name is None:
        return None
    for known in (f"{parts.home}{name}", name):
        if known in parts.flows:
            return known
    is_unknowable = name.startswith(f"{SHARED}/") and f"{SHARED}/" in parts.flows
    if is_unknowable or parts.problems.full(written.place.file):
        return None
    names = [each.removeprefix(parts.home) for each in parts.flows]
    parts.problems.error(
        Code.UNKNOWN_FLOW,
        written.place,
        f"There is no flow {quoted(name)}.",
        did_you_mean(name, names, otherwise=f"The flows are: {listing(names)}."),
    )
    return None
