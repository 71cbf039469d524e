"""The whole adapter on the fake server, with what it told the engine."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from itertools import count

from fake_ari import FakeAri, about_bridge, about_channel, stasis_start

from ivr.adapters.ari.edges import Edges
from ivr.adapters.ari.telephony import AriTelephony
from ivr.call.effects import AnswerLeg, BridgeLegs, DialDevice, PlayPrompts, TelephonyEffect
from ivr.call.events import CallArrived, PlaybackFinished, TelephonyEvent
from ivr.call.model import BridgeId, LegId, PartyRef, PlaybackId, PlaybackOutcome
from ivr.flow.model import Language, PromptKey
from router.model import AgentId, ContactId, DeviceId

HELLO = PromptKey("hello")
ENGLISH = Language("en-US")
DEVICE = DeviceId("main:agent-1")


class Media:
    def media_uri(self, prompt: PromptKey, language: Language) -> str:
        return f"sound:/audio/{language}/{prompt}"


class Parties:
    """Gives references that tell nothing of the number."""

    def __init__(self) -> None:
        self.numbers: list[str] = []

    def refer(self, number: str) -> PartyRef:
        self.numbers.append(number)
        return PartyRef(f"party-{len(self.numbers)}")


class Engine:
    """Stands where the engine stands: asks, and remembers what it was told."""

    def __init__(self, server: FakeAri, stale_playbacks: Sequence[PlaybackId] = ()) -> None:
        self.server = server
        self.told: list[TelephonyEvent] = []
        self.notes: list[tuple[str, dict[str, str]]] = []
        self.parties = Parties()
        self.last_served: dict[str, tuple[AgentId, int]] = {}
        self.reachable: list[tuple[DeviceId, bool]] = []
        contacts = count(1)
        edges = Edges(
            media=Media(),
            parties=self.parties,
            new_contact=lambda: ContactId(f"k{next(contacts)}"),
            note=lambda kind, details: self.notes.append((kind, details)),
            last_served=self.last_served.get,
        )
        self.telephony = AriTelephony(
            server.settings(),
            edges,
            sink=self.told.append,
            reachability=lambda device, there: self.reachable.append((device, there)),
            stale_playbacks=stale_playbacks,
        )

    def noted(self, kind: str) -> list[dict[str, str]]:
        return [details for seen, details in self.notes if seen == kind]

    def perform(self, *effects: TelephonyEffect) -> None:
        for effect in effects:
            self.telephony.perform(effect)

    async def hears(self, *events: TelephonyEvent) -> None:
        """Wait until all of these were told."""
        await self.server.until(lambda: all(event in self.told for event in events))

    async def caller(self, channel: str = "c1", *, number: str = "13900000001") -> LegId:
        """Somebody who dialled us, answered."""
        leg = await self.arriving(channel, number=number)
        self.perform(AnswerLeg(leg))
        await self.server.until(lambda: f"channels/{channel}/answer" in self.server.paths("POST"))
        return leg

    async def arriving(self, channel: str = "c1", *, number: str = "13900000001") -> LegId:
        """Somebody who dialled us, not answered yet."""
        await self.server.say(stasis_start(channel, "inbound", "10086", number=number))
        before = len(self.arrivals())
        await self.server.until(lambda: len(self.arrivals()) > before)
        return self.arrivals()[-1].leg

    def arrivals(self) -> Sequence[CallArrived]:
        return [event for event in self.told if isinstance(event, CallArrived)]

    async def bridged(self, leg: LegId, other: LegId, *channels: str) -> BridgeId:
        """These two, in a bridge."""
        bridge = BridgeId(f"{leg}.b")
        self.perform(BridgeLegs(bridge, (leg, other)))
        path = f"bridges/{bridge}/addChannel"
        await self.server.until(lambda: path in self.server.paths("POST"))
        for channel in channels:
            await self.server.say(about_bridge("ChannelEnteredBridge", bridge, channel))
        return bridge

    async def settled(self) -> None:
        """All that the server said so far is worked: a marker went through the same line."""
        marker = f"marker-{len(self.notes)}"
        await self.server.say(about_channel("StasisStart", marker, args=[]))
        await self.server.until(
            lambda: any(details.get("channel") == marker for _, details in self.notes)
        )


def play(leg: LegId, name: str) -> PlayPrompts:
    return PlayPrompts(leg, PlaybackId(name), (HELLO,), ENGLISH)


def dial(leg: LegId, contact: str, device: DeviceId = DEVICE) -> DialDevice:
    return DialDevice(leg, device, ContactId(contact), PartyRef("party-1"), 20_000)


def ended(leg: LegId, name: str, outcome: PlaybackOutcome) -> PlaybackFinished:
    return PlaybackFinished(leg, PlaybackId(name), outcome)


@asynccontextmanager
async def engine_on(
    server: FakeAri, *, stale_playbacks: Sequence[PlaybackId] = ()
) -> AsyncGenerator[Engine]:
    """An engine connected to this server, its first comparison done."""
    engine = Engine(server, stale_playbacks)
    await engine.telephony.start()
    try:
        await server.until(lambda: engine.telephony.connected and bool(server.device_lines))
        await server.until(lambda: "bridges" in server.paths("GET"))
        yield engine
        assert engine.noted("ari_bug") == []
    finally:
        await engine.telephony.stop()
