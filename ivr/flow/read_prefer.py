"""Reads ``prefer`` of a queue node: the one agent for whom a caller waits before anybody else."""

from ivr.flow.durations import duration_text
from ivr.flow.keys import Duration, Either, Inner, Key, Name, OneOf, Shape
from ivr.flow.model import Held, Prefer
from ivr.flow.node_parts import NodeParts
from ivr.flow.problems import Code, Place, quoted
from ivr.flow.read_expressions import slot_of
from ivr.flow.shape import Fields
from ivr.flow.site import QueueEntry
from ivr.flow.values import Kind
from ivr.flow.yaml_tree import Scalar, Tree

LAST = "last"
"""Means whoever served this number last; a variable of this name can not be meant."""

PREFER_MS_MIN, PREFER_MS_MAX = 1_000, 3_600_000
WITHIN_MS_DEFAULT, WITHIN_MS_MIN, WITHIN_MS_MAX = 7 * 24 * 3_600_000, 60_000, 90 * 24 * 3_600_000
"""How long ago she served the caller; records are not searched further back than the longest."""

PREFER = Shape(
    "prefer",
    (
        Key(
            "agent",
            "`last` for who served this number last, or a text variable with an agent's name",
            required=True,
            value=Either((OneOf((LAST,)), Name())),
        ),
        Key(
            "for",
            "how long the caller waits for her alone, if she is there",
            required=True,
            value=Duration(PREFER_MS_MIN, PREFER_MS_MAX),
        ),
        Key(
            "within",
            "with `last`: how long ago she may have served the caller; 7d if left out",
            value=Duration(WITHIN_MS_MIN, WITHIN_MS_MAX),
            default="7d",
        ),
    ),
)
QUEUE_PREFER = Key(
    "prefer", "the one agent for whom the caller waits at first", value=Inner(PREFER)
)


def read_prefer(
    parts: NodeParts, entered: Fields, queue: QueueEntry | None
) -> tuple[bool, Prefer | None]:
    """Whether it reads well, and whom the caller of this queue waits for at first, if anybody."""
    written = entered.value("prefer")
    if written is None:
        return True, None
    if isinstance(written, Scalar):
        parts.problems.error(
            Code.WRONG_TYPE,
            written.place,
            f"`prefer` is {quoted(written.text)}, and does not say for how long.",
            f"Write `prefer: {{agent: {LAST}, for: 15s}}`.",
        )
        return False, None
    fields = parts.read.fields(written, PREFER)
    named, wait = (None, None) if fields is None else (fields.value("agent"), fields.value("for"))
    if fields is None or named is None or wait is None:
        return False, None
    is_known, agent = _agent(parts, named)
    for_ms = parts.read.duration(
        wait, "the value of for", low_ms=PREFER_MS_MIN, high_ms=PREFER_MS_MAX
    )
    within_ms = _within_ms(parts, fields, is_last=agent is None)
    if not is_known or for_ms is None or within_ms is None:
        return False, None
    if queue is not None and for_ms >= queue.wait_ms_max:
        _warn_longer(parts, wait.place, for_ms, queue)
    return True, Prefer(agent, for_ms, within_ms)


def _warn_longer(parts: NodeParts, place: Place, for_ms: int, queue: QueueEntry) -> None:
    longest = duration_text(queue.wait_ms_max)
    parts.problems.warn(
        Code.PREFER_FOR_USELESS,
        place,
        f"The caller waits {duration_text(for_ms)} for her alone, and in the queue {longest} at "
        "most: nobody else is ever asked.",
        f"Choose less than {longest}, or raise `wait` under `limits:` of the queue.",
    )


def _agent(parts: NodeParts, named: Tree) -> tuple[bool, Held | None]:
    name = parts.read.name(named, "the agent who is preferred")
    if name is None or name == LAST:
        return name is not None, None
    if name in (parts.names.transfers.agents or ()) and name not in (parts.variables or {}):
        parts.problems.error(
            Code.UNKNOWN_VARIABLE,
            named.place,
            f"{quoted(name)} is an agent, and `agent` is `{LAST}` or a text variable.",
            f'For one agent alone use a transfer: `transfer: {{agent: "{name}"}}`.',
        )
        return False, None
    # A secret is refused there: it is no name of anybody.
    slot = slot_of(parts, name, named.place)
    if slot is None:
        return False, None
    if slot.variable.kind is not Kind.TEXT:
        parts.problems.error(
            Code.TYPES_DIFFER,
            named.place,
            f"The variable {quoted(name)} holds no text, so it names no agent.",
            f"Name a variable of the type text, or write `agent: {LAST}`.",
        )
        return False, None
    return True, Held(name, slot.index)


def _within_ms(parts: NodeParts, fields: Fields, *, is_last: bool) -> int | None:
    written = fields.value("within")
    if written is None:
        return WITHIN_MS_DEFAULT
    if not is_last:
        parts.problems.warn(
            Code.PREFER_WITHIN_USELESS,
            fields.place_of("within"),
            "The agent of a variable is preferred whenever she served the caller.",
            "Remove `within`: it goes with `agent: last` only.",
        )
    return parts.read.duration(
        written, "the value of within", low_ms=WITHIN_MS_MIN, high_ms=WITHIN_MS_MAX
    )


def preferred_text(prefer: Prefer) -> str:
    """Whom the caller waits for at first and for how long, for people."""
    who = "who served last" if prefer.agent is None else f"the agent in {prefer.agent.name}"
    return f"{who}, up to {duration_text(prefer.for_ms)}"
