"""Makes what people may see of agents and queues out of what the router holds of them."""

from router.agent_state import EngagementPhase
from router.devices import Devices
from router.hands import shown_first
from router.matching import Room
from router.model import OfferId
from router.offers import Offers
from router.seat import Seat
from router.views import AgentView, QueueView


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
