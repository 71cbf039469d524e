"""One small pool that the router and its oracle live through side by side, told the same.

A pool draws its own queues, agents and habits from its seed. After every event both must have asked
for the same, and be due at the same time.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence

from router.core import Router
from router.effects import (
    OfferContact,
    RouterEffect,
)
from router.events import (
    AgentChanged,
    AgentRetired,
    ContactChanged,
    ContactLeft,
    ContactQueued,
    CrisisDeclared,
    CrisisEnded,
    DayStarted,
    DeviceOccupied,
    DeviceReachabilityChanged,
    DeviceVacated,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
    PresenceRequested,
    QueueChanged,
    QueueRetired,
    RouterEvent,
    RoutingChanged,
    TimerFired,
    WrapUpRequested,
)
from router.line_order import PROFILES_SCANNED_MAX
from router.model import (
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferFailure,
    OfferId,
    Origin,
    OwnCallId,
    PresenceChange,
    QueueId,
    RequestId,
    WrapUpChange,
)
from simulator.oracle import NaiveRouter
from simulator.router_compared import kind_of, same, seen_agents, seen_queues
from simulator.router_draws import Draws

LINES_MAX = 40
"""What is shown of the way to a difference."""
TIMERS_MAX = 100_000
"""Deadlines in one stretch of time; more is a loop, and a difference."""
LOOKED_AT_EACH = 10
"""So many events one after another, and what can be seen of both is compared."""
CALLERS_MAX = 20
"""At once: the oracle looks at each of them again and again."""
LATEST_MAX = 4
"""Offers and contacts that are over and still spoken of, as late and doubled messages do."""
DAY_MS = 86_400_000
SCANNED_MAX = (PROFILES_SCANNED_MAX, 0, PROFILES_SCANNED_MAX, 2)
"""By how many profiles a line keeps their heads: in half of the pools none does, as these are too
small; in a quarter each does, and in a quarter now this one and now that."""


class Difference(Exception):
    """Router and oracle disagree; the text says where, and what each said."""


class Pool:
    """Both routers, the time, and the memory from which events are drawn."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - a world that comes again with its seed
        self.seed = seed
        self.events = 0
        self.trace = hashlib.sha256()
        self.seen: Counter[str] = Counter()
        self.lines: list[str] = []
        self._at: Millis = 0
        self._scanned_max = SCANNED_MAX[seed % len(SCANNED_MAX)]
        self.router = Router(scanned_max=self._scanned_max)
        self._oracle = NaiveRouter()
        self._contacts: list[ContactId] = []
        self._offers: list[OfferId] = []
        self._arrived = self._requests = 0
        self._draws = Draws(self._chance)

    def run(self, events: int) -> None:
        """So many events, and then time enough that everything is over."""
        draws = self._draws
        self._routing()
        for queue in draws.queues:
            self._give(QueueChanged(draws.rules(queue)))
        for agent in draws.agents:
            self._give(AgentChanged(draws.agent(agent, draws.agent_skills(), seat=None)))
        for device in draws.devices:
            self._give(DeviceReachabilityChanged(device, True))
        for agent, device in zip(draws.agents, draws.devices, strict=True):
            self._ask(PresenceChange.SIGN_IN, agent, device)
        deeds: dict[str, Callable[[], None]] = {
            "arrive": self._arrive, "leave": self._leave, "accept": self._accept,
            "fail": self._fail, "end": self._end, "sign_in": self._sign_in,
            "presence": self._presence, "occupy": self._occupy, "vacate": self._vacate,
            "reach": self._reach, "agent": self._agent, "retire_agent": self._retire_agent,
            "queue": self._queue, "retire_queue": self._retire_queue, "pass": self._pass,
            "restore": self._restore, "change": self._change, "crisis": self._crisis,
            "crisis_over": self._crisis_over, "wrap_up": self._wrap_up,
            "pause_later": self._pause_later, "routing": self._routing, "day": self._day,
        }  # fmt: skip
        names, odds = list(draws.habits.weights), list(draws.habits.weights.values())
        while self.events < events:
            deeds[self._chance.choices(names, odds)[0]]()
        self._pass_ms(DAY_MS)

    def _give(self, event: RouterEvent) -> None:
        at = self._at
        self.events += 1
        done = self.router.handle(event, at)
        wanted = self._oracle.handle(event, at)
        self._note(event, done)
        if not same(done, wanted):
            raise self._difference("the router asks for", done, wanted)
        due, naive_due = self.router.next_deadline(), self._oracle.next_deadline()
        if due != naive_due:
            raise self._difference("the router is due at", due, naive_due)
        if self.events % LOOKED_AT_EACH == 0:
            self._look()

    def _look(self) -> None:
        """What people may see must be the same as well."""
        agents, queues = seen_agents(self.router), seen_queues(self.router)
        wanted_agents, wanted_queues = self._oracle.seen_agents(), self._oracle.seen_queues()
        if agents != wanted_agents:
            raise self._difference("the router shows", agents, wanted_agents)
        if queues != wanted_queues:
            raise self._difference("the router shows", queues, wanted_queues)

    def _note(self, event: RouterEvent, effects: Sequence[RouterEffect]) -> None:
        self.seen.update(map(kind_of, (event, *effects)))
        line = f"{self._at} {event} -> {list(effects)}"
        self.trace.update(line.encode())
        self.lines = [*self.lines[-LINES_MAX:], line]
        made = [each.offer for each in effects if isinstance(each, OfferContact)]
        self._offers += made

    def _difference(self, what: str, done: object, wanted: object) -> Difference:
        way = "\n".join(self.lines)
        return Difference(
            f"{way}\nseed {self.seed}, event {self.events}: {what}\n  {done}\nand ought to\n"
            f"  {wanted}\nAgain: python -m simulator.router_run --seed {self.seed} --pools 1"
        )

    # What is drawn

    def _some_offer(self, *, talks: bool | None = None) -> OfferId:
        """Mostly one that such a thing can happen to; now and then one that is over."""
        live = self._live(talks=talks)
        if live and self._chance.random() < 0.9:
            return self._chance.choice(live)
        return self._chance.choice([*self._offers[-LATEST_MAX:], OfferId("c0.o0")])

    def _live(self, *, talks: bool | None) -> list[OfferId]:
        rings = self._oracle.rings
        return [ring.offer for ring in rings if talks in (None, ring.caller.talks)]

    def _some_contact(self) -> ContactId:
        here = [caller.contact for caller in self._oracle.callers]
        return self._chance.choice([*here, *self._contacts[-LATEST_MAX:], ContactId("c0")])

    def _device(self) -> DeviceId:
        return self._chance.choice(self._draws.devices)

    def _somebody(self) -> AgentId:
        return self._chance.choice(self._draws.agents)

    def _some_queue(self) -> QueueId:
        return self._chance.choice(self._draws.queues)

    # Deeds

    def _arrive(self) -> None:
        if len(self._oracle.callers) >= CALLERS_MAX:
            self._leave()
            return
        self._arrived += 1
        self._contacts.append(ContactId(f"c{self._arrived}"))
        self._give(self._queued(self._contacts[-1]))
        if self._chance.random() < 0.02:
            self._give(self._queued(self._some_contact()))

    def _queued(self, contact: ContactId) -> ContactQueued:
        chance, queue = self._chance, self._some_queue()
        priority_ms, waited_ms = chance.choice((0, 0, 0, 5_000)), 0
        if self._draws.has("waited"):
            waited_ms = chance.choice((0, 0, 1_000, 30_000))
        if not self._draws.has("prefer") or chance.random() < 0.5:
            return ContactQueued(contact, queue, priority_ms, waited_ms)
        preferred = chance.choice((self._somebody(), self._somebody(), AgentId("main:nobody")))
        for_ms = chance.choice((0, 1_500, 4_000, 15_000))
        must_serve = chance.random() < 0.5
        return ContactQueued(contact, queue, priority_ms, waited_ms, preferred, for_ms, must_serve)

    def _change(self) -> None:
        chance = self._chance
        queue = chance.choice((None, self._some_queue(), self._some_queue()))
        if chance.random() < 0.05:
            queue = QueueId("main:nowhere")
        priority_ms = chance.choice((None, None, 0, 7_000))
        self._give(ContactChanged(self._some_contact(), queue, priority_ms))

    def _crisis(self) -> None:
        """Now and then it is led elsewhere while phones ring that rang as it began."""
        there = [queue for queue, _ in self._oracle.crises]
        queue = self._chance.choice((self._some_queue(), *there))
        for _ in range(self._chance.choice((1, 1, 2))):
            to = self._chance.choice((None, *(self._some_queue() for _ in range(3))))
            self._give(CrisisDeclared(queue, to))

    def _crisis_over(self) -> None:
        there = [queue for queue, _ in self._oracle.crises]
        self._give(CrisisEnded(self._chance.choice([*there, self._some_queue()])))

    def _routing(self) -> None:
        self._give(RoutingChanged(self._draws.routing()))

    def _day(self) -> None:
        self._give(DayStarted())

    def _wrap_up(self) -> None:
        self._requests += 1
        chance, request = self._chance, RequestId(f"r{self._requests}")
        change = chance.choice(list(WrapUpChange))
        wrapping = [
            person.agent.id
            for person in self._oracle.people.everybody
            if any(hand.wraps for hand in person.hands)
        ]
        agent = chance.choice((None, self._somebody(), *wrapping))
        device = chance.choice((None, self._device()))
        self._give(WrapUpRequested(request, change, agent, device, Origin.PHONE))

    def _pause_later(self) -> None:
        busy = [each.agent.id for each in self._oracle.people.everybody if each.hands]
        agent = self._chance.choice((self._somebody(), *busy))
        self._ask(PresenceChange.PAUSE, agent, None, after_contact=True)

    def _leave(self) -> None:
        self._give(ContactLeft(self._some_contact()))

    def _accept(self) -> None:
        if self._is_for_nothing(talks=False):
            self._pass()
            return
        self._give(OfferAccepted(self._some_offer(talks=False)))

    def _fail(self) -> None:
        self._give(OfferFailed(self._some_offer(), self._chance.choice(list(OfferFailure))))

    def _is_for_nothing(self, *, talks: bool) -> bool:
        """Late and doubled messages come, but not half of the time."""
        return not self._live(talks=talks) and self._chance.random() < 0.9

    def _end(self) -> None:
        if self._is_for_nothing(talks=True):
            self._pass()
            return
        self._give(EngagementEnded(self._some_offer(talks=True)))

    def _sign_in(self) -> None:
        people = self._oracle.people
        number = self._chance.randrange(len(self._draws.agents))
        away = [
            number
            for number, agent in enumerate(self._draws.agents)
            if (who := people.named(agent)) is None or not people.is_there(who)
        ]
        if away and self._chance.random() < 0.7:
            number = self._chance.choice(away)
        device = self._device()
        if self._chance.random() < 0.8:
            device = self._draws.devices[number]
        self._ask(PresenceChange.SIGN_IN, self._draws.agents[number], device)

    def _presence(self) -> None:
        change = self._chance.choice(list(PresenceChange))
        agent = self._chance.choice((None, self._somebody()))
        device = self._chance.choice((None, self._device()))
        self._ask(change, agent, device, after_contact=self._chance.random() < 0.1)

    def _ask(
        self,
        change: PresenceChange,
        agent: AgentId | None,
        device: DeviceId | None,
        *,
        after_contact: bool = False,
    ) -> None:
        self._requests += 1
        reason = self._chance.choice(("lunch", "meeting"))
        request = RequestId(f"r{self._requests}")
        origin = self._chance.choice((Origin.PHONE, Origin.COMMAND))
        asked = PresenceRequested(request, change, agent, device, reason, origin, after_contact)
        self._give(asked)

    def _occupy(self) -> None:
        self._give(DeviceOccupied(self._device(), OwnCallId(f"k{self._chance.randrange(2)}")))

    def _vacate(self) -> None:
        self._give(DeviceVacated(self._device(), OwnCallId(f"k{self._chance.randrange(2)}")))

    def _reach(self) -> None:
        self._give(DeviceReachabilityChanged(self._device(), self._chance.random() < 0.75))

    def _agent(self) -> None:
        agent = self._somebody()
        seat = self._chance.choice((None, None, None, self._device()))
        person = self._oracle.people.named(agent)
        skills = self._draws.agent_skills()
        if person is not None and self._chance.random() < 0.5:
            skills = dict(person.agent.skills)
        self._give(AgentChanged(self._draws.agent(agent, skills, seat=seat)))

    def _retire_agent(self) -> None:
        self._give(AgentRetired(self._somebody()))

    def _queue(self) -> None:
        self._give(QueueChanged(self._draws.rules(self._some_queue())))

    def _retire_queue(self) -> None:
        self._give(QueueRetired(self._some_queue()))

    def _restore(self) -> None:
        """Write the router down, and let one that is made from it go on."""
        self.seen["restored"] += 1
        taken = self.router.snapshot()
        self.router = Router.restored(taken, scanned_max=self._scanned_max)

    def _pass(self) -> None:
        self._pass_ms(self._chance.randrange(self._draws.habits.step_ms))

    def _pass_ms(self, ms: Millis) -> None:
        until = self._at + ms
        for _ in range(TIMERS_MAX):
            due = self.router.next_deadline()
            if due is None or due > until:
                self._at = until
                return
            self._at = max(due, self._at)
            self._give(TimerFired())
        raise Difference(f"seed {self.seed}: the router's timers never end")
