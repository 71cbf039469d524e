"""The scenarios' world on the fake: virtual time, so awaiting never waits."""

from collections.abc import Callable, Sequence

from telephony_harness import (
    DeviceBehaviour,
    LeftBehind,
    PromptChoice,
    SeenEvent,
    Sound,
    not_seen,
)

from ivr.call.effects import TelephonyEffect
from ivr.call.events import CallArrived, TelephonyEvent
from ivr.call.model import LegId
from ivr.flow.model import Language, PromptKey
from router.model import DeviceId, Millis, qualified
from simulator.fake_asterisk import Answers, FakeAsterisk, PhoneScript, Rejects, RingsOut
from simulator.virtual_time import VirtualTime

ENGLISH = Language("en-US")
PROMPTS = PromptChoice(
    language=ENGLISH,
    short=PromptKey("short"),
    short_ms=1200,
    long=PromptKey("long"),
    long_ms=3000,
    missing=PromptKey("no-such-prompt"),
)
SCRIPTS: dict[DeviceBehaviour, PhoneScript] = {
    DeviceBehaviour.ANSWERS: Answers(after_ms=100),
    DeviceBehaviour.REJECTS: Rejects(after_ms=50),
    DeviceBehaviour.RINGS_OUT: RingsOut(),
    DeviceBehaviour.UNREGISTERED: RingsOut(),
}


Heard = tuple[Sound, frozenset[LegId]]
"""What somebody hears, and which parties are with her."""


class FakeHarness:
    """Scenarios' world round a ``FakeAsterisk``."""

    def __init__(self, *, joining_over_websocket: bool = False) -> None:
        self.prompts = PROMPTS
        self.tolerance_ms: Millis = 20
        self._time = VirtualTime()
        self._seen: list[SeenEvent] = []
        self._devices: list[DeviceId] = []
        self._sounds: list[tuple[Millis, dict[LegId, Heard]]] = []
        self._talking: set[LegId] = set()
        self.fake = FakeAsterisk(
            self._time,
            prompt_ms={
                (PROMPTS.short, ENGLISH): PROMPTS.short_ms,
                (PROMPTS.long, ENGLISH): PROMPTS.long_ms,
            },
            joining_over_websocket=joining_over_websocket,
        )
        self.fake.attach(events=lambda event: self._seen.append(SeenEvent(self._time.now(), event)))

    @property
    def seen(self) -> Sequence[SeenEvent]:
        return self._seen

    def now(self) -> Millis:
        return self._time.now()

    def perform(self, effect: TelephonyEffect) -> None:
        self.fake.perform(effect)

    async def arrive(self) -> CallArrived:
        return await self._announced(self.fake.arrive())

    async def call_from(self, device: DeviceId, dialled: str) -> CallArrived:
        return await self._announced(self.fake.arrive(dialled=dialled, device=device))

    async def _announced(self, leg: LegId) -> CallArrived:
        def announces_him(event: TelephonyEvent) -> bool:
            return isinstance(event, CallArrived) and event.leg == leg

        arrived = await self.wait_for(announces_him, what="CallArrived", within_ms=100)
        assert isinstance(arrived.event, CallArrived)
        return arrived.event

    async def press(self, leg: LegId, digit: str) -> None:
        self.fake.press(leg, digit)

    async def speak(self, leg: LegId, for_ms: Millis) -> None:
        self.fake.speak(leg, for_ms)
        await self.pass_time(for_ms)

    async def hang_up_caller(self, leg: LegId) -> None:
        self.fake.hang_up(leg)

    async def heard(self, leg: LegId, *moments: Millis) -> list[Sound]:
        return [self._heard(leg, moment)[0] for moment in moments]

    async def talk(self, leg: LegId) -> None:
        self._talking.add(leg)

    async def voices(self, leg: LegId, *moments: Millis) -> list[frozenset[LegId]]:
        return [self._heard(leg, moment)[1] & self._talking for moment in moments]

    def _heard(self, leg: LegId, moment: Millis) -> Heard:
        """As it was after the last thing that happened before."""
        nothing: Heard = (Sound.NOTHING, frozenset())
        sounds = [sounds for at, sounds in self._sounds if at <= moment]
        return sounds[-1].get(leg, nothing) if sounds else nothing

    def _step(self, until: Millis) -> bool:
        stepped = self._time.step(until)
        legs = self.fake.live_channels()
        heard = {leg: (self._sound(leg), frozenset(self.fake.hears(leg))) for leg in legs}
        self._sounds.append((self._time.now(), heard))
        return stepped

    def _sound(self, leg: LegId) -> Sound:
        if self.fake.hears_prompt(leg):
            return Sound.PROMPT
        return Sound.MUSIC if self.fake.hears_hold_music(leg) else Sound.NOTHING

    async def device(self, behaviour: DeviceBehaviour) -> DeviceId:
        device = DeviceId(qualified(f"d{len(self._devices) + 1}"))
        self._devices.append(device)
        self.fake.set_phone(device, SCRIPTS[behaviour])
        if behaviour is DeviceBehaviour.UNREGISTERED:
            self.fake.unregister(device)
        return device

    async def outside(self, behaviour: DeviceBehaviour) -> str:
        name = behaviour.name.lower()
        if behaviour is not DeviceBehaviour.UNREGISTERED:
            self.fake.set_outside(name, SCRIPTS[behaviour])
        return name

    async def hang_up_outside(self, name: str) -> None:
        self.fake.hang_up_outside(name)

    async def hang_up_device(self, device: DeviceId) -> None:
        self.fake.hang_up_device(device)

    async def press_at(self, device: DeviceId, keys: str) -> None:
        for key in keys:
            self.fake.press_device(device, key)

    async def wait_for(
        self, matches: Callable[[TelephonyEvent], bool], *, what: str, within_ms: Millis
    ) -> SeenEvent:
        until = self._time.now() + within_ms
        looked_at = 0
        while True:  # Ends with the appointments due by ``until``.
            for item in self._seen[looked_at:]:
                if matches(item.event):
                    return item
            looked_at = len(self._seen)
            if not self._step(until):
                raise not_seen(what, within_ms, self._seen)

    async def pass_time(self, duration_ms: Millis) -> None:
        until = self._time.now() + duration_ms
        while self._step(until):  # Ends with the appointments due by ``until``.
            pass
        self._time.run_until(until)

    async def left_behind(self) -> LeftBehind:
        return LeftBehind(
            channels=len(self.fake.live_channels()),
            bridges=len(self.fake.live_bridges()),
            playbacks=len(self.fake.live_playbacks()),
        )
