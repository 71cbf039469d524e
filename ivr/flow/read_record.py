"""Reads ``record``: the caller's voice, from the beep to ``#``, silence, the end of the time, or
the end of the call."""

from collections.abc import Mapping

from ivr.flow.durations import duration_text
from ivr.flow.keys import Duration, Flag, Inner, Key, Name, NameOf, Several, Shape
from ivr.flow.model import Node, NodeName, Record, RecordExit
from ivr.flow.node_parts import NodeParts
from ivr.flow.shape import Fields
from ivr.flow.yaml_tree import Tree

RECORD_MS_DEFAULT = 60_000
RECORD_MS_MIN, RECORD_MS_MAX = 5_000, 600_000
"""Less is no message; more fills a disk, and nobody hears it out."""

SILENCE_MS_DEFAULT = 4_000
SILENCE_MS_MIN, SILENCE_MS_MAX = 1_000, 30_000
"""Less is a breath between two words; more is somebody who has put the receiver down beside it."""

_NODE = Name(NameOf.NODE)

RECORD = Shape(
    "record",
    (
        Key(
            "prompt",
            "what is said before the beep: a prompt, or a list of them",
            required=True,
            value=Several(Name(NameOf.PROMPT), low=1, or_one=True),
        ),
        Key("topic", "what the message is about, for those who hear it", True, value=Name()),
        Key(
            "max",
            "the longest message",
            value=Duration(RECORD_MS_MIN, RECORD_MS_MAX),
            default=duration_text(RECORD_MS_DEFAULT),
        ),
        Key(
            "silence",
            "so much of it ends the message",
            value=Duration(SILENCE_MS_MIN, SILENCE_MS_MAX),
            default=duration_text(SILENCE_MS_DEFAULT),
        ),
        Key("barge_in", "false when no key may cut the prompt", value=Flag(), default=True),
    ),
)
RECORD_ON = Shape(
    "on",
    (
        Key("empty", "where a caller goes who said nothing; else to `next`", value=_NODE),
        Key("failed", "where it goes when nothing could be recorded; else to `next`", value=_NODE),
    ),
)
RECORD_NODE = Shape(
    "a record node",
    (
        Key("record", "what may be said after the beep", value=Inner(RECORD)),
        Key("next", "the node that follows a message", required=True, value=_NODE),
        Key("on", "where it goes otherwise", value=Inner(RECORD_ON)),
    ),
)


def read_record(parts: NodeParts, fields: Fields, inner: Tree) -> Node | None:
    """A ``record`` node."""
    ways = _ways(parts, fields)
    said = parts.read.fields(inner, RECORD)
    if said is None:
        return None
    prompts = parts.prompts_of(said, "prompt")
    about = said.value("topic")
    topic = None if about is None else parts.read.name(about, "the topic of a message")
    max_ms = _span(parts, said, "max", (RECORD_MS_DEFAULT, RECORD_MS_MIN, RECORD_MS_MAX))
    silence_ms = _span(parts, said, "silence", (SILENCE_MS_DEFAULT, SILENCE_MS_MIN, SILENCE_MS_MAX))
    barge_in = parts.barge_in(said)
    if prompts is None or topic is None or barge_in is None or ways is None:
        return None
    if max_ms is None or silence_ms is None:
        return None
    return Record(prompts, topic, max_ms, silence_ms, ways, barge_in)


def _ways(parts: NodeParts, fields: Fields) -> Mapping[RecordExit, NodeName] | None:
    following = parts.target(fields, "next")
    written = fields.value("on")
    on = Fields(fields.place, {}) if written is None else parts.read.fields(written, RECORD_ON)
    if on is None:
        return None
    given = {each: parts.target(on, each.value) for each in (RecordExit.EMPTY, RecordExit.FAILED)}
    unread = [each for each, to in given.items() if to is None and on.value(each.value) is not None]
    if following is None or unread:
        return None
    return {RecordExit.RECORDED: following, **{each: to or following for each, to in given.items()}}


def _span(parts: NodeParts, said: Fields, key: str, limits: tuple[int, int, int]) -> int | None:
    default_ms, low_ms, high_ms = limits
    written = said.value(key)
    if written is None:
        return default_ms
    return parts.read.duration(written, f"the value of {key}", low_ms=low_ms, high_ms=high_ms)
