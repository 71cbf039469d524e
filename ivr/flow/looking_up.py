"""What a ``lookup`` node asks for, and what an answer makes of the flow's variables.

An answer comes from outside: whatever it is, the flow goes on. One that a variable can not hold
(another type, a text too long, or none of the texts the variable may hold) counts as ``failed``,
and none of its values is taken.
"""

from dataclasses import dataclass
from typing import NamedTuple

from ivr.flow.model import Language, Lookup, NodeName, PromptKey
from ivr.flow.services import LookupOutcome, Sent, SentAs, Wanted, is_of
from ivr.flow.values import Value, Values, Variable, with_value


@dataclass(frozen=True, slots=True)
class AskService:
    """Ask this service, play the prompts meanwhile if there are any, then ``LookupReturned``.

    Time decides for it after ``patience_ms_max``. Of what is sent, ``caller`` has no value here:
    the flow does not know who calls.
    """

    service: str
    sends: tuple[Sent, ...]
    wants: tuple[Wanted, ...]
    prompts: tuple[PromptKey, ...]
    language: Language
    patience_ms_max: int


@dataclass(frozen=True, slots=True)
class LookupReturned:
    """What came of asking; ``values`` are those wanted, in that order, where it was found."""

    outcome: LookupOutcome
    values: tuple[Value, ...] = ()


class Taken(NamedTuple):
    """Where an answer leads, and what the flow remembers then."""

    to: NodeName
    values: Values
    was_usable: bool


def asked(node: Lookup, values: Values, language: Language) -> AskService:
    """The question of this node."""
    sends = tuple(
        Sent(each.name, each.sent_as, "" if each.held is None else values[each.held.index])
        for each in node.sends
    )
    wants = tuple(Wanted(each.name, each.kind) for each in node.takes)
    return AskService(node.service, sends, wants, node.prompts, language, node.patience_ms_max)


def taken(
    node: Lookup, variables: tuple[Variable, ...], values: Values, given: LookupReturned
) -> Taken:
    """What this answer comes to."""
    outcome, was_usable = given.outcome, True
    if outcome is LookupOutcome.FOUND:
        changed = _changed(node, variables, values, given.values)
        if changed is not None:
            return Taken(node.on[LookupOutcome.FOUND], changed, was_usable)
        outcome, was_usable = LookupOutcome.FAILED, False
    way = outcome if outcome in node.on else LookupOutcome.FAILED
    return Taken(node.on[way], values, was_usable)


def _changed(
    node: Lookup, variables: tuple[Variable, ...], values: Values, answers: tuple[Value, ...]
) -> Values | None:
    if len(answers) != len(node.takes):
        return None
    for take, answer in zip(node.takes, answers, strict=True):
        if not is_of(take.kind, answer) or not variables[take.into.index].can_hold(answer):
            return None
        values = with_value(values, take.into.index, answer)
    return values


def sends_secret(node: Lookup) -> bool:
    """Whether the answer to this can be that the secret is lost."""
    return any(each.sent_as is SentAs.SECRET for each in node.sends)
