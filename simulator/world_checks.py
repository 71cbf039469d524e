"""What must hold of the call side of a world, and between it and the router (design, section 5)."""

from typing import Any, Final

from ivr.call.core import CallCore
from ivr.call.phases import Phase
from ivr.call.record import ContactRecord, OfferResult
from ivr.call.snapshot import ContactSnapshot
from ivr.call.transfer_state import Stage
from router.contact_state import ContactPhase
from router.core import Router
from router.model import ContactId, DeviceId, Millis, OfferId, OwnCallId, QueueId
from simulator.fake_asterisk import FakeAsterisk
from simulator.world_story import Story
from simulator.world_wire import subject_of

VOID_MS_MAX: Final = 1_000
"""How long an agent's leg may live that belongs to no offer."""
GONE_MS_MAX: Final = 30_000
"""How long anything of a contact may live that has ended."""

_IN_HAND: Final = (Phase.JOINING, Phase.CONNECTED, Phase.CONSULTING)
_IN_QUEUE: Final = (Phase.WAITING, Phase.ALERTING, *_IN_HAND)

Standing = tuple[OfferId | None, bool, QueueId | None]
"""Its offer, whether that was answered, and the queue it waits in till then."""


class Checks:
    """Held against the call side after each step."""

    def __init__(self, story: Story, fake: FakeAsterisk) -> None:
        self.records: dict[ContactId, ContactRecord] = {}
        self._ended_at: dict[str, Millis] = {}
        self._story, self._fake = story, fake
        self._void: dict[str, Millis] = {}

    def keep(self, record: ContactRecord, at: Millis) -> None:
        """Invariant 5: one record for each contact, whose intervals follow each other."""
        subject, demand = str(record.contact), self._story.demand
        demand(record.contact not in self.records, "5: two records", subject)
        self.records[record.contact] = record
        self._ended_at[subject] = at
        told = record.arrived_at
        for interval in record.intervals:
            follows = interval.began_at == told < interval.ended_at
            demand(follows, "5: intervals with a gap, or over each other", subject)
            told = interval.ended_at
        demand(told == record.ended_at, "5: intervals are not the whole", subject)
        connected = any(each.result is OfferResult.CONNECTED for each in record.offers)
        demand(connected == (record.agent is not None), "5: served by nobody", subject)

    def look(self, calls: CallCore, at: Millis) -> None:
        """Invariants 1, 3 and 13, as far as the call side and Asterisk can tell."""
        contacts: dict[ContactId, Any] = vars(calls)["_contacts"]
        wanted: set[str] = set()
        for contact in contacts.values():
            subject = str(contact.id)
            self._story.demand(contact.due >= at, "1: stranded", subject)
            asked = contact.consultation
            for rung in (contact.offered, None if asked is None else asked.offered):
                if rung is not None:
                    wanted.add(rung.leg)
        due = calls.next_deadline()
        self._story.demand(due is not None or not contacts, "1: nobody has a deadline")
        self._look_at_legs(wanted, at)

    def _look_at_legs(self, wanted: set[str], at: Millis) -> None:
        live = self._fake.live_channels()
        void = [leg for leg in live if not leg.endswith(".0") and leg not in wanted]
        self._void = {leg: self._void.get(leg, at) for leg in void}
        for leg, since in self._void.items():
            in_time = at - since <= VOID_MS_MAX
            self._story.demand(in_time, f"3: {leg} rings for nobody", subject_of(leg))
        for leg in live:
            ended_at = self._ended_at.get(subject_of(leg))
            in_time = ended_at is None or at - ended_at < GONE_MS_MAX
            self._story.demand(in_time, f"13: {leg} is left behind", subject_of(leg))

    def agree(self, calls: CallCore, router: Router) -> None:
        """Both cores tell the same of each contact and device; asked when no message is under way.

        So all that the router guards holds out there too: an agent has one contact, and a
        contact one agent.
        """
        told = {
            place.contact: _standing(
                place.offer, place.queue, joined=place.phase is ContactPhase.CONNECTED
            )
            for place in router.snapshot().places
        }
        seen: dict[ContactId, Standing] = {}
        taken = calls.snapshot()
        for contact in taken.contacts:
            seen |= _standings(contact)
        for name in told.keys() | seen.keys():
            both = f"the router has {told.get(name)}, the call core {seen.get(name)}"
            same = told.get(name) == seen.get(name)
            self._story.demand(same, f"the cores disagree on {name}: {both}", subject_of(name))
        occupied = {
            (contact.occupied, OwnCallId(contact.caller_leg))
            for contact in taken.contacts
            if contact.occupied is not None
        } | {(call.device, OwnCallId(call.leg)) for call in taken.services}
        for device, call in occupied ^ _own_calls(router):
            self._story.fail(f"the cores disagree on call {call} at {device}", str(device))

    def all_over(self, calls: CallCore, router: Router, came: int) -> None:
        """The faults are over, and so is everything else (invariants 1, 5, 13 and 17)."""
        demand = self._story.demand
        for contact in calls.snapshot().contacts:
            self._story.fail(f"17: still {contact.phase.value}", str(contact.id))
        demand(calls.live_service_calls() == 0, "13: a service call goes on for ever")
        demand(len(self.records) == came, f"5: {came} contacts, {len(self.records)} records")
        for place in router.snapshot().places:
            self._story.fail("17: the router holds it for ever", subject_of(place.contact))
        for view in router.agents():
            idle = view.contact is None and view.engagement.value == "none"
            demand(idle, f"17: {view.agent} is still {view.engagement.value}")
        left = (*self._fake.live_channels(), *self._fake.live_bridges())
        demand(not left, f"13: {left} are left behind")
        demand(self._fake.reused_ids() == (), "10: an id was used twice")
        demand(calls.next_deadline() is None, "13: a timer of the call core is left behind")
        demand(router.next_deadline() is None, "13: a timer of the router is left behind")

    def calls_of_nobody(self, router: Router) -> list[tuple[DeviceId, OwnCallId]]:
        """Calls of devices that the router holds for under way though nobody is there any more."""
        return sorted(_own_calls(router))


def _standing(offer: OfferId | None, queue: QueueId | None, *, joined: bool) -> Standing:
    return offer, joined, None if joined else queue


def _standings(contact: ContactSnapshot) -> dict[ContactId, Standing]:
    """How this contact, and the consultation it may have, stand with the router."""
    found: dict[ContactId, Standing] = {}
    if contact.phase in _IN_QUEUE or contact.beside is not None:
        name = contact.id if contact.routed is None else contact.routed
        offer = None if contact.offered is None else contact.offered.offer
        queue = None if contact.stay is None else contact.stay.queue
        found[name] = _standing(offer, queue, joined=contact.phase in _IN_HAND)
    asked = contact.consultation
    if asked is not None:
        offer = None if asked.offered is None else asked.offered.offer
        joined = asked.stage in (Stage.JOINING, Stage.TALKING)
        found[asked.name] = _standing(offer, asked.queue, joined=joined)
    return found


def _own_calls(router: Router) -> set[tuple[DeviceId, OwnCallId]]:
    devices = router.snapshot().devices
    return {(each.device, call) for each in devices for call, _ in each.own_calls}
