"""What a reply means to whoever asked."""

from collections.abc import Callable

import msgspec

from ivr.adapters.ari.events import Bridge, Channel
from ivr.adapters.ari.operations import Reply
from ivr.call.effects import TelephonyEffect
from ivr.call.model import CommandFailure, LegId

Fail = Callable[[LegId, TelephonyEffect, Reply], None]
"""Tells the sink that an effect on this leg was not carried out."""


def is_gone(reply: Reply) -> bool:
    """Whether the thing had ended already: normal in telephony, and never an error."""
    return reply.status in (404, 410)


def failure_of(reply: Reply) -> CommandFailure:
    """The failure that the call core is told."""
    if reply.status in (404, 409, 410, 412):
        return CommandFailure.GONE
    if reply.status == -1:
        return CommandFailure.OVERLOADED
    return CommandFailure.TIMED_OUT if reply.status == 0 else CommandFailure.REFUSED


def state_in(reply: Reply) -> str:
    """The state of the channel that was asked for; nothing when there is none."""
    try:
        return msgspec.json.decode(reply.body, type=Channel).state if reply.ok else ""
    except msgspec.DecodeError:
        return ""


def channels_in(reply: Reply) -> list[str]:
    """Who is in the bridge that was asked for; nobody when there is none."""
    try:
        return msgspec.json.decode(reply.body, type=Bridge).channels if reply.ok else []
    except msgspec.DecodeError:
        return []
