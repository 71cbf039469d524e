"""By which ways a caller can leave a node: the flow as a graph.

Whatever walks flows without playing them (the checks, the picture, the coverage of caller tests)
takes the ways from here, so that a new kind of node is drawn, counted and proven once it has its
case below.
"""

from dataclasses import dataclass
from typing import assert_never

from ivr.flow.model import (
    Branch,
    Collect,
    EnterQueue,
    HangUp,
    Hours,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    Say,
    SetLanguage,
    SetVariables,
)

NEXT = "next"
"""The label of a way that is the only one."""

ELSE = "else"
"""The label of a branch's way when none of its conditions holds; theirs are the conditions."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a node: what leads to it (a key, ``noinput``, a queue's exit), where to."""

    label: str
    to: NodeName


def ways_out(node: Node) -> tuple[Way, ...]:
    """Every way out of this node, in the order in which an author writes them; none at an end."""
    match node:
        case Play(next=following) | Say(next=following) | MakeWorkOrder(next=following):
            return (Way(NEXT, following),)
        case SetLanguage(next=following) | SetVariables(next=following):
            return (Way(NEXT, following),)
        case Branch(cases=cases, otherwise=otherwise):
            chosen = tuple(Way(each.condition.text, each.then) for each in cases)
            return (*chosen, Way(ELSE, otherwise))
        case Menu(choices=choices, noinput=noinput, nomatch=nomatch):
            chosen = tuple(Way(key, to) for key, to in choices.items())
            return (*chosen, Way("noinput", noinput.then), Way("nomatch", nomatch.then))
        case Collect(next=following, noinput=noinput, nomatch=nomatch):
            tried = (Way("noinput", noinput.then), Way("nomatch", nomatch.then))
            return (Way(NEXT, following), *tried)
        case Hours(on=ways):
            return tuple(Way(each.value, to) for each, to in ways.items())
        case EnterQueue(on=exits):
            return tuple(Way(each.value, to) for each, to in exits.items())
        case HangUp():
            return ()
        case _:
            assert_never(node)
