"""An overloaded pool on virtual time: callers come by chance, agents talk, nothing sleeps."""

import heapq
import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from router.core import Router
from router.effects import OfferContact
from router.events import (
    AgentChanged,
    ContactQueued,
    DeviceReachabilityChanged,
    EngagementEnded,
    OfferAccepted,
    PresenceRequested,
    QueueChanged,
    RouterEvent,
    RoutingChanged,
    TimerFired,
)
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Origin,
    PresenceChange,
    Queue,
    QueueId,
    RequestId,
    Routing,
    Skill,
)


@dataclass
class Load:
    """One router; every offer is answered at once, and each talk lasts as chance has it."""

    seed: int
    talk_ms: int
    router: Router = field(default_factory=Router)
    at: int = 0
    offered: list[ContactId] = field(default_factory=list[ContactId])

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.to_come: list[tuple[int, int, RouterEvent]] = []
        self.numbered = 0

    def open(self, routing: Routing, queues: list[Queue]) -> None:
        self.give(RoutingChanged(routing))
        for queue in queues:
            self.give(QueueChanged(queue))

    def staff(self, kind: str, skills: Mapping[str, int], count: int) -> None:
        for number in range(count):
            name, desk = AgentId(f"{kind}{number}"), DeviceId(f"{kind}{number}-desk")
            self.give(AgentChanged(Agent(name, {Skill(each): n for each, n in skills.items()})))
            self.give(DeviceReachabilityChanged(desk, True))
            asked = (RequestId("r"), PresenceChange.SIGN_IN, name, desk, None, Origin.PHONE)
            self.give(PresenceRequested(*asked))

    def call(self, queue: QueueId, *, every_ms: float, until: int) -> None:
        """Callers of this queue, on an average so far apart."""
        at = 0.0
        while (at := at + self.chance.expovariate(1 / every_ms)) < until:
            self.plan(int(at), ContactQueued(ContactId(f"{queue}/{at}"), queue, 0))

    def plan(self, at: int, event: RouterEvent) -> None:
        self.numbered += 1
        heapq.heappush(self.to_come, (at, self.numbered, event))

    def run(self, until: int) -> None:
        while True:
            due = self.router.next_deadline()
            planned = self.to_come[0][0] if self.to_come else until
            self.at = min(until, planned, until if due is None else due)
            if self.at >= until:
                return
            if due is not None and due <= planned:
                self.give(TimerFired())
            else:
                self.give(heapq.heappop(self.to_come)[2])

    def give(self, event: RouterEvent) -> None:
        for effect in self.router.handle(event, self.at):
            if isinstance(effect, OfferContact):
                self.offered.append(effect.contact)
                talks = int(self.chance.expovariate(1 / self.talk_ms))
                self.plan(self.at, OfferAccepted(effect.offer))
                self.plan(self.at + talks, EngagementEnded(effect.offer))

    def waiting(self, queue: QueueId) -> int:
        return len(self.router.waiting_in(queue))
