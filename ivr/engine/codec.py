"""Events and states as plain data and back, for the journal: the same, whatever wrote it down.

An event's ``kind`` is its type's name. Only types that can enter the engine are known; a kind of
another version of the code is an error of the reader, who must not replay it.
"""

from dataclasses import dataclass
from typing import Any, get_args

import msgspec

from ivr.engine.driver import DriverSnapshot, EngineEvent
from ivr.engine.rows import ANCHORED as ANCHORED


class UnknownKindError(Exception):
    """A row of a kind this code does not have: it was written by other code."""


def _types_of(union: Any) -> list[type]:
    found: list[type] = []
    for one in get_args(union):
        found += _types_of(one) if get_args(one) else [one]
    return found


_TYPES: dict[str, type] = {one.__name__: one for one in _types_of(EngineEvent)}

KINDS = tuple(_TYPES)
"""Every kind of event that can enter the engine."""


def encode(event: EngineEvent) -> tuple[str, bytes]:
    """An event's kind and body; the body is JSON with sorted keys, equal for equal events."""
    return type(event).__name__, msgspec.json.encode(event, order="deterministic")


def as_written(event: EngineEvent) -> tuple[EngineEvent, str, bytes]:
    """The event with its kind and body; half characters in it, from a foreign end, are replaced.

    JSON cannot hold them, and what the cores are given must be what a replay gives them.
    """
    try:
        return event, *encode(event)
    except UnicodeEncodeError:
        kind = type(event).__name__
        whole = _whole(msgspec.to_builtins(event))
        event = decode(kind, msgspec.json.encode(whole))
        return event, *encode(event)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _whole(each) for key, each in value.items()}  # pyright: ignore
    return value


def decode(kind: str, body: bytes) -> EngineEvent:
    """The event that was written. Raises ``UnknownKindError``, ``msgspec.ValidationError``."""
    known: Any = _TYPES.get(kind)
    if known is None:
        raise UnknownKindError(f"no event of kind {kind!r} enters this version of the engine")
    return msgspec.json.decode(body, type=known)


@dataclass(frozen=True, slots=True)
class KeptState:
    """A driver's state as it is kept.

    ``at_rest`` tells that an engine ended in order: no contact lived, nothing was under way.
    """

    at_rest: bool
    state: DriverSnapshot


@dataclass(frozen=True, slots=True)
class _Envelope:
    at_rest: bool


def encode_state(snapshot: DriverSnapshot, *, at_rest: bool) -> bytes:
    """A state as JSON, equal for equal states."""
    return msgspec.json.encode(KeptState(at_rest, snapshot), order="deterministic")


def decode_state(body: bytes) -> DriverSnapshot:
    """The state that was written. Raises ``msgspec.DecodeError`` for what is none of this code."""
    return msgspec.json.decode(body, type=KeptState).state


def was_at_rest(body: bytes) -> bool:
    """Whether an engine ended in order with this state; also of states that other code wrote."""
    try:
        return msgspec.json.decode(body, type=_Envelope).at_rest
    except msgspec.DecodeError:
        return False
