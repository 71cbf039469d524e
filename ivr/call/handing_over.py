"""A caller whom her agent gives away: where she waits then, and what becomes of her if in vain.

From here on she is in the flow's hands no more. She waits, rings and is joined in the same phases
as ever; only the end of a wait leads elsewhere:

| the wait                     | overflows                                                        |
|------------------------------|------------------------------------------------------------------|
| for whom she was given to    | she waits for the agent who gave her away, in that one's queue   |
| for who gave her away        | a work order, a goodbye, the end                                 |

She keeps how long she waited before, and the data that was collected is shown to whoever comes
next. Whoever gave her away is released at once, into the after-contact work of her queue.
"""

from dataclasses import replace

from ivr.call import expert, queueing
from ivr.call.contact import (
    PLAYBACK_MS_MAX,
    WAITING_MS_MAX,
    Contact,
    Stay,
    Turn,
    end_offer,
    end_stay,
    enter,
    part,
    play,
    release,
    silence,
    start_hold,
    stop_hold,
)
from ivr.call.effects import EndEngagement, QueueContact
from ivr.call.model import ReleaseReason
from ivr.call.phases import Phase
from ivr.call.promising import promise
from ivr.call.record import OfferResult, SegmentExit, TransferKind, TransferResult
from ivr.call.speech import Speech, SpeechKind
from ivr.call.transfer_state import Consultation, Handover, Offered, Stage
from ivr.flow.model import PromptKey
from ivr.flow.transfer_names import desk_agent_queue
from router.model import AgentId, Millis, OverflowCause, QueueId, local_name, qualified

CALLBACK_MS_MAX: Millis = 3_600_000
"""Within what time a caller is called back whom no agent took any more: she was being helped."""

TOPIC = "transfer"
"""What such a work order is about."""

CALLED_BACK = (PromptKey("work-order-made"), PromptKey("goodbye"))
"""What she hears who will be called back."""

NOT_CALLED_BACK = (PromptKey("sorry-no-expert"), PromptKey("goodbye"))
"""What she hears whose number nobody knows."""


def give_away(contact: Contact, turn: Turn, queue: QueueId) -> None:
    """Her agent is out of it, and she waits in this queue."""
    held = contact.offered
    if held is None:
        return
    contact.transfers_made += 1
    part(contact, turn)
    _release_agent(contact, turn, held)
    contact.handover = Handover(held.agent, TransferKind.BLIND, queue, turn.at)
    contact.routed = None
    start_hold(contact, turn)
    _wait(contact, turn, queue)


def leave_to(contact: Contact, turn: Turn, asked: Consultation, held: Offered) -> None:
    """Her agent is out of it, and the place of the consultation is hers, however far that is."""
    unasked = asked.stage in (Stage.SEEKING, Stage.ALERTING)
    kind = TransferKind.BLIND if unasked else TransferKind.CONSULTED
    _release_agent(contact, turn, held)
    contact.handover = Handover(held.agent, kind, asked.queue, asked.since)
    contact.routed = asked.name
    contact.queue = asked.queue
    contact.stay = Stay(asked.queue, asked.since)
    contact.offered, contact.consultation = asked.offered, None


def on_overflowed(contact: Contact, turn: Turn, given: Handover, cause: OverflowCause) -> None:
    """The queue gave her up, who had been given away."""
    end_stay(contact, queueing.TOLD[cause], at=turn.at)
    expert.settle(contact, TransferResult.FAILED, at=turn.at)
    hers = _queue_of(given.first)
    # Who was given to that very agent would wait for her once more, in the queue that gave up.
    if given.failed is None and given.queue != hers:
        contact.handover = replace(contact.handover or given, failed=cause)
        contact.routed = None
        _wait(contact, turn, hers)
        return
    stop_hold(contact, turn)
    silence(contact, turn)
    _say_goodbye(contact, turn, given.failed or cause)


def _say_goodbye(contact: Contact, turn: Turn, cause: OverflowCause) -> None:
    if contact.caller_known:
        within_ms = CALLBACK_MS_MAX
        promise(contact, turn, topic=TOPIC, reason=cause.value, skill=None, within_ms=within_ms)
    contact.reason = "transfer_failed"
    contact.speech = Speech(SpeechKind.FAREWELL)
    if contact.flow is not None:
        words = CALLED_BACK if contact.caller_known else NOT_CALLED_BACK
        play(contact, turn, words, contact.flow.language)
    enter(contact, Phase.SPEAKING, at=turn.at, for_ms=PLAYBACK_MS_MAX)


def _wait(contact: Contact, turn: Turn, queue: QueueId) -> None:
    contact.queue = queue
    contact.stay = Stay(queue, turn.at)
    enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)
    turn.emit(QueueContact(contact.id, queue, 0, contact.queueing.waited_ms))


def _release_agent(contact: Contact, turn: Turn, held: Offered) -> None:
    end_stay(contact, SegmentExit.ANSWERED, at=held.answered_at or turn.at)
    end_offer(contact, OfferResult.CONNECTED, at=turn.at)
    contact.typed = None
    turn.emit(EndEngagement(held.offer))
    release(contact, turn, held.leg, ReleaseReason.NORMAL)


def _queue_of(agent: AgentId) -> QueueId:
    return QueueId(qualified(desk_agent_queue(local_name(agent))))
