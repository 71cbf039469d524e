"""Agents at devices: who is there, who counts as staff, who is idle. No contact is known here.

Who is *staffed* is derived from what the agent says and from her device, each time it is asked
for; a seat only remembers whether the counts by profile already hold her, so that an agent is
never counted twice or taken off twice.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from router.agent_state import (
    ENGAGEMENT,
    PRESENCE,
    EngagementPhase,
    EngagementStep,
    PresenceStep,
)
from router.matching import IdleAgents, ProfileId, profile_of
from router.model import Agent, AgentId, DeviceId, OfferId, Presence


@dataclass(slots=True)
class Seat:
    """One agent as the router knows her now."""

    agent: Agent
    profile: ProfileId
    presence: Presence = Presence.SIGNED_OUT
    phase: EngagementPhase = EngagementPhase.NONE
    device: DeviceId | None = None
    offer: OfferId | None = None
    misses: int = 0
    resting: bool = False
    taken_for_absent: bool = False
    """Paused by the router after misses, not by herself."""
    counted: bool = False


class Seats:
    """All agents of the pool, the devices they sit at, and the counts that follow from both.

    ``ignored`` is the router's counter of happenings that came late or twice.
    """

    def __init__(self, ignored: Counter[str]) -> None:
        self.ignored = ignored
        self.idle = IdleAgents()
        self.staffed: Counter[ProfileId] = Counter()
        self._by_agent: dict[AgentId, Seat] = {}
        self._at_device: dict[DeviceId, AgentId] = {}
        self._reachable: dict[DeviceId, bool] = {}

    def __getitem__(self, agent: AgentId) -> Seat:
        return self._by_agent[agent]

    def get(self, agent: AgentId) -> Seat | None:
        """This agent, if the site has her."""
        return self._by_agent.get(agent)

    def at(self, device: DeviceId) -> Seat | None:
        """Who sits at this device."""
        agent = self._at_device.get(device)
        return None if agent is None else self._by_agent[agent]

    def add(self, agent: Agent) -> None:
        """Know this agent from now on; she is signed out."""
        self._by_agent[agent.id] = Seat(agent, profile_of(agent.skills))

    def is_staffed(self, seat: Seat) -> bool:
        """Whether contacts may wait for her: available, at a device that can be reached."""
        reachable = seat.device is not None and self._reachable.get(seat.device, False)
        return seat.presence is Presence.AVAILABLE and reachable

    def is_ready(self, seat: Seat) -> bool:
        """Whether she may be given a contact now."""
        free = seat.phase is EngagementPhase.NONE and not seat.resting
        return free and self.is_staffed(seat)

    def set_device(self, seat: Seat, device: DeviceId) -> None:
        """She sits there now; who sat there before is away already."""
        self._at_device[device] = seat.agent.id
        seat.device = device

    def clear(self, coming: Seat, device: DeviceId) -> list[Seat]:
        """Sign out whoever sits at the device, and the comer from another one; who that was.

        Both are away before either's offer is placed anew: else the one could be offered, for
        the moment till she goes too, what the other lost.
        """
        sitting = self.at(device)
        going = [] if sitting is None or sitting is coming else [sitting]
        if coming.device is not None and coming.device != device:
            going.append(coming)
        for seat in going:
            self._set_presence(seat, Presence.SIGNED_OUT)
        return going

    def step_presence(self, seat: Seat, step: PresenceStep) -> bool:
        """Take what she says of herself, and nothing that follows; False if it changes nothing."""
        following = PRESENCE[seat.presence, step]
        if following is None:
            return False
        self._set_presence(seat, following)
        return True

    def step_engagement(self, seat: Seat, step: EngagementStep) -> bool:
        """Take what happens to her engagement; False, and counted, if it came late or twice."""
        following = ENGAGEMENT[seat.phase, step]
        if following is None:
            self.ignored[f"{seat.phase.value}/{step.value}"] += 1
            return False
        seat.phase = following
        return True

    def best_idle(self, profiles: list[ProfileId], *, but: Collection[AgentId]) -> Seat | None:
        """Who is idle longest among these profiles; one of ``but`` only if there is no other."""
        last_choice: AgentId | None = None
        for agent in self.idle.longest_idle(profiles):
            if agent not in but:
                return self._by_agent[agent]
            last_choice = last_choice or agent
        return None if last_choice is None else self._by_agent[last_choice]

    def set_reachable(self, device: DeviceId, *, reachable: bool) -> bool:
        """Note it; False when that is no news."""
        if self._reachable.get(device) is reachable:
            return False
        self._reachable[device] = reachable
        return True

    def set_skills(self, seat: Seat, agent: Agent) -> None:
        """She is of another profile now: neither idle nor counted till judged anew."""
        self.idle.discard(agent.id, seat.profile)
        if seat.counted:
            seat.counted = False
            self.staffed[seat.profile] -= 1
        seat.agent, seat.profile = agent, profile_of(agent.skills)

    def recount(self, seat: Seat) -> bool:
        """Bring the count of her profile up to date; whether she is its first or was its last."""
        now = self.is_staffed(seat)
        if now is seat.counted:
            return False
        seat.counted = now
        self.staffed[seat.profile] += 1 if now else -1
        return self.staffed[seat.profile] == int(now)

    def _set_presence(self, seat: Seat, presence: Presence) -> None:
        seat.presence = presence
        seat.taken_for_absent = False
        if presence is Presence.SIGNED_OUT and seat.device is not None:
            self._at_device.pop(seat.device, None)
            seat.device = None
        if not self.is_staffed(seat):
            self.idle.discard(seat.agent.id, seat.profile)
