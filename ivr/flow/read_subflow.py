"""Reads ``subflow``: which flow is gone through, with what, and where its exits lead."""

from collections.abc import Mapping

from ivr.flow.conditions import Expression
from ivr.flow.expression_terms import CALLED
from ivr.flow.keys import Form, Inner, Key, Name, Named, NameOf, Shape
from ivr.flow.model import Change, Held, NodeName
from ivr.flow.node_parts import NodeParts, all_values
from ivr.flow.problems import Code, Place, did_you_mean, listing, quoted
from ivr.flow.read_expressions import expression, result, slot_of
from ivr.flow.read_goto import FLOW_NAME, flow_named
from ivr.flow.read_variables import VARIABLE_NAME, WRITTEN
from ivr.flow.shape import Fields
from ivr.flow.sms_length import utf16_units
from ivr.flow.values import LANGUAGE, Kind, Slot, Value, Variable
from ivr.flow.written import CallFlow, CallPlaces, Jump
from ivr.flow.yaml_tree import Entry, Scalar, Tree

_VARIABLE = Form(VARIABLE_NAME, "a variable")
_NODE = Name(NameOf.NODE)
SUBFLOW = Shape(
    "subflow",
    (
        Key("flow", "the flow to go through", required=True, value=FLOW_NAME),
        Key(
            "with",
            "what its variables begin with: an expression for each, a text in quotes of its own",
            value=Named(WRITTEN, key=_VARIABLE),
        ),
        Key(
            "into",
            "what comes back: a variable of this flow, and the one of that flow",
            value=Named(_VARIABLE, key=_VARIABLE),
        ),
    ),
)
SUBFLOW_NODE = Shape(
    "a subflow node",
    (
        Key("subflow", "another flow, and then back here", value=Inner(SUBFLOW)),
        Key("next", "the node that follows a return without exit", value=_NODE),
        Key("on", "the node that follows each exit of its returns", value=Named(_NODE)),
    ),
)


def read_subflow(parts: NodeParts, fields: Fields, inner: Tree) -> Jump | None:
    """A ``subflow`` node; its exits are checked once all flows are read."""
    following = parts.target(fields, "next")
    on = _ways(parts, fields)
    asked = parts.read.fields(inner, SUBFLOW)
    written = None if asked is None else asked.value("flow")
    flow = None if written is None else flow_named(parts, written)
    if asked is None or flow is None or on is None:
        return None
    theirs = parts.flows[flow].variables
    given = _given(parts, asked, flow, theirs)
    taken = _taken(parts, asked, flow, theirs)
    is_lost = following is None and fields.value("next") is not None
    if given is None or taken is None or is_lost:
        return None
    return CallFlow(flow, given, taken, on, following)


def _ways(parts: NodeParts, fields: Fields) -> Mapping[str, NodeName] | None:
    """The ways by exit; where each is written goes into the draft."""
    written = fields.value("on")
    table = None if written is None else parts.read.table(written, "on", keys=("ok",))
    ways: dict[str, NodeName | None] = {}
    places: dict[str, Place] = {}
    for entry in () if table is None else table.entries:
        exit = parts.read.name(entry.key, "an exit of a subflow")
        target = parts.node_name(entry.value, f"the exit {quoted(entry.key.text)}")
        ways[entry.key.text] = None if exit is None else target
        places[entry.key.text] = entry.key.place
    following = fields.place_of("next") if fields.value("next") is not None else None
    # A misspelt ``on`` or ``next`` is told as such, and not as missing too.
    parts.note_call(CallPlaces(fields.place, following, places, fields.meant))
    return None if written is not None and table is None else all_values(ways)


def _given(
    parts: NodeParts, asked: Fields, flow: str, theirs: Mapping[str, Slot] | None
) -> tuple[Change, ...] | None:
    changes: list[Change | None] = []
    for entry in _entries(parts, asked, "with"):
        slot = _their_slot(parts, entry.key, flow, theirs)
        to = None if slot is None else _argument(parts, entry, slot.variable)
        changes.append(
            None if slot is None or to is None else Change(entry.key.text, slot.index, to)
        )
    return _all(changes)


def _taken(
    parts: NodeParts, asked: Fields, flow: str, theirs: Mapping[str, Slot] | None
) -> tuple[Change, ...] | None:
    changes: list[Change | None] = []
    for entry in _entries(parts, asked, "into"):
        ours = slot_of(parts, entry.key.text, entry.key.place, secret=True)
        written = parts.read.scalar(entry.value, f"what comes back into {entry.key.text}")
        slot = None if written is None else _their_slot(parts, written, flow, theirs)
        if ours is None or slot is None or not _fits(parts, entry, slot.variable, ours.variable):
            changes.append(None)
        else:
            held = Held(slot.variable.name, slot.index)
            changes.append(Change(ours.variable.name, ours.index, held))
    return _all(changes)


def _entries(parts: NodeParts, asked: Fields, key: str) -> tuple[Entry, ...]:
    written = asked.value(key)
    table = None if written is None else parts.read.table(written, key, keys=("known",))
    return () if table is None else table.entries


def _all(changes: list[Change | None]) -> tuple[Change, ...] | None:
    good = tuple(each for each in changes if each is not None)
    return good if len(good) == len(changes) else None


def _their_slot(
    parts: NodeParts, written: Scalar, flow: str, theirs: Mapping[str, Slot] | None
) -> Slot | None:
    """The variable of this name in the called flow."""
    if theirs is None or written.text in theirs or parts.problems.full(written.place.file):
        return None if theirs is None else theirs.get(written.text)
    parts.problems.error(
        Code.UNKNOWN_VARIABLE,
        written.place,
        f"There is no variable {quoted(written.text)} in the flow {quoted(flow)}.",
        did_you_mean(
            written.text,
            tuple(theirs),
            otherwise=f"Declare it under `vars:` of that flow; there are: {listing(theirs)}.",
        ),
    )
    return None


def _argument(parts: NodeParts, entry: Entry, theirs: Variable) -> Value | Held | Expression | None:
    """What a variable of the called flow begins with: one of ours, a value, or a sum."""
    what = f"the value of {theirs.name}"
    written = parts.read.scalar(entry.value, what)
    if written is None or parts.variables is None:
        return None
    ours = parts.variables.get(written.text)
    if ours is not None:
        parts.used.add(written.text)
        fits = _fits(parts, entry, ours.variable, theirs)
        return Held(written.text, ours.index) if fits else None
    if theirs.kind is Kind.SECRET:
        _types_differ(parts, entry, theirs, "only a secret of this flow can be handed on to it")
        return None
    sum_ = expression(parts, entry.value, what, wanted=theirs.kind)
    if sum_ is None:
        return None
    if sum_.names:
        return sum_ if _chosen_language_fits(parts, entry, sum_, theirs) else None
    value = result(sum_, written, parts.problems)
    return value if value is not None and _is_held(parts, entry, value, theirs) else None


def _chosen_language_fits(
    parts: NodeParts, entry: Entry, sum_: Expression, theirs: Variable
) -> bool:
    if theirs.kind is not Kind.TEXT or sum_.names != (LANGUAGE,) or not theirs.choices:
        return True
    spoken = Variable(LANGUAGE, Kind.TEXT, "", tuple(parts.languages or theirs.choices))
    return _fits(parts, entry, spoken, theirs)


def _is_held(parts: NodeParts, entry: Entry, value: Value, theirs: Variable) -> bool:
    """Whether the variable can hold this text; any number or yes or no it can."""
    if not isinstance(value, str):
        return True
    if theirs.choices and value not in theirs.choices:
        parts.problems.error(
            Code.VALUE_UNKNOWN,
            entry.value.place,
            f"The variable {quoted(theirs.name)} is never {quoted(value)}.",
            did_you_mean(value, theirs.choices, otherwise=f"It can be: {listing(theirs.choices)}."),
        )
        return False
    if (length := utf16_units(value)) <= theirs.chars_max:
        return True
    parts.problems.error(
        Code.BAD_TEXT,
        entry.value.place,
        f"This text has {length} characters; the variable holds {theirs.chars_max}.",
        "Write a shorter text.",
    )
    return False


def _fits(parts: NodeParts, entry: Entry, source: Variable, target: Variable) -> bool:
    """Whether all that one variable can be, the other can hold."""
    if source.kind is not target.kind:
        _types_differ(parts, entry, target, f"{source.name} is {CALLED[source.kind]}")
        return False
    possible = {*source.choices, str(source.default)} if source.choices else set[str]()
    allowed = {*target.choices, str(target.default)}
    if target.choices and (not possible or not possible <= allowed):
        _types_differ(parts, entry, target, f"{source.name} can be other texts than it may hold")
        return False
    if not source.choices and source.chars_max > target.chars_max:
        longest = f"{source.name} can be longer than the {target.chars_max} characters it may hold"
        _types_differ(parts, entry, target, longest)
        return False
    return True


def _types_differ(parts: NodeParts, entry: Entry, target: Variable, why: str) -> None:
    parts.problems.error(
        Code.TYPES_DIFFER,
        entry.value.place,
        f"The variable {quoted(target.name)} is {CALLED[target.kind]}, and {why}.",
        "Give both the same type, and the same `values` or `max` where they have some.",
    )
