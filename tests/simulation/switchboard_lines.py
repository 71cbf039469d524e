"""A router alone, or a whole engine without Asterisk, told event by event what happens."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ivr.call.effects import TelephonyEffect, WriteRecord
from ivr.call.events import CallArrived, DigitReceived, LegAnswered, PlaybackFinished
from ivr.call.model import LegId, PartyRef, PlaybackId, PlaybackOutcome
from ivr.call.record import ContactRecord
from ivr.engine.driver import Driver, EngineEvent, SiteActivated
from ivr.flow.requirement import SkillRequirement
from ivr.flow.site import AgentEntry, Hold, QueueEntry, QueueStep
from router.core import Router
from router.effects import OfferContact, RouterEffect
from router.events import (
    AgentChanged,
    DeviceReachabilityChanged,
    PresenceRequested,
    QueueChanged,
    RouterEvent,
    TimerFired,
)
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferId,
    Origin,
    PresenceChange,
    Queue,
    QueueId,
    RequestId,
    Requirement,
    Skill,
    Step,
    WaitingLimit,
)
from simulator.world_draws import WireFaults, shape_of
from simulator.world_site import agent_of, device_of, site_of

RING_MS, WAIT_MS, WRAP_UP_MS = 8_000, 60_000, 3_000
QUEUE = QueueId("main:q0")
WALL_MS = 1_700_000_000_000

Effect = TypeVar("Effect", bound=TelephonyEffect)


def sign_in(agent: AgentId, device: DeviceId) -> PresenceRequested:
    """She is there from now on."""
    change, origin = PresenceChange.SIGN_IN, Origin.COMMAND
    return PresenceRequested(RequestId(f"in {agent}"), change, agent, device, None, origin)


def asks(change: PresenceChange) -> PresenceRequested:
    """The first agent asks for it."""
    agent, origin = agent_of(0), Origin.COMMAND
    return PresenceRequested(RequestId(change.value), change, agent, None, None, origin)


class Pool:
    """A router with one queue and some agents, all there and idle; and its clock."""

    def __init__(self, agents: int, *, misses_max: int = 3, limit: WaitingLimit | None = None):
        self.router = Router()
        self.at: Millis = 0
        self.made: list[OfferId] = []
        """Every offer, the newest last."""
        steps = (Step(Requirement(({Skill("data"): 1},))),)
        rules = Queue(QUEUE, steps, RING_MS, WAIT_MS, WRAP_UP_MS, misses_max, limit)
        self.give(QueueChanged(rules))
        for number in range(agents):
            self.give(AgentChanged(Agent(agent_of(number), {Skill("data"): 1})))
            self.give(DeviceReachabilityChanged(device_of(number), reachable=True))
            self.give(sign_in(agent_of(number), device_of(number)))

    def give(self, event: RouterEvent) -> Sequence[RouterEffect]:
        effects = self.router.handle(event, self.at)
        self.made += [each.offer for each in effects if isinstance(each, OfferContact)]
        return effects

    def offers(self, event: RouterEvent) -> list[OfferContact]:
        return [each for each in self.give(event) if isinstance(each, OfferContact)]

    def run_to(self, at: Millis) -> list[RouterEffect]:
        """Let it be ``at``, with every deadline met on the way."""
        told: list[RouterEffect] = []
        while (due := self.router.next_deadline()) is not None and due <= at:
            self.at = due
            told += self.give(TimerFired())
        self.at = at
        return told

    def engagements(self) -> set[str]:
        return {view.engagement.value for view in self.router.agents()}


class Line:
    """A whole engine, with a fake of nothing: each event of Asterisk is told by the test."""

    def __init__(self, agents: int) -> None:
        shape = replace(shape_of(1), agents=agents, queues=1, faults=WireFaults())
        people = {
            name: AgentEntry(name, "Expert", {"data": 1})
            for name in (f"a{number}" for number in range(agents))
        }
        steps = (QueueStep(SkillRequirement(({"data": 1},))),)
        queue = QueueEntry("q0", steps, RING_MS, WAIT_MS, WRAP_UP_MS, 3, Hold("hold"))
        drawn = site_of(shape)
        site = replace(drawn, agents=people, queues={**drawn.queues, "q0": queue})
        self.driver = Driver({site.version: site})
        self.at: Millis = 0
        self.records: list[ContactRecord] = []
        self.asked: list[TelephonyEffect] = []
        self.give(SiteActivated(site.version))
        for number in range(agents):
            self.give(DeviceReachabilityChanged(device_of(number), reachable=True))
            self.give(sign_in(agent_of(number), device_of(number)))

    def give(self, event: EngineEvent, after_ms: Millis = 0) -> list[TelephonyEffect]:
        self.at += after_ms
        result = self.driver.handle(event, self.at, wall=WALL_MS + self.at)
        self.records += [each.record for each in result.once_only if isinstance(each, WriteRecord)]
        self.asked = list(result.telephony)
        return self.asked

    def of(self, kind: type[Effect]) -> list[Effect]:
        """What was asked for last, of this kind."""
        return [each for each in self.asked if isinstance(each, kind)]

    def queue_up(self, contact: ContactId) -> None:
        """A caller comes, is answered, and presses the way to the queue."""
        leg = LegId(f"{contact}.0")
        self.give(CallArrived(contact, leg, "10086", PartyRef("party")))
        self.give(LegAnswered(leg), 10)
        for number in (1, 2):
            if number == 2:
                self.give(DigitReceived(leg, "1"), 10)
            self.give(PlaybackFinished(leg, _played(leg, number), PlaybackOutcome.PLAYED), 10)


def _played(leg: LegId, number: int) -> PlaybackId:
    return PlaybackId(f"{leg}.p{number}")
