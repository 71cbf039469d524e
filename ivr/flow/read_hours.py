"""Reads the ``hours`` node, and the switch that closes a hotline by hand."""

from collections.abc import Mapping

from ivr.flow.keys import Inner, Key, Name, NameOf, Shape, Text
from ivr.flow.model import Hours, Node, NodeName
from ivr.flow.node_parts import NodeParts, all_values
from ivr.flow.opening import Opening
from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.shape import Fields, Reader, is_nothing
from ivr.flow.yaml_tree import Scalar, Tree

MUST_LEAD = (Opening.OPEN, Opening.CLOSED)
"""The ways that an author has to write; ``closed`` stands in for the others."""

_ABOUT = {
    Opening.OPEN: "the node that follows while it is open",
    Opening.CLOSED: "the node that follows while it is closed",
    Opening.HOLIDAY: "the node that follows on a holiday; as `closed` if left out",
    Opening.EMERGENCY: "the node that follows while the hotline is closed by hand; "
    "as `closed` if left out",
}

HOURS = Shape(
    "hours",
    (
        Key(
            "calendar",
            "a calendar of this hotline, or of the site",
            required=True,
            value=Name(NameOf.CALENDAR),
        ),
    ),
)
HOURS_ON = Shape(
    "on",
    tuple(
        Key(each.value, _ABOUT[each], value=Name(NameOf.NODE), needed=each in MUST_LEAD)
        for each in Opening
    ),
)
HOURS_NODE = Shape(
    "an hours node",
    (
        Key("hours", "by which calendar", value=Inner(HOURS)),
        Key("on", "the ways out", value=Inner(HOURS_ON), needed=True),
    ),
)
CLOSURE = Shape("closed", (Key("reason", "why, for people to read", required=True, value=Text()),))
CLOSED = Key("closed", "closes the hotline by hand while it is there", value=Inner(CLOSURE))


def read_hours(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """An ``hours`` node."""
    asked = parts.read.fields(inner, HOURS)
    written = None if asked is None else asked.value("calendar")
    calendar = None if written is None else parts.names.calendar(written)
    ways = _ways(parts, fields)
    if calendar is None or ways is None:
        return None
    return Hours(calendar, ways)


def _ways(parts: NodeParts, fields: Fields) -> Mapping[Opening, NodeName] | None:
    written = fields.value("on")
    on = Fields(fields.place, {}) if written is None else parts.read.fields(written, HOURS_ON)
    if on is None:
        return None
    ways: dict[Opening, NodeName | None] = {}
    for each in Opening:
        if on.value(each.value) is not None:
            ways[each] = parts.target(on, each.value)
        elif each in MUST_LEAD:
            ways[each] = None
            if each.value not in on.meant and "on" not in fields.meant:
                parts.problems.error(
                    Code.HOURS_EXIT_MISSING,
                    fields.place_of("on"),
                    f"This hours node does not say where a caller goes while it is {each.value}.",
                    f"Add `{each.value}: <node>` under `on:`.",
                )
    return all_values(ways)


def read_closure(fields: Fields, read: Reader) -> str | None:
    """Why the hotline is closed by hand; None while it is not."""
    written = fields.value(CLOSED.name)
    if written is None:
        return None
    if isinstance(written, Scalar) and not is_nothing(written):
        read.problems.error(
            Code.WRONG_TYPE,
            written.place,
            "Closing a hotline by hand takes a reason, for whoever wonders later.",
            "Write `closed: {reason: storm}`, or remove the key where the hotline is not closed.",
        )
        return None
    closure = read.fields(written, CLOSURE)
    reason = None if closure is None else closure.value("reason")
    return None if reason is None else read.text(reason, "the reason")


def check_closure(
    reason: str, nodes: Mapping[NodeName, Node], place: Place, problems: Problems
) -> None:
    """Say that a hotline is closed by hand, and refuse a switch that would change nothing."""
    if any(isinstance(node, Hours) for node in nodes.values()):
        problems.warn(
            Code.CLOSED_BY_HAND,
            place,
            f"This hotline is closed by hand ({quoted(reason)}): every hours node leads to "
            "`emergency`, else to `closed`.",
            "Remove `closed:` when it shall open again.",
        )
        return
    problems.error(
        Code.CLOSED_WITHOUT_HOURS,
        place,
        "This hotline is closed by hand, but has no hours node where a caller would notice.",
        "Begin the flow with an hours node, and lead its `emergency` to what callers shall hear.",
    )
