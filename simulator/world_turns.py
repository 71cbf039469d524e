"""Whose turn it is, and how many may wait: invariants 8 and 16, held against the router each step.

A second clerk beside the book, with a list of who came when. It knows neither lines nor keys: of
two who stand at the same step of one queue nobody is offered before who counts as waiting longer,
whatever came between; and nobody waits whom the limits would not have let in. A ringing phone is no
waiting: who comes back from one, or was moved, may stand beyond a limit.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from router.core import Router
from router.effects import MoveContact, OfferContact, OverflowContact, RouterEffect
from router.events import ContactChanged, ContactQueued, QueueChanged, RouterEvent, RoutingChanged
from router.model import ContactId, Millis, OverflowCause, Queue, QueueId, Routing
from router.views import QueueView
from simulator.world_story import Story
from simulator.world_wire import subject_of

ALL_PERCENT: Final = 100
"""What a class may fill of the pool for which no share is named."""

Views = Mapping[QueueId, QueueView]


class Turns:
    """Who came when, and what the site lets in. ``seen`` counts what could have been wrong."""

    def __init__(self, story: Story) -> None:
        self.seen: Counter[str] = Counter()
        self._story = story
        self._queues: dict[QueueId, Queue] = {}
        self._routing = Routing()
        self._numbers = 0
        self._came: dict[ContactId, tuple[Millis, int]] = {}
        """From when a contact's waiting counts but for its priority, and how many came before."""
        self._priority_ms: dict[ContactId, Millis] = {}
        self._waiting: dict[ContactId, QueueId] = {}
        self._beyond: set[ContactId] = set()
        """Who rang or was moved since it was let in: no limit was asked when it came back."""

    def note(
        self, event: RouterEvent, effects: Sequence[RouterEffect], at: Millis, router: Router
    ) -> None:
        """One turn of the router; then all must hold."""
        waited = self._waiting
        views = {view.queue: view for view in router.queues()}
        self._waiting = {who: queue for queue in views for who in router.waiting_in(queue)}
        match event:
            case RoutingChanged(routing):
                self._routing = routing
            case QueueChanged(queue):
                self._queues[queue.id] = queue
            case ContactChanged(contact, _, int() as priority_ms) if contact in waited:
                self._priority_ms[contact] = priority_ms
            case ContactQueued() if effects or event.contact in self._waiting.keys() - waited:
                self._queued(event, effects, at, views)
            case _:
                pass
        for effect in effects:
            match effect:
                case OfferContact(_, contact):
                    self._beyond.add(contact)
                    self._in_turn(contact, router)
                case MoveContact(contact) if not isinstance(event, ContactQueued):
                    self._beyond.add(contact)
                case _:
                    pass
        self._within_limits()

    # Invariant 8

    def _queued(
        self, event: ContactQueued, effects: Sequence[RouterEffect], at: Millis, views: Views
    ) -> None:
        contact = event.contact
        causes = [each.cause for each in effects if isinstance(each, OverflowContact)]
        if causes:
            self._refused(event, causes[0], views)
            return
        self._numbers += 1
        self._came[contact] = at - event.waited_ms, self._numbers
        self._priority_ms[contact] = event.priority_ms
        self._beyond.discard(contact)
        if contact in self._waiting:
            self._let_in(contact, views)

    def _turn(self, contact: ContactId) -> tuple[Millis, int]:
        counts_from, number = self._came[contact]
        return counts_from - self._priority_ms[contact], number

    def _in_turn(self, contact: ContactId, router: Router) -> None:
        """Nobody at the same step of the same queue is left behind who counts as waiting longer."""
        step, queue = router.step_of(contact), self._queue_of(contact, router)
        if step is None or step < 0:
            return
        for other in router.waiting_in(queue):
            if router.step_of(other) == step:
                self.seen["in turn"] += 1
                in_turn = self._turn(contact) < self._turn(other)
                self._story.demand(in_turn, f"8: {other} was before it", subject_of(contact))

    @staticmethod
    def _queue_of(contact: ContactId, router: Router) -> QueueId:
        return next(each.queue for each in router.waiting().contacts if each.contact == contact)

    # Invariant 16

    def _bounds(self, queue: QueueId, views: Views) -> list[int]:
        limit = self._queues[queue].waiting
        if limit is None:
            return []
        each = (limit.per_agent or 0) * max(1, views[queue].staffed)
        bounds = (limit.absolute, None if limit.per_agent is None else each)
        return [bound for bound in bounds if bound is not None]

    def _pool_bound(self, queue: QueueId) -> int | None:
        waiting_max, admitted = self._routing.waiting_max, self._routing.admitted
        percent = admitted.get(self._queues[queue].contact_class, ALL_PERCENT)
        if not waiting_max:
            return waiting_max
        return max(waiting_max * percent // 100, 1 if percent else 0)

    def _let_in(self, contact: ContactId, views: Views) -> None:
        """Who waits now was let in while fewer waited than may."""
        queue, subject = self._waiting[contact], subject_of(contact)
        before = views[queue].waiting - 1
        for bound in self._bounds(queue, views):
            self.seen["within a limit"] += 1
            self._story.demand(before < bound, f"16: {before} of {bound} wait there", subject)
        bound = self._pool_bound(queue)
        if bound is not None:
            self.seen["within the pool"] += 1
            before = len(self._waiting) - 1
            self._story.demand(before < bound, f"16: {before} of {bound} wait in all", subject)

    def _refused(self, event: ContactQueued, cause: OverflowCause, views: Views) -> None:
        """No limit keeps anybody out that is not reached."""
        self.seen[f"refused: {cause.value}"] += 1
        asked = views.get(event.queue)
        if asked is None:
            return
        queue = event.queue if asked.crisis is None else asked.crisis.to
        if queue is None:
            return
        waiting = views[queue].waiting
        subject, pool = subject_of(event.contact), self._pool_bound(queue)
        match cause:
            case OverflowCause.FULL:
                reached = any(waiting >= bound for bound in self._bounds(queue, views))
            case OverflowCause.OVERLOAD:
                reached = pool is not None and len(self._waiting) >= pool
            case _:
                reached = True
        self._story.demand(reached, f"16: refused as {cause.value}, and is not", subject)

    def _within_limits(self) -> None:
        """Nobody waits beyond a limit but who rang or was moved."""
        let_in = Counter(self._waiting[who] for who in self._waiting.keys() - self._beyond)
        for queue, number in let_in.items():
            limit = self._queues[queue].waiting
            bound = None if limit is None else limit.absolute
            within = bound is None or number <= bound
            self._story.demand(within, f"16: {number} of {bound} wait in {queue}")
