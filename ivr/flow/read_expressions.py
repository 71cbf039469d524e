"""Reads the expressions and values that an author writes into nodes, and words what is wrong.

A problem points at the character within the expression where its file shows it: exact for an
expression that stands plain or in quotes on one line, and told in the message in any case.
"""

from ivr.flow.conditions import Expression, Names, read_expression
from ivr.flow.expression_words import Misread, Why
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.shape import Reader
from ivr.flow.values import LANGUAGE, VALUE_CHARS_MAX, Kind, Slot, Value, Variable
from ivr.flow.yaml_tree import Scalar, Tree

CODES = {
    Why.FORM: Code.BAD_EXPRESSION,
    Why.NAME: Code.UNKNOWN_VARIABLE,
    Why.TYPE: Code.TYPES_DIFFER,
    Why.NEVER: Code.NEVER_SO,
}
"""The code of each kind of mistake in an expression."""


def expression(parts: NodeParts, tree: Tree, what: str, *, wanted: Kind) -> Expression | None:
    """The expression written here; its names count as used."""
    written = parts.read.scalar(tree, what)
    if written is None or parts.variables is None or parts.problems.full(written.place.file):
        return None
    names = Names(parts.variables, parts.languages)
    read = _read(written, names, wanted, parts.problems)
    if read is not None:
        parts.used.update(read.names)
    return read


def _read(written: Scalar, names: Names, wanted: Kind, problems: Problems) -> Expression | None:
    try:
        return read_expression(written.text, names, wanted=wanted)
    except Misread as wrong:
        if wrong.why is Why.NAME and not names.variables and wanted is Kind.INT:
            wrong.remedy = "Write a whole number, without quotes."
        problems.error(
            CODES[wrong.why],
            _place_within(written, wrong.column),
            f"At character {wrong.column} of {quoted(written.text)}: {wrong.message}.",
            wrong.remedy,
        )
        return None


def _place_within(written: Scalar, column: int) -> Place:
    file, line, begin = written.place
    return Place(file, line, begin + column - 1 + (0 if written.plain else 1))


def slot_of(parts: NodeParts, name: str, place: Place) -> Slot | None:
    """The variable of this name; it counts as used."""
    if parts.variables is None:
        return None
    slot = parts.variables.get(name)
    if slot is None:
        parts.problems.error(
            Code.UNKNOWN_VARIABLE,
            place,
            f"There is no variable {quoted(name)} in this flow.",
            did_you_mean(
                name,
                (*parts.variables, LANGUAGE),
                otherwise=f"Declare it under `vars:` of the flow; "
                f"there are: {listing(parts.variables)}.",
            ),
        )
        return None
    parts.used.add(name)
    return slot


def constant(read: Reader, tree: Tree, variable: Variable, what: str) -> Value | None:
    """A value that this variable can hold, as it stands."""
    match variable.kind:
        case Kind.BOOL:
            return read.flag(tree, what)
        case Kind.TEXT:
            return text_value(read, tree, variable.choices, what)
        case Kind.INT:
            return _number(read, tree, what)


def _number(read: Reader, tree: Tree, what: str) -> Value | None:
    written = read.scalar(tree, what)
    if written is None:
        return None
    sum_ = _read(written, Names({}, ()), Kind.INT, read.problems)
    return None if sum_ is None else result(sum_, written, read.problems)


def result(sum_: Expression, written: Scalar, problems: Problems) -> Value | None:
    """What a sum without variables comes to."""
    value = sum_.value((), "")
    if value is None:
        problems.error(
            Code.OUT_OF_RANGE,
            written.place,
            f"{quoted(written.text)} is more than a variable holds.",
            "Write a smaller number.",
        )
    return value


def text_value(read: Reader, tree: Tree, choices: tuple[str, ...], what: str) -> str | None:
    """A text short enough for a variable, and one of its choices where it has some."""
    if isinstance(tree, Scalar) and tree.text == "" and not tree.plain and not choices:
        return ""
    text = read.text(tree, what)
    if text is None:
        return None
    if len(text) > VALUE_CHARS_MAX:
        read.problems.error(
            Code.BAD_TEXT,
            tree.place,
            f"{what} has {len(text)} characters; a variable holds {VALUE_CHARS_MAX}.",
            "Write a shorter text.",
        )
        return None
    if choices and text not in choices:
        read.problems.error(
            Code.VALUE_UNKNOWN,
            tree.place,
            f"{what} is never {quoted(text)}.",
            did_you_mean(text, choices, otherwise=f"It can be: {listing(choices)}."),
        )
        return None
    return text
