"""Text of a YAML file to a tree in which everything knows its place.

PyYAML's parser gives events; the tree is built here from them, without recursion and with every
limit watched while building, so that a bomb is refused before it is large. No tag is honoured
and no scalar is converted: what ``yes``, ``08`` or ``1:30`` means is decided by whoever reads the
scalar, who knows what was asked for (``ivr.flow.shape``). Decision: docs/decisions/0007.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import yaml

from ivr.flow.problems import Code, Place, Problems, quoted
from ivr.flow.yaml_syntax import SYNTAX_REMEDY, report_syntax

FILE_BYTES_MAX = 1_000_000
"""A hotline written by people has some kilobytes; this is a generous large one."""

DEPTH_MAX = 32
"""Nesting of mappings and lists; the deepest thing an author needs is about ten."""

NODES_MAX = 100_000
"""Scalars, lists and mappings of one file, aliases counted as often as they are used.

Measured at some 7 us each, from bytes to checked values: the worst file allowed stays within a
second, and a hotline of ten thousand flow nodes still fits.
"""

ALIASES_MAX = 100
"""Uses of an anchor (``*name``) in one file."""

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What ends a line for YAML 1.1's parser, and so for our line numbers."""

_NOT_YAML_TEXT = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_DIRECTIVE = re.compile("(?<![^\r\n\x85\u2028\u2029])%")

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# libyaml is some ten times faster; the pure one is the same language for platforms without it.


class Scalar(NamedTuple):
    """A text; ``plain`` when it stood without quotes, where ``1`` is not ``"1"``."""

    text: str
    plain: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value."""

    key: Scalar
    value: "Tree"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in the author's order."""

    items: "tuple[Tree, ...]"
    place: Place


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping in the author's order; no key stands twice."""

    entries: tuple[Entry, ...]
    place: Place


Tree: TypeAlias = Scalar | Listing | Table
"""Anything a YAML file can hold."""


def read_tree(file: str, text: str, problems: Problems) -> Tree | None:
    """The file as a tree, or None when it cannot be read at all; says why in ``problems``.

    Bytes that are no UTF-8 are expected as lone surrogates (Python's ``surrogateescape``), so
    that even they are reported with their line.
    """
    text = text.removeprefix("\ufeff")
    if not _is_readable(file, text, problems):
        return None
    builder = _Builder(file, problems)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if not builder.take(event):
                return None
    except yaml.MarkedYAMLError as broken:
        report_syntax(file, broken, problems)
        return None
    except yaml.YAMLError as broken:
        problems.error(Code.YAML_SYNTAX, Place(file), f"This is not YAML: {broken}.", SYNTAX_REMEDY)
        return None
    if builder.root is None:
        problems.error(
            Code.EMPTY, Place(file), "This file is empty.", "Fill it, or remove the file."
        )
    return builder.root


def place_at(file: str, text: str, index: int) -> Place:
    """The place of the character at this index."""
    line, begin = 1, 0
    for found in LINE_BREAK.finditer(text, 0, index):
        line, begin = line + 1, found.end()
    return Place(file, line, index - begin + 1)


def _is_readable(file: str, text: str, problems: Problems) -> bool:
    # A lone surrogate stands for one byte that was no UTF-8, and for nothing in the size.
    size = len(text.encode(errors="replace"))
    if size > FILE_BYTES_MAX:
        problems.error(
            Code.TOO_LARGE,
            Place(file),
            f"This file has {size:,} bytes or more; at most {FILE_BYTES_MAX:,} are read.",
            "Split the site into several hotlines, or remove what does not belong here.",
        )
        return False
    wrong = _NOT_YAML_TEXT.search(text)
    if wrong is not None:
        _report_character(place_at(file, text, wrong.start()), wrong.group(), problems)
        return False
    directive = _DIRECTIVE.search(text)
    if directive is not None:
        # Besides having no use here, many %TAG lines cost the parser quadratic time.
        problems.error(
            Code.YAML_DIRECTIVE,
            place_at(file, text, directive.start()),
            "A line that begins with % is a YAML directive, and none is allowed.",
            "Remove the line; if it is text, indent or quote it.",
        )
        return False
    return True


def _report_character(place: Place, character: str, problems: Problems) -> None:
    if "\udc80" <= character <= "\udcff":
        problems.error(
            Code.NOT_UTF8,
            place,
            f"The byte 0x{ord(character) - 0xDC00:02x} here is not UTF-8.",
            "Save the file as UTF-8 in your editor.",
        )
        return
    problems.error(
        Code.BAD_CHARACTER,
        place,
        f"The character U+{ord(character):04X} is not allowed in YAML.",
        "Remove it; editors often hide such characters, so retype the line if in doubt.",
    )


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come yet."""

    place: Place
    anchor: str | None
    is_table: bool
    children: list[Tree] = field(default_factory=list[Tree])
    weight: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class _Piece:
    """A finished part of the tree, with its size and depth when its aliases are written out."""

    tree: Tree
    weight: int
    height: int


class _Builder:
    """Puts events together to a tree; ``take`` says False once the file is refused."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.root: Tree | None = None
        self._file = file
        self._problems = problems
        self._open: list[_Open] = []
        self._anchors: dict[str, _Piece] = {}
        self._weight = 0
        self._aliases = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> bool:
        """Add what this event says; False when a limit is passed."""
        match event:
            case yaml.ScalarEvent():
                return self._scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                return self._begin(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                return self._end()
            case yaml.AliasEvent():
                return self._alias(event)
            case yaml.DocumentStartEvent():
                return self._document(event)
            case _:
                return True

    def _scalar(self, event: yaml.ScalarEvent) -> bool:
        """The commonest event by far, so the shortest way."""
        if event.tag is not None:
            self._refuse_tag(event)
        scalar = Scalar(event.value, not event.style, self._place(event))
        if event.anchor is not None or not self._open:
            return self._count(1, scalar.place) and self._finish(_Piece(scalar, 1, 0), event.anchor)
        parent = self._open[-1]
        parent.children.append(scalar)
        parent.weight += 1
        return self._count(1, scalar.place)

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        if mark is None:
            return Place(self._file)
        return Place(self._file, mark.line + 1, mark.column + 1)

    def _refuse(self, code: Code, place: Place, message: str, remedy: str) -> bool:
        self._problems.error(code, place, message, remedy)
        return False

    def _refuse_tag(
        self, event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent
    ) -> None:
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._problems.error(
                Code.YAML_TAG,
                self._place(event),
                f"The YAML tag {quoted(tag)} is not allowed: files hold plain values only.",
                "Remove the tag (the word that begins with !); quote the value if it is text.",
            )

    def _document(self, event: yaml.DocumentStartEvent) -> bool:
        self._documents += 1
        if self._documents == 1:
            return True
        return self._refuse(
            Code.YAML_SEVERAL_DOCUMENTS,
            self._place(event),
            "A second YAML document begins here; a file holds one.",
            "Remove the line `---`, or move what follows to a file of its own.",
        )

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> bool:
        self._refuse_tag(event)
        place = self._place(event)
        if len(self._open) >= DEPTH_MAX:
            return self._too_deep(place)
        self._open.append(_Open(place, event.anchor, isinstance(event, yaml.MappingStartEvent)))
        return self._count(1, place)

    def _end(self) -> bool:
        ended = self._open.pop()
        tree = self._table(ended) if ended.is_table else Listing(tuple(ended.children), ended.place)
        return self._finish(_Piece(tree, ended.weight, ended.height), ended.anchor)

    def _table(self, ended: _Open) -> Table:
        kept: dict[str, Entry] = {}
        for key, value in zip(ended.children[::2], ended.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                self._problems.error(
                    Code.YAML_KEY_NOT_TEXT,
                    key.place,
                    "A list or mapping stands here as a key.",
                    "Write keys as plain words; text in braces or brackets needs quotes.",
                )
            elif key.text in kept:
                first = kept[key.text].key.place.line
                self._problems.error(
                    Code.YAML_DUPLICATE_KEY,
                    key.place,
                    f"The key {quoted(key.text)} stands here a second time (first in line {first})"
                    ", and one of the two would be lost.",
                    "Remove or rename one of them.",
                )
            else:
                kept[key.text] = Entry(key, value)
        return Table(tuple(kept.values()), ended.place)

    def _alias(self, event: yaml.AliasEvent) -> bool:
        place = self._place(event)
        name = event.anchor or ""
        known = self._anchors.get(name)
        if known is None:
            return self._refuse(
                Code.YAML_ALIAS_UNKNOWN,
                place,
                f"*{name[:60]} refers to no anchor that ended above it.",
                f"Define &{name[:60]} above; a text that begins with * needs quotes.",
            )
        self._aliases += 1
        if self._aliases > ALIASES_MAX:
            return self._refuse(
                Code.YAML_ALIAS_LIMIT,
                place,
                f"More than {ALIASES_MAX} aliases (*name) in one file.",
                "Write repeated parts as nodes of their own and lead to them by name.",
            )
        if len(self._open) + known.height > DEPTH_MAX:
            return self._too_deep(place)
        if self._weight + known.weight > NODES_MAX:
            return self._refuse(
                Code.YAML_ALIAS_LIMIT,
                place,
                f"Written out, the aliases of this file hold over {NODES_MAX:,} values.",
                "Use fewer aliases (*name), and none within what another one repeats.",
            )
        self._weight += known.weight
        return self._finish(known, None)

    def _too_deep(self, place: Place) -> bool:
        return self._refuse(
            Code.TOO_DEEP,
            place,
            f"Lists and mappings are nested more than {DEPTH_MAX} deep here.",
            "No part of a site is nested so deep: look for brackets that are not closed.",
        )

    def _count(self, values: int, place: Place) -> bool:
        self._weight += values
        if self._weight <= NODES_MAX:
            return True
        return self._refuse(
            Code.TOO_MANY_NODES,
            place,
            f"More than {NODES_MAX:,} values in one file.",
            "Split the site into several hotlines.",
        )

    def _finish(self, piece: _Piece, anchor: str | None) -> bool:
        if anchor is not None:
            self._anchors[anchor] = piece
        if not self._open:
            self.root = piece.tree
            return True
        parent = self._open[-1]
        parent.children.append(piece.tree)
        parent.weight += piece.weight
        parent.height = max(parent.height, piece.height + 1)
        return True


def entries_of(table: Table) -> Mapping[str, Entry]:
    """A table's entries by key."""
    return {entry.key.text: entry for entry in table.entries}
