"""A naive second book of what the router does, kept from its events and effects alone.

Each entry checks the design's invariants 2, 3, 4, 8 and 9, the steps and the limits of waiting
against plain dictionaries. What only the router knows (who it paused) is read from it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from router.core import Router
from router.effects import OfferContact, OverflowContact, RescindOffer, RouterEffect
from router.events import (
    AgentChanged,
    AgentSignedIn,
    AgentSignedOut,
    ContactLeft,
    ContactQueued,
    DeviceReachabilityChanged,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
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
    OverflowCause,
    Presence,
    Queue,
    QueueId,
)
from router.places import Places


@dataclass
class Entry:
    """One contact in the book."""

    queue: QueueId
    entered: Millis
    place: tuple[Millis, int]
    offer: OfferId | None = None
    connected: bool = False


@dataclass
class Ledger:
    """What an honest clerk would know of a pool."""

    queues: dict[QueueId, Queue] = field(default_factory=dict[QueueId, Queue])
    agents: dict[AgentId, Agent] = field(default_factory=dict[AgentId, Agent])
    seats: dict[AgentId, DeviceId] = field(default_factory=dict[AgentId, DeviceId])
    reachable: dict[DeviceId, bool] = field(default_factory=dict[DeviceId, bool])
    entries: dict[ContactId, Entry] = field(default_factory=dict[ContactId, Entry])
    offers: dict[OfferId, tuple[ContactId, AgentId]] = field(
        default_factory=dict[OfferId, tuple[ContactId, AgentId]]
    )
    wrap_up_until: dict[AgentId, Millis] = field(default_factory=dict[AgentId, Millis])
    entered: Counter[QueueId] = field(default_factory=Counter[QueueId])
    left: Counter[QueueId] = field(default_factory=Counter[QueueId])
    used_offers: set[OfferId] = field(default_factory=set[OfferId])
    refused: Counter[QueueId] = field(default_factory=Counter[QueueId])
    steps_reached: set[tuple[QueueId, int]] = field(default_factory=set[tuple[QueueId, int]])
    came: ContactId | None = None

    def take(self, event: RouterEvent, at: Millis) -> None:
        self.came = None
        match event:
            case QueueChanged(queue):
                self.queues[queue.id] = queue
            case AgentChanged(agent):
                self.agents[agent.id] = agent
            case DeviceReachabilityChanged(device, reachable):
                self.reachable[device] = reachable
            case AgentSignedIn() | AgentSignedOut():
                self._take_presence(event)
            case ContactQueued() | ContactLeft():
                self._take_contact(event, at)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._take_answer(event, at)
            case TimerFired():
                pass

    def _take_presence(self, event: AgentSignedIn | AgentSignedOut) -> None:
        if isinstance(event, AgentSignedOut):
            self.seats.pop(event.agent, None)
        elif event.agent in self.agents:
            others = self.seats.items()
            self.seats = {agent: device for agent, device in others if device != event.device}
            self.seats[event.agent] = event.device

    def _take_contact(self, event: ContactQueued | ContactLeft, at: Millis) -> None:
        known = self.entries.get(event.contact)
        if isinstance(event, ContactLeft):
            if known is not None and not known.connected:
                self._leave(event.contact)
        elif known is None:
            self.entered[event.queue] += 1
            place = (at - event.priority_ms, sum(self.entered.values()))
            self.entries[event.contact] = Entry(event.queue, at, place)
            self.came = event.contact

    def _take_answer(self, event: OfferAccepted | OfferFailed | EngagementEnded, at: int) -> None:
        if event.offer not in self.offers:
            return
        contact, agent = self.offers[event.offer]
        match event:
            case OfferAccepted():
                self.entries[contact].connected = True
            case OfferFailed():
                self._end_offer(event.offer)
            case EngagementEnded():
                del self.offers[event.offer]
                self.wrap_up_until[agent] = at + self.queues[self.entries[contact].queue].wrap_up_ms
                self._leave(contact)

    def note(self, effects: Sequence[RouterEffect], at: Millis, router: Router) -> None:
        self._limits_are_kept(effects, router)
        for effect in effects:
            match effect:
                case OfferContact():
                    self._offer(effect, at, router)
                case RescindOffer(offer):
                    self._end_offer(offer)
                case OverflowContact(contact):
                    assert self.entries[contact].offer is None, "overflowed during an offer"
                    self._leave(contact)
        self._conservation(router)
        self._nobody_waits_in_vain(at, router)

    def _limits_are_kept(self, effects: Sequence[RouterEffect], router: Router) -> None:
        full = [
            effect.contact
            for effect in effects
            if isinstance(effect, OverflowContact) and effect.cause is OverflowCause.FULL
        ]
        assert set(full) <= {self.came}, "refused somebody who was in already"
        if self.came is None:
            return
        queue = self.entries[self.came].queue
        others = sum(
            each.queue == queue and not each.connected
            for name, each in self.entries.items()
            if name != self.came
        )
        steps = range(len(self.queues[queue].steps))
        staff = sum(
            any(self._serves(agent, queue, step) for step in steps)
            for agent in self._present(router)
        )
        limit = self.queues[queue].waiting
        bounds = [] if limit is None else [limit.absolute, (limit.per_agent or 99) * staff]
        too_many = any(bound is not None and others >= bound for bound in bounds)
        assert bool(full) == (too_many and staff > 0), "the limit of waiting contacts is not kept"
        self.refused[queue] += len(full)

    def _present(self, router: Router) -> list[AgentId]:
        seats: Any = vars(router)["_seats"]
        return [
            agent
            for agent, device in self.seats.items()
            if self.reachable.get(device) and seats[agent].presence is Presence.AVAILABLE
        ]

    def _nobody_waits_in_vain(self, at: Millis, router: Router) -> None:
        seats: Any = vars(router)["_seats"]
        present = self._present(router)
        engaged = {agent for _, agent in self.offers.values()}
        idle = [
            agent
            for agent in present
            if agent not in engaged
            and self.wrap_up_until.get(agent, 0) < at
            and not seats[agent].resting
        ]
        for name, entry in self.entries.items():
            if entry.offer is not None:
                continue
            # A timer of this very millisecond may still be to come.
            rightful = {self._step_at(entry, moment, present) for moment in (at - 1, at)}
            step = step_in(router, name)
            assert step in rightful, "stands at another step than its time and the staff say"
            serving = {agent for agent in present if self._serves(agent, entry.queue, step)}
            assert serving, "waits for nobody"
            assert serving.isdisjoint(idle), "waits beside an idle one"
            self.steps_reached.add((entry.queue, step))

    def _step_at(self, entry: Entry, moment: Millis, present: list[AgentId]) -> int | None:
        steps = self.queues[entry.queue].steps
        due, left = 0, moment - entry.entered
        while due < len(steps) - 1 and (for_ms := steps[due].for_ms) is not None and left >= for_ms:
            left -= for_ms
            due += 1
        staffed = [
            step
            for step in range(len(steps))
            if any(self._serves(agent, entry.queue, step) for agent in present)
        ]
        later = [step for step in staffed if step >= due]
        return later[0] if later else max(staffed, default=None)

    def _serves(self, agent: AgentId, queue: QueueId, step: int) -> bool:
        has = self.agents[agent].skills
        for alternative in self.queues[queue].steps[step].requirement.alternatives:
            if all(has.get(skill, 0) >= level for skill, level in alternative.items()):
                return True
        return False

    def _offer(self, made: OfferContact, at: Millis, router: Router) -> None:
        entry = self.entries[made.contact]
        assert made.offer not in self.used_offers, "an offer's id was used twice"
        assert entry.offer is None, "a contact has two offers"
        assert all(agent != made.agent for _, agent in self.offers.values()), "an agent has two"
        assert self.seats.get(made.agent) == made.device, "offered to somebody who is not there"
        assert self.reachable.get(made.device), "offered to a device that cannot be reached"
        assert self.wrap_up_until.get(made.agent, 0) <= at, "offered in wrap-up"
        seat: Any = vars(router)["_seats"][made.agent]
        assert seat.presence is Presence.AVAILABLE, "offered to somebody on break"
        step = step_in(router, made.contact)
        assert self._serves(made.agent, entry.queue, step), "offered below the level"
        for name, other in self.entries.items():
            if other.queue == entry.queue and other.offer is None and name != made.contact:
                may = self._serves(made.agent, other.queue, step_in(router, name))
                assert not may or other.place > entry.place, "an earlier one was passed over"
        self.used_offers.add(made.offer)
        self.offers[made.offer] = (made.contact, made.agent)
        entry.offer = made.offer

    def _end_offer(self, offer: OfferId) -> None:
        contact, _ = self.offers.pop(offer)
        if contact in self.entries:
            self.entries[contact].offer = None
            self.entries[contact].connected = False

    def _leave(self, contact: ContactId) -> None:
        self.left[self.entries.pop(contact).queue] += 1

    def _conservation(self, router: Router) -> None:
        places = places_in(router)
        assert places.keys() == self.entries.keys()
        for queue in self.entered:
            here = [entry for entry in self.entries.values() if entry.queue == queue]
            assert self.entered[queue] == len(here) + self.left[queue]
            waiting = sum(entry.offer is None for entry in here)
            assert waiting == len(router.waiting_in(queue))
            assert len(here) - waiting == sum(
                place.queue == queue and place.offer is not None for place in places.values()
            )


def places_in(router: Router) -> dict[ContactId, Any]:
    places: Places = vars(router)["_places"]
    held: dict[ContactId, Any] = vars(places)["_by_contact"]
    return held


def step_in(router: Router, contact: ContactId) -> int:
    return places_in(router)[contact].step


class AuditedRouter(Router):
    """A router whose every turn goes into a ledger."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger()

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        effects = super().handle(event, at)
        self.ledger.take(event, at)
        self.ledger.note(effects, at, self)
        return effects
