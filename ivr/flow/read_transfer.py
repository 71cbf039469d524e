"""Reads a ``transfer`` node: on to whoever can do something, to one agent, or to an outside number.

To an expert or an agent it is a wait, and becomes a queue node (``ivr.flow.transfers``). Outside it
is a call to a number of the site's allow-list, which stands in site.yaml only: a hotline names it.
"""

import re
from collections.abc import Mapping

from ivr.flow.durations import duration_text
from ivr.flow.keys import Duration, Either, Form, Inner, Key, Name, Named, NameOf, Shape, Text
from ivr.flow.model import EnterQueue, Node, NodeName, OutsideExit, QueueExit, TransferOutside
from ivr.flow.node_parts import NodeParts, all_values
from ivr.flow.problems import Code, did_you_mean, listing, quoted
from ivr.flow.queue_shapes import WAIT_MS_MAX, WAIT_MS_MIN
from ivr.flow.read_requirement import read_requirement
from ivr.flow.requirement import SkillRequirement
from ivr.flow.shape import Fields, Reader
from ivr.flow.site import OutsideNumber
from ivr.flow.transfer_names import transfer_queue_name
from ivr.flow.transfers import agent_requirement, asked_text, transfer_queue
from ivr.flow.yaml_tree import Tree

OUTSIDE_RING_MS_DEFAULT, OUTSIDE_RING_MS_MIN, OUTSIDE_RING_MS_MAX = 30_000, 5_000, 120_000
"""How long a number outside rings: no less than a phone needs, no more than a caller bears."""
OUTSIDE_NUMBER = r"\+?[0-9]{3,20}"

_NUMBER = re.compile(OUTSIDE_NUMBER)
_NODE = Name(NameOf.NODE)
_TARGETS = ("expert", "agent", "outside")

TRANSFER = Shape(
    "transfer",
    (
        Key("expert", "what the expert must have, such as data >= 3", value=Text()),
        Key("agent", "the one agent who is meant", value=Name()),
        Key("outside", "one of outside_numbers of site.yaml", value=Name()),
        Key(
            "wait",
            "how long the caller waits for an expert or the agent, such as 60s; not with outside",
            value=Duration(WAIT_MS_MIN, WAIT_MS_MAX),
        ),
    ),
)
ON_WAIT = Shape(
    "on",
    tuple(
        Key(each.value, "the node that follows", value=_NODE, needed=True)
        for each in (QueueExit.NO_AGENTS, QueueExit.TIMED_OUT)
    ),
)
ON_OUTSIDE = Shape(
    "on",
    (
        Key("failed", "the node when the call can not be made", value=_NODE, needed=True),
        Key("no_answer", "the node when nobody answers; that of failed if left out", value=_NODE),
        Key("busy", "the node when the line is busy; that of failed if left out", value=_NODE),
    ),
)
TRANSFER_NODE = Shape(
    "a transfer node",
    (
        Key("transfer", "to whom the caller is put through", value=Inner(TRANSFER)),
        Key(
            "on",
            "the ways out when nobody takes the call",
            value=Either((Inner(ON_WAIT), Inner(ON_OUTSIDE))),
            needed=True,
        ),
    ),
)
OUTSIDE_ENTRY = Shape(
    "an outside number",
    (
        Key(
            "number",
            "what is dialled, in quotes",
            required=True,
            value=Form(OUTSIDE_NUMBER, "a number that can be dialled"),
        ),
        Key(
            "ring",
            "how long it rings; 30s if left out",
            value=Duration(OUTSIDE_RING_MS_MIN, OUTSIDE_RING_MS_MAX),
            default=duration_text(OUTSIDE_RING_MS_DEFAULT),
        ),
    ),
)
OUTSIDE_NUMBERS = Key(
    "outside_numbers",
    "the numbers outside that callers may be put through to, by name",
    value=Named(Inner(OUTSIDE_ENTRY)),
)


def read_transfer(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """A ``transfer`` node."""
    asked = parts.read.fields(inner, TRANSFER)
    if asked is None:
        return None
    targets = [each for each in _TARGETS if asked.value(each) is not None]
    if len(targets) != 1 or ("outside" in targets and asked.value("wait") is not None):
        _report_targets(parts, asked, targets)
        return None
    if targets == ["outside"]:
        return _outside(parts, fields, asked)
    return _wait(parts, fields, asked)


def _report_targets(parts: NodeParts, asked: Fields, targets: list[str]) -> None:
    if not targets and asked.meant:
        return
    if len(targets) == 1:
        sentence = "A transfer outside rings as long as site.yaml says, and yet this one says wait."
        remedy, place = "Remove `wait`; write `ring` under `outside_numbers:`.", "wait"
    elif targets:
        sentence = f"A transfer goes to one place, and this one has {listing(targets)}."
        remedy, place = "Make a node for each, and lead from one to the next.", targets[1]
    else:
        sentence = "This transfer does not say to whom."
        remedy, place = 'Add one of: `expert: "data >= 3"`, `agent: "1001"`, `outside: <name>`.', ""
    parts.problems.error(Code.TRANSFER_TARGET, asked.place_of(place), sentence, remedy)


def _wait(parts: NodeParts, fields: Fields, asked: Fields) -> Node | None:
    exits = _exits(parts, fields)
    requirement = _requirement(parts, asked)
    wait_ms = _wait_ms(parts, asked)
    if requirement is None or wait_ms is None or exits is None:
        return None
    book = parts.names.transfers
    name = transfer_queue_name(parts.names.hotline, parts.flow, parts.node)
    book.queues[name] = transfer_queue(name, requirement, wait_ms)
    book.places[name] = asked.place_of("expert" if asked.value("expert") is not None else "agent")
    return EnterQueue(name, 0, exits, transfer=asked_text(requirement))


def _requirement(parts: NodeParts, asked: Fields) -> SkillRequirement | None:
    expert, agent = asked.value("expert"), asked.value("agent")
    if expert is not None:
        return read_requirement(parts.read, parts.names.skills, expert)
    name = None if agent is None else parts.read.name(agent, "the name of an agent")
    known = parts.names.transfers.agents
    if agent is None or name is None:
        return None
    if known is not None and name not in known:
        if not parts.problems.full(agent.place.file):
            parts.problems.error(
                Code.UNKNOWN_AGENT,
                agent.place,
                f"There is no agent {quoted(name)}.",
                did_you_mean(name, known, otherwise="Add her to the agents of site.yaml."),
            )
        return None
    return agent_requirement(name)


def _wait_ms(parts: NodeParts, asked: Fields) -> int | None:
    written = asked.value("wait")
    if written is not None:
        return parts.read.duration(
            written, "the value of wait", low_ms=WAIT_MS_MIN, high_ms=WAIT_MS_MAX
        )
    if "wait" not in asked.meant:
        parts.problems.error(
            Code.MISSING_KEY,
            asked.place,
            'The key "wait" is missing in a transfer to an expert.',
            "Add `wait:`, how long the caller waits at most, such as 60s.",
        )
    return None


def _exits(parts: NodeParts, fields: Fields) -> Mapping[QueueExit, NodeName] | None:
    written = fields.value("on")
    on = Fields(fields.place, {}) if written is None else parts.read.fields(written, ON_WAIT)
    if on is None:
        return None
    exits: dict[QueueExit, NodeName | None] = {}
    for each in (QueueExit.NO_AGENTS, QueueExit.TIMED_OUT):
        exits[each] = parts.target(on, each.value)
        if on.value(each.value) is None:
            _report_no_way_out(parts, fields, on, each.value)
    return all_values(exits)


def _report_no_way_out(parts: NodeParts, fields: Fields, on: Fields, way: str) -> None:
    if way not in on.meant and "on" not in fields.meant:
        parts.problems.error(
            Code.TRANSFER_EXIT_MISSING,
            fields.place_of("on"),
            f"This transfer does not say where a caller goes on {way}.",
            f"Add `{way}: <node>` under `on:`.",
        )


def _outside(parts: NodeParts, fields: Fields, asked: Fields) -> Node | None:
    exits = _outside_exits(parts, fields)
    written = asked.value("outside")
    name = None if written is None else parts.read.name(written, "the name of an outside number")
    known = parts.names.transfers.outside
    if written is None or name is None or known is None:
        return None
    if name not in known:
        if not parts.problems.full(written.place.file):
            parts.problems.error(
                Code.UNKNOWN_OUTSIDE_NUMBER,
                written.place,
                f"There is no outside number {quoted(name)}.",
                did_you_mean(
                    name, tuple(known), otherwise="Add it under `outside_numbers:` of site.yaml."
                ),
            )
        return None
    entry = known[name]
    return (
        None if exits is None or entry is None else TransferOutside(name, entry.ring_ms_max, exits)
    )


def _outside_exits(parts: NodeParts, fields: Fields) -> Mapping[OutsideExit, NodeName] | None:
    written = fields.value("on")
    on = Fields(fields.place, {}) if written is None else parts.read.fields(written, ON_OUTSIDE)
    if on is None:
        return None
    if on.value("failed") is None:
        _report_no_way_out(parts, fields, on, "failed")
    failed = parts.target(on, "failed")
    exits = {
        each: failed if on.value(each.value) is None else parts.target(on, each.value)
        for each in OutsideExit
        if each is not OutsideExit.FAILED
    }
    return all_values({OutsideExit.FAILED: failed, **exits})


def read_outside_numbers(read: Reader, fields: Fields) -> Mapping[str, OutsideNumber | None] | None:
    """The allow-list of site.yaml; None for an entry that is wrong, and for a list that is none."""
    written = fields.value("outside_numbers")
    if written is None:
        return {}
    table = read.table(written, "outside_numbers", keys=("police",))
    if table is None:
        return None
    numbers: dict[str, OutsideNumber | None] = {}
    for entry in table.entries:
        name = read.name(entry.key, "the name of an outside number")
        if name is not None:
            numbers[name] = _outside_number(read, name, entry.value)
    return numbers


def _outside_number(read: Reader, name: str, tree: Tree) -> OutsideNumber | None:
    fields = read.fields(tree, OUTSIDE_ENTRY)
    if fields is None:
        return None
    dialled, rings = fields.value("number"), fields.value("ring")
    number = None if dialled is None else read.text(dialled, "this number")
    if dialled is not None and number is not None and _NUMBER.fullmatch(number) is None:
        read.problems.error(
            Code.BAD_PHONE_NUMBER,
            dialled.place,
            f"{quoted(number)} is no number that can be dialled.",
            'Write 3 to 20 digits in quotes, with a + before a country code: "+8610110".',
        )
        number = None
    ring_ms: int | None = OUTSIDE_RING_MS_DEFAULT
    if rings is not None:
        ring_ms = read.duration(
            rings, "the value of ring", low_ms=OUTSIDE_RING_MS_MIN, high_ms=OUTSIDE_RING_MS_MAX
        )
    return None if number is None or ring_ms is None else OutsideNumber(name, number, ring_ms)
