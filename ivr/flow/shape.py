"""Reads pieces of the tree as what they should be; says what is wrong where they are not.

A *shape* is a table of keys with a sentence each. The same table finds unknown and missing keys
and words the remedies, so that they cannot disagree. Readers of single values give None when
they have reported a problem: reading goes on, and all problems come out together.

Scalars follow YAML 1.2 narrowly: ``true`` and ``false`` are booleans, whole numbers are decimal,
all else is text. Where another reading exists (``no``, ``08``, ``1:30``, ``1.10``) quotes are
asked for, since the author's editor and colleagues may take it differently than we do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.flow.durations import DURATION_REMEDY, bound_text, duration_ms
from ivr.flow.keys import Key as Key
from ivr.flow.keys import Shape as Shape
from ivr.flow.problems import Code, Place, Problems, closest, listing, quoted
from ivr.flow.yaml_tree import Entry, Listing, Scalar, Table, Tree, entries_of

NAME_CHARS_MAX = 64
"""Names stand in ids, traces and reports, where a longer one would not be read."""

TEXT_CHARS_MAX = 200
"""Labels and other texts for people."""

WHOLE_DIGITS_MAX = 9
"""Longer figures are refused before they become a number."""

NAME_PATTERN = rf"[A-Za-z0-9][A-Za-z0-9_.-]{{0,{NAME_CHARS_MAX - 1}}}"
_NAME = re.compile(NAME_PATTERN)
_WHOLE = re.compile(r"0|[1-9][0-9]*")

_TRAPS = {
    "boolean": (r"(?i:y|yes|n|no|on|off|true|false)", "true or false"),
    "null": (r"~|(?i:null)", "nothing at all"),
    "radix": (r"[-+]?0[0-9_]+|[-+]?0[obx][0-9A-Fa-f_]+", "a number of base 8, 2 or 16"),
    "sexagesimal": (r"[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?", "a number of base 60"),
    "fraction": (
        r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+|[-+]?\.(?i:inf|nan)",
        "a fraction",
    ),
    "number": (r"\+[0-9]+|[-+]?[0-9]+_[0-9_]*", "a number"),
    "date": (r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?", "a date"),
}
_TRAP = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, (pattern, _) in _TRAPS.items()))


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping that was held against its shape: the known keys that are there."""

    place: Place
    entries: Mapping[str, Entry]
    meant: frozenset[str] = frozenset()
    """Absent keys that a misspelt one probably stands for; nobody reports them as missing."""

    def value(self, name: str) -> Tree | None:
        """What stands under this key, or None when the key is absent."""
        entry = self.entries.get(name)
        return None if entry is None else entry.value

    def place_of(self, name: str) -> Place:
        """Where the key stands, or the whole when it is absent."""
        entry = self.entries.get(name)
        return self.place if entry is None else entry.key.place


def yaml_11_trap(scalar: Scalar) -> str | None:
    """What other readers of YAML may take this unquoted text for, or None when all agree."""
    if not scalar.plain or len(scalar.text) > NAME_CHARS_MAX:
        return None
    found = _TRAP.fullmatch(scalar.text)
    return None if found is None else _TRAPS[found.lastgroup or ""][1]


def is_nothing(tree: Tree) -> bool:
    """Whether a key has no value: ``key:`` or ``key: null``."""
    return isinstance(tree, Scalar) and tree.plain and tree.text in ("", "~", "null")


class Reader:
    """Reads values out of trees and reports to one collector."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def fields(self, tree: Tree, shape: Shape) -> Fields | None:
        """The mapping's known keys; unknown and missing ones are reported."""
        table = self.table(tree, shape.what, keys=(shape.keys[0].name,))
        if table is None:
            return None
        allowed = shape.names()
        known: dict[str, Entry] = {}
        meant: set[str | None] = set()
        there = entries_of(table)
        for name, entry in there.items():
            if name in allowed:
                known[name] = entry
            else:
                meant.add(self._unknown_key(entry.key, shape, there=there))
        for key in shape.keys:
            if key.required and key.name not in known and key.name not in meant:
                self.problems.error(
                    Code.MISSING_KEY,
                    table.place,
                    f"The key {quoted(key.name)} is missing in {shape.what}.",
                    f"Add `{key.name}:`, {key.about}.",
                )
        return Fields(table.place, known, frozenset(each for each in meant if each is not None))

    def _unknown_key(self, key: Scalar, shape: Shape, *, there: Mapping[str, Entry]) -> str | None:
        """Report a key that this shape does not have; gives the one probably meant."""
        if self.problems.full(key.place.file):
            return None
        near = closest(key.text, shape.names())
        needed = any(each.name == near and each.required for each in shape.keys)
        # Whoever meant no such key must not learn only afterwards that it has to be there.
        also = " It has to be there." if needed and near not in there else ""
        self.problems.error(
            Code.UNKNOWN_KEY,
            key.place,
            f"There is no key {quoted(key.text)} in {shape.what}.",
            f"Did you mean {quoted(near)}?{also}"
            if near is not None
            else f"Remove it; the keys here are: {listing(shape.names())}.",
        )
        return near

    def not_acted_upon_yet(self, fields: Fields, key: str, *, called: str) -> None:
        """Warn of a key that is read and checked, but that changes nothing in this release.

        Silence would let an author believe that callers hear or meet what was written.
        """
        if key in fields.entries:
            self.problems.warn(
                Code.NOT_ACTED_UPON_YET,
                fields.place_of(key),
                f"`{called}` is read but not acted upon yet.",
                "Leave it out, or keep it for the release that does.",
            )

    def table(self, tree: Tree, what: str, *, keys: tuple[str, ...] = ()) -> Table | None:
        """The tree as a mapping."""
        if isinstance(tree, Table):
            return tree
        example = f"`{keys[0]}:`" if keys else "`name:`"
        self._wrong_type(tree, what, "a mapping", f"Write keys with values, such as {example}.")
        return None

    def items(self, tree: Tree, what: str) -> tuple[Tree, ...] | None:
        """The tree as a list."""
        if isinstance(tree, Listing):
            return tree.items
        self._wrong_type(tree, what, "a list", "Write [one, two], or a line `- one` for each.")
        return None

    def one_or_more(self, tree: Tree, what: str) -> tuple[Tree, ...] | None:
        """A list of at least one, or the single value itself."""
        if isinstance(tree, Scalar):
            return (tree,)
        items = self.items(tree, what)
        if items == ():
            self.problems.error(
                Code.EMPTY, tree.place, f"The list of {what} is empty.", "Put in at least one."
            )
            return None
        return items

    def scalar(self, tree: Tree, what: str) -> Scalar | None:
        """The tree as a single, unambiguous value that is there."""
        if not isinstance(tree, Scalar):
            self._wrong_type(tree, what, "a single value", "Write one word or text here.")
            return None
        if tree.plain and tree.text == "":
            self.problems.error(
                Code.EMPTY,
                tree.place,
                f"{what} is missing.",
                "Write it, or remove the key.",
            )
            return None
        return tree

    def text(self, tree: Tree, what: str) -> str | None:
        """A text for people to read."""
        scalar = self._untrapped(tree, what)
        if scalar is None:
            return None
        if not scalar.text.strip() or len(scalar.text) > TEXT_CHARS_MAX:
            self.problems.error(
                Code.BAD_TEXT,
                scalar.place,
                f"{what} is {quoted(scalar.text)}; it needs 1 to {TEXT_CHARS_MAX} characters.",
                "Write a short text.",
            )
            return None
        return scalar.text

    def name(self, tree: Tree, what: str) -> str | None:
        """A name that other places refer to."""
        scalar = self._untrapped(tree, what)
        if scalar is None:
            return None
        if _NAME.fullmatch(scalar.text) is None:
            self.problems.error(
                Code.BAD_NAME,
                scalar.place,
                f"{quoted(scalar.text)} can not be {what}.",
                f"Use up to {NAME_CHARS_MAX} letters a-z, digits, - _ and . without spaces.",
            )
            return None
        return scalar.text

    def whole(
        self, tree: Tree, what: str, *, low: int, high: int, remedy: str | None = None
    ) -> int | None:
        """A whole number within bounds; ``remedy`` is for what is none."""
        scalar = self.scalar(tree, what)
        plainly = remedy or "Write a plain decimal number."
        if scalar is None or self._is_trap(scalar, what, remedy=plainly):
            return None
        if not scalar.plain or _WHOLE.fullmatch(scalar.text) is None:
            self.problems.error(
                Code.BAD_NUMBER,
                scalar.place,
                f"{what} is {quoted(scalar.text)}, which is no whole number.",
                remedy or f"Write a number from {low} to {high}, without quotes.",
            )
            return None
        if len(scalar.text) > WHOLE_DIGITS_MAX or not low <= int(scalar.text) <= high:
            self._out_of_range(scalar, what, f"{low}", f"{high}")
            return None
        return int(scalar.text)

    def flag(self, tree: Tree, what: str) -> bool | None:
        """``true`` or ``false``, and nothing else that might mean them."""
        scalar = self.scalar(tree, what)
        if scalar is None:
            return None
        if scalar.plain and scalar.text in ("true", "false"):
            return scalar.text == "true"
        if not self._is_trap(scalar, what, remedy="Write true or false."):
            self.problems.error(
                Code.WRONG_TYPE,
                scalar.place,
                f"{what} is {quoted(scalar.text)}; it is true or false.",
                "Write true or false, without quotes.",
            )
        return None

    def duration(self, tree: Tree, what: str, *, low_ms: int, high_ms: int) -> int | None:
        """A duration with its unit, in milliseconds, within bounds."""
        scalar = self.scalar(tree, what)
        if scalar is None or self._is_trap(scalar, what, remedy=DURATION_REMEDY):
            return None
        ms = duration_ms(scalar.text)
        if ms is None:
            self.problems.error(
                Code.BAD_DURATION,
                scalar.place,
                f"{what} is {quoted(scalar.text)}, which is no duration.",
                DURATION_REMEDY,
            )
            return None
        if not low_ms <= ms <= high_ms:
            self._out_of_range(scalar, what, bound_text(low_ms), bound_text(high_ms))
            return None
        return ms

    def _out_of_range(self, scalar: Scalar, what: str, low: str, high: str) -> None:
        self.problems.error(
            Code.OUT_OF_RANGE,
            scalar.place,
            f"{what} is {quoted(scalar.text)}; it goes from {low} to {high}.",
            f"Choose a value from {low} to {high}.",
        )

    def _untrapped(self, tree: Tree, what: str) -> Scalar | None:
        scalar = self.scalar(tree, what)
        if scalar is None:
            return None
        remedy = f'Write it in quotes: "{scalar.text[:NAME_CHARS_MAX]}".'
        return None if self._is_trap(scalar, what, remedy=remedy) else scalar

    def _is_trap(self, scalar: Scalar, what: str, *, remedy: str) -> bool:
        taken_for = yaml_11_trap(scalar)
        if taken_for is None:
            return False
        self.problems.error(
            Code.YAML_11_TRAP,
            scalar.place,
            f"{what} is the unquoted {scalar.text}, which some YAML readers take for {taken_for}.",
            remedy,
        )
        return True

    def _wrong_type(self, tree: Tree, what: str, wanted: str, remedy: str) -> None:
        if is_nothing(tree):
            self.problems.error(
                Code.EMPTY, tree.place, f"There is nothing in {what}; {wanted} is expected.", remedy
            )
            return
        kinds = {Scalar: "a single value", Listing: "a list", Table: "a mapping"}
        self.problems.error(
            Code.WRONG_TYPE,
            tree.place,
            f"Here stands {kinds[type(tree)]}, but {what} is {wanted}.",
            remedy,
        )
