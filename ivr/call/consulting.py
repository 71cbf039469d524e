"""An agent asks an expert while her caller is on hold: all of the phase *consulting*.

Where it stands is the consultation's stage. For the router it is one more contact, so that an
expert is found, rung and missed like anybody else; the caller keeps her agent all the while.

| stage      | what is heard                        | ends by                                     |
|------------|--------------------------------------|---------------------------------------------|
| *seeking*  | caller and first agent: music        | an offer, the queue giving up               |
| *alerting* | caller and first agent: music        | an answer, a decline, the ring's time       |
| *joining*  | caller: music; the agents: a moment  | the bridge, or its failure                  |
| *talking*  | caller: music; the agents each other | either agent, or `CONSULT_MS_MAX`           |

What leads where (a pair that is not told is late, and counted):

| event                   | seeking     | alerting    | joining     | talking     |
|-------------------------|-------------|-------------|-------------|-------------|
| *complete*, or the      | the caller waits on for the | caller and expert are     |
| first agent's leg ends  | expert, as if given away    | joined                    |
| *cancel*                | caller and first agent are joined again                  ||
| offer made              | alerting    | failed back | failed back | failed back |
| offer taken back        |             | seeking     | seeking     | seeking     |
| the queue gives up      | back        |             |             |             |
| the queue is another    | noted       | noted       | noted       | noted       |
| expert answers          |             | joining     |             |             |
| expert's leg ends       |             | seeking (1) | seeking     | back        |
| bridged                 |             |             | talking     |             |
| dial or bridge fails    |             | seeking     | seeking     |             |
| its time is over        | back        | seeking     | seeking     | back        |
| caller's leg ends       | both agents are released: she was served                 ||

(1) back, if she declined who alone was meant.

*Back* is the phase *joining*, with the first agent's offer: so what can go wrong
there goes on as it does for any agent. Who did not ask for it herself hears a prompt first. A
consultation never outlasts the talk that it is a part of.
"""

from dataclasses import replace
from typing import assert_never

from ivr.call import expert, handing_over, leaving, offers
from ivr.call.contact import (
    ALERTING_GRACE_MS,
    JOINING_MS_MAX,
    WAITING_MS_MAX,
    Contact,
    Turn,
    bridge_with,
    dial_leg,
    enter,
    part,
    start_hold,
)
from ivr.call.effects import (
    AcceptOffer,
    DialDevice,
    FailOffer,
    QueueContact,
    StartHoldMusic,
    StopHoldMusic,
    WithdrawContact,
)
from ivr.call.events import (
    CommandFailed,
    ContactMessage,
    ContactMoved,
    ContactOverflowed,
    OfferMade,
    OfferRescinded,
    PositionAnnounced,
)
from ivr.call.model import LegId, Outcome, ReleaseReason
from ivr.call.phases import Phase
from ivr.call.record import OfferResult, TransferResult
from ivr.call.transfer_state import Consultation, Offered, Stage
from ivr.flow.model import PromptKey
from ivr.flow.transfer_names import desk_agent_queue
from router.model import ContactId, Millis, OfferFailure, QueueId, RescindReason, local_name

CONSULT_MS_MAX = 30 * 60_000
"""The longest that two agents talk while a caller hears music."""

NOBODY_THERE = PromptKey("agent-consult-failed")
"""What an agent hears whose consultation came to nothing."""


def begin(contact: Contact, turn: Turn, queue: QueueId) -> None:
    """The caller hears music, and so does her agent while an expert is sought in this queue."""
    held = contact.offered
    if held is None:
        return
    contact.transfers_made += 1
    name = ContactId(f"{contact.id}.t{contact.transfers_made}")
    contact.consultation = Consultation(name, queue, turn.at)
    part(contact, turn)
    start_hold(contact, turn)
    turn.emit(StartHoldMusic(held.leg))
    _stay(contact, turn, WAITING_MS_MAX)
    turn.emit(QueueContact(name, queue, 0, expert.waited_ms(contact)))


def complete(contact: Contact, turn: Turn) -> None:
    """The first agent is out of it, by her wish or because her line ended."""
    asked, held = contact.consultation, contact.offered
    if asked is None or held is None:
        return
    handing_over.leave_to(contact, turn, asked, held)
    match asked.stage:
        case Stage.SEEKING:
            enter(contact, Phase.WAITING, at=turn.at, for_ms=WAITING_MS_MAX)
        case Stage.ALERTING:
            enter(contact, Phase.ALERTING, at=turn.at, for_ms=contact.deadline - turn.at)
        case Stage.JOINING | Stage.TALKING:
            part(contact, turn)
            enter(contact, Phase.JOINING, at=turn.at, for_ms=JOINING_MS_MAX)
            offers.join_when_silent(contact, turn)
        case _:
            assert_never(asked.stage)


def cancel(contact: Contact, turn: Turn) -> None:
    """The first agent goes back to her caller, whatever the expert does."""
    had_music = _hears_music(contact)
    expert.give_back(contact, turn)
    _back(contact, turn, TransferResult.CANCELLED, had_music=had_music)


def on_message(contact: Contact, turn: Turn, message: ContactMessage) -> str | None:
    """The router told something of the consultation."""
    asked = contact.consultation
    if asked is None:
        return None
    match message:
        case OfferMade() if asked.stage is Stage.SEEKING:
            _ring(contact, turn, asked, message)
        case OfferMade():
            turn.emit(FailOffer(message.offer, OfferFailure.FAILED))
        case OfferRescinded(reason=RescindReason.TIMED_OUT):
            expert_gone = OfferResult.NO_ANSWER, ReleaseReason.NO_ANSWER
            _seek_on(contact, turn, *expert_gone)
        case OfferRescinded():
            _seek_on(contact, turn, OfferResult.WITHDRAWN)
        case ContactOverflowed():
            _back(contact, turn, TransferResult.FAILED, had_music=True, told=(NOBODY_THERE,))
        case ContactMoved(queue=queue):
            contact.consultation = replace(asked, queue=queue)
        case PositionAnnounced():
            return f"{contact.phase.value}/position not said"
        case _:
            assert_never(message)
    return None


def on_answered(contact: Contact, turn: Turn, leg: LegId) -> None:
    """A leg that is not the caller's is up; one that nobody waits for any more is released."""
    asked, held = contact.consultation, contact.offered
    if asked is None or held is None or asked.offered is None or asked.offered.leg != leg:
        leaving.on_late_answer(contact, turn, leg)
        return
    answered = replace(asked.offered, answered_at=turn.at)
    contact.consultation = replace(asked, offered=answered)
    turn.emit(AcceptOffer(answered.offer))
    turn.emit(StopHoldMusic(held.leg))
    _stay(contact, turn, JOINING_MS_MAX)
    bridge_with(contact, turn, leg, first=held.leg)


def on_bridged(contact: Contact, turn: Turn) -> None:
    """The two agents hear each other."""
    asked = contact.consultation
    if asked is not None:
        contact.consultation = replace(asked, talking_since=turn.at)
        _stay(contact, turn, CONSULT_MS_MAX)


def on_gone(contact: Contact, turn: Turn, leg: LegId, cause: int | None) -> None:
    """A leg that is not the caller's ended."""
    asked, held = contact.consultation, contact.offered
    if held is not None and held.leg == leg:
        complete(contact, turn)
    elif asked is not None and asked.offered is not None and asked.offered.leg == leg:
        _lose_expert(contact, turn, asked, asked.offered, cause)


def on_command_failed(contact: Contact, turn: Turn, failed: CommandFailed) -> bool:
    """Something was not carried out; whether it means anything here."""
    asked, held = contact.consultation, contact.offered
    if asked is None or asked.offered is None or held is None:
        return False
    unrung = failed.effect == "DialDevice" and failed.leg == asked.offered.leg
    unjoined = failed.effect == "BridgeLegs" and failed.leg == held.leg
    match asked.stage:
        case Stage.ALERTING if unrung:
            _fail(contact, turn, asked.offered, OfferFailure.FAILED)
        case Stage.JOINING if unjoined:
            _fail(contact, turn, asked.offered, OfferFailure.FAILED)
        case _:
            return False
    return True


def on_deadline(contact: Contact, turn: Turn) -> None:
    """The stage, or the whole talk, took as long as it may."""
    asked = contact.consultation
    if asked is None or expert.talk_left_ms(contact, at=turn.at) == 0:
        leaving.finish(contact, turn, Outcome.SERVED, reason="talk_time_over")
        return
    match asked.stage, asked.offered:
        case ((Stage.ALERTING | Stage.JOINING), Offered() as offered):
            _fail(contact, turn, offered, OfferFailure.FAILED)
        case Stage.SEEKING, _:  # the router forgot it
            turn.emit(WithdrawContact(asked.name))
            _back(contact, turn, TransferResult.FAILED, had_music=True, told=(NOBODY_THERE,))
        case _:
            expert.give_back(contact, turn)
            _back(contact, turn, TransferResult.CANCELLED, had_music=False)


def _ring(contact: Contact, turn: Turn, asked: Consultation, offer: OfferMade) -> None:
    leg = dial_leg(contact, offer.device, at=turn.at)
    contact.offers_made += 1
    rung = Offered(offer.offer, offer.agent, offer.device, leg, made_at=turn.at)
    contact.consultation = replace(asked, offered=rung)
    ring_ms_max = offer.ring_ms_max
    _stay(contact, turn, ring_ms_max + ALERTING_GRACE_MS)
    shown = contact.context
    turn.emit(DialDevice(leg, offer.device, contact.id, contact.caller, ring_ms_max, shown))


def _lose_expert(
    contact: Contact, turn: Turn, asked: Consultation, lost: Offered, cause: int | None
) -> None:
    if asked.stage is Stage.TALKING:
        expert.give_back(contact, turn)
        _back(contact, turn, TransferResult.CANCELLED, had_music=False)
        return
    failure = expert.failure_of(cause, lost)
    is_for_her = local_name(asked.queue).startswith(desk_agent_queue(""))
    if failure is not OfferFailure.DECLINED or not is_for_her:
        _fail(contact, turn, lost, failure)
        return
    # Whom else could the router ring? Whoever asked for her alone should know it now.
    turn.emit(FailOffer(lost.offer, failure))
    turn.emit(WithdrawContact(asked.name))
    expert.let_go(contact, turn, OfferResult.DECLINED)
    _back(contact, turn, TransferResult.FAILED, had_music=True, told=(NOBODY_THERE,))


def _fail(contact: Contact, turn: Turn, offered: Offered, failure: OfferFailure) -> None:
    turn.emit(FailOffer(offered.offer, failure))
    _seek_on(contact, turn, expert.RESULTS[failure])


def _seek_on(
    contact: Contact,
    turn: Turn,
    result: OfferResult,
    reason: ReleaseReason = ReleaseReason.NORMAL,
) -> None:
    """Nobody is asked any more: music again for the first agent, and the next expert."""
    held = contact.offered
    if held is not None and not _hears_music(contact):
        part(contact, turn)
        turn.emit(StartHoldMusic(held.leg))
    expert.let_go(contact, turn, result, reason)
    _stay(contact, turn, WAITING_MS_MAX)


def _back(
    contact: Contact,
    turn: Turn,
    result: TransferResult,
    *,
    had_music: bool,
    told: tuple[PromptKey, ...] = (),
) -> None:
    """Caller and first agent are joined again, once she was told; till then the music goes on."""
    held = contact.offered
    if held is None:
        return
    expert.tell_consultation(contact, result, at=turn.at)
    contact.consultation = None
    contact.typed = None
    part(contact, turn)
    if had_music:
        turn.emit(StopHoldMusic(held.leg))
    offers.talk_again(contact, turn, told)


def _hears_music(contact: Contact) -> bool:
    """Whether the first agent does."""
    asked = contact.consultation
    return asked is not None and asked.stage in (Stage.SEEKING, Stage.ALERTING)


def _stay(contact: Contact, turn: Turn, for_ms: Millis) -> None:
    left_ms = expert.talk_left_ms(contact, at=turn.at)
    enter(contact, Phase.CONSULTING, at=turn.at, for_ms=min(for_ms, left_ms))
