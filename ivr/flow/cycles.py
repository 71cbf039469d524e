"""Finds nodes that pass a caller round and round within one moment.

A node passes on at once when it neither speaks nor waits: ``set``, ``branch`` and ``hours`` by
each of their ways, ``work_order``, ``message``, and a queue by its exits but ``timed_out``.
The interpreter would end such a contact at its limit of steps; here the author is told before a
caller meets it. A queue's ``timed_out`` is no such way: a wait lies before it.
"""

from collections.abc import Iterator, Mapping

from ivr.flow.model import (
    LIKE_FULL,
    Branch,
    EnterQueue,
    Hours,
    MakeWorkOrder,
    Node,
    NodeName,
    QueueExit,
    SetLanguage,
    SetVariables,
    TextMessage,
)
from ivr.flow.ways import ways_out

AT_ONCE = (QueueExit.FULL, QueueExit.NO_AGENTS, *LIKE_FULL)


def silent_cycles(nodes: Mapping[NodeName, Node]) -> Iterator[tuple[NodeName, ...]]:
    """Each way round that a walk from the first node to the last meets, from its first node on.

    Not every combination of ways is named: two cycles that share a part may be told as one, and
    the other when that one is mended. Linear in the number of ways.
    """
    done: set[NodeName] = set()
    for root in nodes:
        if root in done:
            continue
        path: dict[NodeName, Iterator[NodeName]] = {root: iter(_at_once(nodes[root]))}
        while path:
            here = next(reversed(path))
            following = next(path[here], None)
            if following is None:
                del path[here]
                done.add(here)
            elif following in path:
                names = list(path)
                yield tuple(names[names.index(following) :])
            elif following in nodes and following not in done:
                path[following] = iter(_at_once(nodes[following]))


def _at_once(node: Node) -> tuple[NodeName, ...]:
    match node:
        case SetLanguage(next=following) | MakeWorkOrder(next=following):
            return (following,)
        case SetVariables(next=following):
            return (following,)
        case Branch() | Hours() | TextMessage():
            return tuple(dict.fromkeys(way.to for way in ways_out(node)))
        case EnterQueue(on=exits):
            return tuple(dict.fromkeys(exits[each] for each in AT_ONCE if each in exits))
        case _:
            return ()
