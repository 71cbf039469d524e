"""Steps that the scenarios of the port ``Telephony`` share."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from telephony_harness import LeftBehind, SeenEvent, TelephonyHarness

from ivr.call.effects import (
    AnswerLeg,
    BridgeLegs,
    DialDevice,
    PlayPrompts,
    ReleaseLeg,
    StopPlayback,
)
from ivr.call.events import (
    CallArrived,
    CommandFailed,
    LegAnswered,
    LegEnded,
    LegsBridged,
    PlaybackFinished,
    TelephonyEvent,
)
from ivr.call.model import (
    BridgeId,
    LegId,
    PlaybackId,
    PlaybackOutcome,
    ReleaseReason,
)
from ivr.flow.model import PromptKey
from router.model import DeviceId, Millis

Scenario = Callable[[TelephonyHarness], Awaitable[None]]

SOON_MS: Millis = 3_000
"""What needs no more than a command and its event comes in this time, on a loaded machine too."""
QUIET_MS: Millis = 500
"""Long enough for a wrong second event to show itself."""
AT_ONCE_MS: Millis = 400
"""A command is not delayed when its event is here by then: far less than any prompt."""
RING_MS_MAX: Millis = 20_000
BUSY, CALL_REJECTED = 17, 21


@dataclass(slots=True)
class Caller:
    """A caller's leg with a source of ids for all that is asked for on it."""

    world: TelephonyHarness
    arrived: CallArrived
    legs: int = 0
    others: int = 0
    dialled: list[LegId] = field(default_factory=list[LegId])

    @property
    def leg(self) -> LegId:
        return self.arrived.leg

    def play(self, *prompts: PromptKey, leg: LegId | None = None) -> PlaybackId:
        self.others += 1
        playback = PlaybackId(f"{self.arrived.contact}.p{self.others}")
        language = self.world.prompts.language
        self.world.perform(PlayPrompts(leg or self.leg, playback, prompts, language))
        return playback

    def dial(self, device: DeviceId) -> LegId:
        self.legs += 1
        leg = LegId(f"{self.arrived.contact}.{self.legs}")
        self.dialled.append(leg)
        self.world.perform(
            DialDevice(leg, device, self.arrived.contact, self.arrived.caller, RING_MS_MAX)
        )
        return leg

    def bridge(self, *legs: LegId) -> BridgeId:
        self.others += 1
        bridge = BridgeId(f"{self.arrived.contact}.b{self.others}")
        self.world.perform(BridgeLegs(bridge, legs))
        return bridge

    def stop(self, playback: PlaybackId) -> None:
        self.world.perform(StopPlayback(self.leg, playback))

    def release(self, leg: LegId | None = None) -> None:
        self.world.perform(ReleaseLeg(leg or self.leg, ReleaseReason.NORMAL))


async def arriving(world: TelephonyHarness) -> Caller:
    """Somebody whom we have not answered."""
    return Caller(world, await world.arrive())


async def answered(world: TelephonyHarness) -> Caller:
    """Somebody whom we have answered."""
    caller = await arriving(world)
    world.perform(AnswerLeg(caller.leg))
    await up(world, caller.leg)
    return caller


async def up(world: TelephonyHarness, leg: LegId) -> SeenEvent:
    """The leg's ``LegAnswered``."""
    return await world.wait_for(
        lambda event: event == LegAnswered(leg), what=f"LegAnswered({leg})", within_ms=SOON_MS
    )


async def finished(
    world: TelephonyHarness, playback: PlaybackId, *, within_ms: Millis = SOON_MS
) -> SeenEvent:
    """The playback's end, whatever its outcome."""
    return await world.wait_for(
        lambda event: isinstance(event, PlaybackFinished) and event.playback == playback,
        what=f"PlaybackFinished({playback})",
        within_ms=within_ms,
    )


async def ended(world: TelephonyHarness, leg: LegId) -> LegEnded:
    """The leg's end."""
    event = (await _end_of(world, leg)).event
    assert isinstance(event, LegEnded)
    return event


async def ended_at(world: TelephonyHarness, leg: LegId) -> Millis:
    """When the leg's end was told."""
    return (await _end_of(world, leg)).at


async def _end_of(world: TelephonyHarness, leg: LegId) -> SeenEvent:
    return await world.wait_for(
        lambda event: isinstance(event, LegEnded) and event.leg == leg,
        what=f"LegEnded({leg})",
        within_ms=SOON_MS,
    )


async def bridged(
    world: TelephonyHarness, bridge: BridgeId, *, within_ms: Millis = SOON_MS
) -> SeenEvent:
    """All legs are in the bridge."""
    return await world.wait_for(
        lambda event: isinstance(event, LegsBridged) and event.bridge == bridge,
        what=f"LegsBridged({bridge})",
        within_ms=within_ms,
    )


async def release_all(world: TelephonyHarness, legs: Iterable[LegId]) -> None:
    """Hang these legs up and see their ends."""
    legs = tuple(legs)
    for leg in legs:
        world.perform(ReleaseLeg(leg, ReleaseReason.NORMAL))
    for leg in legs:
        await ended(world, leg)


def events_of(world: TelephonyHarness, leg: LegId) -> list[TelephonyEvent]:
    """What was said of this leg, in order."""
    return [item.event for item in world.seen if item.event.leg == leg]


def outcome(item: SeenEvent) -> PlaybackOutcome:
    """How the playback of this event ended."""
    assert isinstance(item.event, PlaybackFinished)
    return item.event.outcome


async def nothing_left(world: TelephonyHarness) -> None:
    """Nothing lives on the node, each leg ended once and its end was the last news of it."""
    await world.pass_time(QUIET_MS)
    assert await world.left_behind() == LeftBehind(channels=0, bridges=0, playbacks=0)
    for leg in {item.event.leg for item in world.seen}:
        # The answer to a command given after the end is no news of the leg.
        news = [event for event in events_of(world, leg) if not isinstance(event, CommandFailed)]
        ends = [event for event in news if isinstance(event, LegEnded)]
        assert len(ends) == 1, f"{leg} ended {len(ends)} times: {news}"
        assert isinstance(news[-1], LegEnded), f"{leg} had news after its end: {news}"
