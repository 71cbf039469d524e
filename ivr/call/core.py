"""``CallCore.handle``: the contacts of one Asterisk node, and the only place that finds them.

It looks the contact up, asks the table whether the event means anything there, and hands it to
the room it belongs to: ``in_flow``, ``announcing``, ``offers`` or ``leaving``. Each contact has one
deadline, all deadlines share one heap. What an agent dials on her device is no contact and has a
room of its own, ``service``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import assert_never

from ivr.call import announcing, in_flow, leaving, offers
from ivr.call.contact import (
    ANSWER_MS_MAX,
    Contact,
    Leg,
    Milestones,
    Turn,
    enter,
    left_playing,
    note_leg_answered,
    note_leg_gone,
)
from ivr.call.effects import AnswerLeg, CallEffect, OccupyDevice, ReleaseLeg
from ivr.call.events import (
    CallArrived,
    CallEvent,
    CallTimerFired,
    CommandFailed,
    ContactMessage,
    ContactOverflowed,
    DigitReceived,
    EngineStarted,
    EngineStopping,
    LegAnswered,
    LegEnded,
    LegEvent,
    LegsBridged,
    OfferMade,
    OfferRescinded,
    PlaybackFinished,
    PositionAnnounced,
    PresenceAnswered,
)
from ivr.call.model import LegId, LegRole, Outcome, PlaybackId, ReleaseReason
from ivr.call.phases import TABLE, Phase, Verdict
from ivr.call.record import SegmentExit
from ivr.call.service import ServiceCalls, ServicePhase
from ivr.call.snapshot import CallSnapshot, Ignored, contact_restored, contact_snapshot
from ivr.call.story import Story
from ivr.call.switchboard import Switchboard, is_code, switchboard_of
from ivr.flow.model import Hotline
from ivr.flow.site import Site
from router.deadlines import Deadlines
from router.model import ContactId, Millis, OfferFailure, OwnCallId

CONTACTS_MAX = 2_000
"""Contacts on one node at once; one more hears congestion at once instead of silence."""


class CallCore:
    """The contacts of one node. Whoever calls before a site is active hears that nobody is there.

    ``ignored`` counts events that came late, twice, or for nobody, by phase and event.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self._switchboard: Switchboard | None = None
        self._contacts: dict[ContactId, Contact] = {}
        self._by_leg: dict[LegId, Contact] = {}
        self._deadlines: Deadlines[ContactId] = Deadlines()
        self._services = ServiceCalls(self.ignored)

    def activate(self, site: Site) -> None:
        """Let new calls meet this site; every live contact keeps the one it began with."""
        self._switchboard = switchboard_of(site)

    def handle(self, event: CallEvent, at: Millis, *, wall: int) -> Sequence[CallEffect]:
        """Take one event at engine time ``at``, UTC ``wall``; what must be done because of it."""
        turn = Turn(at, wall)
        match event:
            case CallTimerFired():
                for identifier in self._deadlines.pop_due(at):
                    self._on_deadline(self._contacts[identifier], turn)
                self._services.on_timer(turn)
            case EngineStopping():
                self._close_all(turn, SegmentExit.ENGINE_STOPPED)
            case EngineStarted():
                self._close_all(turn, SegmentExit.ENGINE_RESTARTED)
            case CallArrived():
                self._on_arrival(event, turn)
            case OfferMade() | OfferRescinded() | ContactOverflowed() | PositionAnnounced():
                self._on_message(event, turn)
            case PresenceAnswered():
                self._services.handle(event, turn)
            case _:
                self._on_leg_event(event, turn)
        return turn.effects

    def snapshot(self) -> CallSnapshot:
        """All that later effects hang on, as a value."""
        due_order = (self._contacts[name] for name, _ in self._deadlines.in_order())
        return CallSnapshot(
            site=self._switchboard.site if self._switchboard else None,
            contacts=tuple(map(contact_snapshot, due_order)),
            services=self._services.in_due_order(),
            ignored=tuple(Ignored(what, times) for what, times in sorted(self.ignored.items())),
        )

    @classmethod
    def restored(cls, snapshot: CallSnapshot, sites: Mapping[str, Site]) -> "CallCore":
        """The core of a snapshot; ``sites`` are, by version, all that the snapshot names."""
        core = cls()
        if snapshot.site is not None:
            core.activate(sites[snapshot.site])
        core.ignored.update({each.what: each.times for each in snapshot.ignored})
        for held in snapshot.contacts:
            contact = contact_restored(held, sites[held.site].hotlines[held.hotline])
            core._contacts[contact.id] = contact
            core._index(contact)
        core._services.adopt(snapshot.services)
        return core

    def next_deadline(self) -> Millis | None:
        """When ``CallTimerFired`` is due, at the latest."""
        dues = (self._deadlines.next_due(), self._services.next_deadline())
        return min((due for due in dues if due is not None), default=None)

    def phase_of(self, contact: ContactId) -> Phase | None:
        """What this contact is doing; None when it has ended or never was."""
        held = self._contacts.get(contact)
        return held.phase if held else None

    def service_phase_of(self, leg: LegId) -> ServicePhase | None:
        """What the service call of this leg is doing; None when it is over or is none."""
        return self._services.phase_of(leg)

    def live_contacts(self) -> int:
        """How many contacts have not ended."""
        return len(self._contacts)

    def left_playing(self) -> tuple[PlaybackId, ...]:
        """What an engine that is killed now may leave playing, contacts and services.

        An engine that goes on from a journal asks before ``EngineStarted``: what its predecessor
        plays is played on by Asterisk, and only here are its ids known. Some were never begun.
        """
        spoken = map(left_playing, self._contacts.values())
        return (*chain.from_iterable(spoken), *self._services.left_playing())

    def live_service_calls(self) -> int:
        """How many service calls are not over."""
        return len(self._services)

    def _on_arrival(self, arrived: CallArrived, turn: Turn) -> None:
        known = arrived.leg in self._by_leg or arrived.leg in self._services
        if known or arrived.contact in self._contacts:
            self.ignored["known/CallArrived"] += 1
            return
        board = self._switchboard
        hotline = board.hotline(arrived.dialled) if board else None
        if board is not None and hotline is not None:
            self._begin(arrived, hotline, board.site, turn)
        elif board is not None and arrived.device is not None and is_code(arrived.dialled):
            self._services.begin(arrived, arrived.device, board, turn)
        else:
            turn.emit(ReleaseLeg(arrived.leg, ReleaseReason.UNKNOWN_NUMBER))

    def _begin(self, arrived: CallArrived, hotline: Hotline, site: str, turn: Turn) -> None:
        if len(self._contacts) >= CONTACTS_MAX:
            turn.emit(ReleaseLeg(arrived.leg, ReleaseReason.CONGESTION))
            return
        contact = Contact(
            id=arrived.contact,
            site=site,
            hotline=hotline,
            dialled=arrived.dialled,
            caller=arrived.caller,
            caller_leg=arrived.leg,
            milestones=Milestones(arrived_at=turn.at),
            story=Story(since=turn.at),
            occupied=arrived.device,
            legs={arrived.leg: Leg(LegRole.CALLER, arrived.device, turn.at)},
        )
        self._contacts[contact.id] = contact
        enter(contact, Phase.ANSWERING, at=turn.at, for_ms=ANSWER_MS_MAX)
        if arrived.device is not None:
            turn.emit(OccupyDevice(arrived.device, OwnCallId(arrived.leg)))
        turn.emit(AnswerLeg(arrived.leg))
        self._settle(contact, turn)

    def _on_message(self, message: ContactMessage, turn: Turn) -> None:
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
            case PositionAnnounced(position=position):
                self._announce(contact, turn, position)
            case _:
                assert_never(message)
        self._settle(contact, turn)

    def _announce(self, contact: Contact, turn: Turn, position: int) -> None:
        unsaid = announcing.announce(contact, turn, position)
        if unsaid is not None:
            self.ignored[f"{contact.phase.value}/{unsaid}"] += 1

    def _on_leg_event(self, event: LegEvent, turn: Turn) -> None:
        contact = self._by_leg.get(event.leg)
        if event.leg in self._services:
            self._services.handle(event, turn)
        elif contact is None:
            self.ignored[f"absent/{type(event).__name__}"] += 1
        elif self._means_something(contact, event):
            self._on_contact_leg(contact, event, turn)

    def _on_contact_leg(self, contact: Contact, event: LegEvent, turn: Turn) -> None:
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
        note_leg_answered(contact, leg, at=turn.at)
        if leg == contact.caller_leg:
            in_flow.on_answered(contact, turn)
        else:
            offers.on_agent_answered(contact, turn, leg)

    def _on_ended(self, contact: Contact, turn: Turn, ended: LegEnded) -> None:
        note_leg_gone(contact, ended.leg, at=turn.at, cause=ended.cause)
        contact.turned_away.discard(ended.leg)
        self._by_leg.pop(ended.leg, None)
        if ended.leg == contact.caller_leg:
            contact.playbacks.clear()
            contact.cut.clear()
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
        announcing.on_playback_finished(contact, turn, finished.playback)
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
        announcing.on_overdue(contact, turn)
        if contact.deadline <= turn.at:
            self._on_phase_deadline(contact, turn)
        self._settle(contact, turn)

    def _on_phase_deadline(self, contact: Contact, turn: Turn) -> None:
        match contact.phase:
            case Phase.ANSWERING:
                leaving.finish(contact, turn, Outcome.PLATFORM_FAILURE, reason="not_answered")
            case Phase.SPEAKING | Phase.LISTENING:
                in_flow.on_deadline(contact, turn)
            case Phase.WAITING:
                in_flow.give_up_waiting(contact, turn)
            case Phase.ALERTING | Phase.JOINING:
                offers.on_overdue(contact, turn)
            case Phase.CONNECTED:
                leaving.finish(contact, turn, Outcome.SERVED, reason="talk_time_over")
            case Phase.LEAVING:
                for leg in leaving.give_up_legs(contact, turn):
                    self._by_leg.pop(leg, None)
            case _:
                assert_never(contact.phase)

    def _close_all(self, turn: Turn, exit: SegmentExit) -> None:
        """One record for each contact, also for those that outlive an engine; the router is told.

        No leg is touched: two who talk go on talking, and who waits is taken in by the next
        engine as a new contact.
        """
        for identifier, _ in self._deadlines.in_order():
            leaving.close_unfinished(self._contacts[identifier], turn, exit)
            self._deadlines.clear(identifier)
        self._contacts.clear()
        self._by_leg.clear()
        self._services.close_all(turn)

    def _means_something(self, contact: Contact, event: LegEvent | ContactMessage) -> bool:
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
        self._index(contact)

    def _index(self, contact: Contact) -> None:
        for leg in contact.legs:
            self._by_leg[leg] = contact
        self._deadlines.set(contact.id, contact.due)


def _is_offered(contact: Contact, leg: LegId) -> bool:
    return contact.offered is not None and contact.offered.leg == leg


def _is_late(contact: Contact, event: LegEvent | ContactMessage) -> bool:
    """Whether an event that means something in this phase belongs to an earlier one, or was heard
    before: the phase alone does not tell one offer, bridge or leg from the next."""
    match event:
        case OfferRescinded(offer=offer):
            return contact.offered is None or contact.offered.offer != offer
        case ContactOverflowed(queue=queue) | PositionAnnounced(queue=queue):
            return contact.queue != queue
        case LegsBridged(bridge=bridge):
            return contact.bridge != bridge
        case LegAnswered(leg) if leg == contact.caller_leg:
            return contact.phase is not Phase.ANSWERING
        case LegAnswered(leg) if contact.offered is not None and contact.offered.leg == leg:
            return contact.offered.answered_at is not None
        case LegAnswered(leg):
            return leg in contact.turned_away
        case _:
            return False
