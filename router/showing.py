"""Makes what people may see of agents and queues out of what the router holds of them."""

from collections import Counter
from collections.abc import Iterable

from router.agent_state import EngagementPhase
from router.contact_state import ContactPhase
from router.devices import Devices
from router.hands import shown_first
from router.matching import Room
from router.model import ContactId, OfferId, QueueId
from router.offers import Offers
from router.place import Place
from router.ranking import WaitingKey
from router.seat import Seat
from router.views import AgentView, QueueView, WaitingList, WaitingView

WAITING_TOLD_MAX = 1_000
"""Contacts told of at once; more are counted."""

_IN_QUEUE = (ContactPhase.WAITING, ContactPhase.OFFERED)


def engagement_of(seat: Seat) -> tuple[EngagementPhase, OfferId | None]:
    """What stands for all that is in her hands, and its offer if that lasts."""
    return shown_first(seat.chats) if seat.chats else (seat.phase, seat.offer)


def agent_view(seat: Seat, *, devices: Devices, offers: Offers) -> AgentView:
    """One agent as she is now."""
    device, day = seat.device, seat.day
    engaged_by = None if device is None else devices.engaged_by(device)
    phase, offer = engagement_of(seat)
    return AgentView(
        agent=seat.agent.id,
        presence=seat.presence,
        reason=seat.reason,
        since=seat.since,
        device=device,
        reachable=device is not None and devices.is_reachable(device),
        engagement=phase,
        contact=None if offer is None else offers.contact_of(offer),
        own_calls=0 if device is None else devices.own_calls(device),
        taken_for_absent=seat.taken_for_absent,
        phone_in_use=engaged_by not in (None, seat.offer),
        chats=len(seat.chats),
        pausing_for=None if seat.put_off is None else seat.put_off.reason,
        accepted_today=day.accepted,
        busy_ms_today=day.busy_ms,
        idle_ms_today=day.idle_ms,
        busy_since=day.busy_since,
        idle_since=day.idle_since,
    )


def queue_view(room: Room) -> QueueView:
    """One queue as it is now."""
    return QueueView(
        room.rules.id,
        waiting=room.waits,
        offered=room.held - room.waits,
        staffed=room.staff,
        crisis=room.crisis,
    )


def waiting_list(places: Iterable[Place], *, offers: Offers) -> WaitingList:
    """Those of these contacts, all of a queue or of several, who have met no agent yet."""
    held = [each for each in places if each.phase in _IN_QUEUE]
    positions = _positions(held)
    held.sort(key=_longest_first)
    told = held[:WAITING_TOLD_MAX]
    views = (
        _waiting_view(each, position=positions.get(each.contact), offers=offers) for each in told
    )
    return WaitingList(tuple(views), len(held) - len(told))


def _waiting_view(place: Place, *, position: int | None, offers: Offers) -> WaitingView:
    rung = None if place.offer is None else offers.agent_of(place.offer)
    return WaitingView(
        place.contact, place.queue, place.step, place.turn_from, position, offered_to=rung
    )


def _positions(held: Iterable[Place]) -> dict[ContactId, int]:
    """As ``Room.before`` counts them, of all queues in one go."""
    waiting = (each for each in held if each.phase is ContactPhase.WAITING)
    before: Counter[QueueId] = Counter()
    positions: dict[ContactId, int] = {}
    for place in sorted(waiting, key=_turn):
        before[place.queue] += 1
        positions[place.contact] = before[place.queue]
    return positions


def _turn(place: Place) -> WaitingKey:
    return place.key


def _longest_first(place: Place) -> tuple[int, int]:
    return place.turn_from, place.key[2]
