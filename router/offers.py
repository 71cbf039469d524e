"""One contact in one agent's hands, from the offer to the end: rung, answered, lost, over.

Choosing and reserving are one act. A contact whose offer came to nothing waits again at its old
place. Who let it ring out or declined it counts a miss, and is taken for absent after so many as
its queue says; every failure, whosever it was, is followed by a short rest. No miss is what is not
the agent's doing: a fault on the way, a phone that could not be reached, and whatever happens while
her device is in a call of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from router.agent_state import EngagementPhase, EngagementStep
from router.contact_state import CONTACT, ContactStep
from router.effects import OfferContact, RescindOffer
from router.errors import CoreBug
from router.events import EngagementEnded, OfferAccepted, OfferFailed
from router.model import (
    AgentId,
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
from router.seats import Seat, Seats
from router.snapshot import OfferSnapshot
from router.turn import Timers, Turn

MISS_REST_MS = 2_000
"""An agent whose offer failed gets no other for this long: a phone that rejects at once would
else be rung in a tight loop."""

ABSENT_MS = 120_000
"""How long an agent is taken for absent who missed offer after offer, unless her phone registers
anew before: nobody should stay paused till somebody notices."""

MISSED_OFFERS = "missed_offers"
"""The reason of a pause that the router itself begins."""


# Not frozen, as no other value here is made so often, and freezing doubles what that costs.
@dataclass(slots=True)
class Offer:
    """Which contact rings or talks at which agent, and where; never changed."""

    contact: ContactId
    agent: AgentId
    device: DeviceId


class Offers:
    """All offers of the pool, from the ringing to the end of the conversation."""

    def __init__(self, turn: Turn, *, seats: Seats, places: Places, timers: Timers) -> None:
        self._turn = turn
        self._seats = seats
        self._places = places
        self._timers = timers
        self.log = PresenceLog(seats, turn)
        self.made = 0
        self._by_id: dict[OfferId, Offer] = {}

    def contact_of(self, offer: OfferId) -> ContactId:
        """Whom this offer is for."""
        return self._by_id[offer].contact

    def offer(self, place: Place, seat: Seat, at: Millis) -> None:
        """Reserve this agent for this contact, and ring her."""
        if seat.device is None:
            raise CoreBug(f"agent {seat.agent.id} was idle without a device")
        ring_ms_max = place.room.rules.ring_ms_max
        self._seats.step_engagement(seat, EngagementStep.RESERVE)
        self._seats.set_idle(seat, is_idle=False)
        self.made += 1
        offer = OfferId(f"{place.contact}.o{self.made}")
        self._places.offered(place, offer)
        seat.offer = offer
        self._hold(offer, Offer(place.contact, seat.agent.id, seat.device))
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
                self._accept(event.offer, offer)
            case OfferFailed(identifier, failure):
                self._fail(identifier, failure, at)
            case EngagementEnded():
                self._end(event.offer, offer, at)

    def rescind(self, identifier: OfferId, reason: RescindReason, at: Millis) -> None:
        """Take this offer back, if it still rings."""
        offer = self._by_id[identifier]
        seat = self._seats[offer.agent]
        if not self._seats.step_engagement(seat, EngagementStep.LOSE):
            return
        self._drop(identifier, seat)
        self._turn.effects.append(RescindOffer(identifier, offer.contact, reason))
        if reason is RescindReason.TIMED_OUT:
            self._draw_from_failure(seat, offer, is_miss=True, at=at)
        elif reason is not RescindReason.AGENT_GONE:
            self._turn.freed.append(seat)
        self._return(offer, at)

    def attend(self, seat: Seat, at: Millis) -> None:
        """Draw all that follows from an agent having come, gone, or learnt something."""
        if not self._seats.is_staffed(seat):
            self._seats.set_idle(seat, is_idle=False)
            if seat.offer is not None and seat.phase is EngagementPhase.RESERVED:
                self.rescind(seat.offer, RescindReason.AGENT_GONE, at)
        if self._seats.recount(seat):
            self.unsettle(seat)
        self._turn.freed.append(seat)

    def unsettle(self, seat: Seat) -> None:
        """Which steps are open may be another answer now for the queues she serves."""
        for room in seat.profile.rooms:
            self._turn.unsettled[room.rules.id] = None

    def vanish(self, seat: Seat) -> None:
        """A retired agent has nothing in her hands any more: she is nobody from now on."""
        for kind in ("wrap", "rest", "absent"):
            self._timers.clear((kind, seat.agent.id))
        self._seats.remove(seat)

    def taken(self) -> tuple[OfferSnapshot, ...]:
        """Every offer, for a snapshot."""
        return tuple(
            OfferSnapshot(offer, held.contact, held.agent, held.device)
            for offer, held in self._by_id.items()
        )

    def restore(self, snapshots: Iterable[OfferSnapshot]) -> None:
        """Know again which offers there are."""
        for each in snapshots:
            self._hold(each.offer, Offer(each.contact, each.agent, each.device))

    def _hold(self, identifier: OfferId, offer: Offer) -> None:
        self._by_id[identifier] = offer
        self._seats.devices.engage(offer.device, identifier)

    def _drop(self, identifier: OfferId, seat: Seat) -> None:
        device = self._by_id.pop(identifier).device
        self._seats.devices.release(device)
        seat.offer = None
        self._timers.clear(("offer", identifier))
        sitting = self._seats.at(device)
        if sitting is not None and sitting is not seat:
            self._turn.freed.append(sitting)

    def _accept(self, identifier: OfferId, offer: Offer) -> None:
        seat, place = self._seats[offer.agent], self._places.get(offer.contact)
        if place is None or not self._seats.step_engagement(seat, EngagementStep.ACCEPT):
            return
        seat.misses = 0
        self._places.connected(place)
        self._timers.clear(("offer", identifier))

    def _fail(self, identifier: OfferId, failure: OfferFailure, at: Millis) -> None:
        offer = self._by_id[identifier]
        seat = self._seats[offer.agent]
        if not self._seats.step_engagement(seat, EngagementStep.LOSE):
            return
        self._drop(identifier, seat)
        is_miss = failure is OfferFailure.DECLINED
        self._draw_from_failure(seat, offer, is_miss=is_miss, at=at)
        self._return(offer, at)
        if seat.retired:
            self.vanish(seat)

    def _end(self, identifier: OfferId, offer: Offer, at: Millis) -> None:
        seat, place = self._seats[offer.agent], self._places.get(offer.contact)
        if place is None or not self._seats.step_engagement(seat, EngagementStep.END):
            return
        wrap_up_ms = place.room.rules.wrap_up_ms
        self._places.remove(place)
        self._drop(identifier, seat)
        if seat.retired:
            self.vanish(seat)
        else:
            self._timers.set(("wrap", seat.agent.id), at + wrap_up_ms)

    def _return(self, offer: Offer, at: Millis) -> None:
        """Put the contact of a lost offer back at its old place, if it still is here."""
        place = self._places.get(offer.contact)
        if place is None or CONTACT[place.phase, ContactStep.RETURN] is None:
            return
        place.missed_by |= {offer.agent}
        self._places.wait(place, at)
        self._turn.seeking.append(place)

    def _draw_from_failure(self, seat: Seat, offer: Offer, *, is_miss: bool, at: Millis) -> None:
        is_miss = is_miss and not self._seats.devices.own_calls(offer.device)
        seat.misses += is_miss
        place = self._places[offer.contact]
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
