"""A node as it stands elsewhere: leading to other names, holding its variables in other places.

A flow that is called from several places is laid out once for each (``ivr.flow.expand``); the
copies differ in nothing but what this module changes. A new kind of node needs its case here.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import assert_never

from ivr.flow.conditions import Expression
from ivr.flow.model import (
    AskQuestion,
    Branch,
    Case,
    Change,
    Collect,
    EnterQueue,
    HangUp,
    Held,
    Hours,
    Lookup,
    MakeWorkOrder,
    Menu,
    Node,
    NodeName,
    Play,
    Prefer,
    Record,
    Retry,
    Say,
    SetLanguage,
    SetVariables,
    TextMessage,
    TransferOutside,
)
from ivr.flow.values import Value

Rename = Callable[[NodeName], NodeName]
"""From the name of a node as it is written to its name where it is copied to."""

Slots = Mapping[int, int]
"""From the place of a variable among the written flow's values to its place among all values."""


def retargeted(node: Node, rename: Rename, slots: Slots) -> Node:
    """The same node, for other names and other places of its variables."""
    match node:
        case Play() | SetLanguage() | MakeWorkOrder():
            return replace(node, next=rename(node.next))
        case Say(what=what, next=following):
            return replace(node, what=moved(what, slots), next=rename(following))
        case SetVariables(changes=changes, next=following):
            return replace(
                node,
                changes=tuple(moved_change(each, slots) for each in changes),
                next=rename(following),
            )
        case TextMessage(values=values, next=following, no_number=no_number):
            return replace(
                node,
                values=tuple(moved_held(each, slots) for each in values),
                next=rename(following),
                no_number=rename(no_number),
            )
        case Menu() | Collect() | AskQuestion():
            return _retargeted_asking(node, rename, slots)
        case Branch(cases=cases, otherwise=otherwise):
            return Branch(
                tuple(Case(each.condition.moved(slots), rename(each.then)) for each in cases),
                rename(otherwise),
            )
        case Hours() | Record() | EnterQueue() | TransferOutside() | Lookup():
            return _retargeted_exits(node, rename, slots)
        case HangUp():
            return node
        case _:
            assert_never(node)


def retargeted_retry(retry: Retry, rename: Rename) -> Retry:
    """``noinput`` or ``nomatch`` of a node that asks."""
    return replace(retry, then=rename(retry.then))


def moved_change(change: Change, slots: Slots) -> Change:
    """The same change of a variable that lies elsewhere."""
    to = change.to
    return Change(
        change.name,
        slots[change.index],
        to.moved(slots) if isinstance(to, Expression) else moved(to, slots),
    )


def moved(what: Value | Held, slots: Slots) -> Value | Held:
    """A variable in its new place; any other value as it is."""
    return moved_held(what, slots) if isinstance(what, Held) else what


def moved_held(held: Held, slots: Slots) -> Held:
    """A variable in its new place."""
    return Held(held.name, slots[held.index])


def _moved_prefer(prefer: Prefer, slots: Slots) -> Prefer:
    agent = prefer.agent
    return prefer if agent is None else replace(prefer, agent=moved_held(agent, slots))


def _retargeted_exits(
    node: Hours | Record | EnterQueue | TransferOutside | Lookup, rename: Rename, slots: Slots
) -> Node:
    """One whose ways are in a table."""
    match node:
        case Hours(on=on):
            return replace(node, on={each: rename(to) for each, to in on.items()})
        case Record(on=ended):
            return replace(node, on={each: rename(to) for each, to in ended.items()})
        case EnterQueue(on=on, keys=keys, context=context, prefer=prefer):
            return replace(
                node,
                on={each: rename(to) for each, to in on.items()},
                keys={key: rename(to) for key, to in keys.items()},
                context=tuple(moved_held(each, slots) for each in context),
                prefer=None if prefer is None else _moved_prefer(prefer, slots),
            )
        case TransferOutside(on=refused):
            return replace(node, on={each: rename(to) for each, to in refused.items()})
        case Lookup(sends=sends, takes=takes, on=on):
            return replace(
                node,
                sends=tuple(
                    each if each.held is None else replace(each, held=moved_held(each.held, slots))
                    for each in sends
                ),
                takes=tuple(replace(each, into=moved_held(each.into, slots)) for each in takes),
                on={each: rename(to) for each, to in on.items()},
            )
        case _:
            assert_never(node)


def _retargeted_asking(node: Menu | Collect | AskQuestion, rename: Rename, slots: Slots) -> Node:
    noinput = retargeted_retry(node.noinput, rename)
    nomatch = retargeted_retry(node.nomatch, rename)
    if isinstance(node, Menu):
        choices = {key: rename(to) for key, to in node.choices.items()}
        return replace(node, choices=choices, noinput=noinput, nomatch=nomatch)
    if isinstance(node, AskQuestion):
        answers = {key: rename(to) for key, to in node.answers.items()}
        into = None if node.into is None else moved_held(node.into, slots)
        return replace(node, answers=answers, into=into, noinput=noinput, nomatch=nomatch)
    return replace(
        node,
        into=moved_held(node.into, slots),
        next=rename(node.next),
        noinput=noinput,
        nomatch=nomatch,
    )
