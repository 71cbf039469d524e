"""Checks of flows that call one another: exits, circles of calls, returns to nowhere, limits."""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from ivr.flow.check_ways import check_ways
from ivr.flow.expand import (
    ALL_VARIABLES_MAX,
    COPIED_NODES_MAX,
    DEPTH_MAX,
    CallSite,
    LaidOut,
    Limit,
    TooMuch,
    laid_out,
)
from ivr.flow.model import Flow, NodeName
from ivr.flow.problems import Code, Place, Problems, closest, did_you_mean, listing, quoted
from ivr.flow.written import (
    CallFlow,
    CallPlaces,
    GotoFlow,
    Return,
    Written,
    WrittenFlow,
    exits_of,
    flows_along,
)

FLOWS_SHOWN_MAX = 8
"""Flows of a circle named in a message; more would not be read."""

Calls = Mapping[str, tuple[tuple[str, NodeName, bool], ...]]
"""For each flow those it calls or goes to, by which node, and whether it comes back."""


def check_exits(flows: Written, callers: Collection[str], problems: Problems) -> None:
    """Each call of these flows leads on by each exit it can come back by, and by no other."""
    known: dict[str, _Exits] = {}
    for name in callers:
        flow = flows[name]
        for node, jump in flow.jumps.items():
            if isinstance(jump, CallFlow) and jump.flow in flows:
                if jump.flow not in known:
                    known[jump.flow] = _exits(flows, jump.flow)
                _check_call(jump, known[jump.flow], flow.calls[node], problems)


class _Exits(NamedTuple):
    """Of one flow; perhaps not all of them where something in it could not be read."""

    names: tuple[str, ...]
    is_known: bool


def _exits(flows: Written, called: str) -> _Exits:
    along = flows_along(flows, called)
    return _Exits(exits_of(flows, along), all(flows[each].is_readable for each in along))


def _check_call(call: CallFlow, returns: _Exits, places: CallPlaces, problems: Problems) -> None:
    exits, is_known = returns
    if not exits and is_known:
        problems.warn(
            Code.SUBFLOW_NEVER_RETURNS,
            places.node,
            f"The flow {quoted(call.flow)} has no way back here: it never comes to a return.",
            f"Write `goto: {{flow: {call.flow}}}`, or lead a way of that flow to a return.",
        )
        return
    named = [each for each in exits if each]
    meant = {closest(each, named) for each in places.on if each not in named}
    if is_known:
        for written, place in places.on.items():
            if written not in named:
                _report_unknown(call.flow, written, place, named, problems)
        if places.next is not None and "" not in exits:
            _report_useless_next(call.flow, places.next, named, problems)
    for exit in exits:
        is_there = exit in places.on if exit else places.next is not None
        if not is_there and exit not in meant and ("on" if exit else "next") not in places.meant:
            _report_missing(call.flow, exit, places.node, problems)


def _report_unknown(
    flow: str, written: str, place: Place, exits: Collection[str], problems: Problems
) -> None:
    problems.error(
        Code.SUBFLOW_EXIT_UNKNOWN,
        place,
        f"The flow {quoted(flow)} never returns by an exit {quoted(written)}.",
        did_you_mean(
            written,
            exits,
            otherwise=f"Its exits are: {listing(exits)}."
            if exits
            else "Write `next:` here instead: its returns have no exit.",
        ),
    )


def _report_useless_next(
    flow: str, place: Place, exits: Collection[str], problems: Problems
) -> None:
    problems.error(
        Code.SUBFLOW_EXIT_UNKNOWN,
        place,
        f"The flow {quoted(flow)} never returns without an exit, so `next` is never gone.",
        f"Lead on by its exits, under `on:`: {listing(exits)}.",
    )


def _report_missing(flow: str, exit: str, place: Place, problems: Problems) -> None:
    problems.error(
        Code.SUBFLOW_EXIT_MISSING,
        place,
        f"This node does not say where a caller goes when {flow} returns by {quoted(exit)}."
        if exit
        else f"This node does not say where a caller goes when {flow} returns.",
        f"Add `{exit}: <node>` under `on:`." if exit else "Add `next: <node>`.",
    )


def check_returns(flows: Written, first: str, problems: Problems) -> None:
    """No flow in which a caller can be without having been called comes to a return."""
    for name in flows_along(flows, first):
        flow = flows[name]
        for node, jump in flow.jumps.items():
            if isinstance(jump, Return):
                problems.error(
                    Code.RETURN_OUTSIDE,
                    flow.places[node],
                    f"A caller comes into the flow {quoted(name)} without a call, so there is "
                    "nowhere to return to.",
                    "End it with a hangup or a goto, or enter it by `subflow:` alone.",
                )


def check_circles(flows: Written, problems: Problems) -> frozenset[CallSite]:
    """Report flows that call themselves in the end; gives the calls that close the circles."""
    calls = _calls(flows)
    circle_of = _circles(calls)
    closing: set[CallSite] = set()
    told: set[int] = set()
    for name, ways in calls.items():
        for to, node, comes_back in ways:
            if not comes_back or circle_of[name] != circle_of[to]:
                continue
            closing.add((name, node))
            if circle_of[name] not in told:
                told.add(circle_of[name])
                _report_circle(flows[name], node, _way(calls, to, name), problems)
    return frozenset(closing)


def _report_circle(
    flow: WrittenFlow, node: NodeName, way: tuple[str, ...], problems: Problems
) -> None:
    between = listing(map(quoted, (flow.name, *way[:-1])), shown_max=FLOWS_SHOWN_MAX)
    round_ = f"{between}, {quoted(way[-1])}"
    problems.error(
        Code.SUBFLOW_CIRCLE,
        flow.places[node],
        f"The flow {quoted(flow.name)} calls itself in the end: {round_}.",
        "Let one of them go on by `goto: {flow: ...}`, which never comes back, or repeat within "
        "one flow.",
    )


def check_laid_out(
    flows: Written, first: str, closing: Collection[CallSite], problems: Problems
) -> LaidOut | None:
    """All that a caller of ``first`` can come to, proven to end; None where it is too much."""
    laid = laid_out(flows, first, closing)
    if isinstance(laid, TooMuch):
        _report_limit(flows, laid, problems)
        return None
    check_ways(laid.flow.nodes, laid.places, problems, written=written_names(laid.flow))
    return laid


def check_alone(flow: WrittenFlow, problems: Problems) -> None:
    """The same for a flow that nobody enters, without those it calls."""
    laid = laid_out({flow.name: flow}, flow.name, [(flow.name, each) for each in flow.jumps])
    if isinstance(laid, LaidOut):
        check_ways(laid.flow.nodes, laid.places, problems, written=written_names(laid.flow))


def written_names(flow: Flow) -> Mapping[NodeName, str]:
    """The name of each node as its author knows it."""
    return {name: flow.sources[name].node if name in flow.sources else name for name in flow.nodes}


_TOO_MUCH = {
    Limit.DEPTH: f"Subflows call one another more than {DEPTH_MAX} deep here.",
    Limit.NODES: "All calls of subflows, each with a copy of its flow, come to more than "
    f"{COPIED_NODES_MAX} nodes here.",
    Limit.VARIABLES: "All calls of subflows, each with its own variables, come to more than "
    f"{ALL_VARIABLES_MAX} variables here.",
}


def _report_limit(flows: Written, beyond: TooMuch, problems: Problems) -> None:
    name, node = beyond.at
    flow = flows[name]
    problems.error(
        Code.SUBFLOW_LIMIT,
        flow.places.get(node, flow.place),
        _TOO_MUCH[beyond.limit],
        "Go on with `goto: {flow: ...}` where nobody has to come back, or call fewer flows.",
    )


def _calls(flows: Written) -> Calls:
    return {
        name: tuple(
            (jump.flow, node, isinstance(jump, CallFlow))
            for node, jump in flow.jumps.items()
            if isinstance(jump, CallFlow | GotoFlow) and jump.flow in flows
        )
        for name, flow in flows.items()
    }


def _circles(calls: Calls) -> Mapping[str, int]:
    """Flows that lead to one another have one number: Tarjan's walk, without recursion."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    number: dict[str, int] = {}
    open_flows: list[str] = []
    for root in calls:
        if root in order:
            continue
        path: list[tuple[str, Iterator[tuple[str, NodeName, bool]]]] = []
        _open(root, order, low, open_flows)
        path.append((root, iter(calls[root])))
        while path:
            here, ways = path[-1]
            way = next(ways, None)
            if way is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[here])
                if low[here] == order[here]:
                    _close(here, order[here], number, open_flows)
            elif way[0] not in order:
                _open(way[0], order, low, open_flows)
                path.append((way[0], iter(calls[way[0]])))
            elif way[0] not in number:
                low[here] = min(low[here], order[way[0]])
    return number


def _open(name: str, order: dict[str, int], low: dict[str, int], open_flows: list[str]) -> None:
    order[name] = low[name] = len(order)
    open_flows.append(name)


def _close(name: str, as_number: int, number: dict[str, int], open_flows: list[str]) -> None:
    while name not in number:
        number[open_flows.pop()] = as_number


def _way(calls: Calls, source: str, target: str) -> tuple[str, ...]:
    """The shortest way from one flow to another, both named."""
    before: dict[str, str | None] = {source: None}
    ahead = deque([source])
    while target not in before:
        here = ahead.popleft()
        for to, _, _ in calls[here]:
            if to not in before:
                before[to] = here
                ahead.append(to)
    way: list[str] = []
    at: str | None = target
    while at is not None:
        way.append(at)
        at = before[at]
    return tuple(reversed(way))
