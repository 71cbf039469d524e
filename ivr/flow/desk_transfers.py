"""What agents may transfer to, laid out once all queues are known: targets and their queues."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.flow.problems import Code, Place, Problems, did_you_mean, quoted
from ivr.flow.read_talk_transfers import DeskDraft, DeskTarget
from ivr.flow.routing import QueueChannel
from ivr.flow.site import DeskTransfers, QueueEntry, TransferTarget
from ivr.flow.transfer_names import desk_agent_queue, desk_target_queue
from ivr.flow.transfers import AGENT_WAIT_MS, TransferBook, agent_requirement, transfer_queue

QueuePlaces = Mapping[str, Mapping[str, Place] | None]
"""Folder -> the qualified names of its queues; None where its queues.yaml could not be read."""


@dataclass(frozen=True, slots=True)
class SiteQueues:
    """The queues that authors wrote: where each stands, and what it says where it could be read."""

    places: QueuePlaces
    entries: Mapping[str, QueueEntry]


@dataclass(frozen=True, slots=True)
class DeskLayout:
    """What agents may transfer to, and the queues that were made for it."""

    transfers: DeskTransfers
    queues: Mapping[str, QueueEntry] = field(default_factory=dict[str, QueueEntry])


class DeskBuilder:
    """Makes the layout, and reports targets that there are not.

    ``book`` has the queues of the transfer nodes, and gets those of targets, so that whether
    anybody can take them is checked together. ``entered`` gathers the queues that are in use.
    """

    def __init__(
        self, queues: SiteQueues, book: TransferBook, entered: set[str], problems: Problems
    ) -> None:
        self._queues = queues
        self._book = book
        self._entered = entered
        self._problems = problems

    def build(self, draft: DeskDraft, agents: Iterable[str]) -> DeskLayout:
        """``agents`` are the site's. Each has a queue, whoever is a target or not: what came to
        nothing returns to her.
        """
        targets: dict[str, TransferTarget] = {}
        made: dict[str, QueueEntry] = {}
        for number, target in draft.targets.items():
            name = target.queue or desk_target_queue(number)
            if target.agent is not None:
                name = desk_agent_queue(target.agent)
            elif target.requirement is not None:
                made[name] = transfer_queue(name, target.requirement, target.wait_ms)
                self._add(made[name], target)
            else:
                self._check_queue(name, target.place)
            targets[number] = TransferTarget(name)
        for agent in agents:
            name = desk_agent_queue(agent)
            made[name] = transfer_queue(name, agent_requirement(agent), AGENT_WAIT_MS)
            if draft.agents_are_targets:
                targets[agent] = TransferTarget(name)
        return DeskLayout(DeskTransfers(draft.keys, targets), made)

    def _add(self, queue: QueueEntry, target: DeskTarget) -> None:
        if queue.name in self._book.queues:
            self._problems.error(
                Code.BAD_NAME,
                self._book.places[queue.name],
                f"The queue of this transfer would be called {quoted(queue.name)}, as that of a "
                "target of site.yaml is.",
                "Give the hotline, the flow or the node another name.",
            )
        self._book.queues[queue.name] = queue
        self._book.places[queue.name] = target.place

    def _check_queue(self, name: str, place: Place) -> None:
        known = self._queues.places.get(name.partition("/")[0], {})
        self._entered.add(name)
        if self._problems.full(place.file):
            return
        entry = self._queues.entries.get(name)
        if entry is not None and entry.channel is not QueueChannel.VOICE:
            self._problems.error(
                Code.QUEUE_NOT_FOR_VOICE,
                place,
                f"The queue {quoted(name)} is for chats, and who is transferred calls.",
                "Name a queue of the channel voice.",
            )
        if known is None or name in known:
            return
        every = [each for queues in self._queues.places.values() for each in queues or ()]
        self._problems.error(
            Code.UNKNOWN_QUEUE,
            place,
            f"There is no queue {quoted(name)}.",
            did_you_mean(name, every, otherwise="Add it to the queues.yaml of that folder."),
        )
