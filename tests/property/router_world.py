"""A pool of agents in which anything may be told to the router, and a twin that is made anew.

Whatever the router is told, its twin is told too, and must ask for the same; now and then the twin
is written down, read back and replaced by what was read. The oracle, which has no index and keeps
nothing twice, is told the same and must agree.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import msgspec
from routing_ledger import AuditedRouter

from router.core import Router
from router.effects import OfferContact, OverflowContact, RouterEffect
from router.events import (
    AgentChanged,
    ContactChanged,
    ContactQueued,
    DayStarted,
    DeviceReachabilityChanged,
    PresenceRequested,
    QueueChanged,
    RouterEvent,
    RoutingChanged,
    TimerFired,
    WrapUpRequested,
)
from router.model import (
    Agent,
    AgentId,
    AgentOrder,
    Channel,
    ContactId,
    ContactOrder,
    DeviceId,
    LevelOrder,
    Millis,
    OfferId,
    Origin,
    OwnCallId,
    PresenceChange,
    Queue,
    QueueId,
    RequestId,
    Requirement,
    Routing,
    Skill,
    Step,
    WaitingLimit,
    WrapUpChange,
)
from router.snapshot import RouterSnapshot
from simulator.oracle import NaiveRouter
from simulator.router_compared import same

AGENTS = tuple(AgentId(f"main:a{n}") for n in range(5))
DEVICES = tuple(DeviceId(f"main:d{n}") for n in range(5))
CALLS = tuple(OwnCallId(f"k{n}") for n in range(3))
REASONS = ("lunch", "meeting")
DATA, BILL = Skill("data"), Skill("bill")
SKILLS: tuple[dict[Skill, int], ...] = (
    {DATA: 3},
    {DATA: 1},
    {BILL: 1},
    {DATA: 2, BILL: 1},
    {Skill("vip"): 1},
)
STATEMENTS = (AgentChanged, QueueChanged, RoutingChanged, DayStarted, TimerFired)
"""They say how it is: to say so twice is no mistake."""
REQUESTS = (PresenceRequested, WrapUpRequested)
TIMERS_MAX = 10_000
"""Deadlines that may come in one stretch of time; more is a loop."""


def needs(*alternatives: dict[Skill, int]) -> Requirement:
    return Requirement(alternatives)


def queue_variant(number: int, variant: int) -> Queue:
    """One of two queues, with numbers of four kinds."""
    expert, anybody = needs({DATA: 3}, {Skill("vip"): 1}), needs({DATA: 1})
    steps = (
        (Step(expert, 5_000), Step(anybody)),
        (Step(anybody),),
        (Step(expert, 3_000), Step(needs({BILL: 1}), 4_000), Step(needs({BILL: 1}, {DATA: 1}))),
        (Step(needs({BILL: 1})),),
    )
    limits = (None, WaitingLimit(absolute=4), WaitingLimit(per_agent=2), None)
    levels = (LevelOrder.ANY, LevelOrder.LOWEST, LevelOrder.HIGHEST, LevelOrder.ANY)
    longest, fewest, least = AgentOrder
    return Queue(
        QueueId(f"main:q{number}"),
        steps[(number + variant) % 4],
        ring_ms_max=8_000,
        wait_ms_max=(40_000, 12_000, 25_000, 40_000)[variant],
        wrap_up_ms=3_000,
        misses_max=1 + variant % 3,
        waiting=limits[variant],
        announce_every_ms=(None, 2_000, 3_000, 2_000)[variant],
        levels=levels[variant],
        agents=(longest, fewest, least, fewest)[variant],
        contact_class=(5, 5, 5, 3)[variant],
        share=(1, 3, 2, 1)[variant],
        expected_wait_ms_max=(None, None, 200_000, 400_000)[variant],
        announce_expected=variant > 1,
        wrap_up_ms_max=(None, 8_000, 3_000, 5_000)[variant],
        channel=Channel.CHAT if number and variant % 3 == 0 else Channel.VOICE,
    )


ROUTINGS = (
    Routing(),
    Routing(ContactOrder.FAIR),
    Routing(ContactOrder.RATIO, 6, {5: 80}),
    Routing(ContactOrder.FAIR, 4, {3: 75}),
)
CHATS = (0, 2, 0, 1, 3)
"""How many each agent may have at once, at first."""
PREFERRED_MS = 4_000
QUEUES = tuple(queue_variant(number, 0).id for number in range(2))


class PoolWorld:
    """A router under audit, its twin, and the time. The twin keeps an order in every line."""

    def __init__(self) -> None:
        self.at: Millis = 0
        self.router = AuditedRouter()
        self.twin = Router(scanned_max=0)
        self.oracle = NaiveRouter()
        self.trace = hashlib.sha256()
        self.contacts: list[ContactId] = [ContactId("c0")]
        self.offers: list[OfferId] = [OfferId("c0.o0")]
        self.requests = 0
        self.restored = 0

    def give(self, event: RouterEvent) -> None:
        """Tell both, and tell it twice: the second time changes nothing."""
        effects = self._tell(event)
        if isinstance(event, ContactQueued) and any(
            isinstance(effect, OverflowContact) and effect.contact == event.contact
            for effect in effects
        ):
            return  # Refused: to come again is a new attempt.
        before, ignored = self.router.snapshot(), sum(self.router.ignored.values())
        again = self._tell(event)
        assert replace(self.router.snapshot(), ignored=()) == replace(before, ignored=())
        assert len(again) == isinstance(event, REQUESTS), "asked for something twice"
        counted = sum(self.router.ignored.values()) - ignored
        assert counted == (not isinstance(event, STATEMENTS)) or isinstance(event, ContactChanged)

    def _tell(self, event: RouterEvent) -> Sequence[RouterEffect]:
        effects = self.router.handle(event, self.at)
        assert self.twin.handle(event, self.at) == effects, "a restored router did otherwise"
        assert self.twin.next_deadline() == self.router.next_deadline()
        assert same(effects, self.oracle.handle(event, self.at)), "the oracle would do otherwise"
        assert self.oracle.next_deadline() == self.router.next_deadline()
        self.trace.update(repr((self.at, event, effects)).encode())
        self.offers += [each.offer for each in effects if isinstance(each, OfferContact)]
        return effects

    def ask(
        self,
        change: PresenceChange,
        agent: AgentId | None,
        device: DeviceId | None,
        reason: str,
        *,
        after_contact: bool = False,
    ) -> None:
        self.requests += 1
        request, phone = RequestId(f"r{self.requests}"), Origin.PHONE
        self.give(PresenceRequested(request, change, agent, device, reason, phone, after_contact))

    def ask_about_wrap_up(
        self, change: WrapUpChange, agent: AgentId | None, device: DeviceId | None
    ) -> None:
        self.requests += 1
        request = RequestId(f"r{self.requests}")
        self.give(WrapUpRequested(request, change, agent, device, Origin.PHONE))

    def arrive(
        self,
        queue: QueueId,
        priority_ms: Millis,
        waited_ms: Millis = 0,
        preferred: AgentId | None = None,
    ) -> None:
        self.contacts.append(ContactId(f"c{len(self.contacts)}"))
        contact, for_ms = self.contacts[-1], PREFERRED_MS if preferred else 0
        self.give(ContactQueued(contact, queue, priority_ms, waited_ms, preferred, for_ms))

    def some_offer(self, which: int) -> OfferId:
        """One that is live, or one of the last that were."""
        offers = [*self.router.ledger.offers, *self.offers[-2:]]
        return offers[which % len(offers)]

    def some_contact(self, which: int) -> ContactId:
        """One that is here, or one of the last that were."""
        contacts = [*self.router.ledger.entries, *self.contacts[-2:]]
        return contacts[which % len(contacts)]

    def run_for(self, ms: Millis) -> None:
        """Let time pass, with every deadline met to the millisecond."""
        until = self.at + ms
        for _ in range(TIMERS_MAX):
            due = self.router.next_deadline()
            if due is None or due > until:
                self.at = until
                return
            assert due >= self.at, "a deadline was left behind"
            self.at = due
            self.give(TimerFired())
        raise AssertionError("the router's timers never end")

    def restore_twin(self) -> None:
        """Write the twin down, read it back, and let it go on from there."""
        taken = self.twin.snapshot()
        assert taken == self.router.snapshot()
        read = msgspec.json.decode(msgspec.json.encode(taken), type=RouterSnapshot)
        assert read == taken
        self.twin = Router.restored(read, scanned_max=0)
        assert self.twin.snapshot() == taken
        assert self.twin.agents() == self.router.agents()
        assert self.twin.queues() == self.router.queues()
        self.restored += 1


def staffed_world() -> PoolWorld:
    """Two queues, five agents of free seating, three of them there."""
    world = PoolWorld()
    for number in range(len(QUEUES)):
        world.give(QueueChanged(queue_variant(number, number)))
    for agent, skills, chats in zip(AGENTS, SKILLS, CHATS, strict=True):
        world.give(AgentChanged(Agent(agent, skills, chats_max=chats)))
    for device in DEVICES:
        world.give(DeviceReachabilityChanged(device, reachable=True))
    for agent, device in zip(AGENTS[:3], DEVICES, strict=False):
        world.ask(PresenceChange.SIGN_IN, agent, device, "")
    return world
