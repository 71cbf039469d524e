"""Agents at devices: who is there, who counts as staff, who is idle. No contact is known here.

Who is *staffed* is derived from what the agent says and from her device, each time it is asked
for; a seat only remembers whether the counts by profile already hold her, so that an agent is
never counted twice or taken off twice.
"""

from collections import Counter
from collections.abc import Collection, Iterable

from router.agent_state import ENGAGEMENT, EngagementPhase, EngagementStep
from router.chat_order import Free
from router.day import Day
from router.devices import Devices
from router.hands import Chat, in_phase, is_any_accepted
from router.line_order import leave, stand
from router.matching import Line, Profile, Profiles
from router.model import (
    PREFERRED_STEP,
    Agent,
    AgentId,
    Channel,
    DeviceId,
    Millis,
    OfferId,
    Presence,
    QueueId,
)
from router.policies import Policies
from router.seat import Seat
from router.snapshot import ChatSnapshot, DaySnapshot, FreeSnapshot, SeatSnapshot


class Seats:
    """All agents of the pool, the devices they sit at, and the counts that follow from both.

    ``ignored`` is the router's counter of happenings that came late or twice. ``policies`` says
    who of several idle agents is the best. ``now`` is the time of the event that is handled.
    """

    def __init__(self, ignored: Counter[str], profiles: Profiles, policies: Policies) -> None:
        self.ignored = ignored
        self.devices = Devices(ignored)
        self._profiles = profiles
        self._policies = policies
        self.now: Millis = 0
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

    def own_line(self, agent: AgentId, channel: Channel) -> Line:
        """Where contacts of this channel stand that wait for this agent alone."""
        seat = self._by_agent[agent]
        if channel is Channel.CHAT:
            if seat.own_chats is None:
                seat.own_chats = Line(QueueId(""), PREFERRED_STEP)
            return seat.own_chats
        if seat.own is None:
            seat.own = Line(QueueId(""), PREFERRED_STEP)
        return seat.own

    # Agents of the site

    def add(self, agent: Agent, at: Millis) -> Seat:
        """Know this agent from now on; she is signed out."""
        seat = Seat(agent, self._profile_of(agent), at)
        self._by_agent[agent.id] = seat
        self._profiles.days[agent.id] = seat.day
        self._take_fixed(seat)
        return seat

    def set_agent(self, seat: Seat, agent: Agent) -> None:
        """She has other skills, chats or another fixed seat now, or is in the site again.

        Of another profile she is neither idle nor counted till judged anew.
        """
        keeps_profile = seat.profile.is_of(agent) and not seat.retired
        if not seat.retired:
            self._leave_fixed(seat)
            if not keeps_profile:
                self._leave_profile(seat)
        if agent.chats_max != seat.agent.chats_max:
            self.set_free(seat, is_free=False)
        seat.agent, seat.retired = agent, False
        if not keeps_profile:
            seat.profile = self._profile_of(agent)
        self._take_fixed(seat)

    def retire(self, seat: Seat) -> None:
        """She has no seat in the site any more, and is nobody to wait for."""
        self._leave_fixed(seat)
        self._leave_profile(seat)
        seat.retired = True

    def remove(self, seat: Seat) -> None:
        """Know a retired agent no longer."""
        del self._by_agent[seat.agent.id]
        del self._profiles.days[seat.agent.id]

    def _profile_of(self, agent: Agent) -> Profile:
        return self._profiles.join(agent.skills, takes_chats=agent.chats_max > 0)

    def _leave_profile(self, seat: Seat) -> None:
        self.take_out(seat)
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

    def can_wait_for(self, seat: Seat, channel: Channel) -> bool:
        """The same for contacts of one channel: nobody waits for a chat of who may have none."""
        if seat.retired or (channel is Channel.CHAT and not seat.agent.chats_max):
            return False
        return self.is_staffed(seat)

    def is_ready(self, seat: Seat) -> bool:
        """Whether she may be given a call now."""
        if seat.phase is not EngagementPhase.NONE or seat.resting or seat.device is None:
            return False
        if seat.chats:
            return False
        return self.is_staffed(seat) and self.devices.is_free(seat.device)

    def has_room(self, seat: Seat) -> bool:
        """Whether she may be given a chat now; calls of her phone's own do not matter for that.

        Before a pause that she put off she gets none: chat after chat would put it off for ever.
        """
        if len(seat.chats) >= seat.agent.chats_max or seat.resting or seat.put_off is not None:
            return False
        return seat.phase is EngagementPhase.NONE and self.is_staffed(seat)

    def is_talking(self, seat: Seat) -> bool:
        """Whether a conversation of hers goes on, by whatever channel."""
        talks = EngagementPhase.CONNECTED
        return seat.phase is talks or bool(in_phase(seat.chats, talks))

    def lines_of(self, seat: Seat, *, is_ready: bool) -> list[Line]:
        """Whom she could take now: calls if she is ready, chats if she has any room for them."""
        profile, own = seat.profile, seat.own
        if is_ready and not seat.agent.chats_max:
            return profile.call_lines if own is None else [*profile.call_lines, own]
        if not is_ready:
            own = None
        lines = profile.lines if is_ready else profile.chat_lines
        return [*lines, *(each for each in (own, seat.own_chats) if each is not None)]

    def sit(self, seat: Seat, device: DeviceId) -> None:
        """She sits there now; who sat there before is away already."""
        self._at_device[device] = seat.agent.id
        seat.device = device

    def set_presence(self, seat: Seat, presence: Presence, reason: str | None = None) -> None:
        """She is this now; who is signed out sits nowhere."""
        seat.presence, seat.reason = presence, reason
        seat.taken_for_absent = False
        seat.put_off = None
        if presence is Presence.SIGNED_OUT and seat.device is not None:
            del self._at_device[seat.device]
            seat.device = None
        if not self.is_staffed(seat):
            self.take_out(seat)

    def step_engagement(self, seat: Seat, step: EngagementStep) -> bool:
        """Take what happens to her engagement; False, and counted, if it came late or twice."""
        following = ENGAGEMENT[seat.phase, step]
        if following is None:
            self.ignored[f"{seat.phase.value}/{step.value}"] += 1
            return False
        seat.phase = following
        if following is EngagementPhase.CONNECTED:
            seat.day.answered(self.now)
        elif following is EngagementPhase.NONE:
            seat.day.emptied(self.now)
        return True

    def step_chat(self, seat: Seat, offer: OfferId, step: EngagementStep) -> bool:
        """The same of one of her chats; who has one less has room anew, once she is judged."""
        chat = seat.chats[offer]
        following = ENGAGEMENT[chat.phase, step]
        if following is None:
            self.ignored[f"{chat.phase.value}/{step.value}"] += 1
            return False
        chat.phase = following
        if following is EngagementPhase.CONNECTED:
            seat.day.answered(self.now)
        elif following is EngagementPhase.NONE:
            del seat.chats[offer]
            self.set_free(seat, is_free=False)
            if not is_any_accepted(seat.chats):
                seat.day.emptied(self.now)
        return True

    def start_day(self) -> None:
        """What is counted by day begins anew; who is idle keeps her place among equals."""
        for seat in self._by_agent.values():
            seat.day.restart(self.now)
        self._profiles.start_day()

    def stand(self, seat: Seat, *, is_ready: bool) -> None:
        """Nobody waits for her: she is idle for calls if she is ready, and for chats if she may."""
        if is_ready:
            self.set_idle(seat, is_idle=True)
        if seat.agent.chats_max and self.has_room(seat):
            self.set_free(seat, is_free=True)

    def take_out(self, seat: Seat) -> None:
        """She is idle for nothing."""
        if seat.agent.id in seat.profile.idle:
            self.set_idle(seat, is_idle=False)
        if seat.agent.chats_max:
            self.set_free(seat, is_free=False)

    def set_free(self, seat: Seat, *, is_free: bool) -> None:
        """The same as ``set_idle`` for chats."""
        agent, profile, day = seat.agent.id, seat.profile, seat.day
        if is_free:
            if agent in profile.chats:
                return
            self._free(seat, accepted=day.accepted, permille=day.permille)
            if not seat.chats and day.idle_since is None:
                day.idle_since = self.now
        elif profile.chats.discard(agent):
            self._profiles.free -= 1
            leave(agent, profile.wide_chats)
            if agent not in profile.idle:
                day.found(self.now)

    def _free(self, seat: Seat, *, accepted: int, permille: int) -> None:
        agent, profile = seat.agent.id, seat.profile
        self._became_idle += 1
        profile.chats.add(Free(agent, len(seat.chats), self._became_idle, accepted, permille))
        self._profiles.free += 1
        stand(profile, agent, profile.wide_chats)

    def set_idle(self, seat: Seat, *, is_idle: bool) -> None:
        """She is idle for calls from now on, behind all who are, and who already is keeps her
        place; or she is not, whatever she was before."""
        agent, profile = seat.agent.id, seat.profile
        if is_idle:
            if agent in profile.idle:
                return
            self._became_idle += 1
            profile.idle[agent] = self._became_idle
            self._profiles.idle += 1
            if seat.day.idle_since is None:
                seat.day.idle_since = self.now
            if profile.orders or profile.wide_calls:
                profile.rank(agent, seat.day)
        elif profile.idle.pop(agent, None) is not None:
            self._profiles.idle -= 1
            if not seat.agent.chats_max or agent not in profile.chats:
                seat.day.found(self.now)
            if profile.orders or profile.wide_calls:
                profile.unrank(agent)

    def best_idle(self, line: Line, missed_by: Collection[AgentId] = ()) -> Seat | None:
        """Who of those who serve this line comes first; one of these only if there is no other."""
        policies = self._policies
        if line.is_plain:
            if not self._profiles.idle:
                return None
            policy = policies.plain
        else:
            policy = policies.chats if line.channel is Channel.CHAT else policies.ranked
        best = policy.best(line, missed_by)
        return None if best is None else self._by_agent[best]

    def if_able(self, agent: AgentId, channel: Channel) -> Seat | None:
        """This agent, if she can take a contact of this channel now."""
        seat = self._by_agent[agent]
        is_able = self.has_room(seat) if channel is Channel.CHAT else self.is_ready(seat)
        return seat if is_able else None

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
                wrap_up=seat.wrap_up,
                put_off=seat.put_off,
                day=_taken_day(seat.day),
                chats=tuple(
                    ChatSnapshot(offer, chat.phase, chat.wrap_up)
                    for offer, chat in seat.chats.items()
                ),
            )
            for seat in self._by_agent.values()
        )

    def taken_free(self) -> tuple[FreeSnapshot, ...]:
        """Who has room for a chat, for a snapshot."""
        return tuple(
            FreeSnapshot(free.agent, free.accepted, free.permille)
            for free in self._profiles.free_in_order()
        )

    def restore(
        self,
        snapshots: Iterable[SeatSnapshot],
        idle: Iterable[AgentId],
        free: Iterable[FreeSnapshot],
    ) -> None:
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
            seat.wrap_up, seat.put_off = each.wrap_up, each.put_off
            _restore_day(seat.day, each.day)
            seat.chats.update({one.offer: Chat(one.phase, one.wrap_up) for one in each.chats})
            self.recount(seat)
        for agent in idle:
            seat = self._by_agent[agent]
            since = seat.day.idle_since
            self.set_idle(seat, is_idle=True)
            seat.day.idle_since = since
        for each in free:
            seat = self._by_agent[each.agent]
            self._free(seat, accepted=each.accepted, permille=each.permille)


def _taken_day(day: Day) -> DaySnapshot:
    return DaySnapshot(day.accepted, day.busy_ms, day.idle_ms, day.busy_since, day.idle_since)


def _restore_day(day: Day, taken: DaySnapshot) -> None:
    day.accepted, day.busy_ms, day.idle_ms = taken.accepted, taken.busy_ms, taken.idle_ms
    day.busy_since, day.idle_since = taken.busy_since, taken.idle_since
