"""The reference page of all files and nodes, generated from the tables the reader reads by."""

from collections.abc import Iterator, Sequence
from typing import assert_never

from ivr.flow.durations import bound_text
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
from ivr.flow.queue_shapes import QUEUES
from ivr.flow.read_flows import FLOWS
from ivr.flow.read_hotline import HOTLINE
from ivr.flow.read_messages import MESSAGES
from ivr.flow.read_site import SITE

_HEAD = """# Reference of a site's files

Every key an author can write, with what may stand there and what counts when it is left out.
[Dialplans](dialplans.md) explains how the pieces work together. This page is generated from the
tables that the reader itself uses, and a test holds it against them:

    expertline schema --format markdown > docs/reference.md

The same tables make an editor complete and explain each key. Write the schemas once, and name
the right one in the first line of a file:

    expertline schema -o build/schema --site dialplans

    # yaml-language-server: $schema=../../build/schema/10086/hotline.schema.json

A *duration* is a whole number with its unit: `500ms`, `15s`, `10m` or `1h`. A *name* is of
letters a-z, digits, `-`, `_` and `.`. A *mapping* has keys of its own, listed further below.
"""

_NODE = "Node "
_FILES = (
    ("site.yaml", SITE),
    ("hotline.yaml", HOTLINE),
    ("queues.yaml", QUEUES),
    ("shared/flows.yaml", FLOWS),
    ("messages.yaml", MESSAGES),
    ("shared/flows.yaml", FLOWS),
)


def reference_page() -> str:
    """The whole page, as Markdown."""
    parts = [_HEAD]
    told: list[tuple[str, Shape]] = []
    for file, shape in _FILES:
        parts.append(f"\n## {file}\n\n{_rows(shape)}")
        inner = list(_parts_of(shape, ""))
        # Flows are the same wherever they stand, and told where they stand first.
        fresh = [each for each in inner if each not in told]
        parts.extend(_section(path, each) for path, each in fresh)
        told += inner
    return "".join(parts)


def _section(path: str, shape: Shape) -> str:
    return f"\n### {path}\n\n{_rows(shape, kind=path.removeprefix(_NODE).strip('`'))}"


def _rows(shape: Shape, *, kind: str = "") -> str:
    """``kind`` is the key that makes a node what it is: it is there, or it were another node."""
    lines = ["| key | what stands there | | what it is |", "|---|---|---|---|"]
    for key in shape.keys:
        cells = (f"`{key.name}`", _in_words(key.value), _presence(key, kind), _cell(key.about))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _presence(key: Key, kind: str) -> str:
    if key.required or key.needed or key.name == kind:
        return "required"
    if key.default is None:
        return ""
    shown = str(key.default).lower() if isinstance(key.default, bool) else str(key.default)
    return f"else `{shown}`"


def _parts_of(shape: Shape, path: str) -> Iterator[tuple[str, Shape]]:
    """The tables within this one, outer ones first, each by the way to it."""
    for key in shape.keys:
        yield from _parts_in(key.value, f"{path}`{key.name}`")


def _parts_in(value: Value, path: str) -> Iterator[tuple[str, Shape]]:
    match value:
        case Inner(shape):
            yield path, shape
            yield from _parts_of(shape, f"{path} → ")
        case Kinds(shapes):
            for kind, shape in shapes.items():
                yield f"{_NODE}`{kind}`", shape
                yield from _parts_of(shape, f"{_NODE}`{kind}` → ")
        case Named(each) | Several(each):
            yield from _parts_in(each, f"{path}, each")
        case Either(ways):
            for way in ways:
                yield from _parts_in(way, path)
        case _:
            return


def _in_words(value: Value) -> str:
    match value:
        case Several(each, or_one=or_one):
            return f"{_in_words(each)}, or a list of them" if or_one else f"list: {_in_words(each)}"
        case Named(each, key):
            return f"mapping: {_in_words(key)} → {_in_words(each)}"
        case Inner():
            return "mapping"
        case Kinds(shapes):
            return f"a node: {_or([f'`{kind}`' for kind in shapes])}"
        case Either(ways):
            return _or([_in_words(way) for way in ways])
        case _:
            return _cell(_single_in_words(value))


def _single_in_words(
    value: Anything | Text | Name | Whole | Flag | Duration | Form | OneOf | Nothing,
) -> str:
    match value:
        case Anything():
            return "see dialplans.md"
        case Text():
            return "text"
        case Name(of):
            return "name" if of is NameOf.NEW else of.value
        case Whole(low, high):
            return f"number, {low} to {high}"
        case Flag():
            return "`true` or `false`"
        case Duration(low_ms, high_ms):
            return f"duration, {bound_text(low_ms)} to {bound_text(high_ms)}"
        case Form(_, called):
            return called
        case OneOf(words):
            return _or([f"`{word}`" for word in words])
        case Nothing():
            return "nothing"
        case _:
            assert_never(value)


def _or(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
