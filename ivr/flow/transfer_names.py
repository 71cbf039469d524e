"""The names of the queues that transfers come to: which transfer, by the name alone.

Names of authors have no ``/``, so that none of them can be the name of such a queue.
"""

TRANSFER = "transfer"
"""Begins the name of each queue that no author wrote."""

_DESK = "desk"


def transfer_queue_name(hotline: str, flow: str, node: str) -> str:
    """The name of the queue behind this transfer node; with more parts than an author's queue."""
    return f"{TRANSFER}/{hotline}/{flow}/{node}"


def desk_target_queue(number: str) -> str:
    """The name of the queue behind this target of ``transfers`` in site.yaml."""
    return transfer_queue_name(_DESK, "targets", number)


def desk_agent_queue(agent: str) -> str:
    """The name of the queue in which callers wait for this one agent, sent there by an agent."""
    return transfer_queue_name(_DESK, "agents", agent)


def agent_waited_for(queue: str) -> str | None:
    """The agent for whom callers wait in this queue, sent there by an agent; None of any other.

    The router is told so with each contact, as of a preferred agent, and nobody has the skill that
    the queue asks for: there is such a queue for every agent, and were each of them told from all
    others by a skill of her own, a decision would have to look at them one by one.
    """
    beginning = desk_agent_queue("")
    return queue.removeprefix(beginning) if queue.startswith(beginning) else None


def is_transfer_queue(queue: str) -> bool:
    """Whether a transfer made this queue, by its name."""
    return queue.startswith(f"{TRANSFER}/") and queue.count("/") > 1
