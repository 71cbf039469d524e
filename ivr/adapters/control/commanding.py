"""Crises of queues and moved contacts, as the control socket asks for them."""

from typing import assert_never

from ivr.adapters.control.problem import ControlCode
from ivr.adapters.control.wire import AskCrisisEnd, AskCrisisStart, AskMove, Trouble
from ivr.engine.by_command import (
    ContactMoveAsked,
    CrisisEndAsked,
    CrisisStartAsked,
    QueueCommand,
)
from ivr.flow.problems import quoted
from ivr.flow.routing import QueueChannel
from ivr.flow.site import Site
from router.model import ContactId, QueueId, RequestId, as_qualified, qualified


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


def channel_trouble(ask: AskCrisisStart | AskCrisisEnd | AskMove, site: Site) -> Trouble | None:
    """Why no call can go where this asks; an agent may have several chats, but one call only."""
    match ask:
        case AskCrisisStart(to=str(to)):
            is_of_calls = _is_for_calls(ask.queue, site)
        case AskMove(queue=str(to)):
            is_of_calls = True
        case _:
            return None
    if not is_of_calls or _is_for_calls(to, site):
        return None
    sentence = f"the queue {quoted(to)} is for chats, and calls wait: name one of the channel voice"
    return Trouble(ControlCode.UNKNOWN_TARGET, sentence)


def _is_for_calls(queue: str, site: Site) -> bool:
    entry = site.queues.get(queue.removeprefix(qualified("")))
    return entry is None or entry.channel is QueueChannel.VOICE


def _queue(name: str) -> QueueId:
    return QueueId(as_qualified(name))
