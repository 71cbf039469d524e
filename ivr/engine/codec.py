"""Events as plain data and back, for the journal: the same event, whatever wrote it down.

An event's ``kind`` is its type's name. Only types that can enter the engine are known; a kind of
another version of the code is an error of the reader, who must not replay it.
"""

from typing import Any, get_args

import msgspec

from ivr.engine.driver import EngineEvent


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


def decode(kind: str, body: bytes) -> EngineEvent:
    """The event that was written. Raises ``UnknownKindError``, ``msgspec.ValidationError``."""
    known: Any = _TYPES.get(kind)
    if known is None:
        raise UnknownKindError(f"no event of kind {kind!r} enters this version of the engine")
    return msgspec.json.decode(body, type=known)
