"""A router without a single index: what the router ought to do, by the rules and by patience.

Written from the docs and the design alone. Everybody is in a list, and each question is answered by
looking at all of them; a contact's step is worked out anew whenever it is asked for. It takes the
same events and gives the same effects, ids included, so the two can be compared step by step.

Deadlines must be met to the millisecond: a step is over when its time is, not when a timer says so.
"""

from collections.abc import Callable, Sequence
from typing import assert_never

from router.effects import (
    AnnouncePosition,
    AnswerPresence,
    OfferContact,
    OverflowContact,
    RecordPresence,
    RescindOffer,
    RouterEffect,
)
from router.events import (
    AgentChanged,
    AgentRetired,
    ContactLeft,
    ContactQueued,
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
    TimerFired,
)
from router.model import (
    Agent,
    AgentId,
    ContactId,
    DeviceId,
    Millis,
    OfferFailure,
    OfferId,
    Origin,
    OverflowCause,
    Presence,
    PresenceAnswer,
    PresenceChange,
    PresenceRecord,
    Queue,
    QueueId,
    RescindReason,
)
from simulator.oracle_people import Person
from simulator.oracle_waiting import Caller, Ring, Waiting, due_of

REST_MS = 2_000
ABSENT_MS = 120_000
TIMERS_MAX = 10_000
"""Deadlines taken in one event; more is a loop, and an error."""


class NaiveRouter(Waiting):
    """The oracle."""

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        """What ought to be done because of it."""
        self.at, self._effects, self._freed, self._told = at, [], [], []
        self._take(event)
        self._match()
        for caller in self._told:
            if caller in self.callers and caller.waits:
                ahead = [each for each in self.waiting(caller.queue) if each.turn < caller.turn]
                told = AnnouncePosition(caller.contact, caller.queue, len(ahead) + 1)
                self._effects.append(told)
        return self._effects

    # Matching

    def _match(self) -> None:
        """Contacts choose first, of who was idle before; then who frees takes whose turn it is."""
        self.idle = [each for each in self.idle if self.people.may_ring(each)]
        for caller in self.waiting():
            if not self.open_steps(caller.queue):
                self._give_up(caller, OverflowCause.NO_AGENTS)
            elif caller.is_overdue:
                self._give_up(caller, OverflowCause.TIMED_OUT)
            else:
                able = [each for each in self.idle if each in self._who_may_take(caller)]
                willing = [each for each in able if each.agent.id not in caller.let_ring_by]
                for person in [*willing, *able][:1]:
                    self._ring(caller, person)
        for person in self._freed:
            if not self.people.may_ring(person) or person in self.idle:
                continue
            hers = [each for each in self.waiting() if person in self._who_may_take(each)]
            if hers:
                self._ring(hers[0], person)
            else:
                self.idle.append(person)

    def _ring(self, caller: Caller, person: Person) -> None:
        device = _known(person.device)
        ring_ms_max = self.rules(caller.queue).ring_ms_max
        self.offers += 1
        offer = OfferId(f"{caller.contact}.o{self.offers}")
        caller.offer = person.offer = offer
        self.rings.append(Ring(offer, caller, person, device))
        self.people.in_use.append((device, offer))
        self._not_idle(person)
        self._forget("announce", caller)
        self._in(ring_ms_max, "offer", offer)
        made = OfferContact(offer, caller.contact, person.agent.id, device, ring_ms_max)
        self._effects.append(made)

    def _give_up(self, caller: Caller, cause: OverflowCause) -> None:
        self._gone(caller)
        self._effects.append(OverflowContact(caller.contact, caller.queue, cause))

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
        if isinstance(about, Caller):
            if what == "announce":
                self._rhythm(about)
                self._told.append(about)
            elif about.waits:
                self._give_up(about, OverflowCause.TIMED_OUT)
            else:
                about.is_overdue = True
        elif isinstance(about, Person):
            if what == "absent":
                self._believe_back(about)
            else:
                about.wrapping = about.wrapping and what != "wrap"
                about.resting = about.resting and what != "rest"
                self._freed.append(about)
        else:
            ring = next(each for each in self.rings if each.offer == about)
            self._take_back(ring, RescindReason.TIMED_OUT)

    # Events

    def _take(self, event: RouterEvent) -> None:  # noqa: C901 - one line for each
        match event:
            case TimerFired():
                self._on_timer()
            case ContactQueued():
                self._come(event)
            case ContactLeft():
                self._leave(event.contact)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._answered(event)
            case QueueChanged():
                self._change_queue(event.queue)
            case QueueRetired():
                self._close_queue(event.queue)
            case AgentChanged():
                self._change_agent(event.agent)
            case AgentRetired():
                self._retire_agent(event.agent)
            case PresenceRequested():
                self._said(event)
            case DeviceReachabilityChanged() | DeviceOccupied() | DeviceVacated():
                self._device(event)
            case _:
                assert_never(event)

    def _come(self, event: ContactQueued) -> None:
        if any(each.contact == event.contact for each in self.callers):
            return
        if not self.open_steps(event.queue):
            refused = OverflowContact(event.contact, event.queue, OverflowCause.NO_AGENTS)
            self._effects.append(refused)
            return
        rules = self.rules(event.queue)
        held = [each for each in self.callers if each.queue == event.queue and not each.talks]
        staff = [
            each
            for each in self.people.everybody
            if any(each in self.people.who_serves(step.requirement) for step in rules.steps)
        ]
        limit = rules.waiting
        bounds: list[int | None] = [] if limit is None else [limit.absolute]
        if limit is not None and limit.per_agent is not None:
            bounds.append(limit.per_agent * len(staff))
        if any(bound is not None and len(held) >= bound for bound in bounds):
            full = OverflowContact(event.contact, event.queue, OverflowCause.FULL)
            self._effects.append(full)
            return
        self.entries += 1
        turn = (self.at - event.priority_ms, self.entries)
        caller = Caller(event.contact, event.queue, self.at, turn)
        self.callers.append(caller)
        self._in(rules.wait_ms_max, "wait", caller)
        self._rhythm(caller)

    def _leave(self, contact: ContactId) -> None:
        for caller in [each for each in self.callers if each.contact == contact]:
            if caller.talks:
                return
            self._gone(caller)
            for ring in [each for each in self.rings if each.caller is caller]:
                self._take_back(ring, RescindReason.CONTACT_LEFT)

    # Offers

    def _answered(self, event: OfferAccepted | OfferFailed | EngagementEnded) -> None:
        for ring in [each for each in self.rings if each.offer == event.offer]:
            match event:
                case OfferAccepted():
                    if not ring.caller.talks:
                        ring.caller.talks, ring.person.misses = True, 0
                        self._forget("offer", ring.offer)
                case OfferFailed():
                    self._over(ring)
                    self._missed(ring, is_miss=event.failure is OfferFailure.DECLINED)
                    self._back(ring)
                    if ring.person.has_left_the_site:
                        self._vanish(ring.person)
                case EngagementEnded():
                    if ring.caller.talks:
                        self._gone(ring.caller)
                        self._over(ring)
                        self._wrap_up(ring)

    def _wrap_up(self, ring: Ring) -> None:
        if ring.person.has_left_the_site:
            self._vanish(ring.person)
            return
        ring.person.wrapping = True
        self._in(self.rules(ring.caller.queue).wrap_up_ms, "wrap", ring.person)

    def _take_back(self, ring: Ring, reason: RescindReason) -> None:
        self._over(ring)
        self._effects.append(RescindOffer(ring.offer, ring.caller.contact, reason))
        if reason is RescindReason.TIMED_OUT:
            self._missed(ring, is_miss=True)
        elif reason is not RescindReason.AGENT_GONE:
            self._freed.append(ring.person)
        self._back(ring)

    def _over(self, ring: Ring) -> None:
        self.rings.remove(ring)
        self.people.in_use.remove((ring.device, ring.offer))
        ring.person.offer = None
        self._forget("offer", ring.offer)
        # Who took the device over meanwhile can be rung from now on.
        sitting = self.people.at(ring.device)
        if sitting is not None and sitting is not ring.person:
            self._freed.append(sitting)

    def _back(self, ring: Ring) -> None:
        """The contact waits again, at its old place, if it still is here."""
        caller = ring.caller
        if caller in self.callers:
            caller.offer, caller.talks = None, False
            caller.let_ring_by.append(ring.person.agent.id)
            if caller.queue in [each.id for each in self.queues]:
                self._rhythm(caller)

    def _missed(self, ring: Ring, *, is_miss: bool) -> None:
        person = ring.person
        counts = is_miss and not self.people.has_own_call(ring.device)
        person.misses += counts
        if counts and person.misses >= self.rules(ring.caller.queue).misses_max:
            person.misses = 0
            if person.presence is Presence.AVAILABLE:
                self._become(person, Presence.ON_BREAK, "missed_offers", Origin.ROUTER)
                person.paused_by_router = True
                self._in(ABSENT_MS, "absent", person)
            return
        person.resting = True
        self._in(REST_MS, "rest", person)

    # Queues

    def _change_queue(self, rules: Queue) -> None:
        if rules in self.queues:
            return
        before = [each for each in [*self.queues, *self.closed_queues] if each.id == rules.id]
        self.queues = [each for each in self.queues if each.id != rules.id]
        self.closed_queues = [each for each in self.closed_queues if each.id != rules.id]
        self.queues.append(rules)
        for caller in [each for each in self.callers if each.queue == rules.id]:
            due = caller.entered + rules.wait_ms_max
            if before[0].wait_ms_max != rules.wait_ms_max and not (
                caller.is_overdue and due <= self.at
            ):
                caller.is_overdue = False
                self._in(max(due - self.at, 0), "wait", caller)
        if before and before[0].announce_every_ms != rules.announce_every_ms:
            for caller in self.waiting(rules.id):
                self._rhythm(caller)

    def _close_queue(self, queue: QueueId) -> None:
        rules = next((each for each in self.queues if each.id == queue), None)
        if rules is None:
            return
        self.queues.remove(rules)
        self.closed_queues.append(rules)
        for caller in [each for each in self.callers if each.queue == queue and not each.talks]:
            for ring in [each for each in self.rings if each.caller is caller]:
                self._take_back(ring, RescindReason.QUEUE_RETIRED)

    # Agents

    def _change_agent(self, agent: Agent) -> None:
        person = self.people.named(agent.id)
        if person is None:
            self.people.everybody.append(Person(agent))
            return
        if person.agent == agent and not person.has_left_the_site:
            return
        if person.device is not None and agent.seat not in (None, person.device):
            self._become(person, Presence.SIGNED_OUT, None, Origin.SITE)
        if person.agent.skills != agent.skills:
            self._not_idle(person)
        person.agent, person.has_left_the_site = agent, False
        self._draw(person)

    def _retire_agent(self, agent: AgentId) -> None:
        person = self.people.of_the_site(agent)
        if person is None:
            return
        if person.presence is not Presence.SIGNED_OUT:
            self._become(person, Presence.SIGNED_OUT, None, Origin.SITE)
        person.has_left_the_site = True
        if person.offer is None:
            self._vanish(person)

    def _vanish(self, person: Person) -> None:
        self.people.everybody.remove(person)
        for what in ("wrap", "rest", "absent"):
            self._forget(what, person)

    def _said(self, said: PresenceRequested) -> None:
        person = self.people.meant_by(said)
        answer = self.people.verdict(person, said)
        if person is not None and answer is PresenceAnswer.DONE:
            changes: dict[PresenceChange, Callable[[], None]] = {
                PresenceChange.SIGN_IN: lambda: self._sign_in(person, said),
                PresenceChange.SIGN_OUT: lambda: self._become(
                    person, Presence.SIGNED_OUT, None, said.origin
                ),
                PresenceChange.PAUSE: lambda: self._become(
                    person, Presence.ON_BREAK, said.reason, said.origin
                ),
                PresenceChange.RESUME: lambda: self._resume(person, said.origin),
            }
            changes[said.change]()
        who = (None, None) if person is None else (person.agent.id, person.presence)
        self._effects.append(AnswerPresence(said.request, answer, *who))

    def _resume(self, person: Person, origin: Origin) -> None:
        person.misses = 0
        self._become(person, Presence.AVAILABLE, None, origin)

    def _sign_in(self, person: Person, said: PresenceRequested) -> None:
        device = _known(said.device or person.agent.seat)
        sitting = self.people.at(device)
        if sitting is not None and sitting is not person:
            self._say(sitting, Presence.SIGNED_OUT, "seat_taken", said.origin)
            self._forget("absent", sitting)
        if person.device not in (None, device):
            # She moves: away from there, for the moment, without a record of it.
            person.presence, person.device = Presence.SIGNED_OUT, None
            self._not_idle(person)
        for gone in [each for each in (sitting, person) if each is not None]:
            self._draw(gone)
        person.misses, person.device = 0, device
        self._become(person, Presence.AVAILABLE, None, said.origin)

    def _become(
        self, person: Person, presence: Presence, reason: str | None, origin: Origin
    ) -> None:
        self._say(person, presence, reason, origin)
        self._forget("absent", person)
        self._draw(person)

    def _say(self, person: Person, presence: Presence, reason: str | None, origin: Origin) -> None:
        agent, device = person.agent.id, person.device
        self.records.append(agent)
        person.presence, person.paused_by_router = presence, False
        person.reason = reason if presence is Presence.ON_BREAK else None
        if presence is Presence.SIGNED_OUT:
            person.device = None
        key = f"{agent}.p{self.records.count(agent)}"
        record = PresenceRecord(key, agent, presence, reason, device, origin, self.at)
        self._effects.append(RecordPresence(record))

    def _draw(self, person: Person) -> None:
        """What follows when somebody came or went: who is not there is not rung."""
        if not self.people.is_there(person):
            self._not_idle(person)
            for ring in [each for each in self.rings if each.person is person]:
                if not ring.caller.talks:
                    self._take_back(ring, RescindReason.AGENT_GONE)
        self._freed.append(person)

    def _believe_back(self, person: Person) -> None:
        if person.paused_by_router:
            self._become(person, Presence.AVAILABLE, None, Origin.ROUTER)

    def _device(self, event: DeviceReachabilityChanged | DeviceOccupied | DeviceVacated) -> None:
        person = self.people.at(event.device)
        match event:
            case DeviceOccupied(device, call):
                if self.people.note_own_call(device, call) and person is not None:
                    self._not_idle(person)
            case DeviceVacated(device, call):
                if self.people.note_own_call_over(device, call) and person is not None:
                    self._freed.append(person)
            case DeviceReachabilityChanged(device, reachable):
                news = self.people.note_reachable(device, reachable=reachable)
                if news and person is not None:
                    if reachable:
                        person.misses = 0
                        self._believe_back(person)
                    self._draw(person)


def _known(device: DeviceId | None) -> DeviceId:
    if device is None:
        raise AssertionError("the oracle rings or signs in somebody who sits nowhere")
    return device
