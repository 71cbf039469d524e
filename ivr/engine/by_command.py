"""What whoever runs the centre decides about queues and who waits in them, and what came of it.

The router passes over what makes no sense, for it may be told of it twice or late. Somebody who
types a command has to hear which name was wrong: so what is asked is held against the router's
queues first, and reaches it only where it changes something.
"""

from dataclasses import dataclass
from typing import assert_never

from ivr.engine.command_answer import CommandAnswer as CommandAnswer
from router.core import Router
from router.events import ContactChanged, CrisisDeclared, CrisisEnded
from router.model import ContactId, Crisis, Millis, QueueId, RequestId
from router.views import QueueView


@dataclass(frozen=True, slots=True)
class CrisisStartAsked:
    """Nobody waits in this queue from now on: all go ``to`` another, or on by their flows.

    Of a queue that is switched off already, it leads the contacts elsewhere.
    """

    request: RequestId
    queue: QueueId
    to: QueueId | None
    by: str


@dataclass(frozen=True, slots=True)
class CrisisEndAsked:
    """The queue is as it was before."""

    request: RequestId
    queue: QueueId
    by: str


@dataclass(frozen=True, slots=True)
class ContactMoveAsked:
    """A waiting contact shall wait elsewhere, or be worth another priority; None is as is."""

    request: RequestId
    contact: ContactId
    queue: QueueId | None
    priority_ms: Millis | None
    by: str


QueueCommand = CrisisStartAsked | CrisisEndAsked | ContactMoveAsked


@dataclass(frozen=True, slots=True)
class AnswerCommand:
    """Tell who asked what became of it, once that is kept."""

    request: RequestId
    answer: CommandAnswer


def event_of(command: QueueCommand) -> ContactChanged | CrisisDeclared | CrisisEnded:
    """What the router is told."""
    match command:
        case CrisisStartAsked():
            return CrisisDeclared(command.queue, command.to)
        case CrisisEndAsked():
            return CrisisEnded(command.queue)
        case ContactMoveAsked():
            return ContactChanged(command.contact, command.queue, command.priority_ms)
        case _:
            assert_never(command)


def judged(command: QueueCommand, router: Router) -> CommandAnswer:
    """What comes of this command; the router is to be told only of what is ``DONE``."""
    queues = {each.queue: each for each in router.queues()}
    match command:
        case CrisisStartAsked():
            return _start(command, queues)
        case CrisisEndAsked(queue=queue):
            if queue not in queues:
                return CommandAnswer.UNKNOWN_QUEUE
            in_crisis = queues[queue].crisis is not None
            return CommandAnswer.DONE if in_crisis else CommandAnswer.UNCHANGED
        case ContactMoveAsked():
            return _move(command, queues, router)
        case _:
            assert_never(command)


def _start(command: CrisisStartAsked, queues: dict[QueueId, QueueView]) -> CommandAnswer:
    known = queues.get(command.queue)
    if known is None:
        return CommandAnswer.UNKNOWN_QUEUE
    if command.to is not None and command.to not in queues:
        return CommandAnswer.UNKNOWN_TARGET
    if command.to == command.queue:
        return CommandAnswer.SAME_QUEUE
    return CommandAnswer.UNCHANGED if known.crisis == Crisis(command.to) else CommandAnswer.DONE


def _leads_on(crisis: Crisis, queues: dict[QueueId, QueueView]) -> bool:
    """Whether who comes there goes to a queue where somebody is."""
    way = None if crisis.to is None else queues.get(crisis.to)
    return way is not None and way.crisis is None and way.staffed > 0


def _move(
    command: ContactMoveAsked, queues: dict[QueueId, QueueView], router: Router
) -> CommandAnswer:
    waits_in = router.waits_in(command.contact)
    if command.queue is not None and command.queue not in queues:
        return CommandAnswer.UNKNOWN_QUEUE
    if waits_in is None:
        return CommandAnswer.NOT_WAITING
    is_new = command.queue not in (None, waits_in)
    if is_new and command.queue is not None:
        to = queues[command.queue]
        if to.crisis is not None:
            if not _leads_on(to.crisis, queues):
                return CommandAnswer.IN_CRISIS
        elif not to.staffed:
            return CommandAnswer.NOBODY_THERE
    return (
        CommandAnswer.DONE
        if is_new or command.priority_ms is not None
        else (CommandAnswer.UNCHANGED)
    )
