"""What may be known of a pool from its messages alone: held against the router after each step.

The oracle says which choice is right; this book says, in other words and with other means, what
must never be: an agent or a contact with two offers (invariants 2 and 3), a contact that got lost
between two counts (4), an offer to somebody who is not there for it, wraps up, rests or is about to
pause (9), something that came twice or late and changed anything (10), and somebody who waits
beside an idle agent (17).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from router.agent_state import EngagementPhase
from router.core import Router
from router.effects import (
    AnswerPresence,
    MoveContact,
    OfferContact,
    OverflowContact,
    RescindOffer,
    RouterEffect,
)
from router.events import (
    AgentChanged,
    ContactLeft,
    ContactQueued,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
    QueueChanged,
    RouterEvent,
    TimerFired,
    WrapUpRequested,
)
from router.model import (
    Agent,
    AgentId,
    ContactId,
    Millis,
    OfferId,
    Presence,
    PresenceAnswer,
    Queue,
    QueueId,
    RescindReason,
    WrapUpChange,
)
from router.offers import ENGAGED_MS_MAX, MISS_REST_MS
from router.views import AgentView
from simulator.world_story import Story
from simulator.world_wire import subject_of

IDLE_BESIDE_MS_MAX: Final = 60_000
"""How long somebody may wait beside an idle agent who could serve her."""


@dataclass(slots=True)
class _Offer:
    contact: ContactId
    agent: AgentId
    accepted_at: Millis | None = None


class Book:
    """One pool, as an honest clerk sees it."""

    def __init__(self, story: Story) -> None:
        self.entered: Counter[QueueId] = Counter()
        self.left: Counter[tuple[QueueId, str]] = Counter()
        self.offers: dict[OfferId, _Offer] = {}
        self.made = 0
        self._story = story
        self._queue_of: dict[ContactId, QueueId] = {}
        self._used: set[OfferId] = set()
        self._agents: dict[AgentId, Agent] = {}
        self._queues: dict[QueueId, Queue] = {}
        self._beside: dict[tuple[ContactId, AgentId], Millis] = {}
        self._wraps_up: dict[AgentId, Millis] = {}
        """Till when at least, unless she ends it."""
        self._rests: dict[AgentId, Millis] = {}
        self._failed: AgentId | None = None
        """Whose offer came to nothing in this turn."""

    def is_late(self, event: RouterEvent) -> bool:
        """Whether this came twice, or of what is over: it may change nothing but a counter."""
        match event:
            case ContactQueued(contact):
                return contact in self._queue_of
            case ContactLeft(contact):
                return contact not in self._queue_of or self._talks(contact) is not None
            case OfferAccepted(offer):
                held = self.offers.get(offer)
                return held is None or held.accepted_at is not None
            case OfferFailed(offer):
                return offer not in self.offers
            case EngagementEnded(offer):
                held = self.offers.get(offer)
                return held is None or held.accepted_at is None
            case _:
                return False

    def note(
        self, event: RouterEvent, effects: Sequence[RouterEffect], at: Millis, router: Router
    ) -> None:
        """One turn of the router; then all must hold."""
        self._failed = None
        self._take(event, at)
        seen = {view.agent: view for view in router.agents()}
        self._rest(event, effects, seen, at)
        for effect in effects:
            self._take_effect(effect, seen, router, at)
        self._conserve(router)
        self._nobody_waits_beside_an_idle_one(seen, router, at)

    def _take(self, event: RouterEvent, at: Millis) -> None:
        match event:
            case QueueChanged(queue):
                self._queues[queue.id] = queue
            case AgentChanged(agent):
                self._agents[agent.id] = agent
            case OfferAccepted() | OfferFailed() | EngagementEnded() | TimerFired():
                self._take_answer(event, at)
            case ContactQueued(contact, queue):
                if contact not in self._queue_of:
                    self.entered[queue] += 1
                    self._queue_of[contact] = queue
            case ContactLeft(contact):
                if contact in self._queue_of and self._talks(contact) is None:
                    self._leave(contact, "withdrew")
            case _:
                pass

    def _take_answer(
        self, event: OfferAccepted | OfferFailed | EngagementEnded | TimerFired, at: Millis
    ) -> None:
        match event:
            case OfferAccepted(offer) if offer in self.offers:
                held = self.offers[offer]
                held.accepted_at = at if held.accepted_at is None else held.accepted_at
            case OfferFailed(offer):
                held = self.offers.pop(offer, None)
                self._failed = None if held is None else held.agent
            case EngagementEnded(offer):
                self._end(offer, at)
            case TimerFired():
                for offer, held in list(self.offers.items()):
                    since = held.accepted_at
                    if since is not None and at - since >= ENGAGED_MS_MAX:
                        self._end(offer, at)
            case _:
                pass

    def _end(self, offer: OfferId, at: Millis) -> None:
        held = self.offers.get(offer)
        if held is not None and held.accepted_at is not None:
            del self.offers[offer]
            rules = self._queues[self._queue_of[held.contact]]
            self._wraps_up[held.agent] = at + rules.wrap_up_ms
            self._leave(held.contact, "talked")

    def _leave(self, contact: ContactId, why: str) -> None:
        self.left[self._queue_of.pop(contact), why] += 1

    def _talks(self, contact: ContactId) -> OfferId | None:
        talking = (
            offer
            for offer, held in self.offers.items()
            if held.contact == contact and held.accepted_at is not None
        )
        return next(talking, None)

    def _rest(
        self,
        event: RouterEvent,
        effects: Sequence[RouterEffect],
        seen: dict[AgentId, AgentView],
        at: Millis,
    ) -> None:
        """Who rests, and who ended her wrap-up herself, in this turn."""
        gone = [self._failed] if self._failed is not None else []
        for effect in effects:
            match effect:
                case RescindOffer(offer, _, RescindReason.TIMED_OUT) if offer in self.offers:
                    gone.append(self.offers[offer].agent)
                case AnswerPresence(_, PresenceAnswer.DONE, agent) if agent is not None:
                    if isinstance(event, WrapUpRequested) and event.change is WrapUpChange.END:
                        self._wraps_up.pop(agent, None)
                case _:
                    pass
        for agent in gone:
            # Who is taken for absent, or went away herself, does not rest as well.
            if seen[agent].presence is Presence.AVAILABLE:
                self._rests[agent] = at + MISS_REST_MS

    def _take_effect(
        self, effect: RouterEffect, seen: dict[AgentId, AgentView], router: Router, at: Millis
    ) -> None:
        match effect:
            case OfferContact():
                self._offer(effect, seen, router, at)
            case RescindOffer(offer, contact):
                known = offer in self.offers and self.offers[offer].accepted_at is None
                self._story.demand(known, "took back what does not ring", subject_of(contact))
                del self.offers[offer]
            case OverflowContact(contact, queue, cause):
                subject = subject_of(contact)
                rung = any(held.contact == contact for held in self.offers.values())
                self._story.demand(not rung, "4: given up while it rings", subject)
                self._story.demand(contact in self._queue_of, "4: given up twice", subject)
                self._leave(contact, cause.value)
                del queue
            case MoveContact(contact, queue):
                self._leave(contact, "moved")
                self.entered[queue] += 1
                self._queue_of[contact] = queue
            case _:
                pass

    def _offer(
        self, made: OfferContact, seen: dict[AgentId, AgentView], router: Router, at: Millis
    ) -> None:
        subject, demand = subject_of(made.contact), self._story.demand
        demand(made.offer not in self._used, "10: an offer's id is used twice", subject)
        held = self.offers.values()
        demand(all(each.agent != made.agent for each in held), "2: an agent, two offers", subject)
        demand(all(each.contact != made.contact for each in held), "3: two offers", subject)
        view = seen[made.agent]
        is_there = view.presence is Presence.AVAILABLE and view.reachable and not view.own_calls
        demand(is_there and view.device == made.device, "9: offered to who is not there", subject)
        self._is_free(view, at, subject)
        step = router.step_of(made.contact)
        queue = self._queues[self._queue_of[made.contact]]
        meets = step is None or step < 0 or self._meets(made.agent, queue, step)
        demand(meets, "9: offered below the level of its step", subject)
        self._used.add(made.offer)
        self.made += 1
        self.offers[made.offer] = _Offer(made.contact, made.agent)

    def _is_free(self, view: AgentView, at: Millis, subject: str) -> None:
        demand, agent = self._story.demand, view.agent
        demand(at >= self._wraps_up.get(agent, 0), "9: offered to who wraps up", subject)
        demand(at >= self._rests.get(agent, 0), "9: offered to who rests", subject)
        demand(view.pausing_for is None, "9: offered to who is about to pause", subject)
        demand(not view.phone_in_use, "9: offered at a phone in use", subject)

    def _meets(self, agent: AgentId, queue: Queue, step: int) -> bool:
        return queue.steps[step].requirement.met_by(self._agents[agent].skills)

    def _conserve(self, router: Router) -> None:
        """Invariant 4: who entered waits, rings, talks or left."""
        here = Counter(self._queue_of.values())
        engaged = Counter(self._queue_of[held.contact] for held in self.offers.values())
        talking = Counter(
            self._queue_of[held.contact]
            for held in self.offers.values()
            if held.accepted_at is not None
        )
        left: Counter[QueueId] = Counter()
        for (queue, _), number in self.left.items():
            left[queue] += number
        for view in router.queues():
            queue, demand = view.queue, self._story.demand
            demand(view.waiting == here[queue] - engaged[queue], f"4: who waits in {queue}")
            demand(view.offered == engaged[queue] - talking[queue], f"4: who rings in {queue}")
            told = view.waiting + view.offered + talking[queue] + left[queue]
            demand(told == self.entered[queue], f"4: {queue} lost or made somebody")

    def _nobody_waits_beside_an_idle_one(
        self, seen: dict[AgentId, AgentView], router: Router, at: Millis
    ) -> None:
        idle = [
            view.agent
            for view in seen.values()
            if view.presence is Presence.AVAILABLE and view.reachable and not view.own_calls
            if view.engagement is EngagementPhase.NONE and not view.phone_in_use
        ]
        beside: dict[tuple[ContactId, AgentId], Millis] = {}
        for queue in self._queues.values() if idle else ():
            for contact in router.waiting_in(queue.id):
                step = router.step_of(contact)
                if step is None or step < 0:
                    continue
                for agent in idle:
                    if self._meets(agent, queue, step):
                        both = contact, agent
                        beside[both] = self._beside.get(both, at)
        self._beside = beside
        for (contact, _), since in beside.items():
            in_vain = at - since > IDLE_BESIDE_MS_MAX
            self._story.demand(not in_vain, "17: waits beside an idle agent", subject_of(contact))
