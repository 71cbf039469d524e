"""One contact in one agent's hands, from the offer to the end: rung, answered, lost, over.

Choosing and reserving are one act. A contact whose offer came to nothing waits again at its old
place. Who let it ring out or declined it counts a miss, and is taken for absent after so many as
its queue says; every failure, whosever it was, is followed by a short rest. No miss is what is not
the agent's doing: a fault on the way, a phone that could not be reached, and whatever happens while
her device is in a call of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from router.after_contact import AfterContact
from router.agent_state import EngagementPhase, EngagementStep
from router.contact_state import CONTACT, ContactStep
from router.effects import OfferContact, RescindOffer
from router.errors import CoreBug
from router.events import EngagementEnded, OfferAccepted, OfferFailed
from router.hands import Chat, in_phase
from router.model import (
    AgentId,
    Channel,
    ContactId,
    DeviceId,
    Millis,
    OfferFailure,
    OfferId,
    Origin,
    Presence,
    RescindReason,
)
from router.place import Place
from router.places import Places
from router.presence_log import PresenceLog
from router.seat import Seat
from router.seats import Seats
from router.snapshot import OfferSnapshot
from router.turn import Timers, Turn

MISS_REST_MS = 2_000
"""An agent whose offer failed gets no other for this long: a phone that rejects at once would
else be rung in a tight loop."""

ABSENT_MS = 120_000
"""How long an agent is taken for absent who missed offer after offer, unless she says before that
she is there: nobody should stay paused till somebody notices."""

ENGAGED_MS_MAX = 14_700_000
"""Four hours and five minutes: the longest that two talk. Behind the call core's own limit of four
hours, for an end that never was told; no agent stays in a conversation for ever."""

MISSED_OFFERS = "missed_offers"
"""The reason of a pause that the router itself begins."""


# Not frozen, as no other value here is made so often, and freezing doubles what that costs.
@dataclass(slots=True)
class Offer:
    """Which contact rings or talks at which agent, and where; never changed."""

    contact: ContactId
    seat: Seat
    device: DeviceId
    is_chat: bool = False


class Offers:
    """All offers of the pool, from the ringing to the end of the conversation."""

    def __init__(self, turn: Turn, *, seats: Seats, places: Places, timers: Timers) -> None:
        self._turn = turn
        self._seats = seats
        self._places = places
        self._timers = timers
        self.log = PresenceLog(seats, turn)
        self.after = AfterContact(
            turn, seats=seats, timers=timers, log=self.log, attend=self.attend
        )
        self.made = 0
        self._by_id: dict[OfferId, Offer] = {}

    def contact_of(self, offer: OfferId) -> ContactId:
        """Whom this offer is for."""
        return self._by_id[offer].contact

    def agent_of(self, offer: OfferId) -> AgentId:
        """Whose phone this offer rings."""
        return self._by_id[offer].seat.agent.id

    def offer(self, place: Place, seat: Seat, at: Millis) -> None:
        """Reserve this agent for this contact, and ring her."""
        if seat.device is None:
            raise CoreBug(f"agent {seat.agent.id} was idle without a device")
        ring_ms_max = place.room.rules.ring_ms_max
        self.made += 1
        offer = OfferId(f"{place.contact}.o{self.made}")
        if self._turn.watcher is not None:
            self._turn.watcher.chosen(offer, place, seat, at)
        is_chat = place.room.rules.channel is Channel.CHAT
        self._seats.take_out(seat)
        self._places.offered(place, offer)
        if is_chat:
            seat.chats[offer] = Chat()
            self._seats.step_chat(seat, offer, EngagementStep.RESERVE)
            self._seats.stand(seat, is_ready=False)
        else:
            seat.offer = offer
            self._seats.step_engagement(seat, EngagementStep.RESERVE)
        self._hold(offer, Offer(place.contact, seat, seat.device, is_chat))
        self._timers.set(("offer", offer), at + ring_ms_max)
        self._turn.effects.append(
            OfferContact(offer, place.contact, seat.agent.id, seat.device, ring_ms_max)
        )

    def answer(self, event: OfferAccepted | OfferFailed | EngagementEnded, at: Millis) -> None:
        """What came of an offer, as the call core tells it."""
        offer = self._by_id.get(event.offer)
        if offer is None:
            self._seats.ignored[f"unknown offer/{type(event).__name__}"] += 1
            return
        match event:
            case OfferAccepted():
                self._accept(event.offer, offer, at)
            case OfferFailed(identifier, failure):
                self._fail(identifier, failure, at)
            case EngagementEnded():
                self._end(event.offer, offer, at)

    def overdue(self, identifier: OfferId, at: Millis) -> None:
        """It rang, or they talk, longer than it may."""
        offer = self._by_id[identifier]
        seat = offer.seat
        phase = seat.chats[identifier].phase if offer.is_chat else seat.phase
        if phase is EngagementPhase.CONNECTED:
            self._seats.ignored["connected/overdue"] += 1
            self._end(identifier, offer, at)
        else:
            self.rescind(identifier, RescindReason.TIMED_OUT, at)

    def rescind(self, identifier: OfferId, reason: RescindReason, at: Millis) -> None:
        """Take this offer back, if it still rings."""
        offer = self._by_id[identifier]
        seat = offer.seat
        if not self._step(seat, identifier, offer, EngagementStep.LOSE):
            return
        self._drop(identifier, seat)
        self._turn.effects.append(RescindOffer(identifier, offer.contact, reason))
        if reason is RescindReason.TIMED_OUT:
            self._draw_from_failure(identifier, offer, is_miss=True, at=at)
        elif reason is not RescindReason.AGENT_GONE:
            self._turn.freed.append(seat)
        self.after.emptied(seat, at)
        self._return(offer, at)

    def attend(self, seat: Seat, at: Millis) -> None:
        """Draw all that follows from an agent having come, gone, or learnt something."""
        if not self._seats.is_staffed(seat):
            self._seats.take_out(seat)
            if seat.offer is not None and seat.phase is EngagementPhase.RESERVED:
                self.rescind(seat.offer, RescindReason.AGENT_GONE, at)
            for offer in in_phase(seat.chats, EngagementPhase.RESERVED):
                self.rescind(offer, RescindReason.AGENT_GONE, at)
        if self._seats.recount(seat):
            self.unsettle(seat)
        if seat.own is not None or seat.own_chats is not None:
            self._turn.doubted.append(seat)
        self._turn.freed.append(seat)

    def unsettle(self, seat: Seat) -> None:
        """Which steps are open may be another answer now for the queues she serves."""
        for room in seat.profile.rooms:
            self._turn.unsettled[room.rules.id] = None

    def vanish(self, seat: Seat) -> None:
        """A retired agent has nothing in her hands any more: she is nobody from now on."""
        for kind in ("wrap", "rest", "absent"):
            self._timers.clear((kind, seat.agent.id))
        self.after.forget(seat)
        self._seats.remove(seat)

    def taken(self) -> tuple[OfferSnapshot, ...]:
        """Every offer, for a snapshot."""
        return tuple(
            OfferSnapshot(offer, held.contact, held.seat.agent.id, held.device, held.is_chat)
            for offer, held in self._by_id.items()
        )

    def restore(self, snapshots: Iterable[OfferSnapshot]) -> None:
        """Know again which offers there are."""
        for each in snapshots:
            seat = self._seats[each.agent]
            self._hold(each.offer, Offer(each.contact, seat, each.device, each.is_chat))

    def _hold(self, identifier: OfferId, offer: Offer) -> None:
        self._by_id[identifier] = offer
        if not offer.is_chat:
            self._seats.devices.engage(offer.device, identifier)

    def _step(self, seat: Seat, identifier: OfferId, offer: Offer, step: EngagementStep) -> bool:
        if offer.is_chat:
            return self._seats.step_chat(seat, identifier, step)
        return self._seats.step_engagement(seat, step)

    def _drop(self, identifier: OfferId, seat: Seat) -> None:
        offer = self._by_id.pop(identifier)
        self._timers.clear(("offer", identifier))
        if offer.is_chat:
            return
        device = offer.device
        self._seats.devices.release(device)
        seat.offer = None
        if seat.device == device:
            return
        sitting = self._seats.at(device)
        if sitting is not None:
            self._turn.freed.append(sitting)

    def _accept(self, identifier: OfferId, offer: Offer, at: Millis) -> None:
        seat, place = offer.seat, self._places.get(offer.contact)
        if place is None or not self._step(seat, identifier, offer, EngagementStep.ACCEPT):
            return
        self._places.connected(place)
        room = place.room
        room.pace.answered(at, staff=room.staff, others_wait=room.waits > len(room.aside))
        self._timers.set(("offer", identifier), at + ENGAGED_MS_MAX)

    def _fail(self, identifier: OfferId, failure: OfferFailure, at: Millis) -> None:
        offer = self._by_id[identifier]
        seat = offer.seat
        if not self._step(seat, identifier, offer, EngagementStep.LOSE):
            return
        self._drop(identifier, seat)
        is_miss = failure in (OfferFailure.DECLINED, OfferFailure.DROPPED)
        self._draw_from_failure(identifier, offer, is_miss=is_miss, at=at)
        self.after.emptied(seat, at)
        self._return(offer, at)
        self._vanish_at_last(seat)

    def _end(self, identifier: OfferId, offer: Offer, at: Millis) -> None:
        seat, place = offer.seat, self._places.get(offer.contact)
        if place is None or not self._step(seat, identifier, offer, EngagementStep.END):
            return
        # Not at the answer: a phone that answers and drops, again and again, serves nobody.
        seat.misses = 0
        rules = place.room.rules
        self._places.remove(place)
        self._drop(identifier, seat)
        if seat.retired:
            if offer.is_chat:
                self._step(seat, identifier, offer, EngagementStep.WRAP)
            self._vanish_at_last(seat)
        elif offer.is_chat:
            self.after.wrap_up_chat(seat, identifier, rules, at)
        else:
            self.after.wrap_up(seat, rules, at)

    def _vanish_at_last(self, seat: Seat) -> None:
        """Of a retired agent nothing is left but what she still talks about."""
        if seat.retired and not self._seats.is_talking(seat):
            self.vanish(seat)

    def _return(self, offer: Offer, at: Millis) -> None:
        """Put the contact of a lost offer back at its old place, if it still is here."""
        place = self._places.get(offer.contact)
        if place is None or CONTACT[place.phase, ContactStep.RETURN] is None:
            return
        place.missed_by |= {offer.seat.agent.id}
        self._places.give_back(place, at)
        self._places.begin_steps(place, at)
        self._places.wait(place, at)
        if place.room.crisis is None:
            self._turn.seeking.append(place)
        else:
            self._turn.diverted.append(place)

    def _draw_from_failure(
        self, identifier: OfferId, offer: Offer, *, is_miss: bool, at: Millis
    ) -> None:
        is_miss = is_miss and not self._seats.devices.own_calls(offer.device)
        seat, place = offer.seat, self._places[offer.contact]
        seat.misses += is_miss
        if is_miss and self._turn.watcher is not None:
            self._turn.watcher.missed(identifier, seat.misses, place.room.rules.misses_max)
        if is_miss and seat.misses >= place.room.rules.misses_max:
            seat.misses = 0
            if seat.presence is Presence.AVAILABLE:
                self._take_for_absent(seat, at)
            return
        seat.resting = True
        self._timers.set(("rest", seat.agent.id), at + MISS_REST_MS)

    def _take_for_absent(self, seat: Seat, at: Millis) -> None:
        self.log.change(seat, Presence.ON_BREAK, reason=MISSED_OFFERS, origin=Origin.ROUTER, at=at)
        seat.taken_for_absent = True
        self._timers.set(("absent", seat.agent.id), at + ABSENT_MS)
        self.attend(seat, at)
