"""A naive second book of what the router does, kept from its events and effects alone.

Each entry checks the design's invariants 2, 3, 4, 8 and 9, the steps, the limits of waiting and the
positions told against plain dictionaries. Who is there is in the presence book. What only the
router knows (who rests after a miss, who stands at which step) is read from it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from presence_book import PresenceBook

from router.core import Router
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
    AgentRetired,
    ContactLeft,
    ContactQueued,
    EngagementEnded,
    OfferAccepted,
    OfferFailed,
    QueueChanged,
    QueueRetired,
    RouterEvent,
    TimerFired,
)
from router.model import (
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
    waits_since: Millis
    offer: OfferId | None = None
    connected: bool = False
    told: Millis | None = None


@dataclass
class Ledger:
    """What an honest clerk would know of a pool."""

    there: PresenceBook = field(default_factory=PresenceBook)
    queues: dict[QueueId, Queue] = field(default_factory=dict[QueueId, Queue])
    changed_at: dict[QueueId, Millis] = field(default_factory=dict[QueueId, Millis])
    closed: dict[QueueId, Queue] = field(default_factory=dict[QueueId, Queue])
    entries: dict[ContactId, Entry] = field(default_factory=dict[ContactId, Entry])
    offers: dict[OfferId, tuple[ContactId, AgentId, DeviceId]] = field(
        default_factory=dict[OfferId, tuple[ContactId, AgentId, DeviceId]]
    )
    wrap_up_until: dict[AgentId, Millis] = field(default_factory=dict[AgentId, Millis])
    entered: Counter[QueueId] = field(default_factory=Counter[QueueId])
    left: Counter[QueueId] = field(default_factory=Counter[QueueId])
    used_offers: set[OfferId] = field(default_factory=set[OfferId])
    refused: Counter[QueueId] = field(default_factory=Counter[QueueId])
    told: Counter[int] = field(default_factory=Counter[int])
    steps_reached: set[tuple[QueueId, int]] = field(default_factory=set[tuple[QueueId, int]])
    came: ContactId | None = None

    def take(self, event: RouterEvent, at: Millis) -> None:
        self.came = None
        match event:
            case QueueChanged() | QueueRetired():
                self._take_queue(event, at)
            case AgentRetired(agent):
                self.wrap_up_until.pop(agent, None)
            case ContactQueued() | ContactLeft():
                self._take_contact(event, at)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._take_answer(event, at)
            case _:
                pass

    def _take_queue(self, event: QueueChanged | QueueRetired, at: Millis) -> None:
        if isinstance(event, QueueChanged):
            self.queues[event.queue.id] = event.queue
            self.changed_at[event.queue.id] = at
        elif event.queue in self.queues:
            self.closed[event.queue] = self.queues.pop(event.queue)

    def _take_contact(self, event: ContactQueued | ContactLeft, at: Millis) -> None:
        known = self.entries.get(event.contact)
        if isinstance(event, ContactLeft):
            if known is not None and not known.connected:
                self._leave(event.contact)
        elif known is None:
            self.entered[event.queue] += 1
            place = (at - event.priority_ms, sum(self.entered.values()))
            self.entries[event.contact] = Entry(event.queue, at, place, at)
            self.came = event.contact

    def _take_answer(self, event: OfferAccepted | OfferFailed | EngagementEnded, at: int) -> None:
        if event.offer not in self.offers:
            return
        contact, agent, _ = self.offers[event.offer]
        match event:
            case OfferAccepted():
                self.entries[contact].connected = True
            case OfferFailed():
                self._end_offer(event.offer, at)
            case EngagementEnded():
                if not self.entries[contact].connected:
                    return
                del self.offers[event.offer]
                if agent in self.there.agents:
                    queue = self.entries[contact].queue
                    rules = self.queues.get(queue) or self.closed[queue]
                    self.wrap_up_until[agent] = at + rules.wrap_up_ms
                self._leave(contact)

    def note(
        self, event: RouterEvent, effects: Sequence[RouterEffect], at: Millis, router: Router
    ) -> None:
        self.there.take(event, effects, at)
        self._limits_are_kept(effects)
        for effect in effects:
            match effect:
                case OfferContact():
                    self._offer(effect, at, router)
                case RescindOffer(offer):
                    self._end_offer(offer, at)
                case OverflowContact(contact):
                    assert self.entries[contact].offer is None, "overflowed during an offer"
                    self._leave(contact)
                case AnnouncePosition():
                    self._tell(effect, at)
                case AnswerPresence() | RecordPresence():
                    pass
        if isinstance(event, TimerFired):
            self._nobody_is_left_untold(at)
        self._conservation(router)
        self._nobody_waits_in_vain(at, router)
        self._views_tell_the_truth(router)

    def _limits_are_kept(self, effects: Sequence[RouterEffect]) -> None:
        full = [
            effect.contact
            for effect in effects
            if isinstance(effect, OverflowContact) and effect.cause is OverflowCause.FULL
        ]
        assert set(full) <= {self.came}, "refused somebody who was in already"
        if self.came is None:
            return
        queue = self.entries[self.came].queue
        if queue not in self.queues:
            assert OverflowContact(self.came, queue, OverflowCause.NO_AGENTS) in effects
            return
        others = sum(
            each.queue == queue and not each.connected
            for name, each in self.entries.items()
            if name != self.came
        )
        staff = self._staff(queue)
        limit = self.queues[queue].waiting
        bounds = [] if limit is None else [limit.absolute, (limit.per_agent or 99) * staff]
        too_many = any(bound is not None and others >= bound for bound in bounds)
        assert bool(full) == (too_many and staff > 0), "the limit of waiting contacts is not kept"
        self.refused[queue] += len(full)

    def _staff(self, queue: QueueId) -> int:
        steps = range(len(self.queues[queue].steps))
        return sum(
            any(self._serves(agent, queue, step) for step in steps)
            for agent in self.there.present()
        )

    def _nobody_waits_in_vain(self, at: Millis, router: Router) -> None:
        seats: Any = vars(router)["_seats"]
        present = self.there.present()
        engaged = {agent for _, agent, _ in self.offers.values()}
        in_use = {device for _, _, device in self.offers.values()}
        in_use |= {device for device, calls in self.there.own_calls.items() if calls}
        idle = [
            agent
            for agent in present
            if agent not in engaged
            and self.there.seats[agent] not in in_use
            and self.wrap_up_until.get(agent, 0) < at
            and not seats[agent].resting
        ]
        for name, entry in self.entries.items():
            if entry.offer is not None:
                continue
            assert entry.queue in self.queues, "waits in a queue that is no more"
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
        has = self.there.agents[agent].skills
        for alternative in self.queues[queue].steps[step].requirement.alternatives:
            if all(has.get(skill, 0) >= level for skill, level in alternative.items()):
                return True
        return False

    def _offer(self, made: OfferContact, at: Millis, router: Router) -> None:
        entry, there = self.entries[made.contact], self.there
        assert made.offer not in self.used_offers, "an offer's id was used twice"
        assert entry.offer is None, "a contact has two offers"
        for _, agent, device in self.offers.values():
            assert agent != made.agent, "an agent has two offers"
            assert device != made.device, "offered to a phone on which somebody talks"
        assert there.seats.get(made.agent) == made.device, "offered to somebody who is not there"
        assert there.reachable.get(made.device), "offered to a device that cannot be reached"
        assert not there.own_calls.get(made.device), "offered during a call of her own"
        assert self.wrap_up_until.get(made.agent, 0) <= at, "offered in wrap-up"
        assert there.presence_of(made.agent) is Presence.AVAILABLE, "offered on break"
        step = step_in(router, made.contact)
        assert self._serves(made.agent, entry.queue, step), "offered below the level"
        for name, other in self.entries.items():
            if other.queue == entry.queue and other.offer is None and name != made.contact:
                may = self._serves(made.agent, other.queue, step_in(router, name))
                assert not may or other.place > entry.place, "an earlier one was passed over"
        self.used_offers.add(made.offer)
        self.offers[made.offer] = (made.contact, made.agent, made.device)
        entry.offer = made.offer

    def _end_offer(self, offer: OfferId, at: Millis) -> None:
        contact = self.offers.pop(offer)[0]
        if contact in self.entries:
            self.entries[contact].offer = None
            self.entries[contact].connected = False
            self.entries[contact].waits_since = at

    def _leave(self, contact: ContactId) -> None:
        self.left[self.entries.pop(contact).queue] += 1

    def _tell(self, told: AnnouncePosition, at: Millis) -> None:
        entry = self.entries[told.contact]
        every = self.queues[entry.queue].announce_every_ms
        assert every is not None, "told in a queue that does not announce"
        assert entry.queue == told.queue
        assert entry.offer is None, "told its position during an offer"
        assert (at - entry.entered) % every == 0, "told out of its rhythm"
        before = sum(
            each.queue == entry.queue and each.offer is None and each.place < entry.place
            for each in self.entries.values()
        )
        assert told.position == before + 1
        entry.told = at
        self.told[told.position] += 1

    def _nobody_is_left_untold(self, at: Millis) -> None:
        for entry in self.entries.values():
            rules = self.queues.get(entry.queue)
            if rules is None or rules.announce_every_ms is None or entry.offer is not None:
                continue
            steady = max(entry.waits_since, self.changed_at[entry.queue]) < at
            if steady and (at - entry.entered) % rules.announce_every_ms == 0:
                assert entry.told == at, "was not told its position in time"

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

    def _views_tell_the_truth(self, router: Router) -> None:
        contacts = {agent: contact for contact, agent, _ in self.offers.values()}
        seen = {view.agent: view for view in router.agents()}
        assert seen.keys() == self.there.agents.keys() | contacts.keys()
        for agent, view in seen.items():
            assert view.presence is self.there.presence_of(agent)
            assert view.device == self.there.seats.get(agent)
            assert view.contact == contacts.get(agent)
            assert view.taken_for_absent is (agent in self.there.by_router)
            assert view.reason == self.there.reasons.get(agent) or view.device is None
        views = {view.queue: view for view in router.queues()}
        assert views.keys() == self.queues.keys()
        for queue, view in views.items():
            here = [each for each in self.entries.values() if each.queue == queue]
            assert view.waiting == sum(each.offer is None for each in here)
            assert view.offered == sum(
                each.offer is not None and not each.connected for each in here
            )
            assert view.staffed == self._staff(queue)


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
        self.ledger.note(event, effects, at, self)
        return effects
