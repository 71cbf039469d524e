"""Whether what a service is made to answer can be used by the lookups that ask it.

A flow goes ``failed`` on an answer that lacks what it wants, or that a variable can not hold. In a
test that is a slip of its author, who has the word ``failed`` for it; so it is told as he writes
it, and where only one of several lookups can use an answer, when it is met.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ivr.flow.model import Flow, Lookup
from ivr.flow.problems import Code, did_you_mean, listing, quoted
from ivr.flow.values import Value


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a lookup can not use an answer; ``field`` is the one that is meant."""

    code: Code
    field: str
    told: str
    """What follows "the service bank answers"."""
    remedy: str


def misfit_of(flow: Flow, node: Lookup, fields: Mapping[str, Value]) -> Misfit | None:
    """Why this node can not use this answer; None where it can."""
    for take in node.takes:
        value = fields.get(take.name)
        if value is None:
            return Misfit(
                Code.MISSING_KEY,
                take.name,
                f"without {quoted(take.name)}",
                f"Add `{take.name}:`; for an answer that can not be used, write `failed`.",
            )
        variable = flow.variables[take.into.index]
        if not variable.can_hold(value):
            otherwise = f"It can be: {listing(variable.choices)}."
            if not variable.choices:
                otherwise = f"It holds {variable.chars_max} characters at most."
            return Misfit(
                Code.VALUE_UNKNOWN,
                take.name,
                f"{quoted(str(value))} as {quoted(take.name)}, which the variable "
                f"{quoted(variable.name)} can not hold",
                did_you_mean(str(value), variable.choices, otherwise=otherwise),
            )
    return None


def misfit_of_all(flow: Flow, service: str, fields: Mapping[str, Value]) -> Misfit | None:
    """Why none of the lookups of this service can use this answer; None where one of them can."""
    misfits = [misfit_of(flow, node, fields) for node in _lookups(flow, service)]
    return None if None in misfits else next(iter(misfits), None)


def _lookups(flow: Flow, service: str) -> Iterator[Lookup]:
    nodes: Iterable[object] = flow.nodes.values()
    return (each for each in nodes if isinstance(each, Lookup) and each.service == service)
