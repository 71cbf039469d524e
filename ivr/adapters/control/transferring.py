"""Transfers asked for over the control socket: whom they name, as the call core's event."""

from ivr.adapters.control.problem import ControlCode
from ivr.adapters.control.wire import AskTransfer, Trouble
from ivr.call.events import TransferOrder, TransferRequested
from ivr.flow.problems import did_you_mean, listing, quoted
from ivr.flow.requirement import RequirementMistake, parse_requirement
from ivr.flow.routing import QueueChannel
from ivr.flow.site import QueueEntry, Site
from ivr.flow.transfer_names import desk_agent_queue, desk_target_queue, is_transfer_queue
from ivr.flow.transfers import asked_text
from router.model import AgentId, QueueId, RequestId, as_qualified, qualified

_AIMED = (TransferOrder.CONSULT, TransferOrder.BLIND)


def transfer_event(ask: AskTransfer, site: Site, request: RequestId) -> TransferRequested | Trouble:
    """What the engine is told when this is asked; the trouble where the site has no such target."""
    agent = AgentId(as_qualified(ask.agent))
    if ask.order not in _AIMED:
        return TransferRequested(request, agent, ask.order)
    if site.desk_transfers is None:
        return _trouble(
            "this site has no transfers by agents: write `transfers:` in site.yaml, and run "
            "`expertline reload`"
        )
    queue = _queue(ask, site)
    if isinstance(queue, Trouble):
        return queue
    return TransferRequested(request, agent, ask.order, QueueId(qualified(queue)))


def _queue(ask: AskTransfer, site: Site) -> str | Trouble:
    match ask:
        case AskTransfer(queue=str(queue), expert=None, to=None):
            return _named(queue.removeprefix(qualified("")), site)
        case AskTransfer(queue=None, expert=str(expert), to=None):
            return _for_expert(expert, site)
        case AskTransfer(queue=None, expert=None, to=str(agent)):
            return _for_agent(agent.removeprefix(qualified("")), site)
        case _:
            return _trouble("name one of queue, expert and to")


def _named(queue: str, site: Site) -> str | Trouble:
    entry = site.queues.get(queue)
    if entry is not None and entry.channel is not QueueChannel.VOICE:
        return _trouble(f"the queue {quoted(queue)} is for chats: name one of the channel voice")
    if entry is not None:
        return queue
    known = [each for each in site.queues if not is_transfer_queue(each)]
    near = did_you_mean(queue, known, otherwise=f"Its queues: {listing(known)}.")
    return _trouble(f"the site has no queue {quoted(queue)}. {near}")


def _for_expert(asked: str, site: Site) -> str | Trouble:
    """The queue of the target that asks for just this: a queue has to be there before a call is."""
    parsed = parse_requirement(asked)
    if isinstance(parsed, RequirementMistake):
        return _trouble(
            f"{quoted(asked)} can not be read: {parsed.message}; write skills and levels, such as "
            '"data >= 3"'
        )
    targets = () if site.desk_transfers is None else site.desk_transfers.targets.values()
    experts = {
        _asked(queue): queue.name
        for target in targets
        if (queue := site.queues.get(target.queue)) is not None and _is_made(queue)
    }
    for queue in experts.values():
        if site.queues[queue].steps[0].requirement == parsed.requirement:
            return queue
    return _trouble(
        f"no target of site.yaml asks for {quoted(asked)}: add one under `transfers:`, "
        f"`targets:`; there are: {listing(experts)}"
    )


def _for_agent(agent: str, site: Site) -> str | Trouble:
    if agent not in site.agents:
        near = did_you_mean(agent, site.agents, otherwise=f"Its agents: {listing(site.agents)}.")
        return _trouble(f"the site has no agent {quoted(agent)}. {near}")
    return desk_agent_queue(agent)


def _is_made(queue: QueueEntry) -> bool:
    """Whether a target made it that asks for an expert, rather than for an agent."""
    return queue.name.startswith(desk_target_queue(""))


def _asked(queue: QueueEntry) -> str:
    return asked_text(queue.steps[0].requirement)


def _trouble(sentence: str) -> Trouble:
    return Trouble(ControlCode.UNKNOWN_TARGET, sentence)
