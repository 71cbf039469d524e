"""A naive second book of what the router does, kept from its events and effects alone.

Each entry checks the design's invariants 2, 3, 4, 8 and 9, the steps, the limits of waiting and the
positions told against plain dictionaries. Who is there is in the presence book. What only the
router knows (who rests after a miss, who stands at which step) is read from it.
"""

from collections.abc import Sequence
from typing import Any

from routing_entries import (
    Entry,
    Given,
    is_too_many,
)
from routing_notes import Notes

from router.core import Router
from router.effects import (
    AnnouncePosition,
    AnswerPresence,
    MoveContact,
    OfferContact,
    OverflowContact,
    RecordPresence,
    RescindOffer,
    RouterEffect,
)
from router.events import (
    RouterEvent,
    TimerFired,
    WrapUpRequested,
)
from router.line_order import PROFILES_SCANNED_MAX
from router.model import (
    PREFERRED_STEP,
    AgentId,
    Channel,
    ContactId,
    Millis,
    OverflowCause,
    Presence,
    PresenceAnswer,
    QueueId,
    WrapUpChange,
)
from router.places import Places

AT_THE_DOOR = (OverflowCause.FULL, OverflowCause.OVERLOAD, OverflowCause.EXPECTED_WAIT)


class Ledger(Notes):
    """The notes, and what must hold of them after each event."""

    def note(
        self, event: RouterEvent, effects: Sequence[RouterEffect], at: Millis, router: Router
    ) -> None:
        self.there.take(event, effects, at)
        self._judge_who_came(effects)
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
                case MoveContact():
                    self._move(effect, at)
                case AnswerPresence():
                    self._answer_about_wrap_up(event, effect, at)
                case RecordPresence():
                    pass
        if isinstance(event, TimerFired):
            self._nobody_is_left_untold(at)
        self._begin_steps(at)
        self._conservation(router)
        self._nobody_waits_in_vain(at, router)
        self._views_tell_the_truth(router, at)
        self.there.engaged = self._engaged(at)
        assert self.there.pausing.keys() <= self.there.engaged, "has not begun her pause"

    def _move(self, moved: MoveContact, at: Millis) -> None:
        entry = self.entries[moved.contact]
        assert entry.offer is None, "moved during an offer"
        assert moved.queue in self.queues, "moved to a queue that is not there"
        assert moved.queue not in self.crises, "moved into a crisis"
        self.left[entry.queue] += 1
        self.entered[moved.queue] += 1
        prefers = entry.prefers
        entry.move(moved.queue, at)
        if moved.contact == self.came:
            entry.prefers = prefers

    def _answer_about_wrap_up(self, event: RouterEvent, answer: AnswerPresence, at: Millis) -> None:
        if not isinstance(event, WrapUpRequested) or answer.agent is None:
            return
        wrapping, wanted = self._wrapping(answer.agent, at), PresenceAnswer.DONE
        if not wrapping:
            wanted = PresenceAnswer.NOT_IN_WRAP_UP
        elif event.change is WrapUpChange.END:
            for wrap_up in wrapping:
                wrap_up.until = at
        else:
            longer = [wrap_up.is_longer(at) for wrap_up in wrapping]
            wanted = PresenceAnswer.DONE if any(longer) else PresenceAnswer.WRAP_UP_AT_MOST
        assert answer.answer is wanted

    def _begin_steps(self, at: Millis) -> None:
        for entry in self.entries.values():
            if entry.offer is not None or entry.prefers is None:
                continue
            is_known = entry.prefers in self.there.agents and entry.queue in self.queues
            stays = is_known and self._may_wait_for(entry.prefers, entry.queue)
            if entry.prefers_until <= at or not stays:
                entry.begin_steps(at)

    def _judge_who_came(self, effects: Sequence[RouterEffect]) -> None:
        """Who comes is let in or refused by the limits; who is in already is never refused."""
        causes: dict[ContactId, OverflowCause] = {
            each.contact: each.cause for each in effects if isinstance(each, OverflowContact)
        }
        refused = {name for name, cause in causes.items() if cause in AT_THE_DOOR}
        assert refused <= {self.came}, "refused somebody who was in already"
        if self.came is None:
            return
        entry, cause = self.entries[self.came], causes.get(self.came)
        self.arrived -= cause is not None
        queue = entry.queue
        if queue not in self.queues:
            assert cause is OverflowCause.NO_AGENTS
        elif cause not in (OverflowCause.NO_AGENTS, OverflowCause.CRISIS, OverflowCause.OVERLOAD):
            rings = any(isinstance(each, OfferContact) for each in effects)
            self._limit_is_kept(self.crises.get(queue, queue), cause, rings=rings)

    def _limit_is_kept(
        self, queue: QueueId | None, cause: OverflowCause | None, *, rings: bool
    ) -> None:
        """Limits are asked of whoever would wait, not where a phone ``rings`` for her at once."""
        assert queue is not None, "let into a crisis without a way out"
        assert queue in self.queues, "let into a queue that is not there"
        assert queue not in self.crises, "let into a second crisis"
        others = sum(
            each.queue == queue and each.offer is None
            for name, each in self.entries.items()
            if name != self.came
        )
        too_many = is_too_many(self.queues[queue].waiting, others, staff=max(1, self._staff(queue)))
        is_full = cause is OverflowCause.FULL
        assert is_full == (too_many and not rings), "the limit of waiting contacts is not kept"
        self.refused[queue] += is_full

    def _nobody_waits_in_vain(self, at: Millis, router: Router) -> None:
        present = self.there.present()
        idle_for = {channel: self._idle(channel, at, router) for channel in Channel}
        for name, entry in self.entries.items():
            if entry.offer is not None:
                continue
            assert entry.queue in self.queues, "waits in a queue that is no more"
            assert entry.queue not in self.crises, "waits in a crisis"
            idle = idle_for[self.queues[entry.queue].channel]
            if entry.prefers is not None:
                assert step_in(router, name) == PREFERRED_STEP
                assert entry.prefers not in idle, "waits for an idle one"
                self.steps_reached.add((entry.queue, PREFERRED_STEP))
                continue
            # A timer of this very millisecond may still be to come.
            rightful = {self._step_at(entry, moment, present) for moment in (at - 1, at)}
            step = step_in(router, name)
            assert step in rightful, "stands at another step than its time and the staff say"
            serving = {agent for agent in present if self._serves(agent, entry.queue, step)}
            assert serving, "waits for nobody"
            assert serving.isdisjoint(idle), "waits beside an idle one"
            self.steps_reached.add((entry.queue, step))

    def _idle(self, channel: Channel, at: Millis, router: Router) -> list[AgentId]:
        seats: Any = vars(router)["_seats"]
        # A wrap-up's timer of this very millisecond may still be to come.
        return [
            agent
            for agent in self.there.present()
            if not seats[agent].resting and self._may_have(agent, channel, at - 1)
        ]

    def _may_have(self, agent: AgentId, channel: Channel, at: Millis) -> bool:
        hands = self._hands(agent, at)
        if agent in self.there.pausing:
            return False
        if channel is Channel.CHAT:
            return Channel.VOICE not in hands and len(hands) < self.there.agents[agent].chats_max
        calls = [each for each in self.offers.values() if each.channel is Channel.VOICE]
        device = self.there.seats[agent]
        in_use = self.there.own_calls.get(device) or device in [each.device for each in calls]
        return not hands and not in_use

    def _step_at(self, entry: Entry, moment: Millis, present: list[AgentId]) -> int | None:
        steps = self.queues[entry.queue].steps
        due, left = 0, moment - entry.steps_from
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

    def _offer(self, made: OfferContact, at: Millis, router: Router) -> None:
        entry, there = self.entries[made.contact], self.there
        assert made.offer not in self.used_offers, "an offer's id was used twice"
        assert entry.offer is None, "a contact has two offers"
        assert there.seats.get(made.agent) == made.device, "offered to somebody who is not there"
        assert there.reachable.get(made.device), "offered to a device that cannot be reached"
        channel = self.queues[entry.queue].channel
        assert self._may_have(made.agent, channel, at), "offered with her hands full"
        assert there.presence_of(made.agent) is Presence.AVAILABLE, "offered on break"
        step = step_in(router, made.contact)
        if step == PREFERRED_STEP:
            assert entry.prefers == made.agent, "offered to another than who is preferred"
        else:
            entry.begin_steps(at)
            assert self._serves(made.agent, entry.queue, step), "offered below the level"
        for name, other in self.entries.items():
            if other.queue == entry.queue and other.offer is None and name != made.contact:
                stands = step_in(router, name)
                may = stands >= 0 and self._serves(made.agent, other.queue, stands)
                assert not may or other.place > entry.place, "an earlier one was passed over"
        self.used_offers.add(made.offer)
        self.offers[made.offer] = Given(made.contact, made.agent, made.device, channel)
        entry.offer = made.offer

    def _tell(self, told: AnnouncePosition, at: Millis) -> None:
        entry = self.entries[told.contact]
        every = self.queues[entry.queue].announce_every_ms
        assert every is not None, "told in a queue that does not announce"
        assert entry.queue == told.queue
        assert entry.offer is None, "told its position during an offer"
        assert self._is_its_moment(entry, every, at), "told out of its rhythm"
        before = sum(
            each.queue == entry.queue and each.offer is None and each.place < entry.place
            for each in self.entries.values()
        )
        assert told.position == before + 1
        entry.told = at
        self.told[told.position] += 1

    def _is_its_moment(self, entry: Entry, every: Millis, at: Millis) -> bool:
        since = at - entry.entered - entry.place[1] % 64 * (every // 256)
        return since > 0 and since % every == 0

    def _nobody_is_left_untold(self, at: Millis) -> None:
        for entry in self.entries.values():
            rules = self.queues.get(entry.queue)
            if rules is None or rules.announce_every_ms is None or entry.offer is not None:
                continue
            steady = max(entry.waits_since, self.changed_at[entry.queue]) < at
            if steady and self._is_its_moment(entry, rules.announce_every_ms, at):
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

    def _views_tell_the_truth(self, router: Router, at: Millis) -> None:
        contacts: dict[AgentId, list[ContactId]] = {}
        for given in self.offers.values():
            contacts.setdefault(given.agent, []).append(given.contact)
        seen = {view.agent: view for view in router.agents()}
        assert seen.keys() == self.there.agents.keys() | contacts.keys()
        for agent, view in seen.items():
            assert view.presence is self.there.presence_of(agent)
            assert view.device == self.there.seats.get(agent)
            assert view.contact in contacts.get(agent, [None])
            chats = [self._hands(agent, moment).count(Channel.CHAT) for moment in (at, at - 1)]
            assert chats[0] <= view.chats <= chats[1], "shows another number of chats"
            pausing = self.there.pausing.get(agent, (None, None))
            assert view.pausing_for == pausing[0]
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

    def __init__(self, *, scanned_max: int = PROFILES_SCANNED_MAX) -> None:
        super().__init__(scanned_max=scanned_max)
        self.ledger = Ledger()

    def handle(self, event: RouterEvent, at: Millis) -> Sequence[RouterEffect]:
        effects = super().handle(event, at)
        self.ledger.take(event, at)
        self.ledger.note(event, effects, at, self)
        return effects
