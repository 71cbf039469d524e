"""Reads ``message``: a text that is sent to the caller, held against what the flow can fill in."""

from collections.abc import Mapping

from ivr.flow.check_secrets import refuse_secret
from ivr.flow.keys import Inner, Key, Name, NameOf, Shape
from ivr.flow.model import Held, Node, NodeName, TextMessage
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, Place, did_you_mean, listing, quoted
from ivr.flow.read_messages import SHARED_PREFIX, KnownText, KnownTexts
from ivr.flow.shape import Fields
from ivr.flow.sms_length import UNITS_SINGLE, outside_gsm
from ivr.flow.texts import PARTS_MAX, Gap, Template, worst_of
from ivr.flow.values import Kind, Slot
from ivr.flow.yaml_tree import Tree

NO_NUMBER = "no_number"

_NODE = Name(NameOf.NODE)
SENT = Shape(
    "message",
    (
        Key(
            "template",
            "a text of messages.yaml",
            required=True,
            value=Name(NameOf.MESSAGE),
        ),
    ),
)
WAYS = Shape(
    "on",
    (Key(NO_NUMBER, "the node that follows when the caller's number is withheld", value=_NODE),),
)
MESSAGE_NODE = Shape(
    "a message node",
    (
        Key("message", "the text that is sent", value=Inner(SENT)),
        Key("next", "the node that follows", required=True, value=_NODE),
        Key("on", "where callers go to whom nothing can be sent", value=Inner(WAYS)),
    ),
)


def read_message(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """A ``message`` node."""
    following = parts.target(fields, "next")
    no_number = _without_number(parts, fields)
    sent = parts.read.fields(inner, SENT)
    written = None if sent is None else sent.value("template")
    known = None if written is None else _known(parts, written)
    if written is None or known is None:
        return None
    name, text = known
    template = text.template
    if template is None or not _translated(parts, name, text, written.place):
        return None
    values = _values(parts, template, text.places)
    if following is None or values is None or (no_number is None and "on" in fields.entries):
        return None
    return TextMessage(name, values, following, no_number or following)


def _without_number(parts: NodeParts, fields: Fields) -> NodeName | None:
    written = fields.value("on")
    on = None if written is None else parts.read.fields(written, WAYS)
    if written is None or on is None:
        return None
    if not on.entries and not on.meant:
        parts.problems.error(
            Code.EMPTY,
            written.place,
            "There is no way under `on:`.",
            f"Write `{NO_NUMBER}: <node>`, or remove `on:`.",
        )
    return parts.target(on, NO_NUMBER)


def _known(parts: NodeParts, written: Tree) -> tuple[str, KnownText] | None:
    """The text that is meant, and its name; a misspelt one counts as sent all the same."""
    name = parts.read.text(written, "the name of a text")
    texts = parts.texts.texts
    if name is None or texts is None:
        return None
    parts.texts.sent.add(name)
    text = texts.get(name)
    if text is None and not parts.problems.full(written.place.file):
        _report_unknown(parts, name, texts, written.place)
    return None if text is None else (name, text)


def _report_unknown(parts: NodeParts, name: str, texts: KnownTexts, place: Place) -> None:
    remedy = did_you_mean(
        name,
        tuple(texts),
        otherwise="Write it under `messages:` of the hotline's messages.yaml"
        + (f"; there are: {listing(texts)}." if texts else "."),
    )
    parts.problems.error(Code.UNKNOWN_MESSAGE, place, f"There is no text {quoted(name)}.", remedy)


def _translated(parts: NodeParts, name: str, text: KnownText, place: Place) -> bool:
    """Whether there are words in every language of the hotline."""
    lacking = [each for each in parts.languages or () if each not in text.places]
    if lacking:
        is_own = not name.startswith(SHARED_PREFIX)
        parts.problems.error(
            Code.MESSAGE_UNTRANSLATED,
            text.place if is_own else place,
            f"The text {quoted(name)} has no words in {listing(lacking)}.",
            f"Add them in {text.place.file}, such as `{lacking[0]}: ...`.",
        )
    return not lacking


def _values(
    parts: NodeParts, template: Template, places: Mapping[str, Place]
) -> tuple[Held, ...] | None:
    """The variables that stand in the text, each of which this flow must have."""
    variables = parts.variables
    if variables is None:
        return None
    whole = True
    for language, wording in template.wordings.items():
        gaps = [each for each in wording if isinstance(each, Gap)]
        good = [_fits(parts, variables, each, places[language]) for each in gaps]
        if not all(good):
            whole = False
        elif language in (parts.languages or ()):
            _check_length(parts, template, language, places[language])
    if not whole:
        return None
    parts.used.update(template.names())
    return tuple(Held(name, variables[name].index) for name in template.names())


def _fits(parts: NodeParts, variables: Mapping[str, Slot], gap: Gap, place: Place) -> bool:
    name = gap.name
    slot = variables.get(name)
    if slot is None:
        parts.problems.error(
            Code.UNKNOWN_VARIABLE,
            place,
            f"The text has a place for {{{name}}}, and the flow that sends it no such variable.",
            did_you_mean(
                name,
                tuple(variables),
                otherwise=f"Declare it under `vars:` of the flow; there are: {listing(variables)}.",
            ),
        )
        return False
    parts.used.add(name)
    if gap.money and slot.variable.kind is not Kind.INT:
        parts.problems.error(
            Code.TYPES_DIFFER,
            place,
            f"An amount of money is an int in fen, and {name} is {slot.variable.kind.value}.",
            f"Write {{{name}}}, or declare {name} as int.",
        )
        return False
    return not refuse_secret(parts.problems, place, slot)


def _check_length(parts: NodeParts, template: Template, language: str, place: Place) -> None:
    """Report a text that can take more messages than it may."""
    variables = {name: slot.variable for name, slot in (parts.variables or {}).items()}
    wording = template.wordings[language]
    size = worst_of(wording, language, variables)
    if size.parts <= template.parts:
        return
    free = [
        each.name
        for each in wording
        if isinstance(each, Gap)
        and variables[each.name].kind is Kind.TEXT
        and not variables[each.name].choices
    ]
    said = "".join(each for each in wording if isinstance(each, str))
    strange = outside_gsm(said)
    remedies = [f"Write plain signs for {' and '.join(strange)}"] if strange else []
    remedies.append("shorten it" if strange else "Shorten it")
    if free:
        remedies.append(f"list the `values` or lower the `max` of {listing(dict.fromkeys(free))}")
    if size.parts <= PARTS_MAX:
        remedies.append(f"allow `parts: {size.parts}`")
    parts.problems.error(
        Code.MESSAGE_TOO_LONG,
        place,
        f"This text can take {size.parts} SMS ({size.units} "
        f"{'septets' if size.alphabet.value == 'GSM 7 bit' else 'characters'} of "
        f"{size.alphabet.value} at most), and may take {template.parts}"
        f"{_why_short(said, strange)}.",
        f"{', or '.join(remedies)}.",
    )


def _why_short(said: str, strange: tuple[str, ...]) -> str:
    """What a few characters do to the room for all others; nobody sees it in the text."""
    if not strange:
        return ""
    what = f"{' and '.join(strange)} {'is' if len(strange) == 1 else 'are'}"
    why = f"; {what} outside the SMS alphabet (GSM 7-bit), so only {UNITS_SINGLE} characters fit"
    is_quoted = said[:1] == "\u201c" and said[-1:] == "\u201d"
    return f"{why}, and the quotes round the whole text are sent with it" if is_quoted else why
