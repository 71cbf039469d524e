"""What agents say of themselves and what their devices tell: who may, where, and what follows.

Agents are signed out till they sign in. One with a fixed seat signs in there and nowhere else, and
nobody else does there; where seating is free, who comes later takes the device over, and who sat
there is signed out. A change that is refused, or that would change nothing, is answered and counted
and leaves no record.

Which agent: the one who is named; else whoever sits at the device, and for a sign-in whoever has
her fixed seat there. Where: for a sign-in the device that is named, else her fixed seat; all other
changes are about her wherever she sits, so that a device named beside her is not read.
"""

from collections import Counter

from router.agent_state import PRESENCE
from router.effects import AnswerPresence
from router.events import PresenceRequested, WrapUpRequested
from router.model import (
    Agent,
    AgentId,
    DeviceId,
    Millis,
    Origin,
    OwnCallId,
    Presence,
    PresenceAnswer,
    PresenceChange,
)
from router.offers import ENGAGED_MS_MAX, Offers
from router.seat import Seat
from router.seats import Seats
from router.turn import Timers, Turn

OWN_CALLS_MS_MAX = ENGAGED_MS_MAX
"""So long after it began a call of a device's own is taken for over: no agent is without calls for
ever because the end of one was never told."""

SEAT_TAKEN = "seat_taken"
"""The reason in the record of somebody who is signed out as another one signs in at her device."""


class Attendance:
    """Who is there. ``ignored`` counts what came late or twice, or was refused."""

    def __init__(self, turn: Turn, *, seats: Seats, offers: Offers, timers: Timers) -> None:
        self._turn = turn
        self._seats = seats
        self._offers = offers
        self._timers = timers

    @property
    def ignored(self) -> Counter[str]:
        """The router's counter."""
        return self._seats.ignored

    # The site

    def change_agent(self, agent: Agent, at: Millis) -> None:
        """An agent is new, or her skills or her seat are."""
        seat = self._seats.get(agent.id)
        if seat is None:
            self._seats.add(agent, at)
            return
        if agent == seat.agent and not seat.retired:
            return
        if seat.device is not None and agent.seat not in (None, seat.device):
            self._become(seat, Presence.SIGNED_OUT, reason=None, origin=Origin.SITE, at=at)
        if not seat.profile.is_of(agent):
            self._offers.unsettle(seat)
        self._seats.set_agent(seat, agent)
        self._offers.attend(seat, at)

    def retire_agent(self, agent: AgentId, at: Millis) -> None:
        """An agent is no longer in the site; what is in her hands she brings to its end."""
        seat = self._known(agent)
        if seat is None:
            self.ignored["unknown agent/AgentRetired"] += 1
            return
        if seat.presence is not Presence.SIGNED_OUT:
            self._become(seat, Presence.SIGNED_OUT, reason=None, origin=Origin.SITE, at=at)
        self._seats.retire(seat)
        if not self._seats.is_talking(seat):
            self._offers.vanish(seat)

    # What somebody says

    def request(self, event: PresenceRequested | WrapUpRequested, at: Millis) -> None:
        """Carry out a change that was asked for, or refuse it, and answer."""
        seat = self._whom(event)
        if seat is not None:
            answer = self._answer(seat, event, at)
        elif event.agent is not None:
            answer = PresenceAnswer.UNKNOWN_AGENT
        else:
            answer = PresenceAnswer.NOBODY_HERE
        if answer is not PresenceAnswer.DONE:
            self.ignored[f"presence/{answer.value}"] += 1
        agent, presence = (None, None) if seat is None else (seat.agent.id, seat.presence)
        self._turn.effects.append(AnswerPresence(event.request, answer, agent, presence))

    def _answer(
        self, seat: Seat, event: PresenceRequested | WrapUpRequested, at: Millis
    ) -> PresenceAnswer:
        if isinstance(event, PresenceRequested):
            return self._carry_out(seat, event, at)
        return self._offers.after.change_wrap_up(seat, event.change, at)

    def _whom(self, event: PresenceRequested | WrapUpRequested) -> Seat | None:
        if event.agent is not None:
            return self._known(event.agent)
        if event.device is None:
            return None
        if event.change is PresenceChange.SIGN_IN:
            return self._seats.fixed_at(event.device)
        return self._seats.at(event.device)

    def _known(self, agent: AgentId) -> Seat | None:
        seat = self._seats.get(agent)
        return None if seat is None or seat.retired else seat

    def _carry_out(self, seat: Seat, event: PresenceRequested, at: Millis) -> PresenceAnswer:
        following = PRESENCE[seat.presence, event.change]
        if following is None:
            return PresenceAnswer.NOT_SIGNED_IN
        if event.change is PresenceChange.SIGN_IN:
            return self._sign_in(seat, event, at)
        if event.change is PresenceChange.PAUSE and self._offers.after.is_put_off(seat, event):
            return self._offers.after.put_off(seat, event)
        if event.change is PresenceChange.RESUME and seat.put_off is not None:
            seat.put_off = None
            self._turn.freed.append(seat)
            return PresenceAnswer.DONE
        reason = event.reason if event.change is PresenceChange.PAUSE else None
        # A pause of her own takes the place of one that the router began.
        if (following, reason) == (seat.presence, seat.reason) and not seat.taken_for_absent:
            return PresenceAnswer.ALREADY
        if event.change is PresenceChange.RESUME:
            seat.misses = 0
        self._become(seat, following, reason=reason, origin=event.origin, at=at)
        return PresenceAnswer.DONE

    def _sign_in(self, seat: Seat, event: PresenceRequested, at: Millis) -> PresenceAnswer:
        device = event.device or seat.agent.seat
        if device is None:
            return PresenceAnswer.NO_DEVICE
        if seat.agent.seat not in (None, device):
            return PresenceAnswer.NOT_HER_SEAT
        owner = self._seats.fixed_at(device)
        if owner is not None and owner is not seat:
            return PresenceAnswer.SEAT_OF_ANOTHER
        if seat.presence is Presence.AVAILABLE and seat.device == device:
            return PresenceAnswer.ALREADY
        for gone in self._clear(seat, device, event.origin, at):
            self._offers.attend(gone, at)
        seat.misses = 0
        self._seats.sit(seat, device)
        self._become(seat, Presence.AVAILABLE, reason=None, origin=event.origin, at=at)
        return PresenceAnswer.DONE

    def _clear(self, coming: Seat, device: DeviceId, origin: Origin, at: Millis) -> list[Seat]:
        """Sign out whoever sits at the device, and the comer from another one; who that was.

        Both are away before either's offer is placed anew: else the one could be offered, for
        the moment till she goes too, what the other lost. The comer only moves, and has one
        record, that of her arrival.
        """
        going: list[Seat] = []
        sitting = self._seats.at(device)
        if sitting is not None and sitting is not coming:
            self._offers.log.change(
                sitting, Presence.SIGNED_OUT, reason=SEAT_TAKEN, origin=origin, at=at
            )
            self._timers.clear(("absent", sitting.agent.id))
            going.append(sitting)
        if coming.device is not None and coming.device != device:
            self._seats.set_presence(coming, Presence.SIGNED_OUT)
            going.append(coming)
        return going

    def _become(
        self, seat: Seat, presence: Presence, *, reason: str | None, origin: Origin, at: Millis
    ) -> None:
        self._offers.log.change(seat, presence, reason=reason, origin=origin, at=at)
        self._timers.clear(("absent", seat.agent.id))
        self._offers.attend(seat, at)

    # What devices tell

    def reach(self, device: DeviceId, *, reachable: bool, at: Millis) -> None:
        """A device is there, or no longer.

        That says nothing of whoever sits there: a phone that registers anew with each ring would
        never be paused if its coming back made her misses good, or ended her absence.
        """
        if not self._seats.devices.set_reachable(device, reachable=reachable):
            return
        seat = self._seats.at(device)
        if seat is not None:
            self._offers.attend(seat, at)

    def believe_back(self, seat: Seat, at: Millis) -> None:
        """End a pause that the router began, as its time is over; it is still on."""
        self._become(seat, Presence.AVAILABLE, reason=None, origin=Origin.ROUTER, at=at)

    def occupy(self, device: DeviceId, call: OwnCallId, at: Millis) -> None:
        """A device is in a call of its own; an offer under way there is left to its fate."""
        if not self._seats.devices.occupy(device, call, at):
            return
        self._watch_own_calls(device)
        seat = self._seats.at(device)
        if seat is not None:
            self._seats.set_idle(seat, is_idle=False)

    def vacate(self, device: DeviceId, call: OwnCallId) -> None:
        """Such a call is over."""
        if not self._seats.devices.vacate(device, call):
            return
        self._watch_own_calls(device)
        self._judge_at(device)

    def forget_own_calls(self, device: DeviceId, at: Millis) -> None:
        """The oldest lasts longer than any call may: what told of its end was lost."""
        self._seats.devices.forget_calls(device, at - OWN_CALLS_MS_MAX)
        self._watch_own_calls(device)
        self._judge_at(device)

    def _watch_own_calls(self, device: DeviceId) -> None:
        """Have a timer for the oldest of them, if there is any."""
        since = self._seats.devices.oldest_own_call(device)
        if since is None:
            self._timers.clear(("own_calls", device))
        else:
            self._timers.set(("own_calls", device), since + OWN_CALLS_MS_MAX)

    def _judge_at(self, device: DeviceId) -> None:
        """Whoever sits there may be idle now."""
        seat = self._seats.at(device)
        if seat is not None:
            self._turn.freed.append(seat)
