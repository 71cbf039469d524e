"""When a caller's keys are to be seen by nobody: the core's side of the vault.

The core never sees a sensitive digit. It says from when on keys are hidden, and at the edge the
vault takes each key before it becomes a turn. Since what is said is done before the next event
enters, the two agree at every event.

- *open*: keys come as they are.
- *drops*: a key is told, but not which; it is kept nowhere. So it is before an entry (in the
  prompts that lead to it) and after it, till something else is asked for: a digit too many is of
  the secret still.
- *takes*: each key belongs to the entry of ``Contact.secret``, of which there is one an attempt.
- *fades*: something else is asked for, but she may not have noticed. Keys are hidden till none came
  for a while, which the vault decides, or till the question's prompts were heard to their end.

In a queue that offers no keys, and in a talk, nothing is asked for: what was hidden stays so.
"""

from ivr.call.contact import Contact, Turn
from ivr.call.effects import LiftShield, ShieldKeys
from ivr.call.model import Shielding
from ivr.flow.actions import Action, Ask, JoinQueue
from ivr.flow.collecting import DigitRules
from ivr.flow.secrets import asks_for_secrets
from ivr.flow.transferring import CallOutside
from ivr.flow.values import NO_SECRET, SecretRef


def take_in(contact: Contact, turn: Turn) -> None:
    """She was up before we met her: where secrets are asked for, she may be keying one.

    Elsewhere her first key counts; the vault, which hides her since she came, is told so.
    """
    if asks_for_secrets(contact.hotline.flow):
        contact.shielding = Shielding.DROPS
    else:
        turn.emit(LiftShield(contact.caller_leg, at_once=True))


def follow(contact: Contact, turn: Turn, action: Action) -> None:
    """Shield or show the keys that come while this is done; before any of it is asked for."""
    match action:
        case Ask(secret=None):
            _fade(contact, turn)
        case JoinQueue():
            at_queue(contact, turn)
        case CallOutside():
            hush_talk(contact, turn)
        case Ask(secret=rules, barge_in=barge_in, prompts=prompts):
            # What was typed ahead was no secret's: it came in the open.
            contact.keys.clear()
            if rules is None or _is_under_way(contact):
                return
            if barge_in or not prompts:
                _take(contact, turn, rules)
            else:
                _drop(contact, turn)
        case _:
            is_hushed = (
                contact.flow is not None and contact.flow.node in contact.hotline.flow.hushed
            )
            if is_hushed or contact.shielding is Shielding.TAKES:
                _drop(contact, turn)


def at_queue(contact: Contact, turn: Turn) -> None:
    """She waits: only where a key means something there may it be seen."""
    if contact.keys_offered:
        _fade(contact, turn)
    else:
        break_off(contact, turn)


def hush_talk(contact: Contact, turn: Turn) -> None:
    """She is put through: her keys mean nothing to us, and may be those that we asked her for."""
    if contact.secrets_made or contact.shielding is not Shielding.OPEN:
        _drop(contact, turn)


def listen(contact: Contact, turn: Turn, *, heard: bool) -> None:
    """The prompts of a question are over, ``heard`` if they were played to their end.

    A secret that could not cut them is taken from now on; what is no secret is seen if she heard
    what is asked for now.
    """
    if heard and contact.shielding is Shielding.FADES:
        contact.shielding = Shielding.OPEN
        turn.emit(LiftShield(contact.caller_leg, at_once=True))
    rules = contact.speech.secret if contact.speech else None
    if rules is not None and contact.shielding is not Shielding.TAKES:
        _take(contact, turn, rules)


def _is_under_way(contact: Contact) -> bool:
    return contact.flow is not None and contact.flow.secret is not None


def _take(contact: Contact, turn: Turn, rules: DigitRules) -> None:
    contact.secrets_made += 1
    contact.secret = SecretRef(f"{contact.id}.s{contact.secrets_made}")
    contact.shielding = Shielding.TAKES
    turn.emit(ShieldKeys(contact.caller_leg, contact.secret, rules))


def _drop(contact: Contact, turn: Turn) -> None:
    contact.keys.clear()
    contact.secret = NO_SECRET
    if contact.shielding is not Shielding.DROPS:
        contact.shielding = Shielding.DROPS
        turn.emit(ShieldKeys(contact.caller_leg, NO_SECRET, None))


def break_off(contact: Contact, turn: Turn) -> None:
    """Nothing is asked for any more; whoever keys on, not knowing it, is still seen by nobody."""
    if contact.shielding is not Shielding.OPEN:
        _drop(contact, turn)


def _fade(contact: Contact, turn: Turn) -> None:
    contact.secret = NO_SECRET
    if contact.shielding in (Shielding.DROPS, Shielding.TAKES):
        contact.shielding = Shielding.FADES
        turn.emit(LiftShield(contact.caller_leg, at_once=False))
