"""Reads ``set``: what a flow remembers from here on, and the language it speaks."""

from ivr.flow.keys import Either, Form, Inner, Key, Name, Named, NameOf, Shape
from ivr.flow.model import Change, Language, Node, SetLanguage, SetVariables
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code
from ivr.flow.read_expressions import constant, expression, result, slot_of
from ivr.flow.read_variables import VARIABLE_NAME, WRITTEN
from ivr.flow.shape import Fields
from ivr.flow.values import LANGUAGE, Kind
from ivr.flow.yaml_tree import Entry, Scalar, Tree

SET = Shape(
    "set",
    (
        Key(
            LANGUAGE,
            "one of the hotline's languages",
            required=True,
            value=Name(NameOf.LANGUAGE),
        ),
    ),
)
_CHANGES = Named(WRITTEN, key=Form(VARIABLE_NAME, "a variable"), low=1)
SET_NODE = Shape(
    "a set node",
    (
        Key(
            "set",
            "what changes: the language, or variables with their new values",
            value=Either(
                (Inner(SET), Named(WRITTEN, key=Form(VARIABLE_NAME, "a variable"), low=1))
            ),
        ),
        Key("next", "the node that follows", required=True, value=Name(NameOf.NODE)),
    ),
)


def read_set(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """A ``set`` node."""
    following = parts.target(fields, "next")
    table = parts.read.table(inner, "set", keys=(LANGUAGE,))
    if table is None:
        return None
    if not table.entries:
        parts.problems.error(
            Code.EMPTY,
            table.place,
            "This set node changes nothing.",
            "Write what changes, such as {language: en-US}, or remove the node.",
        )
        return None
    language: Language | None = None
    changes: list[Change] = []
    whole = True
    for entry in table.entries:
        if entry.key.text == LANGUAGE:
            language = parts.names.language(entry.value)
            whole = whole and language is not None
            continue
        change = _change(parts, entry)
        if change is None:
            whole = False
        else:
            changes.append(change)
    if following is None or not whole:
        return None
    if language is not None and not changes:
        return SetLanguage(language, following)
    return SetVariables(tuple(changes), following, language)


def _change(parts: NodeParts, entry: Entry) -> Change | None:
    name = entry.key.text
    slot = slot_of(parts, name, entry.key.place)
    if slot is None:
        return None
    kind = slot.variable.kind
    is_sum = kind is Kind.INT or (kind is Kind.BOOL and _asks(parts, entry.value))
    if not is_sum:
        value = constant(parts.read, entry.value, slot.variable, f"the value of {name}")
        return None if value is None else Change(name, slot.index, value)
    sum_ = expression(parts, entry.value, f"the value of {name}", wanted=kind)
    if sum_ is None or not isinstance(entry.value, Scalar):
        return None
    if sum_.names:
        return Change(name, slot.index, sum_)
    number = result(sum_, entry.value, parts.problems)
    return None if number is None else Change(name, slot.index, number)


def _asks(parts: NodeParts, tree: Tree) -> bool:
    """Whether a yes or no is not written as such, but asked for: by a name, or a condition."""
    if not isinstance(tree, Scalar):
        return False
    return tree.text in parts.askable or not tree.text.replace("_", "").isalnum()
