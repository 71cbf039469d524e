"""``CallCore.handle``: the contacts of one Asterisk node, and the only place that finds them.

It looks the contact up, asks the table whether the event means anything there, and hands it to
the room it belongs to: ``in_flow``, ``offers`` or ``leaving``. Each contact has one deadline, all
deadlines share one heap.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import assert_never

from ivr.call import in_flow, leaving, offers
from ivr.call.contact import ANSWER_MS_MAX, Contact, Milestones, Turn, enter, release
from ivr.call.effects import AnswerLeg, CallEffect, ReleaseLeg
from ivr.call.events import (
    CallArrived,
    CallEvent,
    CallTimerFired,
    CommandFailed,
    ContactOverflowed,
    DigitReceived,
    EngineStopping,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegsBridged,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
    RouterMessage,
)
from ivr.call.model import LegId, LegRole, Outcome, ReleaseReason
from ivr.call.phases import TABLE, Phase, Verdict
from ivr.flow.model import Hotline
from router.deadlines import Deadlines
from router.model import ContactId, Millis, OfferFailure, OverflowCause

CONTACTS_MAX = 2_000
"""Contacts on one node at once; one more hears congestion at once instead of silence."""


class CallCore:
    """The contacts of one node.

    ``ignored`` counts events that came late, twice, or for nobody, by phase and event.
    """

    def __init__(self, numbers: Mapping[str, Hotline]) -> None:
        self.ignored: Counter[str] = Counter()
        self._numbers = numbers
        self._contacts: dict[ContactId, Contact] = {}
        self._by_leg: dict[LegId, Contact] = {}
        self._deadlines: Deadlines[ContactId] = Deadlines()

    def handle(self, event: CallEvent, at: Millis) -> Sequence[CallEffect]:
        """Take one event at engine time ``at``; what must be done because of it."""
        turn = Turn(at)
        match event:
            case CallTimerFired():
                for identifier in self._deadlines.pop_due(at):
                    self._on_deadline(self._contacts[identifier], turn)
            case EngineStopping():
                self._close_all(turn)
            case CallArrived():
                self._on_arrival(event, turn)
            case OfferMade() | OfferRescinded() | ContactOverflowed():
                self._on_message(event, turn)
            case _:
                self._on_leg_event(event, turn)
        return turn.effects

    def next_deadline(self) -> Millis | None:
        """When ``CallTimerFired`` is due, at the latest."""
        return self._deadlines.next_due()

    def phase_of(self, contact: ContactId) -> Phase | None:
        """What this contact is doing; None when it has ended or never was."""
        held = self._contacts.get(contact)
        return held.phase if held else None

    def live_contacts(self) -> int:
        """How many contacts have not ended."""
        return len(self._contacts)

    def _on_arrival(self, arrived: CallArrived, turn: Turn) -> None:
        if arrived.leg in self._by_leg or arrived.contact in self._contacts:
            self.ignored["known/CallArrived"] += 1
            return
        hotline = self._numbers.get(arrived.dialled)
        if hotline is None:
            turn.emit(ReleaseLeg(arrived.leg, ReleaseReason.UNKNOWN_NUMBER))
            return
        if len(self._contacts) >= CONTACTS_MAX:
            turn.emit(ReleaseLeg(arrived.leg, ReleaseReason.CONGESTION))
            return
        contact = Contact(
            id=arrived.contact,
            hotline=hotline,
            dialled=arrived.dialled,
            caller=arrived.caller,
            caller_leg=arrived.leg,
            milestones=Milestones(arrived_at=turn.at),
            legs={arrived.leg: LegRole.CALLER},
        )
        self._contacts[contact.id] = contact
        enter(contact, Phase.ANSWERING, at=turn.at, for_ms=ANSWER_MS_MAX)
        turn.emit(AnswerLeg(arrived.leg))
        self._settle(contact, turn)

    def _on_message(self, message: RouterMessage, turn: Turn) -> None:
        contact = self._contacts.get(message.contact)
        if contact is None:
            self.ignored[f"absent/{type(message).__name__}"] += 1
            if isinstance(message, OfferMade):
                offers.on_offer_too_late(turn, message)
            return
        if not self._means_something(contact, message):
            return
        match message:
            case OfferMade() if contact.phase is Phase.WAITING:
                offers.on_offer(contact, turn, message)
            case OfferMade():
                offers.on_offer_too_late(turn, message)
            case OfferRescinded():
                offers.on_rescinded(contact, turn, message)
            case ContactOverflowed(cause=cause):
                in_flow.on_overflowed(contact, turn, cause)
            case _:
                assert_never(message)
        self._settle(contact, turn)

    def _on_leg_event(self, event: LegEvent, turn: Turn) -> None:
        contact = self._by_leg.get(event.leg)
        if contact is None:
            self.ignored[f"absent/{type(event).__name__}"] += 1
            return
        if not self._means_something(contact, event):
            return
        match event:
            case LegAnswered(leg):
                self._on_answered(contact, turn, leg)
            case LegEnded():
                self._on_ended(contact, turn, event)
            case DigitReceived(leg, digit):
                if leg == contact.caller_leg:
                    in_flow.on_digit(contact, turn, digit)
            case PlaybackFinished():
                self._on_playback_finished(contact, turn, event)
            case LegsBridged():
                offers.on_bridged(contact, turn)
            case CommandFailed():
                self._on_command_failed(contact, turn, event)
            case _:
                assert_never(event)
        self._settle(contact, turn)

    def _on_answered(self, contact: Contact, turn: Turn, leg: LegId) -> None:
        if leg == contact.caller_leg:
            in_flow.on_answered(contact, turn)
        else:
            offers.on_agent_answered(contact, turn, leg)

    def _on_ended(self, contact: Contact, turn: Turn, ended: LegEnded) -> None:
        contact.legs.pop(ended.leg, None)
        contact.turned_away.discard(ended.leg)
        self._by_leg.pop(ended.leg, None)
        if ended.leg == contact.caller_leg:
            contact.playbacks.clear()
            leaving.on_caller_gone(contact, turn)
        else:
            offers.on_agent_gone(contact, turn, ended.leg, ended.cause)

    def _on_playback_finished(
        self, contact: Contact, turn: Turn, finished: PlaybackFinished
    ) -> None:
        if finished.playback not in contact.playbacks:
            self.ignored["unknown/PlaybackFinished"] += 1
            return
        contact.playbacks.discard(finished.playback)
        contact.cut.discard(finished.playback)
        in_flow.on_playback_finished(contact, turn, finished.outcome)
        offers.join_when_silent(contact, turn)

    def _on_command_failed(self, contact: Contact, turn: Turn, failed: CommandFailed) -> None:
        match failed.effect, contact.phase:
            case "AnswerLeg", Phase.ANSWERING:
                leaving.finish(contact, turn, Outcome.PLATFORM_FAILURE, reason="not_answered")
            case "BridgeLegs", Phase.JOINING:
                offers.fail_offer(contact, turn, OfferFailure.FAILED)
            case "DialDevice", Phase.ALERTING if _is_offered(contact, failed.leg):
                offers.fail_offer(contact, turn, OfferFailure.FAILED)
            case _:
                self.ignored[f"{contact.phase.value}/{failed.effect} failed"] += 1

    def _on_deadline(self, contact: Contact, turn: Turn) -> None:
        match contact.phase:
            case Phase.ANSWERING:
                leaving.finish(contact, turn, Outcome.PLATFORM_FAILURE, reason="not_answered")
            case Phase.SPEAKING | Phase.LISTENING:
                in_flow.on_deadline(contact, turn)
            case Phase.WAITING:
                self._give_up_waiting(contact, turn)
            case Phase.ALERTING | Phase.JOINING:
                offers.fail_offer(contact, turn, OfferFailure.FAILED)
            case Phase.CONNECTED:
                leaving.finish(contact, turn, Outcome.SERVED, reason="talk_time_over")
            case Phase.LEAVING:
                for leg in tuple(contact.legs):
                    release(contact, turn, leg, ReleaseReason.FAILURE)
                    self._by_leg.pop(leg, None)
                contact.legs.clear()
            case _:
                assert_never(contact.phase)
        self._settle(contact, turn)

    def _give_up_waiting(self, contact: Contact, turn: Turn) -> None:
        leaving.withdraw(contact, turn)
        in_flow.on_overflowed(contact, turn, OverflowCause.TIMED_OUT)

    def _close_all(self, turn: Turn) -> None:
        """One record for each contact, also for those that outlive this engine.

        No leg is touched: two who talk go on talking, and who waits is taken in by the next
        engine as a new contact.
        """
        for contact in self._contacts.values():
            leaving.close_unfinished(contact, turn)
            self._deadlines.clear(contact.id)
        self._contacts.clear()
        self._by_leg.clear()

    def _means_something(self, contact: Contact, event: LegEvent | RouterMessage) -> bool:
        if TABLE[contact.phase, type(event)] is Verdict.IGNORE:
            self.ignored[f"{contact.phase.value}/{type(event).__name__}"] += 1
            return False
        if _is_late(contact, event):
            self.ignored[f"{contact.phase.value}/late {type(event).__name__}"] += 1
            return False
        return True

    def _settle(self, contact: Contact, turn: Turn) -> None:
        """After every event: index new legs, hold the deadline, close who has left."""
        if contact.phase is Phase.LEAVING and not contact.legs:
            leaving.write_record(contact, turn)
            del self._contacts[contact.id]
            self._deadlines.clear(contact.id)
            return
        for leg in contact.legs:
            self._by_leg[leg] = contact
        self._deadlines.set(contact.id, contact.deadline)


def _is_offered(contact: Contact, leg: LegId) -> bool:
    return contact.offered is not None and contact.offered.leg == leg


def _is_late(contact: Contact, event: LegEvent | RouterMessage) -> bool:
    """Whether an event that means something in this phase belongs to an earlier one, or was heard
    before: the phase alone does not tell one offer, bridge or leg from the next."""
    match event:
        case OfferRescinded(offer=offer):
            return contact.offered is None or contact.offered.offer != offer
        case ContactOverflowed(queue=queue):
            return contact.queue != queue
        case LegsBridged(bridge=bridge):
            return contact.bridge != bridge
        case LegAnswered(leg) if leg == contact.caller_leg:
            return contact.phase is not Phase.ANSWERING
        case LegAnswered(leg) if contact.offered is not None and contact.offered.leg == leg:
            return contact.offered.answered
        case LegAnswered(leg):
            return leg in contact.turned_away
        case _:
            return False
