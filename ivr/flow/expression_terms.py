"""The parts of an expression with their types, and whether they go together.

Stricter than CEL at run time, which takes ``1 == "1"`` for a plain no: in a hotline's flow that is
a slip of the pen, and so is a text that its variable never holds.
"""

from dataclasses import dataclass

from ivr.flow import expression_runs as runs
from ivr.flow.expression_words import Misread, Why
from ivr.flow.problems import did_you_mean, listing, quoted
from ivr.flow.values import Kind, Value

CALLED = {
    Kind.BOOL: "a yes or no",
    Kind.INT: "a whole number",
    Kind.TEXT: "a text",
    Kind.SECRET: "a secret",
}

NOTHING_SHOWN = 'nothing ("")'
"""How a remedy lists the empty text."""


@dataclass(frozen=True, slots=True)
class Term:
    """A part of an expression.

    ``literal`` is set where it stands as such; ``choices`` where only these texts can be.
    """

    kind: Kind
    plan: runs.Plan
    column: int
    literal: Value | None = None
    choices: tuple[str, ...] = ()
    name: str = ""


def constant(value: Value, kind: Kind, column: int) -> Term:
    """A literal."""
    return Term(kind, runs.Plan(runs.constant, value), column, literal=value)


def demand(term: Term, kind: Kind, why: str) -> None:
    """This part has this type. Raises ``Misread``."""
    if term.kind is not kind:
        remedy = f"Put {CALLED[kind]} here."
        message = f"{why}, and this is {CALLED[term.kind]}"
        raise Misread(Why.TYPE, term.column, message, remedy)


def demand_same(left: Term, right: Term) -> None:
    """Both parts have one type. Raises ``Misread``."""
    if left.kind is right.kind:
        return
    raise Misread(
        Why.TYPE,
        right.column,
        f"{CALLED[left.kind]} is never {CALLED[right.kind]}",
        "Texts stand in quotes, numbers without."
        if Kind.BOOL not in (left.kind, right.kind)
        else "A yes or no needs no comparison: write it alone, or with ! before it.",
    )


def check_possible(left: Term, right: Term) -> None:
    """The right text is among those the left can be: else a way is dead. Raises ``Misread``."""
    if not left.choices or not isinstance(right.literal, str) or right.literal in left.choices:
        return
    shown = listing(each or NOTHING_SHOWN for each in left.choices)
    raise Misread(
        Why.NEVER,
        right.column,
        f"{left.name} is never {quoted(right.literal)}",
        did_you_mean(right.literal, left.choices, otherwise=f"It can be: {shown}."),
    )
