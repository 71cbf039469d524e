"""The half of the oracle that knows who comes first: agents for a contact, contacts for an agent.

Each order is a sort of everybody, by a key that is worked out anew for each of them each time.
"""

from router.model import (
    AgentOrder,
    Channel,
    ContactOrder,
    LevelOrder,
    QueueId,
)
from simulator.oracle_people import Person, Standing, are_alike, grade
from simulator.oracle_waiting import Caller, Turn, Waiting

STRIDE = 1_000_000


class Choosing(Waiting):
    """Who is chosen."""

    # Agents for a contact

    def able(self, caller: Caller) -> list[Person]:
        """Everybody idle who may take it, whom it would ring first at the front."""
        channel = self.rules(caller.queue).channel
        those = self.may_take(caller)
        idle = [each for each in self.idle if each.channel is channel and each.person in those]
        # A sort keeps the order of equals: among them, who became idle first.
        idle.sort(key=lambda each: self._preference(caller, each))
        return [each.person for each in idle]

    def _preference(self, caller: Caller, standing: Standing) -> tuple[int, ...]:
        rules, person = self.rules(caller.queue), standing.person
        missed = int(person.agent.id in caller.let_ring_by)
        above = 0
        if caller.prefers is None and rules.levels is not LevelOrder.ANY:
            above = grade(rules.steps[self.step_of(caller)].requirement, person.agent.skills)
            above = above if rules.levels is LevelOrder.LOWEST else -above
        policy = 0
        if self.routing.contacts is ContactOrder.RATIO:
            policy = -self._idle_imbalance(person, standing.channel)
        chats = len(person.hands) if standing.channel is Channel.CHAT else 0
        by_day = {
            AgentOrder.LONGEST_IDLE: 0,
            AgentOrder.FEWEST_TODAY: standing.accepted,
            AgentOrder.LEAST_OCCUPIED: standing.permille,
        }
        return (missed, above, policy, chats, by_day[rules.agents])

    def _idle_imbalance(self, person: Person, channel: Channel) -> int:
        everybody = [each for each in self.people.everybody if self.people.is_there(each)]
        idle = [each.person for each in self.idle if each.channel is channel]
        like_her = [each for each in everybody if are_alike(each.agent, person.agent)]
        idle_like_her = [each for each in idle if are_alike(each.agent, person.agent)]
        return len(idle_like_her) * len(everybody) - len(like_her) * len(idle)

    # Contacts for an agent

    def whose_turn(self, person: Person, channels: list[Channel]) -> Caller | None:
        """Whom she takes next, of all who wait for somebody like her, or for her alone."""
        those = [
            each
            for each in self.waiting()
            if self.rules(each.queue).channel in channels and person in self.may_take(each)
        ]
        firsts: list[Caller] = []
        for channel in channels:
            hers = [each for each in those if each.prefers is not None]
            firsts += [each for each in hers if self.rules(each.queue).channel is channel][:1]
        those = [each for each in those if each.prefers is None or each in firsts]
        classes = [self.turn(each)[0] for each in those]
        those = [each for each in those if self.turn(each)[0] == min(classes)]
        return min(those, key=self._due_by_policy, default=None)

    def _due_by_policy(self, caller: Caller) -> tuple[int, Turn]:
        policy = 0
        if self.routing.contacts is ContactOrder.FAIR:
            policy = self.page(caller.queue).had
        elif self.routing.contacts is ContactOrder.RATIO:
            policy = -self._waiting_imbalance(caller.queue)
        return policy, self.turn(caller)

    def _waiting_imbalance(self, queue: QueueId) -> int:
        known = [each.id for each in self.queues]
        all_waiting = [each for each in self.waiting() if each.queue in known]
        shares = sum(each.share for each in self.queues)
        return len(self.waiting(queue)) * shares - self.rules(queue).share * len(all_waiting)

    # Fair shares

    @property
    def is_fair(self) -> bool:
        """Whether shares are kept."""
        return self.routing.contacts is ContactOrder.FAIR

    def _enters(self, caller: Caller) -> None:
        """An empty queue has not saved up what it did not use."""
        others = [each for each in self.waiting(caller.queue) if each is not caller]
        if self.is_fair and not others:
            page = self.page(caller.queue)
            page.had = max(page.had, self.had_most)

    def _has_its_share(self, queue: QueueId) -> None:
        if self.is_fair:
            page = self.page(queue)
            self.had_most = max(self.had_most, page.had)
            page.had += STRIDE // self.rules(queue).share

    def _gives_its_share_back(self, queue: QueueId) -> None:
        if self.is_fair and self.is_known(queue):
            self.page(queue).had -= STRIDE // self.rules(queue).share
