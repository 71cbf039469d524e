"""Says where a flow would hold its callers for ever, and where it asks too much of them."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from ivr.flow.cycles import silent_cycles
from ivr.flow.model import Branch, EnterQueue, Menu, Node, NodeName, SetVariables
from ivr.flow.problems import Code, Place, Problems, Severity, listing, quoted
from ivr.flow.proofs import Hold, circles

CYCLE_NODES_SHOWN_MAX = 8
"""Nodes of a cycle named in a message; more would not be read."""

CHOICES_MAX = 5
"""Choices of a menu that a caller still has in her ear when the last one is said."""

ANYTHING_ELSE_KEY = "0"
"""Means *anything else* on every hotline; nobody has to keep it in mind."""

CYCLES_TOLD_MAX = 100
"""Circles of one flow that are walked to be told; a tangle has more of them than nodes."""


class _Words(NamedTuple):
    code: Code
    message: str
    remedy: str
    severity: Severity = Severity.ERROR


_OVERFLOWING = _Words(
    Code.OVERFLOW_CYCLE,
    "A caller whom nobody can take goes round these nodes without a word",
    "Lead one of these ways out to a node that says something and goes elsewhere.",
)
_SILENT = _Words(
    Code.SILENT_CYCLE,
    "These nodes go round without a word to the caller",
    "Lead one of these nodes elsewhere.",
)
_HELD: Mapping[Hold, _Words] = {
    Hold.PLAYED_TO: _Words(
        Code.CALLER_TRAP,
        "A caller can be sent round these nodes for ever, neither asked nor waiting for anybody",
        "Lead one of them elsewhere, or put a menu with a way out between them.",
    ),
    Hold.NO_WAY_OUT: _Words(
        Code.NO_WAY_OUT,
        "Whatever a caller presses here, she meets neither a human nor a work order nor a goodbye",
        "Lead one of these ways to a queue, a work_order or a hangup.",
    ),
    Hold.SILENT: _Words(
        Code.NOINPUT_NEVER_ENDS,
        "A caller who presses nothing can go round these nodes for ever",
        "Lead `noinput`, or another of these ways, on to where the call ends.",
    ),
    Hold.ERRING: _Words(
        Code.NOMATCH_NEVER_ENDS,
        "A caller who presses only wrong keys can go round these nodes for ever",
        "Lead `nomatch`, or another of these ways, on to where the call ends.",
    ),
    Hold.WAITING: _Words(
        Code.ENDLESS_WAIT,
        "A caller whom nobody takes can wait round and round",
        "Lead one `timed_out` to a work order or a goodbye.",
        Severity.WARNING,
    ),
}


def check_ways(
    nodes: Mapping[NodeName, Node],
    places: Mapping[NodeName, Place],
    problems: Problems,
    *,
    written: Mapping[NodeName, str],
) -> None:
    """Report the circles of a flow that hold a caller, each node by the name it is ``written``."""
    told: set[NodeName] = set()
    for cycle in islice(silent_cycles(nodes), CYCLES_TOLD_MAX):
        overflows = any(isinstance(nodes[name], EnterQueue) for name in cycle)
        told.update(cycle)
        words = _OVERFLOWING if overflows else _SILENT
        if not _tell(words, [written[each] for each in cycle], _first(cycle, places), problems):
            return
    for circle in circles(nodes, trusted=_counting(nodes)):
        if told.isdisjoint(circle.nodes):
            names = [written[each] for each in circle.nodes]
            _tell(_HELD[circle.hold], names, _first(circle.nodes, places), problems)


def _counting(nodes: Mapping[NodeName, Node]) -> list[NodeName]:
    """The branches that may lead out of a circle in time: those of a flow that changes values."""
    if not any(isinstance(node, SetVariables) and node.changes for node in nodes.values()):
        return []
    return [name for name, node in nodes.items() if isinstance(node, Branch)]


def _first(cycle: Iterable[NodeName], places: Mapping[NodeName, Place]) -> Place:
    return min(places[name] for name in cycle)


def _tell(words: _Words, cycle: Iterable[str], place: Place, problems: Problems) -> bool:
    """Whether there was still room to tell it."""
    if problems.full(place.file):
        return False
    way = listing((quoted(name) for name in cycle), shown_max=CYCLE_NODES_SHOWN_MAX)
    report = problems.warn if words.severity is Severity.WARNING else problems.error
    report(words.code, place, f"{words.message}: {way}.", words.remedy)
    return True


def check_menus(
    nodes: Mapping[NodeName, Node], places: Mapping[NodeName, Place], problems: Problems
) -> None:
    """Warn of menus with too many choices."""
    for name, node in nodes.items():
        if isinstance(node, Menu) and len(node.choices.keys() - {ANYTHING_ELSE_KEY}) > CHOICES_MAX:
            problems.warn(
                Code.MENU_TOO_LONG,
                places[name],
                f"The menu {quoted(name)} has {len(node.choices)} choices; by the last one a "
                "caller has forgotten the first.",
                f"Keep to {CHOICES_MAX}: move the rarer ones into a menu of their own.",
            )
