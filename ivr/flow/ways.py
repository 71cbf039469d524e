"""By which ways a caller can leave a node: the flow as a graph.

Whatever walks flows without playing them (the checks, the picture, the coverage of caller tests)
takes the ways from here, so that a new kind of node is drawn, counted and proven once it has its
case below.
"""

from dataclasses import dataclass
from typing import assert_never

from ivr.flow.model import (
    AskQuestion,
    Branch,
    Collect,
    EnterQueue,
    Flow,
    HangUp,
    Hours,
    Lookup,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    Record,
    Say,
    SetLanguage,
    SetVariables,
    TextMessage,
    TransferOutside,
)

NEXT = "next"
"""The label of a way that is the only one."""

ELSE = "else"
"""The label of a branch's way when none of its conditions holds; theirs are the conditions."""

NO_NUMBER = "no_number"
"""The label of a message's way for callers whose number is not known."""

_WAITING_KEY = "key "


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a node: what leads to it (a key, ``noinput``, a queue's exit), where to."""

    label: str
    to: NodeName


def key_label(key: str) -> str:
    """The label of the way by which this key leads a caller who waits."""
    return f"{_WAITING_KEY}{key}"


def is_waiting_key(label: str) -> bool:
    """Whether a way is taken by a key that need never be pressed: who waits may just wait on."""
    return label.startswith(_WAITING_KEY)


def ways_out(node: Node) -> tuple[Way, ...]:
    """Every way out of this node, in the order in which an author writes them; none at an end."""
    match node:
        case Play() | Say() | MakeWorkOrder() | SetLanguage() | SetVariables():
            return (Way(NEXT, node.next),)
        case Branch(cases=cases, otherwise=otherwise):
            chosen = tuple(Way(each.condition.text, each.then) for each in cases)
            return (*chosen, Way(ELSE, otherwise))
        case Menu(choices=choices, noinput=noinput, nomatch=nomatch):
            chosen = tuple(Way(key, to) for key, to in choices.items())
            return (*chosen, Way("noinput", noinput.then), Way("nomatch", nomatch.then))
        case Collect(next=following, noinput=noinput, nomatch=nomatch):
            tried = (Way("noinput", noinput.then), Way("nomatch", nomatch.then))
            return (Way(NEXT, following), *tried)
        case Hours() | Lookup() | Record() | TransferOutside():
            return tuple(Way(each.value, to) for each, to in node.on.items())
        case EnterQueue(on=exits, keys=keys):
            pressed = tuple(Way(key_label(key), to) for key, to in keys.items())
            return (*pressed, *(Way(each.value, to) for each, to in exits.items()))
        case AskQuestion(answers=answers, noinput=noinput, nomatch=nomatch):
            answered = tuple(Way(NEXT, to) for to in dict.fromkeys(answers.values()))
            return (*answered, Way("noinput", noinput.then), Way("nomatch", nomatch.then))
        case TextMessage(next=following, no_number=no_number):
            withheld = () if no_number == following else (Way(NO_NUMBER, no_number),)
            return (Way(NEXT, following), *withheld)
        case HangUp():
            return ()
        case _:
            assert_never(node)


def written_node(flow: Flow, name: NodeName) -> str:
    """The name of this node as its author knows it: the same for each call of its flow."""
    source = flow.sources.get(name)
    return name if source is None else source.node


def written_way(flow: Flow, name: NodeName, label: str) -> tuple[str, str] | None:
    """The written node and the label that a way out of this node counts as; None if as none."""
    source = flow.sources.get(name)
    if source is None or source.ways is None:
        return written_node(flow, name), label
    return source.ways.get(label)
