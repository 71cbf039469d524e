"""What a scenario of the port ``Telephony`` may do and see, whoever stands behind the port."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ivr.call.effects import TelephonyEffect
from ivr.call.events import CallArrived, TelephonyEvent
from ivr.call.model import LegId
from ivr.flow.model import Language, PromptKey
from router.model import DeviceId, Millis


class DeviceBehaviour(Enum):
    """What the phone of a device does with the call a scenario makes to it."""

    ANSWERS = "answers"
    REJECTS = "rejects"
    RINGS_OUT = "rings out"
    UNREGISTERED = "unregistered"


class Sound(Enum):
    """What a caller hears at a moment."""

    NOTHING = "nothing"
    MUSIC = "hold music"
    PROMPT = "a prompt"


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """An event, and when the sink got it."""

    at: Millis
    event: TelephonyEvent


@dataclass(frozen=True, slots=True)
class PromptChoice:
    """Prompts a scenario may play. ``short`` takes at least 1 s, ``long`` is longer by 1 s."""

    language: Language
    short: PromptKey
    short_ms: Millis
    long: PromptKey
    long_ms: Millis
    missing: PromptKey


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What lives on the node; counted by somebody else than who stands behind the port."""

    channels: int
    bridges: int
    playbacks: int


class NotSeenError(AssertionError):
    """An event did not come in time; names it and tells what came instead."""


class TelephonyHarness(Protocol):
    """One node, callers and agents' phones. Virtual time on the fake, real time on Asterisk."""

    prompts: PromptChoice
    tolerance_ms: Millis
    """How much later than at once, or off a prompt's length, is still right."""

    @property
    def seen(self) -> Sequence[SeenEvent]:
        """All events so far, in the order the sink got them."""
        ...

    def now(self) -> Millis:
        """The clock that times the events."""
        ...

    def perform(self, effect: TelephonyEffect) -> None:
        """The port's one method."""
        ...

    async def arrive(self) -> CallArrived:
        """Let somebody dial us, wait till he is announced, and do nothing with him."""
        ...

    async def call_from(self, device: DeviceId, dialled: str) -> CallArrived:
        """Let this device of ours dial, wait till it is announced, and do nothing with it."""
        ...

    async def press(self, leg: LegId, digit: str) -> None:
        """The caller of this leg presses a key."""
        ...

    async def speak(self, leg: LegId, for_ms: Millis) -> None:
        """The caller of this leg speaks for so long, and then is silent; back by then."""
        ...

    async def hang_up_caller(self, leg: LegId) -> None:
        """The caller of this leg hangs up."""
        ...

    async def heard(self, leg: LegId, *moments: Millis) -> list[Sound]:
        """What the party of this leg, which has ended, heard at these times of ``now``."""
        ...

    async def talk(self, leg: LegId) -> None:
        """The party of this leg talks from now on, in a voice of its own."""
        ...

    async def voices(self, leg: LegId, *moments: Millis) -> list[frozenset[LegId]]:
        """Whose voices the party of this leg, which has ended, heard at these times of ``now``."""
        ...

    async def device(self, behaviour: DeviceBehaviour) -> DeviceId:
        """A device that no other leg uses."""
        ...

    async def outside(self, behaviour: DeviceBehaviour) -> str:
        """The name of an outside number at which calls are treated so; for UNREGISTERED one that
        the allow-list does not have."""
        ...

    async def hang_up_outside(self, name: str) -> None:
        """Who was called by this name hangs up."""
        ...

    async def hang_up_device(self, device: DeviceId) -> None:
        """The agent at this device hangs up the call she has."""
        ...

    async def press_at(self, device: DeviceId, keys: str) -> None:
        """The agent at this device presses keys in the call she has."""
        ...

    async def wait_for(
        self, matches: Callable[[TelephonyEvent], bool], *, what: str, within_ms: Millis
    ) -> SeenEvent:
        """The first matching event since the beginning, awaited; ``NotSeenError`` else."""
        ...

    async def pass_time(self, duration_ms: Millis) -> None:
        """Let time pass, to see what comes or that nothing does."""
        ...

    async def left_behind(self) -> LeftBehind:
        """What lives on the node now."""
        ...


def not_seen(what: str, within_ms: Millis, seen: Sequence[SeenEvent]) -> NotSeenError:
    """The error that tells the story so far."""
    story = "\n".join(f"  {item.at:>8} ms  {item.event}" for item in seen)
    return NotSeenError(f"{what} was not seen within {within_ms} ms; the sink got:\n{story}")
