"""What a fake Asterisk node is like: its latencies, its bounds, the faults put into it."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ivr.call.effects import TelephonyEffect
from ivr.call.events import TelephonyEvent
from router.model import Millis

COMMANDS_MAX: Final = 10_000
"""Commands waiting for one transport; a thousand calls at once ask for far fewer."""
JOINING_MAX: Final = 256
"""Joining commands under way over HTTP; each holds a connection while its channel plays."""
EVENT_COPIES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something takes: ``ms``, and up to ``spread_ms`` more by chance."""

    ms: Millis
    spread_ms: Millis = 0

    def draw(self, chance: random.Random | None) -> Millis:
        """One value; without a source of chance always the same."""
        if chance is None or not self.spread_ms:
            return self.ms
        return self.ms + chance.randint(0, self.spread_ms)


@dataclass(frozen=True, slots=True)
class Latencies:
    """The defaults are the medians measured on 22.10 (docs/asterisk.md), in whole milliseconds."""

    websocket: Latency = Latency(1)
    """A command that returns at once, executed by the WebSocket's thread."""
    http: Latency = Latency(2)
    """A joining command until it stands at the channel's thread."""
    event: Latency = Latency(1)
    """An event from Asterisk to us."""
    signalling: Latency = Latency(4)
    """A SIP message and the phone's or Asterisk's reaction to it."""


def no_delay(effect: TelephonyEffect) -> Millis:
    """The fault of no command being slow."""
    del effect
    return 0


def one_copy(event: TelephonyEvent) -> int:
    """The fault of no event being lost or doubled."""
    del event
    return 1


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong, as functions of what passes by; pure, or drawing from a seeded source."""

    command_delay_ms: Callable[[TelephonyEffect], Millis] = no_delay
    """Extra time Asterisk takes to execute this command; delays those behind it too."""
    event_copies: Callable[[TelephonyEvent], int] = one_copy
    """How often the sink gets this event: 0 loses it, 2 doubles it. This breaks the port's
    promises on purpose, to see what the cores make of it."""


@dataclass(frozen=True, slots=True)
class NodeSettings:
    """One node's properties; the defaults are a healthy one."""

    latencies: Latencies = field(default_factory=Latencies)
    faults: Faults = field(default_factory=Faults)
    command_deadline_ms: Millis = 5_000
    """How long we wait for an answer when the connection is gone."""
    joining_deadline_ms: Millis = 10_000
    """How long we wait for a joining command, which waits for its channel's prompts."""
    beep_ms: Millis = 250
    """How long the beep before a recording sounds; nothing is recorded meanwhile."""
    retry_into_application_s: int = 8
    """Seconds the dialplan tries a caller again while the application is away."""
