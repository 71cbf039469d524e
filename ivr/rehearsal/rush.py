"""What else may be so when a rehearsed call is made: a crisis, more callers than are let in, and
who served this caller before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ivr.engine.by_command import CrisisStartAsked
from ivr.engine.driver import EngineEvent, SiteActivated
from ivr.flow.shape import Fields, Reader
from ivr.flow.site import Site
from ivr.rehearsal.read_words import WordReader
from router.model import AgentId, Millis, QueueId, RequestId, qualified

NOWHERE = "none"
"""Written for a crisis without another queue to go to."""

AGO_MS_MAX = 365 * 24 * 3_600_000
"""Longer than anybody asks for."""

BY_TEST = "a caller test"
"""Who decides something by hand in a rehearsal."""


@dataclass(frozen=True, slots=True)
class Rush:
    """``crisis`` goes from a queue that is switched off to the one its contacts go to, if any."""

    crisis: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    overload: bool = False
    """Whether so many wait in all queues together that nobody more may wait."""
    served_by: str | None = None
    served_ago_ms: Millis = 0

    def site_of(self, site: Site) -> Site:
        """The site as it is in this rush."""
        if not self.overload:
            return site
        return replace(site, routing=replace(site.routing, waiting=0))

    def events(self, site: Site) -> Iterator[EngineEvent]:
        """What happened before the call, others who wait being there already."""
        if self.overload:
            yield SiteActivated(self.site_of(site).version)
        for number, (queue, to) in enumerate(self.crisis.items()):
            target = None if to is None else QueueId(qualified(to))
            request = RequestId(f"crisis-{number}")
            yield CrisisStartAsked(request, QueueId(qualified(queue)), target, BY_TEST)

    @property
    def last_agent(self) -> AgentId | None:
        """Who served the caller last."""
        return None if self.served_by is None else AgentId(qualified(self.served_by))

    @property
    def last_agent_ago_ms(self) -> Millis | None:
        """How long ago that was."""
        return None if self.served_by is None else self.served_ago_ms


def read_rush(fields: Fields, read: Reader, words: WordReader) -> Rush:
    """What a caller test says of it."""
    served_by, ago_ms = _served_by(fields, read, words)
    written = fields.value("overload")
    overload = None if written is None else read.flag(written, "the value of overload")
    return Rush(_crisis(fields, read, words), bool(overload), served_by, ago_ms)


def _crisis(fields: Fields, read: Reader, words: WordReader) -> Mapping[str, str | None]:
    tree = fields.value("crisis")
    table = None if tree is None else read.table(tree, "`crisis`", keys=("data",))
    crisis: dict[str, str | None] = {}
    for entry in () if table is None else table.entries:
        queue = words.queue(entry.key)
        to = read.scalar(entry.value, "the queue that callers go to")
        if queue is None or to is None:
            continue
        target = None if to.text == NOWHERE else words.queue(entry.value)
        if to.text == NOWHERE or target is not None:
            crisis[queue] = target
    return crisis


def _served_by(fields: Fields, read: Reader, words: WordReader) -> tuple[str | None, Millis]:
    tree = fields.value("served_by")
    table = None if tree is None else read.table(tree, "`served_by`", keys=('"1001"',))
    if table is None or not table.entries:
        return None, 0
    entry = table.entries[0]
    agent = words.agent(entry.key)
    ago_ms = read.duration(entry.value, "how long ago", low_ms=0, high_ms=AGO_MS_MAX)
    return (None, 0) if agent is None or ago_ms is None else (agent, ago_ms)
