"""A fake Asterisk with its clock and all it said, for tests."""

import random
from dataclasses import dataclass, field

from ivr.call.effects import (
    AnswerLeg,
    DialDevice,
    PlayPrompts,
)
from ivr.call.events import (
    TelephonyEvent,
)
from ivr.call.model import (
    LegId,
    PartyRef,
    PlaybackId,
)
from ivr.flow.model import Language, PromptKey
from router.model import ContactId, DeviceId
from simulator.fake_asterisk import (
    CallerScript,
    FakeAsterisk,
    NodeSettings,
)
from simulator.virtual_time import VirtualTime

EN = Language("en-US")
WELCOME, MISSING = PromptKey("welcome"), PromptKey("missing")
PROMPT_MS = {(WELCOME, EN): 1000}
DESK = DeviceId("main:desk")
PARTY = PartyRef("p1")


@dataclass
class Node:
    """A fake with its clock and all it said."""

    settings: NodeSettings = field(default_factory=NodeSettings)
    chance: random.Random | None = None
    joining_over_websocket: bool = False
    told: list[tuple[int, TelephonyEvent]] = field(default_factory=list[tuple[int, TelephonyEvent]])
    told_again: list[TelephonyEvent] = field(default_factory=list[TelephonyEvent])
    reachable: list[tuple[DeviceId, bool]] = field(default_factory=list[tuple[DeviceId, bool]])

    def __post_init__(self) -> None:
        self.time = VirtualTime()
        self.fake = FakeAsterisk(
            self.time,
            prompt_ms=PROMPT_MS,
            settings=self.settings,
            chance=self.chance,
            joining_over_websocket=self.joining_over_websocket,
        )
        self.fake.attach(
            events=lambda event: self.told.append((self.time.now(), event)),
            reachability=lambda device, up: self.reachable.append((device, up)),
        )

    @property
    def events(self) -> list[TelephonyEvent]:
        return [event for _, event in self.told]

    def caller(self, script: CallerScript | None = None, *, answer: bool = True) -> LegId:
        leg = self.fake.arrive(script)
        self.time.run_for(20)
        if answer:
            self.fake.perform(AnswerLeg(leg))
            self.time.run_for(20)
        return leg

    def dial(self, leg: str, *, ring_ms_max: int = 1000) -> LegId:
        agent = LegId(leg)
        self.fake.perform(DialDevice(agent, DESK, ContactId("main:c1"), PARTY, ring_ms_max))
        return agent

    def play(self, leg: LegId, playback: str, *prompts: PromptKey) -> PlaybackId:
        name = PlaybackId(playback)
        self.fake.perform(PlayPrompts(leg, name, prompts or (WELCOME,), EN))
        return name
