"""As much of JSON Schema draft-07 as the schemas use; an unknown word in a schema is a failure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from ivr.flow.yaml_tree import Listing, Scalar, Table, Tree

SILENT = {"$schema", "title", "description", "default", "examples", "definitions"}
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def as_json(tree: Tree) -> Any:
    """The tree as an editor's YAML 1.2 reader takes it."""
    match tree:
        case Table(entries=entries):
            return {entry.key.text: as_json(entry.value) for entry in entries}
        case Listing(items=items):
            return [as_json(item) for item in items]
        case Scalar(plain=False, text=text):
            return text
        case Scalar(text=text):
            return _plain(text)


def _plain(text: str) -> Any:
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text


def refusals(value: Any, schema: Mapping[str, Any], *, whole: Mapping[str, Any]) -> list[str]:
    """Why the schema refuses this value; nothing when it takes it."""
    found: list[str] = []
    for word, wanted in schema.items():
        if word == "$ref":
            name = wanted.removeprefix("#/definitions/")
            found += refusals(value, whole["definitions"][name], whole=whole)
        elif word == "anyOf":
            if all(refusals(value, each, whole=whole) for each in wanted):
                found.append(f"{value!r} is none of {len(wanted)} kinds")
        elif word in ("properties", "required", "additionalProperties", "propertyNames"):
            if isinstance(value, dict):
                mapping = cast(dict[str, Any], value)
                found += _of_mapping(mapping, word, schema, whole)
        elif word == "items":
            if isinstance(value, list):
                items = cast(list[Any], value)
                found += [why for each in items for why in refusals(each, wanted, whole=whole)]
        elif word not in SILENT and not _holds(value, word, wanted):
            found.append(f"{value!r} fails {word} {wanted!r}")
    return found


def _of_mapping(
    value: dict[str, Any], word: str, schema: Mapping[str, Any], whole: Mapping[str, Any]
) -> list[str]:
    known: Mapping[str, Any] = schema.get("properties", {})
    wanted = schema[word]
    if word == "required":
        return [f"{key} is missing" for key in wanted if key not in value]
    if word == "propertyNames":
        return [why for key in value for why in refusals(key, wanted, whole=whole)]
    if word == "properties":
        pairs = [(value[key], each) for key, each in known.items() if key in value]
        return [why for each, inner in pairs for why in refusals(each, inner, whole=whole)]
    others = [key for key in value if key not in known]
    if wanted is False:
        return [f"{key} is unknown" for key in others]
    return [why for key in others for why in refusals(value[key], wanted, whole=whole)]


BOUNDS: Mapping[str, tuple[type | tuple[type, ...], Callable[[Any, Any], bool]]] = {
    "pattern": (str, lambda value, wanted: re.search(wanted, value) is not None),
    "minimum": (int, lambda value, wanted: value >= wanted),
    "maximum": (int, lambda value, wanted: value <= wanted),
    "minLength": (str, lambda value, wanted: len(value) >= wanted),
    "maxLength": (str, lambda value, wanted: len(value) <= wanted),
    "minItems": (list, lambda value, wanted: len(value) >= wanted),
    "maxItems": (list, lambda value, wanted: len(value) <= wanted),
    "minProperties": (dict, lambda value, wanted: len(value) >= wanted),
}
"""A word of the schema, the type it speaks of (others pass), and what it demands."""


def _holds(value: Any, word: str, wanted: Any) -> bool:
    if word == "type":
        kinds: list[str] = [wanted] if isinstance(wanted, str) else wanted
        return any(_is(value, each) for each in kinds)
    if word == "enum":
        return value in wanted
    kind, demand = BOUNDS[word]
    return not isinstance(value, kind) or isinstance(value, bool) or demand(value, wanted)


def _is(value: Any, kind: str) -> bool:
    if kind == "integer" and isinstance(value, bool):
        return False
    return isinstance(value, TYPES[kind])
