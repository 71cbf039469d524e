"""Reads ``say``: a value that is spoken, written out or remembered by the flow."""

import re

from ivr.flow.durations import duration_ms
from ivr.flow.keys import Flag, Inner, Key, Name, NameOf, Several, Shape
from ivr.flow.model import Held, Node, Say, SayAs
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, listing, quoted
from ivr.flow.read_expressions import slot_of
from ivr.flow.read_variables import VARIABLE_NAME, WRITTEN
from ivr.flow.saying import SPOKEN_FROM, spoken
from ivr.flow.shape import Fields
from ivr.flow.values import Value
from ivr.flow.yaml_tree import Scalar, Tree
from ivr.prompts.fragments import DIGITS_LENGTH_MAX, NUMBER_MAX, YEAR_MAX, YEAR_MIN
from ivr.prompts.model import LANGUAGES

_ABOUT = {
    SayAs.NUMBER: "a whole number, as it is counted",
    SayAs.ORDINAL: "a place in an order, from 1",
    SayAs.DIGITS: "digits one by one, in quotes",
    SayAs.PHONE: "a telephone number, in quotes, with + before a country code",
    SayAs.MONEY: 'yuan in quotes, such as "12.50"; a variable holds fen',
    SayAs.DURATION: "a duration such as 90s; a variable holds seconds",
    SayAs.DATE: 'a day in quotes, such as "2026-11-02"',
    SayAs.TIME: 'a time of day in quotes, such as "09:30"',
}
_SPEAKABLE = {
    SayAs.NUMBER: f"Write a number from 0 to {NUMBER_MAX}.",
    SayAs.ORDINAL: f"Write a number from 1 to {NUMBER_MAX}.",
    SayAs.DIGITS: f"Write 1 to {DIGITS_LENGTH_MAX} digits in quotes.",
    SayAs.PHONE: f"Write 1 to {DIGITS_LENGTH_MAX} digits in quotes, with + before a country code.",
    SayAs.MONEY: f'Write yuan in quotes, such as "12.50", up to {NUMBER_MAX // 100}.',
    SayAs.DURATION: "Write whole seconds, minutes or hours with their unit: 90s, 10m or 1h.",
    SayAs.DATE: f'Write a day from {YEAR_MIN} to {YEAR_MAX} in quotes, such as "2026-11-02".',
    SayAs.TIME: 'Write it on the 24-hour clock in quotes, such as "09:30".',
}
SAY = Shape(
    "say",
    (
        *(Key(way.value, _ABOUT[way], value=WRITTEN) for way in SayAs),
        Key(
            "prompt",
            "what is said before it, without a gap",
            value=Several(Name(NameOf.PROMPT), low=1, or_one=True),
        ),
        Key("barge_in", "false when no key may cut it", value=Flag(), default=True),
    ),
)
SAY_NODE = Shape(
    "a say node",
    (
        Key("say", "the value that is spoken, a variable or as it stands", value=Inner(SAY)),
        Key("next", "the node that follows", required=True, value=Name(NameOf.NODE)),
    ),
)

_MONEY = re.compile(r"([0-9]{1,8})(?:\.([0-9]{2}))?")
_WHOLE = re.compile(r"[0-9]{1,9}")


def read_say(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """A ``say`` node."""
    following = parts.target(fields, "next")
    said = parts.read.fields(inner, SAY)
    if said is None:
        return None
    prompts = parts.prompts_of(said, "prompt", default=())
    barge_in = parts.barge_in(said)
    ways = [way for way in SayAs if said.value(way.value) is not None]
    if len(ways) != 1:
        _report_ways(parts, said, ways)
        return None
    written = said.value(ways[0].value)
    what = None if written is None else _what(parts, ways[0], written)
    if following is None or prompts is None or barge_in is None or what is None:
        return None
    return Say(ways[0], what, following, prompts, barge_in)


def _report_ways(parts: NodeParts, said: Fields, ways: list[SayAs]) -> None:
    if not ways and said.meant:
        return
    parts.problems.error(
        Code.SAY_ONE_THING,
        said.place_of(ways[1].value) if ways else said.place,
        "A say node speaks one value, and this one has " + (f"{len(ways)}." if ways else "none."),
        "Make a node for each; they are said one after the other."
        if ways
        else f"Write it as one of: {listing(way.value for way in SayAs)}.",
    )


def _what(parts: NodeParts, way: SayAs, written: Tree) -> Value | Held | None:
    scalar = parts.read.scalar(written, f"the value of {way.value}")
    if scalar is None or not _is_sayable(parts, scalar):
        return None
    if scalar.plain and re.fullmatch(VARIABLE_NAME, scalar.text) is not None:
        return _held(parts, way, scalar)
    # Without quotes a reader of YAML may take some of them for something else.
    text = parts.read.text(scalar, f"the value of {way.value}")
    if text is None:
        return None
    value = _literal(way, text)
    if value is None or any(spoken(way, value, each) is None for each in LANGUAGES):
        parts.problems.error(
            Code.UNSPEAKABLE,
            scalar.place,
            f"{quoted(scalar.text)} can not be said as {way.value}.",
            _SPEAKABLE[way],
        )
        return None
    return value


def _is_sayable(parts: NodeParts, scalar: Scalar) -> bool:
    """Values are put together from pieces, by a grammar that only some languages have."""
    without = [each for each in parts.languages or () if each not in LANGUAGES]
    if without:
        parts.problems.error(
            Code.LANGUAGE_UNSPOKEN,
            scalar.place,
            f"Values can not be said in {listing(without)}, a language of this hotline.",
            f"Leave the node out, or the language; there is: {listing(LANGUAGES)}.",
        )
    return not without


def _held(parts: NodeParts, way: SayAs, scalar: Scalar) -> Held | None:
    slot = slot_of(parts, scalar.text, scalar.place)
    if slot is None:
        return None
    kind, wanted = slot.variable.kind, SPOKEN_FROM[way]
    if kind is not wanted:
        parts.problems.error(
            Code.TYPES_DIFFER,
            scalar.place,
            f"{way.value} is said of {wanted.value}, and the variable {quoted(scalar.text)} is "
            f"{kind.value}.",
            f"Choose one of: {listing(each.value for each in SayAs if SPOKEN_FROM[each] is kind)}.",
        )
        return None
    return Held(scalar.text, slot.index)


def _literal(way: SayAs, text: str) -> Value | None:
    match way:
        case SayAs.NUMBER | SayAs.ORDINAL:
            return int(text) if _WHOLE.fullmatch(text) is not None else None
        case SayAs.MONEY:
            found = _MONEY.fullmatch(text)
            return None if found is None else int(found[1]) * 100 + int(found[2] or 0)
        case SayAs.DURATION:
            ms = duration_ms(text)
            return None if ms is None or ms % 1_000 else ms // 1_000
        case _:
            return text
