"""A naive book of who is there: from events and records alone, by rules written a second time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from router.effects import AnswerPresence, RecordPresence, RouterEffect
from router.events import (
    AgentChanged,
    AgentRetired,
    DeviceOccupied,
    DeviceReachabilityChanged,
    DeviceVacated,
    PresenceRequested,
    RouterEvent,
    WrapUpRequested,
)
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
    PresenceRecord,
)

ABSENT_MS = 120_000
"""How long the router takes somebody for absent."""

Expected = tuple[AgentId, Presence, Origin]


@dataclass
class PresenceBook:
    """Agents of the site, where they sit, what they say, and their devices' own calls."""

    agents: dict[AgentId, Agent] = field(default_factory=dict[AgentId, Agent])
    presence: dict[AgentId, Presence] = field(default_factory=dict[AgentId, Presence])
    reasons: dict[AgentId, str | None] = field(default_factory=dict[AgentId, str | None])
    seats: dict[AgentId, DeviceId] = field(default_factory=dict[AgentId, DeviceId])
    by_router: dict[AgentId, Millis] = field(default_factory=dict[AgentId, Millis])
    """Who is on a break that the router began, and since when."""
    reachable: dict[DeviceId, bool] = field(default_factory=dict[DeviceId, bool])
    own_calls: dict[DeviceId, set[OwnCallId]] = field(
        default_factory=dict[DeviceId, set[OwnCallId]]
    )
    keys: set[str] = field(default_factory=set[str])
    engaged: set[AgentId] = field(default_factory=set[AgentId])
    """Whose hands held something before this event; noted by whoever keeps the offers."""
    pausing: dict[AgentId, tuple[str | None, Origin]] = field(
        default_factory=dict[AgentId, tuple[str | None, Origin]]
    )
    answers_seen: set[PresenceAnswer] = field(default_factory=set[PresenceAnswer])

    def take(self, event: RouterEvent, effects: Sequence[RouterEffect], at: Millis) -> None:
        """Check what an event did to presence, and note it."""
        expected = self._expected_records(event)
        self._check_answer(event, effects)
        records = [effect.record for effect in effects if isinstance(effect, RecordPresence)]
        by_others = [
            (each.agent, each.presence, each.origin)
            for each in records
            if each.origin is not Origin.ROUTER and not self._is_late(event, each)
        ]
        assert by_others == expected, "recorded is not what changed"
        self._note_site(event)
        for record in records:
            self._note(record, at)
        if isinstance(event, PresenceRequested):
            self._note_pausing(event, effects)

    def _is_late(self, event: RouterEvent, record: PresenceRecord) -> bool:
        """Whether this pause was asked for before, for when her hands are empty."""
        asked = self.pausing.get(record.agent)
        is_late = asked == (record.reason, record.origin)
        return is_late and not isinstance(event, PresenceRequested | AgentChanged | AgentRetired)

    def _note_pausing(self, event: PresenceRequested, effects: Sequence[RouterEffect]) -> None:
        (answer,) = [each for each in effects if isinstance(each, AnswerPresence)]
        if answer.agent is None or answer.answer is not PresenceAnswer.DONE:
            return
        if self._is_put_off(answer.agent, event):
            self.pausing[answer.agent] = (event.reason, event.origin)
        else:
            self.pausing.pop(answer.agent, None)

    def _is_put_off(self, agent: AgentId, event: PresenceRequested) -> bool:
        if event.change is not PresenceChange.PAUSE or not event.after_contact:
            return False
        return self.presence_of(agent) is Presence.AVAILABLE and agent in self.engaged

    def present(self) -> list[AgentId]:
        """Who counts as staff."""
        return [
            agent
            for agent, device in self.seats.items()
            if self.reachable.get(device) and self.presence[agent] is Presence.AVAILABLE
        ]

    def presence_of(self, agent: AgentId) -> Presence:
        return self.presence.get(agent, Presence.SIGNED_OUT)

    def _note_site(self, event: RouterEvent) -> None:
        match event:
            case AgentChanged(agent):
                self.agents[agent.id] = agent
            case AgentRetired(agent):
                self.agents.pop(agent, None)
            case DeviceReachabilityChanged(device, reachable):
                self.reachable[device] = reachable
            case DeviceOccupied(device, call):
                self.own_calls.setdefault(device, set()).add(call)
            case DeviceVacated(device, call):
                self.own_calls.get(device, set()).discard(call)
            case _:
                pass

    def _note(self, record: PresenceRecord, at: Millis) -> None:
        agent = record.agent
        self.pausing.pop(agent, None)
        assert record.key not in self.keys, "a record's key was used twice"
        self.keys.add(record.key)
        assert record.at == at
        if record.origin is Origin.ROUTER and record.presence is Presence.ON_BREAK:
            assert self.presence_of(agent) is Presence.AVAILABLE
        elif record.origin is Origin.ROUTER:
            assert record.presence is Presence.AVAILABLE
            assert agent in self.by_router, "the router ended a pause of her own"
            assert at - self.by_router[agent] >= ABSENT_MS, "a pause of the router ended too soon"
        assert record.device is not None
        self.presence[agent], self.reasons[agent] = record.presence, record.reason
        self.by_router.pop(agent, None)
        if record.presence is Presence.SIGNED_OUT:
            assert self.seats.pop(agent) == record.device
            return
        if record.origin is Origin.ROUTER and record.presence is Presence.ON_BREAK:
            self.by_router[agent] = at
        self.seats[agent] = record.device
        sitting = [each for each, device in self.seats.items() if device == record.device]
        assert sitting == [agent], "two agents at one device"

    def _check_answer(self, event: RouterEvent, effects: Sequence[RouterEffect]) -> None:
        answers = [effect for effect in effects if isinstance(effect, AnswerPresence)]
        if isinstance(event, WrapUpRequested):
            (answer,) = answers
            assert answer.request == event.request
            self.answers_seen.add(answer.answer)
            return
        if not isinstance(event, PresenceRequested):
            assert answers == []
            return
        (answer,) = answers
        agent, verdict = self._verdict(event)
        assert answer.request == event.request
        assert (answer.answer, answer.agent) == (verdict, agent)
        self.answers_seen.add(verdict)

    def _expected_records(self, event: RouterEvent) -> list[Expected]:
        match event:
            case PresenceRequested():
                return self._expected_of(event)
            case AgentChanged(agent) if agent.id in self.seats:
                if agent.seat not in (None, self.seats[agent.id]):
                    return [(agent.id, Presence.SIGNED_OUT, Origin.SITE)]
            case AgentRetired(agent) if agent in self.seats:
                return [(agent, Presence.SIGNED_OUT, Origin.SITE)]
            case _:
                pass
        return []

    def _expected_of(self, event: PresenceRequested) -> list[Expected]:
        agent, verdict = self._verdict(event)
        if agent is None or verdict is not PresenceAnswer.DONE:
            return []
        presence = self.presence_of(agent)
        if self._is_put_off(agent, event):
            return []
        match event.change:
            case PresenceChange.SIGN_OUT:
                return [(agent, Presence.SIGNED_OUT, event.origin)]
            case PresenceChange.PAUSE:
                return [(agent, Presence.ON_BREAK, event.origin)]
            case PresenceChange.RESUME if presence is Presence.AVAILABLE:
                return []
            case PresenceChange.RESUME:
                return [(agent, Presence.AVAILABLE, event.origin)]
            case PresenceChange.SIGN_IN:
                where = event.device or self.agents[agent].seat
                gone = [each for each, at in self.seats.items() if at == where and each != agent]
                out = [(each, Presence.SIGNED_OUT, event.origin) for each in gone]
                return [*out, (agent, Presence.AVAILABLE, event.origin)]

    def _verdict(self, event: PresenceRequested) -> tuple[AgentId | None, PresenceAnswer]:
        agent = event.agent
        if agent is None:
            signing_in = event.change is PresenceChange.SIGN_IN
            here = self._owners(event.device) if signing_in else self._sitting(event.device)
            if not here:
                return None, PresenceAnswer.NOBODY_HERE
            agent = here[0]
        elif agent not in self.agents:
            return None, PresenceAnswer.UNKNOWN_AGENT
        if event.change is PresenceChange.SIGN_IN:
            return agent, self._verdict_on_sign_in(agent, event.device)
        return agent, self._verdict_on(agent, event)

    def _verdict_on(self, agent: AgentId, event: PresenceRequested) -> PresenceAnswer:
        presence = self.presence_of(agent)
        if presence is Presence.SIGNED_OUT:
            return PresenceAnswer.NOT_SIGNED_IN
        own_break = presence is Presence.ON_BREAK and agent not in self.by_router
        same_pause = own_break and self.reasons[agent] == event.reason
        if self._is_put_off(agent, event):
            same_pause = agent in self.pausing and self.pausing[agent][0] == event.reason
        is_back = presence is Presence.AVAILABLE and agent not in self.pausing
        already = {
            PresenceChange.PAUSE: same_pause,
            PresenceChange.RESUME: is_back,
        }
        return PresenceAnswer.ALREADY if already.get(event.change) else PresenceAnswer.DONE

    def _verdict_on_sign_in(self, agent: AgentId, device: DeviceId | None) -> PresenceAnswer:
        fixed = self.agents[agent].seat
        where = device or fixed
        if where is None:
            return PresenceAnswer.NO_DEVICE
        if fixed is not None and fixed != where:
            return PresenceAnswer.NOT_HER_SEAT
        owners = self._owners(where)
        if owners and owners[0] != agent:
            return PresenceAnswer.SEAT_OF_ANOTHER
        available = self.presence_of(agent) is Presence.AVAILABLE
        if available and self.seats[agent] == where:
            return PresenceAnswer.ALREADY
        return PresenceAnswer.DONE

    def _owners(self, device: DeviceId | None) -> list[AgentId]:
        if device is None:
            return []
        return sorted(name for name, agent in self.agents.items() if agent.seat == device)

    def _sitting(self, device: DeviceId | None) -> list[AgentId]:
        return [name for name, where in self.seats.items() if where == device]
