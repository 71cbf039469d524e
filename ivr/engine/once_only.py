"""Once-only effects on their way: from a turn to an intent, and from an intent to what is done.

A key is made of ids that are used once, so the same effect has the same key whenever it is asked
for: live, after a restart, or twice by mistake.
"""

from dataclasses import dataclass
from typing import assert_never

import msgspec

from ivr.call.effects import KeepVoiceMessage, PromiseCallback, PushMessage, WriteRecord
from ivr.engine.driver import OnceOnly
from ivr.engine.rows import Intent
from router.effects import RecordPresence


@dataclass(frozen=True, slots=True)
class Planned:
    """A once-only effect with all that it needs to be done later, in another process too."""

    key: str
    effect: OnceOnly
    wall: int
    """UTC milliseconds of the turn that asked for it."""


class UnknownIntentError(Exception):
    """An intent of other code: its effect cannot be read."""


_KINDS: dict[str, type[OnceOnly]] = {
    each.__name__: each
    for each in (WriteRecord, PromiseCallback, KeepVoiceMessage, PushMessage, RecordPresence)
}


def plan(effect: OnceOnly, *, wall: int) -> Planned:
    """This effect with its key."""
    return Planned(key_of(effect), effect, wall)


def key_of(effect: OnceOnly) -> str:
    """The name of this effect, used once."""
    match effect:
        case WriteRecord(record):
            return f"record:{record.contact}"
        case PromiseCallback(order):
            return f"order:{order}"
        case PushMessage(message):
            return f"message:{message}"
        case KeepVoiceMessage(message):
            return f"voice:{message}"
        case RecordPresence(record):
            # A router that forgot all counts its keys anew, at a later time than all before.
            return f"presence:{record.key}@{record.at}"
        case _:
            assert_never(effect)


def intent_of(planned: Planned, *, stream: str) -> Intent:
    """What is committed to before it is done."""
    body = {"wall": planned.wall, "effect": planned.effect}
    written = msgspec.json.encode(body, order="deterministic")
    return Intent(planned.key, stream, type(planned.effect).__name__, written, None)


@dataclass(frozen=True, slots=True)
class _Written:
    wall: int
    effect: msgspec.Raw


def planned_of(intent: Intent) -> Planned:
    """What this intent was for. Raises ``UnknownIntentError``."""
    kind = _KINDS.get(intent.kind)
    if kind is None:
        raise UnknownIntentError(f"{intent.key}: nothing of kind {intent.kind!r} is done here")
    try:
        written = msgspec.json.decode(intent.body, type=_Written)
        effect = msgspec.json.decode(written.effect, type=kind)
    except msgspec.DecodeError as error:
        raise UnknownIntentError(f"{intent.key}: {error}") from error
    return Planned(intent.key, effect, written.wall)
