"""What a contact holds of its waiting: the queue it is in, and what came before."""

from dataclasses import dataclass, replace

from router.model import AgentId, Millis, QueueId


@dataclass(frozen=True, slots=True)
class Stay:
    """The queue the contact is in, till an agent has it for good.

    ``asked`` is the queue its flow asked for, where it was moved to another one since.
    """

    queue: QueueId
    entered_at: Millis
    asked: QueueId | None = None

    @property
    def asked_for(self) -> QueueId:
        """The queue its flow asked for."""
        return self.queue if self.asked is None else self.asked


@dataclass(frozen=True, slots=True)
class ServedBefore:
    """Who served this caller last, and how long that was over when she called."""

    agent: AgentId
    ago_ms: Millis


@dataclass(frozen=True, slots=True)
class Queueing:
    """Its waiting in queues so far, without the one it is in.

    ``hops`` counts the queues it came to since it last talked to anybody.
    """

    waited_ms: Millis = 0
    hops: int = 0
    served_before: ServedBefore | None = None

    def after(self, wait_ms: Millis, *, answered: bool) -> "Queueing":
        """The same when a queue was left after so long."""
        hops = 0 if answered else self.hops
        return replace(self, waited_ms=self.waited_ms + wait_ms, hops=hops)
