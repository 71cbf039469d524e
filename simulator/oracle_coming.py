"""The half of the oracle that knows who is let in, who is moved, and what a crisis does."""

from router.effects import MoveContact, OverflowContact
from router.events import ContactChanged, ContactQueued, CrisisDeclared, CrisisEnded
from router.model import ContactId, Millis, OverflowCause, QueueId, RescindReason
from simulator.oracle_people import Person
from simulator.oracle_rings import GUESS_MS, Ringing
from simulator.oracle_waiting import Caller


class Coming(Ringing):
    """Contacts, from the moment they ask to be let in."""

    def _come(self, event: ContactQueued) -> None:
        if any(each.contact == event.contact for each in self.callers):
            return
        asked, queue = event.queue, event.queue
        if self.in_crisis(queue):
            to = self._refuge_from(queue, event)
            if to is None:
                self._refuse(event, OverflowCause.CRISIS)
                return
            queue = to
        if not self._somebody_for(queue, self._preferred(event, queue)):
            self._refuse(event, OverflowCause.NO_AGENTS)
            return
        preferred = self._preferred(event, queue)
        caller = Caller(
            event.contact,
            queue,
            self.entries + 1,
            self.at - event.waited_ms - event.priority_ms,
            came=self.at,
            waited_ms=event.waited_ms,
            entered=self.at,
            steps_from=self.at,
        )
        if preferred is not None:
            caller.prefers = preferred.agent.id
            caller.prefers_until = self.at + event.preferred_ms
            caller.prefers_must_serve = event.preferred_must_serve
        must_wait = not self.able(caller)
        cause = self._too_much_for(caller) if must_wait else None
        if cause is not None:
            self._refuse(event, cause)
            return
        if must_wait and caller.prefers is None:
            self._one_waits(queue)
        self.entries += 1
        self.callers.append(caller)
        self._enters(caller)
        self._in(self.rules(queue).wait_ms_max, "wait", caller)
        self._rhythm(caller)
        if queue != asked:
            self._effects.append(MoveContact(caller.contact, queue))

    def _refuse(self, event: ContactQueued, cause: OverflowCause) -> None:
        self._effects.append(OverflowContact(event.contact, event.queue, cause))

    def _preferred(self, event: ContactQueued | None, queue: QueueId) -> Person | None:
        """Whom it would wait for alone at first in this queue, if she is there for it."""
        if event is None or event.preferred_ms <= 0 or not self.is_known(queue):
            return None
        must_serve = event.preferred_must_serve
        return self.who_is_there(event.preferred, queue, must_serve=must_serve)

    def _somebody_for(self, queue: QueueId, preferred: Person | None = None) -> bool:
        there = self.is_known(queue) and preferred is not None
        return there or self.open_steps(queue) != []

    # Limits

    def _too_much_for(self, caller: Caller) -> OverflowCause | None:
        """Why it may not wait, if so; it is in no list yet."""
        rules = self.rules(caller.queue)
        most = self.routing.waiting_max
        percent = self.routing.admitted.get(rules.contact_class, 100)
        share = None if most is None else max(most * percent // 100, min(1, most, percent))
        if share is not None and len(self.waiting()) >= share:
            return OverflowCause.OVERLOAD
        others = self.waiting(caller.queue)
        limit = rules.waiting
        bounds: list[int | None] = [] if limit is None else [limit.absolute]
        if limit is not None and limit.per_agent is not None:
            bounds.append(limit.per_agent * max(1, len(self.staff(caller.queue))))
        if any(bound is not None and len(others) >= bound for bound in bounds):
            return OverflowCause.FULL
        longest = rules.expected_wait_ms_max
        is_to_measure = not others and self.is_guessing(caller.queue)
        if longest is None or is_to_measure:
            return None
        expected = self.expected(caller.queue, self.position(caller))
        return OverflowCause.EXPECTED_WAIT if expected > longest else None

    def expected(self, queue: QueueId, position: int) -> Millis:
        """How long whoever has this position in it will wait, as far as can be told."""
        takes = self.page(queue).takes
        return position * (GUESS_MS if takes is None else takes) // max(1, len(self.staff(queue)))

    # Going

    def _leave(self, contact: ContactId) -> None:
        for caller in [each for each in self.callers if each.contact == contact]:
            if caller.talks:
                return
            self._gone(caller)
            for ring in [each for each in self.rings if each.caller is caller]:
                self._take_back(ring, RescindReason.CONTACT_LEFT)

    # Waiting for her alone

    def _judge_preferences(self) -> None:
        for caller in self.waiting():
            if caller.prefers is None:
                continue
            is_late = caller.prefers_until <= self.at
            her = self.who_is_there(
                caller.prefers, caller.queue, must_serve=caller.prefers_must_serve
            )
            if is_late or her is None:
                caller.prefers = None
                caller.steps_from = self.at
                self._one_waits(caller.queue)

    # Changes while waiting

    def _change_contact(self, event: ContactChanged) -> None:
        for caller in self.waiting():
            if caller.contact != event.contact:
                continue
            if event.priority_ms is not None:
                caller.since = caller.came - caller.waited_ms - event.priority_ms
            if event.queue is None or event.queue == caller.queue:
                continue
            to: QueueId | None = event.queue
            if self.is_known(event.queue) and self.in_crisis(event.queue):
                to = self._refuge_from(event.queue)
            if to is not None and self._somebody_for(to) and self._alike(to, caller.queue):
                self._move(caller, to)

    def _move(self, caller: Caller, queue: QueueId) -> None:
        if queue == caller.queue:
            return
        left, caller.queue = caller.queue, queue
        caller.entered = caller.steps_from = self.at
        caller.prefers, caller.is_overdue = None, False
        self._one_less(left)
        self._one_waits(queue)
        self._enters(caller)
        self._in(self.rules(queue).wait_ms_max, "wait", caller)
        self._rhythm(caller)
        self._effects.append(MoveContact(caller.contact, queue))

    # Crises

    def in_crisis(self, queue: QueueId) -> bool:
        """Whether nobody waits there till further notice."""
        return any(each == queue for each, _ in self.crises)

    def _refuge_from(self, queue: QueueId, event: ContactQueued | None = None) -> QueueId | None:
        """Where to go from a queue in crisis; None where there is nothing."""
        to = next(to for each, to in self.crises if each == queue)
        if to is None or self.in_crisis(to) or not self._alike(queue, to):
            return None
        return to if self._somebody_for(to, self._preferred(event, to)) else None

    def _alike(self, queue: QueueId, other: QueueId) -> bool:
        """Whether both are queues, and both of calls or both of chats."""
        if not self.is_known(queue) or not self.is_known(other):
            return False
        return self.rules(queue).channel is self.rules(other).channel

    def _flee(self, caller: Caller, crisis: QueueId) -> None:
        to = self._refuge_from(crisis)
        if to is None:
            self._give_up(caller, OverflowCause.CRISIS)
        else:
            self._move(caller, to)

    def _flee_all(self) -> None:
        """Nobody waits in a queue in crisis: neither when it begins nor after an offer."""
        for caller in self.waiting():
            if self.in_crisis(caller.queue):
                self._flee(caller, caller.queue)

    def _declare(self, event: CrisisDeclared) -> None:
        queue, to = event.queue, event.to
        if not self.is_known(queue) or queue == to:
            return
        if to is None or self.is_known(to):
            self.crises = [each for each in self.crises if each[0] != queue] + [(queue, to)]

    def _end_crisis(self, event: CrisisEnded) -> None:
        self.crises = [each for each in self.crises if each[0] != event.queue]
