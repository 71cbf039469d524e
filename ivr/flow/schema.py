"""The schema an editor reads, generated from the tables the reader reads by.

JSON Schema draft-07: the YAML language server of the usual editors long read "7 and below" and
nothing newer (its issues 856 and 1112), and all its versions read this one. A schema can say less
than the reader: bounds of durations, and whether a name exists, are left to ``expertline check``.
It never refuses what the reader takes: a test holds it against every sample.
"""

import re
from collections.abc import Mapping
from typing import assert_never

from ivr.flow.durations import DURATION_PATTERN, duration_text
from ivr.flow.keys import (
    Anything,
    Duration,
    Either,
    Flag,
    Form,
    Inner,
    Key,
    Kinds,
    Name,
    Named,
    NameOf,
    Nothing,
    OneOf,
    Several,
    Shape,
    Text,
    Value,
    Whole,
)
from ivr.flow.shape import NAME_PATTERN, TEXT_CHARS_MAX

DRAFT = "http://json-schema.org/draft-07/schema#"

Schema = dict[str, object]

Offered = Mapping[NameOf, tuple[str, ...]]
"""The names there are, as far as they are known: an editor completes them."""

CLOSED = frozenset({NameOf.LANGUAGE, NameOf.MUSIC})
"""Names that no author adds to. The others are offered, but an unknown one is not refused: it may
have been written since the schema was generated."""

_DIGITS_TRIED = ("5", "10086")


def file_schema(shape: Shape, *, title: str, offered: Offered | None = None) -> Schema:
    """The schema of one file of a site."""
    return _Writer(offered or {}).document(shape, title)


class _Writer:
    def __init__(self, offered: Offered) -> None:
        self._offered = offered
        self._used: dict[NameOf, Schema] = {}

    def document(self, shape: Shape, title: str) -> Schema:
        body = self._table(shape)
        definitions = {of.name.lower(): schema for of, schema in self._used.items()}
        return {"$schema": DRAFT, "title": title, **body, "definitions": definitions}

    def _table(self, shape: Shape, *, always: str | None = None) -> Schema:
        """``always`` names a key that has to be there, whatever its table says."""
        required = [
            key.name for key in shape.keys if key.required or key.needed or key.name == always
        ]
        schema: Schema = {
            "type": "object",
            "properties": {key.name: self._key(key) for key in shape.keys},
            "additionalProperties": False,
        }
        if required:
            schema["required"] = required
        return schema

    def _key(self, key: Key) -> Schema:
        described = {"description": f"{key.about[:1].upper()}{key.about[1:]}."}
        schema = {**described, **self._value(key.value)}
        if key.default is not None:
            schema["default"] = key.default
        return schema

    def _value(self, value: Value) -> Schema:
        match value:
            case Inner(shape):
                return self._table(shape)
            case Kinds(shapes):
                return {
                    "type": "object",
                    "anyOf": [
                        {"title": kind, **self._table(shape, always=kind)}
                        for kind, shape in shapes.items()
                    ],
                }
            case Named():
                return self._named(value)
            case Several(each, low, high, or_one):
                return self._several(self._value(each), low, high, or_one=or_one)
            case Either(ways):
                return {"anyOf": [self._value(way) for way in ways]}
            case _:
                return self._single(value)

    def _single(
        self, value: Anything | Text | Name | Whole | Flag | Duration | Form | OneOf | Nothing
    ) -> Schema:
        match value:
            case Anything():
                return {}
            case Text():
                return {"type": ["string", "integer"], "minLength": 1, "maxLength": TEXT_CHARS_MAX}
            case Name(of):
                return self._name(of)
            case Whole(low, high):
                return {"type": "integer", "minimum": low, "maximum": high}
            case Flag():
                return {"type": "boolean"}
            case Duration(low_ms, high_ms):
                examples = list(dict.fromkeys((duration_text(low_ms), duration_text(high_ms))))
                return {"type": "string", "pattern": _whole(DURATION_PATTERN), "examples": examples}
            case Form(pattern, _):
                return _of_form(pattern)
            case OneOf(words):
                return {"enum": list(words)}
            case Nothing():
                return {"type": "null"}
            case _:
                assert_never(value)

    def _name(self, of: NameOf) -> Schema:
        if of not in self._used:
            self._used[of] = self._name_in_full(of)
        return {"$ref": f"#/definitions/{of.name.lower()}"}

    def _name_in_full(self, of: NameOf) -> Schema:
        known = list(self._offered.get(of, ()))
        if known and of in CLOSED:
            return {"enum": known}
        # A time zone has a slash, and a prompt may: they are texts to the reader.
        with_slash = (NameOf.TIMEZONE, NameOf.PROMPT, NameOf.MESSAGE)
        pattern = r"\S.*" if of in with_slash else NAME_PATTERN
        free = _of_form(pattern)
        return {"anyOf": [{"enum": known}, free]} if known else free

    def _named(self, named: Named) -> Schema:
        each = self._value(named.each)
        schema: Schema = {
            "type": "object",
            "additionalProperties": each,
            "propertyNames": {"pattern": _whole(_key_pattern(named.key))},
        }
        if named.low:
            schema["minProperties"] = named.low
        if isinstance(named.key, Name) and (known := self._offered.get(named.key.of)):
            schema["properties"] = dict.fromkeys(known, each)
        return schema

    def _several(self, each: Schema, low: int, high: int | None, *, or_one: bool) -> Schema:
        schema: Schema = {"type": "array", "items": each}
        if low:
            schema["minItems"] = low
        if high is not None:
            schema["maxItems"] = high
        return {"anyOf": [each, schema]} if or_one else schema


def _key_pattern(key: Value) -> str:
    return key.pattern if isinstance(key, Form) else NAME_PATTERN


def _of_form(pattern: str) -> Schema:
    """Figures without quotes are a number to an editor, and the same text to the reader."""
    figures = any(re.fullmatch(pattern, digits) for digits in _DIGITS_TRIED)
    kinds: object = ["string", "integer"] if figures else "string"
    return {"type": kinds, "pattern": _whole(pattern)}


def _whole(pattern: str) -> str:
    """A pattern of JSON Schema is found anywhere unless it is anchored."""
    return f"^(?:{pattern})$"
