"""The scenarios' world on a real Asterisk: the ARI adapter, SIP phones, real time."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from telephony_harness import (
    DeviceBehaviour,
    LeftBehind,
    PromptChoice,
    SeenEvent,
    Sound,
    not_seen,
)

from ivr.adapters.ari import operations as op
from ivr.adapters.ari.connection import AriSettings
from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.telephony import AriTelephony
from ivr.adapters.voice_files import voice_files, write_beep
from ivr.call.effects import DialDevice, PlayPrompts, TelephonyEffect
from ivr.call.events import CallArrived, TelephonyEvent
from ivr.call.model import LegId, PartyRef, PlaybackId
from ivr.flow.model import Language, PromptKey
from router.events import DeviceOccupied, DeviceVacated
from router.model import ContactId, DeviceId, Millis, qualified
from simulator.live.hearing import LOUD_DBFS, Samples, read_wav, tone_level
from simulator.live.phone import (
    Answer,
    Behaviour,
    Phone,
    PhoneRack,
    PlacedCall,
    ReceivedCall,
    Reject,
    RingOut,
)
from simulator.live.stand import Stand
from simulator.live.witness import count_by_console

ENGLISH: Final = Language("en-US")
PROMPTS: Final = PromptChoice(
    language=ENGLISH,
    short=PromptKey("short"),
    short_ms=1200,
    long=PromptKey("long"),
    long_ms=3000,
    missing=PromptKey("no-such-prompt"),
)
DEVICES: Final = ("agent-1", "agent-2")
ABSENT_DEVICE: Final = "agent-absent"
PASSWORD: Final = "contract-tests-only"
HOTLINE: Final = "10086"
FIRST_NUMBER: Final = 13_900_000_000
BEHAVIOURS: Final[dict[DeviceBehaviour, Behaviour]] = {
    DeviceBehaviour.ANSWERS: Answer(after_ms=100),
    DeviceBehaviour.REJECTS: Reject(status=486),
    DeviceBehaviour.RINGS_OUT: RingOut(),
}
OUTSIDE_NUMBERS: Final = {
    DeviceBehaviour.ANSWERS.name.lower(): "8610001",
    DeviceBehaviour.REJECTS.name.lower(): "8610002",
    DeviceBehaviour.RINGS_OUT.name.lower(): "8610003",
}
"""Phones at the far end of the trunk, by the names that stand on the allow-list."""
PROMPT_HZ: Final = 400
MUSIC_HZ: Final = 700
VOICE_HZ: Final = 600
VOICES_HZ: Final = (900, 1_100, 1_600)
"""The voices of who talk, none of them near a tone of the prompts or the music."""
SAMPLES_PER_MS: Final = 8
SOUND_MS: Final = 100
"""How much of a recording tells what is heard at a moment."""
CONNECT_S_MAX: Final = 10.0
ARRIVE_MS_MAX: Final[Millis] = 5_000
EMPTY_S_MAX: Final = 5.0
EMPTY_POLL_S: Final = 0.2

_NUMBERS = count(FIRST_NUMBER)
_CONTACTS = count(1)


@dataclass(frozen=True, slots=True)
class PromptFolder:
    """Where the stand's prompts lie; a prompt is named by its key only."""

    folder: Path

    def media_uri(self, prompt: PromptKey, language: Language) -> str:
        return f"sound:{self.folder}/{language}/{prompt}"


class NumbersAsReferences:
    """Tests need no privacy: the reference is the number, so that a caller is found by it."""

    def refer(self, number: str) -> PartyRef:
        return PartyRef(number)


class RealHarness:
    """Scenarios' world round one running Asterisk; a connection and callers per scenario."""

    def __init__(
        self,
        stand: Stand,
        rack: PhoneRack,
        phones: dict[str, Phone],
        *,
        joining_over_websocket: bool = False,
        ari_port: int | None = None,
        stale_playbacks: Sequence[PlaybackId] = (),
    ) -> None:
        self.prompts = PROMPTS
        self.tolerance_ms: Millis = 300
        self.notes: list[tuple[str, dict[str, str]]] = []
        self._stand = stand
        self._rack = rack
        self._phones = phones
        self._free = list(DEVICES)
        self._began_ns = time.monotonic_ns()
        self._seen: list[SeenEvent] = []
        self.occupancy: list[DeviceOccupied | DeviceVacated] = []
        self._news = asyncio.Event()
        self._compared = asyncio.Event()
        self._calls: dict[LegId, PlacedCall] = {}
        self._playbacks: list[PlaybackId] = []
        self._rung: dict[LegId, tuple[Phone, int]] = {}
        self._voices: dict[LegId, int] = {}
        edges = Edges(
            media=PromptFolder(stand.settings.prompts_dir),
            parties=NumbersAsReferences(),
            new_contact=lambda: ContactId(qualified(f"c{next(_CONTACTS)}")),
            note=self._note,
            recordings=voice_files(stand.settings.run_dir, stand.settings.run_dir),
            beep=write_beep(stand.settings.run_dir / "sounds"),
            outside=OUTSIDE_NUMBERS.get,
        )
        settings = AriSettings(
            host="127.0.0.1",
            port=ari_port or stand.settings.http_port,
            app=stand.settings.app,
            user=stand.settings.ari_user,
            password=stand.ari_password,
        )
        self._telephony = AriTelephony(
            replace(settings, joining_over_websocket=joining_over_websocket),
            edges,
            sink=self._take,
            reachability=_ignore,
            occupancy=self._take_occupancy,
            stale_playbacks=stale_playbacks,
        )

    async def __aenter__(self) -> Self:
        await self._telephony.start()
        await self.reconnected()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            error.add_note(f"the adapter noted: {self.notes}")
        for call in self._calls.values():
            await call.hang_up()
        await self._telephony.stop()

    @property
    def seen(self) -> Sequence[SeenEvent]:
        return self._seen

    def now(self) -> Millis:
        return (time.monotonic_ns() - self._began_ns) // 1_000_000

    def perform(self, effect: TelephonyEffect) -> None:
        if isinstance(effect, PlayPrompts):
            self._playbacks.append(effect.playback)
        elif isinstance(effect, DialDevice) and effect.leg not in self._rung:
            phone = self._phones.get(_local(effect.device))
            if phone is not None:
                self._rung[effect.leg] = (phone, len(phone.calls))
        self._telephony.perform(effect)

    async def reconnected(self) -> None:
        """The line is up again, and the comparison with Asterisk's lists is done."""
        compared = self._compared
        async with asyncio.timeout(CONNECT_S_MAX):
            await compared.wait()
        compared.clear()

    async def stop_engine(self) -> None:
        """The engine goes; its callers stay in Asterisk."""
        await self._telephony.stop()

    @property
    def telephony(self) -> AriTelephony:
        return self._telephony

    async def arrive(self) -> CallArrived:
        number = str(next(_NUMBERS))
        call = await self._rack.place(number, self._uri_of(HOTLINE))
        return await self._announced(call, caller=number)

    async def call_from(self, device: DeviceId, dialled: str) -> CallArrived:
        name = _local(device)
        call = await self._rack.dial(self._phones[name], self._uri_of(dialled))
        return await self._announced(call, caller=name)

    def _uri_of(self, dialled: str) -> str:
        return f"sip:{dialled}@127.0.0.1:{self._stand.settings.sip_port}"

    async def _announced(self, call: PlacedCall, *, caller: str) -> CallArrived:
        def announces_it(event: TelephonyEvent) -> bool:
            return (
                isinstance(event, CallArrived)
                and event.caller == caller
                and event.leg not in self._calls
            )

        what = f"CallArrived from {caller}"
        arrived = await self.wait_for(announces_it, what=what, within_ms=ARRIVE_MS_MAX)
        assert isinstance(arrived.event, CallArrived)
        self._calls[arrived.event.leg] = call
        return arrived.event

    async def press(self, leg: LegId, digit: str) -> None:
        await self._calls[leg].answered()  # the phone may learn of it later than we
        await self._calls[leg].press(digit)

    async def speak(self, leg: LegId, for_ms: Millis) -> None:
        await self._calls[leg].answered()  # the phone may learn of it later than we
        await self._calls[leg].tone(VOICE_HZ)
        await self.pass_time(for_ms)
        await self._calls[leg].tone(None)

    async def hang_up_caller(self, leg: LegId) -> None:
        await self._calls[leg].hang_up()

    async def heard(self, leg: LegId, *moments: Millis) -> list[Sound]:
        return [sound_in(piece) for piece in await self._pieces(leg, moments)]

    async def talk(self, leg: LegId) -> None:
        self._voices[leg] = VOICES_HZ[len(self._voices)]
        await self._call_of(leg).answered()  # the phone may learn of it later than we
        await self._call_of(leg).tone(self._voices[leg])

    async def voices(self, leg: LegId, *moments: Millis) -> list[frozenset[LegId]]:
        return [
            frozenset(
                other for other, hz in self._voices.items() if tone_level(piece, hz) >= LOUD_DBFS
            )
            for piece in await self._pieces(leg, moments)
        ]

    def _call_of(self, leg: LegId) -> PlacedCall | ReceivedCall:
        """The call of the caller or the agent at the far end."""
        if leg in self._calls:
            return self._calls[leg]
        phone, number = self._rung[leg]
        return phone.calls[number]

    async def _pieces(self, leg: LegId, moments: Sequence[Millis]) -> list[Samples]:
        """What was recorded around these times of ``now``."""
        call = self._call_of(leg)
        await call.ended()
        recording, began_ns = read_wav(call.recording), call.timeline.packets[0][0]
        places = [self._began_ns + moment * 1_000_000 - began_ns for moment in moments]
        return [piece_at(recording, place_ns / 1_000_000) for place_ns in places]

    async def device(self, behaviour: DeviceBehaviour) -> DeviceId:
        if behaviour is DeviceBehaviour.UNREGISTERED:
            return DeviceId(qualified(ABSENT_DEVICE))
        name = self._free.pop(0)
        await self._phones[name].behave(BEHAVIOURS[behaviour])
        return DeviceId(qualified(name))

    async def outside(self, behaviour: DeviceBehaviour) -> str:
        return behaviour.name.lower()

    async def hang_up_outside(self, name: str) -> None:
        await self._phones[OUTSIDE_NUMBERS[name]].calls[-1].hang_up()

    def shown_at(self, device: DeviceId) -> str:
        """From whom the call was, by its own words, that came last to this device."""
        return self._phones[_local(device)].calls[-1].from_uri

    async def hang_up_device(self, device: DeviceId) -> None:
        await self._phones[_local(device)].calls[-1].hang_up()

    async def press_at(self, device: DeviceId, keys: str) -> None:
        call = self._phones[_local(device)].calls[-1]
        await call.answered()
        await call.press(keys)

    async def wait_for(
        self, matches: Callable[[TelephonyEvent], bool], *, what: str, within_ms: Millis
    ) -> SeenEvent:
        looked_at = 0
        try:
            async with asyncio.timeout(within_ms / 1000):
                while True:  # Ends by the timeout.
                    self._news.clear()
                    for item in self._seen[looked_at:]:
                        if matches(item.event):
                            return item
                    looked_at = len(self._seen)
                    await self._news.wait()
        except TimeoutError:
            raise not_seen(what, within_ms, self._seen) from None

    async def pass_time(self, duration_ms: Millis) -> None:
        await asyncio.sleep(duration_ms / 1000)

    async def left_behind(self) -> LeftBehind:
        """Counted by Asterisk's console; playbacks by asking for each that was ever begun.

        An ended call's channel may take a moment to go, so what is there at first may be gone
        a little later; what stays is left behind.
        """
        left = await self._count()
        for _ in range(int(EMPTY_S_MAX / EMPTY_POLL_S)):
            if left == LeftBehind(0, 0, 0):
                break
            await asyncio.sleep(EMPTY_POLL_S)
            left = await self._count()
        return left

    async def _count(self) -> LeftBehind:
        counted = await count_by_console(self._stand.asterisk)
        replies = [await self._telephony.ask(op.get_playback(name)) for name in self._playbacks]
        playing = sum(reply.ok for reply in replies)
        return LeftBehind(counted.channels, counted.bridges, playing)

    def _note(self, kind: str, details: dict[str, str]) -> None:
        self.notes.append((kind, details))
        if kind == "resync_done":
            self._compared.set()

    def _take_occupancy(self, news: DeviceOccupied | DeviceVacated) -> None:
        self.occupancy.append(news)

    def _take(self, event: TelephonyEvent) -> None:
        self._seen.append(SeenEvent(self.now(), event))
        self._news.set()


def piece_at(recording: Samples, place_ms: float) -> Samples:
    """What is recorded around this place."""
    middle, half = int(place_ms * SAMPLES_PER_MS), SOUND_MS * SAMPLES_PER_MS // 2
    return recording[max(0, middle - half) : middle + half]


def sound_in(piece: Samples) -> Sound:
    """What is heard in this piece of a recording; music and prompts are tones here."""
    prompt_db, music_db = tone_level(piece, PROMPT_HZ), tone_level(piece, MUSIC_HZ)
    if max(prompt_db, music_db) < LOUD_DBFS:
        return Sound.NOTHING
    return Sound.MUSIC if music_db > prompt_db else Sound.PROMPT


def _local(device: DeviceId) -> str:
    """The device's account."""
    return device.partition(":")[2]


def _ignore(device: DeviceId, reachable: bool) -> None:
    """No scenario asks for reachability: devices are what they are."""
    del device, reachable
