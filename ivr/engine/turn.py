"""One turn as the journal sees it: what went in, a digest of what came out, or the bug it met.

The running engine and a replay take their turns here and nowhere else, so that both see the same
bug in the same way. After a bug the cores may be half changed. A replay changes them by the same
half, for nothing in them depends on chance; so the row of such a turn is journalled like any other,
its digest naming the bug instead of the effects.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

import msgspec

from ivr.engine.driver import Driver, EngineEvent, TurnResult
from router.errors import CoreBug
from router.model import Millis

DIGEST_BYTES = 8
"""Of a digest: enough that a difference by chance never goes unseen."""

BUG = "bug:"
"""Begins the digest of a turn that a bug cut short."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Met:
    """A bug that was met instead."""

    bug: Exception


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that was taken: ``result`` is None when ``bug`` cut it short."""

    result: TurnResult | None
    bug: Exception | None
    effects: bytes
    """All that it led to, in a form that is equal for equal effects."""
    digest: str


def attempt(work: Callable[[], T]) -> T | Met:
    """What this work of the cores gives, or the bug that it met."""
    try:
        return work()
    except Exception as bug:  # noqa: BLE001 - the one place: a core's bug must not end all calls
        return Met(bug)


def take(driver: Driver, event: EngineEvent, at: Millis, *, wall: int) -> Taken:
    """Let the driver take one input, whatever happens to it."""
    result = attempt(lambda: driver.handle(event, at, wall=wall))
    if isinstance(result, Met):
        named = _named(result.bug)
        return Taken(None, result.bug, named, BUG + _digest(named))
    effects = canonical(all_effects(result))
    return Taken(result, None, effects, _digest(effects))


def all_effects(result: TurnResult) -> tuple[object, ...]:
    """Everything a turn led to, class by class, each class in its order."""
    told = (*result.messages, *result.telephony, *result.once_only)
    return (*told, *result.answers, *result.edge)


def canonical(messages: Sequence[object]) -> bytes:
    """Messages as JSON that names their types; equal for equal messages."""
    tagged = [(type(each).__name__, each) for each in messages]
    return msgspec.json.encode(tagged, order="deterministic")


def _named(bug: Exception) -> bytes:
    # What Python itself says may hold an address in memory; what our code says holds none.
    said = str(bug) if isinstance(bug, CoreBug) else ""
    said = said.encode(errors="replace").decode()
    return msgspec.json.encode([("bug", type(bug).__name__, said)])


def _digest(written: bytes) -> str:
    return blake2b(written, digest_size=DIGEST_BYTES).hexdigest()
