"""What an honest clerk notes of a pool, from what happens to it alone; who checks is the ledger."""

from collections import Counter
from dataclasses import dataclass, field

from presence_book import PresenceBook
from routing_entries import (
    ENGAGED_MS_MAX,
    Entry,
    Given,
    WrapUp,
    entry_of,
    wrap_up_after,
)

from router.events import (
    AgentRetired,
    ContactChanged,
    ContactLeft,
    ContactQueued,
    CrisisDeclared,
    CrisisEnded,
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
    Channel,
    ContactId,
    Millis,
    OfferId,
    Queue,
    QueueId,
)


@dataclass
class Notes:
    """What an honest clerk would know of a pool."""

    there: PresenceBook = field(default_factory=PresenceBook)
    queues: dict[QueueId, Queue] = field(default_factory=dict[QueueId, Queue])
    changed_at: dict[QueueId, Millis] = field(default_factory=dict[QueueId, Millis])
    closed: dict[QueueId, Queue] = field(default_factory=dict[QueueId, Queue])
    entries: dict[ContactId, Entry] = field(default_factory=dict[ContactId, Entry])
    offers: dict[OfferId, Given] = field(default_factory=dict[OfferId, Given])
    wrap_ups: dict[OfferId, WrapUp] = field(default_factory=dict[OfferId, WrapUp])
    crises: dict[QueueId, QueueId | None] = field(default_factory=dict[QueueId, QueueId | None])
    arrived: int = 0
    entered: Counter[QueueId] = field(default_factory=Counter[QueueId])
    left: Counter[QueueId] = field(default_factory=Counter[QueueId])
    used_offers: set[OfferId] = field(default_factory=set[OfferId])
    refused: Counter[QueueId] = field(default_factory=Counter[QueueId])
    told: Counter[int] = field(default_factory=Counter[int])
    steps_reached: set[tuple[QueueId, int]] = field(default_factory=set[tuple[QueueId, int]])
    came: ContactId | None = None

    def take(self, event: RouterEvent, at: Millis) -> None:
        self.came = None
        self.there.engaged = self._engaged(at)
        match event:
            case QueueChanged() | QueueRetired() | CrisisDeclared() | CrisisEnded():
                self._take_queue(event, at)
            case AgentRetired(agent):
                self._forget_unless_she_talks(agent)
            case ContactQueued() | ContactLeft() | ContactChanged():
                self._take_contact(event, at)
            case OfferAccepted() | OfferFailed() | EngagementEnded():
                self._take_answer(event, at)
            case TimerFired():
                self._end_who_talk_for_ever(at)
            case _:
                pass

    def _engaged(self, at: Millis) -> set[AgentId]:
        wrapping = {each.agent for each in self.wrap_ups.values() if each.until > at}
        return wrapping | {given.agent for given in self.offers.values()}

    def _hands(self, agent: AgentId, at: Millis) -> list[Channel]:
        """What is in her hands: by which channel each of it came."""
        left = [each.channel for each in self._wrapping(agent, at)]
        return left + [each.channel for each in self.offers.values() if each.agent == agent]

    def _wrapping(self, agent: AgentId, at: Millis) -> list[WrapUp]:
        mine = [each for each in self.wrap_ups.values() if each.agent == agent]
        return [each for each in mine if each.until > at]

    def _end_who_talk_for_ever(self, at: Millis) -> None:
        for entry in list(self.entries.values()):
            overdue = entry.connected and at - entry.connected_at >= ENGAGED_MS_MAX
            if overdue and entry.offer is not None:
                self._take_answer(EngagementEnded(entry.offer), at)

    def _forget_unless_she_talks(self, agent: AgentId) -> None:
        """Of who left the site nothing is known any more, once all her conversations are over."""
        hers = [each.contact for each in self.offers.values() if each.agent == agent]
        if any(each in self.entries and self.entries[each].connected for each in hers):
            return
        for offer, wrap_up in list(self.wrap_ups.items()):
            if wrap_up.agent == agent:
                del self.wrap_ups[offer]

    def _take_queue(
        self, event: QueueChanged | QueueRetired | CrisisDeclared | CrisisEnded, at: Millis
    ) -> None:
        match event:
            case QueueChanged(queue):
                self.queues[queue.id] = queue
                self.changed_at[queue.id] = at
            case QueueRetired(queue) if queue in self.queues:
                self.closed[queue] = self.queues.pop(queue)
                self.crises.pop(queue, None)
            case CrisisDeclared(queue, to):
                known = queue in self.queues and (to is None or to in self.queues)
                if known and queue != to:
                    self.crises[queue] = to
            case CrisisEnded(queue):
                self.crises.pop(queue, None)
            case _:
                pass

    def _take_contact(
        self, event: ContactQueued | ContactLeft | ContactChanged, at: Millis
    ) -> None:
        known = self.entries.get(event.contact)
        match event:
            case ContactLeft():
                if known is not None and not known.connected:
                    self._leave(event.contact)
            case ContactChanged(_, _, priority_ms):
                if known is not None and known.offer is None and priority_ms is not None:
                    time = known.came - known.waited_ms - priority_ms
                    known.place = (time, known.place[1])
            case ContactQueued() if known is None:
                self.entered[event.queue] += 1
                self.arrived += 1
                self.entries[event.contact] = entry_of(event, self.arrived, at)
                self.came = event.contact
            case ContactQueued():
                pass

    def _take_answer(self, event: OfferAccepted | OfferFailed | EngagementEnded, at: int) -> None:
        if event.offer not in self.offers:
            return
        given = self.offers[event.offer]
        contact, agent = given.contact, given.agent
        match event:
            case OfferAccepted():
                if not self.entries[contact].connected:
                    self.entries[contact].connected = True
                    self.entries[contact].connected_at = at
            case OfferFailed():
                self._end_offer(event.offer, at)
            case EngagementEnded():
                if not self.entries[contact].connected:
                    return
                del self.offers[event.offer]
                if agent in self.there.agents:
                    queue = self.entries[contact].queue
                    rules = self.queues.get(queue) or self.closed[queue]
                    self.wrap_ups[event.offer] = wrap_up_after(given, rules, at)
                self._leave(contact)
        if agent not in self.there.agents:
            self._forget_unless_she_talks(agent)

    def _staff(self, queue: QueueId) -> int:
        steps = range(len(self.queues[queue].steps))
        return sum(
            any(self._serves(agent, queue, step) for step in steps)
            for agent in self.there.present()
        )

    def _may_wait_for(self, agent: AgentId, queue: QueueId) -> bool:
        """Whether she is there for anybody of this queue: a chat needs somebody who may chat."""
        is_chat = self.queues[queue].channel is Channel.CHAT
        chats = self.there.agents[agent].chats_max
        return agent in self.there.present() and (chats > 0 or not is_chat)

    def _serves(self, agent: AgentId, queue: QueueId, step: int) -> bool:
        if not self._may_wait_for(agent, queue):
            return False
        has = self.there.agents[agent].skills
        for alternative in self.queues[queue].steps[step].requirement.alternatives:
            if all(has.get(skill, 0) >= level for skill, level in alternative.items()):
                return True
        return False

    def _end_offer(self, offer: OfferId, at: Millis) -> None:
        contact = self.offers.pop(offer).contact
        if contact in self.entries:
            self.entries[contact].offer = None
            self.entries[contact].connected = False
            self.entries[contact].waits_since = at
            self.entries[contact].begin_steps(at)

    def _leave(self, contact: ContactId) -> None:
        self.left[self.entries.pop(contact).queue] += 1
