"""Crises of queues and moved contacts, as the control socket asks for them."""

from typing import assert_never

from ivr.adapters.control.wire import AskCrisisEnd, AskCrisisStart, AskMove
from ivr.engine.by_command import (
    ContactMoveAsked,
    CrisisEndAsked,
    CrisisStartAsked,
    QueueCommand,
)
from router.model import ContactId, QueueId, RequestId, qualified


def command_of(ask: AskCrisisStart | AskCrisisEnd | AskMove, request: RequestId) -> QueueCommand:
    """What the engine is told when this is asked."""
    match ask:
        case AskCrisisStart():
            to = None if ask.to is None else _queue(ask.to)
            return CrisisStartAsked(request, _queue(ask.queue), to, ask.by)
        case AskCrisisEnd():
            return CrisisEndAsked(request, _queue(ask.queue), ask.by)
        case AskMove():
            queue = None if ask.queue is None else _queue(ask.queue)
            contact = ContactId(ask.contact)
            return ContactMoveAsked(request, contact, queue, ask.priority_ms, ask.by)
        case _:
            assert_never(ask)


def _queue(name: str) -> QueueId:
    return QueueId(name if ":" in name else qualified(name))
