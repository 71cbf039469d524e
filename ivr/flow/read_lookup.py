"""Reads ``lookup``: which service is asked, what it is sent, and where its answer goes."""

from collections.abc import Mapping
from dataclasses import replace

from ivr.flow.keys import Either, Form, Inner, Key, Name, Named, NameOf, OneOf, Several, Shape
from ivr.flow.looking_up import sends_secret
from ivr.flow.model import Collect, Held, Lookup, Node, NodeName, Send, Take
from ivr.flow.node_parts import Draft, Edge, NodeParts, all_values
from ivr.flow.problems import Code, Problems, did_you_mean, listing, quoted
from ivr.flow.read_expressions import slot_of
from ivr.flow.read_variables import VARIABLE_NAME
from ivr.flow.services import GRACE_MS, LookupOutcome, Method, SentAs, Service
from ivr.flow.shape import Fields
from ivr.flow.values import Kind
from ivr.flow.yaml_tree import Entry, Scalar, Tree

CALLER = "caller"
"""What stands for the caller's number under ``send:``; the flow itself never knows it."""

_NODE = Name(NameOf.NODE)
_VARIABLE = Form(VARIABLE_NAME, "a variable of the flow")
LOOKUP = Shape(
    "lookup",
    (
        Key("service", "one of the services of site.yaml", required=True, value=Name()),
        Key(
            "send",
            "what it is told: its name for it, and a variable, or `caller` for the number",
            value=Named(Either((OneOf((CALLER,)), _VARIABLE))),
        ),
        Key(
            "into",
            "what is wanted of its answer: its name for it, and the variable that holds it",
            value=Named(_VARIABLE),
        ),
        Key(
            "prompt",
            "what is said while it is asked; music follows",
            value=Several(Name(NameOf.PROMPT), low=1, or_one=True),
        ),
    ),
)
ON_LOOKUP = Shape(
    "on",
    (
        Key("not_found", "the node where it knows nothing of this; as failed", value=_NODE),
        Key("failed", "the node where there is no usable answer", value=_NODE, needed=True),
        Key("lost", "the node where a secret to be sent is kept no more", value=_NODE),
    ),
)
LOOKUP_NODE = Shape(
    "a lookup node",
    (
        Key("lookup", "what another system is asked", value=Inner(LOOKUP)),
        Key("next", "the node that follows once it is found", required=True, value=_NODE),
        Key("on", "the other ways", value=Inner(ON_LOOKUP), needed=True),
    ),
)


def read_lookup(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """A ``lookup`` node; where a lost secret leads may be left to ``settle_lost``."""
    following = parts.target(fields, "next")
    inside = parts.read.fields(inner, LOOKUP)
    ways = _ways(parts, fields)
    if inside is None:
        return None
    prompts = parts.prompts_of(inside, "prompt", default=())
    written = inside.value("service")
    service = None if written is None else _service(parts, written)
    if service is None:
        return None
    sends, takes = _sends(parts, service, inside), _takes(parts, service, inside)
    if following is None or ways is None or prompts is None or sends is None or takes is None:
        return None
    on = {LookupOutcome.FOUND: following, **ways}
    on.setdefault(LookupOutcome.NOT_FOUND, on[LookupOutcome.FAILED])
    on = {each: on[each] for each in LookupOutcome if each in on}
    node = Lookup(service.name, sends, takes, on, prompts, service.answer_ms_max + GRACE_MS)
    if LookupOutcome.LOST in ways and not sends_secret(node):
        _warn_useless(parts, fields)
    return node


def settle_lost(draft: Draft, problems: Problems) -> None:
    """Lead each lost secret, where no way is written, to the only node that collects it."""
    for name, node in list(draft.nodes.items()):
        if not isinstance(node, Lookup) or LookupOutcome.LOST in node.on or not sends_secret(node):
            continue
        secrets = {each.held for each in node.sends if each.sent_as is SentAs.SECRET}
        asking = [
            other
            for other, each in draft.nodes.items()
            if isinstance(each, Collect) and each.into in secrets
        ]
        if len(asking) == 1:
            draft.edges.append(Edge(name, asking[0], draft.places[name]))
            draft.nodes[name] = replace(node, on={**node.on, LookupOutcome.LOST: asking[0]})
        elif draft.is_readable:
            del draft.nodes[name]
            problems.error(
                Code.LOOKUP_LOST_MISSING,
                draft.places[name],
                "This lookup sends a secret, and does not say where a caller goes whose secret is "
                "kept no more.",
                "Add `lost: <node>` under `on:`, the node that asks for it again.",
            )


def _service(parts: NodeParts, written: Tree) -> Service | None:
    name = parts.read.name(written, "the name of a service")
    services = parts.services
    if name is None or services is None or name in services:
        return None if name is None or services is None else services[name]
    if not parts.problems.full(written.place.file):
        parts.problems.error(
            Code.UNKNOWN_SERVICE,
            written.place,
            f"There is no service {quoted(name)}.",
            did_you_mean(name, tuple(services), otherwise="Add it under `services:` in site.yaml."),
        )
    return None


def _ways(parts: NodeParts, fields: Fields) -> dict[LookupOutcome, NodeName] | None:
    written = fields.value("on")
    on = Fields(fields.place, {}) if written is None else parts.read.fields(written, ON_LOOKUP)
    if on is None:
        return None
    ways: dict[LookupOutcome, NodeName | None] = {}
    for outcome in (LookupOutcome.NOT_FOUND, LookupOutcome.FAILED, LookupOutcome.LOST):
        if on.value(outcome.value) is not None:
            ways[outcome] = parts.target(on, outcome.value)
    if LookupOutcome.FAILED not in ways:
        ways[LookupOutcome.FAILED] = None
        if "failed" not in on.meant and "on" not in fields.meant:
            parts.problems.error(
                Code.LOOKUP_FALLBACK_MISSING,
                fields.place_of("on"),
                "This lookup does not say where a caller goes when there is no answer.",
                "Add `failed: <node>` under `on:`; every other system is away one day.",
            )
    known = all_values(ways)
    return None if known is None else dict(known)


def _warn_useless(parts: NodeParts, fields: Fields) -> None:
    parts.problems.warn(
        Code.LOOKUP_EXIT_USELESS,
        fields.place_of("on"),
        "This lookup sends no secret, and says where a caller goes whose secret is lost.",
        "Remove `lost`.",
    )


def _sends(parts: NodeParts, service: Service, inside: Fields) -> tuple[Send, ...] | None:
    sends: list[Send | None] = []
    for entry in _entries(parts, inside, "send"):
        kind = _declared(parts, service, entry.key, service.sends, "takes")
        word = parts.read.name(entry.value, f"what is sent as {quoted(entry.key.text)}")
        if kind is None or word is None:
            sends.append(None)
        elif word == CALLER:
            sends.append(_caller(parts, service, entry, kind))
        else:
            held = (
                None if _is_bared(parts, service, entry, kind) else _held(parts, entry, word, kind)
            )
            sent_as = SentAs.SECRET if kind is Kind.SECRET else SentAs.VALUE
            sends.append(None if held is None else Send(entry.key.text, sent_as, held))
    good = tuple(each for each in sends if each is not None)
    if len(good) < len(sends):
        return None
    _check_all_sent(parts, service, inside, good)
    return good


def _check_all_sent(
    parts: NodeParts, service: Service, inside: Fields, sends: tuple[Send, ...]
) -> None:
    """Some services know what they can do without; the others can not answer rightly."""
    left_out = [each for each in service.sends if each not in {sent.name for sent in sends}]
    if left_out and "send" not in inside.meant:
        parts.problems.warn(
            Code.FIELD_UNSENT,
            inside.place_of("send"),
            f"The service {quoted(service.name)} takes {listing(map(quoted, left_out))} as well.",
            f"Add `{left_out[0]}: <variable>` under `send:`; or declare a service of its own in "
            "site.yaml that is asked without it.",
        )


def _takes(parts: NodeParts, service: Service, inside: Fields) -> tuple[Take, ...] | None:
    takes: list[Take | None] = []
    filled: set[str] = set()
    for entry in _entries(parts, inside, "into"):
        kind = _declared(parts, service, entry.key, service.answers, "answers")
        word = parts.read.name(entry.value, f"where {quoted(entry.key.text)} goes")
        held = None if kind is None or word is None else _held(parts, entry, word, kind)
        if word is not None and word in filled:
            parts.problems.error(
                Code.LISTED_TWICE,
                entry.value.place,
                f"The variable {quoted(word)} is filled twice.",
                "Remove one of the two.",
            )
        filled.add(word or "")
        takes.append(None if kind is None or held is None else Take(entry.key.text, kind, held))
    good = tuple(each for each in takes if each is not None)
    return good if len(good) == len(takes) else None


def _entries(parts: NodeParts, inside: Fields, key: str) -> tuple[Entry, ...]:
    written = inside.value(key)
    table = None if written is None else parts.read.table(written, key, keys=("number",))
    return () if table is None else table.entries


def _declared(
    parts: NodeParts, service: Service, name: Scalar, types: Mapping[str, Kind], does: str
) -> Kind | None:
    """The type of a name that the service takes or answers."""
    kind = types.get(name.text)
    if kind is None and not parts.problems.full(name.place.file):
        known = f"Add it to the service in site.yaml; it {does}: {listing(types)}."
        parts.problems.error(
            Code.UNKNOWN_FIELD,
            name.place,
            f"The service {quoted(service.name)} {does} no {quoted(name.text)}.",
            did_you_mean(name.text, tuple(types), otherwise=known),
        )
    return kind


def _caller(parts: NodeParts, service: Service, entry: Entry, kind: Kind) -> Send | None:
    if service.method is Method.GET:
        parts.problems.error(
            Code.PERSONAL_IN_ADDRESS,
            entry.value.place,
            "The caller's number would stand in an address, which many others write down.",
            f"Ask the service {quoted(service.name)} by `method: post`.",
        )
        return None
    if kind is not Kind.TEXT:
        _types_differ(
            parts, entry, f"The caller's number is text, and {quoted(entry.key.text)}", kind
        )
        return None
    return Send(entry.key.text, SentAs.CALLER)


def _is_bared(parts: NodeParts, service: Service, entry: Entry, kind: Kind) -> bool:
    """Whether a secret is sent as something else, by mistake here or in site.yaml."""
    word = entry.value.text if isinstance(entry.value, Scalar) else ""
    slot = (parts.variables or {}).get(word)
    if slot is None or slot.variable.kind is not Kind.SECRET or kind is Kind.SECRET:
        return False
    parts.used.add(word)
    name = entry.key.text
    parts.problems.error(
        Code.SECRET_LEAVES_VAULT,
        entry.value.place,
        f"The service {quoted(service.name)} takes {quoted(name)} as {kind.value}, and "
        f"{quoted(word)} is a secret.",
        f"Declare `{name}: secret` at services/{service.name}/sends in site.yaml.",
    )
    return True


def _held(parts: NodeParts, entry: Entry, word: str, kind: Kind) -> Held | None:
    """The variable of this name, of the type that the service declares."""
    slot = slot_of(parts, word, entry.value.place, secret=kind is Kind.SECRET)
    if slot is None:
        return None
    if slot.variable.kind is not kind:
        told = f"{quoted(word)} is {slot.variable.kind.value}, and {quoted(entry.key.text)}"
        _types_differ(parts, entry, told, kind)
        return None
    return Held(word, slot.index)


def _types_differ(parts: NodeParts, entry: Entry, told: str, kind: Kind) -> None:
    parts.problems.error(
        Code.TYPES_DIFFER,
        entry.value.place,
        f"{told} of the service is {kind.value}.",
        "Change the type of the variable, or that in site.yaml.",
    )
