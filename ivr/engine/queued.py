"""A contact that begins to wait, as the router is told of it."""

from ivr.call.effects import QueueContact
from ivr.flow.transfer_names import agent_waited_for
from ivr.flow.transfers import AGENT_WAIT_MS
from router.events import ContactQueued
from router.model import AgentId, local_name, qualified


def contact_queued(message: QueueContact) -> ContactQueued:
    """The router's event for it; who was sent to one agent waits for her as a preferred one."""
    preferred, preferred_ms = message.preferred, message.preferred_ms
    agent = agent_waited_for(local_name(message.queue))
    if agent is not None:
        preferred, preferred_ms = AgentId(qualified(agent)), AGENT_WAIT_MS
    return ContactQueued(
        message.contact,
        message.queue,
        message.priority_ms,
        message.waited_ms,
        preferred,
        preferred_ms,
        message.preferred_must_serve,
    )
