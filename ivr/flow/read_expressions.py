"""Reads the expressions and values that an author writes into nodes, and words what is wrong.

A problem points at the character within the expression where its file shows it: exact for an
expression that stands plain or in quotes on one line, and told in the message in any case.
"""

from ivr.flow.check_secrets import refuse_secret
from ivr.flow.conditions import Expression, Names, read_expression
from ivr.flow.expression_words import Misread, Why
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, Place, Problems, did_you_mean, listing, quoted
from ivr.flow.shape import Reader
from ivr.flow.sms_length import utf16_units
from ivr.flow.values import CALLER_KNOWN, LANGUAGE, Kind, Slot, Value, Variable
from ivr.flow.yaml_tree import Scalar, Tree

CODES = {
    Why.FORM: Code.BAD_EXPRESSION,
    Why.NAME: Code.UNKNOWN_VARIABLE,
    Why.TYPE: Code.TYPES_DIFFER,
    Why.NEVER: Code.NEVER_SO,
    Why.SECRET: Code.SECRET_LEAVES_VAULT,
}
"""The code of each kind of mistake in an expression."""


def expression(parts: NodeParts, tree: Tree, what: str, *, wanted: Kind) -> Expression | None:
    """The expression written here; its names count as used."""
    written = parts.read.scalar(tree, what)
    if written is None or parts.variables is None or parts.problems.full(written.place.file):
        return None
    names = Names(parts.askable, parts.languages)
    read = _read(written, names, wanted, parts.problems)
    if read is not None:
        parts.used.update(read.names)
    return read


def _read(written: Scalar, names: Names, wanted: Kind, problems: Problems) -> Expression | None:
    try:
        return read_expression(written.text, names, wanted=wanted)
    except Misread as wrong:
        has_none = names.variables.keys() <= {CALLER_KNOWN}
        if wrong.why is Why.NAME and has_none and wanted is Kind.INT:
            wrong.remedy = "Write a whole number, without quotes."
        elif wrong.why is Why.NAME and wanted is Kind.TEXT and not wrong.remedy.startswith("Did"):
            told = written.text if written.text.isidentifier() else "gold"
            wrong.remedy = f"A text stands in quotes of its own: '\"{told}\"' for {told}."
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


def slot_of(parts: NodeParts, name: str, place: Place, *, secret: bool = False) -> Slot | None:
    """The variable of this name; it counts as used. Where ``secret`` it may hold a secret."""
    if parts.variables is None:
        return None
    slot = parts.variables.get(name)
    if slot is None and name == CALLER_KNOWN:
        parts.problems.error(
            Code.UNKNOWN_VARIABLE,
            place,
            f"{quoted(name)} can be asked for, but is no variable.",
            "Declare a variable of your own, and `set` it by this name.",
        )
        return None
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
    return None if not secret and refuse_secret(parts.problems, place, slot) else slot


def constant(read: Reader, tree: Tree, variable: Variable, what: str) -> Value | None:
    """A value that this variable can hold, as it stands."""
    match variable.kind:
        case Kind.BOOL:
            return read.flag(tree, what)
        case Kind.TEXT:
            return text_value(read, tree, variable, what)
        case Kind.INT:
            return _number(read, tree, what)
        case Kind.SECRET:
            return None  # refused where it is declared (``check_secrets``)


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


def text_value(read: Reader, tree: Tree, variable: Variable, what: str) -> str | None:
    """A text short enough for this variable, and one of its choices where it has some."""
    choices, chars_max = variable.choices, variable.chars_max
    if isinstance(tree, Scalar) and tree.text == "" and not tree.plain and not choices:
        return ""
    text = read.text(tree, what)
    if text is None:
        return None
    if (length := utf16_units(text)) > chars_max:
        read.problems.error(
            Code.BAD_TEXT,
            tree.place,
            f"{what} has {length} characters; the variable holds {chars_max}.",
            "Write a shorter text.",
        )
        return None
    if choices and text not in choices:
        remedy = did_you_mean(text, choices, otherwise=f"It can be: {listing(choices)}.")
        shown, bare = quoted(text), text.strip('"')
        if bare in choices:
            shown, remedy = f"'{text}'", f"Write it without quotes of its own: {bare}."
        read.problems.error(Code.VALUE_UNKNOWN, tree.place, f"{what} is never {shown}.", remedy)
        return None
    return text
