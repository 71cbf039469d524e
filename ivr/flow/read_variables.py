"""Reads what a flow declares to remember: ``vars``, each with its type and first value."""

import re
from dataclasses import replace

from ivr.flow.check_secrets import check_declaration
from ivr.flow.conditions import EXPRESSION_CHARS_MAX
from ivr.flow.keys import Either, Flag, Form, Inner, Key, Named, OneOf, Several, Shape, Text, Whole
from ivr.flow.problems import Code, Problems, did_you_mean, listing, quoted
from ivr.flow.read_expressions import constant, text_value
from ivr.flow.shape import Fields, Reader
from ivr.flow.values import (
    CALLER_KNOWN,
    LANGUAGE,
    NOTHING_YET,
    VALUE_CHARS_MAX,
    VARIABLES_MAX,
    Kind,
    Slot,
    Variable,
)
from ivr.flow.yaml_tree import Entry, Scalar, Tree

VARIABLE_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
"""What CEL takes for one name; a hyphen would be a minus there."""

RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
"""Words that CEL keeps for itself (its specification, "Syntax", RESERVED)."""

_KINDS = tuple(kind.value for kind in Kind)

WRITTEN = Either((Flag(), Form(rf"[\s\S]{{0,{EXPRESSION_CHARS_MAX}}}", "a value or a sum")))
"""A value where it is written: true or false, a text, a number or a sum of numbers in CEL."""

VARIABLE = Shape(
    "a variable",
    (
        Key("type", "what it holds", required=True, value=OneOf(_KINDS)),
        Key("default", "what it holds at first; 0, false or no text if left out", value=WRITTEN),
        Key("values", "the texts it may hold, if they are known", value=Several(Text(), low=1)),
        Key(
            "max",
            "how many characters a text may have",
            value=Whole(1, VALUE_CHARS_MAX),
            default=VALUE_CHARS_MAX,
        ),
    ),
)
VARS = Key(
    "vars",
    "what the flow remembers of a caller, by name",
    value=Named(Inner(VARIABLE), key=Form(VARIABLE_NAME, "a name without hyphens")),
)


class VariablesReader:
    """Reads the declarations of one flow."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._read = Reader(problems)

    def read(self, tree: Tree) -> dict[str, Slot] | None:
        """The variables by name; None where one of them could not be read."""
        table = self._read.table(tree, "vars", keys=("tries",))
        if table is None:
            return None
        if len(table.entries) > VARIABLES_MAX:
            self._problems.error(
                Code.TOO_MANY_VARIABLES,
                table.place,
                f"This flow declares {len(table.entries)} variables.",
                f"Keep to {VARIABLES_MAX}; two flows may use the same names.",
            )
            return None
        declared = [self._variable(entry) for entry in table.entries]
        good = [each for each in declared if each is not None]
        if len(good) != len(declared):
            return None
        return {each.name: Slot(each, index) for index, each in enumerate(good)}

    def _variable(self, entry: Entry) -> Variable | None:
        is_named = self._is_name(entry.key)
        fields = self._read.fields(entry.value, VARIABLE)
        kind = None if fields is None else self._kind(fields)
        if fields is None or kind is None or not is_named:
            return None
        if not check_declaration(self._problems, fields, kind):
            return None
        chars_max = self._chars_max(fields, kind)
        if chars_max is None:
            return None
        variable = Variable(entry.key.text, kind, NOTHING_YET[kind], chars_max=chars_max)
        if fields.value("values") is not None:
            choices = self._choices(fields, variable)
            if choices is None:
                return None
            variable = replace(variable, choices=choices)
        written = fields.value("default")
        if written is None:
            return variable
        what = f"the default of {entry.key.text}"
        default = constant(self._read, written, variable, what)
        return None if default is None else replace(variable, default=default)

    def _is_name(self, key: Scalar) -> bool:
        taken = key.text in RESERVED or key.text in (LANGUAGE, CALLER_KNOWN)
        if re.fullmatch(VARIABLE_NAME, key.text) is not None and not taken:
            return True
        self._problems.error(
            Code.BAD_VARIABLE_NAME,
            key.place,
            f"{quoted(key.text)} can not be the name of a variable.",
            "Conditions know this word already; choose another one."
            if taken
            else "Use up to 64 letters a-z, digits and _, beginning with a letter.",
        )
        return False

    def _kind(self, fields: Fields) -> Kind | None:
        written = fields.value("type")
        name = None if written is None else self._read.name(written, "the type of a variable")
        if written is None or name is None:
            return None
        if name in _KINDS:
            return Kind(name)
        self._problems.error(
            Code.UNKNOWN_TYPE,
            written.place,
            f"There is no type {quoted(name)}.",
            did_you_mean(name, _KINDS, otherwise=f"The types are: {listing(_KINDS)}."),
        )
        return None

    def _chars_max(self, fields: Fields, kind: Kind) -> int | None:
        written = fields.value("max")
        if written is None:
            return VALUE_CHARS_MAX
        if not self._is_text(fields, "max", kind, "The longest text is told of texts"):
            return None
        return self._read.whole(written, "the value of max", low=1, high=VALUE_CHARS_MAX)

    def _is_text(self, fields: Fields, key: str, kind: Kind, why: str) -> bool:
        if kind is not Kind.TEXT:
            self._problems.error(
                Code.TYPES_DIFFER,
                fields.place_of(key),
                f"{why}, and this is {kind.value}.",
                f"Remove `{key}`, or make it `type: text`.",
            )
        return kind is Kind.TEXT

    def _choices(self, fields: Fields, variable: Variable) -> tuple[str, ...] | None:
        written = fields.value("values")
        if not self._is_text(fields, "values", variable.kind, "Values are listed for texts"):
            return None
        items = None if written is None else self._read.one_or_more(written, "values")
        texts = [text_value(self._read, item, variable, "a value") for item in items or ()]
        good = tuple(dict.fromkeys(text for text in texts if text is not None))
        return good if texts and None not in texts else None
