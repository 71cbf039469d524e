"""Warns of secrets that are asked for in vain: keyed in by callers and sent to no service.

Nothing but a service can do anything with a secret, so a caller is asked for it needlessly, and
most likely a line under ``send:`` was forgotten.
"""

from ivr.flow.model import Collect, Held, Lookup
from ivr.flow.problems import Code, Problems, quoted
from ivr.flow.written import CallFlow, Written, WrittenFlow


def warn_unsent(flows: Written, problems: Problems) -> None:
    """Name each sensitive ``collect`` whose secret neither goes to a service nor to another flow.

    ``flows`` are all of a hotline: what a called flow collects, its caller may take and send.
    """
    if not all(flow.is_readable for flow in flows.values()):
        return
    for flow in flows.values():
        passed_on = _sent(flow) | _taken(flows, flow.name)
        for name, node in flow.nodes.items():
            if not isinstance(node, Collect) or not node.sensitive or node.into.name in passed_on:
                continue
            problems.warn(
                Code.SECRET_UNSENT,
                flow.places[name],
                f"Callers key in the secret {quoted(node.into.name)} here, and no service is sent "
                "it.",
                f"Send {node.into.name} under `send:` of a lookup, or do not ask for it.",
            )


def _sent(flow: WrittenFlow) -> set[str]:
    """What this flow sends to services and hands on to flows that it calls."""
    lookups = (node for node in flow.nodes.values() if isinstance(node, Lookup))
    sent = {each.held.name for node in lookups for each in node.sends if each.held is not None}
    calls = (jump for jump in flow.jumps.values() if isinstance(jump, CallFlow))
    given = {each.to.name for call in calls for each in call.given if isinstance(each.to, Held)}
    return sent | given


def _taken(flows: Written, called: str) -> set[str]:
    """What callers of this flow take from it when it returns."""
    jumps = (jump for flow in flows.values() for jump in flow.jumps.values())
    calls = (jump for jump in jumps if isinstance(jump, CallFlow) and jump.flow == called)
    return {each.to.name for call in calls for each in call.taken if isinstance(each.to, Held)}
