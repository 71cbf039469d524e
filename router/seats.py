"""Agents at devices: who is there, who counts as staff, who is idle. No contact is known here.

Who is *staffed* is derived from what the agent says and from her device, each time it is asked
for; a seat only remembers whether the counts by profile already hold her, so that an agent is
never counted twice or taken off twice.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from router.agent_state import ENGAGEMENT, EngagementPhase, EngagementStep
from router.devices import Devices
from router.matching import Line, Profile, Profiles, longest_idle, profile_of
from router.model import Agent, AgentId, DeviceId, Millis, OfferId, Presence
from router.snapshot import SeatSnapshot


@dataclass(slots=True, eq=False)
class Seat:
    """One agent as the router knows her now."""

    agent: Agent
    profile: Profile
    since: Millis
    presence: Presence = Presence.SIGNED_OUT
    reason: str | None = None
    phase: EngagementPhase = EngagementPhase.NONE
    device: DeviceId | None = None
    offer: OfferId | None = None
    misses: int = 0
    resting: bool = False
    taken_for_absent: bool = False
    """Paused by the router after misses, not by herself."""
    retired: bool = False
    """No longer in the site; here till what is in her hands is over."""
    counted: bool = False


class Seats:
    """All agents of the pool, the devices they sit at, and the counts that follow from both.

    ``ignored`` is the router's counter of happenings that came late or twice.
    """

    def __init__(self, ignored: Counter[str], profiles: Profiles) -> None:
        self.ignored = ignored
        self.devices = Devices(ignored)
        self._profiles = profiles
        self._became_idle = 0
        self._by_agent: dict[AgentId, Seat] = {}
        self._at_device: dict[DeviceId, AgentId] = {}
        self._fixed: dict[DeviceId, set[AgentId]] = {}

    def __getitem__(self, agent: AgentId) -> Seat:
        return self._by_agent[agent]

    def get(self, agent: AgentId) -> Seat | None:
        """This agent, if the site has her, or had her till a moment ago."""
        return self._by_agent.get(agent)

    def all(self) -> Iterable[Seat]:
        """Every agent, in the order in which they became known."""
        return self._by_agent.values()

    def at(self, device: DeviceId) -> Seat | None:
        """Who sits at this device."""
        agent = self._at_device.get(device)
        return None if agent is None else self._by_agent[agent]

    def fixed_at(self, device: DeviceId) -> Seat | None:
        """Whose fixed seat this is. A site gives it to one agent, but while one site follows
        another it may be two agents' for some events: then it is the first name's."""
        agents = self._fixed.get(device)
        return None if agents is None else self._by_agent[min(agents)]

    # Agents of the site

    def add(self, agent: Agent, at: Millis) -> Seat:
        """Know this agent from now on; she is signed out."""
        seat = Seat(agent, self._profiles.join(agent.skills), at)
        self._by_agent[agent.id] = seat
        self._take_fixed(seat)
        return seat

    def set_agent(self, seat: Seat, agent: Agent) -> None:
        """She has other skills or another fixed seat now, or is in the site again.

        With other skills she is neither idle nor counted till judged anew.
        """
        keeps_profile = profile_of(agent.skills) == seat.profile.skills and not seat.retired
        if not seat.retired:
            self._leave_fixed(seat)
            if not keeps_profile:
                self._leave_profile(seat)
        seat.agent, seat.retired = agent, False
        if not keeps_profile:
            seat.profile = self._profiles.join(agent.skills)
        self._take_fixed(seat)

    def retire(self, seat: Seat) -> None:
        """She has no seat in the site any more, and is nobody to wait for."""
        self._leave_fixed(seat)
        self._leave_profile(seat)
        seat.retired = True

    def remove(self, seat: Seat) -> None:
        """Know a retired agent no longer."""
        del self._by_agent[seat.agent.id]

    def _leave_profile(self, seat: Seat) -> None:
        self.set_idle(seat, is_idle=False)
        if seat.counted:
            seat.counted = False
            self._profiles.count(seat.profile, -1)
        self._profiles.leave(seat.profile)

    def _take_fixed(self, seat: Seat) -> None:
        if seat.agent.seat is not None:
            self._fixed.setdefault(seat.agent.seat, set()).add(seat.agent.id)

    def _leave_fixed(self, seat: Seat) -> None:
        device = seat.agent.seat
        if device is None:
            return
        self._fixed[device].discard(seat.agent.id)
        if not self._fixed[device]:
            del self._fixed[device]

    # Presence

    def is_staffed(self, seat: Seat) -> bool:
        """Whether contacts may wait for her: available, at a device that can be reached."""
        if seat.device is None or seat.presence is not Presence.AVAILABLE:
            return False
        return self.devices.is_reachable(seat.device)

    def is_ready(self, seat: Seat) -> bool:
        """Whether she may be given a contact now."""
        if seat.phase is not EngagementPhase.NONE or seat.resting or seat.device is None:
            return False
        return self.is_staffed(seat) and self.devices.is_free(seat.device)

    def sit(self, seat: Seat, device: DeviceId) -> None:
        """She sits there now; who sat there before is away already."""
        self._at_device[device] = seat.agent.id
        seat.device = device

    def set_presence(self, seat: Seat, presence: Presence, reason: str | None = None) -> None:
        """She is this now; who is signed out sits nowhere."""
        seat.presence, seat.reason = presence, reason
        seat.taken_for_absent = False
        if presence is Presence.SIGNED_OUT and seat.device is not None:
            del self._at_device[seat.device]
            seat.device = None
        if not self.is_staffed(seat):
            self.set_idle(seat, is_idle=False)

    def step_engagement(self, seat: Seat, step: EngagementStep) -> bool:
        """Take what happens to her engagement; False, and counted, if it came late or twice."""
        following = ENGAGEMENT[seat.phase, step]
        if following is None:
            self.ignored[f"{seat.phase.value}/{step.value}"] += 1
            return False
        seat.phase = following
        return True

    def set_idle(self, seat: Seat, *, is_idle: bool) -> None:
        """She is idle from now on, behind all who are, and who already is keeps her place; or
        she is not, whatever she was before."""
        if is_idle:
            self._became_idle += 1
            seat.profile.idle.setdefault(seat.agent.id, self._became_idle)
        else:
            seat.profile.idle.pop(seat.agent.id, None)

    def best_idle(self, line: Line) -> Seat | None:
        """Who is idle longest of those who serve this line."""
        best: AgentId | None = None
        least = 0
        for profile in line.serving:
            if profile.idle:
                agent, since = next(iter(profile.idle.items()))
                if best is None or since < least:
                    best, least = agent, since
        return None if best is None else self._by_agent[best]

    def best_idle_but(self, line: Line, missed_by: Collection[AgentId]) -> Seat | None:
        """The same, but one of these only if there is no other."""
        last_choice: AgentId | None = None
        for agent in longest_idle(line.serving):
            if agent not in missed_by:
                return self._by_agent[agent]
            last_choice = last_choice or agent
        return None if last_choice is None else self._by_agent[last_choice]

    def recount(self, seat: Seat) -> bool:
        """Bring the count of her profile up to date; whether she is its first or was its last."""
        now = self.is_staffed(seat)
        if now is seat.counted:
            return False
        seat.counted = now
        self._profiles.count(seat.profile, 1 if now else -1)
        return seat.profile.staffed == int(now)

    # Snapshots

    def taken(self) -> tuple[SeatSnapshot, ...]:
        """Every agent, for a snapshot."""
        return tuple(
            SeatSnapshot(
                agent=seat.agent,
                presence=seat.presence,
                reason=seat.reason,
                since=seat.since,
                device=seat.device,
                phase=seat.phase,
                offer=seat.offer,
                misses=seat.misses,
                resting=seat.resting,
                taken_for_absent=seat.taken_for_absent,
                retired=seat.retired,
            )
            for seat in self._by_agent.values()
        )

    def restore(self, snapshots: Iterable[SeatSnapshot], idle: Iterable[AgentId]) -> None:
        """Know again who was known; devices are known already."""
        for each in snapshots:
            seat = self.add(each.agent, each.since)
            if each.retired:
                self.retire(seat)
            if each.device is not None:
                self.sit(seat, each.device)
            self.set_presence(seat, each.presence, each.reason)
            seat.phase, seat.offer = each.phase, each.offer
            seat.misses, seat.resting = each.misses, each.resting
            seat.taken_for_absent = each.taken_for_absent
            self.recount(seat)
        for agent in idle:
            self.set_idle(self._by_agent[agent], is_idle=True)
