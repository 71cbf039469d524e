"""Tables of the keys an author may write, and what may stand under each.

The reader takes unknown and missing keys and the words of its remedies from these tables; the
editor's schema and the reference page are generated from the same ones. So the three can not
disagree on which keys there are, and a bound or default is named once, by its constant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class NameOf(Enum):
    """What a name refers to, so that an editor can offer the names there are."""

    NODE = "a node of the flow"
    FLOW = "a flow of the hotline"
    PROMPT = "a prompt of the catalogue"
    LANGUAGE = "a language of the prompts"
    QUEUE = "a queue of the hotline or a shared one"
    CALENDAR = "a calendar of the hotline or the site"
    MESSAGE = "a text of the hotline, or shared/ and one of all"
    SKILL = "a skill of the site"
    DEVICE = "a device of the site"
    TIMEZONE = "a time zone such as Asia/Shanghai"
    MUSIC = "a music"
    NEW = "a name"


@dataclass(frozen=True, slots=True)
class Anything:
    """Not told in more detail."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, of something that stands elsewhere or is named here."""

    of: NameOf = NameOf.NEW


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Flag:
    """``true`` or ``false``."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole number with its unit, within bounds."""

    low_ms: int
    high_ms: int


@dataclass(frozen=True, slots=True)
class Form:
    """A text of a certain form: the regular expression it matches whole, and its name."""

    pattern: str
    called: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """One word out of a few."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No value at all: the key alone says it."""


@dataclass(frozen=True, slots=True)
class Several:
    """A list; with ``or_one`` a single value may stand for a list of one."""

    each: "Value"
    low: int = 0
    high: int | None = None
    or_one: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping whose keys the author chooses: names, or what ``key`` allows."""

    each: "Value"
    key: "Value" = Name()
    low: int = 0


@dataclass(frozen=True, slots=True)
class Inner:
    """A mapping with a table of its own."""

    shape: "Shape"


@dataclass(frozen=True, slots=True)
class Kinds:
    """A mapping with exactly one of these keys, which says which table it is held against."""

    shapes: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several ways to write it, the usual one first."""

    ways: tuple["Value", ...]


Value = (
    Anything
    | Text
    | Name
    | Whole
    | Flag
    | Duration
    | Form
    | OneOf
    | Nothing
    | Several
    | Named
    | Inner
    | Kinds
    | Either
)
"""What may stand under a key."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key an author may write, and what it is for.

    ``needed`` is a key that has to be there too, but whose absence the reader tells in a sentence
    of its own rather than by ``required``. ``default`` is what counts when the key is left out,
    as an author would write it.
    """

    name: str
    about: str
    required: bool = False
    value: Value = Anything()
    default: str | int | bool | None = None
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What a mapping is called in messages, and the keys it may have."""

    what: str
    keys: tuple[Key, ...]

    def names(self) -> tuple[str, ...]:
        """The keys in the order they are documented."""
        return tuple(key.name for key in self.keys)
