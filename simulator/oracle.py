"""A router without a single index: what the router ought to do, by the rules and by patience.

Written from the docs and the design alone. Everybody is in a list, and each question is answered by
looking at all of them; a contact's step is worked out anew whenever it is asked for. It takes the
same events and gives the same effects, ids included, so the two can be compared step by step.

Deadlines must be met to the millisecond: a step is over when its time is, not when a timer says so.
"""

from collections.abc import Sequence
from typing import assert_never

from router.effects import AnnouncePosition, RouterEffect
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
from router.model import (
    AgentId,
    Channel,
    ContactOrder,
    DeviceId,
    Millis,
    OverflowCause,
    OwnCallId,
    QueueId,
    RescindReason,
    Routing,
)
from simulator.oracle_coming import Coming
from simulator.oracle_people import Day, Hand, Person
from simulator.oracle_presence import Attending
from simulator.oracle_waiting import Caller, Ring, due_of

TIMERS_MAX = 10_000
"""Deadlines taken in one event; more is a loop, and an error."""
OFFERS_AT_ONCE_MAX = 50
"""To one agent in one event; more is a loop, and an error."""

NewsOfTheSite = (
    QueueChanged
    | QueueRetired
    | AgentChanged
    | AgentRetired
    | CrisisDeclared
    | CrisisEnded
    | RoutingChanged
    | DayStarted
)
"""What comes from the site's owner, not from a contact, an agent or a phone."""


class NaiveRouter(Attending, Coming):
    """The oracle."""

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        """What ought to be done because of it."""
        self.at, self._effects, self._freed, self._told = at, [], [], []
        self._take(event)
        self._match()
        for caller in self._told:
            if caller in self.callers and caller.waits:
                self._tell(caller)
        return self._effects

    def seen_agents(self) -> dict[AgentId, object]:
        """What may be seen of each agent: her presence, her hands, her day."""
        return {
            each.agent.id: (
                each.presence,
                each.reason,
                each.device,
                sum(hand.channel is Channel.CHAT for hand in each.hands),
                None if each.pausing is None else each.pausing[0],
                each.day.accepted,
                (each.day.busy_ms, each.day.busy_since),
                (each.day.idle_ms, each.day.idle_since),
            )
            for each in self.people.everybody
        }

    def seen_queues(self) -> dict[QueueId, object]:
        """What may be seen of each queue."""
        rung = [ring.caller for ring in self.rings if not ring.caller.talks]
        return {
            each.id: (
                len(self.waiting(each.id)),
                sum(caller.queue == each.id for caller in rung),
                len(self.staff(each.id)),
                [to for queue, to in self.crises if queue == each.id],
            )
            for each in self.queues
        }

    def _tell(self, caller: Caller) -> None:
        position = self.position(caller)
        expects = self.rules(caller.queue).announce_expected
        expected = self.expected(caller.queue, position) if expects else None
        told = AnnouncePosition(caller.contact, caller.queue, position, expected)
        self._effects.append(told)

    # Matching

    def _match(self) -> None:
        """Contacts choose first, of who was idle before; then who frees takes whose turn it is."""
        self._pause_who_waits_for_it()
        self._flee_all()
        self._judge_preferences()
        for standing in list(self.idle):
            if not self.people.may_ring(standing.person, standing.channel):
                self._not_idle(standing.person, standing.channel)
        for caller in self.waiting():
            self._choose(caller)
        for person in self._freed:
            self._take_turns(person)

    def _choose(self, caller: Caller) -> None:
        somewhere = caller.prefers is not None or self.open_steps(caller.queue)
        if not self.is_known(caller.queue) or not somewhere:
            self._give_up(caller, OverflowCause.NO_AGENTS)
            return
        if caller.is_overdue:
            self._give_up(caller, OverflowCause.TIMED_OUT)
            return
        for person in self.able(caller)[:1]:
            self._ring(caller, person)
            if self.people.may_ring(person, Channel.CHAT):
                self._stand(person, Channel.CHAT)

    def _take_turns(self, person: Person) -> None:
        for _ in range(OFFERS_AT_ONCE_MAX):
            channels = [each for each in Channel if self.people.may_ring(person, each)]
            news = [each for each in channels if not self.stands(person, each)]
            if not news:
                return
            caller = self.whose_turn(person, channels)
            if caller is None:
                for channel in news:
                    self._stand(person, channel)
                return
            self._ring(caller, person)
        raise AssertionError("the oracle offers to one agent without end")

    # Timers

    def _on_timer(self) -> None:
        for _ in range(TIMERS_MAX):
            due = sorted((each for each in self.timers if each.due <= self.at), key=due_of)
            if not due:
                return
            self.timers.remove(due[0])
            self._on_due(due[0].what, due[0].about)
        raise AssertionError("the oracle's timers never end")

    def _on_due(self, what: str, about: object) -> None:
        match about:
            case Caller():
                self._on_callers_time(what, about)
            case Person():
                if what == "absent":
                    self._believe_back(about)
                else:
                    about.resting = False
                    self._freed.append(about)
            case Hand():
                self._wrapped_up(about)
            case Ring():
                self._done(about)
            case (str(device), str(call)):
                self._lost_from_sight(DeviceId(device), OwnCallId(call))
            case _:
                ring = next(each for each in self.rings if each.offer == about)
                self._take_back(ring, RescindReason.TIMED_OUT)

    def _on_callers_time(self, what: str, caller: Caller) -> None:
        if what == "announce":
            self._rhythm(caller)
            self._told.append(caller)
        else:
            self._give_up(caller, OverflowCause.TIMED_OUT)

    # Events

    def _take(self, event: RouterEvent) -> None:
        match event:
            case TimerFired():
                self._on_timer()
            case ContactQueued():
                self._come(event)
            case ContactLeft():
                self._leave(event.contact)
            case ContactChanged():
                self._change_contact(event)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._answered(event)
            case PresenceRequested() | WrapUpRequested():
                self._asked(event)
            case DeviceReachabilityChanged() | DeviceOccupied() | DeviceVacated():
                self._device(event)
            case _:
                self._take_news(event)

    def _take_news(self, event: NewsOfTheSite) -> None:
        match event:
            case QueueChanged():
                self._change_queue(event.queue)
            case QueueRetired():
                self._close_queue(event.queue)
            case AgentChanged():
                self._change_agent(event.agent)
            case AgentRetired():
                self._retire_agent(event.agent)
            case CrisisDeclared():
                self._declare(event)
            case CrisisEnded():
                self._end_crisis(event)
            case RoutingChanged():
                self._change_routing(event.routing)
            case DayStarted():
                self._begin_the_day()
            case _:
                assert_never(event)

    def _change_routing(self, routing: Routing) -> None:
        becomes_fair = not self.is_fair and routing.contacts is ContactOrder.FAIR
        self.routing = routing
        if becomes_fair:
            self.had_most = 0
            for page in self.pages:
                page.had = 0

    def _begin_the_day(self) -> None:
        for person in self.people.everybody:
            busy, idle = person.day.busy_since, person.day.idle_since
            person.day = Day(
                busy_since=None if busy is None else self.at,
                idle_since=None if idle is None else self.at,
            )
        for standing in self.idle:
            standing.accepted = standing.permille = 0
