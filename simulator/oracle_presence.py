"""The half of the oracle that knows what the site, agents and their phones tell."""

from router.effects import AnswerPresence
from router.events import (
    DeviceOccupied,
    DeviceReachabilityChanged,
    DeviceVacated,
    PresenceRequested,
    WrapUpRequested,
)
from router.model import (
    Agent,
    AgentId,
    Channel,
    DeviceId,
    Origin,
    OwnCallId,
    Presence,
    PresenceAnswer,
    PresenceChange,
    Queue,
    QueueId,
    RescindReason,
    WrapUpChange,
)
from simulator.oracle_people import Person, are_alike, nobody_meant, puts_it_off
from simulator.oracle_rings import ENGAGED_MS, Ringing, known
from simulator.oracle_waiting import Page

OWN_CALLS_MS = ENGAGED_MS
"""After it began."""


class Attending(Ringing):
    """Queues and agents as the site has them, and what agents say of themselves."""

    # Queues

    def _change_queue(self, rules: Queue) -> None:
        if rules in self.queues:
            return
        if not self.is_known(rules.id):
            self.pages.append(Page(rules.id, had=self.had_most if self.is_fair else 0))
        before = [each for each in [*self.queues, *self.closed_queues] if each.id == rules.id]
        self.queues = [each for each in self.queues if each.id != rules.id]
        self.closed_queues = [each for each in self.closed_queues if each.id != rules.id]
        self.queues.append(rules)
        for caller in self.waiting(rules.id):
            if before[0].wait_ms_max != rules.wait_ms_max:
                due = caller.entered + rules.wait_ms_max
                self._in(max(due - self.at, 0), "wait", caller)
        if before and before[0].announce_every_ms != rules.announce_every_ms:
            for caller in self.waiting(rules.id):
                self._rhythm(caller)

    def _close_queue(self, queue: QueueId) -> None:
        rules = next((each for each in self.queues if each.id == queue), None)
        if rules is None:
            return
        self.queues.remove(rules)
        self.closed_queues.append(rules)
        self.pages = [each for each in self.pages if each.queue != queue]
        self.crises = [each for each in self.crises if each[0] != queue]
        for caller in [each for each in self.callers if each.queue == queue and not each.talks]:
            for ring in [each for each in self.rings if each.caller is caller]:
                self._take_back(ring, RescindReason.QUEUE_RETIRED)

    # Agents

    def _change_agent(self, agent: Agent) -> None:
        person = self.people.named(agent.id)
        if person is None:
            self.people.everybody.append(Person(agent))
            return
        if person.agent == agent and not person.has_left_the_site:
            return
        if person.device is not None and agent.seat not in (None, person.device):
            self._become(person, Presence.SIGNED_OUT, None, Origin.SITE)
        if not are_alike(person.agent, agent):
            self._not_idle(person)
        if person.agent.chats_max != agent.chats_max:
            self._not_idle(person, Channel.CHAT)
        person.agent, person.has_left_the_site = agent, False
        self._draw(person)

    def _retire_agent(self, agent: AgentId) -> None:
        person = self.people.of_the_site(agent)
        if person is None:
            return
        if person.presence is not Presence.SIGNED_OUT:
            self._become(person, Presence.SIGNED_OUT, None, Origin.SITE)
        person.has_left_the_site = True
        self._goes_if_she_left(person)

    # What agents say

    def _asked(self, said: PresenceRequested | WrapUpRequested) -> None:
        person = self.people.meant_by(said)
        if person is None:
            answer = nobody_meant(said)
            self._effects.append(AnswerPresence(said.request, answer, None, None))
            return
        if isinstance(said, PresenceRequested):
            answer = self.people.verdict(person, said)
            if answer is PresenceAnswer.DONE:
                self._obey(person, said)
        else:
            answer = self._about_wrap_up(person, said.change)
        told = AnswerPresence(said.request, answer, person.agent.id, person.presence)
        self._effects.append(told)

    def _obey(self, person: Person, said: PresenceRequested) -> None:
        match said.change:
            case PresenceChange.SIGN_IN:
                self._sign_in(person, said)
            case PresenceChange.SIGN_OUT:
                self._become(person, Presence.SIGNED_OUT, None, said.origin)
            case PresenceChange.PAUSE:
                if puts_it_off(person, said):
                    person.pausing = (said.reason, said.origin)
                else:
                    self._become(person, Presence.ON_BREAK, said.reason, said.origin)
            case PresenceChange.RESUME:
                if person.presence is Presence.AVAILABLE:
                    person.pausing = None
                    self._freed.append(person)
                else:
                    person.misses = 0
                    self._become(person, Presence.AVAILABLE, None, said.origin)

    def _sign_in(self, person: Person, said: PresenceRequested) -> None:
        device = known(said.device or person.agent.seat)
        sitting = self.people.at(device)
        if sitting is not None and sitting is not person:
            self._say(sitting, Presence.SIGNED_OUT, "seat_taken", said.origin)
            self._forget("absent", sitting)
        if person.device not in (None, device):
            # She moves: away from there, for the moment, without a record of it.
            person.presence, person.device = Presence.SIGNED_OUT, None
            self._not_idle(person)
        for gone in [each for each in (sitting, person) if each is not None]:
            self._draw(gone)
        person.misses, person.device = 0, device
        self._become(person, Presence.AVAILABLE, None, said.origin)

    def _about_wrap_up(self, person: Person, change: WrapUpChange) -> PresenceAnswer:
        wrapping = [each for each in person.hands if each.wraps]
        if not wrapping:
            return PresenceAnswer.NOT_IN_WRAP_UP
        if change is WrapUpChange.END:
            for hand in wrapping:
                self._wrapped_up(hand)
            self._pause_who_waits_for_it()
            return PresenceAnswer.DONE
        answer = PresenceAnswer.WRAP_UP_AT_MOST
        for hand in wrapping:
            ends = min(self.at + hand.by_ms, hand.begun + hand.most_ms)
            if ends > hand.ends:
                hand.ends = ends
                self._in(ends - self.at, "wrap", hand)
                answer = PresenceAnswer.DONE
        return answer

    # What phones tell

    def _believe_back(self, person: Person) -> None:
        if person.paused_by_router:
            self._become(person, Presence.AVAILABLE, None, Origin.ROUTER)

    def _own_call_over(self, device: DeviceId, call: OwnCallId) -> None:
        person = self.people.at(device)
        if not self.people.note_own_call_over(device, call):
            return
        self._forget("own_call", (device, call))
        if person is not None:
            self._freed.append(person)

    def _lost_from_sight(self, device: DeviceId, call: OwnCallId) -> None:
        """No call lasts so long: its end was not told."""
        self.people.own_calls.remove((device, call))
        person = self.people.at(device)
        if person is not None:
            self._freed.append(person)

    def _device(self, event: DeviceReachabilityChanged | DeviceOccupied | DeviceVacated) -> None:
        person = self.people.at(event.device)
        match event:
            case DeviceOccupied(device, call):
                if self.people.note_own_call(device, call):
                    self._in(OWN_CALLS_MS, "own_call", (device, call))
                    if person is not None:
                        self._not_idle(person, Channel.VOICE)
            case DeviceVacated(device, call):
                self._own_call_over(device, call)
            case DeviceReachabilityChanged(device, reachable):
                news = self.people.note_reachable(device, reachable=reachable)
                if news and person is not None:
                    self._draw(person)
