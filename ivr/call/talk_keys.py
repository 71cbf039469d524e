"""What an agent asks of her talk, by keys in it or from outside: consult, give away, and so on.

Keys are gathered as they come, and are over when none came for a while. What no order begins with
is forgotten: a talk is not interrupted for it. Who orders what cannot be done, for a target that
there is not or once too often, hears so while her caller hears music, and the two talk on: else she
would wait for somebody whom nobody rings. Only keys of the caller's agent count; those of the
caller herself, and of an expert who is asked, never do anything here.
"""

from collections.abc import Mapping

from ivr.call import consulting, handing_over, offers
from ivr.call.contact import Contact, Turn, part, start_hold
from ivr.call.effects import TransferAnswer
from ivr.call.events import TransferOrder, TransferRequested
from ivr.call.phases import TABLE, Phase, Verdict
from ivr.call.record import TRANSFERS_MAX
from ivr.call.service import REFUSED
from ivr.call.transfer_state import Typed
from ivr.flow.model import PromptKey
from ivr.flow.site import DeskTransfers, TalkKeys
from router.model import AgentId, Millis, QueueId, qualified

BETWEEN_KEYS_MS: Millis = 4_000
"""From one key to the next; what comes later begins anew."""

TYPED_MAX = 32
"""Keys of one order: those of the order itself, the longest name that can be dialled, and ``#``."""

TOLD: Mapping[TransferAnswer, PromptKey] = {
    TransferAnswer.NO_SUCH_TARGET: PromptKey("agent-no-such-target"),
    TransferAnswer.TOO_MANY: REFUSED,
}
"""What an agent in a talk hears whose order is not carried out."""

_MARK, _END = "*", "#"
"""With the first every order begins, and no target has it: so a slip can be taken back."""


def on_key(contact: Contact, turn: Turn, key: str) -> bool:
    """The agent pressed a key; whether it says anything so far, or did."""
    desk = turn.desk
    if desk is None:
        if contact.phase is not Phase.CONSULTING:
            return False
        # The site has no transfers any more, but she is amid one and must get out of it.
        desk = DeskTransfers()
    typed = _typed(contact, turn.at, desk.keys, key)
    orders = {desk.keys.complete: TransferOrder.COMPLETE, desk.keys.cancel: TransferOrder.CANCEL}
    if typed in orders:
        contact.typed = None
        return carry_out(contact, turn, orders[typed], None) is TransferAnswer.DONE
    if typed.endswith(_END):
        contact.typed = None
        answer = carry_out(contact, turn, *_aimed(typed, desk))
        return answer is TransferAnswer.DONE or _tell(contact, turn, answer)
    contact.typed = Typed(typed, turn.at + BETWEEN_KEYS_MS) if typed else None
    return bool(typed)


def is_with(contact: Contact, agent: AgentId) -> bool:
    """Whether this agent talks to the caller, or asks somebody for her."""
    is_hers = contact.offered is not None and contact.offered.agent == agent
    return is_hers and TABLE[contact.phase, TransferRequested] is Verdict.HANDLE


def carry_out(
    contact: Contact, turn: Turn, order: TransferOrder, queue: QueueId | None
) -> TransferAnswer:
    """Do what the agent asks for who has this contact, as far as it can be done now."""
    is_consulting = contact.phase is Phase.CONSULTING
    match order:
        case TransferOrder.COMPLETE | TransferOrder.CANCEL if not is_consulting:
            return TransferAnswer.NOT_CONSULTING
        case TransferOrder.COMPLETE:
            consulting.complete(contact, turn)
        case TransferOrder.CANCEL:
            consulting.cancel(contact, turn)
        case TransferOrder.CONSULT | TransferOrder.BLIND:
            return _begin(contact, turn, order, queue)
    return TransferAnswer.DONE


def _begin(
    contact: Contact, turn: Turn, order: TransferOrder, queue: QueueId | None
) -> TransferAnswer:
    if queue is None:
        return TransferAnswer.NO_SUCH_TARGET
    if contact.phase is Phase.CONSULTING:
        return TransferAnswer.ALREADY_CONSULTING
    if contact.transfers_made >= TRANSFERS_MAX:
        return TransferAnswer.TOO_MANY
    if order is TransferOrder.CONSULT:
        consulting.begin(contact, turn, queue)
    else:
        handing_over.give_away(contact, turn, queue)
    return TransferAnswer.DONE


def _tell(contact: Contact, turn: Turn, answer: TransferAnswer) -> bool:
    """Let her hear that her order is not carried out; whether she could."""
    told = TOLD.get(answer)
    if told is None or contact.phase is not Phase.CONNECTED:
        return False
    part(contact, turn)
    start_hold(contact, turn)
    offers.talk_again(contact, turn, (told,))
    return True


def _typed(contact: Contact, at: Millis, keys: TalkKeys, key: str) -> str:
    """All that was keyed of an order, this key included; empty where no order begins so."""
    before = contact.typed
    so_far = "" if before is None or at >= before.until else before.keys
    every = (keys.consult, keys.blind, keys.complete, keys.cancel)
    for typed in (so_far + key, key):
        if len(typed) <= TYPED_MAX and _begins(typed, every, keys):
            return typed
    return ""


def _begins(typed: str, every: tuple[str, ...], keys: TalkKeys) -> bool:
    aimed = (keys.consult, keys.blind)
    is_aimed = typed.startswith(aimed) and _MARK not in typed[1:]
    return is_aimed or any(each.startswith(typed) for each in every)


def _aimed(typed: str, desk: DeskTransfers) -> tuple[TransferOrder, QueueId | None]:
    """The order that is followed by a target, and the queue of that target."""
    orders: Mapping[str, TransferOrder] = {
        desk.keys.consult: TransferOrder.CONSULT,
        desk.keys.blind: TransferOrder.BLIND,
    }
    keys = next(each for each in orders if typed.startswith(each))
    target = desk.targets.get(typed.removeprefix(keys).removesuffix(_END))
    return orders[keys], None if target is None else QueueId(qualified(target.queue))
