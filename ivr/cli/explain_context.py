"""What the sentence on one decision needs of the others about the same contact, and of the site."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.flow.site import QueueEntry
from ivr.flow.transfer_names import agent_waited_for, desk_target_queue
from ivr.flow.transfers import asked_text
from router.explain import (
    Answered,
    Decision,
    Ended,
    Left,
    LetIn,
    Moved,
    Offered,
    OfferLost,
    Overflowed,
    Refused,
)
from router.explaining import CONSULTATION
from router.model import AgentId, ContactId, Millis, QueueId, local_name


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a decision by those before and after it."""

    is_offered_at_once: bool = False
    """Whether an agent was rung in the very moment in which the queue took it in."""
    returns: bool = False
    """Whether it talked before to the agent to whom it is passed on."""
    moved_after_ms: Millis | None = None
    """How long it had waited in all, where it came into its queue by a move."""
    asked_by: str | None = None
    """Who asked for just this by a command, as the machine knows them."""
    left_in: ContactId | None = None
    """The consultation whose place it has from now on, where its agent left it to an expert."""
    left_to: AgentId | None = None
    """That expert, where she had answered by then."""


def about(decisions: Sequence[Decision], index: int) -> About:
    """What is known of the decision there; consultations are contacts of their own."""
    decision = decisions[index]
    before = [each for each in decisions[:index] if each.contact == decision.contact]
    match decision:
        case LetIn():
            agent = waited_for(decision.queue)
            met = {each.agent for each in before if isinstance(each, Answered)}
            return About(_is_offered_at_once(decisions, index), returns=agent in met)
        case Answered():
            return About(moved_after_ms=_moved_after_ms(decision, before))
        case Ended() if not is_consultation(decision.contact):
            return _left_behind(decisions[:index], decision.contact)
        case _:
            return About()


def _is_offered_at_once(decisions: Sequence[Decision], index: int) -> bool:
    told = decisions[index]
    return any(
        isinstance(each, Offered) and each.contact == told.contact
        for each in decisions[index + 1 :]
        if each.at == told.at
    )


def _moved_after_ms(answered: Answered, before: Sequence[Decision]) -> Millis | None:
    in_queue = [each for each in before if isinstance(each, LetIn | Moved)]
    let_in = [each for each in in_queue if isinstance(each, LetIn)]
    if not let_in or not isinstance(in_queue[-1], Moved):
        return None
    return answered.at - let_in[-1].at


def _left_behind(before: Sequence[Decision], contact: ContactId) -> About:
    """The consultation that outlives the talk in which it began: the caller has its place then."""
    going_on: dict[ContactId, AgentId | None] = {}
    for each in before:
        if not each.contact.startswith(f"{contact}{CONSULTATION}"):
            continue
        match each:
            case LetIn() | OfferLost():
                going_on[each.contact] = None
            case Answered():
                going_on[each.contact] = each.agent
            case Ended() | Left() | Overflowed():
                going_on.pop(each.contact, None)
            case _:
                pass
    left_in = next(iter(going_on), None)
    return About(left_in=left_in, left_to=None if left_in is None else going_on[left_in])


def asker(decisions: Sequence[Decision], index: int) -> AgentId | None:
    """Who asks for somebody, where a consultation begins with this decision; None of others."""
    told = decisions[index]
    if not is_consultation(told.contact) or not isinstance(told, LetIn | Refused):
        return None
    root = told.contact.rpartition(CONSULTATION)[0]
    talks: AgentId | None = None
    for each in decisions[:index]:
        if each.contact == root and isinstance(each, Answered):
            talks = each.agent
        elif isinstance(each, Ended | OfferLost) and each.agent == talks:
            talks = None
    return talks


def is_consultation(contact: ContactId) -> bool:
    """Whether this is an agent who asks somebody, rather than a caller."""
    return CONSULTATION in contact


def waited_for(queue: QueueId) -> AgentId | None:
    """The one agent for whom contacts wait in this queue, sent there by an agent."""
    name = agent_waited_for(local_name(queue))
    return None if name is None else AgentId(queue.removesuffix(local_name(queue)) + name)


def who_is_asked(queue: QueueId, queues: Mapping[str, QueueEntry]) -> str:
    """For whom contacts wait there: ``1003``, ``somebody of 10086/data``."""
    name = local_name(queue)
    agent, entry = agent_waited_for(name), queues.get(name)
    if agent is not None:
        return agent
    if name.startswith(desk_target_queue("")) and entry is not None:
        return f"an expert with {asked_text(entry.steps[0].requirement)}"
    return f"somebody of {name}"
