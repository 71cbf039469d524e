"""What happens to a call outside, and what the caller meets next.

She is put through for good: when the other side hangs up the contact ends. Till then a failure
leads the flow on, by the way that its node names.
"""

from ivr.call import in_flow, leaving, outside
from ivr.call.contact import Contact, Turn
from ivr.call.model import LegId, Outcome, ReleaseReason
from ivr.flow.model import OutsideExit
from ivr.flow.transferring import OutsideFailed


def on_answered(contact: Contact, turn: Turn, leg: LegId) -> None:
    """A leg that is not the caller's is up; one that nobody waits for any more is released."""
    if outside.is_outside(contact, leg):
        outside.on_answered(contact, turn)
    else:
        leaving.on_late_answer(contact, turn, leg)


def on_gone(contact: Contact, turn: Turn, leg: LegId, cause: int | None) -> None:
    """A leg that is not the caller's ended."""
    if not outside.is_outside(contact, leg):
        return
    if outside.is_joined(contact):
        leaving.finish(contact, turn, Outcome.TRANSFERRED, reason="other_side_hung_up")
    else:
        _fail(contact, turn, outside.exit_of(contact, cause))


def on_command_failed(contact: Contact, turn: Turn) -> None:
    """It can not be dialled, or not be joined."""
    if not outside.is_joined(contact):
        _fail(contact, turn, OutsideExit.FAILED)


def on_deadline(contact: Contact, turn: Turn) -> None:
    """Nobody picked up in time; or the two were not joined in time; or they talked too long."""
    if outside.is_joined(contact):
        leaving.finish(contact, turn, Outcome.TRANSFERRED, reason="talk_time_over")
    elif contact.outside is not None and contact.outside.answered_at is not None:
        contact.playbacks.clear()
        contact.cut.clear()
        _fail(contact, turn, OutsideExit.FAILED)
    else:
        _fail(contact, turn, OutsideExit.NO_ANSWER)


def _fail(contact: Contact, turn: Turn, exit: OutsideExit) -> None:
    unanswered = exit is OutsideExit.NO_ANSWER
    reason = ReleaseReason.NO_ANSWER if unanswered else ReleaseReason.NORMAL
    outside.give_up(contact, turn, reason)
    in_flow.on_outside_failed(contact, turn, OutsideFailed(exit))
